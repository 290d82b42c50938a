"""A network behind fitted steps, as a network of the table before them.

The steps' linear part goes into the scaling and the first layer, so that each column of the table,
and each of its categories, is an input of its own: one that another table may lack, reorder or
add to.  What is not linear stays a fitted transformer of the columns that it takes.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from sktransfer._records import (
    DenseLayer,
    InputColumns,
    InputScaling,
    InputSchema,
    InputStatistics,
    SourceDescription,
)
from sktransfer.sources._input_columns import input_columns, joined
from sktransfer.sources._same import is_same
from sktransfer.sources._terms import SourceTable, Terms
from sktransfer.sources._trace import Untraceable, trace_steps, transformed
from sktransfer.sources._traced import (
    Knowledge,
    Level,
    Missing,
    Number,
    Output,
    Term,
    TracedColumns,
)

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


#: Columns up to which a table is encoded column by column.
_MOST_COLUMNS = 1000
#: Inputs up to which their covariance is noted.
_MOST_CORRELATED = 256
#: How far a factor or shift may be from 1 or 0 by rounding alone.
_ROUNDING = 1e-12


def unfolded(
    steps: Sequence[BaseEstimator],
    inner: SourceDescription,
    n_features: int,
    names: tuple[str, ...] | None,
) -> SourceDescription | None:
    """The network of the table before some fitted steps; None where it is not one.

    Parameters
    ----------
    steps : sequence of fitted transformers
    inner : SourceDescription
        The network behind them.
    n_features : int
        Number of the table's columns.
    names : tuple of str or None
        Their names.
    """
    columns = inner.inputs.columns
    if columns.transformer is not None or columns.order is not None:
        return None
    known = Knowledge()
    start = TracedColumns.table(n_features, names)
    table = SourceTable(n_features, names)
    with suppress(Untraceable):
        traced = trace_steps(steps, start, known, columns.n_encoded)
        made = _network_of(traced, known, inner, table)
        if made is not None and is_same(made, inner, steps, known):
            return made
    # all steps as one transformer, with what was met of their knowledge on the way
    known.transformed.clear()
    at_once = transformed(joined(steps), start, known, columns.n_encoded)
    return _network_of(at_once, known, inner, table)


def _network_of(
    traced: TracedColumns, known: Knowledge, inner: SourceDescription, table: SourceTable
) -> SourceDescription | None:
    columns = inner.inputs.columns
    if len(traced) != columns.n_encoded:
        return None
    terms = Terms.of(traced, known)
    if terms is None or (terms.needs_encoder and table.n_features > _MOST_COLUMNS):
        return None
    is_plain = columns.n_inputs == columns.n_encoded and not inner.inputs.scaling.soft_clipping
    return _folded(terms, inner, table) if is_plain else _diagonal(terms, inner, table)


# -- the two ways of putting it together --------------------------------------------------


def _folded(terms: Terms, inner: SourceDescription, table: SourceTable) -> SourceDescription:
    """The linear part in the first layer, each term in its own unit."""
    theirs = inner.inputs.scaling
    matrix = terms.matrix / theirs.scale
    offset = (terms.offset - theirs.center) / theirs.scale
    if theirs.is_measured:
        _note_units(terms, theirs)
    center, scale, is_measured = _units(terms, matrix, offset)
    factor = _snapped(scale[:, None] * matrix, 1.0)
    shift = _snapped(center @ matrix + offset, 0.0)
    layer = inner.layers[0]
    weight = factor @ layer.weight.astype(np.float64)
    bias = layer.bias + shift @ layer.weight.astype(np.float64)
    first = DenseLayer(weight.astype(layer.weight.dtype), bias.astype(layer.bias.dtype))
    columns = input_columns(terms, table)
    fill = _fill_values(terms, columns, center, scale)
    inputs = InputSchema(
        columns,
        InputScaling(center, scale, fill, is_measured=is_measured),
        _statistics(terms, center, scale, fill),
    )
    return replace(inner, layers=(first, *inner.layers[1:]), inputs=inputs)


def _diagonal(
    terms: Terms, inner: SourceDescription, table: SourceTable
) -> SourceDescription | None:
    """Each column of the network a term in another unit; terms that none is get no weight."""
    theirs, columns = inner.inputs.scaling, inner.inputs.columns
    n = columns.n_encoded
    entries = terms.matrix != 0
    if (entries.sum(axis=0) != 1).any() or (entries.sum(axis=1) > 1).any():
        return None
    if any(isinstance(term, Missing) for term in terms.terms):
        return None
    at = entries.argmax(axis=0)
    extra = [i for i in range(len(terms.terms)) if i not in set(at.tolist())]
    order = (*at.tolist(), *extra)
    factor = terms.matrix[at, np.arange(n)]
    indicated = list(columns.missing_indicators)
    center, scale = theirs.center.copy(), theirs.scale.copy()
    center[:n] = (center[:n] - terms.offset) / factor
    scale[:n] = scale[:n] / factor
    fill = theirs.fill_value.copy()
    for i, j in enumerate(at):
        value = getattr(terms.terms[j], "fill", None)
        if value is not None:
            fill[i] = (value - center[i]) / scale[i]
    n_extra = len(extra)
    scaling = replace(
        theirs,
        center=np.insert(center, n, np.zeros(n_extra)),
        scale=np.insert(scale, n, np.ones(n_extra)),
        fill_value=np.insert(fill, n, np.zeros(n_extra)),
    )
    made = input_columns(terms, table)
    names = made.encoded_names
    made = replace(
        made,
        order=None if order == tuple(range(len(order))) else order,
        encoded_names=None if names is None else tuple(names[i] for i in order),
        missing_indicators=tuple(indicated),
        fourier=columns.fourier,
    )
    layer = inner.layers[0]
    first = DenseLayer(np.insert(layer.weight, [n] * n_extra, 0.0, axis=0), layer.bias)
    statistics = inner.inputs.statistics
    if statistics is not None and n_extra:
        among = np.insert(statistics.covariance, [n] * n_extra, 0.0, axis=0)
        statistics = InputStatistics(
            np.insert(statistics.mean, [n] * n_extra, 0.0),
            np.insert(among, [n] * n_extra, 0.0, axis=1),
        )
    inputs = InputSchema(made, scaling, statistics)
    return replace(inner, layers=(first, *inner.layers[1:]), inputs=inputs)


def _note_units(terms: Terms, scaling: InputScaling) -> None:
    for j in range(terms.matrix.shape[1]):
        rows = np.flatnonzero(terms.matrix[:, j])
        if len(rows) == 1:
            factor = terms.matrix[rows[0], j]
            unit = (
                (scaling.center[j] - terms.offset[j]) / factor,
                scaling.scale[j] / abs(factor),
            )
            terms.known.units.setdefault(terms.terms[rows[0]], unit)


def _units(
    terms: Terms, matrix: np.ndarray, offset: np.ndarray
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Center and scale of every term, and whether they are statistics of the source's rows."""
    n = len(terms.terms)
    center, scale = np.zeros(n), np.ones(n)
    of_number = {_column(term): unit for term, unit in terms.known.units.items()}
    measured = []
    for i, term in enumerate(terms.terms):
        unit = of_number.get(_column(term))
        if unit is not None:
            center[i], scale[i] = unit
            measured.append(True)
            continue
        columns = np.flatnonzero(matrix[i])
        alone = len(columns) == 1 and np.count_nonzero(matrix[:, columns[0]]) == 1
        if alone:  # the unit that the steps gave it
            factor = matrix[i, columns[0]]
            center[i], scale[i] = -offset[columns[0]] / factor, 1 / factor
        if isinstance(term, Number) or (alone and (center[i] != 0 or scale[i] != 1)):
            measured.append(False)
    return center, scale, bool(measured) and all(measured)


