"""Columns of hundreds and thousands of levels: which have an indicator, and what they may say."""

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer._preprocessing import _levels
from sktransfer._preprocessing._levels import fit_levels
from sktransfer.strategies import WeightedEnsemble

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def _column(counts):
    texts = [level for level, n in counts.items() for _ in range(n)]
    return fit_levels(nw.from_native(pd.Series(texts), series_only=True), "name", None, True)


def test_levels_of_two_rows_have_an_indicator_and_those_of_one_share_buckets():
    column = _column({f"often{i}": 2 for i in range(300)} | {f"once{i}": 1 for i in range(40)})
    assert len(column.levels) == 300
    assert all(level.startswith("often") for level in column.levels)
    assert column.n_buckets == 32


def test_no_level_shares_a_bucket_where_all_have_two_rows():
    column = _column({f"n{i}": 2 for i in range(400)})
    assert (len(column.levels), column.n_buckets) == (400, 0)


@pytest.mark.parametrize(("most_entries", "expected"), [(10**7, 350), (800 * 300, 300), (1, 256)])
def test_fewer_levels_have_an_indicator_in_a_table_of_many_rows(
    monkeypatch, most_entries, expected
):
    monkeypatch.setattr(_levels, "_MOST_ENTRIES", most_entries)
    monkeypatch.setattr(_levels, "_MOST_OF_ALL", 350)
    assert len(_column({f"n{i}": 2 for i in range(400)}).levels) == expected


@pytest.mark.slow
def test_many_levels_that_matter_are_learned():
    rng = np.random.default_rng(0)
    effect, level = rng.normal(size=400), rng.integers(0, 400, 4000)
    X = pd.DataFrame({"a": rng.normal(size=4000), "city": [f"c{i}" for i in level]})
    y = effect[level] + X["a"] + 0.5 * rng.normal(size=4000)
    model = TransferMLPRegressor(hidden_layer_sizes=(128,), random_state=0)
    # .70 where 144 of them share buckets
    assert model.fit(X[:3000], y[:3000]).score(X[3000:], y[3000:]) > 0.76


def test_thousands_of_levels_tell_nothing_of_labels_drawn_at_random():
    rng = np.random.default_rng(0)
    level = rng.integers(0, 1000, 1500)
    X = pd.DataFrame({"a": rng.normal(size=1500), "city": [f"c{i}" for i in level]})
    y = rng.permutation(np.repeat([0, 1], 750))
    strategy = WeightedEnsemble(["scratch", "linear"])
    model = TransferMLPClassifier((16,), strategy=strategy, random_state=0)
    model.fit(X[:1000], y[:1000])
    constant = log_loss(y, np.full(1500, y.mean()))
    # with means of labels that a row's own is part of, it would be far less
    assert min(model.member_losses_.values()) > constant - 0.005
    assert log_loss(y[1000:], model.predict_proba(X[1000:])) > constant - 0.005
