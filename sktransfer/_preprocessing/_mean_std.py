"""Center and scale of columns, missing entries left out.

These are the mean and the standard deviation, unless the middle half of a column is much
narrower than its standard deviation says: then a few outliers, or a code such as -999, have made
that what it is, and the median and the interquartile range take their place.

References
----------
P. J. Huber and E. M. Ronchetti, "Robust Statistics", 2nd ed., Wiley 2009, section 5.1 (the
normalised interquartile range).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.utils.sparsefuncs import incr_mean_variance_axis

from sktransfer._typing import Matrix, is_sparse

#: Interquartile range of a normal distribution, in standard deviations.
_NORMAL_RANGE = 1.349
#: Rows of which quartiles are taken, at equal distances, and entries that are sorted at once.
_QUARTILE_ROWS, _SORTED_ENTRIES = 20_000, 2**22
#: A column of which this share is one value has no useful interquartile range.
_MOST_EQUAL = 0.9
#: A value that many rows have is a code where it is so many scales of the others away from these.
_FAR_OUT = 30
#: From how many standard errors on a difference between two tables is kept, in part.
_CLEAR = 2.0
#: Rows of a level at which its indicator is divided by at least 1/2.
_FEW_ROWS = 1000
#: The smallest spread whose square is a number of full precision.  Any other is a unit's affair.
TINY = float(np.sqrt(np.finfo(np.float64).tiny))
_CHUNK_ROWS = 8192


def rows_of_weight(weight: np.ndarray) -> np.ndarray | slice:
    """Which rows are measured: those of a weight, or all where none has any.

    Rows of weight 0 would change how sums are rounded.
    """
    return np.flatnonzero(weight) if weight.any() else slice(None)


def center_and_scale(
    X: Matrix, sample_weight: np.ndarray | None, names: Sequence[str] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Center and scale of :func:`measure_columns`."""
    center, scale, _ = measure_columns(X, sample_weight, names)
    return center, scale


def measure_columns(
    X: Matrix, sample_weight: np.ndarray | None, names: Sequence[str] | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What columns are standardised by: mean and standard deviation, or what outliers leave alone.

    The smaller of standard deviation and interquartile range over 1.349 is the scale, and with
    the latter the median is the center.  Where a quarter of a column or more is its median, such
    as the zeros of amounts, or a code far away, such as -9999, the other values are measured.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_columns)
        NaN entries are left out.
    sample_weight : ndarray of shape (n_samples,) or None
    names : sequence of str, optional
        Of the columns, for messages.

    Returns
    -------
    center, scale : ndarray of shape (n_columns,)
        As :func:`mean_and_scale` gives them for columns without outliers.
    n_values : ndarray of shape (n_columns,)
        Entries that are there, or the sum of their weights.

    Raises
    ------
    ValueError
        If a column's values are too large for their variance to be a number.
    """
    center, scale, n_values = mean_and_scale(X, sample_weight, names)
    rounding = _rounding(X)
    step = -(-X.shape[0] // _QUARTILE_ROWS) or 1
    weight = np.ones(X.shape[0]) if sample_weight is None else np.asarray(sample_weight)
    rows: Matrix = X[::step]
    weight = weight[::step].astype(np.float64)
    chosen = np.arange(X.shape[1])
    if is_sparse(rows):  # the quartiles of other columns are zeros
        rows = rows.tocsc()
        chosen = np.flatnonzero(np.diff(rows.indptr) >= (1 - _MOST_EQUAL) * rows.shape[0])
    at_once = max(1, _SORTED_ENTRIES // max(rows.shape[0], 1))
    for at in range(0, len(chosen), at_once):
        columns = chosen[at : at + at_once]
        some = rows[:, columns] if len(chosen) > at_once or is_sparse(X) else rows
        block = some.toarray() if is_sparse(some) else some
        closer, has_code = np.ones((2, len(columns)), bool)
        if sample_weight is None:
            least, low, middle, high, most = _quartiles(block)
            wide = (high - low) / _NORMAL_RANGE
            plain, narrow = (low < middle) & (middle < high), wide < scale[columns]
            plain &= wide > rounding * np.maximum(np.abs(low), np.abs(high))
            center[columns] = np.where(plain & narrow, middle, center[columns])
            scale[columns] = np.where(plain & narrow, wide, scale[columns])
            # the smallest, or the largest, value in a quarter of the rows
            has_code = (least < most) & ((low == least) | (high == most))
            closer = narrow & ~plain
        for i in np.flatnonzero(closer | has_code):
            found, column = _middle(block[:, i], weight, not closer[i]), columns[i]
            if found is not None and rounding * abs(found[0]) < found[1] < scale[column]:
                center[column], scale[column] = found
    return center, scale, n_values


def constant_columns(X: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """Which columns have one value or no entry, and of which some entries alone are missing.

    Returns
    -------
    is_constant, has_gaps : ndarray of bool, shape (n_features,)
    """
    n_rows = X.shape[0]
    if is_sparse(X):
        rows = X.tocsc()
        n_there = np.diff(rows.indptr)
        column = np.repeat(np.arange(X.shape[1]), n_there)
        n_missing = np.bincount(column[np.isnan(rows.data)], minlength=X.shape[1])
        low, high = np.full(X.shape[1], np.inf), np.full(X.shape[1], -np.inf)
        np.fmin.at(low, column, rows.data)
        np.fmax.at(high, column, rows.data)
        has_zeros = n_there < n_rows
        low[has_zeros] = np.fmin(low[has_zeros], 0)
        high[has_zeros] = np.fmax(high[has_zeros], 0)
    else:
        missing = np.isnan(X)
        n_missing = missing.sum(axis=0)
        low = np.min(X, axis=0, initial=np.inf, where=~missing)
        high = np.max(X, axis=0, initial=-np.inf, where=~missing)
    return high <= low, (n_missing > 0) & (n_missing < n_rows)


def indicator_scale(mean: np.ndarray, scale: np.ndarray, n_rows: float) -> np.ndarray:
    """Scales, of columns of zeros and ones the larger the fewer rows have the rarer of the two.

    A level that few rows have would enter a network as a large number, and be memorised; with
    this its indicator stays near 0 and 1.

    Parameters
    ----------
    mean, scale : ndarray of shape (n_columns,)
    n_rows : float
        Or the sum of their weights.

    Returns
    -------
    ndarray of shape (n_columns,)
    """
    of_indicators = are_indicators(mean, scale)
    rare = np.minimum(mean, 1 - mean) * n_rows
    least = _FEW_ROWS / (_FEW_ROWS + np.where(of_indicators, rare, 0))
    return np.where(of_indicators, np.maximum(scale, least), scale)


def are_indicators(mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Whether these are mean and standard deviation of a column of zeros and ones."""
    with np.errstate(over="ignore"):
        variance = mean * (1 - mean)
        is_one: np.ndarray = (variance > 0) & np.isclose(scale**2, variance, rtol=1e-6, atol=0)
    return is_one


