"""Combinations: members that each answer, weighed by what they say of rows left out."""

import pickle
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import skorch
from fitted import FEW_MEMBERS, lighter, model_of
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import TimeSeriesSplit

import sktransfer._readouts as readouts
from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor, load
from sktransfer._fitting import _ensemble, _members, _network
from sktransfer._fitting._folds import Folds, choose_folds
from sktransfer._fitting._gain import Gain, transfer_gain
from sktransfer._fitting._weights import (
    member_weights,
    mix_losses,
    moved_weights,
    weights_of_learners,
)
from sktransfer._preprocessing._table import Table
from sktransfer._records import TargetSchema
from sktransfer.exceptions import OneClassWarning, TransferWarning
from sktransfer.strategies import (
    L2SP,
    Boosting,
    NetworkStrategy,
    Phase,
    Probe,
    Recalibrate,
    Smooth,
    WeightedEnsemble,
)
from sktransfer.strategies._weighted_ensemble import DEFAULT_MEMBERS

#: Default members without the source that few rows have, where there is a source.
OWN = {
    name
    for name, one in DEFAULT_MEMBERS.items()
    if not (one.carries or one.needs_source or one.fewest_rows or name == "own_network")
}
QUICK = dict(random_state=0, max_iter=8)
X, y = make_classification(300, 6, n_informative=4, n_classes=3, random_state=0)
X = X.astype(np.float32)
SOURCE = TransferMLPClassifier((16, 16), **QUICK).fit(X, y > 0)
NUMBER_SOURCE = TransferMLPRegressor(hidden_layer_sizes=(16, 16), **QUICK).fit(X, y)


def table_of(y, weight=None):
    y = np.asarray(y)
    return Table(None, y if y.ndim == 2 else y[:, None], weight, None, np.float64)


def fitted(X, y, source=SOURCE, strategy=None, fit=None, **params):
    kind = TransferMLPClassifier if params.pop("classifier", True) else TransferMLPRegressor
    model = kind(source=source, strategy=strategy or lighter("auto"), **QUICK | params)
    return model.fit(X, y, **fit or {})


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_an_ensemble_none_of_whose_networks_fits_the_table_says_so(method):
    model = TransferMLPClassifier(
        source=SOURCE, strategy=WeightedEnsemble(["keep_head", "linear"])
    )
    more = {"classes": ["a", "b", "c"]} if method == "partial_fit" else {}
    with pytest.raises(ValueError, match="networks can be trained here: 'keep_head' would keep"):
        getattr(model, method)(X, np.array(["a", "b", "c"])[y], **more)


# -- folds --------------------------------------------------------------------------------


def test_folds_test_every_row_once_and_spread_every_class():
    labels = np.repeat([0, 1, 2], [40, 8, 2])
    folds = choose_folds(4, table_of(np.eye(3, dtype=bool)[labels]), np.random.RandomState(0))
    assert sorted(folds.tested) == list(range(50))
    for train, test in folds.pairs:
        assert set(train) | set(test) == set(range(50)) and not set(train) & set(test)
        assert np.bincount(labels[test], minlength=3)[:2].tolist() in ([10, 2], [11, 2], [9, 2])


def test_rows_of_a_group_are_tested_together():
    groups = np.repeat(list("abcdefghijkl"), 5)
    y = np.random.RandomState(0).randn(60)
    folds = choose_folds(4, replace(table_of(y), groups=groups), np.random.RandomState(0))
    assert len(folds.pairs) == 4
    for train, test in folds.pairs:
        assert not set(groups[train]) & set(groups[test])


def test_folds_of_groups_balance_every_class():
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(24), 5)
    often = np.repeat(rng.integers(0, 4, 24), 5)  # most of a group is of one class
    labels = np.where(rng.random(120) < 0.8, often, rng.integers(0, 4, 120))
    table = replace(table_of(np.eye(4, dtype=bool)[labels]), groups=groups)
    for seed in range(5):
        folds = choose_folds(4, table, np.random.RandomState(seed))
        assert all(not set(groups[a]) & set(groups[b]) for a, b in folds.pairs)
        counts = np.array([np.bincount(labels[test], minlength=4) for _, test in folds.pairs])
        assert (np.abs(counts / counts.sum(axis=0) - 0.25) < 0.12).all()


def test_few_rows_have_fewer_folds_and_many_have_one_holdout():
    rng = np.random.RandomState(0)
    for n_rows, n_folds in ((3, 0), (4, 2), (7, 3), (8, 4), (100, 4)):
        assert len(choose_folds(4, table_of(np.arange(float(n_rows))), rng).pairs) == n_folds
    for n_rows, n_tested in ((2400, 600), (80_000, 10_000)):
        ((train, test),) = choose_folds(4, table_of(np.arange(float(n_rows))), rng).pairs
        assert (len(train), len(test)) == (n_rows - n_tested, n_tested)


def test_a_read_out_learns_from_so_many_rows_at_most(monkeypatch):
    seen, inner = [], readouts.linear_path

    def path(features, *more):
        seen.append(len(features))
        return inner(features, *more)

    monkeypatch.setattr(Probe, "n_rows", 100)
    monkeypatch.setattr(readouts, "linear_path", path)
    model = fitted(X, y, strategy=WeightedEnsemble(["probe", "scratch"]))
    assert set(seen) == {100}
    assert model.score(X, y) > 0.6


