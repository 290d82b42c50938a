"""Estimators without layers as sources: through their predictions."""

import pickle
import warnings

import numpy as np
import pytest
from fitted import lighter
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sktransfer
from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import SourceLayersError
from sktransfer.sources import Predictor
from sktransfer.strategies import EstimatorMember, Recalibrate, WeightedEnsemble

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
OLD, FEW, TEST = slice(0, 300), slice(300, 340), slice(340, None)
SOURCES = {
    "boosting": HistGradientBoostingClassifier(max_iter=30),
    "forest": RandomForestClassifier(30, random_state=0),
    "linear": make_pipeline(StandardScaler(), LogisticRegression()),
}
SOURCES = {name: one.fit(X[OLD], y[OLD]) for name, one in SOURCES.items()}


def _fitted(source, strategy="auto", table=X):
    model = TransferMLPClassifier(source=source, strategy=strategy, random_state=0)
    return model.fit(table[FEW], y[FEW])


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
def test_the_default_is_not_worse_than_the_source_as_it_is(name):
    source = SOURCES[name]
    model = _fitted(source)
    assert model.score(X[TEST], y[TEST]) > source.score(X[TEST], y[TEST]) - 0.02
    uses_it = bool({"as_is", "recalibrate"} & set(model.member_weights_))
    assert uses_it or model.transfer_gain_ < -model.transfer_gain_error_
    assert "predictions" in model.transfer_report_.headline()


@pytest.mark.parametrize("strategy", ["recalibrate", "trees", "boosting", "tangent", "smooth"])
def test_strategies_that_take_predictions_do_so_and_are_pickled(strategy):
    model = _fitted(SOURCES["boosting"], strategy)
    p = model.predict_proba(X[TEST])
    assert np.isfinite(p).all() and model.score(X[TEST], y[TEST]) > 0.9
    assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(X[TEST]), p)


def test_a_network_from_scratch_has_hidden_layers_whatever_the_source():
    with_it, without = _fitted(SOURCES["forest"], "scratch"), _fitted(None, "scratch")
    assert len(with_it.coefs_) > 1
    assert_array_equal(with_it.predict_proba(X[TEST]), without.predict_proba(X[TEST]))


def test_as_it_is_predicts_what_the_source_predicts():
    from sktransfer.strategies import Recalibrate

    model = _fitted(SOURCES["forest"], Recalibrate(update="none"))
    theirs = np.clip(SOURCES["forest"].predict_proba(X[TEST]), np.exp(-8), 1 - np.exp(-8))
    assert_allclose(model.predict_proba(X[TEST])[:, 1], theirs[:, 1], atol=1e-3)


def test_strategies_that_start_from_layers_are_refused_by_name():
    with pytest.raises(SourceLayersError, match="has predictions and no layers"):
        _fitted(SOURCES["forest"], "l2_sp")


@pytest.mark.slow
def test_a_column_less_is_missing_where_the_source_takes_it():
    less = X.drop(columns=["mean radius", "worst area"])
    model = _fitted(SOURCES["boosting"], lighter("auto"), less)
    assert model.score(less[TEST], y[TEST]) > 0.9


def test_several_sources_may_be_of_several_kinds_and_the_most_related_is_taken():
    network = TransferMLPClassifier(8, max_iter=5, random_state=0).fit(X[OLD], y[OLD])
    rng = np.random.default_rng(0)
    shuffled = RandomForestClassifier(10, random_state=0).fit(X[OLD], rng.permutation(y[OLD]))
    sources = {"shuffled": shuffled, "network": network, "forest": SOURCES["forest"]}
    model = _fitted(sources, "recalibrate")
    assert list(model.source_scores_)[-1] == "shuffled"


