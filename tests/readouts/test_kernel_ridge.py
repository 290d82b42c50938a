"""Ridge regression in closed form against refitting from scratch, fold by fold."""

import numpy as np
import pytest
from fitted import one_fast_in

from sktransfer._readouts._kernel_ridge import (
    Offset,
    RidgeTask,
    kernel_ridge_path,
)
from sktransfer._readouts._ridge import feature_ridge_path

N, N_FEATURES = 42, 60
AT = (100.0, 0.3, 0.001)
RNG = np.random.RandomState(0)
FEATURES = RNG.randn(N, N_FEATURES)
FEATURES /= np.sqrt(np.mean(np.sum(FEATURES**2, axis=1)))
FEW = RNG.randn(N, 7) / np.sqrt(7)
Y = np.column_stack([FEATURES[:, 0] * 3 + RNG.randn(N) + 2, np.sign(RNG.randn(N)), RNG.randn(N)])
WEIGHT = RNG.randint(0, 4, N) * RNG.rand(N)  # a quarter of the rows has weight 0
TINY = np.where(np.arange(N) % 5 == 0, 1e-13, 1.0)


def partition(fold):
    return tuple((np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in np.unique(fold))


GROUPS = RNG.randint(0, 9, N)
PAIRS = {
    "four folds": partition(RNG.permutation(N) % 4),
    "folds of whole groups": partition(GROUPS % 3),
    "leave one out": partition(np.arange(N)),
    "one holdout": partition(RNG.permutation(N) % 4)[:1],
    "time series": tuple((np.arange(k), np.arange(k, k + 7)) for k in (7, 14, 28)),
    "training rows drawn several times": tuple(
        (RNG.randint(0, 30, 30), np.arange(30, N)) for _ in range(2)
    ),
    "test rows several times": ((np.arange(9, N), np.r_[np.arange(9), 3]),),
    "few training rows": ((np.arange(5), np.arange(5, N)),),
    "no training row": ((np.arange(0), np.arange(N)),),
    "no folds": (),
}


def refit(kernel, y, weight, train, strength, intercept_variance):
    """Coefficients and intercept by solving the equations of some rows as they stand."""
    train = train[weight[train] > 0]
    coef = np.zeros((len(y), y.shape[1]))
    if not len(train):
        return coef, np.zeros(y.shape[1])
    n = len(train)
    among = kernel[np.ix_(train, train)]
    if intercept_variance is None:
        ones = np.ones((n, 1))
        noise = np.diag(strength / weight[train])
        matrix = np.block([[among + noise, ones], [ones.T, np.zeros((1, 1))]])
        solved = np.linalg.solve(matrix, np.vstack([y[train], np.zeros((1, y.shape[1]))]))
        found, intercept = solved[:-1], solved[-1]
    else:
        noise = np.diag(strength / weight[train])
        found = np.linalg.solve(among + intercept_variance + noise, y[train])
        intercept = intercept_variance * found.sum(axis=0)
    np.add.at(coef, train, found)
    return coef, intercept


def held_out_by_refitting(kernel, task, offset, strength, intercept_variance=None):
    weight = np.ones(len(task.y)) if task.weight is None else task.weight
    parts = [np.empty((0, task.y.shape[1]))]
    for fold, (train, test) in enumerate(task.pairs):
        start = offset.of_fold(fold)
        coef, b = refit(kernel, task.y - start, weight, train, strength, intercept_variance)
        parts.append(start[test] + kernel[test] @ coef + b)
    return np.concatenate(parts)


def offsets_of(task):
    """Three that paths start from: nothing, one that is known, one that every fold has fitted."""
    by_fold = tuple(RNG.randn(*task.y.shape) for _ in task.pairs)
    return [
        Offset(np.zeros(task.y.shape)),
        Offset(RNG.randn(*task.y.shape)),
        Offset(RNG.randn(*task.y.shape), by_fold),
    ]


@pytest.mark.parametrize("intercept_variance", [None, 0.7])
@pytest.mark.parametrize("weight", [None, WEIGHT, TINY], ids=["equal", "some zero", "some tiny"])
@pytest.mark.parametrize("folds", PAIRS)
def test_held_out_predictions_equal_refitting_every_fold(folds, weight, intercept_variance):
    task, kernel = RidgeTask(Y, weight, PAIRS[folds]), FEATURES @ FEATURES.T
    offsets = offsets_of(task)
    found = kernel_ridge_path(kernel, task, offsets, AT, intercept_variance)
    for offset, path in zip(offsets, found, strict=True):
        assert path.held_out.shape == (len(AT), len(task.tested), 3)
        for i, strength in enumerate(AT):
            expected = held_out_by_refitting(kernel, task, offset, strength, intercept_variance)
            np.testing.assert_allclose(path.held_out[i], expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("intercept_variance", [None, 0.7])
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["equal", "some zero"])
def test_the_model_of_all_rows_solves_its_equations(weight, intercept_variance):
    task, kernel = RidgeTask(Y, weight), FEATURES @ FEATURES.T
    offset = offsets_of(task)[1]
    (path,) = kernel_ridge_path(kernel, task, [offset], AT, intercept_variance)
    every = np.ones(N) if weight is None else weight
    for i, strength in enumerate(AT):
        coef, b = refit(
            kernel, Y - offset.values, every, np.arange(N), strength, intercept_variance
        )
        np.testing.assert_allclose(path.coef[i], coef, atol=1e-8)
        np.testing.assert_allclose(path.intercept[i], b, atol=1e-8)


@pytest.mark.parametrize("intercept_variance", [None, 0.7])
@pytest.mark.parametrize("weight", [None, WEIGHT, TINY], ids=["equal", "some zero", "some tiny"])
@pytest.mark.parametrize("features", [FEW, FEATURES], ids=["few", "many"])
@pytest.mark.parametrize("folds", one_fast_in(3, PAIRS))
def test_ridge_on_features_is_ridge_on_their_kernel(folds, features, weight, intercept_variance):
    features = features + 3.0  # a free intercept does not mind where they are
    task = RidgeTask(Y, weight, PAIRS[folds])
    offsets = offsets_of(task)
    found = feature_ridge_path(features, task, offsets, AT, intercept_variance)
    kernel = features @ features.T
    for offset, path in zip(offsets, found, strict=True):
        assert path.coef.shape == (len(AT), features.shape[1], 3)
        for i, strength in enumerate(AT):
            expected = held_out_by_refitting(kernel, task, offset, strength, intercept_variance)
            np.testing.assert_allclose(path.held_out[i], expected, rtol=0, atol=1e-8)
    dual = kernel_ridge_path(kernel, task, offsets, AT, intercept_variance)
    for one, other in zip(found, dual, strict=True):
        by_features = features @ one.coef + one.intercept[:, None]
        by_kernel = kernel @ other.coef + other.intercept[:, None]
        np.testing.assert_allclose(by_features, by_kernel, atol=1e-8)


def test_a_class_that_a_fold_has_not_seen_is_scored_minus_one():
    labels = np.repeat([0, 1, 2], 14)
    y = np.where(labels[:, None] == np.arange(3), 1.0, -1.0)
    task = RidgeTask(y, None, ((np.arange(28), np.arange(28, N)),))  # the third comes later
    (path,) = kernel_ridge_path(FEATURES @ FEATURES.T, task)
    np.testing.assert_allclose(path.held_out[:, :, 2], -1.0, atol=1e-10)


def test_a_row_of_weight_two_counts_as_two_rows():
    kernel = FEW @ FEW.T
    twice = np.r_[np.arange(N), np.arange(10)]
    weight = 1.0 + (np.arange(N) < 10)
    (weighted,) = kernel_ridge_path(kernel, RidgeTask(Y, weight))
    (repeated,) = kernel_ridge_path(kernel[np.ix_(twice, twice)], RidgeTask(Y[twice]))
    by_row = repeated.coef[:, :N].copy()
    by_row[:, :10] += repeated.coef[:, N:]
    np.testing.assert_allclose(weighted.coef, by_row, atol=1e-8)


def test_missing_entries_leave_each_output_its_own_rows():
    y = Y.copy()
    y[RNG.rand(*y.shape) < 0.3] = np.nan
    pairs = PAIRS["four folds"]
    (path,) = feature_ridge_path(FEATURES, RidgeTask(y, WEIGHT, pairs))
    for column in range(3):
        known = ~np.isnan(y[:, column])
        alone = RidgeTask(np.nan_to_num(y[:, [column]]), WEIGHT * known, pairs)
        (expected,) = feature_ridge_path(FEATURES, alone)
        np.testing.assert_allclose(path.held_out[..., [column]], expected.held_out, atol=1e-10)
        np.testing.assert_allclose(path.coef[..., [column]], expected.coef, atol=1e-10)
