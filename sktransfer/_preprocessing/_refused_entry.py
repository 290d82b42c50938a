"""Which entry of a table a source refuses, found by trying: no package's errors are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from sktransfer._compat import safe_indexing
from sktransfer._preprocessing._series import is_missing, with_columns
from sktransfer._typing import CheckedTable, Entry, Frame, is_pandas
from sktransfer._warnings import silenced

#: What predicts or transforms a table, or raises.
Call: TypeAlias = Callable[[CheckedTable], object]
#: Rows that are tried until one is taken.
_MOST_TRIED = 8


class RefusedEntry(NamedTuple):
    """An entry without which a source takes a row.

    Attributes
    ----------
    column : int
        Its position.
    entry, other : entries
        The one that is refused, and one of the column that is taken.
    """

    column: int
    entry: Entry
    other: Entry


def takes(call: Call, table: CheckedTable) -> bool:
    """Whether a table raises no error."""
    try:
        with silenced(Warning):
            call(table)
    except Exception:  # whatever a foreign estimator raises
        return False
    return True


def refused_entry(call: Call, table: CheckedTable) -> RefusedEntry | None:
    """The first entry that is refused in a row of which all others are taken.

    None where every row is refused, or what is refused is no single entry.
    """
    if not (is_pandas(table) or isinstance(table, np.ndarray)) or not table.shape[0]:
        return None
    bad = _alone(np.arange(table.shape[0]), lambda at: takes(call, safe_indexing(table, at)))
    tried = np.linspace(0, table.shape[0] - 1, _MOST_TRIED).astype(int)
    rows = (safe_indexing(table, [at]) for at in tried)
    row = next((one for one in rows if takes(call, one)), None)
    if bad is None or row is None:
        return None
    other = safe_indexing(table, [bad])
    column = _alone(
        np.arange(table.shape[1]), lambda columns: takes(call, _with(row, other, columns))
    )
    if column is None:
        return None
    return RefusedEntry(column, _entry(other, column), _entry(row, column))


def about_entry(refused: RefusedEntry, names: Sequence[str] | None) -> str:
    """What an error says about it, behind the name of the source."""
    name = refused.column if names is None else repr(names[refused.column])
    entry = "a missing entry" if is_missing(refused.entry) else repr(refused.entry)
    return (
        f"does not take {entry} in column {name} of X; expected an entry that it was "
        f"fitted on. It takes the same row with {refused.other!r}. Give it, before fit and "
        "predict, an entry that means the same to the source, or leave such rows out."
    )


def _alone(items: np.ndarray, are_taken: Callable[[np.ndarray], bool]) -> int | None:
    """One of some items that are refused together, by halves; None if it is not refused alone."""
    while len(items) > 1:
        half = items[: len(items) // 2]
        items = items[len(half) :] if are_taken(half) else half
    return None if are_taken(items) else int(items[0])


def _with(row: CheckedTable, other: CheckedTable, columns: np.ndarray) -> CheckedTable:
    """A row with the entries of another one in some columns."""
    if is_pandas(row) and is_pandas(other):
        theirs = {row.columns[i]: other.iloc[:, i].set_axis(row.index) for i in columns}
        made: Frame = with_columns(row, theirs)
        return made
    mixed = np.array(row)
    mixed[:, columns] = np.asarray(other)[:, columns]
    return mixed


def first_row(table: CheckedTable) -> list[Entry]:
    """The entries of the first row, as Python's own where they are numpy's."""
    return [_entry(table, i) for i in range(table.shape[1])]


def _entry(row: CheckedTable, column: int) -> Entry:
    entry: Entry = row.iloc[0, column] if is_pandas(row) else np.asarray(row)[0, column]
    return entry.item() if isinstance(entry, np.generic) else entry
