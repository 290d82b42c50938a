"""Feature extraction: the carried layers never move."""

from __future__ import annotations

from sktransfer._records import LayerNames, Phase
from sktransfer.strategies._base import Strategy


class Frozen(Strategy):
    """Keep the shared layers bit for bit and train the task's own layers on top.

    Cheapest, and safest against overfitting when the tasks are close; it cannot repair
    features that the target needs and the source never learned.

    Examples
    --------
    >>> from sktransfer.strategies import Frozen, LayerNames
    >>> (phase,) = Frozen().phases(LayerNames(("shared_layers.0",), ("task_layers.0",)), 100)
    >>> phase.scale("shared_layers.0"), phase.scale("task_layers.0")
    (0.0, 1.0)
    """

    def phases(self, layer_names: LayerNames, max_iter: int) -> list[Phase]:
        return [Phase(max_iter, learning_rate_scale=dict.fromkeys(layer_names.shared, 0.0))]
