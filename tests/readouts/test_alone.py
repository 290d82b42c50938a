"""Read-outs as strategies of their own: one is fitted like any other model, and never resumed."""

import pickle
import warnings
from copy import deepcopy
from functools import cache

import numpy as np
import pytest
from fitted import READOUTS, one_fast_in
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.naive_bayes import GaussianNB

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import TransferWarning
from sktransfer.sources import Predictor, SourceDescription
from sktransfer.strategies import STRATEGIES, Boosting, Linear, Probe, Recalibrate, Trees

rng = np.random.default_rng(0)
X = rng.normal(size=(160, 4))
NUMBER = X[:, 0] * 2 + np.abs(X[:, 1])
LABEL = np.array(["low", "middle", "high"])[np.digitize(NUMBER, [0, 1.5])]
SOURCE = TransferMLPRegressor(hidden_layer_sizes=(16,), random_state=0).fit(X[:80], NUMBER[:80])
KINDS = {"classifier": (TransferMLPClassifier, LABEL), "regressor": (TransferMLPRegressor, NUMBER)}


def _fitted(kind, strategy, **params):
    cls, y = KINDS[kind]
    model = cls(source=SOURCE, strategy=strategy, random_state=0, **params)
    return model.fit(X[80:130], y[80:130]), y


@cache
def _of_name(kind, strategy):
    """A model that is fitted once for all tests, none of which changes it."""
    return _fitted(kind, strategy)[0]


def _outputs(model):
    return getattr(model, "predict_proba", model.predict)(X)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strategy", READOUTS)
def test_a_name_is_enough(strategy, kind):
    model, y = _of_name(kind, strategy), KINDS[kind][1]
    assert model.score(X[130:], y[130:]) > 0.6
    assert_array_equal(_outputs(pickle.loads(pickle.dumps(model))), _outputs(model))
    assert not hasattr(model, "member_weights_") and not hasattr(model, "loss_curve_")
    counted = model.transfer_report_.counts("layer")
    assert ("reused" in counted) == (strategy != "linear")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strategy", [s for s in READOUTS if s not in ("trees", "boosting")])
def test_what_draws_nothing_but_held_out_rows_is_the_same_in_every_fit(strategy, kind):
    cls, y = KINDS[kind]
    rows = slice(80, 110)
    fits = [cls(source=SOURCE, strategy=strategy).fit(X[rows], y[rows]) for _ in range(3)]
    for one in fits[1:]:
        assert_array_equal(_outputs(one), _outputs(fits[0]))
    state = np.random.RandomState(5)
    given = cls(source=SOURCE, strategy=strategy, random_state=state).fit(X[rows], y[rows])
    seeded = cls(source=SOURCE, strategy=strategy, random_state=5).fit(X[rows], y[rows])
    assert_array_equal(_outputs(given), _outputs(seeded))


def test_a_name_stands_for_an_instance_with_its_defaults():
    for name, instance in {
        "linear": Linear(),
        "probe": Probe(),
        "trees": Trees(25),
        "boosting": Boosting(),
    }.items():
        named = STRATEGIES[name]()
        assert type(named) is type(instance) and named.get_params() == instance.get_params()


def test_parameters_of_a_readout_are_reached_by_a_search():
    few, _ = _fitted("regressor", Trees(n_trees=1))
    more, _ = _fitted("regressor", Trees(n_trees=1).set_params(n_trees=30))
    assert len(np.unique(few.predict(X))) < len(np.unique(more.predict(X)))


@pytest.mark.parametrize("strategy", READOUTS)
def test_there_is_no_network_to_look_at(strategy):
    model = _of_name("classifier", strategy)
    with pytest.raises(AttributeError, match=f"no net_: {strategy} trains no network"):
        _ = model.net_
    # a linear model on the columns is a network without hidden layers
    assert hasattr(model, "coefs_") == (strategy == "linear")


def test_a_fit_takes_away_the_attributes_of_the_network_before():
    model, y = _fitted("classifier", "l2_sp", max_iter=3)
    assert model.n_iter_ == 3 and len(model.coefs_) == 2
    model.set_params(strategy="trees").fit(X[80:], y[80:])
    assert not [name for name in ("coefs_", "n_iter_", "loss_") if hasattr(model, name)]


@pytest.mark.parametrize("strategy", [name for name in READOUTS if name != "probe"])
def test_without_a_source_the_columns_alone_are_read(strategy):
    model = TransferMLPRegressor(strategy=strategy, random_state=0).fit(X[80:130], NUMBER[80:130])
    assert model.score(X[130:], NUMBER[130:]) > 0.6
    assert "reused" not in model.transfer_report_.counts("layer")


