"""A linear model on the columns."""

from __future__ import annotations

import numpy as np

import sktransfer._readouts as readouts
from sktransfer._records import DenseLayer, TargetSchema
from sktransfer.strategies._base import ReadoutStrategy, Scaling


class Linear(ReadoutStrategy):
    """A regularised linear model on the columns; nothing is carried over.

    Ridge regression in closed form, or by L-BFGS logistic regression and that of any other loss of
    numbers.  Its strength is
    the one of a fixed grid with the least held-out loss.  A strong baseline on a few dozen rows.

    See Also
    --------
    Probe : The same on the layers of a source, too.
    WeightedEnsemble : What it can be a member of.

    Examples
    --------
    >>> from sktransfer.strategies import Linear
    >>> Linear().reads, Linear().needs_source
    (('columns',), False)
    """

    carries_trunk = False
    is_random = False
    scaling: Scaling = "target"
    hidden_layer_sizes = ()
    reads = ("columns",)
    scales_features = True

    def fit_path(
        self,
        features: np.ndarray,
        y: np.ndarray,
        sample_weight: np.ndarray | None,
        target: TargetSchema,
        seed: int,
    ) -> list[DenseLayer]:
        return readouts.linear_path(features, y, sample_weight, target)
