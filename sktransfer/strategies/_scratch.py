"""No transfer: the fair comparison."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

from sktransfer._compat import Interval
from sktransfer._records import LayerNames, Phase
from sktransfer.strategies._base import NetworkStrategy


class Scratch(NetworkStrategy):
    """Take the source's layer sizes and nothing else: train from random weights.

    The comparison for what a source gains: the same training without it.

    Parameters
    ----------
    hidden_layer_sizes : int or array-like of int, default=None
        Hidden layers where the estimator's `hidden_layer_sizes` is None; None takes the
        source's.

    See Also
    --------
    Full : The same, from the source's weights.
    sktransfer.model_selection.transfer_learning_curve : Scores with and without a source.

    Examples
    --------
    >>> from sktransfer.strategies import Scratch
    >>> Scratch().carries_trunk, Scratch().scaling
    (False, 'target')
    """

    carries_trunk = False
    scaling = "target"
    _parameter_constraints = {
        "hidden_layer_sizes": [None, "array-like", Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, hidden_layer_sizes: Sequence[int] | int | None = None) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes

    def phases(self, layer_names: LayerNames, max_iter: int) -> list[Phase]:
        return [Phase(max_iter)]
