"""A source as it is matched with a table: which of its two ends, and under whose names."""

from __future__ import annotations

from sktransfer._alignment._respelled import respelled
from sktransfer._alignment._spelling import Spelling, check_column_map, find_spelling
from sktransfer._preprocessing import categorical_mask, table_columns
from sktransfer._records import SourceDescription, TableOptions
from sktransfer._typing import CheckedTable, is_sparse
from sktransfer.sources import columns_of_source


def source_for_table(
    source: SourceDescription,
    X: CheckedTable,
    names: tuple[str, ...] | None,
    options: TableOptions,
) -> tuple[SourceDescription, Spelling]:
    """The network of a source that takes a table's columns, in the table's own words.

    A source that was a pipeline takes the columns of its table, or those that its steps make of
    it, whichever the names match; without names, whichever are as many.

    Parameters
    ----------
    source : SourceDescription
    X : ndarray, sparse matrix or DataFrame of shape (n_samples, n_features)
    names : tuple of str or None
        Names of the table's columns.
    options : TableOptions

    Returns
    -------
    source : SourceDescription
        With the names and levels of the table, where they are the same in another spelling.
    spelling : Spelling
        What differed.

    Raises
    ------
    TransferError
        If `column_map` names columns that are not there.
    """
    source = _end_for_table(source, X.shape[1], names, options)
    theirs, column_map = source.inputs.columns.names, options.column_map
    if column_map:
        check_column_map(column_map, theirs, names)
    by_name = options.feature_alignment == "name" and names is not None and theirs is not None
    if not by_name or is_sparse(X):
        return source, Spelling()
    assert names is not None
    mask = categorical_mask(options, X, names)
    ours = table_columns(X, names, mask, options.parse_text)
    spelling = find_spelling(columns_of_source(source), ours, column_map, not source.layers)
    return respelled(source, spelling), spelling


def _end_for_table(
    source: SourceDescription,
    n_features: int,
    names: tuple[str, ...] | None,
    options: TableOptions,
) -> SourceDescription:
    """The network before or behind a pipeline's steps, whichever takes a table's columns."""
    behind = source.behind
    if behind is None:
        return source
    before, after = source.inputs.columns, behind.inputs.columns
    if names is None or options.feature_alignment == "position" or before.names is None:
        is_behind = n_features == after.n_features != before.n_features
        return behind if is_behind else source
    there = {*names, *(options.column_map or ())}
    n_before, n_after = len(there & set(before.names)), len(there & set(after.names or ()))
    return behind if n_after > n_before else source
