"""Which of the target's columns are which of the source's, and what stays behind."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain, repeat
from typing import Any

import numpy as np

from sktransfer._preprocessing import matches_by_position, stand_alike
from sktransfer._records import (
    CategoricalColumn,
    ColumnMatch,
    DatetimeColumn,
    InputColumns,
    InputId,
    NumericColumn,
    SourceDescription,
)
from sktransfer._warnings import warn
from sktransfer.exceptions import TransferWarning

_TYPES: dict[type, str] = {
    NumericColumn: "numbers",
    CategoricalColumn: "text or categories",
    DatetimeColumn: "dates",
}


def match_inputs(
    source: SourceDescription | None, inputs: InputColumns, feature_alignment: str = "name"
) -> ColumnMatch:
    """Which of the target's network inputs are which of the source's."""
    if source is None:
        return ColumnMatch.none(inputs.n_inputs)
    theirs = source.inputs.columns
    by_position = matches_by_position(theirs, inputs, feature_alignment)
    if by_position and not stand_alike(theirs, inputs):
        return ColumnMatch.none(inputs.n_inputs)
    where: dict[InputId, int] = {
        ids: position for position, ids in enumerate(theirs.input_ids(by_position))
    }
    return ColumnMatch(
        np.array([where.get(ids, -1) for ids in inputs.input_ids(by_position)], dtype=np.intp)
    )


def warn_nothing_in_common(
    source: Any, inputs: InputColumns, instead: str = "Training from scratch"
) -> None:
    """Say that two tables share no column, and what happens `instead`."""
    theirs: InputColumns = source.inputs.columns
    ours, known = set(inputs.names or ()), {*(theirs.names or ()), *theirs.named_columns}
    warn(
        TransferWarning.nothing_in_common(
            source.name,
            (theirs.n_features, theirs.names),
            (inputs.n_features, inputs.names),
            instead,
            types=_other_types(theirs, ColumnMatch.none(inputs.n_inputs), inputs),
            lacking=_lacking(theirs, inputs),
            made=[name for name in theirs.named_columns if _behind_prefix(name, ours)],
            prefixed=[name for name in inputs.names or () if _behind_prefix(name, known)],
        )
    )


def _behind_prefix(name: str, names: Collection[str]) -> str | None:
    """Which of some names stands behind a step's prefix, as ``'age'`` does in ``'num__age'``."""
    while "__" in name:
        name = name.partition("__")[2]
        if name in names:
            return name
    return None


def warn_other_types(
    source: SourceDescription | None, inputs: InputColumns, feature_alignment: str
) -> None:
    """Say which columns stay behind because they are of another type than the source's.

    Where nothing else is shared either, that is said elsewhere.
    """
    columns = match_inputs(source, inputs, feature_alignment)
    if source is None or not columns.known.any():
        return
    others = _other_types(source.inputs.columns, columns, inputs)
    if others:
        lacking = _lacking(source.inputs.columns, inputs)
        warn(TransferWarning.other_types(source.name, others, lacking))


def _lacking(theirs: InputColumns, ours: InputColumns) -> list[str]:
    """Columns that the source's own steps need, and that the target's table does not have."""
    if theirs.transformer is None or hasattr(theirs.transformer, "encoded_columns"):
        return []
    return [name for name in theirs.names or () if name not in (ours.names or ())]


def _other_types(
    theirs: InputColumns, columns: ColumnMatch, ours: InputColumns
) -> dict[str, tuple[str, str]]:
    """Columns that both tables have, but of two types: the target's and the source's."""
    their_columns = encoded_of_columns(theirs, ())
    return {
        column: (_TYPES[kind], _TYPES[their_columns[column][0]])
        for column, (kind, encoded) in encoded_of_columns(ours, columns.known).items()
        if column in their_columns
        and their_columns[column][0] is not kind
        and not any(encoded.values())
    }


def encoded_of_columns(
    columns: InputColumns, flags: Iterable[Any]
) -> dict[str, tuple[type, dict[str, bool]]]:
    """Column → its type, and the encoded columns that it becomes, each with a flag."""
    made_of = {
        name: column for column, name in getattr(columns.transformer, "encoded_columns", ())
    }
    found: dict[str, tuple[type, dict[str, bool]]] = {}
    for name, flag in zip(columns.named_columns, chain(flags, repeat(False)), strict=False):
        column = made_of.get(name, NumericColumn(name))
        found.setdefault(column.name, (type(column), {}))[1][name] = bool(flag)
    return found
