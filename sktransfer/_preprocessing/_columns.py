"""What a column of a frame becomes."""

from __future__ import annotations

import narwhals as nw

from sktransfer._preprocessing._column_values import as_days, days_since_1970, type_of, zone_of
from sktransfer._preprocessing._datetime_texts import (
    are_seconds,
    find_datetime_format,
    has_zone,
    read_datetimes,
)
from sktransfer._preprocessing._levels import fit_levels, is_number
from sktransfer._preprocessing._number_texts import find_number_format
from sktransfer._preprocessing._series import (
    TEXTS,
    Series,
    has_no_entry,
    kind_of_objects,
    texts_of,
)
from sktransfer._records import (
    CategoricalColumn,
    Column,
    DatetimeColumn,
    NumberFormat,
    NumericColumn,
)


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
    levels = known if isinstance(known, CategoricalColumn) else None
    if forced or (forced is None and _has_levels_of(series, levels)):
        return fit_levels(series, name, levels, takes_missing, keeps_names=True)
    dtype = series.dtype
    if has_no_entry(series):
        return known if known is not None else NumericColumn(name, is_empty=True)
    kind = kind_of_objects(series) if dtype == nw.Object else None
    if dtype in (nw.Datetime, nw.Date) or kind == "datetime":
        return _fit_datetimes(series, name, known)
    if dtype in (nw.Duration, nw.Time) or kind == "second":
        return NumericColumn(name, "second")
    if dtype.is_numeric() or dtype == nw.Boolean or kind == "number":
        return NumericColumn(name)
    if dtype not in (*TEXTS, nw.Object):
        raise _column_of_type(name, type_of(series))
    if parse_text and dtype in (nw.String, nw.Object):
        found = _fit_text(series, name, known)
        if found is not None:
            return found
    if forced is None:
        return fit_levels(series, name, levels, takes_missing)
    example = next(text for text in texts_of(series) if text is not None)
    raise ValueError(
        f"Column {name!r} has categories or text such as {example!r}, and categorical_features "
        "does not name it; expected numbers or datetimes. Name it too, leave categorical_features "
        "at 'from_dtype', or leave the column out."
    )


def _fit_datetimes(series: Series, name: str, known: Column | None) -> DatetimeColumn:
    has_time = bool((days_since_1970(series) % 1 > 0).any())
    if isinstance(known, DatetimeColumn):
        has_time = has_time or known.has_time
    return DatetimeColumn(name, has_time, zone_of(series))


def _fit_text(series: Series, name: str, known: Column | None) -> Column | None:
    """A column of texts as what they are texts of; None for words."""
    texts = [text for text in texts_of(series) if text is not None]
    if isinstance(known, CategoricalColumn) and _are_mostly(texts, known.levels):
        return None
    form = find_datetime_format(texts)
    if form is not None:
        days = as_days(read_datetimes(texts, form))
        has_time = bool((days % 1 > 0).any())
        if isinstance(known, DatetimeColumn):
            has_time = has_time or known.has_time
        return DatetimeColumn(name, has_time, "UTC" if has_zone(texts, form) else "none", form)
    if are_seconds(texts):
        return NumericColumn(name, "second", NumberFormat())
    eager = isinstance(known, NumericColumn) and not known.is_empty
    how = find_number_format(texts, eager)
    return None if how is None else NumericColumn(name, text=how)


def _are_mostly(texts: list[str], levels: tuple[str, ...]) -> bool:
    own = set(levels)
    return sum(text in own for text in texts) * 2 >= len(texts)


def _column_of_type(name: str, dtype: str) -> ValueError:
    """The error for a column of a type that nothing is made of."""
    column = f"X[{name!r}]"
    cures = {
        "period": f"Convert it to datetimes, {column}.dt.to_timestamp()",
        "sparse": f"Convert it, {column}.sparse.to_dense(), or a whole table, X.sparse.to_coo()",
        "complex": f"Take it apart, {column}.real and {column}.imag",
        "interval": f"Convert it, {column}.astype('category') or {column}.array.mid",
    }
    cure = next((c for kind, c in cures.items() if dtype.lower().startswith(kind)), None)
    return ValueError(
        f"Column {name!r} is of type {dtype}; expected numbers, booleans, categories, text or "
        f"datetimes. {cure or 'Take it apart into columns of these'}, or leave it out."
    )


def _has_levels_of(series: Series, known: CategoricalColumn | None) -> bool:
    """Whether numbers or truth values are what a source knows as levels of this column."""
    if known is None or not known.levels:
        return False
    if not (series.dtype.is_numeric() or series.dtype in (nw.Boolean, nw.Object)):
        return False
    levels = set(known.levels)
    if not any(map(is_number, levels)) and series.dtype != nw.Boolean:
        return False
    distinct = {text for text in texts_of(series) if text is not None}
    return bool(distinct) and len(distinct & levels) * 2 >= len(distinct)


def holds_numbers(series: Series) -> bool:
    """Whether a column is one of numbers or truth values by its type."""
    dtype = series.dtype
    if dtype == nw.Object:
        return kind_of_objects(series) == "number"
    return dtype not in (*TEXTS, nw.Binary)
