"""An exposure is an offset of a log link: a weight on the rate."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn import config_context
from sklearn.linear_model import PoissonRegressor
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktransfer import TransferMLPRegressor
from sktransfer._losses import loss_of

RNG = np.random.default_rng(1)
X = RNG.normal(size=(200, 3))
YEARS = RNG.uniform(0.1, 2.0, 200)
AMOUNTS = RNG.gamma(2, YEARS * np.exp(X[:, 0]))
POWERS = [("poisson", 1.0), ("tweedie", 1.3), ("tweedie", 1.9), ("gamma", 2.0), ("tweedie", 3.0)]


def _model(name, power, **params):
    params = {"max_iter": 5, "random_state": 0} | params
    return TransferMLPRegressor(name, (8,), power=power, **params)


@pytest.mark.parametrize("name, power", POWERS)
def test_an_exposure_is_a_weight_on_the_amount_per_exposure(name, power):
    loss = loss_of(f"tweedie({power!r})")
    rate = np.exp(RNG.normal(size=200))
    assert_allclose(
        loss.entries(np, YEARS * rate, AMOUNTS),
        YEARS ** (2 - power) * loss.entries(np, rate, AMOUNTS / YEARS),
        rtol=1e-9,
    )
    for params in ({}, {"standardize": False, "solver": "lbfgs"}):
        exposed = _model(name, power, **params).fit(X, AMOUNTS, exposure=YEARS)
        weighted = _model(name, power, **params)
        weighted.fit(X, AMOUNTS / YEARS, YEARS ** (2 - power))
        if not params:
            assert_allclose(exposed.loss_curve_, weighted.loss_curve_, rtol=1e-12)
        assert_allclose(exposed.predict(X), weighted.predict(X), rtol=1e-12)
        assert_allclose(exposed.predict(X, exposure=YEARS), YEARS * weighted.predict(X))
        assert exposed.score(X, AMOUNTS, exposure=YEARS) == pytest.approx(
            weighted.score(X, AMOUNTS / YEARS, YEARS ** (2 - power))
        )


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("name, power", POWERS[:1] + POWERS[3:4])
def test_intervals_hold_the_amounts_of_short_exposures_as_of_long_ones(name, power, given):
    rng = np.random.default_rng(3)
    Z, years = rng.normal(size=(3000, 2)), rng.uniform(0.05, 1.0, 3000)
    mean = years * np.exp(2 + 0.3 * Z[:, 0])
    amounts = rng.poisson(mean) if power == 1 else mean * rng.gamma(2, 0.5, 3000)
    fit, extra, new = np.split(np.arange(3000), [300, 600])
    model = TransferMLPRegressor(name, strategy="linear", random_state=0)
    model.fit(Z[fit], amounts[fit], exposure=years[fit])
    if given:
        model.conformalize(Z[extra], amounts[extra], exposure=years[extra])
    lower, upper = model.predict_interval(Z[new], exposure=years[new]).T
    covered = (lower <= amounts[new]) & (amounts[new] <= upper)
    for part in np.array_split(np.argsort(years[new]), 3):
        assert 0.84 < covered[part].mean() < 0.96
    of_one = np.diff(model.predict_interval(Z[new]))[:, 0]
    np.testing.assert_allclose(
        (upper - lower)[lower > 0], (years[new] ** (power / 2) * of_one)[lower > 0], rtol=1e-6
    )


def test_rows_with_exposures_count_alike_for_intervals():
    claims = RNG.poisson(YEARS * np.exp(X[:, 0])).astype(float)
    model = TransferMLPRegressor("poisson", strategy="linear", random_state=0)
    held_out = model.fit(X, claims, exposure=YEARS).__sktransfer_fitted__().held_out
    assert_allclose(held_out.counts[0], 1, rtol=1e-6)


def test_a_linear_network_with_exposures_is_poisson_regression_of_rates():
    claims = RNG.poisson(YEARS * np.exp(X[:, 0] - 1)).astype(float)
    model = TransferMLPRegressor(
        "poisson", (), standardize=False, solver="lbfgs", alpha=0, tol=1e-9, max_iter=999,
        random_state=0,
    ).fit(X, claims, exposure=YEARS)  # fmt: skip
    glm = PoissonRegressor(alpha=0, tol=1e-9, max_iter=999).fit(X, claims / YEARS, YEARS)
    assert_allclose(model.predict(X), glm.predict(X), rtol=1e-3)
    assert model.score(X, claims, exposure=YEARS) == pytest.approx(
        glm.score(X, claims / YEARS, YEARS), abs=1e-6
    )


@pytest.mark.parametrize("name", ["poisson", "tweedie"])
def test_the_unit_of_an_exposure_does_not_matter_in_closed_form(name):
    models = [
        _model(name, 1.5, strategy="smooth").fit(X, AMOUNTS, exposure=unit * YEARS)
        for unit in (10, 3650)
    ]
    assert_allclose(10 * models[0].predict(X), 3650 * models[1].predict(X), rtol=1e-6)


def test_exposures_are_routed_to_fit_and_score():
    with config_context(enable_metadata_routing=True):
        model = _model("poisson", 1.0).set_fit_request(exposure=True)
        pipe = make_pipeline(StandardScaler(), model.set_score_request(exposure=True))
        routed = cross_val_score(pipe, X, AMOUNTS, params={"exposure": YEARS}, cv=2)
    first, second = np.arange(100), np.arange(100, 200)
    by_hand = [
        make_pipeline(StandardScaler(), _model("poisson", 1.0))
        .fit(X[train], AMOUNTS[train], transfermlpregressor__exposure=YEARS[train])
        .score(X[test], AMOUNTS[test] / YEARS[test], sample_weight=YEARS[test])
        for train, test in ((second, first), (first, second))
    ]
    assert_allclose(routed, by_hand, rtol=1e-6)


def test_chunks_and_validation_rows_have_exposures_too():
    model = _model("gamma", 2.0).partial_fit(X, AMOUNTS, exposure=YEARS)
    assert_allclose(
        model.predict(X), _model("gamma", 2.0).partial_fit(X, AMOUNTS / YEARS).predict(X)
    )
    ours, theirs = (_model("poisson", 1.0) for _ in range(2))
    ours.fit(X, AMOUNTS, exposure=YEARS, X_val=X, y_val=AMOUNTS, exposure_val=YEARS)
    rates = AMOUNTS / YEARS
    theirs.fit(X, rates, YEARS, X_val=X, y_val=rates, sample_weight_val=YEARS)
    assert ours.validation_scores_ == theirs.validation_scores_


@pytest.mark.parametrize(
    "name, exposure, expected",
    [
        ("squared_error", YEARS, "exposure was given with loss='squared_error'.*expected loss="),
        ("poisson", YEARS - 1, "the lowest is -0.*expected one number above 0 per row"),
        ("poisson", YEARS[:9], "inconsistent numbers of samples"),
    ],
)
def test_exposures_that_mean_nothing_are_refused(name, exposure, expected):
    with pytest.raises(ValueError, match=expected):
        _model(name, 1.5).fit(X, AMOUNTS, exposure=exposure)


def test_exposures_that_cannot_be_computed_with_are_named_as_such():
    def said(**given):
        with pytest.raises(ValueError) as found:
            _model("poisson", 1.0).fit(X, AMOUNTS, **given)
        return str(found.value)

    for size in (1e-300, 1e300):
        message = said(exposure=np.r_[size, YEARS[1:]])
        assert "exposure has values from" in message and "sample_weight" not in message
    valid = {"X_val": X, "y_val": AMOUNTS}
    assert "exposure_val has values" in said(**valid, exposure_val=1e40 * YEARS)
    assert "exposure_val was given without targets" in said(exposure_val=YEARS)
    message = said(exposure=1e18 * YEARS, sample_weight=1e18 * YEARS)
    assert "products of sample_weight and exposure ** 1 is" in message


def test_a_number_for_all_sample_weights_goes_with_an_exposure():
    one, many = (
        _model("poisson", 1.0).fit(X, AMOUNTS, weight, exposure=YEARS)
        for weight in (2.0, np.full(len(X), 2.0))
    )
    assert_allclose(one.predict(X), many.predict(X))
