"""Columns of sources that have no names, and of tables that have none, by their position."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from sktransfer import SharedLayerTransformer, TransferMLPRegressor
from sktransfer.exceptions import TransferWarning
from sktransfer.strategies import Recalibrate

#: In no order of the alphabet.
NAMES = ["zeta", "mid", "alpha", "beta"]


def _table(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    X = np.random.default_rng(seed).normal([0, 5, 0, 1], [1, 10, 100, 0.1], (n, 4)).round(3)
    return X, X @ [1.0, 0.1, -0.02, 20.0]


def _framed(X: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(X, columns=NAMES)


def _mlp() -> MLPRegressor:
    return MLPRegressor(hidden_layer_sizes=(8,), solver="lbfgs", max_iter=30, random_state=0)


CHAINS = {
    "mlp": lambda: _mlp(),
    "scaler": lambda: make_pipeline(StandardScaler(), _mlp()),
    "pca": lambda: make_pipeline(StandardScaler(), PCA(3), _mlp()),
    "polynomial": lambda: make_pipeline(StandardScaler(), PolynomialFeatures(2), _mlp()),
}


@pytest.mark.parametrize("kind", CHAINS)
def test_a_frame_in_any_order_of_names_reaches_a_nameless_source_in_its_own_order(kind):
    X, y = _table(200, 0)
    source = CHAINS[kind]().fit(X, y)
    X_new, y_new = _table(40, 1)
    as_it_is = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    as_it_is.fit(_framed(X_new), y_new)
    expected = source.predict(X_new)
    np.testing.assert_allclose(as_it_is.predict(_framed(X_new)), expected, rtol=1e-4, atol=1e-4)
    kept = [
        TransferMLPRegressor(source=source, strategy="keep_head", max_iter=2, random_state=0)
        .fit(form(X_new), y_new)
        .predict(form(X_new))
        for form in (np.asarray, _framed)
    ]
    np.testing.assert_allclose(*kept, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "written",
    [
        lambda frame: frame.astype(str),
        lambda frame: frame.convert_dtypes(),
        lambda frame: frame.astype(object),
    ],
    ids=["texts", "nullable", "objects"],
)
def test_numbers_written_otherwise_reach_a_nameless_source(written):
    X, y = _table(200, 0)
    source = CHAINS["scaler"]().fit(X, y)
    X_new, y_new = _table(40, 1)
    as_it_is = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    made = as_it_is.fit(written(_framed(X_new)), y_new).predict(written(_framed(X_new)))
    np.testing.assert_allclose(made, source.predict(X_new), rtol=1e-4, atol=1e-4)


def test_zeros_and_ones_as_texts_are_the_numbers_of_a_nameless_source():
    X, y = _table(200, 0)
    X[:, 2] = X[:, 2] > 0
    source = CHAINS["scaler"]().fit(X, y + X[:, 2])
    frame = _framed(X[:40]).astype({"alpha": int}).astype(str)
    as_it_is = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    made = as_it_is.fit(frame, y[:40]).predict(frame)
    np.testing.assert_allclose(made, source.predict(X[:40]), rtol=1e-4, atol=1e-4)


def test_an_array_reaches_a_source_of_a_source_in_the_order_of_its_table():
    X, y = _table(200, 0)
    first = CHAINS["scaler"]().fit(_framed(X), y)
    second = TransferMLPRegressor(source=first, strategy="l2_sp", max_iter=3, random_state=0)
    second.fit(_framed(X[:60]), y[:60])
    X_new, y_new = _table(40, 1)
    as_it_is = TransferMLPRegressor(source=second, strategy=Recalibrate("none")).fit(X_new, y_new)
    expected = second.predict(_framed(X_new))
    np.testing.assert_allclose(as_it_is.predict(X_new), expected, rtol=1e-4, atol=1e-4)
    layers = [
        np.asarray(SharedLayerTransformer(source=second).fit(form).transform(form))
        for form in (X_new, _framed(X_new))
    ]
    np.testing.assert_allclose(*layers, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", ["scaler", "forest"])
@pytest.mark.parametrize("reversed_labels", [[3, 2, 1, 0], ["3", "2", "1", "0"]])
def test_labels_that_are_positions_in_another_order_are_warned_of_and_the_cure_works(
    kind, reversed_labels
):
    X, y = _table(200, 0)
    source = RandomForestRegressor(5) if kind == "forest" else CHAINS[kind]()
    source.fit(X, y)
    turned = pd.DataFrame(X[:, ::-1], columns=reversed_labels)
    as_it_is = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    with pytest.warns(TransferWarning, match=r"by position.*in another order: '3', '2', '1', '0'"):
        as_it_is.fit(turned, y)
    cured = turned[sorted(turned.columns, key=int)]
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Columns are taken by position")
        as_it_is.fit(cured, y)
        clone(as_it_is).set_params(feature_alignment="position").fit(turned, y)
        clone(as_it_is).fit(turned.set_axis(range(4), axis=1), y)
    np.testing.assert_allclose(as_it_is.predict(cured), source.predict(X), rtol=1e-4, atol=1e-4)


def test_labels_that_are_a_sources_names_reach_it_by_name_or_are_warned_of():
    X, y = _table(200, 0)
    named = pd.DataFrame(X, columns=list("0123"))
    turned = pd.DataFrame(X[:, ::-1], columns=[3, 2, 1, 0])
    forest = RandomForestRegressor(5, random_state=0).fit(named, y)
    as_it_is = TransferMLPRegressor(source=forest, strategy=Recalibrate("none"))
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        made = as_it_is.fit(turned, y).predict(turned)
    np.testing.assert_allclose(made, forest.predict(named), rtol=1e-5)
    as_it_is = clone(as_it_is).set_params(source=CHAINS["scaler"]().fit(named, y))
    with pytest.warns(TransferWarning, match=r"names of the source's.*astype\(str\)"):
        as_it_is.fit(turned, y)
    cured = turned.set_axis(turned.columns.astype(str), axis=1)
    made = as_it_is.fit(cured, y).predict(cured)
    np.testing.assert_allclose(made, as_it_is.source.predict(named), rtol=1e-4, atol=1e-4)
