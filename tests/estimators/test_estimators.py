"""What the two estimators do with every kind of table and target."""

import copy
import itertools

import numpy as np
import pandas as pd
import pytest
from fitted import (
    ENSEMBLES,
    FEW_MEMBERS,
    NETWORKS,
    ensembles_are_slow,
    inputs_of,
    lighter,
    member_of,
    model_of,
    optimizer_of,
    rows_by_input,
)
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.datasets import make_multilabel_classification
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.neural_network import MLPClassifier, MLPRegressor

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer._networks._forward import forward
from sktransfer._preprocessing import center_and_scale, encode
from sktransfer.sources import TargetSchema, describe_source
from sktransfer.strategies import L2SP, STRATEGIES, Full, KeepHead

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SHIFT, STRETCH = [0, 30, -1, 5, 100], [1, 9, 0.1, 3, 20]


def _table(seed, n):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 5))
    return z * STRETCH + SHIFT, z @ np.random.default_rng(99).normal(size=(5, 4))


X, S = _table(0, 200)
X_target, S_target = _table(1, 40)
X_test, S_test = _table(2, 300)
BINARY = lambda s: s[:, 0] > 0  # noqa: E731
NAMED = lambda s: np.array(["ant", "bee", "cat"])[s[:, :3].argmax(1)]  # noqa: E731
NUMBER = lambda s: 1000 + 50 * s[:, 0]  # noqa: E731
SMALL = {"hidden_layer_sizes": (16, 8), "learning_rate_init": 0.01, "random_state": 0}
SOURCE = TransferMLPClassifier(**SMALL).fit(X, NAMED(S))
REGRESSION_SOURCE = TransferMLPRegressor(**SMALL).fit(X, NUMBER(S))
HARDLY = {"learning_rate_init": 1e-12, "max_iter": 1}


# -- kinds of target ------------------------------------------------------------------------


def test_a_source_helps_with_few_rows():
    few = slice(0, 12)
    scores = {}
    for strategy in ("l2_sp", "keep_head", "scratch"):
        model = TransferMLPClassifier(source=SOURCE, strategy=strategy, random_state=0)
        model.fit(X_target[few], NAMED(S_target)[few])
        scores[strategy] = model.score(X_test, NAMED(S_test))
    assert scores["keep_head"] > scores["scratch"]
    assert scores["l2_sp"] > scores["scratch"]


LABELS = [[False, True], [0, 1], [-1, 1], ["no", "yes"], [10, 20]]


def _fits_two(name):
    return STRATEGIES[name]().cannot_fit(TargetSchema("binary", 1, classes=[0, 1])) is None


@pytest.mark.parametrize(
    "strategy, labels",
    [
        *((name, LABELS[0]) for name in sorted(set(STRATEGIES) - ENSEMBLES) if _fits_two(name)),
        pytest.param("auto", LABELS[0], marks=pytest.mark.slow),
        *(("l2_sp", two) for two in LABELS[1:]),
    ],
)
def test_two_classes_of_any_name(strategy, labels):
    y = np.array(labels)[BINARY(S).astype(int)]
    model = TransferMLPClassifier(source=SOURCE, strategy=lighter(strategy), random_state=0)
    model.fit(X, y)
    assert_array_equal(model.classes_, labels)
    assert model.n_outputs_ == 1 and model.out_activation_ == "logistic"
    assert model.score(X_test, np.array(labels)[BINARY(S_test).astype(int)]) > 0.7
    assert_allclose(model.predict_proba(X_test).sum(1), 1)
    assert_array_equal(
        model.predict(X_test), model.classes_[model.predict_proba(X_test).argmax(1)]
    )


def test_several_named_classes():
    assert list(SOURCE.classes_) == ["ant", "bee", "cat"]
    assert SOURCE.n_outputs_ == 3 and SOURCE.out_activation_ == "softmax"
    assert SOURCE.score(X_test, NAMED(S_test)) > 0.8
    assert_allclose(np.exp(SOURCE.predict_log_proba(X_test)), SOURCE.predict_proba(X_test))


def test_several_labels_per_row():
    X, Y = make_multilabel_classification(120, n_features=5, n_classes=3, random_state=0)
    source = TransferMLPClassifier(**SMALL).fit(X[:80], Y[:80])
    model = TransferMLPClassifier(source=source, strategy="keep_head", random_state=0)
    model.set_params(learning_rate_init=0.01).fit(X[80:], Y[80:])
    assert model.predict(X).shape == Y.shape and model.predict_proba(X).shape == Y.shape
    assert model.out_activation_ == "logistic"
    assert (model.predict(X) == Y).mean() > 0.7


