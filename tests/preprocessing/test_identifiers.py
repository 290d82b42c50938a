"""Columns that name rows are left out of small tables too, and of tables of numbers."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose

from sktransfer import (
    MultiTaskMLP,
    SharedLayerTransformer,
    TransferMLPClassifier,
    TransferMLPRegressor,
)
from sktransfer.exceptions import ColumnWarning
from sktransfer.model_selection import rank_sources

RNG = np.random.default_rng(0)
N = 20
X = pd.DataFrame({"a": RNG.normal(size=N), "b": RNG.normal(size=N)})
Y = X["a"].to_numpy()
QUICK = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}
IDENTIFIERS = {
    "customer_id": [f"c{7919 * i % 97}" for i in range(N)],
    "PassengerId": np.arange(N) + 100,
    "Unnamed: 0": np.arange(N),
    "id": RNG.permutation(10**6)[:N].astype(float),
    "code": [f"AB-{i:04d}" for i in range(N)],
    "mail": [f"someone{i}@example.org" for i in range(N)],
    "token": [f"{i:032x}" for i in range(N)],
    "note": [f"The customer called {i} times to say that nothing works" for i in range(N)],
}
FEATURES = {
    "town": [f"Town {chr(65 + i)}" for i in range(N)],
    "zip": [f"0{1000 + 13 * i}" for i in range(N)],
    "store_id": np.arange(N) % 5,
    "paid": np.arange(N),
    "income": RNG.permutation(10**5)[:N],
    "acid": np.arange(N),
    "humid": np.arange(N),
    "length_id": RNG.normal(size=N),
    "refractive index": np.arange(N),
}
FORMS = {
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "pyarrow": lambda columns: pa.table({name: list(v) for name, v in columns.items()}),
}


def _with(name, form="pandas"):
    values = IDENTIFIERS[name] if name in IDENTIFIERS else FEATURES[name]
    return FORMS[form]({"a": X["a"], name: values, "b": X["b"]})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", IDENTIFIERS)
def test_identifiers_of_few_rows_are_left_out_and_named(name, form):
    table = _with(name, form)
    with pytest.warns(ColumnWarning, match=f"identifiers or free text are left out: '{name}'"):
        model = TransferMLPRegressor(**QUICK).fit(table, Y)
    assert_allclose(
        model.predict(table), TransferMLPRegressor(**QUICK).fit(X, Y).predict(X), atol=1e-4
    )
    (row,) = [row for row in model.transfer_report_.rows if row.part == "reading"]
    assert (row.name, row.status) == (name, "left out")


@pytest.mark.parametrize("name", FEATURES)
def test_other_columns_of_different_entries_are_kept(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error", ColumnWarning)
        model = TransferMLPRegressor(**QUICK).fit(_with(name), Y)
    assert not [row for row in model.transfer_report_.rows if row.status == "left out"]


@pytest.mark.parametrize(
    "fit",
    [
        lambda table: TransferMLPClassifier(**QUICK).fit(table, Y > 0),
        lambda table: MultiTaskMLP(**QUICK).fit(table, {"t": Y}),
        lambda table: TransferMLPRegressor(**QUICK).partial_fit(table, Y),
        lambda table: TransferMLPRegressor(**QUICK).fit(X.assign(id=Y), Y, X_val=table, y_val=Y),
        lambda table: TransferMLPRegressor(source=SOURCE, **QUICK).fit(table, Y),
        lambda table: SharedLayerTransformer(SOURCE).fit(table),
        lambda table: rank_sources({"one": SOURCE}, table, Y),
    ],
    ids=["classifier", "tasks", "stream", "validation", "source", "layers", "rank"],
)
def test_every_entrance_takes_a_table_with_an_identifier(fit):
    fit(_with("id")[["a", "b", "id"]])


SOURCE = TransferMLPRegressor(**QUICK).fit(X, Y)


def test_what_the_source_has_learned_from_is_kept():
    table = _with("id")
    numbers = table.to_numpy()
    source = TransferMLPRegressor(**QUICK).fit(table.rename(columns={"id": "amount"}), Y)
    names = {"amount": "id"}
    with warnings.catch_warnings():
        warnings.simplefilter("error", ColumnWarning)
        model = TransferMLPRegressor(
            source=source, strategy="keep_head", column_map=names, **QUICK
        ).fit(table, Y)
    assert model.coefs_[0].shape == TransferMLPRegressor(**QUICK).fit(numbers, Y).coefs_[0].shape


def test_a_table_of_an_identifier_alone_is_learned_from():
    with warnings.catch_warnings():
        warnings.simplefilter("error", ColumnWarning)
        model = TransferMLPRegressor(**QUICK).fit(pd.DataFrame({"id": np.arange(N)}), Y)
    assert model.n_features_in_ == 1
