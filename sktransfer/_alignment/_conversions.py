"""What makes a column one of the source's type: advice that works when it is followed."""

from __future__ import annotations

from sktransfer._preprocessing import is_number, read_as_datetimes, read_as_numbers
from sktransfer._records import (
    CategoricalColumn,
    Column,
    DatetimeColumn,
    InputColumns,
    NumericColumn,
)

#: Levels that a message shows.
_MOST_SHOWN = 2


def column_of(columns: InputColumns, name: str) -> Column:
    """A column of a table by its name; one of numbers where no encoder says otherwise."""
    known = getattr(columns.transformer, "columns", ())
    return next((column for column in known if column.name == name), NumericColumn(name))


def conversion(ours: Column, theirs: Column) -> str:
    """A sentence that says what to do with a table's column of another type than the source's.

    Parameters
    ----------
    ours, theirs : Column
        The table's and the source's, of one name.
    """
    column = f"X[{ours.name!r}]"
    if isinstance(theirs, NumericColumn):
        return _to_numbers(column, ours)
    if isinstance(theirs, DatetimeColumn):
        return _to_datetimes(column, ours)
    if isinstance(theirs, CategoricalColumn):
        return _to_levels(column, ours, theirs)
    return _another(column)


def _to_numbers(column: str, ours: Column) -> str:
    if isinstance(ours, DatetimeColumn):
        return (
            f"Convert it before fit to the number that the source means, such as days since a "
            f"start: {column} = ({column} - start).dt.days. {_another(column)}"
        )
    levels = ours.levels if isinstance(ours, CategoricalColumn) else ()
    if all(map(is_number, levels)):
        return f"Convert it before fit: {column} = pandas.to_numeric({column})."
    if read_as_numbers(levels):
        return "Leave parse_text at True, which reads such numbers."
    return (
        f"Give its words the numbers that the source means before fit, {column} = "
        f"{column}.map({{{_shown(levels)}}}) with every word and its number. {_another(column)}"
    )


def _to_datetimes(column: str, ours: Column) -> str:
    if isinstance(ours, NumericColumn):
        return (
            f"Convert it before fit by the unit that it counts: {column} = "
            f"pandas.to_datetime({column}, unit='s') for seconds since 1970, 'ms', 'ns' or 'D' "
            "for others."
        )
    levels = ours.levels if isinstance(ours, CategoricalColumn) else ()
    if not levels:
        return _another(column)
    if read_as_datetimes(levels):
        return f"Convert it before fit: {column} = pandas.to_datetime({column})."
    return f"Its entries, such as {levels[0]!r}, are no dates. {_another(column)}"


def _to_levels(column: str, ours: Column, theirs: CategoricalColumn) -> str:
    levels = theirs.levels
    if isinstance(ours, NumericColumn) and all(map(is_number, levels)):
        return (
            f"Where its numbers are those of the source ({_listed(levels)}), convert it before "
            f"fit: {column} = {column}.astype('category'). {_another(column)}"
        )
    return (
        f"Give its entries the source's levels ({_listed(levels)}) before fit, {column} = "
        f"{column}.map({{...: {levels[0]!r}, ...}}) with every entry and its level. "
        f"{_another(column)}"
    )


def _another(column: str) -> str:
    return f"Where it means something else than the source's, rename {column}."


def _shown(levels: tuple[str, ...]) -> str:
    return ", ".join(f"{level!r}: ..." for level in levels[:_MOST_SHOWN])


def _listed(levels: tuple[str, ...]) -> str:
    more = ", ..." if len(levels) > _MOST_SHOWN else ""
    return ", ".join(map(repr, levels[:_MOST_SHOWN])) + more
