"""Amounts that can be 0: a step of Newton's in place of their logarithms.

A generalised linear model with a log link is fitted by regressions on ``f + (y - μ) / μ``, with f
the linear output so far and μ its exponential (Fisher's scoring).  Ridge regression takes the
first of these steps, from the source's prediction or from the mean; strengths that step too far
are ruled out by held-out deviances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sktransfer._readouts._kernel_ridge import Offset

if TYPE_CHECKING:
    from sktransfer._readouts._closed_form import Learning

#: Logarithms of rates are not taken to be further from 0.
_FURTHEST = 300.0


def mean_logarithms(learning: Learning, rows: np.ndarray) -> np.ndarray:
    """The logarithm of the mean of each column of amounts in some rows."""
    y = learning.y[rows]
    weight = np.ones(len(rows)) if learning.weight is None else learning.weight[rows]
    share = ~np.isnan(y) * weight[:, None]
    mean = (share * np.nan_to_num(y)).sum(axis=0) / np.maximum(share.sum(axis=0), 1e-300)
    return np.where(mean > 0, np.log(np.maximum(mean, 1e-300)), 0.0)


def newton_start(learning: Learning, start: Offset | None) -> Offset:
    """What ridge regression of zeros starts from, so that it learns a step of Newton's.

    On training rows the offset is what is to be learned, with a minus; on test rows it is the
    linear output that predictions start from.

    Parameters
    ----------
    learning : Learning
    start : Offset or None
        Linear outputs; None for the logarithm of the mean.

    Returns
    -------
    Offset
    """

    def left(outputs: np.ndarray) -> np.ndarray:
        rate = np.exp(np.clip(outputs, -_FURTHEST, _FURTHEST))
        return np.nan_to_num((learning.y - rate) / rate)

    def outputs_of(fold: int | None, rows: np.ndarray) -> np.ndarray:
        if start is not None:
            return start.values if fold is None else start.of_fold(fold)
        return np.broadcast_to(mean_logarithms(learning, rows), learning.y.shape)

    by_fold = []
    for fold, (train, test) in enumerate(learning.pairs):
        outputs = outputs_of(fold, train)
        values = -left(outputs)
        values[test] = outputs[test]
        by_fold.append(values)
    of_all = -left(outputs_of(None, np.arange(len(learning.y))))
    return Offset(of_all, tuple(by_fold) or None)