def test_a_splitter_is_used_as_it_is():
    folds = choose_folds(TimeSeriesSplit(3), table_of(np.arange(40.0)), None)
    assert all(train.max() < test.min() for train, test in folds.pairs)
    assert not folds.is_partition


def test_pairs_of_rows_must_be_in_the_table():
    with pytest.raises(ValueError, match="cv has a row 40; expected rows from 0 to 39"):
        choose_folds([(np.arange(41), np.arange(3))], table_of(np.arange(40.0)), None)
    with pytest.raises(ValueError, match="cv has a row -3; expected rows from 0 to 39"):
        choose_folds([(np.arange(30), np.arange(-3, 0))], table_of(np.arange(40.0)), None)
    with pytest.raises(ValueError, match="a pair without training rows"):
        choose_folds([([], np.arange(40))], table_of(np.arange(40.0)), None)


def test_pairs_may_be_masks_of_rows():
    late = np.arange(40) >= 30
    ((train, test),) = choose_folds([(~late, late)], table_of(np.arange(40.0)), None).pairs
    assert (train == np.arange(30)).all()
    assert (test == np.arange(30, 40)).all()
    with pytest.raises(ValueError, match=r"a mask of shape \(39,\); expected \(40,\)"):
        choose_folds([(~late[1:], late[1:])], table_of(np.arange(40.0)), None)


@pytest.mark.parametrize("strategy", ["linear", "tangent", "boosting", "l2_sp"])
def test_a_strategy_alone_is_fitted_as_if_rows_without_weight_were_not_there(strategy):
    weight, wrong = np.r_[np.ones(60), np.zeros(20)], np.r_[y[:60], np.full(20, 1e6)]
    numbers = dict(strategy=strategy, classifier=False, source=NUMBER_SOURCE, batch_size=32)
    weighted = fitted(X[:80], wrong, fit={"sample_weight": weight}, **numbers)
    fewer = fitted(X[:60], y[:60], **numbers)
    assert weighted.predict(X[80:]) == pytest.approx(fewer.predict(X[80:]), abs=1e-5)


def test_a_splitter_is_given_rows_without_weight_and_nothing_learns_from_them():
    rows, weight = np.arange(80), np.r_[np.ones(60), np.zeros(20)]
    pairs = [(rows[rows % 4 != k], rows[rows % 4 == k]) for k in range(4)]
    fewer = [(train[train < 60], test[test < 60]) for train, test in pairs]
    members = {"linear": "linear", "boosting": Boosting(), "network": "scratch"}
    weighted, less = (
        fitted(
            table, wrong, NUMBER_SOURCE, WeightedEnsemble(members, cv=cv), fit, classifier=False
        )
        for table, wrong, cv, fit in (
            (X[:80], np.r_[y[:60], np.full(20, 1e6)], pairs, {"sample_weight": weight}),
            (X[:60], y[:60], fewer, None),
        )
    )
    assert weighted.member_losses_ == pytest.approx(less.member_losses_, rel=1e-3)
    assert weighted.predict(X[80:]) == pytest.approx(less.predict(X[80:]), abs=1e-3)
    labels, linear = np.r_[y[:60], np.full(20, 3)], WeightedEnsemble(["linear"], cv=pairs)
    weighted = fitted(X[:80], labels, None, linear, {"sample_weight": weight})
    assert weighted.predict_proba(X)[:, 3].max() < 0.1
    with pytest.raises(ValueError, match="training rows of positive weight"):
        choose_folds([(rows[60:], rows[:60])], table_of(labels, weight), None)


@pytest.mark.parametrize("loss", ["quantile", "absolute_error", "huber"])
def test_weights_of_one_are_as_good_as_none(loss):
    numbers = dict(strategy=lighter("boosting"), classifier=False, source=None, loss=loss)
    plain = fitted(X[:70], X[:70, 0] ** 2, **numbers)
    weighted = fitted(X[:70], X[:70, 0] ** 2, fit={"sample_weight": np.ones(70)}, **numbers)
    assert (weighted.predict(X) == plain.predict(X)).all()


def test_weights_of_any_size_are_fitted():
    plain = fitted(X[:60], y[:60], strategy="tangent")
    for size in (1e6, 1e9):
        weight = np.full(60, size)
        huge = fitted(X[:60], y[:60], strategy="tangent", fit={"sample_weight": weight})
        assert huge.score(X, y) > plain.score(X, y) - 0.1


def test_early_stopping_is_not_decided_by_rows_without_weight():
    weight = np.r_[np.ones(20), np.zeros(60)]
    stopped = dict(strategy="l2_sp", early_stopping=True)
    weighted = fitted(X[:80], y[:80], fit={"sample_weight": weight}, **stopped)
    fewer = fitted(X[:20], y[:20], **stopped)
    assert weighted.validation_scores_ == pytest.approx(fewer.validation_scores_)


def test_early_stopping_needs_two_groups():
    with pytest.raises(ValueError, match="groups has one; expected two or more"):
        fitted(X, y, strategy="l2_sp", early_stopping=True, fit={"groups": np.zeros(len(X))})


