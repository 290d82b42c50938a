"""Read-outs: linear paths and trees give what scikit-learn's models give, as plain arrays."""

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge

from sktransfer._networks._predict import predict_member
from sktransfer._readouts import _trees
from sktransfer._readouts._linear import STRENGTHS, linear_path
from sktransfer._readouts._trees import boost_trees, grow_extra_trees, sum_of_trees
from sktransfer._records import InputSchema, Member, Readout, TargetSchema

BINARY = TargetSchema("binary", 1, np.arange(2))
THREE = TargetSchema("multiclass", 3, np.arange(3))
NUMBERS = TargetSchema("regression", 2, None, "squared_error")
COUNTS = TargetSchema("regression", 1, None, "poisson")
rng = np.random.RandomState(0)
X = rng.randn(60, 5).astype(np.float32)
LABELS = (X[:, 0] + rng.randn(60) > 0).astype(int) + (X[:, 1] > 0.5)
WEIGHT = rng.rand(60)


def predictions(target, rows=X, **readout):
    n = rows.shape[1]
    read = Readout(("columns",), np.zeros(n), np.ones(n), **readout)
    member = Member("m", InputSchema.plain(n), target, [], [], "relu", readout=read)
    return predict_member(member, rows)


@pytest.mark.parametrize("n_rows", [60, 4])  # more rows than columns, and fewer
@pytest.mark.parametrize("weighted", [False, True])
def test_squared_error_gives_ridge_of_every_strength(n_rows, weighted):
    y = np.c_[X[:, 0] * 3, X[:, 1] ** 2][:n_rows]
    weight = WEIGHT[:n_rows] if weighted else None
    path = linear_path(X[:n_rows], y, weight, NUMBERS)
    assert len(path) == len(STRENGTHS)
    for strength, layer in zip(STRENGTHS, path, strict=True):
        ridge = Ridge(alpha=strength).fit(X[:n_rows].astype(float), y, weight)
        np.testing.assert_allclose(X @ layer.weight + layer.bias, ridge.predict(X), atol=1e-5)


@pytest.mark.parametrize("is_separable", [False, True])
def test_two_classes_are_at_the_minimum_for_every_strength(is_separable):
    score = X[:, :1] if is_separable else (LABELS > 0)[:, None]
    labels = (score > 0).astype(float)
    for strength, layer in zip(STRENGTHS, linear_path(X, labels, WEIGHT, BINARY), strict=True):
        exact = LogisticRegression(C=1 / strength, tol=1e-10, solver="newton-cholesky")
        exact.fit(X.astype(float), labels[:, 0], WEIGHT)
        np.testing.assert_allclose(layer.weight[:, 0], exact.coef_[0], rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(layer.bias, exact.intercept_, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("strength_at", [0, 2, 5])
def test_labels_give_logistic_regression(strength_at):
    binary = (LABELS > 0).astype(float)[:, None]
    layer = linear_path(X, binary, WEIGHT, BINARY)[strength_at]
    reference = LogisticRegression(C=1 / STRENGTHS[strength_at], tol=1e-8, max_iter=1000)
    reference.fit(X, binary[:, 0], WEIGHT)
    np.testing.assert_allclose(
        predictions(BINARY, weight=layer.weight, bias=layer.bias)[:, 0],
        reference.predict_proba(X)[:, 1],
        atol=2e-3,
    )
    layer = linear_path(X, np.eye(3)[LABELS], None, THREE)[strength_at]
    reference.fit(X, LABELS)
    np.testing.assert_allclose(
        predictions(THREE, weight=layer.weight, bias=layer.bias),
        reference.predict_proba(X),
        atol=2e-3,
    )


@pytest.mark.parametrize("exposure", [1.0, 1000.0])  # rates of 0.001 in the second case
def test_counts_give_poisson_regression(exposure):
    y = np.random.RandomState(1).poisson(np.exp(X[:, :1])) / exposure
    weight = np.full(60, exposure)
    layer = linear_path(X, y, weight, COUNTS)[5]
    alpha = STRENGTHS[5] / weight.sum()
    reference = PoissonRegressor(alpha=alpha, solver="newton-cholesky", tol=1e-8)
    np.testing.assert_allclose(
        predictions(COUNTS, weight=layer.weight, bias=layer.bias)[:, 0],
        reference.fit(X.astype(float), y[:, 0], weight).predict(X),
        rtol=5e-3,
    )


def boosted(*args):
    return boost_trees(*args)[-1]


@pytest.mark.parametrize("fit", ["linear", "extra", "boosted"])
@pytest.mark.parametrize("present", [[2], [0, 2], [1]])
def test_classes_without_rows_are_never_likely_and_never_nan(fit, present):
    y = np.eye(3)[np.resize(present, 60)]
    if fit == "linear":
        layer = linear_path(X, y, None, THREE)[5]
        p = predictions(THREE, weight=layer.weight, bias=layer.bias)
    else:
        grow = boosted if fit == "boosted" else grow_extra_trees
        p = predictions(THREE, trees=grow(X, y, None, THREE, 10, 0))
    assert np.isfinite(p).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-5)
    assert p[:, np.setdiff1d(range(3), present)].max() < 0.01


def test_one_class_of_two_is_certain():
    for value in (0.0, 1.0):
        y = np.full((60, 1), value)
        for grow in (boosted, grow_extra_trees):
            p = predictions(BINARY, trees=grow(X, y, None, BINARY, 10, 0))
            assert (abs(p - value) < 0.01).all()
        layer = linear_path(X, y, None, BINARY)[0]
        assert (
            abs(predictions(BINARY, weight=layer.weight, bias=layer.bias) - value) < 0.01
        ).all()


def test_extra_trees_are_scikit_learns_and_their_mean_stays_a_mean():
    y = np.c_[X[:, 0] * 3, X[:, 1] ** 2]
    trees = grow_extra_trees(X, y, WEIGHT, NUMBERS, 20, 0)
    forest = ExtraTreesRegressor(20, random_state=0).fit(X, y, WEIGHT)
    unseen = rng.randn(100, 5).astype(np.float32)
    expected = forest.predict(unseen)
    np.testing.assert_allclose(predictions(NUMBERS, unseen, trees=trees), expected, atol=1e-5)
    twice = sum_of_trees([trees, trees], [0.5, 0.5])
    np.testing.assert_allclose(predictions(NUMBERS, unseen, trees=twice), expected, atol=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
def test_splits_of_large_extra_trees_are_chosen_on_some_rows_and_leaves_are_means_of_all(
    weighted, monkeypatch
):
    y = np.c_[X[:, 0] * 3, X[:, 1] ** 2]
    weight = np.where(rng.rand(60) < 0.2, 0.0, WEIGHT) if weighted else None
    monkeypatch.setattr(_trees, "_MOST_ROWS_OF_SPLITS", 20)
    trees = grow_extra_trees(X, y, weight, NUMBERS, 3, 0)
    assert len(np.unique(trees.threshold, axis=0)) == 3  # each tree is another
    one = grow_extra_trees(X, y, weight, NUMBERS, 1, 0)
    found = predictions(NUMBERS, trees=one)
    share = np.ones(60) if weight is None else weight
    leaves, leaf = np.unique(found[:, 0], return_inverse=True)
    assert 10 < len(leaves) <= 20
    total = np.bincount(leaf, share)
    for column, predicted in zip(y.T, found.T, strict=True):
        means = np.bincount(leaf, share * column) / total
        np.testing.assert_allclose(predicted, means[leaf], atol=1e-5)
