"""Targets with missing entries: rows of which some labels are missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

import narwhals as nw
import numpy as np

from sktransfer._preprocessing import (
    code_for_numbers,
    entries_of,
    is_dictionary,
    is_frame,
    read_as_datetimes,
    read_as_numbers,
)
from sktransfer._typing import Entry, TargetLike

_Y = TypeVar("_Y")


def missing_entries(values: np.ndarray) -> np.ndarray:
    """Mask of the entries of an array that are NaN, None, NaT or pandas' NA."""
    if values.dtype.kind == "f":
        return np.isnan(values)
    if values.dtype.kind in "Mm":
        return np.isnat(values)
    if values.dtype.kind != "O":
        return np.zeros(values.shape, dtype=bool)
    flat = [_is_missing(value) for value in values.ravel()]
    return np.array(flat, dtype=bool).reshape(values.shape)


def _is_missing(value: Entry) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def with_missing_kept(y: _Y) -> _Y | np.ndarray:
    """Targets of which numpy reads the missing entries as such.

    Of categories of pyarrow it makes another category of them.

    Parameters
    ----------
    y : array-like

    Returns
    -------
    ndarray, or `y` itself
    """
    if is_frame(y):
        columns = [*nw.from_native(y, eager_only=True).iter_columns()]
    else:
        one = nw.from_native(y, series_only=True, pass_through=True)
        columns = [one] if isinstance(one, nw.Series) else []
    if not any(is_dictionary(column) and column.null_count() for column in columns):
        return y
    entries = [entries_of(column).astype(object) for column in columns]
    return np.column_stack(entries) if is_frame(y) else entries[0]


def set_missing_aside(y: TargetLike | None) -> tuple[TargetLike | None, np.ndarray | None]:
    """Several columns of targets with zeros for missing entries, and where these are.

    In a single column a row without its only label is a mistake.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)

    Returns
    -------
    y : the same, or where entries are missing an ndarray of shape (n_samples, n_outputs)
    missing : ndarray of bool, shape (n_samples, n_outputs), or None

    Raises
    ------
    ValueError
        If entries of a single column are missing, or are complex numbers.
    """
    y = with_missing_kept(y)
    if y is None or hasattr(y, "toarray"):
        return y, None
    values = np.asarray(y)
    if values.dtype.kind == "c" and values.size:  # scikit-learn prints the whole column
        raise ValueError(
            f"y has complex numbers such as {values.flat[0]!s}; expected labels or real numbers. "
            "Complex data not supported: give y.real, or columns of real numbers."
        )
    if values.ndim not in (1, 2) or values.dtype.kind not in "fO":
        return y, None
    missing = missing_entries(values)
    if not missing.any():
        return y, None
    if values.ndim == 1 or values.shape[1] < 2:
        rows = np.flatnonzero(missing)
        raise ValueError(
            f"Input y contains NaN or None: {len(rows)} of {len(values)} labels are missing, the "
            f"first in row {rows[0]}; expected a label of every row. Leave these rows out of X "
            "and y."
        )
    try:
        return np.where(missing, 0, values).astype(np.float64), missing
    except (TypeError, ValueError):
        raise _several_targets(values.shape[1], "columns of numbers, or of 0 and 1") from None


def in_their_type(y: TargetLike | None) -> TargetLike | None:
    """Labels as truth values or whole numbers where they are such, whatever holds them.

    scikit-learn makes floating-point numbers of pandas' nullable ones and of categories of truth
    values, and takes no objects.

    Parameters
    ----------
    y : array-like

    Returns
    -------
    ndarray, or `y` itself
        `y` itself for other labels, and where one is missing.
    """
    y = with_missing_kept(y)
    if y is None or hasattr(y, "toarray"):
        return y
    values = np.asarray(y)
    if values.dtype.kind == "O":
        types = {type(value) for value in values.flat}
        are_plain = bool(types) and all(issubclass(one, int | np.integer) for one in types)
        if are_plain or (types and types <= {bool, np.bool_}):
            values = np.array(values.tolist())
    is_array = isinstance(y, np.ndarray) and y.dtype == values.dtype
    return values if values.dtype.kind in "biu" and not is_array else y


def put_missing_back(y: np.ndarray, missing: np.ndarray | None) -> np.ndarray:
    """Encoded targets with NaN where entries are missing."""
    if missing is None:
        return y
    return np.where(missing, np.nan, y.astype(np.float64, copy=False))


def check_columns_are_labelled(missing: np.ndarray | None) -> None:
    """Refuse targets of which a column has no known entry.

    Raises
    ------
    ValueError
    """
    if missing is None or not missing.all(axis=0).any():
        return
    empty = np.flatnonzero(missing.all(axis=0)).tolist()
    raise ValueError(
        f"y has no label at all in column {', '.join(map(str, empty))}; expected at least one "
        "known entry in each. There is nothing to learn it from: leave the column out."
    )


@contextmanager
def reading_labels(y: TargetLike | None) -> Iterator[None]:
    """Say what is wrong with labels that scikit-learn refuses within."""
    try:
        yield
    except (TypeError, ValueError):
        error = _why_no_labels(y) if isinstance(y, np.ndarray) else None
        if error is None:
            raise
        raise error from None


