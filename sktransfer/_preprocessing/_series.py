"""Columns of frames and arrays, and what their entries are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import narwhals as nw
import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from sktransfer._typing import CheckedTable, Entry, is_sparse

if TYPE_CHECKING:
    import pandas as pd

#: Types of texts and of categories, which are texts with a list of their own.
TEXTS = (nw.String, nw.Categorical, nw.Enum, nw.Binary)
NUMBERS = (bool, int, float, np.integer, np.floating, np.bool_, Decimal, Fraction)
#: Objects that say when, or how long.
TIME_TYPES = (date, time, timedelta, np.datetime64, np.timedelta64)


class ArrayColumn:
    """A column of an array, with the part of a frame column's interface that is used here."""

    def __init__(self, values: np.ndarray, name: str = "") -> None:
        self.values, self.name = values, name
        self.dtype = nw.Object() if values.dtype == object else nw.Float64()
        self.is_single = values.dtype == np.float32

    def __len__(self) -> int:
        return len(self.values)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        return self.values if dtype is None else self.values.astype(dtype)

    def to_list(self) -> list:
        return self.values.tolist()


#: A column as narwhals gives it, or of an array.
Series: TypeAlias = nw.Series | ArrayColumn


def named_columns(X: CheckedTable) -> Iterator[tuple[str, Series]]:
    """The columns of a table with their names; those of an array are made up."""
    if is_sparse(X):
        X = X.toarray()
    if isinstance(X, np.ndarray):
        return ((f"x{i}", ArrayColumn(column, f"x{i}")) for i, column in enumerate(X.T))
    frame = nw.from_native(X, eager_only=True)
    return ((str(series.name), series) for series in frame.iter_columns())


def with_columns(frame: pd.DataFrame, columns: Mapping[str, ArrayLike]) -> pd.DataFrame:
    """A frame of pandas with other columns in the place of some.

    ``assign`` would refuse a column that is called ``self``.
    """
    made = frame.copy(deep=False)
    for name, values in columns.items():
        made[name] = values
    return made


def entries_of(series: nw.Series) -> np.ndarray:
    """The entries of a column of a frame as an array."""
    return np.array(series.to_list(), object) if is_dictionary(series) else series.to_numpy()


def in_pandas(series: nw.Series) -> pd.Series:
    """A column of a frame as a series of pandas, itself where it is one."""
    import pandas as pd

    native = series.to_native()
    if isinstance(native, pd.Series):
        return native
    return pd.Series(entries_of(series)) if is_dictionary(series) else series.to_pandas()


def is_dictionary(series: nw.Series) -> bool:
    """Whether a column is one of pyarrow's categories.

    As an array, or in pandas, narwhals gives what is missing in it as the last category.
    """
    return series.implementation.is_pyarrow() and series.dtype == nw.Categorical


def plain_numbers(series: Series) -> np.ndarray | None:
    """The numbers of a column that pandas keeps in numpy's types; None for any other.

    Most columns are such, and a row of a wide table would be read slowly in a more general way.
    """
    if isinstance(series, ArrayColumn):
        return None
    native = series.to_native()
    dtype = getattr(native, "dtype", None)
    if not isinstance(dtype, np.dtype) or dtype.kind not in "fiub":
        return None
    return np.array(native, np.float64)


