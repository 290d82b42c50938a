"""Mean and standard deviation of columns, missing entries left out."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.sparsefuncs import incr_mean_variance_axis

#: A column whose spread is this small relative to its mean counts as constant.
_SMALLEST_SCALE = 1e-6
#: The smallest spread whose square is a number of full precision.  Any other is a unit's affair.
TINY = float(np.sqrt(np.finfo(np.float64).tiny))
_CHUNK_ROWS = 8192


def mean_and_scale(X: Any, sample_weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean and standard deviation per column.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_columns)
        NaN entries are left out.
    sample_weight : ndarray of shape (n_samples,) or None

    Returns
    -------
    mean, scale : ndarray of shape (n_columns,)
        A constant column has scale 1, one without any entries mean 0 and scale 1.

    Raises
    ------
    ValueError
        If a column's values are too large for their variance to be a number.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if sparse.issparse(X):
            zeros, X = np.zeros(X.shape[1]), X.astype(np.float64)
            if X.nnz < np.iinfo(np.int32).max:  # older scikit-learn takes no wider indices
                X.indices, X.indptr = X.indices.astype(np.int32), X.indptr.astype(np.int32)
            mean, variance, _ = incr_mean_variance_axis(
                X,
                axis=0,
                last_mean=zeros,
                last_var=zeros,
                last_n=zeros,
                weights=sample_weight,
            )
            empty = np.isnan(mean)
        else:
            mean, variance, empty = _dense_mean_and_variance(X, sample_weight)
        scale = np.sqrt(variance)
    mean[empty], scale[empty] = 0.0, 1.0
    bad = ~(np.isfinite(mean) & np.isfinite(scale))
    if bad.any():
        raise ValueError(
            f"Input X has values too large to standardise in column {int(np.argmax(bad))}; their "
            "variance is not a finite number. Rescale the column, or use standardize=False."
        )
    scale[scale <= np.maximum(TINY, _SMALLEST_SCALE * np.abs(mean))] = 1.0
    return mean, scale


def _dense_mean_and_variance(X: np.ndarray, sample_weight: np.ndarray | None):
    """Two passes in chunks: no copy of the table, and no cancellation."""
    weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight, np.float64)
    chunks = [slice(at, at + _CHUNK_ROWS) for at in range(0, len(X), _CHUNK_ROWS)]
    total, mean, variance = (np.zeros(X.shape[1]) for _ in range(3))
    for at in chunks:
        rows = np.ascontiguousarray(X[at])  # one order of summation for every layout
        present = ~np.isnan(rows)
        total += weight[at] @ present
        mean += weight[at] @ np.where(present, rows, 0).astype(np.float64, copy=False)
    empty = total == 0
    total[empty] = 1.0
    mean /= total
    for at in chunks:
        difference = np.ascontiguousarray(X[at]) - mean
        variance += weight[at] @ np.where(np.isnan(difference), 0.0, difference**2)
    return mean, variance / total, empty


def mix_units(source_center, source_scale, center, scale, share: float):
    """Mean and scale of the pooled table in which the target's rows have weight `share`."""
    if share == 0.0:
        return source_center, source_scale
    mean = share * center + (1 - share) * source_center
    variance = share * (scale**2 + (center - mean) ** 2) + (1 - share) * (
        source_scale**2 + (source_center - mean) ** 2
    )
    return mean, np.sqrt(variance)
