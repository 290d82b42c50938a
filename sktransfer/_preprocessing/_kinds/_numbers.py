"""Columns of numbers, durations and times of the day."""

from __future__ import annotations

from dataclasses import replace

import narwhals as nw
import numpy as np

from sktransfer._preprocessing._clock_texts import are_seconds, units_as_in, units_of
from sktransfer._preprocessing._column_values import are_durations, numbers_of, seconds_of
from sktransfer._preprocessing._kinds._base import ColumnKind, Unread
from sktransfer._preprocessing._measures import are_of_one_quantity
from sktransfer._preprocessing._number_texts import find_number_format
from sktransfer._preprocessing._series import Series
from sktransfer._records import NumberFormat, NumericColumn


class NumberKind(ColumnKind[NumericColumn]):
    """Numbers as they are, durations and times as seconds."""

    record = NumericColumn

    def of_type(self, unread: Unread) -> NumericColumn | None:
        dtype = unread.series.dtype
        if dtype in (nw.Duration, nw.Time) or unread.objects == "second":
            is_clock = not are_durations(unread.series)
            return NumericColumn(unread.name, "second", is_clock=is_clock)
        if dtype.is_numeric() or dtype == nw.Boolean or unread.objects == "number":
            return NumericColumn(unread.name)
        return None

    def of_texts(self, unread: Unread, texts: list[str]) -> NumericColumn | None:
        if are_seconds(texts):
            known = unread.known
            theirs = known.text if isinstance(known, NumericColumn) else None
            units = units_as_in("" if theirs is None else theirs.suffix, units_of(texts))
            return NumericColumn(unread.name, "second", NumberFormat(suffix=units))
        eager = isinstance(unread.known, NumericColumn) and not unread.known.is_empty
        how = find_number_format(texts, eager)
        if how is None:
            return None
        theirs = unread.known.text if isinstance(unread.known, NumericColumn) else None
        if theirs is not None and are_of_one_quantity(how.suffix, theirs.suffix):
            how = replace(how, suffix=theirs.suffix)
        return NumericColumn(unread.name, text=how)

    def encode(self, series: Series, column: NumericColumn) -> np.ndarray:
        return (seconds_of if column.unit == "second" else numbers_of)(series, column)[:, None]
