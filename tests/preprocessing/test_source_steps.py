"""A source's own preprocessing steps on a table that they do not take."""

import numpy as np
import pandas as pd
import pytest
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sktransfer import SharedLayerTransformer, TransferMLPClassifier
from sktransfer.exceptions import TransferError


def _above_zero(X):
    X = np.asarray(X, dtype=np.float64)
    if (X < 0).any():
        raise ValueError("a price below zero")
    return np.sqrt(X)


@pytest.fixture
def table():
    X = pd.DataFrame(np.random.default_rng(0).uniform(size=(40, 2)), columns=["price", "size"])
    return X, (X["price"] > 0.5).to_numpy()


@pytest.fixture
def pipeline(table):
    X, y = table
    return make_pipeline(FunctionTransformer(_above_zero), MLPClassifier((4,), max_iter=5)).fit(
        X, y
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("strategy", ["l2_sp", "auto"])
def test_an_error_of_the_sources_own_steps_is_one_of_transfer(pipeline, table, strategy):
    X, y = table
    model = TransferMLPClassifier(source=pipeline, strategy=strategy, max_iter=2)
    with pytest.raises(TransferError, match=r"FunctionTransformer.*raised: a price below zero"):
        model.fit(X - 1, y)


@pytest.mark.filterwarnings("ignore")
def test_an_error_of_the_sources_own_steps_at_predict_is_the_same(pipeline, table):
    X, _ = table
    model = SharedLayerTransformer(source=pipeline).fit(X)
    with pytest.raises(TransferError, match=r"FunctionTransformer.*raised: a price below zero"):
        model.transform(X - 1)
