"""Columns that are no input of their own."""

from __future__ import annotations

import numpy as np

from sktransfer._preprocessing._kinds._base import ColumnKind
from sktransfer._preprocessing._series import Series
from sktransfer._records import UnencodedColumn


class UnencodedKind(ColumnKind[UnencodedColumn]):
    """What transformers take, or nothing does."""

    record = UnencodedColumn

    def encode(self, series: Series, column: UnencodedColumn) -> np.ndarray:
        return np.empty((len(series), 0))
