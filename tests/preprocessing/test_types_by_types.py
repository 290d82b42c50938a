"""Every type of a column in fit by every type in predict: read as the same, or refused by name."""

import datetime as dt
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from fitted import one_fast_in
from numpy.testing import assert_allclose

from sktransfer import TransferMLPRegressor
from sktransfer.exceptions import ColumnWarning

N = 40
RNG = np.random.default_rng(0)
INTEGERS = RNG.integers(2, 99, N)
FRACTIONS = INTEGERS / 8
FLAGS = INTEGERS % 2 == 0
TOWNS = np.array(["York", "Bonn", "Ulm"])[INTEGERS % 3]
DAYS = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(INTEGERS, unit="D"))
WAITS = pd.Series(pd.to_timedelta(INTEGERS, unit="h"))
OTHER = RNG.normal(size=N)


def _objects(values):
    return pd.Series(list(values), dtype=object)


#: By what they mean and how they are written.
COLUMNS = {
    ("integers", "int64"): INTEGERS,
    ("integers", "int8"): INTEGERS.astype(np.int8),
    ("integers", "uint16"): INTEGERS.astype(np.uint16),
    ("integers", "float32"): INTEGERS.astype(np.float32),
    ("integers", "nullable"): pd.array(INTEGERS, dtype="Int64"),
    ("integers", "arrow"): pd.array(INTEGERS, dtype="int32[pyarrow]"),
    ("integers", "objects"): _objects(INTEGERS.tolist()),
    ("integers", "decimals"): _objects(map(Decimal, INTEGERS.tolist())),
    ("integers", "text"): INTEGERS.astype(str).astype(object),
    ("integers", "polars"): pl.Series(INTEGERS, dtype=pl.Int16),
    ("fractions", "float64"): FRACTIONS,
    ("fractions", "nullable"): pd.array(FRACTIONS, dtype="Float64"),
    ("fractions", "text"): FRACTIONS.astype(str).astype(object),
    ("fractions", "polars"): pl.Series(FRACTIONS),
    ("flags", "bool"): FLAGS,
    ("flags", "nullable"): pd.array(FLAGS, dtype="boolean"),
    ("flags", "objects"): _objects(FLAGS.tolist()),
    ("flags", "polars"): pl.Series(FLAGS),
    ("towns", "objects"): TOWNS.astype(object),
    ("towns", "string"): pd.array(TOWNS, dtype="string"),
    ("towns", "category"): pd.Categorical(TOWNS),
    ("towns", "arrow"): pd.array(TOWNS, dtype="string[pyarrow]"),
    ("towns", "bytes"): _objects(town.encode() for town in TOWNS.tolist()),
    ("towns", "polars"): pl.Series(TOWNS.tolist(), dtype=pl.Categorical),
    ("days", "datetime64[ns]"): DAYS.astype("datetime64[ns]"),
    ("days", "datetime64[s]"): DAYS.astype("datetime64[s]"),
    ("days", "zone"): DAYS.dt.tz_localize("UTC"),
    ("days", "dates"): _objects(DAYS.dt.date),
    ("days", "text"): DAYS.dt.strftime("%Y-%m-%d").astype(object),
    ("days", "polars"): pl.Series(DAYS.dt.date.tolist(), dtype=pl.Date),
    ("waits", "timedelta64[ns]"): WAITS.astype("timedelta64[ns]"),
    ("waits", "timedelta64[s]"): WAITS.astype("timedelta64[s]"),
    ("waits", "objects"): _objects(dt.timedelta(hours=n) for n in INTEGERS.tolist()),
    ("waits", "polars"): pl.Series([dt.timedelta(hours=n) for n in INTEGERS.tolist()]),
}


def frame_of(column):
    if isinstance(column, pl.Series):
        return pl.DataFrame({"c": column, "other": OTHER})
    return pd.DataFrame({"c": column, "other": OTHER})


#: Truth values are the numbers 0 and 1, as everywhere in Python.
ARE_NUMBERS = {"integers", "fractions", "flags"}
FRAMES = {key: frame_of(column) for key, column in COLUMNS.items()}


@pytest.mark.parametrize("of_fit", one_fast_in(2, COLUMNS), ids=" as ".join)
def test_a_column_of_any_other_type_is_read_as_what_it_was_or_refused_by_name(of_fit):
    model = TransferMLPRegressor(hidden_layer_sizes=(4,), max_iter=2, random_state=0)
    expected = model.fit(FRAMES[of_fit], INTEGERS / 9).predict(FRAMES[of_fit])
    assert np.isfinite(expected).all()
    for now, frame in FRAMES.items():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                found = model.predict(frame)
            except ValueError as error:
                assert "'c'" in str(error) and "expected" in str(error), (now, error)
                continue
        said = [w for w in caught if issubclass(w.category, ColumnWarning)]
        if not said:
            assert now[0] == of_fit[0] or {now[0], of_fit[0]} <= ARE_NUMBERS, now
            if now[0] == of_fit[0]:
                assert_allclose(found, expected, rtol=1e-4, atol=1e-5, err_msg=str(now))
