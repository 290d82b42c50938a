"""How a source spells the columns and levels that a table has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sktransfer._preprocessing import (
    TableColumn,
    is_missing,
    is_number,
    level_text,
    same_levels,
    truth_of,
)
from sktransfer._records import SourceDescription
from sktransfer._typing import Entry
from sktransfer._warnings import listed
from sktransfer.exceptions import TransferError
from sktransfer.sources import KnownColumn, alike_names, misspelled_names, plain_name, same_names

#: Columns up to which a table is searched for those that are one column of the source.
_MOST_COLUMNS = 2000


@dataclass(frozen=True, eq=False)
class Spelling:
    """How a source spells what a table has, where that differs.

    Attributes
    ----------
    columns : mapping of str to str
        The source's name of a column → the table's.
    levels : mapping of str to mapping
        The source's name of a column → the table's text of a level → the source's.
    dummies : mapping of str to mapping
        The source's name of a column of categories → its level → the table's column of zeros and
        ones.
    folded : mapping of str to mapping
        The table's name of a column of categories → its level → the source's column of zeros and
        ones.
    truths : mapping of str to mapping
        The source's name of a column of zeros and ones → the table's word → ``'0'`` or ``'1'``.
    unlike : mapping of str to (sequence, sequence)
        The source's name of columns without a level in common: the table's entries, and its own.
    perhaps : sequence of (str, str)
        Names in the source and in the table of columns that may be the same.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dummies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    folded: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    truths: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unlike: Mapping[str, tuple[Sequence[Entry], Sequence[str]]] = field(default_factory=dict)
    perhaps: Sequence[tuple[str, str]] = ()

    @property
    def differs(self) -> bool:
        """Whether the source is to be read otherwise than it is."""
        return any(
            (self.columns, self.levels, self.dummies, self.folded, self.truths, self.unlike)
        )


def find_spelling(
    theirs: Sequence[KnownColumn],
    ours: Sequence[TableColumn],
    column_map: Mapping[str, str] | None = None,
    by_predictions: bool = False,
) -> Spelling:
    """How a source spells what a table has, as far as that is certain.

    Parameters
    ----------
    theirs : sequence of KnownColumn
        The source's columns.
    ours : sequence of TableColumn
        The table's.
    column_map : mapping of str to str or None
        What the user says: the source's name of a column → the table's.
    by_predictions : bool, default=False
        Whether the source predicts alone: numbers and dates are then none of its levels either,
        which a network's warning about other types names.
    """
    known = {column.name: column for column in theirs}
    there = {column.name: column for column in ours}
    if column_map is None and set(known) == set(there) and not _has_levels(theirs, ours):
        return Spelling()
    columns = dict(column_map or {})
    free = [name for name in known if name not in columns]
    open_ = [name for name in there if name not in columns.values()]
    found = same_names(free, open_)
    columns |= {a: b for a, b in found.items() if _are_of_one_kind(known[a], there[b])}
    left = [name for name in free if name not in columns and name not in there]
    rest = [name for name in open_ if name not in columns.values() and name not in known]
    dummies = dict(_dummies(left, rest, known, there))
    used = {name for levels in dummies.values() for name in levels.values()}
    rest = [name for name in rest if name not in used]
    folded = dict(_folded([n for n in left if n not in dummies], rest, known, there))
    used = {name for levels in folded.values() for name in levels.values() if name}
    left = [name for name in left if name not in dummies and name not in used]
    rest = [name for name in rest if name not in folded]
    perhaps = alike_names(left, rest)
    for one, other in _of_same_levels(perhaps, known, there):
        columns[one] = other
    perhaps = [*perhaps, *misspelled_names(left, rest)]
    perhaps = [pair for pair in perhaps if columns.get(pair[0]) != pair[1]]
    shared = {name: columns.get(name, name) for name in known}
    pairs = [(known[a], there[b]) for a, b in shared.items() if b in there and a not in dummies]
    levels, truths, unlike = _levels(pairs, by_predictions)
    moved = {a: b for a, b in columns.items() if a != b}
    return Spelling(moved, levels, dummies, folded, truths, unlike, perhaps)


