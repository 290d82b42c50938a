"""The kinds of column: how each is recognised, fitted and encoded.

A kind is one file with a subclass of :class:`ColumnKind`, and one entry in the index here.
"""

from __future__ import annotations

import numpy as np

from sktransfer._preprocessing._kinds._base import ColumnKind, Unread
from sktransfer._preprocessing._kinds._categories import CategoryKind, levels_of
from sktransfer._preprocessing._kinds._datetimes import DatetimeKind, periods_of
from sktransfer._preprocessing._kinds._numbers import NumberKind
from sktransfer._preprocessing._kinds._unencoded import UnencodedKind
from sktransfer._preprocessing._series import Series
from sktransfer._records import Column

__all__ = [
    "KINDS",
    "KIND_OF",
    "ColumnKind",
    "Unread",
    "encode_column",
    "levels_of",
    "periods_of",
    "recognised",
    "recognised_texts",
]

#: The first that recognises a column reads it.
KINDS: tuple[ColumnKind, ...] = (
    CategoryKind(),
    DatetimeKind(),
    NumberKind(),
    UnencodedKind(),
)
KIND_OF: dict[type[Column], ColumnKind] = {kind.record: kind for kind in KINDS}


def encode_column(series: Series, column: Column) -> np.ndarray:
    """A column in numbers, NaN where one is missing.

    Returns
    -------
    ndarray of shape (n_samples, n_encoded)
    """
    return KIND_OF[type(column)].encode(series, column)


def recognised(unread: Unread) -> Column | None:
    """What a column is by the type of its entries; None for texts, and for no kind."""
    found = (kind.of_type(unread) for kind in KINDS)
    return next((column for column in found if column is not None), None)


def recognised_texts(unread: Unread, texts: list[str]) -> Column | None:
    """What a column of texts is by what these contain; None for words."""
    found = (kind.of_texts(unread, texts) for kind in KINDS)
    return next((column for column in found if column is not None), None)