def test_several_numbers_per_row():
    Y = S[:, :2] * [1, 1000] + [0, 5]
    source = TransferMLPRegressor(**SMALL).fit(X, Y)
    model = TransferMLPRegressor(source=source, strategy="keep_head", random_state=0)
    model.set_params(learning_rate_init=0.01)
    Y_test = S_test[:, :2] * [1, 1000] + [0, 5]
    assert model.fit(X_target, S_target[:, :2] * [1, 1000] + [0, 5]).score(X_test, Y_test) > 0.8
    assert model.predict(X_test).shape == (300, 2)


def test_a_column_of_numbers_is_flattened_with_a_warning():
    from sklearn.exceptions import DataConversionWarning

    with pytest.warns(DataConversionWarning):
        model = TransferMLPRegressor(**SMALL, max_iter=2).fit(X, NUMBER(S)[:, None])
    assert model.predict(X).shape == (200,)


def test_rates_are_positive():
    y = np.random.default_rng(0).poisson(np.exp(0.5 * S[:, 0]))
    model = TransferMLPRegressor("poisson", source=SOURCE, strategy="l2_sp", random_state=0).fit(
        X, y
    )
    assert (model.predict(X_test) > 0).all() and model.out_activation_ == "exp"
    assert np.corrcoef(model.predict(X_test), S_test[:, 0])[0, 1] > 0.6


# -- from one kind of source to another kind of target ---------------------------------------


@pytest.mark.parametrize("strategy", ensembles_are_slow(sorted(set(NETWORKS) - {"scratch"})))
def test_a_classifier_is_a_source_for_a_regressor(strategy):
    model = TransferMLPRegressor(source=SOURCE, strategy=strategy, random_state=0)
    model.set_params(learning_rate_init=0.01).fit(X_target, NUMBER(S_target))
    assert member_of(model).plan.layer_names.shared == ("shared_layers.0", "shared_layers.1")
    assert not member_of(model).plan.keeps_head
    assert model.score(X_test, NUMBER(S_test)) > 0.3


@pytest.mark.parametrize("strategy", ensembles_are_slow(sorted(set(NETWORKS) - {"scratch"})))
def test_a_regressor_is_a_source_for_a_classifier(strategy):
    model = TransferMLPClassifier(source=REGRESSION_SOURCE, strategy=strategy, random_state=0)
    model.fit(X_target, BINARY(S_target))
    assert not member_of(model).plan.keeps_head
    assert model.score(X_test, BINARY(S_test)) > 0.7


@pytest.mark.parametrize("source", [SOURCE, REGRESSION_SOURCE])
def test_a_new_output_layer_on_a_carried_trunk_starts_at_zero(source):
    model = TransferMLPClassifier(source=source, strategy="l2_sp", random_state=0, **HARDLY)
    model.fit(X_target, NAMED(S_target))
    assert_allclose(model.coefs_[-1], 0, atol=1e-9)
    assert_allclose(model.predict_proba(X_test), 1 / 3, atol=1e-9)


# -- overlapping labels -----------------------------------------------------------------------


def test_labels_that_the_source_knows_keep_their_output_and_new_ones_start_at_zero():
    y = np.array(["bee", "cow", "cat", "dog"])[S_target.argmax(1)]
    model = TransferMLPClassifier(source=SOURCE, strategy="keep_head", **HARDLY).fit(X_target, y)
    assert list(model.classes_) == ["bee", "cat", "cow", "dog"]
    assert_allclose(model.coefs_[-1][:, :2], SOURCE.coefs_[-1][:, 1:], atol=1e-10)
    assert_allclose(model.intercepts_[-1][:2], SOURCE.intercepts_[-1][1:], atol=1e-10)
    assert_allclose(model.coefs_[-1][:, 2:], 0, atol=1e-10)
    assert_allclose(model.intercepts_[-1][2:], 0, atol=1e-10)


def test_two_of_the_sources_classes_start_from_their_odds():
    y = np.where(BINARY(S_target), "bee", "ant")
    model = TransferMLPClassifier(source=SOURCE, strategy="keep_head", **HARDLY).fit(X_target, y)
    both = SOURCE.predict_proba(X_test)[:, :2]
    assert_allclose(model.predict_proba(X_test), both / both.sum(1, keepdims=True), atol=1e-9)


