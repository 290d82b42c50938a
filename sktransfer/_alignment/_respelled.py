"""A source with the names and levels that a table gives its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np

from sktransfer._alignment._spelling import Spelling
from sktransfer._preprocessing import FrameEncoder, RespelledLevels, TransformedColumns, word_for
from sktransfer._records import (
    CategoricalColumn,
    Column,
    InputColumns,
    NumericColumn,
    SourceDescription,
)
from sktransfer._typing import Entry
from sktransfer.sources import Predictor, encoder_of, entries_of_predictor

#: What a column of the source is called that is another than the table's of its name.
OF_SOURCE = " (of the source)"

#: A column as the table has it, and where its encoded columns were among the source's.
_Part = tuple[Column, tuple[int, ...]]


def respelled(source: SourceDescription, spelling: Spelling) -> SourceDescription:
    """A source as if it had been trained on a table with these names and levels.

    Parameters
    ----------
    source : SourceDescription
    spelling : Spelling

    Returns
    -------
    SourceDescription
        `source` itself where nothing differs.
    """
    if not spelling.differs:
        return source
    columns = source.inputs.columns
    if not source.layers:
        return _of_predictions(source, spelling)
    encoder = encoder_of(columns)
    if encoder is None:  # a transformer takes all columns, and knows their levels
        names = tuple(spelling.columns.get(name, name) for name in columns.names or ())
        made = replace(columns, names=names)
    else:
        levels = _levels_of_steps(source, spelling)
        made = _with_columns(columns, _parts(encoder, spelling), spelling, levels)
    return replace(source, inputs=replace(source.inputs, columns=made))


def _parts(encoder: list[Column], spelling: Spelling) -> list[_Part]:
    level_of = {
        theirs: (ours, level)
        for ours, levels in spelling.folded.items()
        for level, theirs in levels.items()
        if theirs
    }
    parts: list[_Part] = []
    groups: dict[str, tuple[list[str], list[int]]] = {}
    at = 0
    for column in encoder:
        where = tuple(range(at, at + len(column.encoded_names)))
        at += len(where)
        if column.name in level_of:
            ours, level = level_of[column.name]
            levels, positions = groups.setdefault(ours, ([], []))
            levels.append(level)
            positions += where
        elif column.name in spelling.dummies:
            parts += _one_by_one(column, where, spelling.dummies[column.name])  # type: ignore[arg-type]
        else:
            parts.append((_column(column, spelling), where))
    for ours, (levels, positions) in groups.items():
        dropped = [level for level, theirs in spelling.folded[ours].items() if not theirs]
        column = CategoricalColumn(ours, (*dropped, *levels), drops_first=bool(dropped))
        parts.append((column, tuple(positions)))
    return parts


def _one_by_one(
    column: CategoricalColumn, where: tuple[int, ...], levels: Mapping[str, str]
) -> list[_Part]:
    """Indicators of levels as columns of zeros and ones."""
    own = column.levels[int(column.drops_first) :]
    every = column.encoded_names
    names = [levels.get(level, name) for level, name in zip(own, every, strict=False)]
    names += every[len(own) :]
    return [(NumericColumn(name), (at,)) for name, at in zip(names, where, strict=True)]


def _column(column: Column, spelling: Spelling) -> Column:
    name = spelling.columns.get(column.name, column.name)
    if column.name in spelling.unlike:
        return replace(column, name=column.name + OF_SOURCE)
    if column.name in spelling.truths and isinstance(column, NumericColumn):
        words = {truth: word for word, truth in spelling.truths[column.name].items()}
        levels = tuple(words.get(truth) or word_for(truth, list(words.values())) for truth in "01")
        return CategoricalColumn(name, levels, drops_first=True)
    if isinstance(column, CategoricalColumn):
        ours = {theirs: level for level, theirs in spelling.levels.get(column.name, {}).items()}
        return replace(column, name=name, levels=tuple(ours.get(x, x) for x in column.levels))
    return replace(column, name=name)


def _with_columns(
    columns: InputColumns,
    parts: list[_Part],
    spelling: Spelling,
    levels: Mapping[str, Mapping[str, Entry]],
) -> InputColumns:
    """The same inputs, made of other columns."""
    before = columns.transformer
    taken = [] if before is None else before.transformed  # type: ignore[attr-defined]
    transformed = [_renamed(one, spelling, levels) for one in taken]
    names = tuple(column.name for column, _ in parts)
    was_at = [at for _, where in parts for at in where]
    was_at += range(len(was_at), columns.n_encoded)  # of transformers
    is_at = np.argsort(was_at)
    order = [int(is_at[at]) for at in columns.order or range(columns.n_encoded)]
    encoder = FrameEncoder([column for column, _ in parts], transformed)
    made = encoder.get_feature_names_out()
    is_plain = before is None and all(isinstance(column, NumericColumn) for column, _ in parts)
    were = {columns.names[i] for i in columns.truths} if columns.names else set()
    truths = {
        name + OF_SOURCE if name in spelling.unlike else spelling.columns.get(name, name)
        for name in were
    }
    return replace(
        columns,
        n_features=len(names),
        names=names,
        truths=tuple(
            i
            for i, (column, _) in enumerate(parts)
            if column.name in truths and not isinstance(column, CategoricalColumn)
        ),
        encoded_names=tuple(made[at] for at in order),
        transformer=None if is_plain else encoder,
        order=None if order == list(range(len(order))) else tuple(order),
    )


def _renamed(
    one: TransformedColumns, spelling: Spelling, levels: Mapping[str, Mapping[str, Entry]]
) -> TransformedColumns:
    columns = dict(spelling.columns)
    columns |= {name: name + OF_SOURCE for name in spelling.unlike}
    own = {name: levels[name] for name in one.columns if name in levels}
    return TransformedColumns(
        RespelledLevels(one.transformer, own) if own else one.transformer,
        [columns.get(name, name) for name in one.columns],
        one.fill,
        one.outputs,
        one.names,
        one.made_of,
        one.label,
        one.fills_missing,
    )


def _levels_of_steps(source: SourceDescription, spelling: Spelling) -> dict[str, dict[str, Entry]]:
    """Column → the table's text of a level → the entry that a source's own steps have."""
    predictor = source.predictor
    if not isinstance(predictor, Predictor) or not spelling.levels:
        return {}
    entries = entries_of_predictor(predictor)
    return {
        name: {ours: entries[name][theirs] for ours, theirs in pairs.items()}
        for name, pairs in spelling.levels.items()
        if name in entries
    }


# -- sources without layers -----------------------------------------------------------------


def _of_predictions(source: SourceDescription, spelling: Spelling) -> SourceDescription:
    """Its estimator keeps its own columns and levels, and is handed the table's as these."""
    columns = dict(spelling.columns)
    columns |= {name: name + OF_SOURCE for name in spelling.unlike}
    predictor = cast("Predictor", source.predictor)
    entries = entries_of_predictor(predictor)
    levels: dict[str, dict[str, Entry]] = {
        name: {ours: entries[name][theirs] for ours, theirs in pairs.items()}
        for name, pairs in spelling.levels.items()
    }
    for name, words in spelling.truths.items():
        levels[name] = {"": np.nan, **{word: float(truth) for word, truth in words.items()}}
    for ours, pairs in spelling.folded.items():
        for level, theirs in pairs.items():
            if theirs:
                columns[theirs] = ours
                levels[theirs] = {"": 0.0, level: 1.0}
    return replace(source, predictor=predictor.renamed(columns, levels))
