"""Tables of mixed columns to numbers.

Numbers and booleans stay as they are, categories and text become indicators of their levels,
moments become days and waves.  Encoded columns are named after column and level, so that two
tables can be laid side by side by name, whatever the order of their columns and levels.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import narwhals as nw
import numpy as np
from scipy import sparse

from sktransfer._preprocessing._transformed import TransformedColumns
from sktransfer._records import (
    CategoricalColumn,
    Column,
    DatetimeColumn,
    NumericColumn,
    UnencodedColumn,
)
from sktransfer._warnings import listed

#: Levels of one column that get an indicator of their own; the rest share buckets.
MOST_LEVELS = 256
N_BUCKETS = 32


class FrameEncoder:
    """A fitted transformer from a mixed table to an array of numbers.

    Parameters
    ----------
    columns : sequence of Column
        In the order of the table.
    transformed : sequence of TransformedColumns
        What a source's fitted transformers make of some of them, behind the others.

    Attributes
    ----------
    feature_names_in_ : tuple of str
        Names of the table's columns.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        transformed: Sequence[TransformedColumns] = (),
    ) -> None:
        self.columns = tuple(columns)
        self.transformed = tuple(transformed)
        self.feature_names_in_ = tuple(column.name for column in self.columns)

    def transform(self, X: Any) -> np.ndarray:
        """The table in numbers, NaN where a number or moment is missing.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_encoded)
        """
        given = list(zip(self.columns, (series for _, series in _named(X)), strict=True))
        parts = [_ENCODE[type(column)](series, column) for column, series in given]
        if self.transformed:
            by_name = {column.name: series for column, series in given}
            parts += [made.transform(by_name, X.shape[0]) for made in self.transformed]
        return np.hstack(parts)

    def get_feature_names_out(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        return tuple(name for _, name in self.encoded_columns)

    @property
    def encoded_columns(self) -> tuple[tuple[Column, str], ...]:
        """Of each encoded column, the one that it is made of and its name.

        A level whose name another column has says which it is of: ``'town=york of town'``.
        """
        named = [(column, name) for column in self.columns for name in column.encoded_names]
        named += [one for made in self.transformed for one in made.encoded_columns]
        counts = Counter(name for _, name in named)
        return tuple(
            (
                column,
                f"{name} of {column.name}" if counts[name] > 1 and name != column.name else name,
            )
            for column, name in named
        )

    def knows(self, names: Sequence[str]) -> bool:
        """Whether it makes more than the numbers that they are of columns of these names."""
        if any(made.for_table(names) for made in self.transformed):
            return True
        return any(c.name in names for c in self.columns if isinstance(c, CategoricalColumn))

    def __repr__(self) -> str:
        kinds = Counter(type(column).__name__ for column in self.columns)
        return f"FrameEncoder({', '.join(f'{n} {kind}' for kind, n in sorted(kinds.items()))})"


def is_frame(X: Any) -> bool:
    """Whether `X` is a table with columns of their own types.

    Raises
    ------
    TypeError
        For a lazy table, whose rows are not there yet.
    ValueError
        For columns of the same name.
    """
    if not hasattr(X, "columns"):
        return False
    try:
        frame = nw.from_native(X, pass_through=True)
    except nw.exceptions.DuplicateError:
        counts = Counter(X.columns)
        repeated = listed(name for name, n in counts.items() if n > 1)
        raise ValueError(
            f"A table has several columns of the name {repeated}; expected names that differ, as "
            "columns are known by them. Rename them, or leave copies out: "
            "table.loc[:, ~table.columns.duplicated()]."
        ) from None
    if isinstance(frame, nw.LazyFrame):
        raise TypeError(
            f"X is a lazy table ({type(X).__name__}); expected one whose rows are there. Call "
            ".collect() on it."
        )
    return isinstance(frame, nw.DataFrame)


def is_mixed(X: Any) -> bool:
    """Whether a table has columns that are not plainly numbers."""
    schema = nw.from_native(X, eager_only=True).schema
    return not all(dtype.is_numeric() or dtype == nw.Boolean for dtype in schema.values())


def fit_frame(
    X: Any,
    categorical: Sequence[bool] | np.ndarray | None,
    known: FrameEncoder | None,
    takes_missing: bool = True,
    names: Sequence[str] | None = None,
) -> FrameEncoder:
    """How a table will be encoded.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_samples, n_features)
    categorical : sequence or ndarray of bool, or None
        Which columns are categories; None leaves that to their types.
    known : FrameEncoder or None
        A source's: its levels come first, so that levels the target has not seen yet are
        understood when they come.
    takes_missing : bool, default=True
        Whether the network takes missing numbers, so that a column of two levels may be one.
    names : sequence of str or None
        What the columns are called; None for their own names.

    Returns
    -------
    FrameEncoder
    """
    theirs = {column.name: column for column in known.columns} if known is not None else {}
    columns = list(_named(X))
    if names is not None:
        columns = [(name, series) for name, (_, series) in zip(names, columns, strict=True)]
    chosen = [None] * len(columns) if categorical is None else categorical
    transformed = [] if known is None else list(_transformed(known, columns))
    taken = {name for made in transformed for name in made.columns}
    return FrameEncoder(
        [
            UnencodedColumn(name)
            if name in taken and isinstance(theirs.get(name), UnencodedColumn)
            else _fit_column(series, name, forced, theirs.get(name), takes_missing)
            for (name, series), forced in zip(columns, chosen, strict=True)
        ],
        transformed,
    )


def _transformed(known: FrameEncoder, columns: Sequence[tuple[str, Any]]):
    """What a source's transformers make of a table's columns."""
    for made in known.transformed:
        numbers = {
            name
            for name, fill in zip(made.columns, made.fill, strict=True)
            if isinstance(fill, int | float | np.number)
        }
        usable = [
            name for name, series in columns if name not in numbers or not _is_categorical(series)
        ]
        there = made.for_table(usable)
        if there is not None:
            yield there


class _ArrayColumn:
    """A column of an array, as far as it is asked here like a column of a frame."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values
        self.dtype = nw.Object() if values.dtype == object else nw.Float64()

    def to_list(self) -> list:
        return self.values.tolist()

    def __len__(self) -> int:
        return len(self.values)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.values if dtype is None else self.values.astype(dtype)


def _named(X: Any):
    if sparse.issparse(X):
        X = X.toarray()
    if isinstance(X, np.ndarray):
        return ((f"x{i}", _ArrayColumn(column)) for i, column in enumerate(X.T))
    frame = nw.from_native(X, eager_only=True)
    return ((str(series.name), series) for series in frame.iter_columns())


def _fit_column(
    series, name: str, forced: bool | None, known: Column | None, takes_missing: bool
) -> Column:
    dtype = series.dtype
    if forced is None:
        forced = _is_categorical(series) or _has_levels_of(series, known)
    if forced:
        known = known if isinstance(known, CategoricalColumn) else None
        return _fit_levels(series, name, known, takes_missing)
    if dtype in (nw.Datetime, nw.Date):
        days = _days(series)
        has_time = bool((days % 1 > 0).any())
        if isinstance(known, DatetimeColumn):
            has_time = has_time or known.has_time
        return DatetimeColumn(name, has_time)
    if dtype.is_numeric() or dtype in (nw.Boolean, nw.Duration) or dtype == nw.Object:
        return NumericColumn(name)
    raise _column_of_type(name, series.to_native().dtype)


def _column_of_type(name: str, dtype: object) -> ValueError:
    """The error for a column of a type that nothing is made of."""
    column = f"X[{name!r}]"
    cures = {
        "period": f"Convert it to datetimes, {column}.dt.to_timestamp()",
        "sparse": f"Convert it, {column}.sparse.to_dense(), or a whole table, X.sparse.to_coo()",
        "complex": f"Take it apart, {column}.real and {column}.imag",
        "cat": f"Name it in categorical_features={[name]}, or leave that at 'from_dtype'",
        "interval": f"Convert it, {column}.astype('category') or {column}.array.mid",
    }
    cure = next((c for kind, c in cures.items() if str(dtype).lower().startswith(kind)), None)
    return ValueError(
        f"Column {name!r} is of type {dtype}; expected numbers, booleans, categories, text or "
        f"datetimes. {cure or 'Take it apart into columns of these'}, or leave it out."
    )


def _has_levels_of(series, known: Column | None) -> bool:
    """Whether numbers or truth values are what a source knows as levels of this column."""
    if not isinstance(known, CategoricalColumn) or not known.levels:
        return False
    if not (series.dtype.is_numeric() or series.dtype in (nw.Boolean, nw.Object)):
        return False
    levels = set(known.levels)
    if not any(_is_number(level) for level in levels) and series.dtype != nw.Boolean:
        return False
    distinct = {text for text in _texts(series) if text is not None}
    return bool(distinct) and len(distinct & levels) * 2 >= len(distinct)


def _is_categorical(series) -> bool:
    dtype = series.dtype
    if dtype in (nw.Categorical, nw.Enum, nw.String):
        return True
    if dtype != nw.Object:
        return False
    # an object column is text unless all its entries are numbers
    numbers = (int, float, np.number, Decimal)
    return not all(isinstance(value, numbers) or value is None for value in series.to_list())


def _texts(series) -> list[str | None]:
    values = series.to_list()
    if series.dtype not in (nw.String, nw.Categorical, nw.Enum):
        return _texts_of(values, series.dtype)
    distinct = list(set(values))  # of one type: what is equal has the same text
    texts = dict(zip(distinct, _texts_of(distinct, series.dtype), strict=True))
    return [texts[value] for value in values]


def _texts_of(values: list, dtype: Any) -> list[str | None]:
    # Python dates are of a type of their own only in a column of objects
    refused = (list, dict, set, tuple, np.ndarray) + ((date,) if dtype == nw.Object else ())
    bad = next((value for value in values if isinstance(value, refused)), None)
    if bad is not None:
        raise ValueError(
            f"X has {type(bad).__name__} entries such as {bad!r} in a column of objects; expected "
            "numbers, text or categories. Take collections apart into columns, and convert dates "
            "to a column of moments (pandas.to_datetime)."
        )
    return [level_text(value) for value in values]


def level_text(value: Any) -> str | None:
    """A level's text, the same for 1 and 1.0; None for a missing one."""
    if value is None or (isinstance(value, (float, np.floating)) and np.isnan(value)):
        return None
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _check_levels_are_numbers(series, column: CategoricalColumn) -> None:
    if not any(map(_is_number, column.levels)):
        raise ValueError(
            f"Column {column.name!r} held text or categories in fit, such as "
            f"{column.levels[0]!r}, and is of type {series.dtype} now; expected the same. Convert "
            "it as before fit."
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _fit_levels(
    series, name: str, known: CategoricalColumn | None, takes_missing: bool
) -> CategoricalColumn:
    counts = Counter(text for text in _texts(series) if text is not None)
    theirs = known.levels if known is not None else ()
    new = [level for level in counts if level not in set(theirs)]
    room = max(0, MOST_LEVELS - len(theirs))
    n_buckets = known.n_buckets if known is not None else 0
    if len(new) > room:
        new = [level for level, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
        new = [level for level in new if level not in set(theirs)][:room]
        n_buckets = N_BUCKETS
    levels = (*theirs, *sorted(new))
    drops_first = known.drops_first if known is not None else takes_missing and len(levels) == 2
    return CategoricalColumn(name, levels, n_buckets, drops_first)


def _encode_levels(series, column: CategoricalColumn) -> np.ndarray:
    position: dict[str | None, int] = {level: i for i, level in enumerate(column.levels)}
    n_own = len(column.levels)
    texts = _texts(series)
    if series.dtype.is_numeric() and column.levels and any(text is not None for text in texts):
        _check_levels_are_numbers(series, column)
    if column.n_buckets:
        for text in {text for text in texts if text is not None and text not in position}:
            position[text] = (
                n_own + zlib.crc32(text.encode("utf-8", "surrogatepass")) % column.n_buckets
            )
    at = np.fromiter((position.get(text, -1) for text in texts), np.intp, len(texts))
    out = np.zeros((len(at), n_own + column.n_buckets), np.float32)
    known = np.flatnonzero(at >= 0)
    out[known, at[known]] = 1.0
    if not column.drops_first:
        return out
    out[at < 0] = np.nan
    return out[:, 1:]


def _encode_number(series, column: NumericColumn) -> np.ndarray:
    if series.dtype == nw.Duration:
        values = series.dt.total_microseconds().to_list()
        return np.array([[np.nan if v is None else v / 1e6] for v in values], np.float64)
    if series.dtype == nw.Object or isinstance(series, _ArrayColumn):
        return np.array(series.to_list(), np.float64)[:, None]
    if not series.dtype.is_numeric() and series.dtype != nw.Boolean:
        raise ValueError(
            f"Column {column.name!r} held numbers in fit and is of type {series.dtype} now; "
            "expected numbers. Convert it as before fit."
        )
    values = series.cast(nw.Float64())
    if values.null_count():
        values = values.fill_null(float("nan"))
    return np.asarray(values.to_numpy(), np.float64)[:, None]


def _days(series) -> np.ndarray:
    """Days since 1970, NaN where missing."""
    if series.dtype == nw.Datetime and getattr(series.dtype, "time_zone", None) is not None:
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    native = series.cast(nw.Datetime("us")).to_numpy()
    stamps = np.asarray(native).astype("datetime64[us]")
    days = stamps.astype(np.int64) / 86_400e6
    return np.where(np.isnat(stamps), np.nan, days)


_PERIODS = {"year": 365.2425, "week": 7.0, "day": 1.0}


def _encode_moment(series, column: DatetimeColumn) -> np.ndarray:
    if series.dtype not in (nw.Datetime, nw.Date):
        raise ValueError(
            f"Column {column.name!r} held moments in fit and is of type {series.dtype} now; "
            "expected moments. Convert it as before fit."
        )
    days = _days(series)
    waves = [days]
    for period in list(_PERIODS.values())[: 3 if column.has_time else 2]:
        angle = 2 * np.pi * (days % period) / period
        waves += [np.sin(angle), np.cos(angle)]
    return np.column_stack(waves)


def _encode_nothing(series, column: UnencodedColumn) -> np.ndarray:
    return np.empty((len(series), 0))


_ENCODE: dict[type, Any] = {
    UnencodedColumn: _encode_nothing,
    NumericColumn: _encode_number,
    CategoricalColumn: _encode_levels,
    DatetimeColumn: _encode_moment,
}