@pytest.mark.slow
@pytest.mark.parametrize("strategy", [FEW_MEMBERS, "l2_sp"], ids=str)
def test_early_stopping_holds_out_whole_groups(strategy, monkeypatch):
    groups, split = np.repeat(np.arange(30), 4), []
    model = TransferMLPClassifier(
        source=SOURCE, strategy=strategy, early_stopping=True, **QUICK | {"max_iter": 2}
    )
    inner = _network.split_table

    def spy(*args):
        split.append(inner(*args))
        return split[-1]

    monkeypatch.setattr(_network, "split_table", spy)
    model.fit(X[:120], y[:120], groups=groups)
    for train, held_out in split:
        assert not set(train.groups) & set(held_out.groups)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.fit(X[:120], y[:120], groups=groups[:7])


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        ({"nope": 1.0}, "which are no members"),
        ({"l2_sp": 0.0}, "expected a finite number above 0"),
        ({"l2_sp": np.nan}, "expected a finite number above 0"),
        ({"l2_sp": "much"}, "expected a finite number above 0"),
    ],
)
def test_prior_weights_are_checked(prior, message):
    with pytest.raises(ValueError, match=message):
        fitted(X[:60], y[:60], strategy=WeightedEnsemble(["l2_sp", "scratch"], prior=prior))


def test_no_members_are_not_the_default_ones():
    with pytest.raises(ValueError, match="has no member; expected at least one"):
        fitted(X[:60], y[:60], strategy=WeightedEnsemble([]))


def test_an_ensemble_resumes_the_networks_it_has():
    model = fitted(X[:60], y[:60], strategy=WeightedEnsemble(["l2_sp", "linear"]))
    with pytest.raises(ValueError, match=r"networks \['l2_sp'\] .* cannot be resumed"):
        model.set_params(strategy=WeightedEnsemble(["full"])).partial_fit(X[:60], y[:60])


# -- weights ------------------------------------------------------------------------------


NUMBERS = ["squared_error", "absolute_error", "huber", "quantile(0.8)", "poisson", "gamma"]


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel", *NUMBERS, "tweedie(1.5)"])
def test_weights_minimise_the_penalised_loss(kind):
    rng = np.random.RandomState(0)
    profile = None
    if kind in (*NUMBERS, "tweedie(1.5)"):
        target = TargetSchema("regression", 2, None, kind)
        profile = target.loss_function.profile
        y = rng.poisson(3.0, (40, 2)) + 1.0 * (kind == "gamma")
        predictions = np.abs(y[..., None] + rng.randn(40, 2, 2) * [1.0, 2.0]) + 0.1
    else:
        n = 1 if kind == "binary" else 3
        target = TargetSchema(kind, n, np.arange(max(2, n)))
        y = np.eye(3, dtype=bool)[rng.randint(0, 3, 40)][:, :n]
        raw = y[..., None] * [2.0, 1.0] + rng.rand(40, n, 2)
        predictions = raw / (raw.sum(1, keepdims=True) if kind == "multiclass" else 4.0)
    weight = rng.rand(40)
    table, prior = table_of(y, weight), np.array([0.25, 0.75])
    share, evenness = np.average(y, axis=0, weights=weight), 1.0
    if kind == "multiclass":
        evenness = 1.5 * (1 - share @ share)
    elif kind in ("binary", "multilabel"):
        evenness = (4 * share * (1 - share)).mean()
    n_rows = weight.sum() * evenness

    def objective(w):
        loss = mix_losses(predictions, table, target, np.array([w, 1 - w])).mean()
        loss = loss if profile is None else profile * np.log(loss)
        return loss - 3 / n_rows * prior @ np.log([w, 1 - w])

    best, apart = 0.5, 0.5
    for _ in range(3):  # a grid, and finer ones about its best
        grid = np.clip(best + np.linspace(-apart, apart, 41), 0.001, 0.999)
        best, apart = grid[np.argmin([objective(w) for w in grid])], apart / 10
    weights, loss = member_weights(predictions, table, target, prior)
    assert weights.sum() == pytest.approx(1)
    assert weights[0] == pytest.approx(best, abs=2e-3)
    assert loss == pytest.approx(mix_losses(predictions, table, target, weights).mean())


def test_the_prior_decides_on_few_rows_and_the_rows_on_many():
    target = TargetSchema("regression", 1, None, "squared_error")
    prior = np.array([0.9, 0.1])
    shares = []
    for n in (2, 2000):
        y = np.random.RandomState(0).randn(n, 1)
        predictions = np.stack([np.zeros_like(y), 0.9 * y], axis=-1)
        shares.append(member_weights(predictions, table_of(y), target, prior)[0][1])
    assert shares[0] < 0.9 < shares[1]


# -- combined estimators ------------------------------------------------------------------


@pytest.mark.slow
def test_members_are_weighed_and_mixed():
    model = fitted(X[:80], y[:80])
    assert set(model.member_weights_) <= set(DEFAULT_MEMBERS)
    assert sum(model.member_weights_.values()) == pytest.approx(1)
    p = model.predict_proba(X)
    assert np.isfinite(p).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-5)
    assert model.score(X[80:], y[80:]) > 0.5
    report = model.transfer_report_
    counts = report.counts("member")
    assert counts["without source"] == len(OWN)
    assert 4 <= counts["with source"] <= len(DEFAULT_MEMBERS) - len(OWN)
    assert "members" in repr(report)


