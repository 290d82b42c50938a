"""Intervals and sets of several tasks, from given rows."""

import pickle

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import sktransfer
from sktransfer import MultiTaskMLP, TransferMLPRegressor
from sktransfer.exceptions import CoverageWarning
from sktransfer.inspection import CoverageDisplay

RNG = np.random.default_rng(0)
X = RNG.normal(size=(900, 3))
Y = {
    "width": X[:, 0] + RNG.normal(size=900),
    "kind": np.digitize(X[:, 1] + 0.7 * RNG.normal(size=900), [-0.5, 0.5]),
    "claims": RNG.poisson(np.exp(0.5 * X[:, 0])).astype(float),
    "sick": np.where(X[:, 2] + 0.8 * RNG.normal(size=900) > 0, "yes", "no"),
}
Y["width"][100::3] = np.nan
FIT, GIVEN, NEW = slice(0, 150), slice(150, 400), slice(400, 900)
MODEL = MultiTaskMLP(loss={"claims": "poisson"}, max_iter=15, random_state=0)


def _rows(part):
    return {name: column[part] for name, column in Y.items()}


@pytest.fixture(scope="module")
def fitted():
    return MODEL.fit(X[FIT], _rows(FIT)).conformalize(X[GIVEN], _rows(GIVEN))


def test_each_task_is_covered(fitted):
    found = fitted.predict_interval(X[NEW])
    assert list(found) == ["width", "claims"] and found["claims"].min() == 0
    for name, interval in found.items():
        y = Y[name][NEW]
        known = ~np.isnan(y)
        covered = (interval[:, 0] <= y) & (y <= interval[:, 1])
        assert 0.85 < covered[known].mean() < 0.96
    sets = fitted.predict_set(X[NEW])
    assert {name: one.shape for name, one in sets.items()} == {"kind": (500, 3), "sick": (500, 2)}
    for name, one in sets.items():
        at = np.searchsorted(fitted.classes_[name], Y[name][NEW])
        assert 0.85 < one[np.arange(500), at].mean() < 0.96


def test_a_task_rests_on_the_rows_in_which_it_is_labelled(fitted):
    held_out = fitted.__sktransfer_fitted__().held_out
    n_rows = [len(scores) for scores in held_out.scores]
    assert n_rows == [250, 250, 250, (~np.isnan(Y["width"][GIVEN])).sum()]  # in their order
    few = _rows(GIVEN) | {"width": np.where(np.arange(250) < 5, 1.0, np.nan)}
    model = MODEL.fit(X[FIT], _rows(FIT)).conformalize(X[GIVEN], few)
    with pytest.warns(CoverageWarning, match="held-out rows of the task 'width'; there are 5"):
        found = model.predict_interval(X[NEW])
    assert np.isinf(found["width"]).all() and np.isfinite(found["claims"]).all()


def test_one_task_has_the_intervals_of_the_regressor():
    alone = TransferMLPRegressor("poisson", max_iter=5, random_state=0)
    alone.fit(X[FIT], Y["claims"][FIT]).conformalize(X[GIVEN], Y["claims"][GIVEN])
    task = MultiTaskMLP(loss={"claims": "poisson"}, max_iter=5, random_state=0)
    task.fit(X[FIT], {"claims": Y["claims"][FIT]})
    task.conformalize(X[GIVEN], {"claims": Y["claims"][GIVEN]})
    np.testing.assert_array_equal(
        task.predict_interval(X[NEW])["claims"], alone.predict_interval(X[NEW])
    )


def test_what_comes_back_and_what_goes_on_keeps_them(fitted, tmp_path):
    fitted.save(tmp_path / "model")
    for same in (pickle.loads(pickle.dumps(fitted)), sktransfer.load(tmp_path / "model")):
        for name, interval in same.predict_interval(X[NEW]).items():
            np.testing.assert_array_equal(interval, fitted.predict_interval(X[NEW])[name])
        same.partial_fit(X[NEW], _rows(NEW))  # tested before it is learned
        counts = [one.sum() for one in same.__sktransfer_fitted__().held_out.counts]
        np.testing.assert_allclose(counts[:3], 750)


def test_without_given_rows_it_says_what_to_do(fitted):
    model = MODEL.fit(X[FIT], _rows(FIT))
    with pytest.raises(NotFittedError, match=r"not used in fit, model.conformalize\(X, y\)\.$"):
        model.predict_set(X)
    with pytest.raises(ValueError, match="there are several tasks, each with its own"):
        CoverageDisplay.from_estimator(fitted, X[NEW], _rows(NEW))
