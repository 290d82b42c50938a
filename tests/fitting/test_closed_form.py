"""Strategies in closed form: what they predict, and what they are held out for."""

import pickle

import numpy as np
import pytest
from fitted import lighter
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_diabetes, load_digits
from sklearn.ensemble import RandomForestClassifier

import sktransfer
from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.strategies import Recalibrate, Tangent, WeightedEnsemble

X, DIGIT = load_digits(return_X_y=True)
FEW, TEST = slice(900, 960), slice(960, None)
SOURCE = TransferMLPClassifier(32, max_iter=10, random_state=0).fit(X[:900], DIGIT[:900])
NUMBERS, PROGRESS = load_diabetes(return_X_y=True)
NUMBER_SOURCE = TransferMLPRegressor(hidden_layer_sizes=(16, 8), random_state=0).fit(
    NUMBERS[:200], PROGRESS[:200]
)
NAMES = ["tangent", "recalibrate", "smooth", "additive"]
TARGETS = {
    "same": DIGIT,
    "two": np.where(DIGIT > 4, "many", "few"),
    "several": np.column_stack([DIGIT > 4, DIGIT % 2]).astype(int),
}


def _fitted(strategy, y="same", **params):
    model = TransferMLPClassifier(source=SOURCE, strategy=strategy, random_state=0, **params)
    return model.fit(X[FEW], TARGETS[y][FEW])


@pytest.mark.parametrize("y", TARGETS)
@pytest.mark.parametrize("strategy", NAMES)
def test_probabilities_are_probabilities_before_and_after_saving(strategy, y, tmp_path):
    model = _fitted(strategy, y)
    p = model.predict_proba(X[TEST])
    assert (p >= 0).all() and (p <= 1).all()
    if y != "several":
        assert_allclose(p.sum(axis=1), 1, atol=1e-6)
        assert model.score(X[TEST], TARGETS[y][TEST]) > (0.5 if y == "two" else 0.6)
    assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(X[TEST]), p)
    model.save(tmp_path)
    assert_array_equal(sktransfer.load(tmp_path).predict_proba(X[TEST]), p)


def test_the_recalibrated_source_is_hardly_worse_than_the_source():
    model = _fitted("recalibrate")
    assert model.score(X[TEST], DIGIT[TEST]) > SOURCE.score(X[TEST], DIGIT[TEST]) - 0.02


@pytest.mark.parametrize("shift", [0, 40])
def test_the_source_as_it_is_counts_less_where_an_update_predicts_better(shift):
    """Also where its error, by which it is still better than a constant, hides in the noise."""
    few = slice(200, 240)
    model = TransferMLPRegressor(source=NUMBER_SOURCE, random_state=0)
    model.fit(NUMBERS[few], PROGRESS[few] + shift)
    assert (model.member_weights_.get("as_is", 0) > 0.2) == (shift == 0)


def test_a_number_in_another_unit_is_recalibrated():
    y = 3 - 7 * PROGRESS
    source = NUMBER_SOURCE.predict(NUMBERS)
    model = TransferMLPRegressor(source=NUMBER_SOURCE, strategy="recalibrate", random_state=0)
    predictions = model.fit(NUMBERS[200:300], y[200:300]).predict(NUMBERS[300:])
    assert np.corrcoef(predictions, source[300:])[0, 1] < -0.999  # the slope is negative
    assert model.score(NUMBERS[300:], y[300:]) > 0.3


@pytest.mark.parametrize("strategy", NAMES)
def test_the_unit_of_a_regression_does_not_matter(strategy):
    made = TransferMLPRegressor(source=NUMBER_SOURCE, strategy=strategy, random_state=0)
    plain = made.fit(NUMBERS[200:260], PROGRESS[200:260]).predict(NUMBERS[300:])
    if strategy == "smooth":  # a source of another unit is no offset of the same kind
        scaled = made.fit(NUMBERS[200:260], 1e6 * PROGRESS[200:260]).predict(NUMBERS[300:])
        assert np.isfinite(scaled).all()
    assert np.isfinite(plain).all()


def test_labels_that_agree_can_be_denied():
    agreed = _fitted("recalibrate").predict_proba(X[TEST])
    denied = _fitted("recalibrate", class_map={}).predict_proba(X[TEST])
    also = _fitted(Recalibrate(same_target=False)).predict_proba(X[TEST])
    assert abs(agreed - denied).max() > 0.01
    assert_allclose(denied, also)


def _restricted(source, classes, X):
    p = source.predict_proba(X)[:, np.isin(source.classes_, classes)]
    return p / p.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("kept", [[0, 1, 2, 3, 4], [3, 8]], ids=["five", "two"])
@pytest.mark.parametrize("layers", [True, False], ids=["network", "forest"])
def test_a_source_of_more_classes_is_restricted_to_those_of_the_target(kept, layers):
    forest = RandomForestClassifier(20, max_depth=6, min_samples_leaf=5, random_state=0)
    source = SOURCE if layers else forest.fit(X[:900], DIGIT[:900])
    those = np.flatnonzero(np.isin(DIGIT, kept))
    few, test = those[those >= 900][:40], those[those >= 900][40:]
    as_it_is = TransferMLPClassifier(source=source, strategy=Recalibrate("none"))
    found = as_it_is.fit(X[few], DIGIT[few]).predict_proba(X[test])
    # logits of the forest's probabilities are bounded
    assert_allclose(found, _restricted(source, kept, X[test]), atol=1e-5 if layers else 0.04)
    letters = np.array(list("abcdefghij"))
    named = {digit: letters[digit] for digit in kept}
    mapped = as_it_is.set_params(class_map=named).fit(X[few], letters[DIGIT[few]])
    assert_array_equal(mapped.predict_proba(X[test]), found)


