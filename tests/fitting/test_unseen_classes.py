"""Streams whose first rows lack some of the classes."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from fitted import lighter
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktransfer import TransferMLPClassifier
from sktransfer._fitting._members import Trial
from sktransfer._fitting._unseen_classes import with_source_as_it_is
from sktransfer._preprocessing import Table
from sktransfer._records import TargetSchema
from sktransfer.exceptions import TransferWarning

X, y = load_wine(return_X_y=True)
ORDER = np.random.RandomState(0).permutation(len(y))
OLD, NEW, TEST = ORDER[:60], ORDER[60:120], ORDER[120:]
SOURCE = make_pipeline(StandardScaler(), LogisticRegression()).fit(X[OLD], y[OLD])


def _chunks_by_class(classes, source=SOURCE):
    """A model after each of the classes' rows, a chunk per class."""
    model = TransferMLPClassifier(source=source, strategy=lighter("auto"), random_state=0)
    for label in classes:
        rows = NEW[y[NEW] == label]
        yield model.partial_fit(X[rows], y[rows], classes=[0, 1, 2])


def test_a_stream_that_begins_with_one_class_still_predicts_the_others_as_the_source_does():
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)  # one class says nothing about the source
        (model,) = _chunks_by_class([0])
    np.testing.assert_array_equal(model.predict(X[TEST]), SOURCE.predict(X[TEST]))


def test_a_class_that_has_not_come_is_predicted_while_two_others_are_learned():
    as_is = SOURCE.score(X[TEST], y[TEST])
    scores = [model.score(X[TEST], y[TEST]) for model in _chunks_by_class([1, 0, 2])]
    assert min(scores) > as_is - 0.02


def test_weights_stay_while_a_class_has_not_come():
    model = TransferMLPClassifier(source=SOURCE, strategy=lighter("auto"), random_state=0)
    rows = NEW[y[NEW] != 2]
    model.partial_fit(X[rows[:30]], y[rows[:30]], classes=[0, 1, 2])
    weights = model.member_weights_
    for k in range(30, 36, 2):  # too few new rows to fit again
        model.partial_fit(X[rows[k : k + 2]], y[rows[k : k + 2]])
    assert model.member_weights_ == weights and weights["as_is"] > 0.7


@pytest.mark.parametrize("n_seen, least", [(1, 0.95), (2, 0.85), (3, 0.75)])
def test_the_source_has_more_weight_the_more_classes_are_lacking(n_seen, least):
    labels = np.eye(4)[np.arange(12) % n_seen]
    table = Table(np.zeros((12, 1)), labels, None, None, np.dtype(float))
    target = TargetSchema("multiclass", 4, classes=np.arange(4))
    members = [SimpleNamespace(is_source_alone=alone) for alone in (True, False)]
    trials = [Trial(np.ones(1), labels) for _ in members]
    weights = with_source_as_it_is(np.array([0.1, 0.9]), members, trials, table, target)
    np.testing.assert_allclose(weights, [least, 1 - least])


def test_a_source_that_is_wrong_about_the_first_class_has_little_weight():
    wrong = make_pipeline(StandardScaler(), LogisticRegression()).fit(X[OLD], (y[OLD] + 1) % 3)
    (model,) = _chunks_by_class([0], wrong)
    assert model.member_weights_["as_is"] < 0.3


@pytest.mark.filterwarnings("ignore:This source does not help")
def test_once_every_class_has_come_a_stream_has_the_weights_of_a_fit():
    rows, params = NEW[:30], {"strategy": lighter("auto"), "random_state": 0}
    model = TransferMLPClassifier(source=SOURCE, **params)
    model.partial_fit(X[rows], y[rows], classes=[0, 1, 2])
    whole = TransferMLPClassifier(source=SOURCE, **params).fit(X[rows], y[rows])
    for name, weight in whole.member_weights_.items():
        assert model.member_weights_[name] == pytest.approx(weight, abs=0.05)
