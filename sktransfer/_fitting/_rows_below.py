"""Rows that have no label of the target: they take part in choosing and measuring its columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast

import narwhals as nw
import numpy as np
from scipy import sparse

from sktransfer._alignment import Prepared, prepare, warn_units_of_rows
from sktransfer._preprocessing import (
    Table,
    categorical_mask,
    has_words,
    in_same_types,
    is_frame,
    read_as,
)
from sktransfer._records import Column, FitOptions, InputColumns, SourceDescription
from sktransfer._targets import TargetCodec
from sktransfer._typing import CheckedTable, Frame, Matrix, SparseMatrix, is_sparse
from sktransfer.exceptions import SourceRowsError
from sktransfer.strategies import Strategy


def prepare_above(
    options: FitOptions,
    target: TargetCodec,
    table: Table,
    strategies: Mapping[str, Strategy],
    sources: Mapping[str, SourceDescription | None],
    below: Mapping[str, CheckedTable],
    weight: np.ndarray,
) -> list[tuple[Prepared, Matrix]]:
    """Decide what a table becomes for each strategy, with rows of other tables below it.

    Columns are chosen and measured on all of them, as if labels of the others were missing.

    Parameters
    ----------
    options, target, table, strategies, sources
        As of :func:`sktransfer._alignment.prepare`.
    below : mapping of str to table
        Checked columns, by what messages call them.
    weight : ndarray of shape (n_below,)
        For how many rows each of theirs counts in means and deviations.

    Returns
    -------
    list of (Prepared, encoded rows below)
    """
    n, m = table.n_samples, len(weight)
    own = table.row_weight
    X, columns = one_below_another(options, table, below)
    every = replace(
        table,
        X=X,
        y=np.vstack([table.y.astype(np.float64), np.full((m, table.y.shape[1]), np.nan)]),
        sample_weight=np.concatenate([own, weight]).astype(table.dtype),
        groups=None,
        precision=None,
    )
    parts: dict[int, tuple[Matrix, Matrix]] = {}
    made = []
    for one in prepare(options, target, every, strategies, sources):
        encoded = one.table.numbers
        if id(encoded) not in parts:
            parts[id(encoded)] = encoded[np.arange(n)], encoded[np.arange(n, n + m)]
            _warn_of_units(*parts[id(encoded)], one.inputs.columns, below)
        upper, lower = parts[id(encoded)]
        rows = replace(table, X=upper, outputs=one.table.outputs)
        made.append((replace(reading(one, columns), table=rows), lower))
    return made


def _warn_of_units(
    upper: Matrix, lower: Matrix, columns: InputColumns, below: Mapping[str, CheckedTable]
) -> None:
    """Say which columns of other tables have another unit than the target's."""
    at = 0
    for of, table in below.items():
        warn_units_of_rows(of, lower[at : at + table.shape[0]], upper, columns)
        at += table.shape[0]


def reading(prepared: Prepared, columns: list[Column]) -> Prepared:
    """The same, for tables whose columns are of the types that the target's are of."""
    own = prepared.inputs.columns
    if not columns or own.transformer is None:
        return prepared
    own = replace(own, transformer=read_as(own.transformer, columns))
    return replace(prepared, inputs=replace(prepared.inputs, columns=own))


def one_below_another(
    options: FitOptions, table: Table, below: Mapping[str, CheckedTable]
) -> tuple[CheckedTable, list[Column]]:
    """The rows of all tables, and how the columns of the first are read."""
    if not is_frame(table.X):
        return stacked([table.numbers, *cast("Iterable[Matrix]", below.values())]), []
    categorical = categorical_mask(options, table.X, table.names)
    try:
        frames, columns = in_same_types(
            [table.X, *cast("Iterable[Frame]", below.values())],
            categorical,
            options.parse_text,
            ["X", *below],
        )
    except ValueError as error:
        raise SourceRowsError(str(error)) from None
    tables = [nw.from_native(frame, eager_only=True) for frame in frames]
    every = nw.concat(tables)
    # categories of two tables are texts in both, of which words must not be read as numbers
    words = [
        series.cast(nw.Categorical())
        for series, column in zip(every.iter_columns(), columns, strict=True)
        if has_words(column)
    ]
    return every.with_columns(*words).to_native(), columns


def stacked(tables: Sequence[Matrix]) -> Matrix:
    """Arrays or sparse matrices one below another."""
    if any(is_sparse(X) for X in tables):
        every: SparseMatrix = sparse.csr_array(sparse.vstack(tables))
        return every
    dtype = tables[0].dtype
    return np.concatenate([X.astype(dtype, copy=False) for X in tables])