def test_the_source_as_it_is_needs_all_classes():
    some = np.flatnonzero(DIGIT < 3)
    members = WeightedEnsemble({"as_is": Recalibrate("none"), "smooth": "smooth"})
    for rows, expected in ((some, {"smooth"}), (np.arange(100), {"as_is", "smooth"})):
        both = TransferMLPClassifier(source=SOURCE, strategy=members, random_state=0)
        both.fit(X[rows[:60]], DIGIT[rows[:60]])
        assert set(both.member_weights_) <= expected


def test_an_additive_model_is_a_sum_of_curves():
    rng = np.random.default_rng(0)
    z = rng.uniform(-2, 2, (400, 3))
    z[:, 2] = z[:, 2] > 0
    y = np.sin(2 * z[:, 0]) + z[:, 1] ** 2 + 3 * z[:, 2]
    model = TransferMLPRegressor(strategy="additive", random_state=0).fit(z[:200], y[:200])
    assert model.score(z[200:], y[200:]) > 0.99
    one, other = z[200:300], z[300:]
    crossed, back = one.copy(), other.copy()
    crossed[:, 1], back[:, 1] = other[:, 1], one[:, 1]
    both = model.predict(one) + model.predict(other)
    assert_allclose(model.predict(crossed) + model.predict(back), both, atol=1e-9)
    own = WeightedEnsemble({"curves": "additive", "line": "linear"})
    for n in (199, 200):
        several = TransferMLPRegressor(strategy=own, random_state=0).fit(z[:n], y[:n])
        assert ("curves" in several.member_weights_) == (n == 200)
        assert ("199 rows, too few" in repr(several.transfer_report_.rows)) == (n == 199)


def test_no_training_row_is_in_a_fitted_tangent():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 4))
    source = TransferMLPRegressor(hidden_layer_sizes=8, max_iter=3, random_state=0).fit(
        rows, rows[:, 0]
    )
    model = TransferMLPRegressor(source=source, strategy="tangent", random_state=0)
    model.fit(rows, rows[:, 1] ** 2)
    data = pickle.dumps(model.set_params(source=None))
    assert not any(row.tobytes() in data for row in np.concatenate([rows, rows.astype("f4")]))


def test_weight_two_is_two_rows():
    weight = np.where(np.arange(60) % 3, 1.0, 2.0)
    twice = np.r_[np.arange(60), np.flatnonzero(weight == 2)]
    groups = np.r_[np.arange(60), np.flatnonzero(weight == 2)]
    model = TransferMLPRegressor(source=NUMBER_SOURCE, strategy=Tangent("source"), random_state=0)
    X_few, y_few = NUMBERS[200:260], PROGRESS[200:260]
    weighed = model.fit(X_few, y_few, weight).predict(NUMBERS[300:])
    repeated = model.fit(X_few[twice], y_few[twice], groups=groups).predict(NUMBERS[300:])
    assert np.corrcoef(weighed, repeated)[0, 1] > 0.99


@pytest.mark.slow
def test_many_rows_are_learned_from_in_part_and_all_are_held_out():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(2600, 3))
    y = rows[:, 0] * rows[:, 1]
    source = TransferMLPRegressor(hidden_layer_sizes=16, max_iter=5, random_state=0).fit(
        rows[:500], y[:500]
    )
    members = WeightedEnsemble(["tangent", "smooth", "linear"])
    model = TransferMLPRegressor(source=source, strategy=members, random_state=0).fit(rows, y)
    assert model.score(rows, y) > 0.7
    assert set(model.member_losses_) == {"tangent", "smooth", "linear"}


def test_they_need_no_network_and_say_so():
    model = _fitted("tangent")
    assert not hasattr(model, "net_")
    with pytest.raises(ValueError, match="none of which trains a network"):
        TransferMLPClassifier(source=SOURCE, strategy="tangent").partial_fit(
            X[FEW], DIGIT[FEW], classes=np.arange(10)
        )
    with pytest.raises(ValueError, match="expected a strategy that trains one network"):
        MultiTaskMLP(source=SOURCE, strategy=Tangent()).fit(X[FEW], {"digit": DIGIT[FEW]})


@pytest.mark.slow
def test_a_stream_of_the_same_labels_is_never_far_below_the_source():
    as_is = SOURCE.score(X[TEST], DIGIT[TEST])
    model = TransferMLPClassifier(source=SOURCE, strategy=lighter("auto"), random_state=0)
    for at in range(900, 1080, 60):
        chunk = slice(at, at + 60)
        model.partial_fit(X[chunk], DIGIT[chunk], classes=np.arange(10))
        assert model.score(X[1200:], DIGIT[1200:]) > as_is - 0.03
