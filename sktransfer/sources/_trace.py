"""What a pipeline's fitted steps make of the columns of its table."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    SplineTransformer,
)

from sktransfer._preprocessing import level_text, table_of_columns
from sktransfer._typing import Entry
from sktransfer.sources._chained import PickedColumns
from sktransfer.sources._encoder_levels import EncoderLevels, TextEntries
from sktransfer.sources._kept_levels import kept_levels
from sktransfer.sources._kinds import acts, derives_from, is_foreign
from sktransfer.sources._linear_steps import linear_step, note_supposed
from sktransfer.sources._nameless import reads_one_text
from sktransfer.sources._traced import (
    Knowledge,
    Origin,
    Output,
    TracedColumns,
    Transformed,
    concatenated,
)

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


class Untraceable(Exception):
    """Steps that do not expose how many columns they make, or of which."""


def trace(
    step: BaseEstimator, columns: TracedColumns, known: Knowledge, n_out: int | None = None
) -> TracedColumns:
    """The columns behind a fitted step.

    Parameters
    ----------
    step : transformer, 'passthrough', 'drop' or None
    columns : TracedColumns
        Those before it.
    known : Knowledge
        Gets what the step stores about them.
    n_out : int or None
        How many columns come out, where that is known.

    Raises
    ------
    Untraceable
        If the number of columns that come out is unknown.
    """
    if step is None or (isinstance(step, str) and step == "passthrough"):
        return columns
    if isinstance(step, str):
        return columns.take([])
    try:
        traced = _container(step, columns, known, n_out)
    except Untraceable:
        traced = None
    if traced is None:
        traced = linear_step(step, columns, known)
    if traced is not None and n_out in (None, len(traced)):
        return traced
    return transformed(step, columns, known, n_out)


def _container(
    step: BaseEstimator, columns: TracedColumns, known: Knowledge, n_out: int | None
) -> TracedColumns | None:
    if type(step) is Pipeline:
        return trace_steps([inner for _, inner in step.steps], columns, known, n_out)
    if type(step) is ColumnTransformer:
        return _column_transformer(step, columns, known)
    if type(step) is FeatureUnion:
        return _union(step, columns, known)
    if derives_from(step, "skrub._table_vectorizer", "TableVectorizer"):
        return _table_vectorizer(step, columns, known)
    return None


def trace_steps(
    steps: Sequence[BaseEstimator],
    columns: TracedColumns,
    known: Knowledge,
    n_out: int | None = None,
    levels: Mapping[int, Sequence[Entry]] | None = None,
) -> TracedColumns:
    """The columns behind several fitted steps, one after the other.

    Parameters
    ----------
    steps, columns, known, n_out :
        As of :func:`trace`.
    levels : mapping of int to sequence, optional
        Of the columns behind them the categories that an estimator there compares; none where it
        has no list of them.
    """
    table = columns
    is_whole = table.names is not None and not table.origin.steps
    # positions of some columns in the middle are none of the table's
    is_whole = is_whole and tuple(table.origin.columns) == tuple(range(len(table)))
    try:
        for i, step in enumerate(steps):
            after = list(filter(acts, steps[i + 1 :]))
            n_next = getattr(after[0], "n_features_in_", None) if after else n_out
            columns = trace(step, columns, known, n_next)
            if not i and is_whole and (after or levels):
                _suppose(columns, table.names or (), after[0] if after else None, known)
        for at, every in (levels or {}).items():
            _note_levels(columns, at, every, known)
    finally:
        if steps and is_whole and known.values:
            _note_passed_through(steps[0], table, known)
    return columns


def _suppose(
    columns: TracedColumns,
    names: Sequence[str],
    after: BaseEstimator | None,
    known: Knowledge,
) -> None:
    """Note which outputs of a first step have the name of a column that it took."""
    named = columns.names or tuple(getattr(after, "feature_names_in_", ()))
    for i, name in enumerate(named if len(named) == len(columns) else ()):
        term, factor = columns.only(i) or (None, 0.0)
        is_same = factor == 1.0 and columns.offset[i] == 0.0
        if isinstance(term, Output) and is_same and name in names:
            known.supposed[term] = list(names).index(name)


def _note_levels(
    columns: TracedColumns, at: int, levels: Sequence[Entry], known: Knowledge
) -> None:
    """Note the categories of a column of the table that arrives at an estimator as it is."""
    raw = columns.raw(at)
    every = np.asarray(levels, object).tolist()
    present = [value for value in every if level_text(value) is not None]
    if raw is not None and not len(levels):
        known.read_as_text[raw.column] = at
    elif raw is not None:
        texts = {str(level_text(value)): value for value in present}
        known.levels.setdefault(raw.column, texts)
    else:
        note_supposed(columns, at, levels, known)


def _note_passed_through(step: BaseEstimator, table: TracedColumns, known: Knowledge) -> None:
    """Of values of columns behind a first step those that it does not change."""
    values, names = dict(known.values), list(table.names or ())
    known.values.clear()
    known.supposed.clear()
    n_rows = max(map(len, values.values()))
    given = [_cycled(values.get(i, [1.0]), n_rows) for i in range(len(table))]
    rows = table_of_columns(given, names, n_rows)
    # whatever a foreign step makes of some rows, and says about them
    with suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = step.transform(rows)
        for column, entries in values.items():
            if np.asarray(made[names[column]]).tolist() != given[column].tolist():
                continue
            texts = [str(level_text(value)) for value in entries]
            if len(entries) == 1 and isinstance(entries[0], float):
                known.typical.setdefault(column, entries[0])
            elif len(set(texts)) == len(texts):
                known.levels.setdefault(column, dict(zip(texts, entries, strict=True)))


def _cycled(entries: list[Entry], n: int) -> np.ndarray:
    if all(isinstance(entry, float) for entry in entries):
        return np.resize(np.array(entries, np.float64), n)
    return np.resize(np.array(entries, object), n)


# -- containers ---------------------------------------------------------------------------


def _column_transformer(
    step: ColumnTransformer, columns: TracedColumns, known: Knowledge
) -> TracedColumns | None:
    names = getattr(step, "feature_names_in_", None)
    names = None if names is None else names.tolist()
    weights = step.transformer_weights or {}
    parts = []
    for name, inner, chosen in step.transformers_:
        block = step.output_indices_[name]
        n_out = block.stop - block.start
        at = positions_of(chosen, len(columns), names)
        if not n_out or not at:
            continue
        part = trace(inner, _picked(columns, chosen, at, names), known, n_out)
        factor = np.full(len(part), float(weights.get(name, 1.0)))
        parts.append(part.scaled(factor, np.zeros(len(part))))
    joined = concatenated(parts, columns.origin)
    return joined.after(step, _names_out(step, len(joined)))


#: Columns in any of the ways in which a ColumnTransformer is given them.
ChosenColumns: TypeAlias = str | int | slice | Sequence[str] | Sequence[int] | Sequence[bool]


def positions_of(chosen: ChosenColumns, n: int, names: list[str] | None) -> list[int]:
    """Positions of columns that a ColumnTransformer was given in any of its ways."""
    if isinstance(chosen, slice):
        if isinstance(chosen.start, str) or isinstance(chosen.stop, str):
            start = None if chosen.start is None else _index(names, chosen.start)
            stop = None if chosen.stop is None else _index(names, chosen.stop) + 1
            chosen = slice(start, stop, chosen.step)
        return list(range(*chosen.indices(n)))
    entries: list[str | int] = (
        [chosen] if isinstance(chosen, str | int | np.integer) else list(chosen)
    )
    if entries and all(isinstance(entry, bool | np.bool_) for entry in entries):
        return [i for i, is_chosen in enumerate(entries) if is_chosen]
    return [
        _index(names, entry) if isinstance(entry, str) else range(n)[int(entry)]
        for entry in entries
    ]


def _index(names: list[str] | None, name: str) -> int:
    if names is None or name not in names:
        raise Untraceable(name)
    return names.index(name)


def _picked(
    columns: TracedColumns, chosen: ChosenColumns, at: list[int], names: list[str] | None
) -> TracedColumns:
    """Some of the columns, and how they are computed."""
    taken = columns.take(at)
    origin = columns.origin
    is_one = isinstance(chosen, str | int | np.integer)
    if not origin.steps:
        origin = Origin(tuple(origin.columns[i] for i in at))
        at, names = list(range(len(at))), None if names is None else [names[i] for i in at]
    if is_one or origin.steps:
        pick = PickedColumns(
            at[0] if is_one else tuple(at), None if names is None else tuple(names)
        )
        origin = Origin(origin.columns, (*origin.steps, pick))
    return TracedColumns(taken.terms, taken.matrix, taken.offset, origin, taken.names)


def _union(step: FeatureUnion, columns: TracedColumns, known: Knowledge) -> TracedColumns | None:
    weights = step.transformer_weights or {}
    parts = []
    for name, inner in step.transformer_list:
        part = trace(inner, columns, known)
        factor = np.full(len(part), float(weights.get(name, 1.0)))
        parts.append(part.scaled(factor, np.zeros(len(part))))
    joined = concatenated(parts, columns.origin)
    return joined.after(step, _names_out(step, len(joined)))


def _table_vectorizer(
    step: BaseEstimator, columns: TracedColumns, known: Knowledge
) -> TracedColumns | None:
    """skrub's: a transformer per column."""
    names = list(step.feature_names_in_)
    outputs = list(step.all_outputs_)
    whole: TracedColumns | None = None
    parts, at = [], []
    for name, made in step.input_to_outputs_.items():
        column = columns.take([names.index(name)])
        raw = column.raw(0)
        inner = step.transformers_.get(name)
        part = None
        if raw is not None and step.column_to_kind_.get(name) == "numeric":
            known.numbers.add(raw.column)
        if raw is not None and step.column_to_kind_.get(name) in ("numeric", "low_cardinality"):
            is_text = any(
                type(each).__name__ == "CleanNullStrings"
                for each in step.all_processing_steps_[name]
            )
            if type(inner).__name__ == "PassThrough" and not is_text:
                part = column
            elif inner is not None:
                part = linear_step(inner, column, known)
        if part is None or len(part) != len(made):
            if whole is None:
                whole = transformed(step, columns, known, len(outputs))
            part = whole.take([outputs.index(output) for output in made])
        parts.append(part)
        at += [outputs.index(output) for output in made]
    joined = concatenated(parts, columns.origin)
    if sorted(at) != list(range(len(outputs))):
        return None
    return joined.take(np.argsort(at).tolist()).after(step, outputs)


