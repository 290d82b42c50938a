"""The whole source, its output layer included."""

from __future__ import annotations

from numbers import Real

from sktransfer._compat import Interval
from sktransfer._records import LayerNames, Phase
from sktransfer.strategies._base import SCALINGS, NetworkStrategy, Scaling


class KeepHead(NetworkStrategy):
    """Start from the whole source, output layer included, and keep every layer near it.

    For the same label in another table (another year, hospital, region).  Output
    units are matched by label: units of labels that the source has are kept, new labels
    start at random.  Where the label means something else, this is the strategy that loses
    most.

    Parameters
    ----------
    strength : float, default=0.1
        Strength of the L2 penalty towards the source, see :class:`L2SP`.
    scaling : {'source', 'mixed', 'target'}, default='source'
        Whose mean and standard deviation standardise the shared columns.

    See Also
    --------
    L2SP : A new output layer on the shared layers of the source.

    Examples
    --------
    >>> from sktransfer.strategies import KeepHead, LayerNames
    >>> (phase,) = KeepHead().phases(LayerNames(("shared_layers.0",), ("task_layers.0",)), 100)
    >>> phase.l2_to_start
    {'shared_layers.0': 0.1, 'task_layers.0': 0.1}
    """

    carries_head = True

    _parameter_constraints = {
        "strength": [Interval(Real, 0, None, closed="left")],
        "scaling": [SCALINGS],
    }

    def __init__(self, strength: float = 0.1, scaling: Scaling = "source") -> None:
        self.strength = strength
        self.scaling = scaling

    def phases(self, layer_names: LayerNames, max_iter: int) -> list[Phase]:
        return [Phase(max_iter, l2_to_start=dict.fromkeys(layer_names, self.strength))]
