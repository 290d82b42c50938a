"""Columns that hold numbers or dates as something else, in the types that these usually have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from sktransfer._preprocessing._column_values import days_since_1970, in_plain_numbers, zone_of
from sktransfer._preprocessing._datetime_texts import find_datetime_format, read_datetimes
from sktransfer._preprocessing._series import (
    TEXTS,
    Series,
    has_no_entry,
    is_missing,
    kind_of_objects,
    level_text,
    with_columns,
)

if TYPE_CHECKING:
    import pandas as pd

#: Formats of which few rows may be read in another order of day and month than all.
_OF_EITHER_ORDER = ("%m/%d", "%d/%m", "%m-%d", "%d-%m")


def forms_of(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """A frame in other types, for what has refused it as it is held.

    First its columns are floats or datetimes where all that they hold reads as such: objects,
    texts, decimals, dates in UTC.  Then, besides, none has categories or another of pandas' types
    that files are not read into.

    Parameters
    ----------
    frame : DataFrame of pandas
    """
    read = _as_it_seems(frame)
    if read is not None:
        yield read
    plain = _as_read_from_a_file(frame if read is None else read)
    if plain is not None:
        yield plain


def _as_read_from_a_file(frame: pd.DataFrame) -> pd.DataFrame | None:
    """A frame in the types that pandas gives what it reads; None where it is of these."""
    import pandas as pd

    changed = {}
    for name, column in frame.items():
        if isinstance(column.dtype, np.dtype) and column.dtype != object:
            continue
        entries = [np.nan if is_missing(entry) else entry for entry in column]
        plain = pd.Series(entries, frame.index, dtype=object).infer_objects()
        if plain.dtype != column.dtype:
            changed[name] = plain
    return with_columns(frame, changed) if changed else None


def _as_it_seems(frame: pd.DataFrame) -> pd.DataFrame | None:
    """None where nothing is held as something else."""
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