def _column(term: Term) -> Term:
    """What a term is, whatever stands for its missing entries."""
    return replace(term, fill=None) if isinstance(term, Number | Output) else term


def _snapped(values: np.ndarray, to: float) -> np.ndarray:
    """Numbers that are off by rounding alone, put right."""
    return np.where(np.abs(values - to) <= _ROUNDING, to, values)


def _fill_values(
    terms: Terms, columns: InputColumns, center: np.ndarray, scale: np.ndarray
) -> np.ndarray:
    """The value in its unit of each term where a table has no entry."""
    usual = _shares(terms) | _usual_outputs(terms, columns)
    fill = np.zeros(len(terms.terms))
    for i, term in enumerate(terms.terms):
        value = usual.get(term)
        if isinstance(term, Number | Output) and term.fill is not None:
            value = float(cast("float", term.fill))
        elif isinstance(term, Number) and _column(term) not in map(_column, terms.known.units):
            value = cast("float | None", terms.known.typical.get(term.column))
        if value is not None:
            fill[i] = (value - center[i]) / scale[i]
    return fill


def _usual_outputs(terms: Terms, columns: InputColumns) -> dict[Term, float]:
    """Of every output that no scaler has measured what the transformer makes of usual entries."""
    outputs = [term for term in terms.terms if isinstance(term, Output)]
    measured = {_column(term) for term in terms.known.units}
    values: list[float] = []
    for made in getattr(columns.transformer, "transformed", ()):
        known = [fill is not None for fill in made.fill]
        row = np.full(len(made.names), np.nan)
        if any(known):
            # whatever a foreign transformer makes of one row, and says about it
            with suppress(Exception), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                row = made.transform({}, 1)[0]
        is_usual = [all(known[i] for i in of) for of in made.made_of]
        values += [float(v) if ok else np.nan for v, ok in zip(row, is_usual, strict=True)]
    return {
        term: value
        for term, value in zip(outputs, values, strict=True)
        if np.isfinite(value) and _column(term) not in measured
    }


