"""Columns of many levels: useless ones cost nothing, others are learned, nothing of y leaks."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import log_loss
from skorch.callbacks import EpochTimer

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer._fitting import _level_effects, _network
from sktransfer.strategies import WeightedEnsemble

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def _cities(n, n_levels, seed=0):
    rng = np.random.default_rng(seed)
    effect, level = rng.normal(size=n_levels), rng.integers(0, n_levels, n)
    X = pd.DataFrame({"a": rng.normal(size=n), "city": [f"c{i}" for i in level]})
    return X, (effect[level] + X["a"] + 0.5 * rng.normal(size=n)).to_numpy()


@pytest.fixture
def found(monkeypatch):
    """What is found of the levels of each network that is trained."""
    calls = []

    def kept(*args):
        calls.append(_level_effects.level_effects(*args))
        return calls[-1]

    monkeypatch.setattr(_network, "level_effects", kept)
    return calls


@pytest.fixture
def without(monkeypatch):
    """A way to switch effects off."""
    return lambda: monkeypatch.setattr(_network, "level_effects", lambda *_: None)


def _r2(X, y, n):
    model = TransferMLPRegressor(hidden_layer_sizes=(64,), random_state=0)
    return model.fit(X[:n], y[:n]).score(X[n:], y[n:])


@pytest.mark.slow
def test_rare_levels_that_matter_are_learned(without):
    X, y = _cities(2500, 400)
    with_effects = _r2(X, y, 1500)
    without()
    assert with_effects > _r2(X, y, 1500) + 0.05
    assert with_effects > 0.72  # .82 is what the shrunk means of the residuals explain


@pytest.mark.slow
def test_a_useless_column_of_many_names_costs_next_to_nothing():
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(2000, 5)), columns=list("abcde"))
    y = 2 * X["a"] + X["b"] * X["c"] + 3 * rng.normal(size=2000)
    named = X.assign(name=[f"v{int(v)}" for v in 50 * rng.pareto(0.5, 2000)])
    with_names, alone = (
        TransferMLPRegressor(random_state=0).fit(T[:1400], y[:1400]).score(T[1400:], y[1400:])
        for T in (named, X)
    )
    assert with_names > alone - 0.01  # .035 with indicators as they are


def test_levels_without_an_effect_enter_smaller_and_those_with_one_in_full(found):
    X, y = _cities(1200, 200)
    TransferMLPRegressor(hidden_layer_sizes=(8,), max_iter=2, random_state=0).fit(X, y)
    TransferMLPRegressor(hidden_layer_sizes=(8,), max_iter=2, random_state=0).fit(
        X, np.random.RandomState(0).rand(1200)
    )
    matters, useless = found
    assert (matters.factors == 1).all()
    assert matters.of_rows.shape == (1200, 1)
    levels = useless.factors < 1
    assert levels.sum() == 200
    assert useless.factors[levels].max() < 0.4  # of 18 rows at most
    assert useless.of_rows.shape == (1200, 0)


def test_the_kept_network_takes_the_effects_in(found):
    """Predictions with effects as inputs are those of the table's inputs alone."""
    X, y = _cities(800, 150)
    TransferMLPRegressor(hidden_layer_sizes=(8,), max_iter=2, random_state=0).fit(X, y)
    (effects,) = found
    rng = np.random.default_rng(0)
    n_inputs, n_effects = effects.weight.shape
    weight, bias = rng.normal(size=(n_inputs + n_effects, 4)), rng.normal(size=4)
    inputs = rng.normal(size=(20, n_inputs))
    of_rows = inputs @ effects.weight + effects.bias
    wide = np.hstack([inputs * effects.factors, of_rows]) @ weight + bias
    taken = effects.taken_in(weight, bias)
    assert_allclose(inputs @ taken[0] + taken[1], wide, atol=1e-8)


def test_a_row_of_a_level_that_was_not_seen_has_no_effect():
    X, y = _cities(800, 100)
    model = TransferMLPRegressor(hidden_layer_sizes=(64,), random_state=0).fit(X, y)
    new = X[:200].assign(city="elsewhere")
    with pytest.warns(UserWarning, match="elsewhere"):
        predicted = model.predict(new)
    # that of a level as the others are on average
    assert abs(predicted.mean() - y.mean()) < 0.4