# -- what is not linear -------------------------------------------------------------------

#: Steps of which output i is a function of column i alone.
_ONE_TO_ONE = (QuantileTransformer, PowerTransformer, MinMaxScaler, MaxAbsScaler, Binarizer)


def transformed(
    step: BaseEstimator, columns: TracedColumns, known: Knowledge, n_out: int | None
) -> TracedColumns:
    """The outputs of a fitted step that is no linear function."""
    _note_kept_levels(step, columns, known)
    names = _names_out(step, n_out)
    if n_out is None:
        if names is None:
            raise Untraceable(step)
        n_out = len(names)
    origin = Origin(columns.origin.columns, (*columns.origin.steps, step))
    columns_of = [known.columns_of(columns.terms_of(i)) for i in range(len(columns))]
    made_of = _made_of(step, len(columns), n_out)
    every = tuple(sorted({column for of in columns_of for column in of}))
    made = tuple(every if i is None else columns_of[i] for i in made_of)
    _note_typical(step, columns, known)
    raw = columns.raw(0) if len(columns) == 1 and reads_one_text(step) else None
    if raw is not None:
        known.encoded.setdefault(raw.column, TextEntries())
        known.typical.setdefault(raw.column, "")
    known.transformed.append(Transformed(origin, made, names))
    at = len(known.transformed) - 1
    terms = [Output(at, i) for i in range(n_out)]
    return TracedColumns.of_terms(terms, origin, names)


