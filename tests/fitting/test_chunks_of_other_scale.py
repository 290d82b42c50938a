"""A chunk of a stream whose numbers are of another unit than those before is said to be."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import TransferWarning
from sktransfer.strategies import WeightedEnsemble

RNG = np.random.default_rng(0)
X = pd.DataFrame({"weight": RNG.normal(70, 12, 120), "town": RNG.choice(["a", "b"], 120)})
Y = X["weight"].to_numpy() / 12 + RNG.normal(size=120)
QUICK = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}
ENTRANCES = {
    "network": lambda: TransferMLPRegressor(**QUICK),
    "ensemble": lambda: TransferMLPRegressor(
        strategy=WeightedEnsemble(["scratch", "linear"]), **QUICK
    ),
    "several tasks": lambda: MultiTaskMLP(**QUICK),
    "classifier": lambda: TransferMLPClassifier(**QUICK),
}


def _chunk(model, rows, target):
    if isinstance(model, MultiTaskMLP):
        return model.partial_fit(rows, {"t": target})
    if isinstance(model, TransferMLPClassifier):
        return model.partial_fit(rows, target > 6, classes=[False, True])
    return model.partial_fit(rows, target)


def _said(model, rows, target):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        _chunk(model, rows, target)
    return [str(one.message) for one in caught]


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_a_column_in_another_unit_is_said(entrance):
    model = _chunk(ENTRANCES[entrance](), X[:60], Y[:60])
    in_grams = X[60:].assign(weight=1000 * X["weight"][60:])
    said = [m for m in _said(model, in_grams, Y[60:]) if "than the rows before" in m]
    assert len(said) == 1 and "'weight': about 1,000 times the rows before's" in said[0]


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_a_chunk_like_the_first_says_nothing_of_units(entrance):
    model = _chunk(ENTRANCES[entrance](), X[:60], Y[:60])
    assert not [m for m in _said(model, X[60:], Y[60:]) if "rows before" in m]


def test_columns_of_few_entries_or_of_a_long_tail_say_nothing_by_chance():
    pixels, digits = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    rare = np.where(rng.random((400, 3)) < 0.15, rng.lognormal(0, 3, (400, 3)), 0)
    for rows, labels in ((pixels, digits), (rare, rng.integers(2, size=400))):
        model = TransferMLPClassifier(**QUICK).partial_fit(
            rows[:40], labels[:40], classes=np.unique(labels)
        )
        for start in range(40, 400, 20):
            some = slice(start, start + 20)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                model.partial_fit(rows[some], labels[some])
            assert not [w for w in caught if "rows before" in str(w.message)]


@pytest.mark.parametrize("entrance", ["network", "ensemble", "several tasks"])
@pytest.mark.parametrize("n_rows", [60, 5])
def test_a_code_among_the_numbers_of_a_chunk_is_said(entrance, n_rows):
    model = _chunk(ENTRANCES[entrance](), X[:60], Y[:60])
    coded = np.where(np.arange(n_rows) == 1, -999.0, Y[60 : 60 + n_rows])
    said = [m for m in _said(model, X[60 : 60 + n_rows], coded) if "away from them" in m]
    what = "Task 't'" if entrance == "several tasks" else "y"
    assert len(said) == 1 and said[0].startswith(f"{what} is -999 in 1 of {n_rows} rows")


def test_a_code_in_the_first_chunk_is_said():
    coded = np.where(np.arange(60) == 1, -999.0, Y[:60])
    with pytest.warns(UserWarning, match="y is -999 in 1 of 60 rows") as caught:
        TransferMLPRegressor(**QUICK).partial_fit(X[:60], coded)
    assert not [one for one in caught if issubclass(one.category, TransferWarning)]
