"""A network that predicts nearly the same for all rows starts with less prior weight."""

import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer._fitting import _ensemble, _implied_skill
from sktransfer._records import TargetSchema
from sktransfer.exceptions import TransferWarning

rng = np.random.default_rng(0)
X = rng.normal(size=(2200, 6))
SIGNAL = X[:, 0] + X[:, 1] * X[:, 2]


@pytest.fixture
def factors(monkeypatch):
    """Factors on prior weights of the members of each fit, those with the source."""
    found = []
    compute = _implied_skill.prior_factor_of_source

    def watched(prepared):
        factor = compute(prepared)
        if prepared.uses_source:
            found.append(factor)
        return factor

    monkeypatch.setattr(_ensemble, "prior_factor_of_source", watched)
    return found


@pytest.mark.parametrize("kind", ["binary", "multiclass", "numbers", "other classes"])
@pytest.mark.parametrize("shuffled", [False, True])
def test_shuffled_labels_cost_a_source_its_prior_weight(kind, shuffled, factors):
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
        estimator(source=source, random_state=0).fit(X[2000:2060], y_target)
    assert len(factors) > 0
    for one in caught:
        assert ("predictions hardly differ between" in str(one.message)) == shuffled
    assert max(factors) < 0.5 if shuffled else min(factors) > 0.9, factors


def test_of_several_tasks_each_counts_by_what_it_predicts(monkeypatch):
    skills = []
    compute = _implied_skill.implied_skill
    monkeypatch.setattr(
        _implied_skill, "implied_skill", lambda prepared: skills.append(compute(prepared))
    )
    tasks = {"amount": 5 + 100 * X[:400, 0], "rank": np.digitize(X[:400, 0], [-1, 1])}
    source = MultiTaskMLP((8,), max_iter=200, random_state=0).fit(X[:400], tasks)
    TransferMLPClassifier(source=source).fit(X[2000:2060], X[2000:2060, 0] > 0)
    found = source.predict(X[2000:2060])["amount"]
    of_amounts = np.var(found) / np.var(tasks["amount"])
    chances = source.predict_proba(X[2000:2060])["rank"]
    mean = chances.mean(axis=0)
    of_ranks = 1 - np.sum(chances * np.log(chances)) / 60 / np.sum(mean * np.log(mean))
    assert skills[0] == pytest.approx((of_amounts + of_ranks) / 2, rel=1e-3)


def test_a_shrunken_linear_model_keeps_its_prior_weight(factors):
    y = (SIGNAL > 0).astype(int)
    source = LogisticRegression(C=1e-4).fit(X[:2000], y[:2000])
    TransferMLPClassifier(source=source, random_state=0).fit(X[2000:2060], y[2000:2060])
    assert set(factors) == {1.0}


def test_the_skill_of_probabilities_is_what_they_say_of_the_classes():
    binary = TargetSchema("binary", 1, np.arange(2))
    logits = np.log(np.array([[0.2 / 0.8], [0.8 / 0.2]]))
    known = 1 + (0.2 * np.log2(0.2) + 0.8 * np.log2(0.8))
    assert _implied_skill._entropy_gained(logits, binary) == pytest.approx(known)
    three = TargetSchema("multiclass", 3, np.arange(3))
    assert _implied_skill._entropy_gained(np.eye(3) * 50, three) == pytest.approx(1, abs=1e-6)
    assert _implied_skill._entropy_gained(np.ones((4, 3)), three) == pytest.approx(0, abs=1e-9)