def test_a_binary_source_keeps_its_odds_among_more_classes():
    source = TransferMLPClassifier(**SMALL).fit(X, np.where(BINARY(S), "bee", "ant"))
    model = TransferMLPClassifier(source=source, strategy="keep_head", **HARDLY)
    answer = model.fit(X_target, NAMED(S_target)).predict_proba(X_test)
    odds = source.predict_proba(X_test)
    assert_allclose(answer[:, 0] / answer[:, 1], odds[:, 0] / odds[:, 1], rtol=1e-6)


def test_other_labels_start_a_new_output_layer():
    y = np.where(BINARY(S_target), "ant", "fox")  # one of two is not enough for one logit
    model = TransferMLPClassifier(source=SOURCE, strategy="keep_head", **HARDLY).fit(X_target, y)
    assert not member_of(model).plan.keeps_head
    assert_allclose(model.coefs_[-1], 0, atol=1e-9)


# -- weights --------------------------------------------------------------------------------


def test_class_weight_is_multiplied_into_sample_weight():
    y = NAMED(S_target)
    by_class = {"ant": 3.0, "bee": 1.0, "cat": 0.5}
    rows = np.random.default_rng(0).uniform(0.5, 2, 40)
    model = TransferMLPClassifier(
        source=SOURCE, strategy="l2_sp", class_weight=by_class, random_state=0
    )
    model.fit(X_target, y, sample_weight=rows)
    plain = TransferMLPClassifier(source=SOURCE, strategy="l2_sp", random_state=0)
    plain.fit(X_target, y, sample_weight=rows * [by_class[label] for label in y])
    assert_allclose(model.coefs_[0], plain.coefs_[0], rtol=1e-9)


def test_balanced_classes_raise_the_recall_of_the_rare_one():
    y = np.where(S[:, 0] > 1.8, "rare", "common")
    truth = np.where(S_test[:, 0] > 1.8, "rare", "common")
    recall = []
    for class_weight in (None, "balanced"):
        model = TransferMLPClassifier(**SMALL, class_weight=class_weight, max_iter=10)
        found = model.fit(X, y).predict(X_test)
        recall.append(accuracy_score(truth[truth == "rare"], found[truth == "rare"]))
    assert recall[1] > recall[0]


def test_rows_of_weight_zero_are_as_if_not_there():
    keep = np.arange(40) < 30
    params = {
        "source": SOURCE,
        "strategy": "l2_sp",
        "max_iter": 8,
        "random_state": 0,
        "shuffle": False,
    }
    weighted = TransferMLPClassifier(**params)
    weighted.fit(X_target, NAMED(S_target), sample_weight=keep.astype(float))
    fewer = TransferMLPClassifier(**params).fit(X_target[keep], NAMED(S_target)[keep])
    assert_allclose(weighted.predict_proba(X_test), fewer.predict_proba(X_test), atol=1e-7)


# -- validation -------------------------------------------------------------------------------


def test_a_validation_set_keeps_the_best_weights():
    model = TransferMLPClassifier(source=SOURCE, strategy="l2_sp", random_state=0, max_iter=40)
    model.set_params(learning_rate_init=0.05, n_iter_no_change=5)
    model.fit(X_target, NAMED(S_target), X_val=X_test, y_val=NAMED(S_test))
    assert model.score(X_test, NAMED(S_test)) == model.best_validation_score_
    losses = model.net_.history[:, "valid_loss"]
    assert model.best_validation_score_ == model.validation_scores_[int(np.argmin(losses))]
    assert model.best_loss_ is None
    assert len(model.validation_scores_) == model.n_iter_


def test_a_regressors_validation_set_keeps_the_best_weights_in_the_users_unit():
    model = TransferMLPRegressor(
        source=SOURCE, strategy="l2_sp", random_state=0, learning_rate_init=0.05
    )
    model.fit(X_target, NUMBER(S_target), X_val=X_test, y_val=NUMBER(S_test))
    assert_allclose(model.score(X_test, NUMBER(S_test)), model.best_validation_score_)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_early_stopping_stops_early_and_holds_rows_out(solver):
    model = TransferMLPClassifier(
        source=SOURCE, strategy="l2_sp", early_stopping=True, solver=solver
    )
    model.set_params(max_iter=500, n_iter_no_change=3, random_state=0)
    model.fit(X, NAMED(S))
    assert model.n_iter_ < 500
    assert model.t_ == 180 * model.n_iter_
    assert model.best_validation_score_ in model.validation_scores_


