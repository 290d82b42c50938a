"""Columns of categories and words."""

from __future__ import annotations

import narwhals as nw
import numpy as np

from sktransfer._preprocessing._column_values import warn_of_unknown
from sktransfer._preprocessing._kinds._base import ColumnKind, Unread
from sktransfer._preprocessing._levels import encode_levels, fit_levels, is_number
from sktransfer._preprocessing._series import Series, texts_of
from sktransfer._records import CategoricalColumn, Column, UnencodedColumn
from sktransfer._warnings import listed


class CategoryKind(ColumnKind[Column]):
    """An indicator of each level."""

    record = CategoricalColumn

    def of_type(self, unread: Unread) -> Column | None:
        """What a source has as levels of this column, though it has numbers here."""
        has_theirs = unread.forced is None and _has_levels_of(unread.series, unread.known)
        return levels_of(unread, keeps_names=True) if has_theirs else None

    def encode(self, series: Series, column: Column) -> np.ndarray:
        assert isinstance(column, CategoricalColumn)
        encoded, unknown = encode_levels(series, column)
        if unknown:
            seen = f"a level that was seen in fit ({listed(column.levels, 2)})"
            warn_of_unknown(series, column, seen, unknown)
        return encoded


def levels_of(unread: Unread, keeps_names: bool = False) -> CategoricalColumn | UnencodedColumn:
    """A column as one of categories, the source's levels first; words for rows are left out.

    Parameters
    ----------
    unread : Unread
    keeps_names : bool, default=False
        Whether a column of which nearly all entries differ gets levels all the same.
    """
    theirs = unread.known
    known = theirs if isinstance(theirs, CategoricalColumn) else None
    named_rows = isinstance(theirs, UnencodedColumn) and bool(theirs.reason)
    return fit_levels(
        unread.series, unread.name, known, unread.takes_missing, keeps_names, named_rows
    )


def _has_levels_of(series: Series, known: Column | None) -> bool:
    """Whether numbers or truth values are what a source has as levels of this column."""
    if not isinstance(known, CategoricalColumn) or not known.levels:
        return False
    if not (series.dtype.is_numeric() or series.dtype in (nw.Boolean, nw.Object)):
        return False
    levels = set(known.levels)
    if not any(map(is_number, levels)) and series.dtype not in (nw.Boolean, nw.Object):
        return False
    distinct = {text for text in texts_of(series) if text is not None}
    return bool(distinct) and len(distinct & levels) * 2 >= len(distinct)
