"""Which of the target's columns are which of the source's, and what stays behind."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain, repeat
from typing import Any

import numpy as np

from sktransfer._records import (
    CategoricalColumn,
    ColumnMatch,
    DatetimeColumn,
    InputSchema,
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
    source: SourceDescription | None, inputs: InputSchema, feature_alignment: str = "name"
) -> ColumnMatch:
    """Which of the target's network inputs are which of the source's."""
    if source is None:
        return ColumnMatch.none(inputs.n_inputs)
    theirs: InputSchema = source.inputs
    by_position = matches_by_position(theirs, inputs, feature_alignment)
    if by_position and not stand_alike(theirs, inputs):
        return ColumnMatch.none(inputs.n_inputs)
    where = {ids: position for position, ids in enumerate(theirs.input_ids(by_position))}
    return ColumnMatch(
        np.array([where.get(ids, -1) for ids in inputs.input_ids(by_position)], dtype=np.intp)
    )


def matches_by_position(theirs: InputSchema, ours: InputSchema, feature_alignment: str) -> bool:
    """Whether two tables' columns are matched by position: where asked for, or for want of names.

    A table that enters a source has columns of the source's names.
    """
    if ours.is_entered:
        return False
    no_names = theirs.encoded_names is None or ours.encoded_names is None
    return feature_alignment == "position" or no_names


def stand_alike(theirs: InputSchema, ours: InputSchema) -> bool:
    """Whether encoded columns can be matched by position: as many, and none a category's level."""
    return theirs.n_encoded == ours.n_encoded and ours.transformer is None


def warn_nothing_in_common(
    source: Any, inputs: InputSchema, instead: str = "Training from scratch"
) -> None:
    """Say that two tables share no column, and what happens `instead`."""
    theirs: InputSchema = source.inputs
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
    source: SourceDescription | None, inputs: InputSchema, feature_alignment: str
) -> None:
    """Say which columns stay behind because they are of another type than the source's.

    Where nothing else is shared either, that is said elsewhere.
    """
    columns = match_inputs(source, inputs, feature_alignment)
    if source is None or not columns.known.any():
        return
    others = _other_types(source.inputs, columns, inputs)
    if others:
        warn(TransferWarning.other_types(source.name, others, _lacking(source.inputs, inputs)))


def _lacking(theirs: InputSchema, ours: InputSchema) -> list[str]:
    """Columns that the source's own steps need, and that the target's table does not have."""
    if theirs.transformer is None or hasattr(theirs.transformer, "encoded_columns"):
        return []
    return [name for name in theirs.names or () if name not in (ours.names or ())]


def _other_types(
    theirs: InputSchema, columns: ColumnMatch, ours: InputSchema
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
    schema: InputSchema, flags: Iterable[Any]
) -> dict[str, tuple[type, dict[str, bool]]]:
    """Column → its type, and the encoded columns that it becomes, each with a flag."""
    made_of = {name: column for column, name in getattr(schema.transformer, "encoded_columns", ())}
    found: dict[str, tuple[type, dict[str, bool]]] = {}
    for name, flag in zip(schema.named_columns, chain(flags, repeat(False)), strict=False):
        column = made_of.get(name, NumericColumn(name))
        found.setdefault(column.name, (type(column), {}))[1][name] = bool(flag)
    return found
