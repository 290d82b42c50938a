"""Look at a fit: what happened in it, and what it changed.

Displays follow scikit-learn's: made by ``from_estimator``, they keep their arrays as attributes
and can be drawn again with ``plot(ax=...)``.  They need matplotlib, and import it when they draw.
"""

from sktransfer.inspection._layer_change import LayerChangeDisplay
from sktransfer.inspection._loss_curve import LossCurveDisplay
from sktransfer.inspection._member_weights import MemberWeightsDisplay
from sktransfer.inspection._task_affinity import TaskAffinityDisplay, task_affinity
from sktransfer.inspection._transfer_curve import TransferCurveDisplay

__all__ = [
    "LayerChangeDisplay",
    "LossCurveDisplay",
    "MemberWeightsDisplay",
    "TaskAffinityDisplay",
    "TransferCurveDisplay",
    "task_affinity",
]
