"""Sparse tables: the same as dense ones, in the memory of what is stored."""

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from sktransfer import TransferMLPClassifier
from sktransfer._preprocessing import encode
from sktransfer.sources import describe_source
from sktransfer.strategies import Trees

SMALL = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}


def _table(n_samples=60, n_features=8):
    X = sparse.random(n_samples, n_features, density=0.4, format="csr", random_state=0)
    y = np.arange(n_samples) % 2
    return X, y


@pytest.mark.parametrize("missing", [False, True])
def test_inputs_of_a_sparse_table_are_those_of_the_dense_one(missing):
    X, y = _table()
    if missing:
        X.data[::5] = np.nan
    model = TransferMLPClassifier(**SMALL).fit(X.toarray(), y)
    inputs = describe_source(model).inputs
    assert inputs.columns.fourier
    assert bool(inputs.columns.missing_indicators) is missing
    ours = encode(X, inputs, np.float64)
    assert_array_equal(ours, encode(X.toarray(), inputs, np.float64))
    same = TransferMLPClassifier(**SMALL).fit(X, y)
    assert describe_source(same).inputs.columns.fourier == inputs.columns.fourier
    assert_allclose(same.predict_proba(X), model.predict_proba(X.toarray()), rtol=1e-6)


@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
def test_repeated_entries_are_summed_and_the_users_matrix_stays_as_it_is(form):
    X, y = _table()
    X = X.tocoo()
    twice = sparse.coo_array(
        (
            np.r_[50 * X.data, -49 * X.data],
            (np.r_[X.coords[0], X.coords[0]], np.r_[X.coords[1], X.coords[1]]),
        ),
        shape=X.shape,
    )
    if form != "coo":  # without summing them on the way
        order = np.lexsort(twice.coords if form == "csc" else twice.coords[::-1])
        major = twice.coords[1 if form == "csc" else 0][order]
        pointers = np.searchsorted(major, np.arange(X.shape[form == "csc"] + 1))
        minor = twice.coords[0 if form == "csc" else 1][order]
        kind = sparse.csc_array if form == "csc" else sparse.csr_array
        twice = kind((twice.data[order], minor, pointers), shape=X.shape)
    before = twice.copy()
    model = TransferMLPClassifier(**SMALL).fit(twice, y)
    assert twice.nnz == before.nnz == 2 * X.nnz
    assert_array_equal(twice.data, before.data)
    dense = TransferMLPClassifier(**SMALL).fit(X.toarray(), y)
    assert_allclose(model.predict_proba(twice), dense.predict_proba(X.toarray()), rtol=1e-6)


@pytest.mark.slow
def test_a_wide_sparse_table_is_never_dense_as_a_whole():
    X = sparse.random(600, 20_000, density=1e-3, format="csr", random_state=0)
    y = np.arange(600) % 2
    model = TransferMLPClassifier((1,), max_iter=1, batch_size=100, random_state=0)
    tracemalloc.start()
    try:
        model.fit(X, y)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 70e6 < X.shape[0] * X.shape[1] * 8


@pytest.mark.parametrize("strategy", ["scratch", "linear", Trees(5)], ids=str)
@pytest.mark.parametrize("missing", [False, True])
def test_a_wide_sparse_table_is_predicted_without_making_it_dense(strategy, missing):
    X = sparse.random(120, 3000, density=0.003, format="csr", random_state=0)
    X.data[: 7 if missing else 0] = np.nan
    X = sparse.hstack([sparse.random(120, 2, density=0.9, random_state=1), X], format="csr")
    y = np.arange(120) % 2
    model = TransferMLPClassifier((4,), max_iter=2, strategy=strategy, random_state=0).fit(X, y)
    assert describe_source(model).inputs.columns.fourier or strategy != "scratch"
    expected = model.predict_proba(X.toarray())
    tracemalloc.start()
    try:
        found = model.predict_proba(X)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert_allclose(found, expected, rtol=1e-6)
    assert isinstance(strategy, Trees) or peak < X.shape[0] * X.shape[1] * 8 / 4