def known_part(
    column_map: Mapping[str, str] | None, source: SourceDescription
) -> Mapping[str, str] | None:
    """The part of the user's `column_map` that is about this source."""
    names = source.inputs.columns.names or ()
    return column_map and {one: other for one, other in column_map.items() if one in names}


def check_column_map(
    column_map: Mapping[str, str], theirs: Sequence[str] | None, ours: Sequence[str] | None
) -> None:
    """Refuse a map of columns that are not there.

    Raises
    ------
    TransferError
    """
    for what, names, of in (
        ("keys", column_map.keys(), ("the source", theirs)),
        ("values", column_map.values(), ("X", ours)),
    ):
        where, columns = of
        unknown = [name for name in names if name not in (columns or ())]
        if unknown:
            have = "columns without names" if columns is None else f"columns {listed(columns)}"
            raise TransferError(
                f"column_map has {what} {listed(unknown)}, which are not columns of {where}; "
                f"expected {{column of the source: column of X}}, and {where} has {have}. "
                "sktransfer.sources.suggest_columns(source, X) proposes pairs."
            )
    twice = [name for name in column_map.values() if list(column_map.values()).count(name) > 1]
    if twice:
        raise TransferError(
            f"column_map names {twice[0]!r} of X for several columns of the source; expected each "
            "once. Leave all but one of them out."
        )


def _has_levels(theirs: Sequence[KnownColumn], ours: Sequence[TableColumn]) -> bool:
    """Whether any of two tables' columns of the same names is not plainly one of numbers."""
    is_plain = all(column.is_plain_number for column in ours)
    return not is_plain or any(column.kind != "number" for column in theirs)


def _are_of_one_kind(one: KnownColumn, other: TableColumn) -> bool:
    if one.kind in ("", other.kind) or other.kind == "nothing":
        return True
    return "datetime" not in (one.kind, other.kind)  # a word for a number is seen to later


# -- columns of zeros and ones --------------------------------------------------------------


def _dummies(
    left: Sequence[str],
    rest: Sequence[str],
    known: Mapping[str, KnownColumn],
    there: Mapping[str, TableColumn],
) -> Iterator[tuple[str, dict[str, str]]]:
    """Columns of the source whose levels are columns of zeros and ones in the table."""
    if len(rest) > _MOST_COLUMNS:
        return
    truths = [name for name in rest if there[name].is_truth]
    for name in left:
        if known[name].kind == "transformed":  # its steps take the column whole
            continue
        levels = known[name].levels
        found = _columns_of_levels(name, list(levels), truths) if levels else {}
        found = found or _columns_of_all(name, list(levels or ()), truths)
        if found and (len(levels) > 2 or list(levels)[-1] in found):
            yield name, found


def _folded(
    left: Sequence[str],
    rest: Sequence[str],
    known: Mapping[str, KnownColumn],
    there: Mapping[str, TableColumn],
) -> Iterator[tuple[str, dict[str, str]]]:
    """Columns of the table whose levels are columns of zeros and ones in the source."""
    if len(left) > _MOST_COLUMNS:
        return
    numbers = [name for name in left if _may_be_truth(known[name])]
    for name in rest if numbers else ():
        if there[name].kind == "category" and len(there[name].levels) <= _MOST_COLUMNS:
            levels = there[name].levels
            found = _columns_of_levels(name, levels, numbers)
            found = found or _columns_of_all(name, levels, numbers)
            if len(found) == 1 and len(levels) == 2:  # the other level was dropped
                found |= {level: "" for level in levels if level not in found}
            if found:
                yield name, found


def _may_be_truth(column: KnownColumn) -> bool:
    if column.kind != "number":  # what steps of their own take may be words to them
        return False
    return not (column.mean < 0 or column.mean > 1)  # NaN: nothing is known


