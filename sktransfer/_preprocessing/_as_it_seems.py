"""Columns that hold numbers or dates as something else, in the types that these usually have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from sktransfer._preprocessing._column_values import days_since_1970, in_plain_numbers, zone_of
from sktransfer._preprocessing._datetime_texts import find_datetime_format, read_datetimes
from sktransfer._preprocessing._series import (
    TEXTS,
    Series,
    has_no_entry,
    kind_of_objects,
    level_text,
    with_columns,
)

if TYPE_CHECKING:
    import pandas as pd

#: Formats of which few rows may be read in another order of day and month than all.
_OF_EITHER_ORDER = ("%m/%d", "%d/%m", "%m-%d", "%d-%m")


def as_it_seems(frame: pd.DataFrame) -> pd.DataFrame | None:
    """A frame whose columns are floats or datetimes where all that they hold reads as such.

    For what has refused them as they are held: objects, texts, decimals, dates in UTC.

    Parameters
    ----------
    frame : DataFrame of pandas

    Returns
    -------
    DataFrame or None
        None where nothing is held as something else.
    """
    columns = {str(one.name): one for one in nw.from_native(frame).iter_columns()}
    seem = {name: _read(one) for name, one in columns.items()}
    read = {name: values for name, values in seem.items() if values is not None}
    return with_columns(frame, read) if read else None


def _read(series: nw.Series) -> np.ndarray | None:
    if has_no_entry(series):  # it may be a column of texts, or one of numbers
        return np.full(len(series), np.nan, dtype=object)
    dates = _dates_of(series)
    if dates is not None:
        return dates
    made = in_plain_numbers(series, str(series.name))
    return made if isinstance(made, np.ndarray) else None


def _dates_of(series: Series) -> np.ndarray | None:
    if isinstance(series.dtype, nw.Datetime | nw.Date):
        return _stamps(series) if zone_of(series) == "UTC" else None
    if series.dtype == nw.Object and kind_of_objects(series) == "datetime":
        return _stamps(series)
    if series.dtype not in (*TEXTS, nw.Object):
        return None
    texts = [level_text(value) for value in series.to_list()]
    form = find_datetime_format([text for text in texts if text is not None])
    if form is None or form.startswith(_OF_EITHER_ORDER):
        return None
    return read_datetimes(texts, form).astype("datetime64[ns]")


def _stamps(series: Series) -> np.ndarray:
    days = days_since_1970(series)
    us = np.where(np.isnan(days), 0, np.round(np.nan_to_num(days) * 86_400e6)).astype(np.int64)
    stamps = us.astype("datetime64[us]").astype("datetime64[ns]")
    stamps[np.isnan(days)] = np.datetime64("NaT")
    return stamps