@pytest.mark.slow
def test_without_a_source_the_members_that_need_none_are_weighed():
    alone = fitted(X[:60], y[:60], source=None)
    assert "own_network" in alone.member_weights_
    assert set(alone.member_weights_) <= OWN | {"own_network"}
    assert alone.transfer_gain_ is None
    network = next(one for one in model_of(alone).members if one.name == "own_network")
    np.testing.assert_array_equal(alone.coefs_[0], network.coefs[0])
    before = alone.coefs_[0].copy()
    alone.partial_fit(X[60:80], y[60:80])
    assert not np.array_equal(alone.coefs_[0], before)


class HalfSpeed(NetworkStrategy):
    """A user's own strategy."""

    def phases(self, layer_names, max_iter):
        return [Phase(max_iter, learning_rate_scale=dict.fromkeys(layer_names.shared, 0.5))]


@pytest.mark.parametrize("old", [TransferMLPRegressor, HistGradientBoostingRegressor])
def test_a_source_counts_for_the_share_of_its_columns_that_the_table_has(old):
    table = pd.DataFrame(X, columns=list("abcdef"))
    source = old(max_iter=5).fit(table, table["a"])
    members = WeightedEnsemble(["recalibrate", "linear"])
    half = table[["b", "a", "c"]].rename(columns={"c": "new"}).head(3)  # too few for folds
    model = TransferMLPRegressor(source=source, strategy=members).fit(half, half["a"])
    assert model.member_weights_["recalibrate"] == pytest.approx((2 / 6) / (1 + 2 / 6))


@pytest.mark.parametrize("kind", ["clf", "reg"])
def test_a_source_turned_round_counts_as_much_as_one_as_it_is(kind):
    rng = np.random.RandomState(0)
    X = rng.standard_normal((560, 6))
    signal = X @ [1.5, -1.0, 1.0, 0.5, 0.0, 0.0] + 0.7 * rng.standard_normal(560)
    y, turned = (signal > 0, signal < 0) if kind == "clf" else (signal, -signal)
    new, old = (
        (TransferMLPClassifier, LogisticRegression())
        if kind == "clf"
        else (TransferMLPRegressor, Ridge())
    )
    few, rest = slice(300, 330), slice(330, None)
    same, other = (
        new(source=clone(old).fit(X[:300], those[:300]), random_state=0).fit(X[few], y[few])
        for those in (y, turned)
    )
    assert other.member_weights_["recalibrate"] > 0.5 > same.member_weights_["recalibrate"]
    assert other.score(X[rest], y[rest]) > same.score(X[rest], y[rest]) - 0.03


def test_where_few_rows_say_little_a_source_at_another_level_counts_as_much_as_one_as_it_is():
    rng = np.random.RandomState(0)
    X = rng.standard_normal((3000, 6))
    y = X @ [0.4, -0.3, 0.3, 0.1, 0.0, 0.0] + rng.standard_normal(3000)
    source = Ridge().fit(X[:1000], y[:1000])
    own = {"own_linear": "linear", "own_smooth": Smooth(on_source=False)}
    members = {"as_is": Recalibrate("none"), "recalibrate": "recalibrate"} | own
    strategy = WeightedEnsemble(members, prior={"as_is": 16.0, "recalibrate": 1.5})
    lower = []
    for few in np.arange(1000, 1200).reshape(10, 20):
        same, moved = (
            TransferMLPRegressor(source=source, strategy=strategy, random_state=0)
            .fit(X[few], y[few] + level)
            .score(X[1200:], y[1200:] + level)
            for level in (0, 50)
        )
        lower.append(same - moved)
    assert np.mean(lower) < 0.065  # 0.05 is the variance of a mean of 20 rows


def test_members_may_be_anything_a_strategy_may_be():
    model = fitted(
        X[:60], y[:60], strategy=WeightedEnsemble(["frozen", L2SP(1.0), L2SP(0.1), HalfSpeed()])
    )
    assert set(model.member_weights_) == {"frozen", "l2_sp", "l2_sp_2", "HalfSpeed"}
    with pytest.raises(ValueError, match="cannot be a member"):
        fitted(X[:60], y[:60], strategy=WeightedEnsemble([WeightedEnsemble()]))
    with pytest.raises(ValueError, match="no member that does without a source"):
        fitted(X[:60], y[:60], source=None, strategy=WeightedEnsemble(["l2_sp"]))


def test_every_member_learns_about_the_parameters_a_user_sets():
    model = fitted(X[:60], y[:60], strategy=WeightedEnsemble(["l2_sp", "linear"]), activation=None)
    assert model.coefs_[0].shape[1] == 16  # the source's width, by the network that leads


def test_a_source_that_knows_nothing_earns_little_and_is_warned_of():
    rng = np.random.RandomState(0)
    noise = TransferMLPClassifier((16,), **QUICK).fit(
        rng.randn(300, 6).astype(np.float32), rng.randint(0, 2, 300)
    )
    line = (X[:, 0] > 0).astype(int)
    members = WeightedEnsemble(["linear", "frozen"])
    with pytest.warns(TransferWarning, match="does not help here"):
        model = fitted(X[:200], line[:200], source=noise, strategy=members)
    assert model.transfer_gain_ < 0.05
    assert model.member_weights_.get("frozen", 0) < 0.1


@pytest.mark.parametrize("strategy", ["auto", Recalibrate("none")])
def test_a_constant_target_says_nothing_about_a_source(strategy):
    with pytest.warns(OneClassWarning) as caught:
        fitted(X[:40], np.zeros(40, int), strategy=strategy)
    assert len(caught) == 1


