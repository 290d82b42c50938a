"""How training moves away from a source.

A strategy says which layers start from the source, whose scaling the inputs get, and how
training proceeds.  It returns data and trains nothing itself.

Name a strategy or give an instance, whose parameters a grid search reaches:

>>> from sktransfer.strategies import L2SP
>>> L2SP(strength=0.5).get_params()["strength"]
0.5

Your own needs no registration: subclass :class:`NetworkStrategy` or :class:`ReadoutStrategy` and
pass an instance.
"""

from sktransfer._records import LayerNames, Phase
from sktransfer.strategies._additive import Additive
from sktransfer.strategies._base import NetworkStrategy, ReadoutStrategy, Strategy
from sktransfer.strategies._boosting import Boosting
from sktransfer.strategies._closed_form import ClosedFormStrategy
from sktransfer.strategies._discriminative import Discriminative
from sktransfer.strategies._estimator_member import EstimatorMember
from sktransfer.strategies._estimator_member import unfitted as unfitted
from sktransfer.strategies._frozen import Frozen
from sktransfer.strategies._full import Full
from sktransfer.strategies._gradual import Gradual
from sktransfer.strategies._joint import Joint
from sktransfer.strategies._keep_head import KeepHead
from sktransfer.strategies._l2_sp import L2SP
from sktransfer.strategies._linear import Linear
from sktransfer.strategies._lp_ft import LPFT
from sktransfer.strategies._members import members_of as members_of
from sktransfer.strategies._members import prior_weights_of as prior_weights_of
from sktransfer.strategies._members import with_each_source as with_each_source
from sktransfer.strategies._names import STRATEGIES
from sktransfer.strategies._names import check_strategy as check_strategy
from sktransfer.strategies._pooled import Pooled as Pooled
from sktransfer.strategies._probe import Probe
from sktransfer.strategies._recalibrate import Recalibrate
from sktransfer.strategies._scratch import Scratch
from sktransfer.strategies._smooth import Smooth
from sktransfer.strategies._tangent import Tangent
from sktransfer.strategies._trees import Trees
from sktransfer.strategies._weighted_ensemble import WeightedEnsemble

__all__ = [
    "L2SP",
    "LPFT",
    "STRATEGIES",
    "Additive",
    "Boosting",
    "ClosedFormStrategy",
    "Discriminative",
    "EstimatorMember",
    "Frozen",
    "Full",
    "Gradual",
    "Joint",
    "KeepHead",
    "LayerNames",
    "Linear",
    "NetworkStrategy",
    "Phase",
    "Probe",
    "ReadoutStrategy",
    "Recalibrate",
    "Scratch",
    "Smooth",
    "Strategy",
    "Tangent",
    "Trees",
    "WeightedEnsemble",
]
