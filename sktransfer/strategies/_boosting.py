"""Gradient boosting on the columns and the source's outputs."""

from __future__ import annotations

import numpy as np

from sktransfer._readouts import boost_trees
from sktransfer._records import TargetSchema, TreeArrays
from sktransfer.strategies._base import Scaling
from sktransfer.strategies._trees import Trees


class Boosting(Trees):
    """Gradient boosting on the columns and on the frozen source's outputs.

    For targets that jump where networks are smooth, from a few hundred rows on.  Without a source
    it reads the columns alone.

    Parameters
    ----------
    n_trees : int, default=50
        Number of stages; predictions are averaged over the models of all folds.
    scaling : {'source', 'mixed', 'target'}, default='source'
        Whose mean and standard deviation standardise the shared columns before the source sees
        them.
    on_source : bool, default=True
        Whether the source's outputs are read, too; it then needs a source in an ensemble.  False
        reads the columns alone.

    See Also
    --------
    Trees : Randomised trees on the same features.
    WeightedEnsemble : What it can be a member of.

    References
    ----------
    J. H. Friedman, "Stochastic gradient boosting", Computational Statistics & Data Analysis 38,
    2002.

    Examples
    --------
    >>> from sktransfer.strategies import Boosting
    >>> Boosting().reads
    ('columns', 'outputs')
    """

    def __init__(
        self, n_trees: int = 50, scaling: Scaling = "source", on_source: bool = True
    ) -> None:
        super().__init__(n_trees, scaling, on_source)

    def fit_path(
        self,
        features: np.ndarray,
        y: np.ndarray,
        sample_weight: np.ndarray | None,
        target: TargetSchema,
        seed: int,
    ) -> list[TreeArrays]:
        return [boost_trees(features, y, sample_weight, target, self.n_trees, seed)]
