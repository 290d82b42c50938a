"""What a column of a frame becomes."""

from __future__ import annotations

import narwhals as nw

from sktransfer._preprocessing._kinds import Unread, levels_of, recognised, recognised_texts
from sktransfer._preprocessing._levels import names_rows
from sktransfer._preprocessing._series import (
    TEXTS,
    Series,
    cure_of_type,
    declares_levels,
    has_no_entry,
    kind_of_objects,
    texts_of,
    type_of,
)
from sktransfer._records import CategoricalColumn, Column, DatetimeColumn, NumericColumn


def fit_column(
    series: Series,
    name: str,
    forced: bool | None,
    known: Column | None,
    takes_missing: bool,
    parse_text: bool,
) -> Column:
    """What a column becomes.

    Parameters
    ----------
    series : Series
    name : str
    forced : bool or None
        Whether it is one of categories; None leaves that to its type.
    known : Column or None
        A source's column of this name: its levels come first.
    takes_missing : bool
        Whether the network takes missing numbers.
    parse_text : bool
        Whether numbers and datetimes that were read as text are read as what they are.
    """
    unread = Unread(series, name, forced, known, takes_missing)
    if forced:
        return levels_of(unread, keeps_names=True)
    if has_no_entry(series):
        if known is not None and _may_be_of_type(known, series.dtype):
            return known
        return NumericColumn(name, is_empty=True)
    found = recognised(unread)
    if found is not None:
        return found
    if series.dtype not in (*TEXTS, nw.Object):
        raise _column_of_type(name, type_of(series))
    if parse_text and (not declares_levels(series) or names_rows(series)):
        texts = [text for text in texts_of(series, with_dates=True) if text is not None]
        if not (isinstance(known, CategoricalColumn) and _are_mostly(texts, known.levels)):
            found = recognised_texts(unread, texts)
    if found is not None:
        return found
    if forced is None:
        return levels_of(unread)
    example = next(text for text in texts_of(series) if text is not None)
    raise ValueError(
        f"Column {name!r} has categories or text such as {example!r}, and categorical_features "
        "does not name it; expected numbers or datetimes. Name it too, leave categorical_features "
        "at 'from_dtype', or leave the column out."
    )


def _may_be_of_type(known: Column, dtype: nw.dtypes.DType) -> bool:
    """Whether a column without entries may be the source's, as far as its type shows.

    Floats and texts may be anything: so are empty columns of a file read.
    """
    if dtype in (nw.Datetime, nw.Date):
        return isinstance(known, DatetimeColumn)
    in_seconds = isinstance(known, NumericColumn) and known.unit == "second"
    if dtype in (nw.Duration, nw.Time):
        return in_seconds
    has_type = dtype.is_integer() or dtype == nw.Boolean
    return not (has_type and (in_seconds or isinstance(known, DatetimeColumn)))


def _are_mostly(texts: list[str], levels: tuple[str, ...]) -> bool:
    own = set(levels)
    return sum(text in own for text in texts) * 2 >= len(texts)


def _column_of_type(name: str, dtype: str) -> ValueError:
    """The error for a column of a type that nothing is made of."""
    cure = cure_of_type(name, dtype) or "Take it apart into columns of these"
    return ValueError(
        f"Column {name!r} is of type {dtype}; expected numbers, booleans, categories, text or "
        f"datetimes. {cure}, or leave it out."
    )


def holds_numbers(series: Series) -> bool:
    """Whether a column is one of numbers or truth values by its type."""
    dtype = series.dtype
    if dtype == nw.Object:
        return kind_of_objects(series) == "number"
    return dtype not in TEXTS
