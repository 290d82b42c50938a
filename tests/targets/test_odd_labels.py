"""Labels of other types than text, truth values and numbers are refused in a few words."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from sktransfer import MultiTaskMLP, TransferMLPClassifier

X = np.random.default_rng(0).normal(size=(40, 2))
DAYS = [dt.date(2024, 1, 1), dt.date(2024, 1, 2)]
ODD = {
    "intervals": pd.Series(pd.cut(X[:, 0], 3)),
    "periods": pd.Series(list(pd.period_range("2024", periods=2, freq="Y")) * 20),
    "datetimes": pd.Series(list(pd.to_datetime(DAYS)) * 20),
    "with zones": pd.Series(list(pd.to_datetime(DAYS).tz_localize("UTC")) * 20),
    "dates": np.array(DAYS * 20, dtype=object),
    "durations": pd.Series(pd.to_timedelta(np.arange(40) % 2, unit="D")),
    "decimals": pd.Series([Decimal(1), Decimal(2)] * 20),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_labels_are_refused_in_a_few_words(name):
    with pytest.raises(
        ValueError, match=r"y has labels such as .* of type .*astype\(str\)"
    ) as one:
        TransferMLPClassifier(max_iter=1).fit(X, ODD[name])
    with pytest.raises(ValueError, match="Task 'odd' has labels such as") as several:
        MultiTaskMLP(max_iter=1).fit(X, {"odd": ODD[name], "number": X[:, 0]})
    assert max(len(str(error.value)) for error in (one, several)) < 250


def test_labels_of_two_kinds_are_refused_with_one_of_each():
    y = pd.Series([1, "a"] * 20)
    with pytest.raises(ValueError, match="texts such as 'a' and others such as 1"):
        TransferMLPClassifier(max_iter=1).fit(X, y)


def test_converted_as_the_message_says_they_are_learned():
    y = ODD["intervals"].astype(str)
    assert len(TransferMLPClassifier(max_iter=1).fit(X, y).classes_) == 3
