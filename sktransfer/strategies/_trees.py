"""Randomised trees on the columns and the source's outputs."""

from __future__ import annotations

from numbers import Integral

import numpy as np

import sktransfer._readouts as readouts
from sktransfer._compat import Interval
from sktransfer._records import Reading, TargetSchema, TreeArrays
from sktransfer.strategies._base import SCALINGS, ReadoutStrategy, Scaling


class Trees(ReadoutStrategy):
    """Extremely randomised trees on the columns and on the frozen source's outputs.

    For targets with steps, which networks smooth out.  Without a source they read the columns
    alone.  Of more than 20,000 rows each tree chooses its splits on as many,
    drawn at random, and its leaves are the means of all.

    Parameters
    ----------
    n_trees : int, default=25
        Number of trees that each fold grows; predictions are averaged over those of all folds.
    scaling : {'source', 'mixed', 'target'}, default='source'
        Whose mean and standard deviation standardise the shared columns for the source.
    on_source : bool, default=True
        Whether the source's outputs are read, too; it then needs a source in an ensemble.  False
        reads the columns alone.

    See Also
    --------
    Boosting : Gradient boosting on the same features.
    WeightedEnsemble : What it can be a member of.

    References
    ----------
    P. Geurts, D. Ernst, L. Wehenkel, "Extremely randomized trees", Machine Learning 63, 2006.

    Examples
    --------
    >>> from sktransfer.strategies import Trees
    >>> Trees().reads, Trees(on_source=False).reads
    (('columns', 'outputs'), ('columns',))
    """

    n_rows = 50_000
    most_columns = 1000
    _parameter_constraints = {
        "n_trees": [Interval(Integral, 1, None, closed="left")],
        "scaling": [SCALINGS],
        "on_source": ["boolean"],
    }

    def __init__(
        self, n_trees: int = 25, scaling: Scaling = "source", on_source: bool = True
    ) -> None:
        self.n_trees = n_trees
        self.scaling = scaling
        self.on_source = on_source

    @property
    def reads(self) -> tuple[Reading, ...]:  # type: ignore[override]
        return ("columns", "outputs") if self.on_source else ("columns",)

    @property
    def carries_trunk(self) -> bool:  # type: ignore[override]
        return self.on_source

    def fit_path(
        self,
        features: np.ndarray,
        y: np.ndarray,
        sample_weight: np.ndarray | None,
        target: TargetSchema,
        seed: int,
    ) -> list[TreeArrays]:
        return [readouts.grow_extra_trees(features, y, sample_weight, target, self.n_trees, seed)]
