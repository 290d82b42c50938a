"""Rates of members in closed form: none is 0, and none is far above what has been seen."""

import numpy as np
import pytest

from sktransfer import TransferMLPRegressor
from sktransfer._records import ClosedForm


def _rows(n, seed, amounts=False):
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.normal(size=n), rng.lognormal(0, 1.5, n), rng.standard_t(2, n)])
    rates = np.exp(np.clip(0.2 + X @ np.array([0.8, 0.15, 0.3]), -4, 4))
    counts = rng.poisson(rates).astype(float)
    return X, counts * rng.gamma(0.7, 1.4, n) if amounts else counts


def _model(loss, strategy, source=None):
    return TransferMLPRegressor(
        loss, hidden_layer_sizes=(8,), strategy=strategy, source=source, random_state=0
    )


@pytest.mark.parametrize("strategy", ["smooth", "tangent", "recalibrate"])
@pytest.mark.parametrize("seed", [0, 1])
def test_counts_are_never_predicted_to_be_zero(strategy, seed):
    X, y = _rows(60, seed)
    model = _model("poisson", strategy).fit(X, y)
    new, counts = _rows(500, seed + 100)
    assert model.predict(1e3 * new).min() > 0
    assert model.score(new, counts) > 0.2
    assert model.score(new, counts) == pytest.approx(model.fit(X, 2 * y).score(new, 2 * counts))


@pytest.mark.parametrize("seed", [3, 22])
def test_amounts_are_not_predicted_far_above_the_largest(seed):
    (X, y), (new, amounts) = _rows(40, seed, True), _rows(500, seed + 100, True)
    alone = _model("tweedie", "smooth").fit(X, y)
    assert alone.predict(new).max() <= 2 * y.max()
    assert alone.score(new, amounts) > 0.25
    source = _model("tweedie", "scratch").fit(*_rows(300, seed + 50, True))
    largest = max(y.max(), source.predict(X).max())
    for strategy in ("smooth", "tangent"):
        model = _model("tweedie", strategy, source).fit(X, y)
        assert model.predict(new).max() <= 2.5 * largest  # its source is updated
        assert model.score(new, amounts) > 0.25


def test_few_rows_and_no_count_at_all_have_a_least_rate():
    X, y = _rows(3, 0)
    for counts in (y + 1, 0 * y):
        predictions = _model("poisson", "smooth").fit(X, counts).predict(100 * X)
        assert (predictions > 0).all() and np.isfinite(predictions).all()


def test_a_bound_that_is_no_rate_is_refused():
    for bound in (np.array([-1.0]), np.array([np.inf]), np.ones(2)):
        with pytest.raises(ValueError, match="bounds of shape"):
            ClosedForm("count", np.zeros(1), score_scale=bound)
