"""The inputs of a network that was unfolded: an encoder of the table's columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.impute import KNNImputer
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sktransfer._preprocessing import FrameEncoder, TransformedColumns
from sktransfer._records import (
    CategoricalColumn,
    Column,
    InputColumns,
    NumericColumn,
    Transformer,
    UnencodedColumn,
)
from sktransfer._typing import Entry
from sktransfer.sources._chained import ChainedTransformer
from sktransfer.sources._lenient_encoders import with_lenient_encoders
from sktransfer.sources._missing import pass_missing_on
from sktransfer.sources._nameless import reads_one_text
from sktransfer.sources._terms import SourceTable, Terms
from sktransfer.sources._traced import Knowledge, Level, Missing, Number, Output, Transformed

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


def input_columns(terms: Terms, table: SourceTable) -> InputColumns:
    indicated = [term.column for term in terms.terms if isinstance(term, Missing)]
    by_column: dict[int, Column] = {}
    for term in terms.terms:
        if isinstance(term, Number):
            by_column[term.column] = NumericColumn(table.name(term.column))
        elif isinstance(term, Level) and term.column not in by_column:
            levels = tuple(terms.known.levels[term.column])
            by_column[term.column] = CategoricalColumn(
                table.name(term.column), levels, marks_missing=term.column in indicated
            )
    position = {t.column: i for i, t in enumerate(terms.terms) if isinstance(t, Number)}
    indicators = tuple(position[column] for column in indicated if column in position)
    if not terms.needs_encoder and len(by_column) == table.n_features:
        return InputColumns(
            table.n_features,
            table.n_features,
            table.names,
            table.names,
            None,
            missing_indicators=indicators,
        )
    encoder = FrameEncoder(
        [
            by_column.get(column, UnencodedColumn(table.name(column)))
            for column in range(table.n_features)
        ],
        _transformed(terms, table),
    )
    encoded_names = encoder.get_feature_names_out()
    return InputColumns(
        table.n_features,
        len(encoded_names),
        table.names,
        encoded_names,
        encoder,
        missing_indicators=indicators,
    )


def _transformed(terms: Terms, table: SourceTable) -> list[TransformedColumns]:
    used: dict[int, list[Output]] = {}
    for term in terms.terms:
        if isinstance(term, Output):
            used.setdefault(term.transformed, []).append(term)
    return [
        _transformed_by(terms.known.transformed[index], outputs, terms.known, table)
        for index, outputs in used.items()
    ]


def _transformed_by(
    one: Transformed, outputs: list[Output], known: Knowledge, table: SourceTable
) -> TransformedColumns:
    columns = one.origin.columns
    label = type(one.origin.steps[-1]).__name__
    fill = _fill(one, known)
    made_of = [[columns.index(column) for column in one.made_of[each.index]] for each in outputs]
    made = TransformedColumns(
        with_lenient_encoders(joined(one.origin.steps), is_saved=True),
        [table.name(column) for column in columns],
        fill,
        [each.index for each in outputs],
        [_output_name(one, each.index, label, table) for each in outputs],
        made_of,
        label,
        [_is_filled(one, value) for value in fill],
    )
    # steps behind it replace what it makes of a missing entry, unless some output has none
    without = {
        i for each, of in zip(outputs, made_of, strict=True) if each.fill is None for i in of
    }
    made.fills_missing = tuple(
        is_filled and (i in without or not made.takes_missing(i))
        for i, is_filled in enumerate(made.fills_missing)
    )
    return made


def _output_name(one: Transformed, index: int, label: str, table: SourceTable) -> str:
    made_of = one.made_of[index]
    inside = table.name(made_of[0]) if len(made_of) == 1 else f"{len(made_of)} columns"
    name = None if one.names is None else one.names[index]
    return f"{label}({inside})[{index if name is None else name}]"


def _fill(one: Transformed, known: Knowledge) -> list[Entry]:
    """Per column the entry that stands for it where a table lacks it."""
    first = one.origin.steps[0]
    if _marks_missing(first):
        return [np.nan] * len(one.origin.columns)
    found = []
    for column in one.origin.columns:
        value = known.typical.get(column)
        if value is None and column in known.levels:
            value = next(iter(known.levels[column].values()))
        found.append(value)
    return found


def _is_filled(one: Transformed, value: Entry) -> bool:
    """Whether a missing entry is replaced before steps that refuse it."""
    is_number = isinstance(value, int | float | np.number) and np.isfinite(value)
    is_text = isinstance(value, str) and any(map(reads_one_text, one.origin.steps))
    return bool(is_number or is_text) and not pass_missing_on(one.origin.steps)


def _marks_missing(step: BaseEstimator) -> bool:
    """Whether a transformer separates missing entries from the others of their row."""
    name = type(step).__name__
    return isinstance(step, KNNImputer) or name in ("IterativeImputer", "TableVectorizer")


def joined(steps: Sequence[BaseEstimator]) -> Transformer:
    """One fitted transformer that does what steps do."""
    if len(steps) == 1:
        only: Transformer = steps[0]
        return only
    pipeline: Transformer = Pipeline([(f"step{i}", step) for i, step in enumerate(steps)])
    if not all(hasattr(step, "fit") for step in steps):
        return ChainedTransformer(steps)
    try:
        check_is_fitted(pipeline)
    except NotFittedError:
        # A last step without any state makes scikit-learn take the whole for unfitted.
        return ChainedTransformer(steps)
    return pipeline
