"""Look at a fit: what happened in it, and what it changed.

Estimators publish the report of their transfer, a :class:`TransferReport`, as
``transfer_report_``.

Displays follow scikit-learn's: made by ``from_estimator``, they keep their arrays as attributes
and can be drawn again with ``plot(ax=...)``.  They need matplotlib, and import it when they draw.
"""

from sktransfer._estimators import TransferReport
from sktransfer._records import ReportRow
from sktransfer.inspection._coverage import CoverageDisplay
from sktransfer.inspection._layer_change import LayerChangeDisplay
from sktransfer.inspection._loss_curve import LossCurveDisplay
from sktransfer.inspection._member_weights import MemberWeightsDisplay
from sktransfer.inspection._task_affinity import TaskAffinityDisplay, task_affinity
from sktransfer.inspection._transfer_curve import TransferCurveDisplay

__all__ = [
    "CoverageDisplay",
    "LayerChangeDisplay",
    "LossCurveDisplay",
    "MemberWeightsDisplay",
    "ReportRow",
    "TaskAffinityDisplay",
    "TransferCurveDisplay",
    "TransferReport",
    "task_affinity",
]