@pytest.mark.parametrize("strategy", READOUTS)
def test_several_tasks_have_no_readout(strategy):
    with pytest.raises(ValueError, match="in a MultiTaskMLP; expected a strategy that trains one"):
        MultiTaskMLP(strategy=STRATEGIES[strategy]()).fit(X, {"number": NUMBER, "label": LABEL})


@pytest.mark.parametrize("strategy", READOUTS)
def test_a_readout_is_fitted_to_a_whole_table(strategy):
    model = TransferMLPClassifier(source=SOURCE, strategy=strategy, random_state=0)
    with pytest.raises(ValueError, match=r"none of which trains a network.* call fit"):
        model.partial_fit(X, LABEL, classes=np.unique(LABEL))
    assert not hasattr(model, "classes_")
    model = deepcopy(_of_name("classifier", strategy))
    before = _outputs(model)
    with pytest.raises(ValueError, match="no network that could be resumed"):
        model.partial_fit(X, LABEL)
    with pytest.raises(ValueError, match="no network that could be resumed"):
        model.set_params(warm_start=True).fit(X, LABEL)
    assert_array_equal(_outputs(model), before)


@pytest.mark.parametrize(
    "loss", one_fast_in(3, ["quantile", "absolute_error", "huber", "gamma", "tweedie"])
)
@pytest.mark.parametrize("strategy", ["linear", "trees", "boosting", "smooth"])
def test_every_model_without_a_network_learns_by_the_loss(strategy, loss):
    rows = np.random.RandomState(0).randn(300, 2)
    noise = np.random.RandomState(1).gamma(2, 0.5, 300)
    numbers = (
        np.exp(0.7 * rows[:, 0]) * noise if loss in ("gamma", "tweedie") else rows[:, 0] + noise
    )
    model = TransferMLPRegressor(loss, quantile=0.9, strategy=strategy, random_state=0)
    model.fit(rows[:150], numbers[:150])
    prediction = model.predict(rows[150:])
    expected = {"quantile": 0.9, "absolute_error": 0.5}.get(loss)
    assert model.score(rows[150:], numbers[150:]) > 0.1
    if expected is not None:
        assert np.mean(numbers[150:] <= prediction) == pytest.approx(expected, abs=0.1)


def test_a_source_of_other_outputs_is_not_taken_as_it_is_in_silence():
    codes = np.unique(LABEL, return_inverse=True)[1] + 7
    source = TransferMLPClassifier((4,), max_iter=5, random_state=0).fit(X[:80], codes[:80])
    model = TransferMLPClassifier(source=source, strategy=Recalibrate("none"))
    with pytest.warns(TransferWarning, match="classes 7, 8, 9, where y has the classes 'high'"):
        model.fit(X[80:130], LABEL[80:130])
    model.set_params(source=SOURCE)
    with pytest.warns(TransferWarning, match=r"numbers \(1 a row\), where y has the classes"):
        model.fit(X[80:130], LABEL[80:130])
    layers = [(np.eye(4), np.zeros(4)), (np.ones((4, 1)), np.zeros(1))]
    model.set_params(source=SourceDescription(layers))
    with pytest.warns(TransferWarning, match=r"what its outputs mean is not known.*by ridge"):
        model.fit(X[80:130], LABEL[80:130])
    model.set_params(source=source, class_map={7: "high", 8: "low", 9: "middle"})
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        model.fit(X[80:130], LABEL[80:130])
    assert_allclose(model.predict_proba(X), source.predict_proba(X), atol=1e-3)


class OnlyPredicts:
    """Keras's kind: `predict` gives probabilities, and nothing notes classes or columns."""

    def __init__(self, n_outputs):
        self.n_outputs = n_outputs

    def predict(self, X):
        one = 1 / (1 + np.exp(-np.asarray(X, float)[:, :1]))
        return np.hstack([one, 1 - one][: self.n_outputs])


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_probabilities_of_a_source_without_classes_are_asked_about(n_outputs):
    model = TransferMLPClassifier(strategy="recalibrate")
    model.set_params(source=Predictor(OnlyPredicts(n_outputs), X_sample=X[:80]))
    with pytest.warns(TransferWarning, match="has no classes_ and predicts numbers from 0 to 1"):
        model.fit(X[80:130], LABEL[80:130])


@pytest.mark.parametrize("own", [0.8, "auto"])
def test_a_threshold_of_the_source_is_named_and_not_taken(own):
    y = LABEL == "high"
    source = FixedThresholdClassifier(GaussianNB(), threshold=own).fit(X[:80], y[:80])
    model = TransferMLPClassifier(source=source, strategy=Recalibrate("none"))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        model.fit(X[80:130], y[80:130])
    names = any(
        "FixedThresholdClassifier(estimator, threshold=0.8)" in str(w.message) for w in said
    )
    assert names == (own == 0.8)
    assert_allclose(model.predict_proba(X), source.predict_proba(X), atol=1e-3)
