"""No transfer: the fair comparison."""

from __future__ import annotations

from sktransfer._records import LayerNames, Phase
from sktransfer.strategies._base import Strategy


class Scratch(Strategy):
    """Take the source's layer sizes and nothing else: train from random weights.

    The comparison that tells what the source was worth, along the same code path.

    Examples
    --------
    >>> from sktransfer.strategies import Scratch
    >>> Scratch().carries_trunk, Scratch().scaling
    (False, 'target')
    """

    carries_trunk = False
    scaling = "target"

    def phases(self, layer_names: LayerNames, max_iter: int) -> list[Phase]:
        return [Phase(max_iter)]
