"""Several tasks in one step: how much each one counts.

Name one (``balancing="uncertainty"``), or give an instance, whose parameters a grid search
reaches as ``balancing__<parameter>``.  Your own is a subclass of :class:`Balancing`.

>>> from sktransfer import MultiTaskMLP
>>> from sktransfer.balancing import Uncertainty
>>> model = MultiTaskMLP(balancing=Uncertainty(learning_rate=0.05))
>>> model.get_params()["balancing__learning_rate"]
0.05
"""

from sktransfer.balancing._base import Balancing
from sktransfer.balancing._equal import Equal
from sktransfer.balancing._pcgrad import PCGrad
from sktransfer.balancing._uncertainty import Uncertainty

#: Ways of balancing by the name that ``balancing=`` takes.
BALANCINGS: dict[str, type[Balancing]] = {
    "equal": Equal,
    "uncertainty": Uncertainty,
    "pcgrad": PCGrad,
}

__all__ = [
    "BALANCINGS",
    "Balancing",
    "Equal",
    "PCGrad",
    "Uncertainty",
]


def check_balancing(balancing: str | Balancing) -> Balancing:
    """The balancing behind a name or an instance, whose parameters are checked."""
    if isinstance(balancing, str) and balancing in BALANCINGS:
        return BALANCINGS[balancing]()
    if isinstance(balancing, Balancing):
        balancing._validate_params()
        return balancing
    raise ValueError(
        f"balancing={balancing!r} is not known; expected one of {sorted(BALANCINGS)}, or an "
        "instance of a sktransfer.balancing.Balancing subclass."
    )
