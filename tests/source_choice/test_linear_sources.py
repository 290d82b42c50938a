"""Sources without hidden layers: linear networks, and ensembles that train no network."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktransfer import TransferMLPClassifier
from sktransfer.exceptions import SourceLayersError, TransferWarning
from sktransfer.sources import describe_source
from sktransfer.strategies import WeightedEnsemble

_SOURCES = {
    "MLP without hidden layers": make_pipeline(
        StandardScaler(), MLPClassifier((), solver="lbfgs", alpha=1.0, max_iter=2000)
    ),
    "linear read-out": TransferMLPClassifier(strategy="linear", random_state=0),
    "ensemble without networks": TransferMLPClassifier(
        strategy=WeightedEnsemble(["linear", "additive", "trees"]), random_state=0
    ),
}


@pytest.fixture(scope="module", params=_SOURCES)
def given(request):
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    X = X.iloc[:, :8]
    return _SOURCES[request.param].fit(X[:350], y[:350]), X, y


def test_a_linear_source_is_recalibrated(given):
    source, X, y = given
    model = TransferMLPClassifier(source=source, strategy="recalibrate", random_state=0)
    predicted = model.fit(X[350:380], y[350:380]).predict_proba(X[380:])[:, 1]
    as_it_is = source.predict_proba(X[380:])[:, 1]
    rank = np.argsort(as_it_is)
    assert np.ptp(predicted) > 0.5
    assert (np.diff(predicted[rank]) >= -1e-5).all()


def test_an_ensemble_reads_the_predictions_of_a_linear_source(given):
    source, X, y = given
    model = TransferMLPClassifier(source=source, random_state=0).fit(X[350:380], y[350:380])
    assert model.member_weights_["as_is"] > 0
    assert model.score(X[380:], y[380:]) > source.score(X[380:], y[380:]) - 0.03


def test_a_strategy_that_starts_from_hidden_layers_warns_that_there_are_none(given):
    source, X, y = given
    model = TransferMLPClassifier(source=source, strategy="l2_sp", max_iter=2, random_state=0)
    if not describe_source(source).layers:
        with pytest.raises(SourceLayersError, match="predictions and no layers"):
            model.fit(X[350:380], y[350:380])
        return
    with pytest.warns(TransferWarning, match=r"its output layer is its only one.*'keep_head'"):
        model.fit(X[350:380], y[350:380])
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        model.set_params(strategy="keep_head").fit(X[350:380], y[350:380])
