"""Rows of the report: what became of every layer, column, category and class, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from sktransfer._alignment._columns import encoded_of_columns
from sktransfer._alignment._respelled import OF_SOURCE
from sktransfer._alignment._spelling import Spelling
from sktransfer._alignment._wanted import Wanted
from sktransfer._records import (
    CarriedLayer,
    CategoricalColumn,
    Column,
    ColumnMatch,
    InputColumns,
    LayerNames,
    NumericColumn,
    ReportRow,
    SourceDescription,
    TargetSchema,
)

#: What became of something that both have, of what only the target has, and only the source.
REUSED, NEW, NOT_HERE = "reused", "new", "not in this table"
#: Why a layer is new though there is a source.
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
        return [*(ReportRow("layer", name, NEW, why) for name in layer_names), *readings]
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
    """Columns that are not what their type suggests: read from text, or left out."""
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
        status = REUSED if layer.outputs.all() else "partly reused"
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
    return ReportRow("layer", name, NEW, reason)


def of_outputs_read(
    rows: Iterable[ReportRow],
    source: SourceDescription,
    layer_names: LayerNames,
    labels_agree: bool,
) -> tuple[ReportRow, ...]:
    """Rows of a member that reads the outputs of a source's network, all of whose layers it keeps.

    Parameters
    ----------
    rows : iterable of ReportRow
        As if a new output layer was trained.
    source : SourceDescription
    layer_names : LayerNames
    labels_agree : bool
        Whether the source's outputs mean the target's.
    """
    last, output = source.layers[-1], layer_names.task[-1]
    n_parameters = last.weight.size + last.bias.size
    of_layer = ReportRow("layer", output, REUSED, f"from {source.name}", n_parameters)
    status = REUSED if labels_agree else NEW
    why = "in both tasks" if labels_agree else "read from outputs of other meaning"
    return tuple(
        of_layer
        if (row.part, row.name) == ("layer", output)
        else replace(row, status=status, reason=why)
        if row.part == "class"
        else row
        for row in rows
    )


def share_of_columns(rows: Iterable[ReportRow]) -> float:
    """The share of a source's columns that the table has, by the rows of its report."""
    statuses = [row.status for row in rows if row.part == "column"]
    n_shared = statuses.count(REUSED)
    return n_shared / (n_shared + statuses.count(NOT_HERE)) if n_shared else 1.0


def _column_rows(
    source: SourceDescription, columns: ColumnMatch, ours: InputColumns
) -> list[ReportRow]:
    """A row per column of either table, and one per category of those that have some."""
    theirs = source.inputs.columns
    used = set(columns.source_position.tolist())
    our_columns = _with_transformed(ours, encoded_of_columns(ours, columns.known), ours.names)
    their_columns = encoded_of_columns(theirs, [i in used for i in range(theirs.n_encoded)])
    through = _through_transformers(theirs)
    several = _labels_of_several(theirs)
    left_out = {row.name for row in _reading_rows(ours) if row.status == "left out"}
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
        rows.append(ReportRow("column", column, REUSED if n_known else NEW, why))
        if kind is CategoricalColumn:
            rows += [
                ReportRow("category", name, REUSED, "known to the source")
                if known
                else ReportRow("category", name, NEW, new)
                for name, known in encoded.items()
            ]
    for column, (kind, encoded) in their_columns.items():
        where = "only in the source"
        if column in left_out:
            where = f"{kind.entries} in the source, names of rows or free text in this table"
        reason = f"{where}: {stand_in}"
        if column not in our_columns and not any(encoded.values()) and column not in several:
            status = "left out" if column in left_out else NOT_HERE
            rows.append(ReportRow("column", column, status, reason))
        if kind is CategoricalColumn:
            left = [name for name, is_used in encoded.items() if not is_used]
            rows += [ReportRow("category", name, NOT_HERE, reason) for name in left]
    rows += [
        ReportRow("column", column, NOT_HERE, f"only in the source: its {label} fills it in")
        for column, label in through.items()
        if column not in our_columns and ours.names is not None
    ]
    return rows


def _through_transformers(columns: InputColumns) -> dict[str, str]:
    """Columns that a source's transformers take with others, and what these are called."""
    return {
        name: made.label
        for made in getattr(columns.transformer, "transformed", ())
        for of in made.made_of
        if len(of) > 1
        for name in made.columns
    }


def _labels_of_several(columns: InputColumns) -> set[str]:
    """What encoded columns are said to be made of that are made of several."""
    found = getattr(columns.transformer, "transformed", ())
    return {made.label_of_several for made in found}


def _with_transformed(
    columns: InputColumns,
    found: dict[str, tuple[type[Column], dict[str, bool]]],
    names: tuple[str, ...] | None,
) -> dict[str, tuple[type[Column], dict[str, bool]]]:
    """Columns by themselves where a source's transformer takes several of them at once."""
    labels = _labels_of_several(columns)
    together = {name: found[name] for name in found if name in labels}
    if not together or names is None:
        return found
    apart = {name: entry for name, entry in found.items() if name not in together}
    for name, label in _through_transformers(columns).items():
        if name in names:
            kind, encoded = apart.get(name, (NumericColumn, {}))
            known = any(any(flags.values()) for _, flags in together.values())
            apart[name] = kind, encoded | {f"{label}({name})": known}
    return apart


def _of_unlike(rows: Iterable[ReportRow], unlike: Mapping[str, str]) -> list[ReportRow]:
    """Rows of columns whose levels differ: one for both tables' column, which is new."""
    reason = "without a category in common with the source: starts at zero"
    kept = []
    for row in rows:
        owner = row.name.partition("=")[0] if row.part == "category" else row.name
        if row.part not in ("column", "category") or not unlike:
            kept.append(row)
        elif owner in unlike:
            kept.append(replace(row, reason=reason))
        elif owner.removesuffix(OF_SOURCE) not in unlike.values() or OF_SOURCE not in owner:
            kept.append(row)
    return kept


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
    rows = _of_unlike(rows, {spelling.columns.get(name, name): name for name in spelling.unlike})
    return tuple(
        replace(row, reason=f"{row.reason}, {said[row.part][row.name]} in the source")
        if row.status == REUSED and row.name in said.get(row.part, {})
        else row
        for row in rows
    )


def _class_rows(target: TargetSchema, head: CarriedLayer | None) -> list[ReportRow]:
    labels = [str(label) for label in target.labels]
    if head is None:
        return [ReportRow("class", label, NEW, "a new output layer") for label in labels]
    known = np.broadcast_to(head.outputs, len(labels))
    return [
        ReportRow(
            "class",
            label,
            REUSED if is_known else NEW,
            "in both tasks" if is_known else "only in the target",
        )
        for label, is_known in zip(labels, known, strict=True)
    ]