@pytest.mark.slow
def test_regression_and_other_labels():
    table, number = load_diabetes(return_X_y=True, as_frame=True)
    source = RandomForestRegressor(30, random_state=0).fit(table[:250], number[:250])
    made = TransferMLPRegressor(source=source, random_state=0)
    model = made.fit(table[250:290], 5 - number[250:290] / 7)
    assert model.score(table[290:], 5 - number[290:] / 7) > 0.25
    kinds = TransferMLPClassifier(source=source, strategy="recalibrate", random_state=0)
    high = number > 150
    assert kinds.fit(table[250:330], high[250:330]).score(table[330:], high[330:]) > 0.6


@pytest.mark.parametrize("strategy", ["boosting", "recalibrate"])
def test_predicted_numbers_may_be_far_from_zero(strategy):
    X, y = load_diabetes(return_X_y=True)
    y, scores = y / y.std(), []
    for far in (0.0, 1e8):
        source = make_pipeline(StandardScaler(), Ridge()).fit(X[:200], y[:200] + far)
        model = TransferMLPRegressor(source=source, strategy=strategy, random_state=0)
        scores.append(model.fit(X[200:300], y[200:300] + far).score(X[300:], y[300:] + far))
    assert scores[1] == pytest.approx(scores[0], abs=0.02)


def test_clones_and_cross_validation_keep_it_and_an_unfitted_one_is_refused():
    model = TransferMLPClassifier(source=SOURCES["forest"], strategy="recalibrate")
    assert clone(model).source is SOURCES["forest"]
    scores = cross_val_score(model, X[300:400], y[300:400], cv=3, error_score="raise")
    assert scores.min() > 0.8
    with pytest.raises(NotFittedError):
        _fitted(RandomForestClassifier())


@pytest.mark.slow
def test_several_classes_without_one_of_them():
    table, kind = load_iris(return_X_y=True)
    source = RandomForestClassifier(20, random_state=0).fit(table[::2], kind[::2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = TransferMLPClassifier(source=source, strategy=lighter("auto"), random_state=0)
        assert model.fit(table[1::4], kind[1::4]).score(table[3::4], kind[3::4]) > 0.85
        two = kind > 0
        assert model.fit(table[two][1::4], kind[two][1::4]).score(table[two], kind[two]) > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["boosting", "linear"])
def test_a_stream_resumes_after_fit_and_its_rows_move_the_weights(kind):
    source = clone(SOURCES[kind]).fit(X[OLD], y[OLD])
    params = {"strategy": lighter("auto"), "max_iter": 3, "random_state": 0}
    model = TransferMLPClassifier(source=source, **params).fit(X[FEW], y[FEW])
    before = model.member_weights_
    model.partial_fit(X[340:380], y[340:380])
    after = model.member_weights_
    assert set(after) == set(before) and after != before
    assert model.score(X[380:], y[380:]) > 0.85


def test_an_estimator_on_the_users_table_is_weighed_on_a_stream_too():
    forest = EstimatorMember(RandomForestClassifier(20, random_state=0))
    strategy = WeightedEnsemble({"net": "scratch", "forest": forest})
    model = TransferMLPClassifier((8,), strategy=strategy, max_iter=3, random_state=0)
    model.fit(X[FEW], y[FEW])
    before = model.member_weights_
    model.partial_fit(X[340:380], y[340:380])
    assert model.member_weights_["forest"] > before["forest"]


def test_an_ensemble_of_ours_is_a_source_by_its_own_predictions_in_a_predictor(tmp_path):
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    forest = RandomForestClassifier(10, random_state=0).fit(X[:150], y[:150])
    few = WeightedEnsemble(["recalibrate", "trees", "scratch"], cv=2)
    old = TransferMLPClassifier(source=forest, strategy=few, max_iter=5, random_state=0)
    old.fit(X[150:220], y[150:220])
    model = TransferMLPClassifier(source=Predictor(old), strategy=Recalibrate("none"))
    p = model.fit(X[220:260], y[220:260]).predict_proba(X[260:])
    assert_allclose(p, old.predict_proba(X[260:]), atol=2e-3)
    pytest.importorskip("skops")
    model.save(tmp_path / "model")
    again = sktransfer.load(tmp_path / "model", trust_source=True)
    assert_allclose(again.predict_proba(X[260:]), p, atol=1e-6)