def _quartiles(block: np.ndarray) -> list[np.ndarray]:
    """Minimum, quartiles and maximum of columns, all at once: most need no closer look."""
    in_order = np.sort(block, axis=0)  # NaN comes last
    n = len(block) - np.isnan(block).sum(axis=0)
    last, every = n * (1 - 1e-12), np.arange(block.shape[1])
    at = [np.maximum(np.ceil(q * last).astype(int) - 1, 0) for q in (0, 0.25, 0.5, 0.75, 1)]
    return [in_order[rows, every].astype(np.float64) for rows in at]


def _middle(
    values: np.ndarray, weight: np.ndarray, code_only: bool = False
) -> tuple[float, float] | None:
    """Median and scaled interquartile range of a column; None where they say nothing.

    With `code_only`, also where no value far out takes up a quarter of the column.
    """
    known = ~np.isnan(values) & (weight > 0)
    values, weight = values[known].astype(np.float64), weight[known]
    order = np.argsort(values, kind="stable")
    values, weight = values[order], weight[order]
    if not len(values):
        return None
    low, middle, high = _quantiles(values, weight)
    code = _far_code(values, weight, low, high)
    if code is not None or code_only:
        return code
    if low < middle < high:
        return middle, (high - low) / _NORMAL_RANGE
    rest = values != middle
    if weight[~rest].sum() > _MOST_EQUAL * weight.sum():
        return None
    low, median, high = _quantiles(values[rest], weight[rest])
    if low == high:
        return None
    # the others must not all lie far out
    return middle, max((high - low) / _NORMAL_RANGE, abs(median - middle) / 2)


def _far_code(
    values: np.ndarray, weight: np.ndarray, low: float, high: float
) -> tuple[float, float] | None:
    """Median and scale of what is no code, where a quarter or more of a column is one far out.

    A code such as -9999 for something missing is the smallest or the largest value; the others
    lie closer to each other than to it.
    """
    for quartile, code in ((low, values[0]), (high, values[-1])):
        rest = values != code
        if quartile != code or weight[rest].sum() < (1 - _MOST_EQUAL) * weight.sum():
            continue
        first, median, last = _quantiles(values[rest], weight[rest])
        scale = (last - first) / _NORMAL_RANGE
        if 0 < _FAR_OUT * scale < abs(median - code):
            return median, scale
    return None