def _note_kept_levels(step: BaseEstimator, columns: TracedColumns, known: Knowledge) -> None:
    """Levels of which an encoder of another package keeps a list of its own."""
    names = columns.names or tuple(getattr(step, "feature_names_in_", ()))
    is_read = derives_from(step, "skrub._table_vectorizer", "TableVectorizer")
    if not is_foreign(step) or is_read or len(names) != len(columns):
        return
    for name, levels in kept_levels(step, names).items():
        raw = columns.raw(names.index(name))
        if raw is not None:
            texts = {str(level_text(entry)): entry for entry in levels}
            known.levels.setdefault(raw.column, texts)
            known.encoded.setdefault(raw.column, EncoderLevels(texts, np.nan, raises=False))


def _made_of(step: BaseEstimator, n_in: int, n_out: int) -> list[int | None]:
    """Per output the column that it is a function of, None for a function of all."""
    per_column: list[int] | None = None
    if isinstance(step, KBinsDiscretizer):
        per_column = [1 if step.encode == "ordinal" else int(n) for n in step.n_bins_]
    elif isinstance(step, SplineTransformer):
        per_column = [n_out // n_in] * n_in
    elif isinstance(step, _ONE_TO_ONE) or (
        isinstance(step, FunctionTransformer) and isinstance(step.func, np.ufunc)
    ):
        per_column = [1] * n_in
    elif derives_from(step, "skrub._table_vectorizer", "TableVectorizer"):
        names = list(step.feature_names_in_)
        return [names.index(step.output_to_input_[name]) for name in step.all_outputs_]
    if per_column is None or sum(per_column) != n_out:
        return [0] * n_out if n_in == 1 else [None] * n_out
    return [i for i, n in enumerate(per_column) for _ in range(n)]


def _note_typical(step: BaseEstimator, columns: TracedColumns, known: Knowledge) -> None:
    """Usual values of the columns that the step stores, such as medians."""
    for i, value in enumerate(_typical(step)):
        if i < len(columns):
            known.note_value(columns, i, float(value))


def _typical(step: BaseEstimator) -> Sequence[float] | np.ndarray:
    found: Sequence[float] | np.ndarray = ()
    if isinstance(step, QuantileTransformer):
        found = np.median(step.quantiles_, axis=0)
    elif isinstance(step, PowerTransformer) and step.standardize:
        found = step.inverse_transform(np.zeros((1, step.n_features_in_)))[0]
    elif isinstance(step, KBinsDiscretizer):
        found = [np.mean(edges[(len(edges) - 1) // 2 :][:2]) for edges in step.bin_edges_]
    elif isinstance(step, SplineTransformer):
        found = [np.median(spline.t) for spline in step.bsplines_]
    elif isinstance(step, MinMaxScaler):
        found = (step.data_min_ + step.data_max_) / 2
    elif hasattr(step, "initial_imputer_"):
        found = step.initial_imputer_.statistics_
    return found


def _names_out(step: BaseEstimator, n_out: int | None) -> tuple[str, ...] | None:
    try:
        names = tuple(str(name) for name in step.get_feature_names_out())
    except (AttributeError, NotImplementedError, TypeError, ValueError):
        return None  # some transformer does not expose it
    return names if n_out in (None, len(names)) else None
