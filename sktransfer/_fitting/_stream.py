"""The first rows of a stream: while they are few, its ensemble is fitted to all of them again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import narwhals as nw
import numpy as np

from sktransfer._alignment import warn_units_of_chunk
from sktransfer._compat import safe_indexing
from sktransfer._fitting._outcome import Fitted, StreamRows
from sktransfer._fitting._rows_below import one_below_another, stacked
from sktransfer._preprocessing import (
    Table,
    apply_transformer,
    frame_in_numbers,
    in_own_types,
    is_frame,
)
from sktransfer._records import FitOptions, FittedModel, TargetSchema
from sktransfer._typing import CheckedTable, Frame
from sktransfer._warnings import silenced
from sktransfer.exceptions import ColumnWarning, SourceRowsError

#: Rows up to which a stream is fitted again: what models in closed form learn from.
MOST_ROWS = 1000
#: How many times as many rows there must be for that.  All these fits cost as much as five.
_GROWTH = 1.25
#: Rows that units and levels are measured on at least.
_FEWEST_ROWS = 10
#: Rows of a chunk whose units are compared with those of the rows before.
_MOST_COMPARED = 2000


@dataclass(frozen=True, eq=False)
class Chunk:
    """What a chunk of a stream is fitted as.

    Attributes
    ----------
    table : Table
        The chunk, or all rows so far.
    options : FitOptions
    before : Fitted or None
        The fit that is resumed; None where all rows are fitted again.
    rows : StreamRows or None
        What is kept for the next chunk; None once there are many rows.
    """

    table: Table
    options: FitOptions
    before: Fitted | None
    rows: StreamRows | None


def next_chunk(options: FitOptions, table: Table, before: Fitted | None) -> Chunk:
    """Decide whether a stream resumes or is fitted again, to all of its rows.

    Networks alone resume, epoch by epoch, once there are rows enough to measure units and levels
    on.  An ensemble has members that cannot.
    """
    if before is not None and _is_measured(before):
        _warn_of_units(before.model, table)
    resumed = Chunk(table, options, before, None)
    if not options.strategy.is_ensemble:
        return _begun(resumed)
    again = replace(options, fits_whole_stream=True)
    if before is None:
        is_few = table.n_samples <= MOST_ROWS
        return Chunk(table, again, None, StreamRows(table, table.n_samples) if is_few else None)
    if before.rows is None:
        return resumed
    every, n_fitted = _together(options, before.rows.table, table), before.rows.n_fitted
    if every is None or every.n_samples > MOST_ROWS:
        return resumed
    if every.n_samples < _GROWTH * n_fitted:
        return replace(resumed, rows=StreamRows(every, n_fitted))
    return Chunk(every, again, None, StreamRows(every, every.n_samples))


def measured_target(before: Fitted | None) -> TargetSchema | None:
    """What the outputs of a stream mean; None where too few rows have shown their unit."""
    return before.model.target if before is not None and _is_measured(before) else None


def _is_measured(before: Fitted) -> bool:
    """Whether units and levels of a stream were measured on rows enough."""
    return before.rows is None or before.rows.table.n_samples >= _FEWEST_ROWS


def _begun(resumed: Chunk) -> Chunk:
    """A chunk of a network alone, below the rows before it where these are too few."""
    before, table = resumed.before, resumed.table
    if not resumed.options.standardize:  # as scikit-learn has it, step by step
        return resumed
    if before is not None and before.rows is not None and not _is_measured(before):
        every = _together(resumed.options, before.rows.table, table)
        if every is None:
            return resumed
        table, before = every, None
    is_few = before is None and table.n_samples < _FEWEST_ROWS
    rows = StreamRows(table, table.n_samples) if is_few else None
    return replace(resumed, table=table, before=before, rows=rows)


def _warn_of_units(model: FittedModel, table: Table) -> None:
    """Say which columns of a chunk have another unit than those of the rows before."""
    inputs = model.primary_member.inputs
    some = safe_indexing(table.X, np.arange(min(table.n_samples, _MOST_COMPARED)))
    try:
        with silenced(ColumnWarning):  # of entries, which encoding the whole chunk will say
            encoded = apply_transformer(some, inputs.columns)
    except ValueError:  # columns of other types, which are read or refused later
        return
    warn_units_of_chunk(inputs, encoded)


def _together(options: FitOptions, first: Table, second: Table) -> Table | None:
    """The rows of both, None where their columns are of types that do not go together."""
    try:
        X, columns = one_below_another(options, first, {"the new chunk": second.X})
        parse = options.parse_text
        # what is fitted to all of them must read the next rows as they come, and so the source
        if is_frame(X) and is_frame(first.raw) and is_frame(second.raw):
            raw: CheckedTable | None = in_own_types(first.raw, second.raw, X, None, parse)
        else:
            raw = X if first.raw is first.X else _below(first.raw, second.raw)
        if is_frame(X):
            upper, lower = cast("Frame", first.X), cast("Frame", second.X)
            X = in_own_types(upper, lower, X, columns, parse)
    except (SourceRowsError, TypeError, ValueError):
        return None
    weight = None
    if first.sample_weight is not None or second.sample_weight is not None:
        weight = np.concatenate([first.row_weight, second.row_weight]).astype(first.dtype)
    precision = None
    if first.precision is not None or second.precision is not None:
        both = (one.row_precision for one in (first, second))
        precision = np.concatenate([*both])
    return replace(
        first, X=X, y=np.concatenate([first.y, second.y]), sample_weight=weight, raw=raw,
        of_sources={}, precision=precision,
        truths=tuple(sorted({*first.truths} & {*second.truths})),
    )  # fmt: skip


def _below(first: CheckedTable | None, second: CheckedTable | None) -> CheckedTable | None:
    """The rows of both in the form of the first; as numbers where the two are of other forms."""
    if first is None or second is None:
        return None
    if not (is_frame(first) or is_frame(second)):
        return stacked([first, second])
    upper, lower = (nw.from_native(one, pass_through=True) for one in (first, second))
    if isinstance(upper, nw.DataFrame) and isinstance(lower, nw.DataFrame):
        is_same = upper.implementation == lower.implementation
        if is_same and (upper.implementation.is_pandas() or upper.schema == lower.schema):
            return cast("Frame", nw.maybe_reset_index(nw.concat([upper, lower])).to_native())
    numbers = np.vstack([frame_in_numbers(first), frame_in_numbers(second)])
    if not isinstance(upper, nw.DataFrame):
        return numbers
    columns = dict(zip(upper.columns, numbers.T, strict=True))
    return cast("Frame", nw.from_dict(columns, backend=upper.implementation).to_native())