def is_missing(value: Entry) -> bool:
    """Whether an entry is None, NaN, NaT or pandas' NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, Decimal):
        return value.is_nan()  # also of one that signals
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def has_no_entry(series: Series) -> bool:
    """Whether all entries of a column are missing, whatever its type says."""
    if isinstance(series, ArrayColumn):
        return all(map(is_missing, series.to_list()))
    if series.null_count() == len(series):
        return True
    if series.dtype.is_float():
        return bool(series.drop_nulls().is_nan().all())
    return series.dtype == nw.Object and all(map(is_missing, series.to_list()))


def kind_of_objects(series: Series) -> str:
    """What the entries of a column of objects are; ``'text'`` where they are of no other kind.

    Returns
    -------
    {'number', 'datetime', 'second', 'text'}
    """
    entries = [value for value in series.to_list() if not is_missing(value)]
    kinds: dict[str, tuple[type, ...]] = {
        "number": NUMBERS,
        "datetime": (date, np.datetime64),
        "second": (timedelta, time, np.timedelta64),
    }
    for kind, types in kinds.items():
        if all(isinstance(value, types) for value in entries):
            return kind
    return "text"


def type_of(series: Series) -> str:
    """A column's type as its own library calls it."""
    if isinstance(series, ArrayColumn):
        return str(series.dtype)
    native = series.to_native()
    return str(native.dtype if hasattr(native, "dtype") else native.type)  # of pyarrow


def cure_of_type(name: str, dtype: str) -> str | None:
    """What to make of a column of a type that is not read, where that is known."""
    column = f"X[{name!r}]"
    cures = {
        "complex": f"Take it apart, {column}.real and {column}.imag",
        "pandas.period": f"Convert it in pandas, {column}.dt.to_timestamp()",
        "pandas.interval": f"Convert it in pandas, {column}.astype(str)",
        "interval": f"Convert it, {column}.astype('category') or {column}.array.mid",
    }
    return next((cure for kind, cure in cures.items() if kind in dtype.lower()), None)


def declares_levels(series: Series) -> bool:
    """Whether the type of a column says that its entries are levels.

    A categorical column of dates or durations is one of these.
    """
    if isinstance(series, ArrayColumn) or series.dtype not in (nw.Categorical, nw.Enum):
        return False
    native = series.to_native()
    if hasattr(native, "type"):  # of pyarrow
        kind = str(getattr(native.type, "value_type", ""))
        return not kind.startswith(("timestamp", "date", "duration", "time"))
    categories = getattr(getattr(native, "dtype", None), "categories", None)
    return getattr(getattr(categories, "dtype", None), "kind", "O") not in "mM"


def texts_of(series: Series, with_dates: bool = False) -> list[str | None]:
    """The entries of a column as texts, None for missing ones.

    Parameters
    ----------
    series : Series
    with_dates : bool, default=False
        Whether dates among other objects have a text too.

    Raises
    ------
    ValueError
        If there are collections, or dates without `with_dates`.
    """
    values = series.to_list()
    refused: tuple[type, ...] = (list, dict, set, tuple, np.ndarray, complex)
    if series.dtype == nw.Object and not with_dates:
        # of dates alone a column is one of datetimes
        refused = (*refused, date)
    _refuse(values, refused, series.name)
    if series.dtype in TEXTS:  # of one type: what is equal has the same text
        texts = {value: level_text(value) for value in set(values)}
        return [texts[value] for value in values]
    if getattr(series, "is_single", False) or series.dtype == nw.Float32:
        # the digits that single precision has
        values = [np.float32(v) if isinstance(v, float) and not np.isnan(v) else v for v in values]
    return [level_text(value) for value in values]


def _refuse(values: list[Entry], refused: tuple[type, ...], name: str) -> None:
    # NaT is a date by its type
    bad = next((v for v in values if isinstance(v, refused) and not is_missing(v)), None)
    if bad is not None:
        cure = (
            "Take collections apart into columns, and convert dates to a column of datetimes "
            "(pandas.to_datetime)."
        )
        if getattr(bad, "keys", set)() == {"left", "right"}:
            cure = f"Convert intervals of pandas to text there, X[{name!r}].astype(str)."
        raise ValueError(
            f"Column {name!r} has {type(bad).__name__} entries such as {bad!r}; expected numbers, "
            f"text or categories. {cure}"
        )


def level_text(value: Entry) -> str | None:
    """A level's text, the same for 1 and 1.0; None for a missing one."""
    if is_missing(value):
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
