"""Columns of datetimes."""

from __future__ import annotations

import narwhals as nw
import numpy as np

from sktransfer._preprocessing._column_values import as_days, days_of, days_since_1970, zone_of
from sktransfer._preprocessing._datetime_texts import (
    find_datetime_format,
    read_datetimes,
    zone_of_texts,
)
from sktransfer._preprocessing._kinds._base import ColumnKind, Unread
from sktransfer._preprocessing._series import Series
from sktransfer._records import DatetimeColumn

_PERIODS = {"year": 365.2425, "week": 7.0, "day": 1.0}
#: What rounding leaves of the sine of half a period.
_ROUNDING = 1e-15


class DatetimeKind(ColumnKind[DatetimeColumn]):
    """Days since 1970, and the place in year, week and day."""

    record = DatetimeColumn

    def of_type(self, unread: Unread) -> DatetimeColumn | None:
        if unread.series.dtype not in (nw.Datetime, nw.Date) and unread.objects != "datetime":
            return None
        has_time = _has_time(days_since_1970(unread.series), unread)
        return DatetimeColumn(unread.name, has_time, zone_of(unread.series))

    def of_texts(self, unread: Unread, texts: list[str]) -> DatetimeColumn | None:
        known = unread.known.text if isinstance(unread.known, DatetimeColumn) else None
        form = find_datetime_format(texts, known)
        if form is None:
            return None
        has_time = _has_time(as_days(read_datetimes(texts, form)), unread)
        return DatetimeColumn(unread.name, has_time, zone_of_texts(texts), form)

    def encode(self, series: Series, column: DatetimeColumn) -> np.ndarray:
        days = days_of(series, column)
        features = [days]
        for period in periods_of(column):
            angle = 2 * np.pi * (days % period) / period
            features += [_place(np.sin(angle)), _place(np.cos(angle))]
        return np.column_stack(features)


def _place(values: np.ndarray) -> np.ndarray:
    """Sines or cosines of which those of half and quarter periods are 0, without rounding."""
    return np.where(np.abs(values) < _ROUNDING, 0.0, values)


def periods_of(column: DatetimeColumn) -> list[float]:
    """Lengths in days of the cycles in which a column's datetimes have a place."""
    return list(_PERIODS.values())[: 3 if column.has_time else 2]


def _has_time(days: np.ndarray, unread: Unread) -> bool:
    """Whether any datetime lies within a day, here or in the source's column."""
    is_within = bool((days % 1 > 0).any())
    return is_within or (isinstance(unread.known, DatetimeColumn) and unread.known.has_time)
