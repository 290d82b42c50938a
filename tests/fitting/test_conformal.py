"""Held-out scores: what they rest on, what they count for, and the coverage that follows."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.model_selection import GroupShuffleSplit, TimeSeriesSplit

from sktransfer import TransferMLPRegressor
from sktransfer._fitting._conformal import after_more_rows, thresholds
from sktransfer._fitting._gain import Doubt, cross_fitted
from sktransfer._fitting._weights import mix_losses, shares_by_the_rest
from sktransfer._preprocessing import Table
from sktransfer._readouts._closed_form import Learning, cross_fitted_strengths
from sktransfer._readouts._kernel_ridge import STRENGTHS
from sktransfer._records import HeldOutScores, TargetSchema
from sktransfer.exceptions import CoverageWarning
from sktransfer.strategies import WeightedEnsemble


def _scores(values, counts=None):
    values = np.sort(np.asarray(values, float))
    counts = np.ones(len(values)) if counts is None else counts
    zero = np.zeros(1)
    return HeldOutScores((values,), (counts,), zero, zero, zero + 1, "given")


@pytest.mark.parametrize("n", [9, 10, 19, 37, 100])
@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9])
def test_the_threshold_is_the_score_of_split_conformal_prediction(n, coverage):
    """Of n held-out scores and a new one, the ⌈coverage (n + 1)⌉-th."""
    scores = np.random.RandomState(n).exponential(size=n)
    expected = np.sort(scores)[int(np.ceil(round(coverage * (n + 1), 9))) - 1]
    assert thresholds(_scores(scores), coverage)[0] == expected


def test_too_few_scores_give_no_bound():
    assert np.isinf(thresholds(_scores(range(8)), 0.9)[0])
    assert np.isfinite(thresholds(_scores(range(9)), 0.9)[0])


def test_a_score_that_counts_for_two_rows_is_two_scores():
    values, counts = np.arange(12.0), np.tile([1.0, 2.0, 3.0], 4)
    repeated = _scores(np.repeat(values, counts.astype(int)))
    for coverage in (0.3, 0.6, 0.9):
        assert thresholds(_scores(values, counts), coverage) == thresholds(repeated, coverage)


def test_a_stream_forgets_what_lies_far_back():
    held_out = _scores(np.full(200, 5.0))
    for _ in range(30):
        held_out = after_more_rows(held_out, _scores(np.full(100, 1.0)))
    assert thresholds(held_out, 0.9)[0] == 1.0
    assert held_out.counts[0].sum() == pytest.approx(1000, abs=1)
    assert len(held_out.scores[0]) < 4000


def _table(n=80, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(n, 4))
    return X, X[:, 0] + 0.5 * X[:, 1] ** 2 + 0.3 * rng.normal(size=n)


def _choices(y):
    """What each way of choosing makes of the same held-out predictions, for a part of the rows."""
    rng = np.random.RandomState(3)
    part = np.repeat(np.arange(4), 20)
    by_model = _table()[1][:, None] + rng.normal(size=(5, 80, 1)) * np.arange(1, 6)[:, None, None]
    table = Table(np.zeros((80, 1)), y[:, None], None, None, np.dtype(float))
    target = TargetSchema("regression", 1, loss="squared_error")
    losses = [mix_losses(one[..., None], table, target).mean(axis=1) for one in by_model]
    pairs = tuple((np.flatnonzero(part != k), np.flatnonzero(part == k)) for k in range(4))
    learning = Learning("number", y[:, None], None, pairs)
    strengths = STRENGTHS[:5]
    constant = mix_losses(np.zeros((80, 1, 1)), table, target).mean(axis=1)
    doubts = [Doubt([constant - one], np.arange(80)) for one in losses]

    def prior(rows):
        return np.array([one.factor(rows) for one in doubts])

    return {
        "weights": cross_fitted(np.moveaxis(by_model, 0, -1), table, target, prior, part),
        "models of a path": _by_part(by_model, losses, table, target, part),
        "strengths in closed form": _averaged(learning, by_model, strengths),
    }


def _by_part(by_model, losses, table, target, part):
    mixed = np.empty(by_model[0].shape)
    for here, shares in shares_by_the_rest(np.stack(losses), table, target, part):
        mixed[here] = np.einsum("m,mno->no", shares, np.stack(by_model))[here]
    return mixed


def _averaged(learning, by_model, strengths):
    return cross_fitted_strengths(learning, by_model, strengths, None, by_model[0])


def test_targets_of_a_part_choose_nothing_for_it():
    """Neither weights nor strengths: those of the last part may be anything."""
    y = _table()[1]
    changed = y.copy()
    changed[60:] = np.random.RandomState(1).permutation(y[60:])  # in the same unit
    before, after = _choices(y), _choices(changed)
    for what, predictions in before.items():
        np.testing.assert_allclose(after[what][60:], predictions[60:], rtol=1e-6, err_msg=what)
    assert not np.allclose(before["weights"][:60], after["weights"][:60])


@pytest.mark.parametrize("n", [20, 50, 100])
def test_intervals_cover_what_was_asked_for_in_simulations(n):
    covered = []
    strategy = WeightedEnsemble(["linear", "smooth"])
    for seed in range(12):
        X, y = _table(n + 400, seed)
        model = TransferMLPRegressor(strategy=strategy, random_state=seed).fit(X[:n], y[:n])
        lower, upper = model.predict_interval(X[n:]).T
        covered.append(((y[n:] >= lower) & (y[n:] <= upper)).mean())
    assert 0.87 < np.mean(covered) < 0.96


def test_a_group_counts_as_one_row():
    X, y = _table(80)
    groups = np.repeat(np.arange(8), 10)
    model = TransferMLPRegressor(strategy="linear", random_state=0)
    model.fit(X, y, groups=groups)
    assert model.__sktransfer_fitted__().held_out.counts[0].sum() == pytest.approx(8)
    with pytest.warns(CoverageWarning, match="at most 0.89"):
        assert np.isinf(model.predict_interval(X, coverage=0.9)).all()
    assert np.isfinite(model.predict_interval(X, coverage=0.8)).all()


def test_a_group_that_is_tested_several_times_counts_once():
    X, y = _table(80)
    cv = GroupShuffleSplit(12, test_size=0.25, random_state=0)
    model = TransferMLPRegressor(strategy=WeightedEnsemble(["linear"], cv=cv), random_state=0)
    model.fit(X, y, groups=np.repeat(np.arange(20), 4))
    assert model.__sktransfer_fitted__().held_out.counts[0].sum() == pytest.approx(20)


def test_rows_in_time_are_scored_after_those_that_were_learned_from():
    X, y = _table(60)
    strategy = WeightedEnsemble(["linear", "trees"], cv=TimeSeriesSplit(3))
    model = TransferMLPRegressor(strategy=strategy, random_state=0).fit(X, y)
    assert model.__sktransfer_fitted__().held_out.counts[0].sum() == 45
    assert np.isfinite(model.predict_interval(X)).all()


def test_weights_of_rows_weigh_their_scores():
    X, y = _table(60)
    X, y = np.vstack([X, X[:20]]), np.r_[y, y[:20] + 30]
    weight = np.r_[np.ones(60), np.zeros(20)]
    model = TransferMLPRegressor(strategy=WeightedEnsemble(["linear"]), random_state=0)
    with_zeros = model.fit(X, y, sample_weight=weight).predict_interval(X)
    assert model.__sktransfer_fitted__().held_out.counts[0].sum() == pytest.approx(60)
    assert np.diff(with_zeros).max() < 10


def test_records_of_scores_check_themselves():
    good = _scores([1.0, 2.0])
    bad = {
        "scores": (np.array([2.0, 1.0]),),
        "counts": (np.array([1.0, 0.0]),),
        "slopes": np.array([np.nan]),
        "scale": np.zeros(1),
    }
    for name, value in bad.items():
        with pytest.raises(ValueError, match=r"ascend|finite|above 0"):
            replace(good, **{name: value})
