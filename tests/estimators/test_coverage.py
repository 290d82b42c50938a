"""Intervals and sets of classes: shapes, coverage, and what keeps or drops them."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sktransfer
from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import CoverageWarning
from sktransfer.strategies import WeightedEnsemble

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.RandomState(0)
X = rng.normal(size=(400, 4))
y = X[:, 0] + 0.5 * X[:, 1] ** 2 + 0.3 * rng.normal(size=400)
FIT, NEW = slice(0, 120), slice(120, 400)
SMALL = {"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0}


def _covered(interval, y):
    return ((y >= interval[..., 0]) & (y <= interval[..., 1])).mean()


def _linear(**params):
    return TransferMLPRegressor(strategy="linear", random_state=0, **params)


def test_intervals_lie_around_the_prediction_and_grow_with_the_coverage():
    model = _linear().fit(X[FIT], y[FIT])
    prediction = model.predict(X[NEW])
    half = np.array([np.diff(model.predict_interval(X[NEW], c))[:, 0] / 2 for c in (0.5, 0.9)])
    lower, upper = model.predict_interval(X[NEW], 0.9).T
    np.testing.assert_allclose((lower + upper) / 2, prediction)
    assert (half[0] < half[1]).all()
    assert 0.8 < _covered(model.predict_interval(X[NEW]), y[NEW]) < 0.98


def test_intervals_are_wider_where_errors_are_larger():
    spread = np.exp(X[:, 0])
    noisy = 3 * X[:, 0] + spread * rng.normal(size=400)
    model = _linear().fit(X[:300], noisy[:300])
    width = np.diff(model.predict_interval(X[300:]))[:, 0]
    high = X[300:, 0] > 0
    assert width[high].mean() > 1.5 * width[~high].mean()


def test_each_of_several_outputs_has_its_interval_from_the_rows_in_which_it_is_known():
    both = np.column_stack([y, 10 * y])
    both[::3, 1] = np.nan
    model = _linear().fit(X[FIT], both[FIT])
    interval = model.predict_interval(X[NEW])
    assert interval.shape == (280, 2, 2)
    width = np.diff(interval)[..., 0].mean(axis=0)
    assert 5 < width[1] / width[0] < 20
    assert [len(s) for s in model.__sktransfer_fitted__().held_out.scores] == [120, 80]


@pytest.mark.parametrize("loss", ["poisson", "gamma", "absolute_error", "quantile"])
def test_other_losses_have_intervals_and_rates_none_below_0(loss):
    rate = np.exp(0.5 * X[:, 0])
    target = rng.poisson(rate) if loss == "poisson" else rng.gamma(4, rate / 4)
    model = _linear(loss=loss).fit(X[FIT], target[FIT])
    interval = model.predict_interval(X[NEW])
    assert 0.8 < _covered(interval, target[NEW]) < 0.99
    assert (interval.min() >= 0) == (loss in ("poisson", "gamma"))


@pytest.mark.parametrize("coverage", [0, 1, 90, "0.9", None, True])
def test_a_coverage_that_is_no_share_is_refused(coverage):
    with pytest.raises(ValueError, match="above 0 and below 1"):
        _linear().fit(X[FIT], y[FIT]).predict_interval(X, coverage=coverage)


def test_a_single_network_says_how_to_get_intervals():
    model = TransferMLPRegressor(**SMALL).fit(X[FIT], y[FIT])
    with pytest.raises(NotFittedError, match=r"conformalize\(X, y\).*strategy='ensemble'"):
        model.predict_interval(X)
    with pytest.raises(NotFittedError):
        TransferMLPRegressor().predict_interval(X)


def test_given_rows_make_intervals_and_leave_predictions_as_they_are():
    model = TransferMLPRegressor(**SMALL).fit(X[FIT], y[FIT])
    before = model.predict(X)
    assert model.conformalize(X[120:260], y[120:260]) is model
    np.testing.assert_array_equal(model.predict(X), before)
    width = np.diff(model.predict_interval(X))[:, 0]
    errors = np.sort(np.abs(y[120:260] - before[120:260]))
    np.testing.assert_allclose(width / 2, errors[126], rtol=1e-5)  # ⌈0.9 · 141⌉ = 127
    with pytest.warns(CoverageWarning, match="needs at least 99 held-out rows; there are 50"):
        model.conformalize(X[120:170], y[120:170]).predict_interval(X, 0.99)


def test_what_later_fits_do_to_scores():
    model = TransferMLPRegressor(**SMALL)
    model.partial_fit(X[FIT], y[FIT])
    model.conformalize(X[120:160], y[120:160])
    model.partial_fit(X[160:200], y[160:200])  # tested before it is learned
    assert model.__sktransfer_fitted__().held_out.counts[0].sum() == pytest.approx(80)
    model.set_params(warm_start=True).fit(X[160:200], y[160:200])
    with pytest.raises(NotFittedError, match="or a warm start did"):
        model.predict_interval(X)
    model.conformalize(X[120:160], y[120:160]).set_params(warm_start=False).fit(X[FIT], y[FIT])
    assert model.__sktransfer_fitted__().held_out is None


def test_an_ensemble_on_a_stream_scores_each_chunk_before_it_learns_from_it():
    strategy = WeightedEnsemble(["linear", "scratch"])
    model = TransferMLPRegressor(strategy=strategy, **SMALL).partial_fit(X[FIT], y[FIT])
    errors = np.abs(y[NEW] - model.predict(X[NEW]))
    model.partial_fit(X[NEW], y[NEW])
    held_out = model.__sktransfer_fitted__().held_out
    assert held_out.counts[0].sum() == pytest.approx(400)
    spread = _spread(held_out, model)
    assert spread.max() < 2  # errors of this size, in units of about one
    assert np.isin(errors.max().round(3), (held_out.scores[0][:, None] * spread).round(3))


def _spread(held_out, model):
    return np.exp(held_out.slopes[0] * np.linspace(-3, 3, 2001))


@pytest.mark.parametrize("again", ["pickle", "save"])
def test_a_model_that_comes_back_has_the_same_intervals_and_sets(again, tmp_path):
    for model, target in (
        (_linear(), y),
        (TransferMLPClassifier(strategy="linear", random_state=0), y > 0),
    ):
        model.fit(X[FIT], target[FIT])
        if again == "pickle":
            same = pickle.loads(pickle.dumps(model))
        else:
            model.save(tmp_path / type(model).__name__)
            same = sktransfer.load(tmp_path / type(model).__name__)
        method = "predict_interval" if target is y else "predict_set"
        np.testing.assert_array_equal(getattr(same, method)(X), getattr(model, method)(X))
        with pytest.raises(NotFittedError):
            getattr(clone(model), method)(X)


def test_no_row_is_kept():
    """Scores are sorted: neither rows nor their order can be read from a model."""
    held_out = _linear().fit(X[FIT], y[FIT]).__sktransfer_fitted__().held_out
    assert (np.diff(held_out.scores[0]) >= 0).all()
    assert set(vars(held_out)) == {"scores", "counts", "slopes", "center", "scale", "origin"}


def test_in_a_pipeline_the_last_step_predicts_them():
    pipe = make_pipeline(StandardScaler(), _linear()).fit(X[FIT], y[FIT])
    interval = pipe[-1].predict_interval(pipe[:-1].transform(X[NEW]))
    assert 0.8 < _covered(interval, y[NEW]) < 0.98


def test_sets_hold_the_predicted_class_and_grow_with_the_coverage():
    D, digit = load_digits(return_X_y=True)
    order = np.random.RandomState(0).permutation(len(D))
    D, digit = D[order], digit[order].astype(str)
    model = TransferMLPClassifier(strategy="linear", random_state=0).fit(D[:150], digit[:150])
    sets = {c: model.predict_set(D[150:], coverage=c) for c in (0.5, 0.9, 0.95)}
    assert (sets[0.9] <= sets[0.95]).all() and sets[0.5].any(axis=1).all()
    at = np.searchsorted(model.classes_, digit[150:])
    assert 0.86 < sets[0.9][np.arange(len(at)), at].mean() < 0.98
    best = model.predict_proba(D[150:]).argmax(axis=1)
    assert sets[0.5][np.arange(len(at)), best].all()


def test_sets_cover_what_was_asked_for_of_classes_that_are_easy_where_they_may_be_empty():
    easy = X[:, 0] + 0.1 * y > 0  # predicted right more often than 80 %
    model = TransferMLPClassifier(strategy="linear", random_state=0).fit(X[FIT], easy[FIT])
    of_true = (np.arange(280), easy[NEW].astype(int))
    sets, with_empty = (model.predict_set(X[NEW], 0.8, allow_empty=a) for a in (False, True))
    assert sets[of_true].mean() == model.score(X[NEW], easy[NEW]) > 0.9
    assert 0.7 < with_empty[of_true].mean() < 0.9
    assert (sets.sum(axis=1) == 1).all()
    np.testing.assert_array_equal(sets[with_empty.any(axis=1)], with_empty[with_empty.any(axis=1)])


def test_sets_of_two_classes_of_one_and_of_labels():
    two = TransferMLPClassifier(strategy="linear", random_state=0).fit(X[FIT], y[FIT] > 0)
    found = two.predict_set(X[NEW])
    assert found.shape == (280, 2)
    assert 0.83 < found[np.arange(280), (y[NEW] > 0).astype(int)].mean() < 0.98
    labels = np.column_stack([y > 0, X[:, 2] > 0]).astype(int)
    several = TransferMLPClassifier(strategy="linear", random_state=0).fit(X[FIT], labels[FIT])
    found = several.predict_set(X[NEW])
    assert found.shape == (280, 2, 2) and found.any(axis=-1).all()
    covered = np.take_along_axis(found, labels[NEW][..., None], axis=-1)[..., 0].mean(axis=0)
    assert (covered > 0.8).all()


@pytest.mark.filterwarnings("ignore::sktransfer.exceptions.OneClassWarning")
def test_a_set_of_the_only_class_holds_it():
    model = TransferMLPClassifier(**SMALL).fit(X[FIT], np.zeros(120))
    model.conformalize(X[NEW], np.zeros(280))
    assert model.predict_set(X).tolist() == [[True]] * 400


def test_too_few_rows_give_every_class():
    model = TransferMLPClassifier(strategy="linear", random_state=0).fit(X[:8], y[:8] > 0)
    with pytest.warns(CoverageWarning, match="needs at least 9"):
        assert model.predict_set(X).all()


@pytest.mark.parametrize("as_frame", [False, True])
def test_rows_without_labels_correct_the_coverage_of_another_mixture_of_rows(as_frame):
    """Of noisy rows there are few among the labelled ones, and many to predict."""
    rng = np.random.RandomState(2)
    A = rng.normal(size=(3000, 3))
    noisy = A[:, 0] > 0
    b = A[:, 1] + np.where(noisy, 2.0, 0.2) * rng.normal(size=3000)
    labelled = rng.rand(3000) < np.where(noisy, 0.05, 0.5)
    if as_frame:
        A = pd.DataFrame(A, columns=list("abc")).assign(kind=np.where(A[:, 2] > 0, "x", "y"))
    fit, given = (np.flatnonzero(labelled)[k::2] for k in (0, 1))
    take = (lambda rows: A.iloc[rows]) if as_frame else (lambda rows: A[rows])
    model = TransferMLPRegressor(**SMALL | {"max_iter": 15}).fit(take(fit), b[fit])
    new = np.flatnonzero(~labelled)[:600]
    covered = []
    for rows in (None, take(new)):
        model.conformalize(take(given), b[given], X_unlabeled=rows)
        covered.append(_covered(model.predict_interval(take(new)), b[new]))
    plain, weighted = covered
    assert plain < 0.75
    assert plain + 0.05 < weighted < 0.97


@pytest.mark.parametrize("strategy", ["linear", WeightedEnsemble(["linear", "trees"])])
def test_rows_without_labels_that_a_fit_knows_weigh_its_held_out_rows(strategy):
    noisy = np.where(X[:, 0] > 0, 2.0, 0.2) * rng.normal(size=400)
    model = TransferMLPRegressor(strategy=strategy, random_state=0)
    width = [
        np.diff(model.fit(X, noisy, X_unlabeled=rows).predict_interval(X)).mean()
        for rows in (X[X[:, 0] > 0.5], None, X[X[:, 0] < -0.5])
    ]
    assert width[0] > 1.05 * width[1] > 1.05**2 * width[2]


def test_rows_without_labels_that_are_like_the_others_change_little():
    model = TransferMLPRegressor(**SMALL).fit(X[FIT], y[FIT])
    model.conformalize(X[120:260], y[120:260], X_unlabeled=X[260:])
    counts = model.__sktransfer_fitted__().held_out.counts[0]
    assert 0.8 < counts.sum() / 140 < 1.25
