"""``joblib.hash``, which tells joblib.Memory and scikit-learn whether an object has changed."""

import copy
import pickle

import joblib
import numpy as np
import pytest

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.strategies import WeightedEnsemble

X = np.random.RandomState(0).normal(size=(40, 3))


@pytest.mark.parametrize("n_columns", [1, 3])
@pytest.mark.parametrize("hidden", [(4,), (1,), (4, 1, 3), ()])
@pytest.mark.parametrize(
    ("cls", "y"),
    [
        (TransferMLPClassifier, X[:, 0] > 0),
        (TransferMLPClassifier, np.arange(40) % 3),
        (TransferMLPRegressor, X[:, 0]),
        (TransferMLPRegressor, X[:, :2]),
    ],
    ids=["binary", "multiclass", "one output", "two outputs"],
)
def test_copies_of_a_fitted_estimator_have_its_hash(cls, y, hidden, n_columns):
    model = cls(hidden_layer_sizes=hidden, max_iter=2, random_state=0).fit(X[:, :n_columns], y)
    fingerprint = joblib.hash(model)
    assert joblib.hash(copy.deepcopy(model)) == fingerprint
    assert joblib.hash(pickle.loads(pickle.dumps(model))) == fingerprint


def test_weights_share_their_memory_with_the_net():
    model = TransferMLPRegressor(hidden_layer_sizes=(4, 1), max_iter=2).fit(X, X[:, 0])
    for weight, layer in zip(model.coefs_, model.net_.module_.layers, strict=True):
        assert np.shares_memory(weight, layer.weight.detach().numpy())


def test_a_fit_leaves_the_hash_of_its_source_as_it_was():
    source = TransferMLPRegressor(hidden_layer_sizes=(4,), max_iter=2).fit(X, X[:, 0])
    before = joblib.hash(source)
    target = TransferMLPRegressor(source=source, strategy=WeightedEnsemble(cv=2), max_iter=2).fit(
        X, X[:, 1]
    )
    target.predict(X)
    assert joblib.hash(source) == before
