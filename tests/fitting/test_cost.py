"""What a fit and a prediction cost: no more than they must."""

import numpy as np
import pytest
from fitted import model_of
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression

from sktransfer import TransferMLPClassifier
from sktransfer._fitting import _ensemble
from sktransfer.strategies import WeightedEnsemble

X, y = make_classification(200, 6, n_informative=4, random_state=0)
NAMES = ["l2_sp", "linear", "tangent"]


class Counting(LogisticRegression):
    """Notes how many rows it is asked for."""

    rows: list[int] = []

    def predict_proba(self, X):
        self.rows.append(len(X))
        return super().predict_proba(X)


@pytest.mark.parametrize(
    "strategy", [WeightedEnsemble(cv=2), WeightedEnsemble(["recalibrate", "smooth"])]
)
def test_a_source_that_only_predicts_is_asked_once_for_each_row(strategy):
    source = Counting().fit(X[:100], y[:100])
    model = TransferMLPClassifier(source=source, strategy=strategy, max_iter=5, random_state=0)
    model.fit(X[100:160], y[100:160])
    Counting.rows.clear()
    model.fit(X[100:160], y[100:160])
    assert sum(Counting.rows) <= 60 + 2  # and a row or two to see what it gives
    Counting.rows.clear()
    model.predict_proba(X)
    assert sum(Counting.rows) == len(X)


def test_members_of_little_weight_are_left_out_and_change_no_probability_by_more(monkeypatch):
    weigh = _ensemble._weigh
    weights = np.array([0.6, 0.36, 0.04])
    monkeypatch.setattr(_ensemble, "_weigh", lambda *given: (weights, *weigh(*given)[1:]))
    source = TransferMLPClassifier((16,), max_iter=20, random_state=0).fit(X[:100], y[:100])
    strategy = WeightedEnsemble(NAMES)

    def fitted(together):
        monkeypatch.setattr(_ensemble, "_LEAST_TOGETHER", together)
        return TransferMLPClassifier(
            source=source, strategy=strategy, max_iter=5, random_state=0
        ).fit(X[100:160], y[100:160])

    few, every = fitted(_ensemble._LEAST_TOGETHER), fitted(0.0)
    assert [one.name for one in model_of(few).members] == NAMES[:2]
    assert [one.name for one in model_of(every).members] == NAMES
    change = abs(few.predict_proba(X) - every.predict_proba(X)).max()
    assert 0 < change <= 0.04
    assert few.member_losses_.keys() == every.member_losses_.keys()


def test_members_are_left_out_from_the_least_weight_on_while_they_have_little_together():
    weights = np.array([0.02, 0.5, 0.03, 0.005, 0.4, 0.045])
    assert np.flatnonzero(_ensemble._small(weights, 1, 0.05)).tolist() == [0, 3]
    assert np.flatnonzero(_ensemble._small(weights, 1, 0.06)).tolist() == [0, 2, 3]
    # a stream's may earn their weight later, and the primary member is always there
    assert np.flatnonzero(_ensemble._small(weights, 1, 0.0)).tolist() == [3]
    assert np.flatnonzero(_ensemble._small(weights, 3, 0.05)).tolist() == [0, 2]
