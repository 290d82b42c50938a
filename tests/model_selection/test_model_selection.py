"""Ranking sources, curves with and without a source, and forgetting."""

import warnings
from itertools import product

import numpy as np
import pandas as pd
import pytest
from fitted import one_fast_in
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_diabetes, load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_validate
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline

from sktransfer import (
    MultiTaskMLP,
    SharedLayerTransformer,
    TransferMLPClassifier,
    TransferMLPRegressor,
)
from sktransfer.exceptions import TransferError, TransferWarning
from sktransfer.model_selection import forgetting_score, rank_sources, transfer_learning_curve
from sktransfer.sources import SourceDescription

METHODS = ["probe_gain", "logme", "h_score", "leep", "nce", "column_shift"]
QUICK = {"hidden_layer_sizes": (32,), "random_state": 0}


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True, as_frame=True)
    return X, y


@pytest.fixture(scope="module")
def sources(digits):
    X, y = digits
    permuted = np.random.default_rng(0).permutation(y[:800])
    fit = {
        "permuted": TransferMLPClassifier(**QUICK).fit(X[:800], permuted),
        "same": TransferMLPClassifier(**QUICK).fit(X[:800], y[:800]),
        "nothing in common": TransferMLPClassifier(**QUICK).fit(
            X[:100].set_axis([f"other{i}" for i in range(64)], axis=1), y[:100]
        ),
    }
    return fit


@pytest.mark.slow
def test_whole_numbers_are_numbers_to_sources_that_are_regressions():
    X, y = load_diabetes(return_X_y=True)
    sources = [TransferMLPRegressor(**QUICK, max_iter=5).fit(X[:200], y[:200]) for _ in "ab"]
    ranking = rank_sources(sources, X[200:260], y[200:260])  # y has no fractions
    chosen = TransferMLPRegressor(source=sources, strategy="l2_sp", max_iter=2)
    chosen.fit(X[200:260], y[200:260])
    assert dict(zip(ranking["source"], ranking["score"], strict=True)) == chosen.source_scores_


def test_one_source_alone_has_a_score_too(digits):
    X, y = digits
    source = TransferMLPClassifier(**QUICK, max_iter=5).fit(X[:200], y[:200])
    alone, listed = (rank_sources(s, X[200:260], y[200:260]) for s in (source, [source]))
    assert alone.equals(listed)


@pytest.mark.parametrize("method", [m for m in METHODS if m != "column_shift"])
def test_a_source_of_the_same_question_comes_before_one_of_permuted_labels(
    digits, sources, method
):
    X, y = digits
    ranking = rank_sources(sources, X[800:900], y[800:900], method=method)
    assert list(ranking.columns) == ["source", "score", "rank"]
    assert ranking["rank"].tolist() == [1, 2, 3]
    assert ranking["source"][0] == "same"
    assert np.isfinite(ranking["score"]).all()
    assert (np.diff(ranking["score"]) <= 0).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_source_without_a_common_column_comes_last_but_is_no_error(digits, sources, method):
    X, y = digits
    pair = {name: sources[name] for name in ("nothing in common", "same")}
    with pytest.warns(TransferWarning, match="none is matched") as caught:
        ranking = rank_sources(pair, X[800:900], y[800:900], method=method)
    assert ranking["source"].tolist() == ["same", "nothing in common"]
    (message,) = [str(w.message) for w in caught if w.category is TransferWarning]
    assert "nothing in common (TransferMLPClassifier)" in message


@pytest.mark.parametrize("method", one_fast_in(3, METHODS))
def test_the_fewest_rows_of_mixed_tables_are_scored(method):
    table = pd.DataFrame(
        {"age": [1.0, np.nan, 9, 3, 7], "fuel": ["petrol", "diesel", None, "petrol", "electric"]}
    )
    price = np.array([20.5, 14.0, 6.0, 16.0, 19.0])
    source = TransferMLPRegressor(**QUICK).fit(table, price)
    targets = {"regression": price, "classification": price > 10}
    for n, (task, y) in product([1, 2, 5], targets.items()):
        ranking = rank_sources([source, source], table[:n], y[:n], method=method, task=task)
        assert ranking["source"].tolist() == ["source0", "source1"]
        assert np.isfinite(ranking["score"]).all()


def test_a_network_of_several_tasks_is_a_candidate_too(digits):
    X, y = digits
    Y = pd.DataFrame({"digit": y[:300], "large": np.where(y[:300] > 4, "yes", "no")})
    several = MultiTaskMLP(**QUICK, max_iter=5).fit(X[:300], Y)
    for method in METHODS:
        ranking = rank_sources([several], X[800:850], y[800:850], method=method)
        assert np.isfinite(ranking["score"]).all()
    names = SharedLayerTransformer(several, layers="outputs").fit(X).get_feature_names_out()
    assert len(names) == len(set(names)) == 11
    assert {"source_output_digit_3", "source_output_large"} <= set(names)


