"""Feature extraction: the carried layers never move."""

from __future__ import annotations

from numbers import Real

from sktransfer._compat import Interval
from sktransfer._records import LayerNames, Phase
from sktransfer.strategies._base import NetworkStrategy, probe_scales


class Frozen(NetworkStrategy):
    """Keep the shared layers bit for bit and train the task's own layers on top.

    Cheapest, and safest against overfitting when the tasks are close; it cannot repair
    features that the target needs and the source never learned.

    Parameters
    ----------
    learning_rate_scale : float, default=10.0
        Factor on the learning rate of the task's own layers, above 0.  A layer that trains alone
        on fixed features bears larger steps than a whole network.

    See Also
    --------
    LPFT : Then trains everything.
    Probe : A linear model on all layers of the source.

    Examples
    --------
    >>> from sktransfer.strategies import Frozen, LayerNames
    >>> (phase,) = Frozen().phases(LayerNames(("shared_layers.0",), ("task_layers.0",)), 100)
    >>> phase.scale("shared_layers.0"), phase.scale("task_layers.0")
    (0.0, 10.0)
    """

    _parameter_constraints = {
        "learning_rate_scale": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(self, learning_rate_scale: float = 10.0) -> None:
        self.learning_rate_scale = learning_rate_scale

    def phases(self, layer_names: LayerNames, max_iter: int) -> list[Phase]:
        return [Phase(max_iter, probe_scales(layer_names, self.learning_rate_scale))]