def _gain_of(pairs):
    """Of a member that is right, against one that predicts 0, for 12 rows."""
    numbers, folds = np.linspace(-1.0, 1.0, 12), Folds(pairs)
    tested = numbers[folds.tested]
    held_out = Table(np.zeros((len(tested), 1)), tested[:, None], None, None, np.dtype(float))
    predictions = np.stack([tested, 0 * tested], axis=-1)[:, None]
    target, uses = TargetSchema("regression", 1, loss="squared_error"), np.array([True, False])
    part, units = folds.parts(None), folds.units(None)
    return transfer_gain(predictions, held_out, target, lambda rows: np.ones(2), uses, part, units)


@pytest.mark.parametrize("n_folds", [3, 12])
def test_a_gain_is_no_clearer_for_rows_that_are_tested_several_times(n_folds):
    rows = np.arange(12)
    pairs = [(rows[rows % n_folds != k], rows[rows % n_folds == k]) for k in range(n_folds)]
    once, often = _gain_of(pairs), _gain_of([*pairs, *pairs[1:], pairs[0]] * 2)
    assert 0.5 < once.mean < 1.1  # in units of the variance, of one row as of several
    assert 0.1 < once.standard_error < 0.4
    assert often.mean == pytest.approx(once.mean, rel=0.05)
    assert often.standard_error == pytest.approx(once.standard_error, rel=0.05)


def test_a_loss_that_is_the_same_with_a_source_is_not_called_higher(monkeypatch):
    monkeypatch.setattr(_ensemble, "transfer_gain", lambda *_: Gain(0.0, 0.0))
    with pytest.warns(TransferWarning, match="their loss is as high as without them"):
        fitted(X[:60], y[:60], strategy=WeightedEnsemble(["linear", "frozen"]))


@pytest.mark.slow
def test_a_source_that_knows_the_target_shows_a_gain():
    answer = TransferMLPClassifier((32, 32), random_state=0).fit(X, y)
    assert fitted(X[:40], y[:40], source=answer).transfer_gain_ > 0.1


@pytest.mark.slow
def test_nothing_in_common_is_said_once_and_trains_what_needs_no_source():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = fitted(X[:60, :4], y[:60])
    assert sum("Nothing was carried over" in str(w.message) for w in caught) == 1
    assert set(model.member_weights_) <= {"l2_sp"} | OWN
    assert model.transfer_report_.counts("member")["without source"] == 1 + len(OWN)


@pytest.mark.slow
@pytest.mark.parametrize("n", [3, 6, 9])
def test_very_few_rows_and_classes_of_one_row_work(n):
    rows = np.r_[
        np.flatnonzero(y == 0)[: n - 2], np.flatnonzero(y == 1)[:1], np.flatnonzero(y == 2)[:1]
    ]
    model = fitted(X[rows], y[rows], strategy="auto")
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.slow
@pytest.mark.parametrize("columns", ["multilabel", "outputs", "poisson", "heavy tails"])
def test_every_kind_of_target_works(columns):
    rng = np.random.RandomState(0)
    if columns == "multilabel":
        target = np.c_[X[:80, 0] > 0, X[:80, 1] > 0, np.zeros(80)].astype(int)
        model = fitted(X[:80], target)
        assert model.predict(X).shape == (300, 3)
        assert (model.predict(X)[80:, :2] == (X[80:, :2] > 0)).mean() > 0.7
        return
    target = {
        "outputs": np.c_[X[:80, 0], -X[:80, 1] * 100],
        "poisson": rng.poisson(np.exp(X[:80, 0].clip(-2, 2))),
        "heavy tails": X[:80, 0] + 0.01 * rng.standard_cauchy(80) ** 3,
    }[columns]
    loss = "poisson" if columns == "poisson" else "squared_error"
    model = fitted(X[:80], target, classifier=False, loss=loss)
    assert np.isfinite(model.predict(X)).all()
    if columns != "heavy tails":
        assert model.score(X[:80], target) > 0.3


@pytest.mark.slow
def test_members_that_fit_each_output_are_left_out_where_there_are_many_and_said_so():
    rng = np.random.RandomState(0)
    X = rng.standard_normal((120, 4))
    y = X @ rng.standard_normal((4, 12))
    own = {"own_linear", "own_trees", "own_boosting"}
    ensemble = WeightedEnsemble({name: DEFAULT_MEMBERS[name] for name in sorted(own)}, cv=2)
    model = TransferMLPRegressor(strategy=ensemble, random_state=0).fit(X, y)
    report = model.transfer_report_.to_frame().query("status == 'left out'")
    assert report["name"].tolist() == ["own_boosting"]
    assert "12 outputs" in report["reason"].item()
    few = TransferMLPRegressor(strategy=ensemble, random_state=0).fit(X, y[:, :2])
    assert set(few.member_losses_) == own
    wide = np.hstack([X, rng.standard_normal((120, 2000))])
    model = TransferMLPRegressor(strategy=ensemble, random_state=0).fit(wide, y[:, 0])
    left_out = model.transfer_report_.to_frame().query("status == 'left out'")
    assert set(left_out["name"]) == {"own_trees", "own_boosting"}
    assert left_out["reason"].str.contains("2,004 columns").all()
    boosting = WeightedEnsemble([Boosting(on_source=False)])  # nothing else is there to take
    only = TransferMLPRegressor(strategy=boosting, random_state=0).fit(X, y)
    assert "left out" not in set(only.transfer_report_.to_frame()["status"])
    alone = TransferMLPRegressor(strategy="boosting", random_state=0).fit(X, y)
    assert alone.predict(X).shape == y.shape