def _columns_of_levels(name: str, levels: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """Level → the column that is named after it: ``'Sex_male'`` of column ``'Sex'``."""
    start = plain_name(name)
    parts = {
        plain_name(column)[len(start) :]: column
        for column in columns
        if plain_name(column).startswith(start) and len(plain_name(column)) > len(start)
    }
    if not start or not parts:
        return {}
    found = {level: parts[key] for level in levels if (key := plain_name(level)) in parts}
    left = [level for level in levels if level not in found]
    numbers = {column[len(name) + 1 :]: column for column in columns if column.startswith(name)}
    for level, part in same_levels(left, list(numbers)).items():  # 'grade_1.0' of the level '1'
        if numbers[part] not in found.values():
            found[level] = numbers[part]
    return found if len(set(found.values())) == len(found) else {}


def _columns_of_all(name: str, levels: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """Level → the column that is named by it alone, or behind the beginning of the name.

    So they are where dummies were made without the name of their column, ``'male'`` and
    ``'female'``; every level must have one, and no level be a letter or a number.
    """
    keys = {level: plain_name(level) for level in levels}
    if len(set(keys.values())) < 2 or any(len(k) < 2 or not k.isalpha() for k in keys.values()):
        return {}
    starts: dict[str, dict[str, str]] = {}
    for column in columns:
        own = plain_name(column)
        for level, key in keys.items():
            if own.endswith(key):
                starts.setdefault(own[: len(own) - len(key)], {})[level] = column
    whole = [
        found
        for start, found in starts.items()
        if plain_name(name).startswith(start) and len(set(found.values())) == len(levels)
    ]
    return whole[0] if len(whole) == 1 else {}


# -- levels -------------------------------------------------------------------------------


def _of_same_levels(
    pairs: Sequence[tuple[str, str]],
    known: Mapping[str, KnownColumn],
    there: Mapping[str, TableColumn],
) -> Iterator[tuple[str, str]]:
    """Pairs of columns with similar names and the same levels, where no other pair has them."""
    fit = [
        (one, other)
        for one, other in pairs
        if known[one].levels
        and there[other].kind == "category"
        and _share_levels(list(known[one].levels), there[other].levels)
    ]
    for one, other in fit:
        if sum(one == a or other == b for a, b in fit) == 1:
            yield one, other


def _share_levels(theirs: Sequence[str], ours: Sequence[str]) -> bool:
    common = len(set(theirs) & set(ours)) + len(same_levels(ours, theirs))
    return len(ours) > 1 and 2 * common > len(ours) and 2 * common > len(theirs)


def _levels(
    pairs: Sequence[tuple[KnownColumn, TableColumn]],
    by_predictions: bool,
) -> tuple[
    dict[str, Mapping[str, str]],
    dict[str, Mapping[str, str]],
    dict[str, tuple[Sequence[Entry], Sequence[str]]],
]:
    """Levels that are spelled otherwise, words for truth values, and columns without either."""
    levels: dict[str, Mapping[str, str]] = {}
    truths: dict[str, Mapping[str, str]] = {}
    unlike: dict[str, tuple[Sequence[Entry], Sequence[str]]] = {}
    for one, other in pairs:
        if other.kind == "category" and _may_be_truth(one):
            words = truth_of(other.levels)
            if words is not None:
                truths[one.name] = words
        if not one.levels or other.kind not in ("category", "number", "datetime"):
            continue
        if other.kind != "category" and not _are_levels(one, other):
            if by_predictions and _has_words_alone(one, other):
                unlike[one.name] = _first_entries(other), list(one.levels)
            continue
        ours, theirs = other.levels, list(one.levels)
        found = same_levels(ours, theirs)
        if found:
            levels[one.name] = found
        elif ours and other.kind == "category" and not set(ours) & set(theirs):
            unlike[one.name] = ours, theirs
    return levels, truths, unlike


def _has_words_alone(one: KnownColumn, other: TableColumn) -> bool:
    """Whether a source's levels are no numbers, and none of a table's numbers or dates."""
    if any(map(is_number, one.levels)):
        return False
    series = other.series.unique() if hasattr(other.series, "unique") else other.series
    return {level_text(entry) for entry in series.to_list()}.isdisjoint(one.levels)


def _first_entries(column: TableColumn) -> list[Entry]:
    """Some of the entries of a column, as it has them."""
    present = (entry for entry in column.series.to_list() if not is_missing(entry))
    return list(islice(dict.fromkeys(present), 3))


def _are_levels(one: KnownColumn, other: TableColumn) -> bool:
    """Whether a table's column of truth values is one of levels in the source."""
    return other.is_truth and truth_of(list(one.levels)) is not None
