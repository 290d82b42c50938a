"""Columns that pandas keeps in numpy's types are read at once, and all others as before."""

import numpy as np
import pandas as pd
import pytest

from sktransfer._preprocessing._column_values import numbers_of
from sktransfer._preprocessing._series import named_columns, plain_numbers
from sktransfer._records import NumericColumn

FRAME = pd.DataFrame(
    {
        "half": np.array([1.5, np.nan], np.float16),
        "single": np.array([0.1, np.nan], np.float32),
        "double": [0.1, np.nan],
        "small": np.array([-3, 7], np.int8),
        "large": np.array([3, 2**60], np.uint64),
        "truth": [True, False],
        "nullable": pd.array([1, None], "Int64"),
        "nullable float": pd.array([0.5, None], "Float64"),
        "objects": np.array([1.0, None], object),
    }
)
OTHERS = FRAME.columns[6:]


@pytest.mark.parametrize(("name", "series"), list(named_columns(FRAME)))
def test_a_column_of_numbers_is_the_same_in_every_type(name, series):
    expected = pd.to_numeric(FRAME[name]).to_numpy(np.float64, na_value=np.nan)
    found = numbers_of(series, NumericColumn(name))
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, expected)
    assert (plain_numbers(series) is None) == (name in OTHERS)


def test_a_column_that_is_read_is_a_copy():
    frame = pd.DataFrame({"a": [1.0, 2.0]})
    ((_, series),) = named_columns(frame)
    plain_numbers(series)[0] = 9.0
    assert frame["a"].tolist() == [1.0, 2.0]