@pytest.mark.slow
def test_sample_weights_reach_every_member():
    wrong = y.copy()
    wrong[:40] = 2 - wrong[:40]
    weight = np.r_[np.full(40, 1e-3), np.ones(60)]
    plain = fitted(X[:100], wrong[:100]).score(X[100:], y[100:])
    weighed = fitted(X[:100], wrong[:100], fit={"sample_weight": weight}).score(X[100:], y[100:])
    assert weighed > plain


@pytest.mark.slow
def test_rows_without_weight_are_as_if_not_there():
    weight = np.r_[np.zeros(40), np.ones(60)]
    weighed = fitted(X[:100], y[:100], fit={"sample_weight": weight, "groups": np.arange(100)})
    fewer = fitted(X[40:100], y[40:100], fit={"groups": np.arange(60)})
    assert weighed.member_losses_ == pytest.approx(fewer.member_losses_, rel=0.2)


@pytest.mark.slow
def test_groups_and_splitters_are_followed():
    groups, few = np.repeat(np.arange(20), 4), {"strategy": FEW_MEMBERS}
    with_groups = fitted(X[:80], y[:80], fit={"groups": groups}, **few)
    assert with_groups.member_weights_ != fitted(X[:80], y[:80], **few).member_weights_
    in_time = WeightedEnsemble(FEW_MEMBERS.members, cv=TimeSeriesSplit(3))
    assert np.isfinite(fitted(X[:80], y[:80], strategy=in_time).predict_proba(X)).all()
    with pytest.raises(ValueError, match="inconsistent"):
        fitted(X[:80], y[:80], fit={"groups": groups[:-1]}, **few)


def test_an_ensemble_may_have_read_outs_alone():
    model = fitted(X[:60], y[:60], strategy=WeightedEnsemble(["linear", "trees"]))
    assert set(model.member_losses_) == {"linear", "trees"}
    assert sum(model.member_weights_.values()) == pytest.approx(1)
    assert model.score(X, y) > 0.6
    with pytest.raises(ValueError, match="no network that could be resumed"):
        model.partial_fit(X[60:80], y[60:80])


class Recorder(skorch.callbacks.Callback):
    """Counts epochs and says what it has seen in a list of its own."""

    def __init__(self, seen):
        self.seen = seen

    def on_epoch_end(self, net, **kwargs):
        self.seen.append(net.module_.layers[0].weight.shape)

    def __deepcopy__(self, memo):
        return self


@pytest.mark.slow
def test_callbacks_listen_to_the_primary_network_on_all_rows():
    seen = []
    model = fitted(X[:60], y[:60], strategy=FEW_MEMBERS, callbacks=[Recorder(seen)])
    assert len(seen) == model.n_iter_ == len(model.net_.history)
    model.partial_fit(X[60:80], y[60:80])
    assert len(seen) == model.n_iter_ + len(model.loss_curve_) - 1


@pytest.mark.slow
def test_an_interrupt_leaves_an_earlier_fit_as_it_was():
    class Interrupts(skorch.callbacks.Callback):
        def on_epoch_begin(self, net, **kwargs):
            raise KeyboardInterrupt

    model = fitted(X[:60], y[:60], strategy=FEW_MEMBERS)
    before = model.predict_proba(X)
    with pytest.raises(KeyboardInterrupt):
        model.set_params(callbacks=[Interrupts()]).fit(X[:80], y[:80])
    np.testing.assert_array_equal(model.predict_proba(X), before)


@pytest.mark.slow
@pytest.mark.parametrize("unit", [2.0**-20, 2.0**20])  # others round, which trees show
def test_the_unit_of_a_target_does_not_matter(unit):
    target = X[:80, 0] + 0.1 * X[:80, 1]
    here = fitted(X[:80], target, classifier=False)
    there = fitted(X[:80], unit * target, classifier=False)
    np.testing.assert_allclose(there.predict(X) / unit, here.predict(X), rtol=1e-3, atol=1e-3)


@pytest.fixture
def trained(monkeypatch):
    """What networks have been trained, and on what tables."""
    found, train = [], _members.train_network

    def watched(prepared, options, target, table, *args, **kwargs):
        network = train(prepared, options, target, table, *args, **kwargs)
        found.append((table, network))
        return network

    monkeypatch.setattr(_members, "train_network", watched)
    return found


def test_networks_are_trained_in_single_precision_and_kept_in_the_tables(trained):
    rows = X[:80].astype(np.float64)
    target = 1e50 * rows[:, 0]  # no number of float32
    weight = np.linspace(0.5, 1.0, 80)
    strategy = WeightedEnsemble(["l2_sp", "linear"])
    model = fitted(rows, target, SOURCE, strategy, {"sample_weight": weight}, classifier=False)
    assert [table.dtype for table, _ in trained] == [np.float32] * 4
    assert model.coefs_[0].dtype == model.predict(rows).dtype == np.float64
    assert model.score(rows, target) > 0.9


