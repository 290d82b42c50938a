"""A model of any kind of column is saved, and predicts the same once it is loaded."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from sktransfer import TransferMLPRegressor, load

N = 40
STEPS = np.arange(N)
DAYS = [dt.datetime(2021, 1, 1) + dt.timedelta(days=31 * i, hours=i) for i in range(N)]
COLUMNS = {
    "durations": pd.to_timedelta(STEPS, unit="h"),
    "times": [dt.time(i % 24, i) for i in range(N)],
    "times as text": [f"{i % 24}:30" for i in range(N)],
    "with seconds": [f"{i % 24:02d}:30:05" for i in range(N)],
    "either unit": [f"{i + 20}:30" for i in range(N)],
    "minutes": [f"{i + 20}:30" if i % 2 else f"1:{i + 10}:30" for i in range(N)],
    "hours in words": [f"{i} h {i} min" for i in range(N)],
    "year first": [day.strftime("%y/%m/%d") for day in DAYS],
    "two formats": [day.strftime("%Y-%m-%d" if day.day < 15 else "%m/%d/%Y") for day in DAYS],
    "quarters": [f"{day.year}q{(day.month + 2) // 3}" for day in DAYS],
    "zones": [day.strftime("%Y-%m-%d %H:%M:%S CET") for day in DAYS],
    "zones as objects": [day.replace(tzinfo=ZoneInfo("Europe/Berlin")) for day in DAYS],
    "a zone of pandas": pd.Series(DAYS).dt.tz_localize("Europe/Berlin"),
    "two units": [f"{i} kg" if i % 2 else f"{1000 * i} g" for i in range(N)],
    "numbers": [f"${i:,}.50" for i in range(1000, 1000 + N)],
    "identifier": [f"AB-{i:04d}" for i in range(N)],
    "words": ["Ja", "Nein"] * (N // 2),
    "empty": [None] * N,
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_model_of_any_column_is_saved_and_loaded(name, tmp_path):
    table = pd.DataFrame({"column": COLUMNS[name], "other": STEPS * 1.0})
    model = TransferMLPRegressor(hidden_layer_sizes=(4,), max_iter=2, random_state=0)
    model.fit(table, STEPS * 1.0).save(tmp_path / "model")
    np.testing.assert_array_equal(load(tmp_path / "model").predict(table), model.predict(table))
