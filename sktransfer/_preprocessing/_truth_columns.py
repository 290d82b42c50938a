"""Columns of zeros and ones, or truth values, whose later entries may be words: ``'yes'``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, cast

import narwhals as nw
import numpy as np
from numpy.typing import DTypeLike

from sktransfer._preprocessing._series import (
    TEXTS,
    ArrayColumn,
    Series,
    has_no_entry,
    is_missing,
    kind_of_objects,
    named_columns,
    texts_of,
    with_columns,
)
from sktransfer._preprocessing._words import TRUTHS
from sktransfer._typing import CheckedTable, Frame, TableLike, is_pandas, is_sparse

if TYPE_CHECKING:
    import pandas as pd
    from pandas.api.extensions import ExtensionDtype

#: Rows that show of most columns that they hold other numbers too.
_FIRST_ROWS = 256


def truth_columns(X: CheckedTable) -> tuple[int, ...]:
    """Positions of a table's columns that hold zeros and ones, or truth values, alone.

    Parameters
    ----------
    X : ndarray, sparse matrix or DataFrame of shape (n_samples, n_features)
    """
    if is_sparse(X):
        return ()
    if isinstance(X, np.ndarray) and X.dtype != object:
        at = np.arange(X.shape[1])
        for rows in (X[:_FIRST_ROWS], X):
            at = at[_are_truths(rows[:, at])]
        return tuple(at.tolist())
    every = enumerate(series for _, series in named_columns(X))
    return tuple(i for i, series in every if _holds_truths(series))


def with_known_types(X: TableLike) -> TableLike:
    """A table in types that every library takes, if it is a frame of pandas or sparse.

    A sparse matrix of another format than scikit-learn's becomes one of rows, of which some can
    be taken.  Sparse columns of a frame become dense, periods their first moments, numbers in
    another byte order (as FITS and netCDF files have them) or in half precision the usual ones.

    Parameters
    ----------
    X : the user's

    Returns
    -------
    the user's
        `X` itself where it has no such column.
    """
    if is_sparse(X):
        return X if X.format in ("csr", "csc") else X.tocsr()
    if not hasattr(X, "iloc") or getattr(X, "ndim", 1) != 2:
        return X
    frame = cast("pd.DataFrame", X)
    rare = {at: read for at, dtype in enumerate(frame.dtypes) if (read := _of_rare_type(dtype))}
    objects = [at for at, dtype in enumerate(frame.dtypes) if dtype.kind == "O"]
    rare |= {at: _first_moments for at in objects if _has_periods(frame.iloc[:, at])}
    if not rare or not frame.columns.is_unique:
        return X
    made = {frame.columns[at]: read(frame.iloc[:, at]) for at, read in rare.items()}
    return cast("TableLike", with_columns(frame, made))


def _of_rare_type(dtype: ExtensionDtype | np.dtype) -> Callable[[pd.Series], pd.Series] | None:
    """How a column of a rare type is read; None for one of a usual type."""
    if isinstance(dtype, np.dtype):
        usual = np.dtype(np.float64) if dtype == np.float16 else dtype.newbyteorder("=")
        return None if dtype == usual else lambda column: column.astype(usual)
    kind = type(dtype).__name__
    if kind == "SparseDtype":
        return lambda column: column.sparse.to_dense()
    return (lambda column: column.dt.to_timestamp()) if kind == "PeriodDtype" else None


def _has_periods(column: pd.Series) -> bool:
    first = next((entry for entry in column.array if not is_missing(entry)), None)
    return type(first).__name__ == "Period"


def _first_moments(column: pd.Series) -> pd.Series:
    return column.map(lambda one: one.to_timestamp() if hasattr(one, "to_timestamp") else one)


def with_truths_read(X: TableLike, at: Collection[int]) -> TableLike:
    """A table of known types with words for truth values as zeros and ones in some columns.

    Parameters
    ----------
    X : the user's
    at : collection of int
        Columns that held zeros and ones alone in fit; one with other entries stays as it is.

    Returns
    -------
    the user's
        `X` itself where nothing is to be read.
    """
    X = with_known_types(X)
    if not at:
        return X
    if isinstance(X, np.ndarray):
        return _array_read(X, at) if X.ndim == 2 and X.dtype.kind in "OUS" else X
    if not hasattr(X, "columns"):
        return X
    frame = cast("Frame", X)
    if is_pandas(frame) and _are_plain(frame.dtypes):
        return frame
    table = cast("nw.DataFrame[Frame] | Frame", nw.from_native(frame, pass_through=True))
    if not isinstance(table, nw.DataFrame):  # such as a lazy one, which is refused later
        return frame
    words = [dtype in TEXTS or dtype == nw.Object for dtype in table.schema.values()]
    names = [name for i, name in enumerate(table.columns) if i in at and words[i]]
    found = {name: _words_read(table.get_column(name)) for name in names}
    read = {name: values for name, values in found.items() if values is not None}
    if is_pandas(frame):  # of which columns are lined up by their index
        return with_columns(frame, read) if read else frame
    backend = table.implementation
    columns = [nw.new_series(name, one, backend=backend) for name, one in read.items()]
    return table.with_columns(*columns).to_native()


def _are_plain(dtypes: Iterable[DTypeLike]) -> bool:
    """Whether columns of pandas are of numbers alone, which is seen sooner than by narwhals."""
    return all(isinstance(dtype, np.dtype) and dtype.kind in "fiub" for dtype in dtypes)


def _array_read(X: np.ndarray, at: Collection[int]) -> np.ndarray:
    made = None
    for i in at:
        if i >= X.shape[1]:
            continue
        values = _words_read(ArrayColumn(X[:, i].astype(object)))
        if values is not None:
            made = X.astype(object) if made is None else made
            made[:, i] = values
    return X if made is None else made


def _are_truths(values: np.ndarray) -> np.ndarray:
    """Which columns have no other entries than zeros and ones, and some."""
    missing = np.isnan(values)
    is_truth: np.ndarray = ((values == 0) | (values == 1) | missing).all(axis=0)
    return is_truth & ~missing.all(axis=0)


def _holds_truths(series: Series) -> bool:
    dtype = series.dtype
    if dtype == nw.Boolean:
        return not has_no_entry(series)
    if dtype in TEXTS:
        return _are_digits(series)
    if not (dtype.is_numeric() or dtype == nw.Object):
        return False
    if dtype == nw.Object:
        if has_no_entry(series) or kind_of_objects(series) != "number":
            return False
        return _are_digits(series, ("True", "False"))
    values = series.values if isinstance(series, ArrayColumn) else series.to_numpy()
    values = np.asarray(values, np.float64)[:, None]
    return bool(_are_truths(values[:_FIRST_ROWS])[0] and _are_truths(values)[0])


def _are_digits(series: Series, others: Collection[str] = ()) -> bool:
    texts = {text.strip() for text in texts_of(series) if text is not None} - {""}
    return bool(texts) and texts <= {"0", "1", "0.0", "1.0", *others}


def _words_read(series: Series) -> np.ndarray | None:
    """Words for truth values as zeros and ones, NaN where missing; None for other entries.

    Truth values among objects are no words: a source has them as it had them in fit.
    """
    if series.dtype == nw.Object and not any(isinstance(v, str | bytes) for v in series.to_list()):
        return None
    try:
        texts = texts_of(series)
    except ValueError:  # collections, which are refused later
        return None
    words = {text: TRUTHS.get(" ".join(text.split()).casefold()) for text in texts if text}
    if not words or None in words.values():
        return None
    return np.array([np.nan if not text else float(words[text] or 0) for text in texts])
