"""Gradual unfreezing, from the output towards the input."""

from __future__ import annotations

from numbers import Integral

from sktransfer._compat import Interval
from sktransfer._records import LayerNames, Phase
from sktransfer.strategies._base import SCALINGS, NetworkStrategy, Scaling, split_epochs


class Gradual(NetworkStrategy):
    """Train the task's own layers first, then free one more shared layer per phase.

    A layer is trained only after those above it, so that the first steps of a random output
    layer do not change the source's features.

    Parameters
    ----------
    n_phases : int or None, default=None
        Number of phases of equal length; None frees one shared layer per phase. 1 frees
        everything at once, which is :class:`Full`.
    scaling : {'mixed', 'source', 'target'}, default='mixed'
        Whose mean and standard deviation standardise the shared columns.

    See Also
    --------
    LPFT : Two phases, the second of which frees everything.
    Discriminative : All layers at once, the lower ones slower.

    References
    ----------
    J. Howard, S. Ruder, "Universal Language Model Fine-tuning for Text Classification", ACL
    2018, section 3.3.

    Examples
    --------
    >>> from sktransfer.strategies import Gradual, LayerNames
    >>> names = LayerNames(("shared_layers.0", "shared_layers.1"), ("task_layers.0",))
    >>> [[phase.scale(name) for name in names] for phase in Gradual().phases(names, 30)]
    [[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """

    _parameter_constraints = {
        "n_phases": [None, Interval(Integral, 1, None, closed="left")],
        "scaling": [SCALINGS],
    }

    def __init__(self, n_phases: int | None = None, scaling: Scaling = "mixed") -> None:
        self.n_phases = n_phases
        self.scaling = scaling

    def phases(self, layer_names: LayerNames, max_iter: int) -> list[Phase]:
        shared = layer_names.shared
        n_phases = len(shared) + 1 if self.n_phases is None else self.n_phases
        epochs = split_epochs(max_iter, (1 / n_phases,) * n_phases)
        # the last phase frees everything, the ones before it an even share of the layers
        n_frozen = [round(len(shared) * (1 - k / max(1, n_phases - 1))) for k in range(n_phases)]
        n_frozen[-1] = 0
        return [
            Phase(n_epochs, learning_rate_scale=dict.fromkeys(shared[:still], 0.0))
            for n_epochs, still in zip(epochs, n_frozen, strict=True)
        ]