def _shares(terms: Terms) -> dict[Term, float]:
    """Of every level the share of rows that have it: as a scaler has it, or an equal one."""
    share: dict[Term, float] = {}
    for term in terms.terms:
        if isinstance(term, Level):
            mean, _ = terms.known.units.get(term, (1 / len(terms.known.levels[term.column]), 0.0))
            share[term] = float(mean)
        if isinstance(term, Missing):
            share[term] = float(terms.known.units.get(term, (0.0, 0.0))[0])
    return share


def _statistics(
    terms: Terms, center: np.ndarray, scale: np.ndarray, fill: np.ndarray
) -> InputStatistics | None:
    """Mean and covariance of the inputs, as far as the steps have them; 0 for the others."""
    n = len(terms.terms)
    if n > _MOST_CORRELATED:
        return None
    at = {_column(term): i for i, term in enumerate(terms.terms)}
    share = _shares(terms)
    units = {_column(term) for term in terms.known.units}
    mean = np.array([0.0 if key in units else fill[i] for key, i in at.items()])
    covariance = np.diag([1.0 if key in units else 0.0 for key in at])
    for i, one in enumerate(terms.terms):
        for j, other in enumerate(terms.terms):
            if isinstance(one, Level) and isinstance(other, Level) and one.column == other.column:
                p, q = share[one], share[other]
                together = (p if i == j else 0.0) - p * q
                covariance[i, j] = together / (scale[i] * scale[j])
    for i, term in enumerate(terms.terms):
        if term in share:
            mean[i] = (share[term] - center[i]) / scale[i]
    for of, values in terms.known.covariances:
        rows = [at.get(_column(term), -1) for term in of]
        there = [k for k, row in enumerate(rows) if row >= 0]
        chosen = [rows[k] for k in there]
        block = values[np.ix_(there, there)] / np.outer(scale[chosen], scale[chosen])
        covariance[np.ix_(chosen, chosen)] = block
    return InputStatistics(mean, covariance)
