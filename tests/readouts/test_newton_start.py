"""Amounts that can be 0: ridge regression takes a step of Newton's on the linear output."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sktransfer import TransferMLPRegressor
from sktransfer._readouts._closed_form import Learning, fit_closed_form
from sktransfer._readouts._kernel_ridge import Offset
from sktransfer._readouts._newton_start import mean_logarithms, newton_start
from sktransfer._readouts._parts import FeaturePart
from sktransfer._records import TargetSchema

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 3))
MEAN = np.exp(0.6 * X[:, 0] + 1)
COST = np.array([RNG.gamma(2 * k, 0.5) if k else 0.0 for k in RNG.poisson(MEAN)])
TARGET = TargetSchema("regression", 1, loss="tweedie(1.5)")
PAIRS = tuple((np.flatnonzero(np.arange(400) % 4 != k), np.arange(k, 400, 4)) for k in range(4))


def _learning(y=COST):
    return Learning("amount", y[:, None], None, PAIRS, target=TARGET)


def test_what_is_learned_is_fishers_step_from_the_start():
    learning, outputs = _learning(), np.log(MEAN)[:, None]
    start = newton_start(learning, Offset(outputs))
    expected = (COST - MEAN) / MEAN
    assert_allclose((learning.task.y - start.values)[:, 0], expected)
    for (train, test), values in zip(PAIRS, start.by_fold, strict=True):
        assert_allclose(values[test], outputs[test])
        assert_allclose(values[train], start.values[train])


def test_a_fold_starts_from_the_mean_of_its_own_rows():
    changed = COST.copy()
    changed[PAIRS[0][1]] = 50.0
    before, after = (newton_start(_learning(y), None).by_fold[0] for y in (COST, changed))
    train, test = PAIRS[0]
    assert_allclose(before[train], after[train])
    assert_allclose(before[test], after[test])
    assert_allclose(before[test], np.log(COST[train].mean()))


def test_held_out_rows_and_the_fitted_model_agree_with_least_squares():
    """Nearly without a penalty, from the mean: the least-squares line of ``y / mean - 1``."""
    part = FeaturePart("linear", X, np.ones(3), None, None)
    (fit,) = fit_closed_form(_learning(), [(part, 1.0)], strengths=(1e-9,))
    A = np.column_stack([np.ones(400), X])
    train, test = PAIRS[2]
    mean = COST[train].mean()
    line = np.linalg.lstsq(A[train], COST[train] / mean - 1, rcond=None)[0]
    expected = np.exp(np.log(mean) + A[test] @ line)
    assert_allclose(fit.held_out[200:300, 0], expected, rtol=1e-5)
    of_all = np.linalg.lstsq(A, COST / COST.mean() - 1, rcond=None)[0]
    assert_allclose(fit.fields["intercept"], np.log(COST.mean()) + of_all[0], rtol=1e-5)


@pytest.mark.parametrize("missing", [False, True])
def test_members_in_closed_form_learn_costs_of_which_some_are_nothing(missing):
    assert (COST == 0).mean() > 0.02
    y = np.column_stack([COST, 3 * COST]) if missing else COST
    if missing:
        y[::5, 1] = np.nan
    source = TransferMLPRegressor("gamma", (16,), max_iter=30, random_state=0)
    source.fit(X[:150], y[:150] + 0.1)
    for strategy in ("smooth", "tangent"):
        model = TransferMLPRegressor(
            "tweedie", strategy=strategy, random_state=0,
            source=None if strategy == "smooth" else source,
        ).fit(X[150:300], y[150:300])  # fmt: skip
        assert model.score(X[300:], y[300:]) > 0.15
        assert (model.predict(X) > 0).all()


def test_the_logarithm_of_a_mean_of_nothing_is_a_number():
    learning = Learning("amount", np.zeros((4, 1)), None, (), target=TARGET)
    assert_allclose(mean_logarithms(learning, np.arange(4)), 0)
