"""Losses against scikit-learn's boosting, and boosted or linear sources that are offsets."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import PoissonRegressor
from sklearn.metrics import mean_pinball_loss
from sklearn.neural_network import MLPRegressor

from sktransfer import TransferMLPRegressor, load
from sktransfer.strategies import Recalibrate

RNG = np.random.default_rng(0)
GROUP = RNG.integers(0, 2, (301, 1)).astype(float)
AMOUNT = RNG.gamma(2, np.exp(GROUP[:, 0]))
COUNT = RNG.poisson(AMOUNT).astype(float)
X = RNG.normal(size=(600, 3))
RATE = np.exp(0.7 * X[:, 0] + 1)


def _of_groups(model, y):
    return model.fit(GROUP, y).predict([[0.0], [1.0]])


@pytest.mark.parametrize("loss", ["squared_error", "poisson", "gamma"])
def test_of_two_groups_both_predict_the_means(loss):
    y = COUNT if loss == "poisson" else AMOUNT
    boosting = HistGradientBoostingRegressor(
        loss=loss, learning_rate=0.5, max_iter=80, min_samples_leaf=1, early_stopping=False
    )
    network = TransferMLPRegressor(
        loss, (), standardize=False, solver="lbfgs", alpha=0, tol=1e-9, max_iter=999,
        random_state=0,
    )  # fmt: skip
    assert_allclose(_of_groups(network, y), _of_groups(boosting, y), rtol=1e-3)


@pytest.mark.parametrize("loss, level", [("absolute_error", 0.5), ("quantile", 0.8)])
def test_of_two_groups_both_predict_the_quantiles(loss, level):
    boosting = HistGradientBoostingRegressor(
        loss=loss, quantile=level, learning_rate=0.5, max_iter=80, min_samples_leaf=1
    )
    network = TransferMLPRegressor(
        loss, (), quantile=level, alpha=0, max_iter=300, learning_rate_init=0.01, random_state=0
    )
    ours, theirs = (
        mean_pinball_loss(AMOUNT, model.fit(GROUP, AMOUNT).predict(GROUP), alpha=level)
        for model in (network, boosting)
    )
    assert ours <= 1.005 * theirs


@pytest.mark.parametrize("loss", ["poisson", "gamma", "tweedie"])
@pytest.mark.parametrize(
    "source",
    [HistGradientBoostingRegressor(loss="poisson", max_iter=30), PoissonRegressor(alpha=0)],
    ids=["boosted", "linear"],
)
def test_a_source_of_rates_is_an_offset(source, loss):
    y = RNG.gamma(2, RATE / 2)
    source.fit(X[:300], y[:300])
    exposure = RNG.uniform(0.2, 2, 300)
    as_it_is = TransferMLPRegressor(loss, source=source, strategy=Recalibrate(update="none"))
    as_it_is.fit(X[300:320], y[300:320])
    rates = source.predict(X[300:])
    assert_allclose(as_it_is.predict(X[300:]), rates)
    assert_allclose(as_it_is.predict(X[300:], exposure=exposure), exposure * rates)
    twice = TransferMLPRegressor(loss, source=source, strategy="recalibrate", random_state=0)
    moved = twice.fit(X[300:400], 2 * y[300:400]).predict(X[400:]) / source.predict(X[400:])
    assert np.median(moved) == pytest.approx(2, rel=0.25)  # a constant on top of the offset


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "poisson"])
@pytest.mark.parametrize("strategy", [Recalibrate("none"), Recalibrate("slope"), "tangent"])
def test_a_network_of_rates_is_read_with_its_link(loss, strategy, tmp_path):
    pytest.importorskip("sklearn", minversion="1.7")  # where MLPRegressor got its loss
    y = RNG.poisson(RATE).astype(float)
    source = MLPRegressor("poisson", (6,), max_iter=300, random_state=0).fit(X[:300], y[:300])
    model = TransferMLPRegressor(loss, source=source, strategy=strategy, random_state=0)
    model.fit(X[300:360], y[300:360])
    rates, found = source.predict(X[360:]), model.predict(X[360:])
    if getattr(strategy, "update", "") == "none":
        assert_allclose(found, rates, rtol=1e-5)
    assert np.corrcoef(found, rates)[0, 1] > 0.95
    model.save(tmp_path / "model")
    assert_allclose(load(tmp_path / "model").predict(X[360:]), found, rtol=1e-6)
