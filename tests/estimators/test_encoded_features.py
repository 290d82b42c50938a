"""The rows of ``coefs_[0]`` stand in the order of the table's columns, and have names."""

import pickle

import numpy as np
import pandas as pd
import pytest
from fitted import member_of
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

import sktransfer
from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor

N = 80
rng = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "weight": rng.normal(70, 9, N),
        "town": rng.choice(["york", "bath", "hull"], N),
        "age": np.where(rng.random(N) < 0.2, np.nan, rng.normal(40, 12, N)),
        "bmi": rng.normal(25, 3, N),
    }
)
Y = (TABLE["weight"] - 3 * TABLE["bmi"] + 5 * (TABLE["town"] == "york")).to_numpy()
ENCODED = ["weight", "town=bath", "town=hull", "town=york", "age", "bmi", "missingindicator_age"]
SMALL = {"hidden_layer_sizes": (6,), "max_iter": 3, "random_state": 0}


def fitted(source=None, table=TABLE, **params):
    return TransferMLPRegressor(source=source, **SMALL | params).fit(table, Y)


def of_other_order(**params):
    """A source that has seen the same columns in another order."""
    return fitted(table=TABLE[["town", "bmi", "age", "weight"]], **params)


def by_hand(model, table):
    """The standardised prediction, from public weights and the names of their rows."""
    columns, scaling = (getattr(member_of(model).inputs, part) for part in ("columns", "scaling"))
    encoded = dict(
        zip(
            columns.encoded_names,
            columns.transformer.transform(table).T[
                list(columns.order or range(columns.n_encoded))
            ],
            strict=True,
        )
    )
    encoded["missingindicator_age"] = np.isnan(encoded["age"]).astype(float)
    units = dict(
        zip(
            [*columns.encoded_names, "missingindicator_age"],
            zip(scaling.center, scaling.scale, strict=True),
            strict=True,
        )
    )
    rows = []
    for name in model.encoded_feature_names_:
        center, scale = units[name]
        z = (encoded[name] - center) / scale
        rows.append(np.nan_to_num(z / np.sqrt(1 + (z / 4) ** 2)))
    hidden = np.maximum(np.stack(rows, axis=1) @ model.coefs_[0] + model.intercepts_[0], 0)
    return (hidden @ model.coefs_[1] + model.intercepts_[1])[:, 0]


@pytest.mark.parametrize("has_source", [False, True])
def test_rows_of_the_first_weights_have_names_and_the_order_of_the_table(has_source):
    source = of_other_order(numeric_embedding=None) if has_source else None
    model = fitted(source, strategy="full" if has_source else "scratch", numeric_embedding=None)
    assert model.encoded_feature_names_.tolist() == ENCODED
    target = member_of(model).target
    expected = target.center + target.scale * by_hand(model, TABLE)
    assert_allclose(model.predict(TABLE), expected, rtol=1e-4)


@pytest.mark.parametrize("has_source", [False, True])
def test_fourier_features_follow_column_by_column(has_source):
    model = fitted(of_other_order() if has_source else None, strategy="full")
    assert member_of(model).inputs.columns.fourier
    names = model.encoded_feature_names_.tolist()
    assert len(set(names)) == len(names) == len(model.coefs_[0])
    parts = [name.rpartition("_") for name in names[len(ENCODED) :]]
    assert list(dict.fromkeys(column for column, _, _ in parts)) == ["weight", "age", "bmi"]
    of_age = [part for column, _, part in parts if column == "age"]
    n = len(of_age) // 2
    assert of_age == [f"{part}{i}" for part in ("cos", "sin") for i in range(n)]
    source_rows = dict(zip(ENCODED, model.coefs_[0], strict=False))
    ids = member_of(model).inputs.columns.input_ids()
    for column in ("weight", "age", "bmi"):
        at = ids.index((column, "value"))
        assert_array_equal(source_rows[column], member_of(model).coefs[0][at])


def test_a_frozen_first_layer_is_the_sources_row_by_row():
    X, y = load_digits(return_X_y=True)
    frame = pd.DataFrame(X).add_prefix("pixel")
    params = {"hidden_layer_sizes": (8,), "max_iter": 2, "random_state": 0}
    params |= {"standardize": False, "numeric_embedding": None}
    source = TransferMLPClassifier(**params).fit(frame[y < 5], y[y < 5])
    target = TransferMLPClassifier(source=source, strategy="frozen", **params)
    target.fit(frame[y >= 5], y[y >= 5])
    assert_array_equal(target.coefs_[0], source.coefs_[0])
    assert target.encoded_feature_names_.tolist() == frame.columns.tolist()


def test_names_and_order_stay_in_a_stream_a_pickle_and_a_file(tmp_path):
    model = fitted(of_other_order(), strategy="l2_sp").partial_fit(TABLE[:40], Y[:40])
    assert model.encoded_feature_names_.tolist()[: len(ENCODED)] == ENCODED
    model.save(tmp_path / "model")
    for again in (pickle.loads(pickle.dumps(model)), sktransfer.load(tmp_path / "model")):
        assert_array_equal(again.encoded_feature_names_, model.encoded_feature_names_)
        assert_array_equal(again.coefs_[0], model.coefs_[0])
        again.partial_fit(TABLE[40:], Y[40:])
        assert again.encoded_feature_names_.tolist()[: len(ENCODED)] == ENCODED


def test_columns_that_a_transformer_of_the_source_makes_have_its_names():
    steps = PolynomialFeatures(include_bias=False), StandardScaler()
    mlp = MLPRegressor(hidden_layer_sizes=(6,), max_iter=3, random_state=0)
    source = make_pipeline(*steps, mlp).fit(TABLE[["weight", "bmi"]], Y)
    table = TABLE[["town", "bmi", "weight"]]
    model = fitted(source, table, strategy="full", numeric_embedding=None)
    names = model.encoded_feature_names_.tolist()
    assert names[:3] == ENCODED[1:4]
    made = [name.rpartition("[")[2] for name in names[3:]]
    assert made == ["weight]", "bmi]", "weight^2]", "weight bmi]", "bmi^2]"]


def test_a_task_of_several_takes_its_layers_in_the_order_that_it_was_trained_in():
    Y_tasks = {"sum": Y, "old": TABLE["age"].fillna(0).to_numpy() > 40}
    source = of_other_order(numeric_embedding=None)
    several = MultiTaskMLP(source=source, strategy="full", numeric_embedding=None, **SMALL)
    several.fit(TABLE, Y_tasks)
    alone = TransferMLPRegressor(source=several.task("sum"), strategy="keep_head", **SMALL)
    alone.set_params(max_iter=1, learning_rate_init=1e-12).fit(TABLE, Y)
    assert_allclose(alone.predict(TABLE), several.predict(TABLE)["sum"], rtol=1e-4)


def test_nameless_columns_are_numbered():
    model = TransferMLPRegressor(numeric_embedding=None, **SMALL).fit(TABLE[["bmi"]].to_numpy(), Y)
    assert model.encoded_feature_names_.tolist() == ["x0"]


def test_what_has_no_layers_has_no_names_of_their_rows():
    model = fitted(strategy="trees")
    assert not hasattr(model, "encoded_feature_names_")
