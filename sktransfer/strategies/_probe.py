"""A linear model on everything that the layers of a fixed source make of a row."""

from __future__ import annotations

from sktransfer.strategies._base import SCALINGS, Scaling
from sktransfer.strategies._linear import Linear


class Probe(Linear):
    """A regularised linear model on the columns and all layers of the frozen source.

    It reads the columns, every hidden layer and the source's own outputs, so that a target
    that the last layer does not represent can be predicted from those below.  See :class:`Linear`
    for how it is fitted, and :class:`Frozen` for a head on the last layer alone.

    Parameters
    ----------
    scaling : {'source', 'mixed', 'target'}, default='source'
        Whose mean and standard deviation standardise the shared columns.

    See Also
    --------
    Linear : The same on the columns alone.
    Frozen : A trained head on the last shared layer.

    References
    ----------
    U. Evci, V. Dumoulin, H. Larochelle, M. C. Mozer, "Head2Toe: Utilizing Intermediate
    Representations for Better Transfer Learning", ICML 2022, section 3.

    Examples
    --------
    >>> from sktransfer.strategies import Probe
    >>> Probe().reads
    ('columns', 'hidden', 'outputs')
    """

    carries_trunk = True
    hidden_layer_sizes = None  # type: ignore[assignment]
    reads = ("columns", "hidden", "outputs")  # type: ignore[assignment]
    _parameter_constraints = {"scaling": [SCALINGS]}

    def __init__(self, scaling: Scaling = "source") -> None:
        self.scaling = scaling
