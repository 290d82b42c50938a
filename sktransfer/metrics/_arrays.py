"""Features and targets as the scores need them, checked once for all of them."""

from __future__ import annotations

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_array, check_consistent_length

TASKS = ("auto", "classification", "regression")
#: Quantile bins that stand for the classes of a number.
_N_BINS = 5
#: Spread, relative to the largest value, up to which a column counts as constant.
_SMALLEST_SPREAD = 1e-13
#: Floats of more different values are amounts, also where all of them are whole.
_MOST_LABELS = 20


def check_features(features: ArrayLike, y: ArrayLike, name: str = "features") -> np.ndarray:
    """Standardised columns of `features`, constant ones left out; in float64.

    Each column is divided by its largest value first, so that no square overflows.
    """
    columns: np.ndarray = check_array(features, dtype=np.float64, input_name=name)
    check_consistent_length(columns, y)
    return standardised(columns)


def standardised(columns: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and variance 1; constant ones are left out."""
    largest = np.abs(columns).max(axis=0)
    columns = columns / np.where(largest > 0, largest, 1.0)
    columns = columns - columns.mean(axis=0)
    spread = columns.std(axis=0)
    varies = spread > _SMALLEST_SPREAD
    return columns[:, varies] / spread[varies]


def outputs_of(y: ArrayLike, task: str) -> tuple[list[np.ndarray], bool]:
    """The outputs of a target, each an array of shape (n_samples,), and whether they are numbers.

    Raises
    ------
    ValueError
        If `y` has missing or infinite entries, more than two dimensions, labels of mixed types,
        or no numbers where numbers are expected.
    """
    if task not in TASKS:
        raise ValueError(f"task must be one of {list(TASKS)}; got {task!r}.")
    y = np.asarray(y)
    if y.ndim not in (1, 2) or y.size == 0:
        raise ValueError(
            "y must have shape (n_samples,) or (n_samples, n_outputs), with at least one row; got "
            f"shape {y.shape}."
        )
    if y.dtype == object and all(isinstance(v, Real) for v in y.ravel()):
        y = y.astype(np.float64)
    missing = [v for v in y.ravel() if v is None or v != v] if y.dtype.kind in "Of" else []
    if missing or (y.dtype.kind == "f" and not np.isfinite(y).all()):
        raise ValueError(
            "y has missing or infinite entries; expected a label or a finite number for each "
            "row. Leave out the rows that have none."
        )
    if task == "auto":
        is_regression = y.dtype.kind == "f" and _are_amounts(y)
    else:
        is_regression = task == "regression"
    if is_regression and y.dtype.kind not in "fiub":
        raise ValueError(
            f"task='regression', but y has entries such as {y.ravel()[0]!r}; expected numbers. "
            "Use task='classification' for labels."
        )
    return list(y.reshape(len(y), -1).T), is_regression


def _are_amounts(y: np.ndarray) -> bool:
    """Whether floats are more than labels: with fractions, or of more values than labels have."""
    columns = y.reshape(len(y), -1).T
    return bool((y != np.floor(y)).any()) or max(len(np.unique(c)) for c in columns) > _MOST_LABELS


def target_columns(y: ArrayLike, task: str) -> list[np.ndarray]:
    """Per output a centred array of shape (n_samples, n_columns) for a linear model to fit.

    A number is standardised; labels become an indicator per class.  A constant output has no
    columns.
    """
    outputs, is_regression = outputs_of(y, task)
    if is_regression:
        return [standardised(output[:, None].astype(np.float64)) for output in outputs]
    return [_indicators(class_codes(output, False)) for output in outputs]


def target_codes(y: ArrayLike, task: str) -> list[np.ndarray]:
    """Per output the number of each row's class, from 0; a number's class is its quantile bin."""
    outputs, is_regression = outputs_of(y, task)
    return [class_codes(output, is_regression) for output in outputs]


def class_codes(values: np.ndarray, binned: bool) -> np.ndarray:
    """Labels, or the bins of numbers, as 0, 1, …: each of them occurs."""
    if binned:
        n_bins = max(1, min(_N_BINS, len(values) // 2))
        edges = np.quantile(values, np.linspace(0, 1, n_bins + 1)[1:-1])
        values = np.searchsorted(edges, values, side="right")
    try:
        return np.unique(values, return_inverse=True)[1].reshape(-1)
    except TypeError as error:
        raise ValueError(
            "Labels of mixed types cannot be compared reliably; expected all of them to be "
            "texts, or all numbers. Convert them to text."
        ) from error


def _indicators(codes: np.ndarray) -> np.ndarray:
    n_classes = codes.max() + 1
    if n_classes == 1:
        return np.empty((len(codes), 0))
    columns = np.eye(n_classes)[codes]
    return columns - columns.mean(axis=0)
