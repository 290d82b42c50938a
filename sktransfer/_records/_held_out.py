"""How far predictions were off for rows that had no part in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sktransfer._records._layers import frozen_array
from sktransfer._records._schemas import TargetSchema

#: Where scores come from: out-of-fold rows, one holdout, or rows given after the fit.
Origin = Literal["folds", "holdout", "given"]


@dataclass(frozen=True, eq=False)
class HeldOutScores:
    """How far predictions were off for held-out rows, without the rows.

    Attributes
    ----------
    scores : tuple of ndarray of shape (n_scores,)
        One array per output of a regression or label of a multilabel target, else one; of several
        tasks those of each in turn.  Each ascending.  Absolute errors in units of the spread that
        is expected of a prediction, or one minus the probability of what was right.
    counts : tuple of ndarray of shape (n_scores,)
        How many rows each score counts for, above 0; a row that is predicted counts for one.
    slopes : ndarray of the same length
        By how much the logarithm of the spread rises with the prediction, in units of `scale`;
        0 for classes.
    center, scale : ndarray of the same length
        Mean and standard deviation of held-out predictions, 0 and 1 for classes.
    origin : {'folds', 'holdout', 'given'}
    """

    scores: tuple[NDArray[np.float64], ...]
    counts: tuple[NDArray[np.float64], ...]
    slopes: NDArray[np.float64]
    center: NDArray[np.float64]
    scale: NDArray[np.float64]
    origin: Origin

    def __post_init__(self) -> None:
        for name in ("scores", "counts"):
            arrays = tuple(frozen_array(one, np.float64) for one in getattr(self, name))
            object.__setattr__(self, name, arrays)
        for name in ("slopes", "center", "scale"):
            object.__setattr__(self, name, frozen_array(getattr(self, name), np.float64))
        n = len(self.scores)
        if not n or len(self.counts) != n or self.origin not in ("folds", "holdout", "given"):
            raise ValueError("there must be scores of each output, and how much each counts")
        for scores, counts in zip(self.scores, self.counts, strict=True):
            if scores.ndim != 1 or scores.shape != counts.shape:
                raise ValueError("each held-out score must count for some rows")
            if not np.isfinite([scores, counts]).all() or (counts <= 0).any():
                raise ValueError("held-out scores, and what they count for, are finite numbers")
            if (scores < 0).any() or (np.diff(scores) < 0).any():
                raise ValueError("held-out scores must be at least 0 and ascend")
        units = (self.slopes, self.center, self.scale)
        if any(one.shape != (n,) or not np.isfinite(one).all() for one in units):
            raise ValueError("the spread of predictions must be one of finite numbers per output")
        if (self.scale <= 0).any():
            raise ValueError("the scale of predictions must be above 0")

    def by_task(self, target: TargetSchema) -> Mapping[str, HeldOutScores]:
        """The scores of each of several tasks that has outputs."""
        found, start = {}, 0
        for name, task in target.tasks:
            if task.n_outputs:
                at = slice(start, start + n_scores(task))
                units = (self.slopes[at], self.center[at], self.scale[at])
                found[name] = HeldOutScores(
                    self.scores[at], self.counts[at], *units, origin=self.origin
                )
                start = at.stop
        return found


def n_scores(target: TargetSchema) -> int:
    """How many scores a row has: one for classes of which it has one."""
    return sum(1 if one.kind == "multiclass" else one.n_outputs for one in target.blocks)