def test_without_standardisation_the_score_of_the_held_out_rows_judges_as_in_scikit_learn():
    model = TransferMLPClassifier(early_stopping=True, standardize=False, random_state=0)
    model.set_params(max_iter=60, n_iter_no_change=60).fit(X, NAMED(S))
    assert model.best_validation_score_ == max(model.validation_scores_)
    by_loss = model.set_params(standardize=True, activation="relu").fit(X, NAMED(S))
    losses = by_loss.net_.history[:, "valid_loss"]
    assert by_loss.best_validation_score_ == by_loss.validation_scores_[int(np.argmin(losses))]


def test_early_stopping_on_few_rows_is_not_content_with_the_most_frequent_class():
    rng = np.random.RandomState(0)
    rows = rng.randn(60, 5)
    is_rare = rows[:, 0] + 0.3 * rng.randn(60) > 0.7  # few held-out rows, nearly all of one class
    model = TransferMLPClassifier(early_stopping=True, random_state=0).fit(rows, is_rare)
    other = rng.randn(500, 5)
    assert roc_auc_score(other[:, 0] > 0.7, model.predict_proba(other)[:, 1]) > 0.9
    assert 0.1 < model.predict(other).mean() < 0.4


def test_validation_weights_count():
    weight = (NAMED(S_test) == "ant").astype(float)
    model = TransferMLPClassifier(source=SOURCE, strategy="l2_sp", max_iter=3, random_state=0)
    model.fit(
        X_target, NAMED(S_target), X_val=X_test, y_val=NAMED(S_test), sample_weight_val=weight
    )
    assert_allclose(
        model.best_validation_score_, model.score(X_test, NAMED(S_test), sample_weight=weight)
    )


# -- going on ---------------------------------------------------------------------------------


def test_warm_start_resumes_from_the_last_fit():
    model = TransferMLPClassifier(
        source=SOURCE, strategy="l2_sp", warm_start=True, max_iter=10, random_state=0
    )
    first = model.fit(X_target, NAMED(S_target)).loss_
    assert model.fit(X_target, NAMED(S_target)).loss_curve_[10] < 1.1 * first
    assert len(model.loss_curve_) == 20 and model.t_ == 800


def test_warm_start_may_change_the_learning_rate():
    model = TransferMLPClassifier(
        source=SOURCE, strategy="l2_sp", warm_start=True, max_iter=5, random_state=0
    )
    before = model.fit(X_target, NAMED(S_target)).coefs_[0].copy()
    model.set_params(learning_rate_init=1e-12).fit(X_target, NAMED(S_target))
    assert_allclose(model.coefs_[0], before, atol=1e-9)


def test_without_warm_start_fit_starts_from_the_source_again():
    model = TransferMLPClassifier(source=SOURCE, strategy="l2_sp", max_iter=5, random_state=0)
    first = [w.copy() for w in model.fit(X_target, NAMED(S_target)).coefs_]
    model.fit(X, NAMED(S))
    for ours, theirs in zip(model.fit(X_target, NAMED(S_target)).coefs_, first, strict=True):
        assert_array_equal(ours, theirs)


def test_partial_fit_starts_from_the_source_and_knows_classes_to_come():
    model = TransferMLPClassifier(source=SOURCE, strategy="keep_head", **HARDLY)
    chunk = NAMED(S_target) == "ant"
    classes = ["ant", "bee", "cat", "yak"]
    model.partial_fit(X_target[chunk], NAMED(S_target)[chunk], classes=classes)
    assert list(model.classes_) == classes
    assert_allclose(model.coefs_[0], SOURCE.coefs_[0], atol=1e-9)
    assert_allclose(model.coefs_[-1][:, :3], SOURCE.coefs_[-1], atol=1e-9)
    assert model.predict_proba(X_test).shape == (300, 4)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_partial_fit_learns_from_chunks_of_one_class_each(solver):
    model = TransferMLPClassifier(source=SOURCE, strategy="keep_head", solver=solver)
    model.set_params(random_state=0)
    y = NAMED(S_target)
    for _, name in itertools.product(range(4), ["ant", "bee", "cat"]):
        model.partial_fit(X_target[y == name], y[y == name], classes=["ant", "bee", "cat"])
    assert len(model.loss_curve_) == 12
    assert model.score(X_test, NAMED(S_test)) > 0.5