def test_the_effect_of_a_row_is_measured_on_other_rows(found):
    X, y = _cities(1000, 150)
    moved = y.copy()
    moved[0] *= -1.0
    for target in (y, moved):
        TransferMLPRegressor(hidden_layer_sizes=(4,), max_iter=1, random_state=0).fit(X, target)
    before, after = (one.of_rows[:, 0] for one in found)
    same_level = (X["city"] == X["city"][0]).to_numpy()
    # what is left is the ridge and the unit of the target, which all rows share
    assert abs(after[0] - before[0]) < 0.05 * np.abs(after - before)[same_level].max()


def test_levels_say_nothing_of_labels_drawn_at_random():
    rng = np.random.default_rng(0)
    level = rng.integers(0, 2000, 3000)
    X = pd.DataFrame({"a": rng.normal(size=3000), "city": [f"c{i}" for i in level]})
    y = rng.permutation(np.repeat([0, 1], 1500))
    model = TransferMLPClassifier((16,), random_state=0).fit(X[:2000], y[:2000])
    constant = log_loss(y[2000:], np.full(1000, 0.5))
    assert log_loss(y[2000:], model.predict_proba(X[2000:])) > constant - 0.005


def test_training_goes_on_and_files_are_those_of_plain_inputs():
    X, y = _cities(600, 60)
    model = TransferMLPRegressor(hidden_layer_sizes=(8,), random_state=0).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    assert_array_equal(model.predict(X), again.predict(X))
    n_inputs = model.coefs_[0].shape[0]
    assert model.net_.module_.layers[0].in_features == n_inputs
    assert_array_equal(
        model.partial_fit(X[:100], y[:100]).predict(X),
        again.partial_fit(X[:100], y[:100]).predict(X),
    )


@pytest.mark.parametrize(
    "params",
    [
        {"early_stopping": True},
        {"augmentation": "mixup", "dropout": 0.1},
        {"loss": "poisson"},
        {"strategy": WeightedEnsemble(["scratch", "linear"])},
        {"callbacks": [EpochTimer()]},
        {"hidden_layer_sizes": ()},
    ],
    ids=lambda params: next(iter(params)),
)
def test_effects_go_with_every_way_of_training(found, params):
    X, y = _cities(600, 60)
    if params.get("loss") == "poisson":
        y = np.exp(y)
    model = TransferMLPRegressor(random_state=0, **{"hidden_layer_sizes": (16,)} | params)
    score = model.fit(X[:450], y[:450]).score(X[450:], y[450:])
    assert found
    assert all(one.of_rows.shape[1] == 1 for one in found)
    assert score > 0.1  # less than it was trained to, had the first layer other inputs
    assert model.validation_scores_ is None or max(model.validation_scores_) > 0.3


def test_heads_of_several_layers_stay_apart(found):
    X, y = _cities(600, 60)
    labels = np.where(y > 0, "high", "low")
    targets = pd.DataFrame({"number": y, "label": labels})
    model = MultiTaskMLP((16,), head_hidden_layer_sizes=(8,), random_state=0).fit(
        X[:450], targets[:450]
    )
    (effects,) = found
    assert effects.of_rows.shape[1] == 2
    last = model.coefs_[-1]
    assert not last[:8, 1].any()
    assert not last[8:, 0].any()
    assert model.score(X[450:], targets[450:]) > 0.2


def test_tasks_have_effects_of_their_own(found):
    X, y = _cities(900, 120)
    other = np.where(np.arange(900) % 2, np.nan, -y)
    targets = pd.DataFrame({"one": y, "none": np.nan, "other": other})
    MultiTaskMLP((8,), max_iter=2, random_state=0).fit(X, targets[["one", "other"]])
    (effects,) = found
    assert effects.of_rows.shape == (900, 2)
    assert np.corrcoef(effects.of_rows.T)[0, 1] < -0.8


def test_few_rows_few_levels_and_a_source_are_left_as_they_were(found):
    X, y = _cities(150, 30)
    model = TransferMLPRegressor(hidden_layer_sizes=(8,), max_iter=2, random_state=0).fit(X, y)
    X, y = _cities(600, 5)
    TransferMLPRegressor(hidden_layer_sizes=(8,), max_iter=2, random_state=0).fit(X, y)
    X, y = _cities(600, 60)
    TransferMLPRegressor(hidden_layer_sizes=(8,), source=model, strategy="l2_sp", max_iter=2).fit(
        X, y
    )
    assert found == [None, None, None]