def test_the_mean_of_the_networks_of_the_folds_is_kept(trained):
    model = fitted(X[:80], y[:80], strategy=FEW_MEMBERS)
    own = [one for _, one in trained if one.member.name == model._model.primary]
    assert len(own) == len(trained) == FEW_MEMBERS.cv
    for at, weight in enumerate(model.coefs_):
        mean = np.mean([one.member.coefs[at] for one in own], axis=0)
        np.testing.assert_allclose(weight, mean, rtol=1e-5, atol=1e-7)
    curves = [one.member.history.loss_curve for one in own]
    np.testing.assert_allclose(model.loss_curve_, np.mean(curves, axis=0))
    assert model.n_iter_ == len(model.net_.history) == len(model.loss_curve_)
    assert model.net_.history[-1]["train_loss"] == model.loss_ == model.loss_curve_[-1]
    assert model.best_loss_ == min(model.loss_curve_)


@pytest.mark.parametrize(
    "params",
    [
        {"learning_rate": "constant"},
        {"early_stopping": True},
        {"standardize": False},
        {"callbacks": [Recorder([])]},
        {
            "strategy": WeightedEnsemble(
                FEW_MEMBERS.members, cv=[(np.arange(60), np.arange(60, 80))]
            )
        },
    ],
    ids=lambda params: next(iter(params)),
)
def test_networks_that_are_not_annealed_or_are_followed_are_trained_on_all_rows(trained, params):
    model = fitted(X[:80], y[:80], **{"strategy": FEW_MEMBERS, **params})
    last, network = trained[-1]
    assert last.n_samples == 80
    np.testing.assert_array_equal(model.coefs_[-1], network.member.coefs[-1])


# -- what goes on after a fit -------------------------------------------------------------


def streamed(model, start=60, stop=300, rows=20):
    for at in range(start, stop, rows):
        model.partial_fit(X[at : at + rows], y[at : at + rows])
    return model


@pytest.mark.slow
def test_networks_resume_and_read_outs_stay():
    model = fitted(X[:60], y[:60])
    before = {member.name: member for member in model_of(model).members}
    primary, losses = model_of(model).primary, model.member_losses_
    streamed(model, stop=120)
    for member in model_of(model).members:
        same = all(map(np.array_equal, member.coefs, before[member.name].coefs))
        assert same == (not member.is_network)
    assert set(model.member_weights_) == set(before)
    assert sum(model.member_weights_.values()) == pytest.approx(1)
    assert (model_of(model).primary, model.member_losses_) == (primary, losses)
    member = next(one for one in model_of(model).members if one.name == primary)
    np.testing.assert_array_equal(model.coefs_[0], member.coefs[0])
    counts = model.transfer_report_.counts("member")
    assert counts["without source"] == len(OWN)


@pytest.mark.slow
def test_a_stream_begins_with_what_the_source_knows_and_keeps_it():
    model = TransferMLPClassifier(source=SOURCE, strategy=lighter("auto"), **QUICK)
    model.partial_fit(X[:20], y[:20], classes=[0, 1, 2])
    assert "l2_sp" in model.member_weights_ and len(model.member_weights_) > 1
    early = model.score(X[200:], y[200:])
    network = TransferMLPClassifier(source=SOURCE, strategy="l2_sp", **QUICK)
    network.partial_fit(X[:20], y[:20], classes=[0, 1, 2])
    for _ in range(2):
        streamed(model, 20, 200, 60)
        streamed(network, 20, 200, 60)
    late = model.score(X[200:], y[200:])
    assert late > early - 0.02 and late > network.score(X[200:], y[200:])


@pytest.mark.slow
def test_new_rows_move_the_weights_before_they_are_learned():
    model = fitted(X[:60], y[:60])
    networks = [member.name for member in model_of(model).members if member.plan is not None]

    def share_of_networks():
        return sum(model.member_weights_[name] for name in networks)

    before, upside_down = share_of_networks(), 2 - y
    for at in range(60, 240, 20):  # what the read-outs know is wrong from now on
        model.partial_fit(X[at : at + 20], upside_down[at : at + 20])
    assert share_of_networks() > before + 0.2


def test_moved_weights_go_where_the_loss_is_less_by_the_share_of_new_rows():
    target = TargetSchema("regression", 1, None, "squared_error")
    y = np.random.RandomState(0).randn(50, 1)
    predictions = np.stack([0.2 * y, 0.8 * y], axis=-1)
    start = np.array([0.5, 0.5])
    early = moved_weights(start, predictions, table_of(y), target, 3.0)
    late = moved_weights(start, predictions, table_of(y), target, 3000.0)
    assert early[1] > late[1] > 0.5
    assert early.sum() == pytest.approx(1)


@pytest.mark.parametrize("best, share", [("learner", 0.75), ("other", 0.5), ("nobody", 0.5)])
def test_members_that_cannot_learn_on_lose_weight_where_the_others_are_clearly_better(best, share):
    target = TargetSchema("regression", 1, None, "squared_error")
    y = np.random.RandomState(0).randn(50, 1)
    of = {"learner": (0.9, -0.5), "other": (-0.5, 0.9), "nobody": (0.5, 0.5)}[best]
    predictions = np.stack([factor * y for factor in of], axis=-1)
    learns = np.array([True, False])
    weights = np.array([0.5, 0.5])
    moved = weights_of_learners(weights, predictions, table_of(y), target, learns)
    assert moved[0] == pytest.approx(share)
    few = weights_of_learners(weights, predictions[:5], table_of(y[:5]), target, learns)
    assert few is weights


