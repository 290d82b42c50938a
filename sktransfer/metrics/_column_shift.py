"""Column shift: how far have columns moved between two tables?"""

from __future__ import annotations

import narwhals as nw
import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_array

#: Standard deviations beyond which a column is simply elsewhere.
_FURTHEST = 10.0


def column_shift_score(X_source: ArrayLike, X_target: ArrayLike) -> float:
    """Mean distance of the tables' columns in standard deviations of the source, negated.

    The means of a column are compared; the distance of any one column counts for at most 10.

    Parameters
    ----------
    X_source : {array-like, DataFrame} of shape (n_source_rows, n_columns)
        The source's table in numbers.  Missing entries are left out.
    X_target : {array-like, DataFrame} of shape (n_target_rows, n_columns)
        The target's.  Of two frames the columns of the same names are compared, of arrays those
        in the same places.

    Returns
    -------
    float
        0 where the means are the same, -1 where they lie a standard deviation apart; 0 also where
        no column has a value in both tables.

    Raises
    ------
    ValueError
        If arrays differ in their number of columns, frames share no name, or an entry is infinite
        or no number.

    See Also
    --------
    logme_score : How well a source's features predict the target.
    sktransfer.model_selection.rank_sources : Puts sources in order by such a score.

    References
    ----------
    P. C. Austin, "Balance diagnostics for comparing the distribution of baseline covariates
    between treatment groups in propensity-score matched samples", Statistics in Medicine 28
    (2009), on standardised differences.  S. Ben-David et al., "A theory of learning from different
    domains", Machine Learning 79 (2010), on why distance matters.

    Examples
    --------
    >>> from sktransfer.metrics import column_shift_score
    >>> column_shift_score([[0.0, 1.0], [2.0, 3.0]], [[2.0, 2.0]])
    -0.5
    """
    theirs, ours = _shared(X_source, X_target)
    theirs, ours = (
        check_array(X, dtype=np.float64, ensure_all_finite="allow-nan", input_name=name)
        for X, name in ((theirs, "X_source"), (ours, "X_target"))
    )
    if theirs.shape[1] != ours.shape[1]:
        raise ValueError(
            f"X_source has {theirs.shape[1]} columns and X_target {ours.shape[1]}; expected as "
            "many. Give both as DataFrames to compare the columns of the same names."
        )
    return shift(*_mean_and_std(theirs), ours)


def shift(mean: np.ndarray, scale: np.ndarray, X: np.ndarray) -> float:
    """The score of columns `X` against columns of known `mean` and standard deviation."""
    ours, _ = _mean_and_std(X)
    known = np.isfinite(ours) & np.isfinite(mean)
    if not known.any():
        return 0.0
    # halves, because the difference of two huge numbers may be no number
    distance = np.abs(ours[known] / 2 - mean[known] / 2)
    unit = scale[known] / 2
    far = distance >= _FURTHEST * unit
    distance = np.where(far, _FURTHEST * (distance > 0), distance / np.where(far, 1.0, unit))
    return 0.0 - float(distance.mean())


def _mean_and_std(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of what is there in each column; NaN where nothing is."""
    present = ~np.isnan(X)
    n = present.sum(axis=0)
    largest = np.max(np.abs(np.where(present, X, 0.0)), axis=0)
    unit = np.where(largest > 0, largest, 1.0)
    small = np.where(present, X, 0.0) / unit
    mean = small.sum(axis=0) / np.maximum(n, 1)
    variance = (np.where(present, small - mean, 0.0) ** 2).sum(axis=0) / np.maximum(n, 1)
    return np.where(n > 0, mean * unit, np.nan), np.sqrt(variance) * unit


def _shared(X_source: ArrayLike, X_target: ArrayLike) -> tuple[ArrayLike, ArrayLike]:
    theirs = nw.from_native(X_source, eager_only=True, pass_through=True)
    ours = nw.from_native(X_target, eager_only=True, pass_through=True)
    if not (isinstance(theirs, nw.DataFrame) and isinstance(ours, nw.DataFrame)):
        return X_source, X_target
    names = [name for name in theirs.columns if name in set(ours.columns)]
    if not names:
        raise ValueError(
            f"X_source and X_target have no column in common: {theirs.columns[:3]} … and "
            f"{ours.columns[:3]} …. Rename the columns that mean the same."
        )
    return theirs.select(names).to_numpy(), ours.select(names).to_numpy()
