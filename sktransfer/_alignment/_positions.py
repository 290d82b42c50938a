"""Warnings about columns that are taken by their position, and whose labels say another."""

from __future__ import annotations

import narwhals as nw

from sktransfer._preprocessing import Table, is_frame
from sktransfer._records import SourceDescription, TableOptions
from sktransfer._warnings import listed, warn
from sktransfer.exceptions import TransferWarning


def warn_of_positions(
    source: SourceDescription | None, table: Table, options: TableOptions
) -> None:
    """Warn where a table's labels are a source's, or its positions, in another order.

    A source by its predictions that has names takes columns by name in any case.

    Parameters
    ----------
    source : SourceDescription or None
    table : Table
    options : TableOptions
    """
    X = table.X if table.raw is None else table.raw
    if source is None or not is_frame(X) or options.feature_alignment == "position":
        return
    theirs = source.inputs.columns.names
    if theirs is not None and (table.names is not None or not source.layers):
        return
    ours = tuple(map(str, nw.from_native(X, eager_only=True).columns))
    known = tuple(map(str, range(len(ours)))) if theirs is None else theirs
    if ours == known or set(ours) != set(known) or len(ours) != len(known):
        return
    which, in_order = "names", "X = X.set_axis(X.columns.astype(str), axis=1)"
    if theirs is None:
        which, in_order = "positions", "X = X[sorted(X.columns, key=int)]"
    warn(
        f"Columns are taken by position, but the labels of X are {which} of the source's "
        f"({source.name}) in another order: {listed(ours, 4)}, for {listed(known, 4)}. If they "
        f"mean the same columns, {in_order} before fit; if not, set "
        "feature_alignment='position', which takes them by position without this warning.",
        TransferWarning,
    )