@pytest.mark.slow
def test_a_warm_start_trains_the_networks_through_and_keeps_the_weights():
    model = fitted(X[:60], y[:60], strategy=FEW_MEMBERS, warm_start=True)
    weights, coefs = model.member_weights_, model.coefs_[0].copy()
    model.fit(X[:60], y[:60])
    assert model.member_weights_ == weights
    assert not np.array_equal(model.coefs_[0], coefs)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["pickled", "saved"])
def test_an_ensemble_resumes_elsewhere(how, tmp_path):
    model = streamed(fitted(X[:60], y[:60], strategy=FEW_MEMBERS), stop=120)
    if how == "pickled":
        again = pickle.loads(pickle.dumps(model))
    else:
        model.save(tmp_path)
        again = TransferMLPClassifier.load(tmp_path)
    assert streamed(again).score(X, y) > 0.6
    if how == "pickled":  # with the optimisers' memory, bit for bit
        np.testing.assert_array_equal(again.predict_proba(X), streamed(model).predict_proba(X))


def test_one_network_resumes_alone_under_an_ensemble():
    model = fitted(X[:60], y[:60], strategy="full").set_params(strategy="auto")
    streamed(model)
    assert not hasattr(model, "member_weights_")


def test_several_tasks_are_refused():
    with pytest.raises(ValueError, match="in a MultiTaskMLP; expected a strategy that trains one"):
        MultiTaskMLP(strategy=WeightedEnsemble(), **QUICK).fit(X, np.c_[y, y > 0])


@pytest.mark.slow
def test_another_strategy_leaves_nothing_of_an_ensemble():
    model = fitted(X[:60], y[:60], strategy=FEW_MEMBERS)
    model.set_params(strategy="full").fit(X[:60], y[:60])
    assert not hasattr(model, "member_weights_") and not hasattr(model, "transfer_gain_")
    plain = fitted(X[:60], y[:60], strategy="full")
    np.testing.assert_array_equal(model.predict_proba(X), plain.predict_proba(X))


@pytest.mark.slow
def test_a_saved_combination_predicts_the_same(tmp_path):
    model = fitted(X[:60], y[:60])
    model.save(tmp_path)
    again = TransferMLPClassifier.load(tmp_path)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.member_weights_ == model.member_weights_


@pytest.mark.slow
def test_an_ensemble_survives_pickling_and_cloning_and_serves_as_a_source():
    model = fitted(X[:60], y[:60], strategy=FEW_MEMBERS)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    refitted = clone(model).fit(X[:60], y[:60])
    np.testing.assert_array_equal(refitted.predict_proba(X), model.predict_proba(X))
    further = fitted(X[:60], y[:60], source=model, strategy="full")
    assert further.transfer_report_.n_carried > 0


@pytest.mark.slow
def test_a_validation_set_is_watched_in_every_run():
    few = {"strategy": FEW_MEMBERS}
    model = fitted(X[:80], y[:80], fit={"X_val": X[80:120], "y_val": y[80:120]}, **few)
    assert model.best_validation_score_ is not None
    stopped = fitted(X[:80], y[:80], early_stopping=True, **few)
    assert stopped.validation_scores_ is not None


@pytest.mark.parametrize(
    "as_frame, strategy",
    [(False, FEW_MEMBERS), pytest.param(True, lighter("auto"), marks=pytest.mark.slow)],
)
def test_a_short_stream_is_fitted_to_all_of_its_rows(as_frame, strategy):
    pd = pytest.importorskip("pandas")
    table = (
        pd.DataFrame(X).add_prefix("x").assign(kind=np.where(X[:, 0] > 0, "a", "b"))
        if as_frame
        else X
    )
    params = dict(source=SOURCE, strategy=strategy, **QUICK)
    model = TransferMLPClassifier(**params)
    for rows in (slice(0, 30), slice(30, 60), slice(60, 90)):
        model = pickle.loads(pickle.dumps(model))
        model.partial_fit(table[rows], y[rows], classes=[0, 1, 2])
    whole = TransferMLPClassifier(**params).fit(table[:90], y[:90])
    np.testing.assert_allclose(
        model.predict_proba(table), whole.predict_proba(table), rtol=1e-5, atol=1e-6
    )
    weights = model.member_weights_
    model.partial_fit(table[90:95], y[90:95])  # too few more to fit all of them again
    assert list(model.member_weights_) == list(weights) and model.member_weights_ != weights
    assert vars(model)["_rows"].table.n_samples == 95


@pytest.mark.slow
def test_the_rows_of_a_stream_are_kept_while_they_are_few_and_never_saved(tmp_path):
    model = TransferMLPClassifier(source=SOURCE, strategy=FEW_MEMBERS, **QUICK)
    model.partial_fit(X[:60], y[:60], classes=[0, 1, 2])
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert "_rows" in vars(model) and "_rows" not in vars(loaded)
    loaded.partial_fit(X[60:120], y[60:120])  # resumes: its first rows are not there
    assert set(loaded.member_weights_) == set(model.member_weights_)
    for _ in range(4):
        model.partial_fit(X, y)
    assert "_rows" not in vars(model)
