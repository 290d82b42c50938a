"""Laws of the transferability scores, and what breaks other implementations."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import multivariate_normal
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

from sktransfer.metrics import (
    column_shift_score,
    h_score,
    leep_score,
    logme_score,
    nce_score,
    probe_gain_score,
)
from sktransfer.metrics._arrays import standardised
from sktransfer.metrics._logme import _evidence
from sktransfer.metrics._probe import _leave_one_out_r2

FEW = settings(max_examples=25, deadline=None, derandomize=True, database=None)


def _raw_columns(n):
    return np.random.default_rng(7).normal(size=(n, 3))


def _probe_gain(features, y, task="auto"):
    return probe_gain_score(features, _raw_columns(len(features)), y, task=task)


def _proba(features):
    """Probabilities of as many source classes as there are features."""
    z = np.clip(features, -700, 700)
    p = np.exp(z - z.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


#: Each as a function of (features, y).
SCORES = {
    "logme": logme_score,
    "h_score": h_score,
    "probe_gain": _probe_gain,
    "leep": lambda features, y, task="auto": leep_score(_proba(features), y, task=task),
    "nce": lambda features, y, task="auto": nce_score(features.argmax(axis=1), y, task=task),
}
on_every_score = pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)


@st.composite
def tables(draw):
    """Features and a target: few rows, constant and repeated features, huge and tiny values."""
    n, d = draw(st.integers(1, 12)), draw(st.integers(1, 15))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    features = rng.normal(size=(n, d)) * 10.0 ** draw(st.sampled_from([-300, -8, 0, 8, 307]))
    if draw(st.booleans()):
        features[:, : d // 2] = draw(st.sampled_from([0.0, 0.1, -1e300]))
    if draw(st.booleans()):
        features[:, d // 2 :] = features[:, [-1]]
    if draw(st.booleans()):
        features = np.round(features)
    kind = draw(st.sampled_from(["labels", "text", "numbers", "outputs", "indicators", "same"]))
    y = {
        "labels": rng.integers(0, 4, n),
        "text": rng.choice(["a", "b", "only once"], n),
        "numbers": rng.normal(size=n) * 10.0 ** draw(st.sampled_from([-300, 0, 300])),
        "outputs": rng.normal(size=(n, 2)),
        "indicators": rng.integers(0, 2, (n, 3)),
        "same": np.full(n, 0.5),
    }[kind]
    return features, y


@on_every_score
@given(table=tables())
@FEW
def test_every_score_of_valid_data_is_finite(score, table):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = score(*table)
    assert isinstance(value, float) and np.isfinite(value)


@on_every_score
@given(table=tables(), seed=st.integers(0, 100))
@FEW
def test_the_order_of_rows_does_not_matter(score, table, seed):
    features, y = table
    order = np.random.default_rng(seed).permutation(len(y))
    if score is _probe_gain:
        again = probe_gain_score(features[order], _raw_columns(len(y))[order], y[order])
    else:
        again = score(features[order], y[order])
    assert_allclose(again, score(features, y), atol=1e-6)


@on_every_score
@given(seed=st.integers(0, 1000))
@FEW
def test_names_of_labels_do_not_matter(score, seed):
    rng = np.random.default_rng(seed)
    features, y = rng.normal(size=(30, 6)), rng.integers(0, 3, 30)
    renamed = np.array(["z", "m", "a"])[y]
    assert_allclose(score(features, renamed), score(features, y), atol=1e-9)


@on_every_score
@given(seed=st.integers(0, 1000))
@FEW
def test_the_order_of_features_does_not_matter(score, seed):
    rng = np.random.default_rng(seed)
    features, y = rng.normal(size=(20, 6)), rng.normal(size=20)
    order = rng.permutation(6)
    assert_allclose(score(features[:, order], y), score(features, y), atol=1e-8)


@pytest.mark.parametrize("score", [logme_score, h_score, _probe_gain])
@given(seed=st.integers(0, 1000))
@FEW
def test_units_of_features_and_of_numbers_do_not_matter(score, seed):
    rng = np.random.default_rng(seed)
    features, y = rng.normal(size=(25, 5)), rng.normal(size=25)
    moved = features * rng.uniform(0.1, 10, 5) + rng.normal(size=5)
    assert_allclose(score(moved, 3 - 100 * y if score is not h_score else y), score(features, y),
                    atol=1e-6)  # fmt: skip


@on_every_score
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_features_related_to_the_target_score_above_noise(score, task):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 120) if task == "classification" else rng.normal(size=120)
    signal = np.eye(3)[y] if task == "classification" else np.column_stack([y, -y, 0 * y])
    strengths = [0.0, 1.0, 4.0]
    noise = rng.normal(size=(120, 3))
    values = [score(s * signal + noise, y, task=task) for s in strengths]
    assert values[0] < values[1] < values[2]


@on_every_score
def test_a_label_that_is_declared_but_missing_changes_nothing(score):
    features = np.random.default_rng(0).normal(size=(12, 4))
    labels = pd.Series(["a", "b", "c"] * 4)
    declared = labels.astype(pd.CategoricalDtype(["a", "absent", "b", "c"]))
    assert score(features, declared) == score(features, labels.to_numpy())


@on_every_score
def test_a_column_of_one_output_is_the_same_as_a_flat_target(score):
    rng = np.random.default_rng(0)
    features, y = rng.normal(size=(12, 4)), rng.normal(size=12)
    assert score(features, y[:, None]) == score(features, y)


@on_every_score
def test_several_outputs_count_equally(score):
    rng = np.random.default_rng(0)
    features, Y = rng.normal(size=(20, 4)), rng.normal(size=(20, 2)) * [1, 1000]
    assert_allclose(score(features, Y), np.mean([score(features, y) for y in Y.T]))


@on_every_score
@pytest.mark.parametrize(
    "y, message",
    [
        ([0.5, np.nan, 1.5], "missing or infinite"),
        ([0.5, np.inf, 1.5], "missing or infinite"),
        (["a", None, "b"], "missing or infinite"),
        (["a", 1, "b"], "mixed types|NaN"),
        (np.zeros((3, 1, 1)), "shape|dim"),
        ([1, 2], "inconsistent numbers of samples"),
    ],
)
def test_a_bad_target_is_refused(score, y, message):
    y = np.array(y, dtype=object) if "a" in y else y
    with pytest.raises(ValueError, match=message):
        score(np.arange(9.0).reshape(3, 3), y)


@pytest.mark.parametrize("score", [logme_score, h_score, _probe_gain])
def test_missing_features_are_refused(score):
    with pytest.raises(ValueError, match="features contains NaN"):
        score(np.array([[1.0, np.nan], [2.0, 3.0]]), [0, 1])


@on_every_score
def test_an_unknown_task_and_texts_for_numbers_are_refused(score):
    features = np.eye(3)
    with pytest.raises(ValueError, match="task must be one of"):
        score(features, [0, 1, 2], task="ranking")
    with pytest.raises(ValueError, match="expected numbers"):
        score(features, ["a", "b", "c"], task="regression")


@pytest.mark.parametrize("score", [logme_score, h_score])
def test_whole_floats_of_many_values_are_amounts(score):
    X, y = load_diabetes(return_X_y=True)  # whole numbers as floats
    assert score(X, y) == score(X, y, task="regression") != score(X, y.astype(int))
    assert score(X, y // 100) == score(X, y // 100, task="classification")


def test_logme_is_the_greatest_log_evidence_of_a_bayesian_linear_model():
    """Against the marginal density of y, a normal one, over both precisions."""
    rng = np.random.default_rng(1)
    Z = standardised(rng.normal(size=(20, 3)))
    y = standardised((Z @ [1.0, 0.5, 0] + 0.7 * rng.normal(size=20))[:, None])
    U, s, _ = np.linalg.svd(Z, full_matrices=False)
    best = max(
        multivariate_normal.logpdf(y[:, 0], cov=Z @ Z.T * weight + np.eye(20) * noise)
        for weight in np.logspace(-3, 1, 40)
        for noise in np.logspace(-1.5, 0.5, 40)
    )
    assert_allclose(_evidence(U, s**2, y), best / 20, atol=2e-3)


def test_the_probe_is_ridge_regression_left_one_out():
    rng = np.random.default_rng(2)
    Z = standardised(rng.normal(size=(15, 4)))
    y = Z @ [1.0, -1, 0, 0] + rng.normal(size=15)
    y -= y.mean()
    mean = np.array([np.delete(y, i).mean() for i in range(15)])
    r2 = []
    for alpha in np.logspace(-4, 4, 25) * 15:
        left_out = [
            Ridge(alpha).fit(np.delete(Z, i, 0), np.delete(y, i)).predict(Z[i : i + 1])[0]
            for i in range(15)
        ]
        r2.append(1 - np.sum((y - left_out) ** 2) / np.sum((y - mean) ** 2))
    assert_allclose(_leave_one_out_r2(Z, y[:, None]), max(r2), atol=1e-10)


def test_leep_of_certain_probabilities_is_nce():
    rng = np.random.default_rng(0)
    given_labels, y = rng.integers(0, 3, 50), rng.integers(0, 4, 50)
    assert_allclose(leep_score(np.eye(5)[given_labels], y), nce_score(given_labels, y))


def test_what_is_no_probability_is_refused():
    for proba in ([[0.5, 0.6], [1, 0]], [[-0.5, 1.5], [1, 0]]):
        with pytest.raises(ValueError, match="rows that sum to 1"):
            leep_score(proba, [0, 1])


def test_nce_needs_one_label_a_row():
    with pytest.raises(ValueError, match="one label a row"):
        nce_score([[0, 1], [1, 0]], [0, 1])


@given(tables(), tables())
@FEW
def test_column_shift_is_finite_and_negative_for_any_table(one, other):
    d = min(one[0].shape[1], other[0].shape[1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = column_shift_score(one[0][:, :d], other[0][:, :d])
    assert np.isfinite(value) and value <= 0


def test_column_shift_counts_standard_deviations_of_the_source():
    X = np.random.default_rng(0).normal(5, 3, size=(200, 4))
    assert column_shift_score(X, X) == 0
    assert_allclose(column_shift_score(X, X + X.std(axis=0) * [0, 1, -2, 1]), -1.0)
    with_gaps = np.vstack([X, np.full((5, 4), np.nan)])
    assert column_shift_score(with_gaps, X) == 0
    assert column_shift_score(np.full((3, 1), np.nan), np.ones((3, 1))) == 0


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_column_shift_compares_columns_of_the_same_name(frame):
    ours = frame({"b": [2.0, 2.0], "mine": [0.0, 0.0]})
    assert column_shift_score(frame({"a": [9.0, 9.0], "b": [0.0, 2.0]}), ours) == -1
    with pytest.raises(ValueError, match="no column in common"):
        column_shift_score(frame({"c": [1.0]}), ours)
    with pytest.raises(ValueError, match="has 1 columns and X_target 2"):
        column_shift_score(np.ones((2, 1)), np.ones((2, 2)))
