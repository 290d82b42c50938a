"""Columns that are in another unit in predict than in fit: said, where the rows leave no doubt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sktransfer._preprocessing import center_and_scale
from sktransfer._records import Column, InputSchema, NumericColumn
from sktransfer._typing import Matrix, is_sparse
from sktransfer._warnings import warn
from sktransfer.exceptions import ColumnWarning

#: Rows that are looked at, and that there have to be; columns of a sparse table that are.
_MOST_ROWS, _FEWEST_ROWS, _MOST_SPARSE = 200, 50, 500
#: The least factor between two units, and how far those of center and scale may be apart: rows
#: that were chosen by a column's values differ in both, but hardly by one factor.
_LEAST_FACTOR, _SLACK = 8.0, 1.25
#: Scales that a center must be from 0 to be informative about a factor.
_FROM_ZERO = 0.3
#: Standardised values of fit with a mean and a standard deviation beyond these were in another
#: unit than the source's, by which they are standardised.
_FAR_MEAN, _FAR_SCALE = 1.5, 3.0
#: Standard deviations by which centers of other columns may move, and the share that must not.
_NEAR, _MOST = 0.5, 0.75
#: Share of a column's entries from which on one value leaves its scale to chance.
_NEARLY_ALL = 0.9


def warn_units_of_predicted(X: Matrix, inputs: InputSchema) -> None:
    """Say which columns have another unit than they had in fit.

    Center and scale must both be a large factor away, and by the same one.  Of a few hundred rows
    at most, and of other columns than such hardly more than mean and deviation is computed.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_encoded)
        Encoded columns.
    inputs : InputSchema
        How the model reads them.
    """
    if X.shape[0] < _FEWEST_ROWS or not inputs.scaling.is_measured:
        return
    if is_sparse(X) and X.shape[1] > _MOST_SPARSE:
        return
    step = -(-X.shape[0] // _MOST_ROWS)
    rows = X.tocsr()[np.arange(0, X.shape[0], step)].toarray() if is_sparse(X) else X[::step]
    with np.errstate(all="ignore"):
        perhaps = _candidates(rows, inputs)
    if not len(perhaps):
        return
    numbers = _numbers(inputs)
    says = has_levels(rows[:, perhaps], _FEWEST_ROWS)
    chosen = [i for i in perhaps[says].tolist() if i in numbers]
    try:
        factors = _factors(rows, inputs, chosen)
    except ValueError:  # numbers of which the variance is none
        return
    if not factors:
        return
    names = inputs.columns.named_columns
    shown = [f"{names[i]!r}: about {_times(factor)} those of fit" for i, factor in factors.items()]
    more = f"; and {len(shown) - 3} more" if len(shown) > 3 else ""
    warn(
        "The numbers of columns are in another unit than in fit, as far as these rows show: "
        f"{'; '.join(shown[:3])}{more}. Expected a column to be in the unit that it had in fit, "
        "without which predictions are worth little. Convert them before predict.",
        ColumnWarning,
    )


def has_levels(block: np.ndarray, n_least: int) -> np.ndarray:
    """Which columns have enough entries, three values or more and not nearly always the same.

    Parameters
    ----------
    block : ndarray of shape (n_samples, n_columns)
        NaN where missing.
    n_least : int
        Entries that are enough.

    Returns
    -------
    ndarray of bool, shape (n_columns,)
    """
    known = ~np.isnan(block)
    n_known = known.sum(axis=0)
    low = np.min(block, axis=0, initial=np.inf, where=known)
    high = np.max(block, axis=0, initial=-np.inf, where=known)
    has_third = ((block > low) & (block < high)).any(axis=0)
    says = has_third & (n_known >= n_least)
    with np.errstate(all="ignore"):
        usual = np.nanmedian(block[:, says], axis=0)
    says[says] = (block[:, says] == usual).sum(axis=0) < _NEARLY_ALL * n_known[says]
    return np.asarray(says)


def _factors(rows: np.ndarray, inputs: InputSchema, chosen: list[int]) -> dict[int, float]:
    """By which factor each of some columns differs from fit; none where that is not sure."""
    if not chosen:
        return {}
    centers, scales = center_and_scale(rows.astype(np.float64), None)
    theirs = inputs.scaling.center, inputs.scaling.scale
    every = {i: _factor(centers[i], scales[i], theirs[0][i], theirs[1][i]) for i in chosen}
    factors = {i: float(factor) for i, factor in every.items() if factor is not None}
    # in rows that were chosen by the values of one column, others have moved, too
    away = np.abs(centers - theirs[0][: len(centers)]) / theirs[1][: len(centers)]
    rest = np.delete(away, list(factors))
    return factors if not len(rest) or (rest < _NEAR).mean() >= _MOST else {}


def _candidates(rows: np.ndarray, inputs: InputSchema) -> np.ndarray:
    """Columns that may be in another unit, as far as their means show."""
    n = rows.shape[1]
    center, scale = inputs.scaling.center[:n], inputs.scaling.scale[:n]
    mean, size = np.abs(_means(rows)), np.abs(center)
    # the mean of a column with a long tail is larger than its center
    is_far = (2 * mean > _LEAST_FACTOR * size) | (2 * size > _LEAST_FACTOR * mean)
    # of levels and shares nothing is to be seen
    is_far &= (size > _FROM_ZERO * scale) & ((mean > 1) | (size > 1))
    if not is_far.any():
        return np.flatnonzero(is_far)
    return np.flatnonzero(is_far & _was_in_unit(inputs, n))


def _means(rows: np.ndarray) -> np.ndarray:
    """Of columns with enough entries; NaN for others."""
    missing = np.isnan(rows)
    if not missing.any():
        return np.asarray(rows.mean(axis=0, dtype=np.float64))
    n_known = len(rows) - missing.sum(axis=0)
    total = np.where(missing, 0.0, rows).sum(axis=0, dtype=np.float64)
    return np.where(n_known >= _FEWEST_ROWS, total / np.maximum(n_known, 1), np.nan)


def _was_in_unit(inputs: InputSchema, n_columns: int) -> np.ndarray:
    """Columns whose entries in fit were in the unit by which they are standardised."""
    known = inputs.statistics
    if known is None:
        return np.ones(n_columns, bool)
    mean, variance = known.mean[:n_columns], np.diag(known.covariance)[:n_columns]
    low, high = _FAR_SCALE**-2, _FAR_SCALE**2
    is_usual: np.ndarray = (np.abs(mean) < _FAR_MEAN) & (variance > low) & (variance < high)
    return is_usual


def _numbers(inputs: InputSchema) -> set[int]:
    """Positions of encoded columns that are numbers of the table."""
    columns = inputs.columns
    if columns.transformer is None:
        return set(range(columns.n_encoded))
    every: Sequence[tuple[Column, str]] = getattr(columns.transformer, "encoded_columns", ())
    names = {name for column, name in every if isinstance(column, NumericColumn)}
    return {i for i, name in enumerate(columns.named_columns) if name in names}


def _factor(center: float, scale: float, was_center: float, was_scale: float) -> float | None:
    """By which factor a column differs from what it was; None where that is not sure."""
    if center * was_center <= 0:
        return None
    ratio, other = center / was_center, scale / was_scale
    if not 1 / _SLACK < ratio / other < _SLACK:
        return None
    factor = float(np.sqrt(ratio * other))
    return None if 1 / _LEAST_FACTOR < factor < _LEAST_FACTOR else factor


def _times(factor: float) -> str:
    size = float(f"{max(factor, 1 / factor):.2g}")
    return f"{size:,.0f} times" if factor > 1 else f"1/{size:,.0f} of"
