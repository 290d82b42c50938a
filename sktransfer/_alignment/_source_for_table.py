"""A source as a table meets it: which of its two ends, and under whose names."""

from __future__ import annotations

from sktransfer._records import SourceDescription


def source_for_table(
    source: SourceDescription,
    n_features: int,
    names: tuple[str, ...] | None,
    feature_alignment: str = "name",
) -> SourceDescription:
    """The network of a source that takes a table's columns.

    A source that was a pipeline takes the columns of its table, or those that its steps make of
    it, whichever the names say; without names, whichever are as many.

    Parameters
    ----------
    source : SourceDescription
    n_features : int
        Number of the table's columns.
    names : tuple of str or None
        Their names.
    feature_alignment : {'name', 'position'}

    Returns
    -------
    SourceDescription
    """
    behind = source.behind
    if behind is None:
        return source
    before, after = source.inputs.columns, behind.inputs.columns
    if names is None or feature_alignment == "position" or before.names is None:
        is_behind = n_features == after.n_features != before.n_features
        return behind if is_behind else source
    there = set(names)
    n_before, n_after = len(there & set(before.names)), len(there & set(after.names or ()))
    return behind if n_after > n_before else source