def test_what_cannot_be_ranked_is_refused(digits, sources):
    X, y = digits
    with pytest.raises(ValueError, match="method must be one of"):
        rank_sources(sources, X, y, method="best")
    with pytest.raises(ValueError, match="`source` is an empty list"):
        rank_sources([], X, y)
    with pytest.raises(NotFittedError, match="`source` is not fitted"):
        rank_sources([TransferMLPClassifier()], X, y)
    raw = MLPRegressor(max_iter=1).fit(X[:50], y[:50])
    for several, which in (
        ([raw], ""),
        ([sources["same"], raw], "Of the sources, 'source1' .*"),
    ):
        with pytest.raises(ValueError, match=f"{which}not recorded its own"):
            rank_sources(several, X, y, method="column_shift")


@pytest.mark.slow
def test_the_curve_is_paired_and_its_interval_is_that_of_the_corrected_test(digits, sources):
    X, y = digits
    model = TransferMLPClassifier(strategy="l2_sp", **QUICK)
    curve = transfer_learning_curve(
        model, sources["same"], X[800:1000], y[800:1000], train_sizes=[20, 60], cv=3,
        random_state=0,
    )  # fmt: skip
    assert_array_equal(curve.train_sizes, [20, 60])
    assert curve.scores_with.shape == curve.scores_without.shape == (2, 3)
    assert_allclose(curve.gain, (curve.scores_with - curve.scores_without).mean(axis=1))
    assert curve.gain[0] > 0 and curve.gain[0] > curve.gain[1]
    difference = (curve.scores_with - curve.scores_without)[0]
    error = np.sqrt(difference.var(ddof=1) * (1 / 3 + (200 / 3) / 20))
    assert_allclose(curve.gain_high[0] - curve.gain[0], 4.302653 * error, rtol=1e-6)
    assert model.source is None


def test_a_source_that_is_none_gains_nothing(digits):
    X, y = digits
    model = TransferMLPClassifier(**QUICK, max_iter=5)
    curve = transfer_learning_curve(
        model, None, X[:60], y[:60] > 4, train_sizes=[0.5], cv=KFold(2)
    )
    assert_array_equal(curve.scores_with, curve.scores_without)
    assert_array_equal(curve.gain_low, 0)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_side_without_a_source_does_not_warn_that_there_is_none(digits, n_jobs):
    X, y = digits
    model = TransferMLPClassifier(strategy="recalibrate", random_state=0)
    source = RandomForestClassifier(5, random_state=0).fit(X[:200], y[:200])
    given = X[200:260], y[200:260]
    folds = dict(train_sizes=[20, 30], cv=KFold(2), n_jobs=n_jobs)
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        transfer_learning_curve(model, source, *given, **folds)
    if n_jobs == 1:  # a worker's warnings stay there
        with pytest.warns(TransferWarning, match="there is none"):  # asked for on both sides
            transfer_learning_curve(model, None, *given, **folds)


@pytest.mark.parametrize("prefix", ["", "step__"])
def test_the_side_without_a_source_is_the_same_ensemble(digits, prefix):
    X, y = digits
    fitted = set()

    class Recorder(TransferMLPClassifier):
        def fit(self, X, y):
            fitted.add((self.source is None, self.strategy))
            return self

        def __sklearn_is_fitted__(self):
            return True

        def score(self, X, y):
            return 0.0

    model = Pipeline([("step", Recorder())]) if prefix else Recorder()
    transfer_learning_curve(
        model, object(), X[:60], y[:60], train_sizes=[20], cv=2, param_name=f"{prefix}source"
    )
    assert {(False, "auto"), (True, "ensemble")} <= fitted
    assert {str(strategy) for _, strategy in fitted} == {
        "auto", "ensemble", "Recalibrate(update='none')"
    }  # fmt: skip


def test_parameters_of_fit_are_split_with_the_rows():
    rng = np.random.default_rng(0)
    X, weight = rng.normal(size=(60, 3)), rng.random(60)
    y = X[:, 0] + rng.normal(size=60)
    source, params = Ridge().fit(X, y), {"sample_weight": weight}
    model = TransferMLPRegressor(strategy="linear", random_state=0)
    given = dict(train_sizes=[1.0], cv=KFold(3), params=params)
    curve = transfer_learning_curve(model, source, X, y, **given)
    expected = cross_validate(model, X, y, cv=KFold(3), params=params)["test_score"]
    assert_allclose(curve.scores_without, [expected], rtol=1e-6)
    assert_allclose(curve.scores_as_is, [source.score(X[i], y[i]) for _, i in KFold(3).split(X)])


