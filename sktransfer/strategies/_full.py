"""Fine-tuning of every layer."""

from __future__ import annotations

from sktransfer._records import LayerNames, Phase
from sktransfer.strategies._base import SCALINGS, NetworkStrategy, Scaling


class Full(NetworkStrategy):
    """Fine-tune every layer, the carried ones included, at one learning rate.

    The common meaning of fine-tuning.  It is best with many target rows; with few it overfits
    most, which :class:`L2SP` limits by a penalty.

    Parameters
    ----------
    scaling : {'mixed', 'source', 'target'}, default='mixed'
        Whose mean and standard deviation standardise the shared columns.

    See Also
    --------
    L2SP : Keeps the shared layers near the source.
    Discriminative : Lower learning rates nearer to the input.

    Examples
    --------
    >>> from sktransfer.strategies import Full, LayerNames
    >>> Full().phases(LayerNames(("shared_layers.0",), ("task_layers.0",)), 100)
    [Phase(max_iter=100, learning_rate_scale={}, l2_to_start={})]
    """

    _parameter_constraints = {
        "scaling": [SCALINGS],
    }

    def __init__(self, scaling: Scaling = "mixed") -> None:
        self.scaling = scaling

    def phases(self, layer_names: LayerNames, max_iter: int) -> list[Phase]:
        return [Phase(max_iter)]
