"""A network that predicts nearly the same for all rows starts with less prior weight."""

import warnings

import numpy as np
import pytest
from fitted import lighter
from sklearn.linear_model import LogisticRegression

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer._fitting import _ensemble, _implied_skill
from sktransfer._fitting._gain import Gain
from sktransfer._records import TargetSchema
from sktransfer.exceptions import TransferWarning
from sktransfer.strategies import WeightedEnsemble

rng = np.random.default_rng(0)
X = rng.normal(size=(2200, 6))
SIGNAL = X[:, 0] + X[:, 1] * X[:, 2]


@pytest.fixture
def skills(monkeypatch):
    """What the predictions of the source of each member imply, of those that use one."""
    found = []

    def watched(prepared):
        skill = _implied_skill.implied_skill(prepared)
        if prepared.uses_source:
            found.append(skill)
        return skill

    monkeypatch.setattr(_ensemble, "implied_skill", watched)
    return found


@pytest.mark.parametrize("kind", ["binary", "multiclass", "numbers", "other classes"])
@pytest.mark.parametrize("shuffled", [False, True])
def test_shuffled_labels_cost_a_source_its_prior_weight(kind, shuffled, skills):
    y = SIGNAL
    if kind != "numbers":
        y = np.digitize(y, [0] if kind == "binary" else [-0.5, 0.5])
    y_source = np.random.default_rng(1).permutation(y[:2000]) if shuffled else y[:2000]
    y_target = y[2000:2060] == 0 if kind == "other classes" else y[2000:2060]
    estimator = TransferMLPRegressor if kind == "numbers" else TransferMLPClassifier
    source = estimator(hidden_layer_sizes=(16,), max_iter=40, random_state=0)
    source.fit(X[:2000], y_source)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", TransferWarning)
        estimator(source=source, strategy=lighter("auto"), random_state=0).fit(
            X[2000:2060], y_target
        )
    factors = [_implied_skill.prior_factor(skill) for skill in skills]
    assert max(factors) < 0.5 if shuffled else min(factors) > 0.9, factors
    assert any("predictions hardly differ" in str(one.message) for one in caught) == shuffled


def test_of_several_tasks_each_counts_by_what_it_predicts(skills):
    tasks = {"amount": 5 + 100 * X[:400, 0], "rank": np.digitize(X[:400, 0], [-1, 1])}
    source = MultiTaskMLP((8,), max_iter=200, random_state=0).fit(X[:400], tasks)
    few = TransferMLPClassifier(source=source, strategy=lighter("auto"), random_state=0)
    few.fit(X[2000:2060], X[2000:2060, 0] > 0)
    found = source.predict(X[2000:2060])["amount"]
    of_amounts = np.var(found) / np.var(tasks["amount"])
    chances = source.predict_proba(X[2000:2060])["rank"]
    mean = chances.mean(axis=0)
    of_ranks = 1 - np.sum(chances * np.log(chances)) / 60 / np.sum(mean * np.log(mean))
    assert skills[0] == pytest.approx((of_amounts + of_ranks) / 2, rel=1e-3)


def test_a_shrunken_linear_model_keeps_its_prior_weight(skills):
    y = (SIGNAL > 0).astype(int)
    source = LogisticRegression(C=1e-4).fit(X[:2000], y[:2000])
    few = TransferMLPClassifier(source=source, strategy=lighter("auto"), random_state=0)
    few.fit(X[2000:2060], y[2000:2060])
    assert set(skills) == {None}
    assert _implied_skill.prior_factor(None) == 1


def test_the_skill_of_probabilities_is_what_they_say_of_the_classes():
    binary = TargetSchema("binary", 1, np.arange(2))
    logits = np.log(np.array([[0.2 / 0.8], [0.8 / 0.2]]))
    known = 1 + (0.2 * np.log2(0.2) + 0.8 * np.log2(0.8))
    assert _implied_skill._entropy_gained(logits, binary) == pytest.approx(known)
    three = TargetSchema("multiclass", 3, np.arange(3))
    assert _implied_skill._entropy_gained(np.eye(3) * 50, three) == pytest.approx(1, abs=1e-6)
    assert _implied_skill._entropy_gained(np.ones((4, 3)), three) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("skill", "gain", "message"),
    [
        (0.005, 0.1, "can hardly help here: its predictions hardly differ .* lower than without"),
        (
            0.005,
            -0.1,
            "can hardly help here: its predictions hardly differ .* higher than without",
        ),
        (0.3, -0.1, "does not help here, as far as 40 held-out rows show"),
        (None, -0.01, "does not clearly help here, as far as 40 held-out rows show"),
        (0.3, -0.01, None),
        (None, 0.01, None),
    ],
)
def test_a_warning_needs_flat_predictions_or_a_loss_that_is_clearly_higher(
    skill, gain, message, monkeypatch
):
    monkeypatch.setattr(_ensemble, "implied_skill", lambda prepared: skill)
    monkeypatch.setattr(_ensemble, "transfer_gain", lambda *_: Gain(gain, 0.05))
    y = (SIGNAL > 0).astype(int)
    source = TransferMLPClassifier((8,), max_iter=5, random_state=0).fit(X[:100], y[:100])
    model = TransferMLPClassifier(
        source=source, strategy=WeightedEnsemble(["linear", "probe"]), random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        if message is None:
            model.fit(X[2000:2040], y[2000:2040])
            return
        with pytest.raises(TransferWarning, match=message):
            model.fit(X[2000:2040], y[2000:2040])


def test_flat_outputs_of_one_network_are_not_the_predictions_of_an_ensemble(monkeypatch):
    def skill_of(prepared):
        return 0.005 if prepared.source and prepared.source.layers else None

    monkeypatch.setattr(_ensemble, "implied_skill", skill_of)
    monkeypatch.setattr(_ensemble, "transfer_gain", lambda *_: Gain(0.1, 0.05))
    y = (SIGNAL > 0).astype(int)
    members = WeightedEnsemble(["linear", "scratch"])
    source = TransferMLPClassifier((8,), strategy=members, max_iter=5, random_state=0)
    source.fit(X[:100], y[:100])
    few = TransferMLPClassifier(
        source=source,
        strategy=WeightedEnsemble(["linear", "recalibrate", "l2_sp"]),
        max_iter=5,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        few.fit(X[2000:2040], y[2000:2040])
