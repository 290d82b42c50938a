"""Gradient boosting on the columns and the source's outputs."""

from __future__ import annotations

from typing import cast

import numpy as np

import sktransfer._readouts as readouts
from sktransfer._records import DenseLayer, TargetSchema, TreeArrays
from sktransfer.strategies._base import Scaling
from sktransfer.strategies._trees import Trees


class Boosting(Trees):
    """Gradient boosting on the columns and on the frozen source's outputs.

    Where the source's outputs mean the target's, and the target is classes or numbers of which
    the mean is learned, its trees correct the source's own prediction, updated by an intercept and
    a slope.  Without a source it reads the columns alone.  Models of 12, 25, ... stages,
    with a prediction to start from also of 0, 3 and 6, are averaged, weighted by their likelihood
    of held-out rows.  Columns are sorted into 255 bins of
    equally many rows first; where they have fewer distinct values, nothing is lost by it.  Every
    stage grows a tree for each output, or one for all classes; an ensemble leaves boosting out
    where there are more than ten.  Trees have a depth of three, and for numbers of four or five
    from some 700 and 1,400 rows on.

    Parameters
    ----------
    n_trees : int or None, default=None
        Most stages, of a step length of 0.1; predictions are averaged over the models of all
        folds.  None takes 50, 75 for more than two classes, and for numbers one for every ten rows
        between 50 and 200.
    scaling : {'source', 'mixed', 'target'}, default='source'
        Whose mean and standard deviation standardise the shared columns for the source.
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
    2002; G. Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NeurIPS
    2017 (bins).

    Examples
    --------
    >>> from sktransfer.strategies import Boosting
    >>> Boosting().reads
    ('columns', 'outputs')
    """

    _parameter_constraints = {
        **Trees._parameter_constraints,
        "n_trees": [None, *Trees._parameter_constraints["n_trees"]],
    }
    most_outputs = 10
    adds_up = True

    def __init__(
        self, n_trees: int | None = None, scaling: Scaling = "source", on_source: bool = True
    ) -> None:
        super().__init__(n_trees, scaling, on_source)  # type: ignore[arg-type]

    def cannot_fit(self, target: TargetSchema) -> str | None:
        return None if readouts.can_boost(target) else f"boosting has no loss {target.loss!r}"

    @property
    def starts_from_source(self) -> bool:  # type: ignore[override]
        return self.on_source

    def fit_path(
        self,
        features: np.ndarray,
        y: np.ndarray,
        sample_weight: np.ndarray | None,
        target: TargetSchema,
        seed: int,
        start: DenseLayer | None = None,
    ) -> list[TreeArrays]:
        n_trees, is_number = cast("int | None", self.n_trees), target.kind == "regression"
        if n_trees is None:
            of_numbers = int(np.clip(len(y) // 10, 50, 200))
            n_trees = {"regression": of_numbers, "multiclass": 75}.get(target.kind, 50)
        max_depth = int(np.clip(np.log2(len(y)) - 5, 3, 5)) if is_number else 3
        path: list[TreeArrays] = readouts.boost_trees(
            features, y, sample_weight, target, n_trees, seed, max_depth, start
        )
        return path
