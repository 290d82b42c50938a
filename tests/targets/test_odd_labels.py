"""Labels of other types than text, truth values and numbers are refused in a few words."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor

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


@pytest.mark.parametrize("constant", [0.1, 7.1, 123456.789])
@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber"])
def test_a_target_of_one_number_is_predicted_as_it_is(constant, loss):
    rng = np.random.default_rng(0)
    X, new, y = rng.normal(size=(43, 3)), 3 * rng.normal(size=(50, 3)), np.full(43, constant)
    model = TransferMLPRegressor(loss=loss, max_iter=3, random_state=0).fit(X, y)
    np.testing.assert_array_equal(model.predict(new), constant)


def test_a_task_of_one_number_is_predicted_as_it_is_next_to_others():
    rng = np.random.default_rng(0)
    X, new = rng.normal(size=(43, 3)), 3 * rng.normal(size=(50, 3))
    model = MultiTaskMLP(max_iter=3, random_state=0)
    predicted = model.fit(X, {"a": np.full(43, 0.1), "b": X[:, 0]}).predict(new)
    np.testing.assert_array_equal(predicted["a"], 0.1)