def _why_no_labels(y: np.ndarray) -> ValueError | None:
    n_columns = y.shape[1] if y.ndim == 2 else 1
    if y.dtype.kind == "f":
        fractions = y[y != np.floor(y)]
        if len(fractions):
            return _continuous_labels(float(fractions[0]), n_columns)
    if n_columns > 1:
        return _several_targets(n_columns, "one column of labels, or several of 0 and 1")
    return None


def _continuous_labels(example: float, n_columns: int = 1) -> ValueError:
    """The error for numbers where labels are expected."""
    return ValueError(
        f"Unknown label type: continuous{'-multioutput' if n_columns > 1 else ''}. y has numbers "
        f"with fractions such as {example:g}; expected labels. Use TransferMLPRegressor for "
        "numbers, or convert labels that were read as numbers (y.astype(int))."
    )


def _several_targets(n_columns: int, expected: str) -> ValueError:
    """The error for a `y` of several columns that are not of one kind."""
    return ValueError(
        f"y has {n_columns} columns of labels or of different kinds; expected {expected}. Several "
        "targets at once, each of its own kind, are for MultiTaskMLP: MultiTaskMLP().fit(X, y)."
    )


def check_are_labels(y: TargetLike | None, of: str = "y") -> None:
    """Refuse labels that are neither texts nor truth values nor numbers, or of two kinds.

    Parameters
    ----------
    y : array-like
    of : str, default='y'
        What has these labels, as the message calls it.

    Raises
    ------
    ValueError
    """
    values = np.asarray(y)
    if hasattr(y, "toarray") or not values.size or values.dtype.kind not in "MmcVO":
        return
    entries = [value for value in values.flat if not _is_missing(value)]
    # of bytes and of sequences scientific Python has its own word
    own = str | bytes | bool | int | float | np.generic | list | tuple | np.ndarray
    is_typed = values.dtype.kind != "O"
    bad = next((value for value in entries if is_typed or not isinstance(value, own)), None)
    if bad is not None:
        kind = type(bad).__name__.rstrip("_")
        raise ValueError(
            f"{of} has labels such as {str(bad)!r} of type {kind}; expected texts, truth values "
            "or numbers. Convert them, as y.astype(str) does, or give amounts to a regression."
        )
    texts = [value for value in entries if isinstance(value, str)]
    others = [value for value in entries if not isinstance(value, str)]
    if texts and others:
        raise ValueError(
            f"{of} has texts such as {texts[0]!r} and others such as {others[0]!r} among its "
            "labels; expected one kind. Convert them, as y.astype(str) does."
        )


def check_are_numbers(y: TargetLike | None) -> None:
    """Refuse targets of a regression that are text, datetimes or other things.

    Raises
    ------
    ValueError
    """
    if y is None or hasattr(y, "toarray"):
        return
    values = np.asarray(y)
    bad = None
    if values.dtype.kind in "MmUS" and values.size:
        bad = values.flat[0]
    elif values.dtype.kind == "O":
        bad = next((v for v in values.flat if not (_is_missing(v) or _is_number(v))), None)
    if bad is not None and values.ndim in (1, 2):
        raise _no_numbers(bad, values)


def cure_of_texts(column: np.ndarray, of: str) -> str | None:
    """How a column of texts becomes numbers; None where it does not.

    Parameters
    ----------
    column : ndarray of shape (n_samples,)
    of : str
        What a user's code calls it.
    """
    known = [value for value in column.tolist() if not _is_missing(value)]
    texts = [value for value in known if isinstance(value, str)]
    code = code_for_numbers(texts, of) if len(texts) == len(known) else None
    if code is not None:
        return (
            f"They are numbers that were read as text: give {code}, and leave the rows out in "
            "which that is missing."
        )
    if read_as_numbers(texts):
        return (
            "They are numbers that were read as text: convert each to its number, such as '1.5k' "
            "to 1500 and '(20)' to -20."
        )
    if read_as_datetimes(texts):
        return (
            f"They are dates that were read as text: convert them, pandas.to_datetime({of}), and "
            "count from one of them."
        )
    return None


def _no_numbers(value: Entry, y: np.ndarray) -> ValueError:
    """The error for a target of a regression that is no number."""
    n_columns = y.shape[1] if y.ndim == 2 else 1
    kind = type(value).__name__.rstrip("_")
    if "delta" in kind.lower():
        cure = "Give them in a unit, such as y / pandas.Timedelta('1D')."
    elif isinstance(value, str | bytes):
        columns = y.reshape(len(y), -1).T
        column = next(column for column in columns if value in column.tolist())
        cure = cure_of_texts(column, "y" if n_columns == 1 else "column") or (
            "Use TransferMLPClassifier for labels, or convert numbers that were read as text "
            "(pandas.to_numeric)."
        )
    elif kind == "Period":
        cure = "Convert them to datetimes, y.dt.to_timestamp(), and count from one of these."
    elif "date" in kind.lower() or kind == "Timestamp":
        cure = "Count from a date, such as (y - y.min()) / pandas.Timedelta('1D')."
    else:
        cure = "Convert them first."
    if n_columns > 1:
        cure += " Several targets at once, each of its own kind, are for MultiTaskMLP."
    return ValueError(
        f"y has entries such as {str(value)!r} of type {kind}; expected numbers, as this is a "
        f"regression. {cure}"
    )


def _is_number(value: Entry) -> bool:
    try:
        float(cast("float", value))
    except (TypeError, ValueError):
        return False
    return True