def test_partial_fit_keeps_the_optimisers_state():
    model = TransferMLPRegressor(source=SOURCE, strategy="l2_sp", random_state=0)
    model.partial_fit(X_target, NUMBER(S_target))
    first = optimizer_of(model).t
    model.partial_fit(X_target, NUMBER(S_target))
    assert optimizer_of(model).t == 2 * first > 0


@pytest.mark.parametrize("strategy", [FEW_MEMBERS, "l2_sp"])
@pytest.mark.parametrize(("first", "then"), [(np.float64, np.float32), (np.float32, np.float64)])
def test_chunks_of_a_stream_may_be_of_several_precisions(strategy, first, then):
    y = NUMBER(S_target)
    model = TransferMLPRegressor(source=SOURCE, strategy=strategy, random_state=0)
    model.partial_fit(X_target.astype(first), y)
    same = copy.deepcopy(model).partial_fit(X_target.astype(then).astype(first), y)
    model.partial_fit(X_target.astype(then), y)
    assert model.coefs_[0].dtype == first
    assert_allclose(model.predict(X_test), same.predict(X_test), rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("cls", [TransferMLPClassifier, TransferMLPRegressor])
def test_one_call_of_partial_fit_is_one_epoch(cls):
    y = NAMED(S_target) if cls is TransferMLPClassifier else NUMBER(S_target)
    stream = cls(source=SOURCE, strategy="l2_sp", random_state=0)
    kwargs = {"classes": np.unique(y)} if cls is TransferMLPClassifier else {}
    stream.partial_fit(X_target, y, **kwargs)
    once = cls(
        source=SOURCE, strategy="l2_sp", random_state=0, max_iter=1, learning_rate="constant"
    )
    assert_array_equal(stream.coefs_[0], once.fit(X_target, y).coefs_[0])
    assert stream.n_iter_ == 1 and stream.t_ == 40


def test_partial_fit_follows_the_strategys_phases():
    model = TransferMLPRegressor(source=SOURCE, strategy="lp_ft", max_iter=4, random_state=0)
    moved = []
    for _ in range(4):
        model.partial_fit(X_target, NUMBER(S_target))
        moved.append(not np.array_equal(model.coefs_[0], SOURCE.coefs_[0]))
    assert moved == [False, False, True, True]


# -- scale ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scaling", ["target", "own source"])
def test_the_unit_of_a_column_does_not_matter(scaling):
    factor, offset = np.array([1e-3, 1e3, 7, 1, 1e5]), np.array([1, -50, 0, 3, 1e4])
    params = {"max_iter": 20, "random_state": 0}
    if scaling == "target":
        params |= {"source": SOURCE, "strategy": Full(scaling="target")}
    else:
        params |= {"hidden_layer_sizes": (16, 8)}
    here = TransferMLPClassifier(**params).fit(X_target, NAMED(S_target))
    there = TransferMLPClassifier(**params).fit(X_target * factor + offset, NAMED(S_target))
    assert_allclose(
        there.predict_proba(X_test * factor + offset), here.predict_proba(X_test), atol=1e-6
    )


def test_the_unit_of_a_regression_target_does_not_matter():
    here = TransferMLPRegressor(source=SOURCE, strategy="l2_sp", max_iter=20, random_state=0)
    there = TransferMLPRegressor(source=SOURCE, strategy="l2_sp", max_iter=20, random_state=0)
    here.fit(X_target, NUMBER(S_target))
    there.fit(X_target, 1e6 * NUMBER(S_target) - 1e7)
    assert_allclose(there.predict(X_test), 1e6 * here.predict(X_test) - 1e7, rtol=1e-6)


def test_the_inputs_of_the_network_are_standardised():
    Z = encode(X, inputs_of(SOURCE), np.float64)[:, : X.shape[1]]
    assert_allclose(np.median(Z, axis=0), 0, atol=0.3)
    assert np.abs(Z).max() < 4  # bent, so that no outlier leads


def test_fourier_features_follow_the_standardised_columns():
    Z = encode(X, inputs_of(SOURCE), np.float64)
    ids = inputs_of(SOURCE).columns.input_ids()
    assert Z.shape[1] == len(ids) == inputs_of(SOURCE).n_inputs > X.shape[1]
    for at, (column, part, *frequency) in enumerate(ids):
        if part == "value":
            continue
        angle = 2 * np.pi * frequency[0] * Z[:, ids.index((column, "value"))]
        assert_allclose(Z[:, at], 0.7 * getattr(np, part)(angle), atol=1e-12)


def test_without_standardisation_the_table_goes_in_as_it_is():
    model = TransferMLPClassifier((4,), standardize=False, max_iter=1).fit(X, NAMED(S))
    assert np.shares_memory(encode(X, inputs_of(model), X.dtype), X)
    assert model.coefs_[0].shape == (X.shape[1], 4)


def test_a_constant_column_is_harmless():
    table = np.column_stack([X, np.full(200, 3.0)])
    model = TransferMLPClassifier(**SMALL).fit(table, NAMED(S))
    assert np.isfinite(model.predict_proba(table)).all()


@pytest.mark.parametrize("scaling", ["source", "mixed", "target"])
def test_the_strategy_says_whose_mean_and_std_scale_the_inputs(scaling):
    shifted, theirs = X_target + 10, inputs_of(SOURCE).scaling
    model = TransferMLPClassifier(source=SOURCE, strategy=L2SP(scaling=scaling), **HARDLY)
    model.fit(shifted, NAMED(S_target))
    away = center_and_scale(shifted, None)[0] - theirs.center
    z = away / (theirs.scale / np.sqrt(40))
    share = {"source": 0.0, "mixed": 1 - 4 / z**2, "target": 1.0}[scaling]
    assert_allclose(inputs_of(model).scaling.center, theirs.center + share * away)


# -- kinds of table ---------------------------------------------------------------------------


@pytest.mark.parametrize("form", [sparse.csr_array, sparse.csc_array, sparse.csr_matrix])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_sparse_equals_dense(form, solver):
    table = np.where(np.random.default_rng(0).random(X.shape) < 0.5, X, 0)
    source = TransferMLPClassifier(**SMALL, max_iter=3).fit(table, NAMED(S))
    model = TransferMLPClassifier(
        source=source, strategy="l2_sp", solver=solver, max_iter=5, batch_size=30
    )
    model.set_params(random_state=0)
    dense = model.fit(table, NAMED(S)).predict_proba(table)
    assert_allclose(model.fit(form(table), NAMED(S)).predict_proba(form(table)), dense, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_computing_precision_is_the_tables(dtype):
    model = TransferMLPClassifier(source=SOURCE, strategy="l2_sp", max_iter=5, random_state=0)
    model.fit(X_target.astype(dtype), NAMED(S_target))
    assert {w.dtype for w in (*model.coefs_, *model.intercepts_)} == {np.dtype(dtype)}
    assert model.predict_proba(X_test.astype(dtype)).dtype == dtype
    assert next(model.net_.module_.parameters()).numpy(force=True).dtype == dtype


def test_both_precisions_start_alike_and_end_near():
    model = TransferMLPClassifier((8,), max_iter=5, random_state=0)
    double = model.fit(X_target, NAMED(S_target)).predict_proba(X_test)
    single = model.fit(X_target.astype(np.float32), NAMED(S_target)).predict_proba(
        X_test.astype(np.float32)
    )
    assert_allclose(single, double, atol=1e-3)


@pytest.mark.parametrize("kind", ["int", "bool", "list", "fortran", "read-only", "mixed frame"])
def test_other_kinds_of_table_are_converted(kind):
    whole = np.random.default_rng(0).integers(0, 2, (40, 3))
    table = {
        "int": whole,
        "bool": whole.astype(bool),
        "list": whole.tolist(),
        "fortran": np.asfortranarray(whole.astype(float)),
        "read-only": whole.astype(float),
        "mixed frame": pd.DataFrame(
            {"a": whole[:, 0], "b": whole[:, 1] > 0, "c": whole[:, 2].astype(np.float32)}
        ),
    }[kind]
    if kind == "read-only":
        table.flags.writeable = False
    y = whole[:, 0] ^ whole[:, 1]
    model = TransferMLPClassifier((4,), max_iter=3, random_state=0)
    reference = model.fit(whole.astype(float), y).predict_proba(whole.astype(float))
    assert_allclose(model.fit(table, y).predict_proba(table), reference, atol=1e-3)


def test_large_tables_are_predicted_in_chunks_without_a_seam():
    many = np.tile(X_test, (8, 1))
    at = slice(1020, 1030)
    assert_allclose(SOURCE.predict_proba(many)[at], SOURCE.predict_proba(many[at]), rtol=1e-12)


# -- architecture -----------------------------------------------------------------------------


@pytest.mark.parametrize("n_shared", [0, 1, 2, None])
def test_n_shared_layers_says_how_many_layers_start_from_the_source(n_shared):
    model = TransferMLPClassifier(
        source=SOURCE, strategy="l2_sp", n_shared_layers=n_shared, random_state=1, **HARDLY
    ).fit(X_target, NAMED(S_target))
    carried = [
        np.allclose(ours, theirs, atol=1e-9)
        for ours, theirs in zip(model.coefs_[:2], SOURCE.coefs_[:2], strict=True)
    ]
    assert carried == [i < (2 if n_shared is None else n_shared) for i in range(2)]


@pytest.mark.parametrize("head", [6, (6,), (6, 3)])
def test_head_hidden_layers_stand_between_the_shared_ones_and_the_output(head):
    model = TransferMLPClassifier(
        source=SOURCE, strategy="l2_sp", head_hidden_layer_sizes=head, **HARDLY
    )
    model.fit(X_target, NAMED(S_target))
    own = (head,) if head == 6 else head
    assert [w.shape[1] for w in model.coefs_] == [16, 8, *own, 3]
    assert_allclose(model.coefs_[1], SOURCE.coefs_[1], atol=1e-9)
    assert len(member_of(model).plan.layer_names.shared) == 2


def test_hidden_layer_sizes_that_begin_with_the_sources_carry_what_is_common():
    model = TransferMLPClassifier(
        (16, 5), source=SOURCE, strategy="l2_sp", random_state=1, **HARDLY
    )
    model.fit(X_target, NAMED(S_target))
    assert_allclose(model.coefs_[0], SOURCE.coefs_[0], atol=1e-9)
    assert model.coefs_[1].shape == (16, 5)


def test_size_and_activation_are_the_sources_by_default():
    source = MLPRegressor(hidden_layer_sizes=(7, 3), activation="tanh", max_iter=2).fit(X, S[:, 0])
    model = TransferMLPClassifier(source=source, strategy="l2_sp", max_iter=1).fit(
        X_target, NAMED(S_target)
    )
    assert [w.shape[1] for w in model.coefs_] == [7, 3, 3]
    assert member_of(model).activation == "tanh"


def test_a_linear_source_gives_its_output_layer():
    source = TransferMLPClassifier((), random_state=0).fit(X, NAMED(S))
    model = TransferMLPClassifier(source=source, strategy="keep_head", **HARDLY)
    model.fit(X_target, NAMED(S_target))
    assert_allclose(model.predict_proba(X_test), source.predict_proba(X_test), atol=1e-9)


def test_dropout_is_for_training_only():
    model = TransferMLPClassifier(
        source=SOURCE, strategy="l2_sp", dropout=0.5, max_iter=5, random_state=0
    )
    model.fit(X_target, NAMED(S_target))
    assert_array_equal(model.predict_proba(X_test), model.predict_proba(X_test))
    without = TransferMLPClassifier(source=SOURCE, strategy="l2_sp", max_iter=5, random_state=0)
    assert not np.allclose(without.fit(X_target, NAMED(S_target)).coefs_[1], model.coefs_[1])


# -- columns ----------------------------------------------------------------------------------

NAMES = ["a", "b", "c", "d", "e"]
FRAME, TARGET_FRAME = pd.DataFrame(X, columns=NAMES), pd.DataFrame(X_target, columns=NAMES)
NAMED_SOURCE = TransferMLPClassifier(**SMALL).fit(FRAME, NAMED(S))


@pytest.fixture
def other_columns():
    new = np.random.default_rng(0).normal(size=(40, 2))
    table = TARGET_FRAME[["e", "b", "a"]].copy()
    table.insert(1, "x", new[:, 0])
    table["y"] = 100 * new[:, 1]
    return table


@pytest.mark.parametrize("kind", ["own", "MLP"])
def test_before_the_first_step_the_network_is_the_source_at_the_mean_of_missing_columns(
    other_columns, kind, at_the_mean
):
    source = NAMED_SOURCE
    if kind == "MLP":
        source = MLPClassifier((16, 8), max_iter=5, random_state=0)
        source.fit((FRAME - FRAME.mean()) / FRAME.std(), NAMED(S))
    strategy = KeepHead(scaling="source")
    model = TransferMLPClassifier(source=at_the_mean(source), strategy=strategy, **HARDLY)
    answer = model.fit(other_columns, NAMED(S_target)).predict_proba(other_columns)
    description = describe_source(source)
    filled = dict.fromkeys(NAMES, 0.0)
    if kind == "own":
        filled = dict(zip(NAMES, description.inputs.scaling.center, strict=True))
    seen = pd.DataFrame({n: other_columns[n] if n in "eba" else filled[n] for n in NAMES})
    assert_allclose(answer, source.predict_proba(seen), atol=1e-8)


def test_rows_of_the_targets_own_columns_start_at_zero_and_learn(other_columns, at_the_mean):
    model = TransferMLPClassifier(source=at_the_mean(NAMED_SOURCE), strategy="l2_sp", **HARDLY)
    start = rows_by_input(model.fit(other_columns, NAMED(S_target)))
    theirs = rows_by_input(NAMED_SOURCE)
    assert {column for column, *_ in start.keys() & theirs.keys()} == {"a", "b", "e"}
    own = start.keys() - theirs.keys()
    assert len({column for column, *_ in own}) == 2
    for ids, row in start.items():
        assert_allclose(row, theirs.get(ids, np.zeros_like(row)), atol=1e-9)
    model.set_params(learning_rate_init=1e-2, max_iter=20).fit(other_columns, NAMED(S_target))
    assert max(np.abs(rows_by_input(model)[ids]).max() for ids in own) > 1e-3


def test_columns_in_another_order_are_matched_by_name():
    model = TransferMLPClassifier(source=NAMED_SOURCE, strategy="keep_head", **HARDLY)
    model.fit(TARGET_FRAME[NAMES[::-1]], NAMED(S_target))
    assert_allclose(
        model.predict_proba(TARGET_FRAME[NAMES[::-1]]),
        NAMED_SOURCE.predict_proba(TARGET_FRAME),
        atol=1e-9,
    )


def test_columns_can_be_matched_by_position_in_spite_of_their_names():
    renamed = TARGET_FRAME.rename(columns=str.upper)
    model = TransferMLPClassifier(source=NAMED_SOURCE, strategy="keep_head", **HARDLY)
    model.set_params(feature_alignment="position").fit(renamed, NAMED(S_target))
    assert_allclose(
        model.predict_proba(renamed), NAMED_SOURCE.predict_proba(TARGET_FRAME), atol=1e-9
    )


def test_the_report_names_what_was_carried_fresh_and_dropped(other_columns):
    model = TransferMLPClassifier(source=NAMED_SOURCE, strategy="l2_sp", max_iter=1)
    rows = model_of(model.fit(other_columns, NAMED(S_target))).report
    status = {row.name: row.status for row in rows if row.part == "column"}
    assert status == {
        "e": "reused", "b": "reused", "a": "reused",
        "x": "new", "y": "new", "c": "not in this table", "d": "not in this table",
    }  # fmt: skip


# -- attributes -------------------------------------------------------------------------------


def test_fitted_attributes_are_scikit_learns():
    ours = TransferMLPClassifier(source=SOURCE, strategy="l2_sp", max_iter=3).fit(X, NAMED(S))
    theirs = MLPClassifier((16, 8), max_iter=3).fit(X, NAMED(S))
    names = {n for n in vars(theirs) if n.endswith("_") and not n.startswith("_")}
    assert names <= set(vars(ours))
    assert ours.n_layers_ == theirs.n_layers_ == 4
    assert ours.t_ == theirs.t_ == 600
    assert ours.n_iter_ == 3 and len(ours.loss_curve_) == 3 and ours.loss_ == ours.loss_curve_[-1]


def test_predictions_are_a_forward_pass_through_the_fitted_arrays():
    Z = encode(X_test, inputs_of(SOURCE), np.float64)
    by_hand = forward(Z, SOURCE.coefs_, SOURCE.intercepts_, "relu", "softmax")
    assert_allclose(SOURCE.predict_proba(X_test), by_hand, atol=1e-12)


@pytest.mark.parametrize("form", ["frame", "sparse"])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_column_that_is_constant_in_fit_does_not_count_when_it_changes(form, weighted):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"still": 3.0, "z": rng.normal(size=41), "empty": np.nan})
    X.loc[0, "still"] = 8.0 if weighted else 3.0
    weight = np.r_[0.0, np.ones(40)] if weighted else None
    later = X.assign(still=100 * rng.normal(size=41), empty=rng.normal(size=41))
    if form == "sparse":
        X, later = (sparse.csr_array(one.fillna(0)) for one in (X, later))
    model = TransferMLPRegressor(max_iter=3, random_state=0).fit(X, np.arange(41.0), weight)
    np.testing.assert_allclose(model.predict(later)[1:], model.predict(X)[1:], rtol=1e-6)