def _quantiles(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The quartiles of sorted values; a weight of two is a value twice."""
    total = np.cumsum(weight)
    wanted = np.array([0.25, 0.5, 0.75]) * total[-1]
    return values[np.minimum(np.searchsorted(total, wanted * (1 - 1e-12)), len(values) - 1)]


def _rounding(X: Matrix) -> float:
    """What rounding leaves of a constant 1, in the columns' precision and in that of the sums."""
    return float(max(2 * np.finfo(X.dtype).eps, X.shape[0] * np.finfo(np.float64).eps))


def mean_and_scale(
    X: Matrix, sample_weight: np.ndarray | None, names: Sequence[str] | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weighted mean and standard deviation per column.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_columns)
        NaN entries are left out.
    sample_weight : ndarray of shape (n_samples,) or None
    names : sequence of str, optional
        Of the columns, for messages.

    Returns
    -------
    mean, scale : ndarray of shape (n_columns,)
        A constant column has scale 1, one without any entries mean 0 and scale 1.
    n_values : ndarray of shape (n_columns,)
        Entries that are there, or the sum of their weights.

    Raises
    ------
    ValueError
        If a column's values are too large for their variance to be a number.
    """
    rounding = _rounding(X)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if is_sparse(X):
            zeros, X = np.zeros(X.shape[1]), X.astype(np.float64)
            if X.nnz < np.iinfo(np.int32).max:  # older scikit-learn takes no wider indices
                X.indices, X.indptr = X.indices.astype(np.int32), X.indptr.astype(np.int32)
            mean, variance, n_values = incr_mean_variance_axis(
                X,
                axis=0,
                last_mean=zeros,
                last_var=zeros,
                last_n=zeros,
                weights=sample_weight,
            )
            empty = np.isnan(mean)
        else:
            mean, variance, n_values = _dense_mean_and_variance(X, sample_weight)
            empty = n_values == 0
        scale = np.sqrt(variance)
    mean[empty], scale[empty] = 0.0, 1.0
    bad = ~(np.isfinite(mean) & np.isfinite(scale))
    if bad.any():
        at = int(np.argmax(bad))
        column = repr(names[at]) if names is not None else str(at)
        raise ValueError(
            f"Input X has values too large to standardise in column {column}; their "
            "variance is not a finite number. Rescale the column, or use standardize=False."
        )
    scale[scale <= np.maximum(TINY, rounding * np.abs(mean))] = 1.0
    return mean, scale, n_values


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
    known = np.where(total == 0, 1.0, total)
    mean /= known
    for at in chunks:
        difference = np.ascontiguousarray(X[at]) - mean
        variance += weight[at] @ np.where(np.isnan(difference), 0.0, difference**2)
    return mean, variance / known, total


def moved_units(
    source_center: np.ndarray,
    source_scale: np.ndarray,
    center: np.ndarray,
    scale: np.ndarray,
    has_scale: np.ndarray,
    n_values: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Means and scales of the source, moved to the target's as far as chance does not explain it.

    Of a difference ``1 - 4 / z²`` is kept, with z its size in standard errors, and nothing where z
    is below 2; scales differ by their logarithms.

    Parameters
    ----------
    source_center, source_scale, center, scale : ndarray of shape (n_columns,)
    has_scale : ndarray of bool, shape (n_columns,)
        Whether the target's scale says how widely its values are spread; else it is the source's.
    n_values : ndarray of shape (n_columns,)
        The target's, or the sum of their weights.

    Returns
    -------
    center, scale : ndarray of shape (n_columns,)

    References
    ----------
    B. Efron, C. Morris, "Stein's Estimation Rule and Its Competitors", Journal of the American
    Statistical Association 68, 1973 (the positive part); Y. Li et al., "Adaptive Batch
    Normalization for practical domain adaptation", Pattern Recognition 80, 2018 (each domain
    standardised by its own moments).
    """
    tiny = np.finfo(np.float64).tiny
    spread = np.maximum(source_scale, tiny)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        distance = _kept((center - source_center) / spread, 1 / n_values) * spread
        ratio = np.where(has_scale, np.log(np.maximum(scale, tiny) / spread), 0.0)
        return source_center + distance, source_scale * np.exp(_kept(ratio, 0.5 / n_values))


def _kept(difference: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """What is left of differences between two means."""
    share = np.maximum(1 - _CLEAR**2 * variance / np.square(difference), 0.0)
    return np.where(difference == 0, 0.0, share * difference)
