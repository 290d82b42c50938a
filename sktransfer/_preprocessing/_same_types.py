"""Columns of several tables in the same types, so that the tables can be concatenated."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from types import ModuleType

import narwhals as nw
import numpy as np

from sktransfer._preprocessing._clock_texts import (
    DURATIONS,
    HOURS,
    HOURS_OR_MINUTES,
    MINUTES,
    TIMES,
)
from sktransfer._preprocessing._column_values import (
    are_durations,
    check_durations,
    days_of,
    numbers_of,
    seconds_of,
)
from sktransfer._preprocessing._columns import fit_column
from sktransfer._preprocessing._frames import FrameEncoder
from sktransfer._preprocessing._levels import is_number
from sktransfer._preprocessing._series import TEXTS, Series, has_no_entry, texts_of
from sktransfer._preprocessing._spelling import same_levels
from sktransfer._preprocessing._words import truth_of
from sktransfer._records import (
    CategoricalColumn,
    Column,
    DatetimeColumn,
    NumericColumn,
    Transformer,
)
from sktransfer._typing import Frame
from sktransfer._warnings import listed, warn
from sktransfer.exceptions import TransferWarning

_WORDS = {
    "number": "numbers",
    "second": "durations or times",
    "datetime": "datetimes",
    "text": "categories or text",
}
#: Texts of a column from which on it is worth saying that no level is in another table.
_FEWEST_TEXTS = 8


def in_same_types(
    frames: Sequence[Frame],
    categorical: Sequence[bool] | np.ndarray | None,
    parse_text: bool,
    of: Sequence[str],
) -> tuple[list[Frame], list[Column]]:
    """Frames with the columns of the first, each in one type for all of them.

    Parameters
    ----------
    frames : sequence of DataFrame
        Columns of the first that another lacks are missing there.
    categorical : sequence of bool, or None
        Which columns of the first are categories; None leaves that to their types.
    parse_text : bool
        Whether numbers and datetimes that were read as text are read as what they are.
    of : sequence of str
        What messages call the frames.

    Returns
    -------
    frames : list of DataFrame
        All of the first one's library.
    columns : list of Column
        How the columns of the first are read.

    Raises
    ------
    ValueError
        If a column means something else in one of them.
    """
    tables = [nw.from_native(frame, eager_only=True) for frame in frames]
    first = tables[0]
    library = first.implementation.to_native_namespace()
    chosen = [None] * len(first.columns) if categorical is None else list(categorical)
    made: list[dict[str, nw.Series]] = [{} for _ in tables]
    columns = []
    given = [_by_name(table, first.columns) for table in tables]
    for name, forced in zip(first.columns, chosen, strict=True):
        series = [of_table.get(name) for of_table in given]
        column = _column_of(series, str(name), forced, parse_text)
        columns.append(column)
        kind = _kind(column)
        is_truth = kind == "number" and _is_truth(series[0])
        every = [
            _values(one, column, kind, len(table), parse_text, called, is_truth)
            for one, table, called in zip(series, tables, of, strict=True)
        ]
        every = _in_one_spelling(every, name, of) if kind == "text" else every
        for one, values in zip(made, every, strict=True):
            one[name] = _series(name, values, kind, library)
    return [nw.from_dict(one).to_native() for one in made], columns


def in_own_types(
    first: Frame, second: Frame, made: Frame, columns: Sequence[Column] | None, parse_text: bool
) -> Frame:
    """The rows of two frames, each column as both have it where they have it in one type.

    Parameters
    ----------
    first, second : DataFrame
    made : DataFrame
        The rows of both in types that go together, as of :func:`in_same_types`; its columns stand
        for those that differ in type.
    columns : sequence of Column or None
        How those of `made` are read: categories stay as they are there, whose levels are in one
        spelling, and so do texts that are not read like this in both.  None for any reading.
    parse_text : bool
        Whether numbers and datetimes that were read as text are read as what they are.

    Raises
    ------
    TypeError
        If what is read from texts in one is of another type in the other.
    """
    upper, lower, every = (nw.from_native(one, eager_only=True) for one in (first, second, made))
    kept = []
    above, below = _by_name(upper, every.columns), _by_name(lower, every.columns)
    for i, name in enumerate(every.columns):
        if name not in above or name not in below:
            continue
        both = _below(above[name], below[name])
        if both is None and columns is not None and getattr(columns[i], "text", None) is not None:
            raise TypeError(f"Column {name!r} has texts in one of two tables only.")
        if both is not None and (columns is None or _reads_as(both, columns[i], parse_text)):
            kept.append(both)
    return every.with_columns(*kept).to_native()


def _by_name(table: nw.DataFrame, names: Sequence[str]) -> dict[str, nw.Series]:
    """Columns by their names; by others that are no texts, such as numbers, in their order."""
    are_texts = all(isinstance(name, str) for name in names)
    return dict(zip(table.columns if are_texts else names, table.iter_columns(), strict=True))


def _below(upper: nw.Series, lower: nw.Series) -> nw.Series | None:
    """The entries of two columns of one type; None for columns of two."""
    if upper.dtype != lower.dtype or upper.implementation != lower.implementation:
        return None
    own, other = upper.to_native(), lower.to_native()
    if upper.implementation.is_pandas() and upper.dtype in (nw.Categorical, nw.Enum):
        pandas = upper.implementation.to_native_namespace()
        levels = pandas.api.types.union_categoricals([own, other], ignore_order=True)
        return nw.from_native(pandas.Series(levels, name=own.name), series_only=True)
    if getattr(own, "dtype", None) != getattr(other, "dtype", None):
        return None
    frame = nw.concat([upper.to_frame(), lower.to_frame()])
    return nw.maybe_reset_index(frame).get_column(upper.name)


def _reads_as(both: Series, column: Column, parse_text: bool) -> bool:
    if isinstance(column, CategoricalColumn):
        return False
    read = fit_column(both, column.name, None, None, True, parse_text)
    return type(read) is type(column) and _kind(read) == _kind(column)


def in_numbers(frame: Frame, parse_text: bool, of: str) -> np.ndarray:
    """The columns of a frame as numbers, to be appended to a table of numbers only.

    Raises
    ------
    ValueError
        If one of them means something else.
    """
    table = nw.from_native(frame, eager_only=True)
    columns = [NumericColumn(str(name)) for name in table.columns]
    values = [
        _values(series, column, "number", len(table), parse_text, of)
        for series, column in zip(table.iter_columns(), columns, strict=True)
    ]
    return np.array(values, np.float64).T


def has_words(column: Column) -> bool:
    """Whether a column is one of categories that are not all numbers."""
    return isinstance(column, CategoricalColumn) and not all(map(is_number, column.levels))


def read_as(encoder: Transformer, columns: Sequence[Column]) -> Transformer:
    """An encoder of columns in the types of several tables, for columns as one of them has them.

    Parameters
    ----------
    encoder : FrameEncoder or another transformer
    columns : sequence of Column
        How that one's are read.
    """
    if not isinstance(encoder, FrameEncoder):
        return encoder
    own = {column.name: column for column in columns}
    return FrameEncoder(
        [_read_as(column, own.get(column.name)) for column in encoder.columns],
        encoder.transformed,
    )


def _read_as(column: Column, own: Column | None) -> Column:
    if isinstance(column, NumericColumn) and isinstance(own, NumericColumn):
        return replace(column, text=own.text, unit=own.unit, is_clock=own.is_clock)
    if isinstance(column, DatetimeColumn) and isinstance(own, DatetimeColumn):
        return replace(column, text=own.text, zone=own.zone)
    return column


def _column_of(
    series: Sequence[Series | None], name: str, forced: bool | None, parse_text: bool
) -> Column:
    """How a column is read, in the first table in which it has an entry.

    Texts that are numbers there and words in another table, such as "2. good" in few rows and
    "1. bad" in others, are words in all.
    """
    there = [one for one in series if one is not None]
    first, *others = [one for one in there if not has_no_entry(one)] or there
    column = fit_column(first, name, forced, None, True, parse_text)
    if forced is not None or not isinstance(column, NumericColumn) or column.text is None:
        return column
    if any(_are_words(one, column, parse_text) for one in others):
        return fit_column(first, name, True, None, True, parse_text)
    return column


def _are_words(series: Series, column: Column, parse_text: bool) -> bool:
    if series.dtype not in TEXTS:
        return False
    read = fit_column(series, column.name, None, column, True, parse_text)
    return isinstance(read, CategoricalColumn) and not _are_numbers(series)


def _kind(column: Column) -> str:
    if isinstance(column, NumericColumn):
        return column.unit
    return "datetime" if isinstance(column, DatetimeColumn) else "text"


def _values(
    series: Series | None,
    column: Column,
    kind: str,
    n_rows: int,
    parse_text: bool,
    of: str,
    is_truth: bool = False,
) -> list:
    if series is None or has_no_entry(series):
        return [None] * n_rows
    if is_truth and (truths := _truths(series)) is not None:
        return truths
    known = column if kind != "text" else None
    own = fit_column(series, column.name, kind == "text" or None, known, True, parse_text)
    alone = fit_column(series, column.name, None, known, True, parse_text)
    theirs = _kind(alone)
    codes = isinstance(column, CategoricalColumn) and any(map(is_number, column.levels))
    codes = codes or _has_unit(alone) or _are_truths(series, column)
    if kind == "number" and theirs == "text" and _are_numbers(series):
        theirs, own = "number", NumericColumn(column.name)
    if theirs != kind and not (kind == "text" and theirs == "number" and codes):
        raise ValueError(
            f"Column {column.name!r} has {_WORDS[kind]} in X and {_WORDS[theirs]} in {of}; "
            "expected columns of one name to mean the same. Convert it, or rename the one that "
            "means something else."
        )
    if kind == "second":
        _check_seconds(series, column, own, of)
    if kind == "number":
        values = numbers_of(series, own).tolist()  # type: ignore[arg-type]
    elif kind == "second":
        values = [v if np.isnan(v) else timedelta(seconds=v) for v in seconds_of(series, own)]  # type: ignore[arg-type]
    elif kind == "datetime":
        assert isinstance(column, DatetimeColumn) and isinstance(own, DatetimeColumn)
        days = days_of(series, replace(column, text=own.text))
        missing = np.isnan(days)
        stamps = np.round(np.where(missing, 0, days) * 86_400e6).astype("datetime64[us]").tolist()
        return [None if gap else stamp for gap, stamp in zip(missing, stamps, strict=True)]
    else:
        return texts_of(series)
    return [None if value != value else value for value in values]


def _check_seconds(series: Series, column: Column, own: Column, of: str) -> None:
    """Refuse texts such as ``'75:30'`` in one table where another has durations."""
    assert isinstance(column, NumericColumn) and isinstance(own, NumericColumn)
    if are_durations(series):
        check_durations(column, f"has durations in {of}", "X")
    elif column.text is None and own.text is not None and own.text.suffix == HOURS_OR_MINUTES:
        check_durations(own, "has durations or times in X", of)
    elif own.text is not None and own.text.suffix in (MINUTES, DURATIONS, TIMES):
        if own.text.suffix == TIMES and column.text is not None and column.text.suffix == HOURS:
            return  # of a day are both
        check_durations(column, f"has texts such as '1:04:35' in {of}", "X")


def _is_truth(series: Series | None) -> bool:
    """Whether a column is one of truth values, or of zeros and ones."""
    if series is None or series.dtype in TEXTS:
        return False
    texts = {text for text in texts_of(series, with_dates=True) if text is not None}
    return bool(texts) and texts <= {"0", "1", "True", "False"}


def _truths(series: Series) -> list[float | None] | None:
    """Words for truth values as zeros and ones; None for other columns."""
    if series.dtype not in (*TEXTS, nw.Object):
        return None
    texts = texts_of(series, with_dates=True)
    words = truth_of({text for text in texts if text is not None})
    if words is None:
        return None
    return [None if text is None else float(words[text]) for text in texts]


def _are_truths(series: Series, column: Column) -> bool:
    """Whether truth values stand where the first table has words for them."""
    levels = column.levels if isinstance(column, CategoricalColumn) else ()
    return truth_of(levels) is not None and _is_truth(series)


def _in_one_spelling(every: list[list], name: str, of: Sequence[str]) -> list[list]:
    """The texts of several tables, levels that are spelled otherwise as in the first ones."""
    first, *others = every
    levels = dict.fromkeys(text for text in first if text is not None)
    made = [first]
    for texts, called in zip(others, of[1:], strict=True):
        theirs = dict.fromkeys(text for text in texts if text is not None)
        same = same_levels(list(theirs), list(levels))
        unlike = bool(levels and theirs and not same and not levels.keys() & theirs.keys())
        if unlike and _repeats(levels, made) and _repeats(theirs, [texts]):
            warn(
                f"Column {name!r} has no level in common in X ({listed(list(levels), 2)}) and in "
                f"{called} ({listed(list(theirs), 2)}), so that nothing of it is learned there. "
                "Where levels mean the same, give them one text in both; else rename the column.",
                TransferWarning,
            )
        made.append([same.get(text, text) for text in texts])
        levels |= dict.fromkeys(made[-1])
        levels.pop(None, None)
    return made


def _repeats(levels: Collection[str], columns: Sequence[list]) -> bool:
    """Whether texts come often enough that a level which is missing is not missing by chance."""
    n_texts = sum(text is not None for texts in columns for text in texts)
    return n_texts >= max(_FEWEST_TEXTS, 2 * len(levels))


def _has_unit(column: Column) -> bool:
    """Whether a column of numbers has letters in every text, which may be words."""
    return (
        isinstance(column, NumericColumn) and column.text is not None and bool(column.text.suffix)
    )


def _are_numbers(series: Series) -> bool:
    return all(text is None or is_number(text) for text in texts_of(series))


def _series(name: str, values: list, kind: str, backend: ModuleType) -> nw.Series:
    dtype = {
        "number": nw.Float64(),
        "second": nw.Duration("us"),
        "datetime": nw.Datetime("us"),
        "text": nw.String(),
    }[kind]
    series = nw.new_series(name, values, dtype, backend=backend)
    # categories are not read as numbers once more
    return series.cast(nw.Categorical()) if kind == "text" else series
