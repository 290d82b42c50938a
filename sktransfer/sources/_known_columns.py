"""What a source has of the columns of its table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from sktransfer._preprocessing import FrameEncoder
from sktransfer._records import (
    CategoricalColumn,
    Column,
    InputColumns,
    NumericColumn,
    SourceDescription,
)
from sktransfer._typing import Entry
from sktransfer.sources._fitted_columns import entries_of, has_numbers, knowledge_of
from sktransfer.sources._predictor import Predictor
from sktransfer.sources._traced import Level, Number


@dataclass(frozen=True, eq=False)
class KnownColumn:
    """A column of a source's table.

    Attributes
    ----------
    name : str
    kind : {'number', 'category', 'datetime', 'transformed', ''}
        ``'transformed'`` for what its own steps take or nothing does; empty where the source does
        not say.
    levels : mapping of str to float
        Its levels and the share of rows that each has, NaN where that is not known.
    mean, deviation : float
        NaN where they are not known.
    """

    name: str
    kind: str = ""
    levels: Mapping[str, float] = field(default_factory=dict)
    mean: float = np.nan
    deviation: float = np.nan


def encoder_of(columns: InputColumns) -> list[Column] | None:
    """The columns that a source encodes one by one; None where a transformer takes all."""
    transformer = columns.transformer
    if isinstance(transformer, FrameEncoder):
        return list(transformer.columns)
    if transformer is None and columns.names is not None:
        return [NumericColumn(name) for name in columns.names]
    return None


def columns_of_source(source: SourceDescription) -> list[KnownColumn]:
    """What a source has of its columns; none where they have no names.

    Parameters
    ----------
    source : SourceDescription
    """
    columns = source.inputs.columns
    if columns.names is None:
        return []
    if not source.layers and isinstance(source.predictor, Predictor):
        return _of_predictor(source.predictor, columns.names)
    encoder = encoder_of(columns)
    if encoder is None:
        return [KnownColumn(name) for name in columns.names]
    units = _units(source)
    every = [_known(column, units) for column in encoder]
    predictor = source.predictor
    if isinstance(predictor, Predictor) and any(one.kind == "transformed" for one in every):
        entries = entries_of_predictor(predictor)
        every = [
            replace(one, levels=dict.fromkeys(entries[one.name], np.nan))
            if one.kind == "transformed" and one.name in entries
            else one
            for one in every
        ]
    return every


def _units(source: SourceDescription) -> dict[str, tuple[float, float]]:
    """Encoded column → its mean and standard deviation, where they are known."""
    scaling = source.inputs.scaling
    if not scaling.is_measured:
        return {}
    names = source.inputs.columns.named_columns
    pairs = zip(scaling.center.tolist(), np.abs(scaling.scale).tolist(), strict=True)
    return dict(zip(names, pairs, strict=False))


def _known(column: Column, units: Mapping[str, tuple[float, float]]) -> KnownColumn:
    if isinstance(column, CategoricalColumn):
        share = {
            level: units.get(f"{column.name}={level}", (np.nan, 0.0))[0] for level in column.levels
        }
        if column.drops_first:
            share[column.levels[0]] = 1.0 - sum(list(share.values())[1:])
        return KnownColumn(column.name, "category", share)
    first = column.encoded_names[0] if column.encoded_names else ""
    mean, deviation = units.get(first, (np.nan, np.nan))
    return KnownColumn(column.name, column.kind, {}, mean, deviation)


def entries_of_predictor(predictor: Predictor) -> dict[str, dict[str, Entry]]:
    """Column → the text of each category that an estimator has → the entry that has it."""
    return entries_of(predictor.estimator, knowledge_of(predictor.estimator))


def _of_predictor(predictor: Predictor, names: tuple[str, ...]) -> list[KnownColumn]:
    """What an estimator's own steps, or its categories, store about its columns."""
    known = knowledge_of(predictor.estimator)
    entries = entries_of(predictor.estimator, known)
    # whatever stands for what is missing in them
    numbers = [term for term in known.units if isinstance(term, Number)]
    measured = {term.column: known.units[term] for term in numbers}
    found = []
    for i, name in enumerate(names):
        if name in entries:
            units = (known.units.get(Level(i, text)) for text in entries[name])
            shares = [np.nan if unit is None else unit[0] for unit in units]
            levels = dict(zip(entries[name], shares, strict=True))
            found.append(KnownColumn(name, "category", levels))
            continue
        mean, deviation = measured.get(i, (known.typical.get(i), np.nan))
        if isinstance(mean, int | float | np.number):
            found.append(KnownColumn(name, "number", {}, float(mean), deviation))
        elif has_numbers(predictor.estimator, known, i):
            found.append(KnownColumn(name, "number"))
        else:
            found.append(KnownColumn(name))
    return found
