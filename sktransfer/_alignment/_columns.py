"""Which of the target's columns are which of the source's, and what stays behind."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, repeat

import numpy as np

from sktransfer._preprocessing import matches_by_position, stand_alike
from sktransfer._records import (
    Column,
    ColumnMatch,
    InputColumns,
    InputId,
    NumericColumn,
    SourceDescription,
    missing_indicator_of,
)


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


def encoded_of_columns(
    columns: InputColumns, flags: Iterable[bool | np.bool_]
) -> dict[str, tuple[type[Column], dict[str, bool]]]:
    """Column → its type, and the encoded columns that it becomes, each with a flag."""
    made_of = {
        name: column for column, name in getattr(columns.transformer, "encoded_columns", ())
    }
    found: dict[str, tuple[type[Column], dict[str, bool]]] = {}
    for name, flag in zip(columns.named_columns, chain(flags, repeat(False)), strict=False):
        column = made_of.get(name)
        # a wide table has many columns that are numbers, and no need of a record of each
        key, kind = (name, NumericColumn) if column is None else (column.name, type(column))
        encoded = found.setdefault(key, (kind, {}))[1]
        if kind is NumericColumn or name != missing_indicator_of(key):  # which is no category
            encoded[name] = bool(flag)
    return found
