"""The entries of a column in numbers, as far as their meaning is certain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeVar

import narwhals as nw
import numpy as np

from sktransfer._preprocessing._cleaned_texts import is_nothing
from sktransfer._preprocessing._clock_texts import (
    DURATIONS,
    HOURS,
    HOURS_OR_MINUTES,
    MINUTES,
    TIMES,
    has_three_parts,
    has_two_parts,
    read_seconds,
    units_of,
)
from sktransfer._preprocessing._datetime_texts import (
    ISO,
    find_datetime_format,
    first_part,
    other_order,
    read_datetimes,
    zone_of_offsets,
    zone_of_texts,
)
from sktransfer._preprocessing._number_texts import find_number_format, read_numbers
from sktransfer._preprocessing._series import (
    TEXTS,
    ArrayColumn,
    Series,
    cure_of_type,
    has_no_entry,
    is_missing,
    kind_of_objects,
    level_text,
    named_columns,
    plain_numbers,
    texts_of,
    type_of,
)
from sktransfer._records import (
    Column,
    DatetimeColumn,
    NumberFormat,
    NumericColumn,
)
from sktransfer._typing import CheckedTable, Entry
from sktransfer._warnings import listed, warn
from sktransfer.exceptions import ColumnWarning

_Held = TypeVar("_Held", bound=Series | np.ndarray)
#: Entries from which on it is no accident that none of them is known.
_FEWEST_UNKNOWN = 5
#: What truth values are as texts.
_TRUTHS = {"true": 1.0, "false": 0.0}


def frame_in_numbers(X: CheckedTable) -> np.ndarray:
    """The columns of a frame as numbers, whatever their types, as far as these mean numbers.

    Returns
    -------
    ndarray of shape (n_samples, n_features)
    """
    columns = [numbers_of(series, NumericColumn(name)) for name, series in named_columns(X)]
    return np.column_stack(columns)


def array_in_numbers(X: np.ndarray) -> np.ndarray:
    """An array of datetimes as days since 1970, one of durations as seconds, NaN where missing.

    In one of objects, what stands for a missing entry is NaN.
    """
    if X.dtype == object:
        missing = np.frompyfunc(is_missing, 1, 1)(X).astype(bool)
        return np.where(missing, np.nan, X) if missing.any() else X
    if X.dtype.kind == "M":
        return as_days(X.astype("datetime64[us]"))
    if X.dtype.kind == "m":
        return np.where(np.isnat(X), np.nan, X.astype("timedelta64[us]").astype(np.int64) / 1e6)
    return X


def numbers_of(series: Series, column: NumericColumn) -> np.ndarray:
    """The numbers of a column, whatever its type, as far as their meaning is certain.

    Raises
    ------
    ValueError
        If it is not.
    """
    plain = plain_numbers(series)
    if plain is not None:
        return plain
    dtype = series.dtype
    if isinstance(series, ArrayColumn) and dtype != nw.Object:
        return np.asarray(series.values, np.float64)
    if not isinstance(series, ArrayColumn) and (dtype.is_numeric() or dtype == nw.Boolean):
        floats = series.cast(nw.Float64())
        if floats.null_count():
            floats = floats.fill_null(float("nan"))
        return np.asarray(floats.to_numpy(), np.float64)
    if has_no_entry(series):
        return np.full(len(series), np.nan)
    if dtype == nw.Object and kind_of_objects(series) == "number":
        return np.array([np.nan if is_missing(v) else float(v) for v in series.to_list()])
    if not isinstance(series, ArrayColumn) and dtype not in (*TEXTS, nw.Object):
        if not column.is_empty:
            raise _other_type(series, column.name, "numbers")
        _warn_of_empty(column, str(series.drop_nulls().to_list()[0]))
        return np.full(len(series), np.nan)
    texts = texts_of(series, with_dates=True)
    truths = [_TRUTHS.get(text.strip().casefold()) for text in texts if text is not None]
    if column.text is None and None not in truths:
        return np.array([_TRUTHS[t.strip().casefold()] if t else np.nan for t in texts])
    values = read_numbers(texts, column.text or NumberFormat())
    unread = _unread(texts, values)
    if column.is_empty and unread:
        _warn_of_empty(column, unread[0])
    elif column.text is None and unread:
        raise _other_type(series, column.name, "numbers", unread[0])
    elif unread:
        _warn_of_unread(series, column, "a number", unread)
    return values


def in_plain_numbers(column: _Held, name: str) -> _Held | np.ndarray:
    """A column of numbers as floats of numpy, where it holds them as objects, texts or otherwise.

    Parameters
    ----------
    column : narwhals series or array
    name : str

    Returns
    -------
    ndarray of shape (n_samples,)
        `column` itself where it is of plain numbers, or not of numbers.
    """
    series: Series = ArrayColumn(column, name) if isinstance(column, np.ndarray) else column
    held = series.values if isinstance(series, ArrayColumn) else series.to_native()
    dtype = getattr(held, "dtype", None)  # columns of pyarrow have none
    if isinstance(dtype, np.dtype) and dtype.kind in "fiub":
        return column
    is_typed = series.dtype.is_numeric() or series.dtype == nw.Boolean
    if (has_no_entry(series) and not is_typed) or _holds_dates(series):
        return column
    texts = series.dtype in TEXTS or series.dtype == nw.Object
    present = [text for text in texts_of(series) if text is not None] if texts else []
    how = find_number_format(present, True)
    try:
        return numbers_of(series, NumericColumn(name, text=how))
    except ValueError:
        return column


def _holds_dates(series: Series) -> bool:
    return series.dtype == nw.Object and kind_of_objects(series) == "datetime"


def in_floats(column: _Held, name: str) -> _Held | np.ndarray:
    """:func:`in_plain_numbers`, also of a column without entries, whose type may be any."""
    made = in_plain_numbers(column, name)
    if isinstance(made, np.ndarray) or not has_no_entry(made):
        return made
    return np.full(len(made), np.nan)


def in_plain_types(column: _Held) -> _Held | np.ndarray:
    """A column of bytes as texts, and truth values of pandas' own types as numpy's.

    So estimators have them as categories, or among numbers.  A missing text is NaN: no encoder of
    scikit-learn's can be fitted to pandas' NA.

    Parameters
    ----------
    column : narwhals series or array

    Returns
    -------
    ndarray of shape (n_samples,)
        `column` itself where it is of anything else.
    """
    series: Series = ArrayColumn(column) if isinstance(column, np.ndarray) else column
    if series.dtype == nw.Boolean and isinstance(column, nw.Series):
        is_plain = getattr(column.to_native(), "dtype", None) == np.bool_
        return column if is_plain or column.is_null().any() else column.to_numpy().astype(bool)
    if series.dtype == nw.String and isinstance(column, nw.Series):
        absent = getattr(getattr(column.to_native(), "dtype", None), "na_value", np.nan)
        if absent is not np.nan and column.is_null().any():
            return np.array([np.nan if is_missing(v) else v for v in column.to_list()], object)
    if series.dtype not in (nw.Object, nw.Binary):
        return column
    values = series.to_list()
    if not isinstance(next((v for v in values if not is_missing(v)), None), bytes):
        return column
    return np.array([level_text(value) for value in values], dtype=object)


def seconds_of(series: Series, column: NumericColumn) -> np.ndarray:
    """The durations or times of a column as seconds.

    Raises
    ------
    ValueError
        If it holds other things.
    """
    dtype = series.dtype
    if are_durations(series):
        check_durations(column, f"is of type {type_of(series)} now")
    if not isinstance(series, ArrayColumn) and dtype == nw.Duration:
        us = series.dt.total_microseconds().to_list()
        return np.array([np.nan if v is None else v / 1e6 for v in us], np.float64)
    if not isinstance(series, ArrayColumn) and has_no_entry(series):
        return np.full(len(series), np.nan)
    if dtype == nw.Time or (dtype == nw.Object and kind_of_objects(series) == "second"):
        return np.array([_seconds(value) for value in series.to_list()])
    if dtype not in (*TEXTS, nw.Object):
        raise _other_type(series, column.name, "durations or times")
    texts = texts_of(series)
    values = read_seconds(texts, column.text.suffix if column.text is not None else "")
    unread = _unread(texts, values)
    if unread and np.isnan(values).all():
        raise _other_type(series, column.name, "durations or times", unread[0])
    _check_parts(series, column, [text for text in texts if text is not None])
    _warn_of_unread(series, column, "a time", unread)
    return values


def _check_parts(series: Series, column: NumericColumn, texts: list[str]) -> None:
    """Refuse texts such as ``'75:30'``, or say how they are read, where those of fit do not."""
    units = column.text.suffix if column.text is not None else ""
    two = next((text for text in texts if has_two_parts(text)), None)
    if two is not None and column.text is None:  # in fit they were no texts
        if units_of(texts) == HOURS_OR_MINUTES:
            raise _other_type(series, column.name, "durations or times", two)
        if not column.is_clock:
            _warn_of_parts(column, "durations", two, HOURS)
    elif two is not None and units in (DURATIONS, TIMES):
        read = HOURS if units == TIMES else "minutes and seconds"
        # of a day are both: such texts in one column have hours and minutes, too
        if units == DURATIONS or units_of(texts) in (HOURS_OR_MINUTES, MINUTES):
            _warn_of_parts(column, "texts such as '1:04:35'", two, read)
    elif units in (HOURS, HOURS_OR_MINUTES):
        three = next((text for text in texts if has_three_parts(text)), None)
        if three is not None and (units, units_of(texts)) != (HOURS, TIMES):
            check_durations(column, f"has texts such as {three!r} now")


def _warn_of_parts(column: NumericColumn, had: str, now: str, read: str) -> None:
    other = "minutes and seconds" if read == HOURS else HOURS
    warn(
        f"Column {column.name!r} held {had} in fit, and has texts such as {now!r} now, which are "
        f"read as {read}. If they are {other}, what is predicted is wrong: write them with all "
        "three numbers, as in '0:04:35'.",
        ColumnWarning,
    )


def are_durations(series: Series) -> bool:
    """Whether a column is one of lengths of time, and not of times of the day."""
    if series.dtype == nw.Duration:
        return True
    if series.dtype != nw.Object or kind_of_objects(series) != "second":
        return False
    return any(isinstance(v, timedelta | np.timedelta64) for v in series.to_list())


def check_durations(column: NumericColumn, now: str, of: str = "fit") -> None:
    """Refuse durations for texts such as ``'75:30'``, and warn of them for such as ``'12:30'``.

    Parameters
    ----------
    column : NumericColumn
        How the texts were read.
    now : str
        What a message says of the durations.
    of : str
        Where the texts stood.

    Raises
    ------
    ValueError
    """
    units = column.text.suffix if column.text is not None else ""
    if units == HOURS_OR_MINUTES:
        raise ValueError(
            f"Column {column.name!r} held texts such as '75:30' in {of}, which may be {units}, "
            f"and {now}; expected the same. Convert both to durations, such as with "
            f"pandas.to_timedelta('00:' + X[{column.name!r}]) for minutes and seconds."
        )
    if units == HOURS:
        warn(
            f"Column {column.name!r} held texts such as '12:30' in {of}, which were read as "
            f"{units}, and {now}. If they were minutes and seconds, what is predicted is wrong: "
            f"convert both to durations, such as with pandas.to_timedelta('00:' + "
            f"X[{column.name!r}]); for hours and minutes, with pandas.to_timedelta("
            f"X[{column.name!r}] + ':00').",
            ColumnWarning,
        )


def _unread(texts: list[str | None], values: np.ndarray) -> list[str]:
    """Texts that say something and are not read."""
    missing = np.isnan(values)
    return [
        t for t, m in zip(texts, missing, strict=True) if t is not None and m and not is_nothing(t)
    ]


def _seconds(value: time | timedelta | np.timedelta64 | None) -> float:
    if value is None or is_missing(value):
        return np.nan
    if isinstance(value, time):
        return 3600 * value.hour + 60 * value.minute + value.second + value.microsecond / 1e6
    if isinstance(value, timedelta):
        return value.total_seconds()
    return float(value / np.timedelta64(1, "us")) / 1e6


def days_of(series: Series, column: DatetimeColumn) -> np.ndarray:
    """The datetimes of a column as days since 1970.

    Raises
    ------
    ValueError
        If it holds other things, or the hours of another time zone.
    """
    dtype = series.dtype
    if dtype in (nw.Datetime, nw.Date):
        _check_zone(zone_of(series), column)
        return days_since_1970(series)
    if has_no_entry(series):
        return np.full(len(series), np.nan)
    if dtype == nw.Object and kind_of_objects(series) == "datetime":
        _check_zone(zone_of(series), column)
        return days_since_1970(series)
    if dtype not in (*TEXTS, nw.Object):
        raise _other_type(series, column.name, "datetimes")
    texts = texts_of(series, with_dates=True)
    days = as_days(read_datetimes(texts, column.text or ISO))
    for form in _certain_forms(column.text, texts, days):
        days = np.where(np.isnan(days), as_days(read_datetimes(texts, form)), days)
    _check_zone(zone_of_texts(texts), column)
    unread = _unread(texts, days)
    turned = other_order(column.text)
    if unread and turned and not np.isnat(read_datetimes(unread, turned)).any():
        _warn_of_order(column, unread[0])
        return days
    if unread and np.isnan(days).all():
        raise _other_type(series, column.name, "datetimes", unread[0])
    _warn_of_unread(series, column, "a datetime", unread)
    return days


def _certain_forms(had: str | None, texts: list[str | None], days: np.ndarray) -> Iterator[str]:
    """Forms of datetimes that mean one thing whatever fit had, for texts that are not read yet."""
    if had not in (None, ISO):
        yield ISO
    unread = _unread(texts, days)
    found = find_datetime_format(unread) if unread and np.isnan(days).all() else None
    if found is not None and other_order(found) is None:
        yield found


def _warn_of_order(column: DatetimeColumn, example: str) -> None:
    had, now = first_part(column.text or "")
    warn(
        f"Column {column.name!r} was read with the {had} first in fit, and has texts such as "
        f"{example!r} now, which have the {now} first: they count as missing, and those of fit "
        "may have been read wrongly. Convert the column before fit and predict, with "
        f"pandas.to_datetime(X[{column.name!r}], dayfirst={now == 'day'}).",
        ColumnWarning,
    )


def days_since_1970(series: Series) -> np.ndarray:
    """Days since 1970, those of time zones in UTC, NaN where missing."""
    if isinstance(series, ArrayColumn) or series.dtype == nw.Object:
        return as_days(np.array([_naive(v) for v in series.to_list()], "datetime64[us]"))
    if zone_of(series) != "none":
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    native = series.cast(nw.Datetime("us")).to_numpy()
    return as_days(np.asarray(native).astype("datetime64[us]"))


def as_days(stamps: np.ndarray) -> np.ndarray:
    """Datetimes as days since 1970, NaN where missing."""
    days = stamps.astype(np.int64) / 86_400e6
    return np.where(np.isnat(stamps), np.nan, days)


def _naive(value: Entry) -> Entry:
    if is_missing(value):
        return None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return (value - value.utcoffset()).replace(tzinfo=None)  # type: ignore[operator]
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day) if isinstance(value, date) else value


def zone_of(series: Series) -> Literal["none", "UTC", "other"]:
    """Which time zone a column of datetimes has."""
    if isinstance(series, ArrayColumn) or series.dtype == nw.Object:
        stamps = [one for one in series.to_list() if isinstance(one, datetime)]
        return zone_of_offsets({one.utcoffset() for one in stamps if not is_missing(one)})
    zone = getattr(series.dtype, "time_zone", None)
    if zone is None:
        return "none"
    return "UTC" if str(zone).lower() in ("utc", "etc/utc", "+00:00") else "other"


def differ_in_zone(one: str, other: str) -> bool:
    """Whether datetimes of two time zones, see :attr:`DatetimeColumn.zone`, may differ in hours.

    Those in UTC count as they are, as those without a zone do.
    """
    return {one, other} == {"none", "other"}


def _check_zone(zone: str, column: DatetimeColumn) -> None:
    """Refuse datetimes with a time zone where there was none, or none where there was one."""
    if not differ_in_zone(column.zone, zone):
        return
    had, has = ("none", "one") if column.zone == "none" else ("one", "none")
    raise ValueError(
        f"Column {column.name!r} held datetimes with {had} for a time zone in fit, and has "
        f"{has} now; expected the same, as the hours would not mean the same. Convert it with "
        "tz_convert and tz_localize to that of fit."
    )


def _other_type(
    series: Series, name: str, expected: str, example: str | None = None
) -> ValueError:
    """The error for a column whose type has changed since fit."""
    now, cure = f"is of type {type_of(series)} now", cure_of_type(name, type_of(series))
    if example is not None:
        now = f"has texts such as {example!r} now"
    return ValueError(
        f"Column {name!r} held {expected} in fit, and {now}; expected {expected}. "
        f"{cure or 'Convert it as before fit'}."
    )


def _warn_of_empty(column: Column, example: str) -> None:
    warn(
        f"Column {column.name!r} had no entry in fit, so that its entries now, such as "
        f"{example!r}, cannot be used: they count as missing. Fit on rows that have some.",
        ColumnWarning,
    )


def _warn_of_unread(series: Series, column: Column, what: str, unread: list[str]) -> None:
    """Warn where most texts of a column are not read, of which in fit (nearly) all were."""
    n = sum(not is_missing(value) for value in series.to_list())
    if 2 * len(unread) > n:
        warn_of_unknown(series, column, f"{what} as they were written in fit", unread, len(unread))


def warn_of_unknown(
    series: Series, column: Column, known: str, unknown: list[str], n_unknown: int | None = None
) -> None:
    """Warn of entries that say nothing: of all, or of `n_unknown` in a column."""
    n = sum(not is_missing(value) for value in series.to_list())
    if n >= _FEWEST_UNKNOWN:
        which = "None" if n_unknown in (None, n) else f"No more than {n - (n_unknown or 0)}"
        warn(
            f"{which} of the {n} entries of column {column.name!r} is {known}; entries such as "
            f"{listed(list(dict.fromkeys(unknown))[:2])} count as missing. Convert the column "
            "as before fit.",
            ColumnWarning,
        )
