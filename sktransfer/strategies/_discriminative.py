"""Discriminative learning rates: the nearer to the input, the slower."""

from __future__ import annotations

from numbers import Real

from sktransfer._compat import Interval
from sktransfer._records import LayerNames, Phase
from sktransfer.strategies._base import SCALINGS, NetworkStrategy, Scaling


class Discriminative(NetworkStrategy):
    """Fine-tune every layer, each shared layer slower than the one above it.

    For a source whose first layers serve the target as they are, and whose last ones do not:
    nothing is frozen, and nothing below moves far.

    Parameters
    ----------
    decay : float, default=2.6
        Factor between the learning rates of neighbouring shared layers, at least 1; the
        default is the one of the paper.
    scaling : {'mixed', 'source', 'target'}, default='mixed'
        Whose mean and standard deviation standardise the shared columns.

    See Also
    --------
    Gradual : Frees the layers one after the other.
    Full : The same learning rate for all layers.

    References
    ----------
    J. Howard, S. Ruder, "Universal Language Model Fine-tuning for Text Classification", ACL
    2018, section 3.2.

    Examples
    --------
    >>> from sktransfer.strategies import Discriminative, LayerNames
    >>> names = LayerNames(("shared_layers.0", "shared_layers.1"), ("task_layers.0",))
    >>> (phase,) = Discriminative(decay=2).phases(names, 30)
    >>> [phase.scale(name) for name in names]
    [0.25, 0.5, 1.0]
    """

    _parameter_constraints = {
        "decay": [Interval(Real, 1, None, closed="left")],
        "scaling": [SCALINGS],
    }

    def __init__(self, decay: float = 2.6, scaling: Scaling = "mixed") -> None:
        self.decay = decay
        self.scaling = scaling

    def phases(self, layer_names: LayerNames, max_iter: int) -> list[Phase]:
        from_top = enumerate(reversed(layer_names.shared), start=1)
        scale = {name: float(self.decay) ** -depth for depth, name in from_top}
        return [Phase(max_iter, learning_rate_scale=scale)]
