"""Look at a fit: what happened in it, and what it changed.

Displays follow scikit-learn's: made by ``from_estimator``, they keep their arrays as attributes
and can be drawn again with ``plot(ax=...)``.  They need matplotlib, and import it when they draw.
"""

from sktransfer.inspection._layer_change import LayerChangeDisplay
from sktransfer.inspection._loss_curve import LossCurveDisplay
from sktransfer.inspection._task_affinity import task_affinity

__all__ = ["LayerChangeDisplay", "LossCurveDisplay", "task_affinity"]