@pytest.mark.parametrize("prefix", ["", "step__"])
def test_the_source_as_it_is_stands_beside_both(digits, prefix):
    X, y = digits
    X, y = np.asarray(X), np.asarray(y)
    source = RandomForestClassifier(20, random_state=0).fit(X[:800], y[:800])
    model = TransferMLPClassifier(strategy="scratch", max_iter=1, random_state=0)
    folds = [
        (np.arange(800, 840), np.arange(840, 900)),
        (np.arange(860, 900), np.arange(900, 960)),
    ]
    given = dict(train_sizes=[20, 40], cv=folds, param_name=f"{prefix}source")
    model = Pipeline([("step", model)]) if prefix else model
    curve = transfer_learning_curve(model, source, X, y, **given)
    assert_allclose(curve.scores_as_is, [source.score(X[test], y[test]) for _, test in folds])
    others = transfer_learning_curve(model, source, X, np.char.add("n", y.astype(str)), **given)
    assert np.isnan(others.scores_as_is).all()


def test_smaller_training_sets_have_every_class_of_the_larger(digits):
    X, y = digits
    seen = []

    class Recorder(TransferMLPClassifier):
        def fit(self, X, y):
            seen.append((set(X.index), set(y)))
            return super().fit(X, y)

    model = Recorder(hidden_layer_sizes=(4,), max_iter=1, strategy="scratch")
    transfer_learning_curve(
        model, None, X[:200], y[:200], train_sizes=[10, 50], cv=[(np.arange(100), [150, 151])]
    )
    (few, classes), _, (many, _), _ = seen
    assert few <= many and len(classes) == 10


def test_a_transformer_in_a_pipeline_has_a_curve():
    X, y = load_diabetes(return_X_y=True)
    source = TransferMLPRegressor(**QUICK).fit(X[:300], y[:300])
    curve = transfer_learning_curve(
        make_pipeline(SharedLayerTransformer(passthrough=True, layers="outputs"), Ridge()),
        source, X[300:], y[300:], train_sizes=[20], cv=[(np.arange(40), np.arange(40, 142))],
        param_name="sharedlayertransformer__source",
    )  # fmt: skip
    assert curve.gain[0] > 0
    assert np.isinf(curve.gain_high[0])


def test_sizes_beyond_the_folds_are_refused(digits):
    X, y = digits
    for sizes in ([0], [91], [1.5], 5):
        with pytest.raises(ValueError, match="train_sizes"):
            transfer_learning_curve(
                TransferMLPClassifier(), None, X[:90], y[:90], train_sizes=sizes, cv=2
            )


def test_a_confidence_in_percent_is_refused(digits):
    with pytest.raises(ValueError, match=r"confidence=95; expected .* below 1, such as 0\.95"):
        transfer_learning_curve(TransferMLPClassifier(), None, *digits, confidence=95)


@pytest.mark.slow
def test_a_frozen_trunk_forgets_nothing_and_full_training_forgets(digits):
    X, y = digits
    old, new = y < 5, y >= 5
    source = TransferMLPClassifier(**QUICK).fit(X[old][:500], y[old][:500])
    rest = X[old][500:], y[old][500:]
    forgotten = {
        strategy: forgetting_score(
            TransferMLPClassifier(source=source, strategy=strategy, random_state=0).fit(
                X[new], y[new]
            ),
            source,
            *rest,
        )
        for strategy in ("frozen", "l2_sp", "full")
    }
    assert forgotten["frozen"] == 0
    assert forgotten["full"] > forgotten["frozen"]
    assert forgotten["full"] >= forgotten["l2_sp"]


def test_forgetting_of_numbers_is_in_r2(digits):
    X, y = load_diabetes(return_X_y=True)
    source = TransferMLPRegressor(**QUICK).fit(X[:300], y[:300])
    target = TransferMLPRegressor(source=source, strategy="frozen", random_state=0)
    assert abs(forgetting_score(target.fit(X[:50], -y[:50]), source, X, y)) < 1e-9


def test_without_a_shared_layer_or_a_known_task_nothing_can_be_forgotten(digits, sources):
    X, y = digits
    scratch = TransferMLPClassifier(hidden_layer_sizes=(4,), max_iter=1).fit(X, y)
    with pytest.raises(TransferError, match="shares no layer"):
        forgetting_score(scratch, sources["same"], X, y)
    unknown = SourceDescription([(np.ones((64, 4)), np.zeros(4)), (np.ones((4, 2)), np.zeros(2))])
    target = TransferMLPClassifier(source=unknown, strategy="l2_sp", max_iter=1).fit(X, y)
    with pytest.raises(TransferError, match="does not define what its outputs mean"):
        forgetting_score(target, unknown, X, y)
