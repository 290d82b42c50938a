"""What each loss predicts, against closed forms, numerical derivatives and scikit-learn."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import approx_fprime, minimize_scalar
from sklearn.base import clone
from sklearn.linear_model import (
    GammaRegressor,
    HuberRegressor,
    QuantileRegressor,
    TweedieRegressor,
)
from sklearn.metrics import (
    d2_pinball_score,
    d2_tweedie_score,
    mean_pinball_loss,
    mean_tweedie_deviance,
    r2_score,
)
from sklearn.neural_network import MLPRegressor

from sktransfer import MultiTaskMLP, TransferMLPRegressor
from sktransfer._losses import NUMBER_LOSSES, loss_id, loss_of
from sktransfer.strategies import Joint

RNG = np.random.default_rng(0)
IDS = [loss_id(name, quantile=0.8, power=1.5, delta=1.35) for name in NUMBER_LOSSES]
IDS += ["tweedie(3.0)", "huber(0.5)"]
Y = RNG.gamma(1.0, 2.0, 101)
WEIGHT = RNG.uniform(0.1, 3.0, 101)
#: A linear network, trained to the minimum.
EXACT = TransferMLPRegressor(
    hidden_layer_sizes=(),
    standardize=False,
    solver="lbfgs",
    alpha=0.0,
    tol=1e-9,
    max_iter=2000,
    random_state=0,
)
X = RNG.normal(size=(300, 3))
RATE = np.exp(X @ [0.5, -0.3, 0.0] + 1)


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["equal", "weighted"])
@pytest.mark.parametrize("name", IDS)
def test_the_constant_has_the_least_loss(name, weight):
    loss = loss_of(name)

    def mean_loss(value):
        return np.average(loss.entries(np, np.full(len(Y), value), Y), weights=weight)

    best = minimize_scalar(mean_loss, bounds=(Y.min(), Y.max()), method="bounded")
    assert mean_loss(loss.constant(Y, weight)) <= best.fun + 1e-12
    assert loss.entries(np, Y, Y) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", IDS)
def test_the_slope_is_the_derivative_by_the_linear_output(name):
    loss, z = loss_of(name), RNG.normal(size=20)
    prediction = np.exp(z) if loss.has_log_link else z

    def derivative_of(function):
        return np.array(
            [approx_fprime(z[[i]], lambda v, i=i: function(v, i))[0] for i in range(20)]
        )

    by_entries = derivative_of(
        lambda v, i: loss.entries(np, np.exp(v) if loss.has_log_link else v, Y[[i]])[0]
    )
    by_objective = derivative_of(lambda v, i: loss.objective(np, v, Y[[i]])[0])
    slope = loss.slope(np, prediction, Y[:20])
    assert_allclose(slope, by_entries, rtol=1e-4, atol=1e-5)
    assert_allclose(slope, by_objective, rtol=1e-4, atol=1e-5)


def test_losses_and_scores_are_scikit_learns():
    prediction = Y * RNG.uniform(0.5, 2, len(Y))
    for name, power in (("poisson", 1), ("tweedie(1.5)", 1.5), ("gamma", 2), ("tweedie(3.0)", 3)):
        ours = 2 * loss_of(name).entries(np, prediction, Y).mean()
        assert ours == pytest.approx(mean_tweedie_deviance(Y, prediction, power=power))
    ours = loss_of("quantile(0.8)").entries(np, prediction, Y).mean()
    assert ours == pytest.approx(mean_pinball_loss(Y, prediction, alpha=0.8))

    y = RNG.gamma(2, RATE)
    of = {
        "gamma": lambda p: d2_tweedie_score(y, p, power=2),
        "tweedie": lambda p: d2_tweedie_score(y, p, power=1.5),
        "quantile": lambda p: d2_pinball_score(y, p, alpha=0.8),
        "absolute_error": lambda p: r2_score(y, p),
    }
    for name, score in of.items():
        model = TransferMLPRegressor(name, quantile=0.8, max_iter=3, random_state=0).fit(X, y)
        assert model.score(X, y) == pytest.approx(score(model.predict(X)))


@pytest.mark.parametrize(
    "name, glm",
    [
        ("gamma", GammaRegressor(alpha=0, tol=1e-9, max_iter=2000)),
        ("tweedie", TweedieRegressor(power=1.5, link="log", alpha=0, tol=1e-9, max_iter=2000)),
    ],
)
def test_a_linear_network_is_the_generalised_linear_model(name, glm):
    y = RNG.gamma(2, RATE / 2)
    y[:40] = 0 if name == "tweedie" else y[:40]
    model = clone(EXACT).set_params(loss=name).fit(X, y, WEIGHT.repeat(3)[:300])
    glm.fit(X, y, WEIGHT.repeat(3)[:300])
    assert_allclose(model.coefs_[0].ravel(), glm.coef_, atol=1e-4)
    assert_allclose(model.intercepts_[0], glm.intercept_, atol=1e-4)


@pytest.mark.parametrize("level", [0.25, 0.9])
def test_a_linear_network_is_quantile_regression(level):
    y = X @ [1.0, -1.0, 0.0] + np.random.default_rng(1).gamma(2, 1, 300)
    exact = QuantileRegressor(quantile=level, alpha=0).fit(X, y)
    model = TransferMLPRegressor(
        "quantile", (), quantile=level, alpha=0, max_iter=400, learning_rate_init=0.01,
        numeric_embedding=None, random_state=0,
    ).fit(X, y)  # fmt: skip
    of_both = [mean_pinball_loss(y, one.predict(X), alpha=level) for one in (model, exact)]
    assert of_both[0] <= 1.01 * of_both[1]
    assert np.mean(y <= model.predict(X)) == pytest.approx(level, abs=0.02)


def test_a_linear_network_is_hubers_regression_of_that_width():
    y = X @ [1.0, -1.0, 0.0] + RNG.standard_t(2, 300)
    exact = HuberRegressor(epsilon=1.35, alpha=0, tol=1e-9, max_iter=999).fit(X, y)
    model = clone(EXACT).set_params(loss="huber", delta=1.35 * exact.scale_).fit(X, y)
    assert_allclose(model.coefs_[0].ravel(), exact.coef_, atol=1e-4)


def test_hubers_loss_lies_between_those_of_the_mean_and_of_the_median():
    assert loss_of("huber(1000.0)").constant(Y) == pytest.approx(Y.mean())
    assert loss_of("huber(0.0001)").constant(Y) == pytest.approx(np.median(Y), abs=1e-3)
    wide, narrow = (
        TransferMLPRegressor("huber", delta=delta, strategy="linear", random_state=0)
        for delta in (100.0, 0.05)
    )
    y = X[:, 0] + RNG.gamma(0.3, 2, 300)  # whose mean lies above their median
    assert np.mean(wide.fit(X, y).predict(X) - narrow.fit(X, y).predict(X)) > 0.2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["absolute_error", "huber", "quantile"])
def test_robust_losses_know_no_unit_and_mind_no_outliers(name):
    y = X @ [1.0, -1.0, 0.0] + 0.1 * RNG.normal(size=300)
    model = TransferMLPRegressor(name, quantile=0.6, max_iter=50, random_state=0)
    first = clone(model).fit(X, y).predict(X)
    assert_allclose(clone(model).fit(X, 1e4 * y - 7e5).predict(X), 1e4 * first - 7e5, rtol=1e-3)
    far = y.copy()
    far[:6] = 1e6
    moved = np.abs(clone(model).fit(X, far).predict(X[6:]) - first[6:]).mean()
    assert moved < 0.3
    squared = clone(model).set_params(loss="squared_error").fit(X, far)
    assert np.abs(squared.predict(X) - first).mean() > 1e3


@pytest.mark.parametrize("name", ["poisson", "gamma", "tweedie"])
def test_training_begins_at_the_best_constant_behind_a_log_link(name):
    y = 1e5 * RNG.gamma(2, RATE)
    model = TransferMLPRegressor(name, max_iter=1, learning_rate_init=1e-9, random_state=0)
    assert np.median(model.fit(X, y).predict(X) / y.mean()) == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize(
    "name, y, expected",
    [
        (
            "gamma",
            [1.0, 0.0, 2.0],
            "loss='gamma' needs y > 0.*Use loss='tweedie' with a power",
        ),
        (
            "tweedie",
            [1.0, -1.0, 2.0],
            "loss='tweedie' needs y >= 0.*values of y are negative",
        ),
    ],
)
def test_targets_that_a_loss_is_not_defined_for_are_refused(name, y, expected):
    with pytest.raises(ValueError, match=expected):
        TransferMLPRegressor(name).fit(X[:3], y)


def test_each_task_has_a_loss_of_its_own():
    rng = np.random.default_rng(2)
    y = {
        "claims": rng.poisson(RATE).astype(float),
        "cost": rng.gamma(2, RATE),
        "high": X[:, 0] + rng.gamma(1, 1, 300),
        "kind": np.where(X[:, 1] > 0, "a", "b"),
    }
    losses = {"claims": "poisson", "cost": "gamma", "high": "quantile(0.9)"}
    model = MultiTaskMLP(loss=losses, random_state=0).fit(X, y)
    predicted, scores = model.predict(X), model.score_tasks(X, y)
    assert [name for name, _ in model.out_activation_] == ["exp", "exp", "identity", "logistic"]
    assert scores["cost"] == pytest.approx(d2_tweedie_score(y["cost"], predicted["cost"], power=2))
    assert np.mean(y["high"] <= predicted["high"]) == pytest.approx(0.9, abs=0.07)
    assert min(scores.values()) > 0.1


@pytest.mark.parametrize("loss", ["poisson", "gamma", "tweedie(1.3)"])
def test_the_unit_of_amounts_is_nothing_to_other_tasks_and_tables(loss):
    amount, other = RNG.poisson(RATE) + 1.0, X[:, 2]

    def tasks(unit):
        model = MultiTaskMLP(loss={"amount": loss}, early_stopping=True, random_state=0)
        model.set_params(max_iter=20).fit(X, {"amount": unit * amount, "other": other})
        return model.predict(X)["other"], model.predict(X)["amount"] / unit

    def tables(unit):
        joint = Joint((X[:200], unit * amount[:200]))
        name, _, power = loss.rstrip(")").partition("(")
        model = TransferMLPRegressor(name, power=float(power or 1.5), strategy=joint)
        model.set_params(max_iter=20, random_state=0).fit(X[200:], unit * amount[200:])
        return model.predict(X) / unit

    for large, small in zip(
        (*tasks(1000.0), tables(1000.0)), (*tasks(1.0), tables(1.0)), strict=True
    ):
        assert_allclose(large, small, atol=1e-3 * np.abs(small).max())


@pytest.mark.parametrize("strategy", ["scratch", "trees"])
@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_the_unit_of_amounts_is_nothing_to_other_outputs(loss, strategy):
    amounts = RNG.poisson(np.column_stack([RATE, RATE[::-1]])) + 1.0

    def first(unit):
        model = TransferMLPRegressor(loss, strategy=strategy, max_iter=20, random_state=0)
        return model.fit(X, amounts * [1.0, unit]).predict(X)[:, 0]

    assert_allclose(first(1000.0), first(1.0), rtol=0.05)


def test_without_standardising_several_outputs_are_scikit_learns():
    pytest.importorskip("sklearn", minversion="1.7")  # its first with losses
    amounts = RNG.poisson(np.column_stack([RATE, 50 * RATE]))
    sizes = {"hidden_layer_sizes": (5,), "max_iter": 30, "random_state": 0, "alpha": 0.0}
    ours = TransferMLPRegressor("poisson", standardize=False, **sizes).fit(X, amounts)
    theirs = MLPRegressor("poisson", **sizes).fit(X, amounts)
    assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-6)


def test_one_task_with_a_loss_is_the_regressor_bit_for_bit():
    y = RNG.gamma(2, RATE)
    alone = TransferMLPRegressor("gamma", max_iter=3, random_state=0).fit(X, y)
    task = MultiTaskMLP(loss={"y": "gamma"}, max_iter=3, random_state=0).fit(X, {"y": y})
    assert_array_equal(task.predict(X)["y"], alone.predict(X))


@pytest.mark.parametrize(
    "loss, expected",
    [
        ({"y": "log"}, r"'y': 'log'; expected one of .*'quantile\(0.9\)'"),
        ({"z": "poisson"}, r"'z': 'poisson'; expected regressions among the tasks \['y'\]"),
        ({"y": "gamma"}, "Task 'y': loss='gamma' needs y > 0"),
    ],
)
def test_losses_that_no_task_can_have_are_refused(loss, expected):
    with pytest.raises(ValueError, match=expected):
        MultiTaskMLP(loss=loss).fit(X, {"y": X[:, 0]})
