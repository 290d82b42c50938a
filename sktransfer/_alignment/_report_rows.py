"""Rows of the report: what became of every layer, column, category and class, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from sktransfer._alignment._columns import encoded_of_columns
from sktransfer._alignment._spelling import Spelling
from sktransfer._alignment._wanted import Wanted
from sktransfer._records import (
    CarriedLayer,
    CategoricalColumn,
    ColumnMatch,
    InputColumns,
    LayerNames,
    ReportRow,
    SourceDescription,
    TargetSchema,
)

#: Why a layer is fresh though there is a source.
NOTHING_IN_COMMON = "source and target have nothing in common"


def report_rows(
    source: SourceDescription | None,
    target: TargetSchema,
    columns: ColumnMatch,
    inputs: InputColumns,
    layer_names: LayerNames,
    carried: Mapping[str, CarriedLayer],
    wanted: Wanted,
    not_kept: tuple[str, str] | None,
) -> list[ReportRow]:
    readings = _reading_rows(inputs)
    if source is None:
        why = "no source was given"
        return [*(ReportRow("layer", name, "fresh", why) for name in layer_names), *readings]
    rows = [
        _layer_row(source, name, layer_names, carried, wanted, columns, not_kept)
        for name in layer_names
    ]
    if carried:
        rows += _column_rows(source, columns, inputs)
    if target.classes is not None and source.target is not None:
        rows += _class_rows(target, carried.get(layer_names.task[-1]))
    return rows + readings


def _reading_rows(inputs: InputColumns) -> list[ReportRow]:
    """Columns that are not what their type says: read from text, or left out."""
    return [
        ReportRow("reading", column.name, *column.reading)
        for column in getattr(inputs.transformer, "columns", ())
        if column.reading is not None
    ]


def _layer_row(
    source: SourceDescription,
    name: str,
    layer_names: LayerNames,
    carried: Mapping[str, CarriedLayer],
    wanted: Wanted,
    columns: ColumnMatch,
    not_kept: tuple[str, str] | None,
) -> ReportRow:
    if name in carried:
        layer = carried[name]
        is_first = name == next(iter(layer_names))
        n_inputs = int(columns.known.sum()) if is_first else len(layer.weight)
        n_parameters = int(layer.outputs.sum()) * (n_inputs + 1)
        status = "carried" if layer.outputs.all() else "partly carried"
        return ReportRow("layer", name, status, f"from {source.name}", n_parameters)
    if not wanted.carries_trunk:
        reason = "the strategy starts from scratch"
    elif name == layer_names.task[-1] and not wanted.carries_head:
        reason = "the strategy trains a new output layer"
    elif name == layer_names.task[-1] and not_kept is not None:
        reason = not_kept[0]
    elif not carried:
        reason = NOTHING_IN_COMMON
    else:
        reason = "a layer of the new task"
    return ReportRow("layer", name, "fresh", reason)


def _column_rows(
    source: SourceDescription, columns: ColumnMatch, ours: InputColumns
) -> list[ReportRow]:
    """A row per column of either table, and one per category of those that have some."""
    theirs = source.inputs.columns
    used = set(columns.source_position.tolist())
    our_columns = encoded_of_columns(ours, columns.known)
    their_columns = encoded_of_columns(theirs, [i in used for i in range(theirs.n_encoded)])
    predicted = source.inputs.statistics is not None
    stand_in = f"acts {'as predicted from the shared ones' if predicted else 'at its mean'}"
    rows = []
    for column, (kind, encoded) in our_columns.items():
        n_known = sum(encoded.values())
        new = why = "only in the target: starts at zero"
        if n_known:
            why = "in both tables"
        elif column in their_columns:
            both = kind is their_columns[column][0]
            what = "without a category in common with" if both else "of another type in"
            new = why = f"{what} the source: starts at zero"
        rows.append(ReportRow("column", column, "carried" if n_known else "fresh", why))
        if kind is CategoricalColumn:
            rows += [
                ReportRow("category", name, "carried", "known to the source")
                if known
                else ReportRow("category", name, "fresh", new)
                for name, known in encoded.items()
            ]
    for column, (kind, encoded) in their_columns.items():
        reason = f"only in the source: {stand_in}"
        if column not in our_columns and not any(encoded.values()):
            rows.append(ReportRow("column", column, "dropped", reason))
        if kind is CategoricalColumn:
            left = [name for name, is_used in encoded.items() if not is_used]
            rows += [ReportRow("category", name, "dropped", reason) for name in left]
    return rows


def with_spelling(rows: Iterable[ReportRow], spelling: Spelling) -> tuple[ReportRow, ...]:
    """Rows that say what the source calls a column, or a level, where that is another text.

    Parameters
    ----------
    rows : iterable of ReportRow
    spelling : Spelling
    """
    of_column = {ours: repr(theirs) for theirs, ours in spelling.columns.items()}
    of_level: dict[str, str] = {}
    for column, levels in spelling.levels.items():
        name = spelling.columns.get(column, column)
        of_level |= {f"{name}={ours}": repr(theirs) for ours, theirs in levels.items()}
    for column, dummies in spelling.dummies.items():
        of_column |= {ours: f"{level!r} of {column!r}" for level, ours in dummies.items()}
    for name, folded in spelling.folded.items():
        of_column[name] = ", ".join(repr(theirs) for theirs in folded.values() if theirs)
        of_level |= {f"{name}={ours}": repr(theirs) for ours, theirs in folded.items() if theirs}
    for column, words in spelling.truths.items():
        name = spelling.columns.get(column, column)
        of_level |= {f"{name}={word}": truth for word, truth in words.items()}
    said = {"column": of_column, "category": of_level}
    return tuple(
        replace(row, reason=f"{row.reason}, {said[row.part][row.name]} in the source")
        if row.status == "carried" and row.name in said.get(row.part, {})
        else row
        for row in rows
    )


def _class_rows(target: TargetSchema, head: CarriedLayer | None) -> list[ReportRow]:
    labels = [str(label) for label in target.labels]
    if head is None:
        return [ReportRow("class", label, "fresh", "a new output layer") for label in labels]
    known = np.broadcast_to(head.outputs, len(labels))
    return [
        ReportRow(
            "class",
            label,
            "carried" if is_known else "fresh",
            "in both tasks" if is_known else "only in the target",
        )
        for label, is_known in zip(labels, known, strict=True)
    ]
