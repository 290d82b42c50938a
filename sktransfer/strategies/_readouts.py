"""Read-outs: a network that does not move, and a model on what it says, fitted at once."""

from __future__ import annotations

from numbers import Integral

from sktransfer._compat import Interval, StrOptions
from sktransfer._records import LayerNames, Phase
from sktransfer.strategies._base import SCALINGS, Strategy


class _ReadoutStrategy(Strategy):
    """What the read-outs share: nothing is trained by gradients."""

    def phases(self, layer_names: LayerNames, max_iter: int) -> list[Phase]:
        """No phases: nothing is trained by gradients.

        A read-out is fitted at once, on what the fixed network says of each row.

        Parameters
        ----------
        layer_names : LayerNames
            Names of the layers, none of which moves.
        max_iter : int
            Epochs, of which none is spent.

        Returns
        -------
        list of Phase
            Empty.

        See Also
        --------
        Strategy : What the strategies that train a network answer.

        Examples
        --------
        >>> from sktransfer.strategies import LayerNames, Linear
        >>> Linear().phases(LayerNames.of(1, n_shared=0), max_iter=10)
        []
        """
        return []


class Linear(_ReadoutStrategy):
    """A regularised linear model on the columns; nothing is carried over.

    Ridge, logistic or Poisson regression in closed form or by Newton's steps.  Its strength is
    the one of a fixed grid with the least loss on rows held out in turn.  Hard to beat on a few
    dozen rows.

    See Also
    --------
    Probe : The same on the layers of a source, too.
    Combined : What it can be a member of.

    Examples
    --------
    >>> from sktransfer.strategies import Linear
    >>> Linear().reads, Linear().needs_source
    (('columns',), False)
    """

    carries_trunk = False
    scaling = "target"
    hidden_layer_sizes = ()
    readout = "linear"
    reads = ("columns",)


class Probe(_ReadoutStrategy):
    """A regularised linear model on everything that the frozen source says about a row.

    It reads the columns, every hidden layer and the source's own outputs, so that a target
    that the last layer is blind to can still be told from those below.  See :class:`Linear` for
    how it is fitted, and :class:`Frozen` for a head on the last layer alone.

    Parameters
    ----------
    scaling : {'source', 'mixed', 'target'}, default='source'
        Whose moments standardise the shared columns.

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

    readout = "linear"
    reads = ("columns", "hidden", "outputs")
    _parameter_constraints = {"scaling": [SCALINGS]}

    def __init__(self, scaling="source"):
        self.scaling = scaling


class Trees(_ReadoutStrategy):
    """Trees on the columns and on the frozen source's outputs.

    For targets that jump where networks are smooth.  Without a source they read the columns
    alone.

    Parameters
    ----------
    kind : {'extra', 'boosted'}, default='extra'
        Randomised trees, safest on few rows, or gradient boosting.
    n_trees : int, default=25
        Number of trees (of stages, for ``'boosted'``) that each fold grows; all of them answer.
    scaling : {'source', 'mixed', 'target'}, default='source'
        Whose moments standardise the shared columns before the source sees them.

    See Also
    --------
    Linear : Where targets are smooth.
    Combined : What it can be a member of.

    References
    ----------
    P. Geurts, D. Ernst, L. Wehenkel, "Extremely randomized trees", Machine Learning 63, 2006;
    J. H. Friedman, "Stochastic gradient boosting", Computational Statistics & Data Analysis 38,
    2002.

    Examples
    --------
    >>> from sktransfer.strategies import Trees
    >>> Trees(kind="boosted").reads
    ('columns', 'outputs')
    """

    readout = "trees"
    reads = ("columns", "outputs")
    _parameter_constraints = {
        "kind": [StrOptions({"extra", "boosted"})],
        "n_trees": [Interval(Integral, 1, None, closed="left")],
        "scaling": [SCALINGS],
    }

    def __init__(self, kind="extra", n_trees=25, scaling="source"):
        self.kind = kind
        self.n_trees = n_trees
        self.scaling = scaling

    @property
    def needs_source(self) -> bool:
        return False
