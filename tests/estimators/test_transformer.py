"""``SharedLayerTransformer``: scikit-learn's checks, names, and what comes through the layers."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from sktransfer import SharedLayerTransformer, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import TransferWarning
from sktransfer.sources import SourceDescription

QUICK = {"hidden_layer_sizes": (8, 6), "max_iter": 20, "random_state": 0}
MIXED = pd.DataFrame(
    {
        "age": [1.0, 4, 9, 3, 7, np.nan],
        "fuel": ["petrol", "diesel", "petrol", None, "electric", "diesel"],
        "sold": pd.to_datetime(["2024-03-01", "2024-05-17"] * 3),
    }
)
PRICES = [20.0, 14.0, 6.0, 16.0, 19.0, 11.0]


@pytest.fixture(scope="module")
def wine():
    return load_wine(return_X_y=True, as_frame=True)


@pytest.fixture(scope="module")
def source(wine):
    return TransferMLPClassifier(**QUICK).fit(*wine)


def _small_source():
    X = np.random.default_rng(0).normal(size=(40, 2))
    return TransferMLPClassifier(**QUICK).fit(X, X[:, 0] > 0)


@pytest.mark.filterwarnings("ignore::sktransfer.exceptions.TransferWarning")
@parametrize_with_checks(
    [
        SharedLayerTransformer(),
        SharedLayerTransformer(_small_source()),
        SharedLayerTransformer(_small_source(), passthrough=True, layers="outputs"),
    ]
)
def test_scikit_learns_checks_pass(estimator, check):
    check(estimator)


def test_the_outputs_of_the_sources_own_table_are_its_predictions(wine, source):
    X, _ = wine
    answers = SharedLayerTransformer(source, layers="outputs").fit_transform(X)
    assert_allclose(answers, source.predict_proba(X), atol=1e-10)
    shuffled = X[sorted(X.columns)]
    again = SharedLayerTransformer(source, layers="outputs").fit(shuffled).transform(shuffled)
    assert_allclose(again, answers, atol=1e-10)


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_numbers_come_in_the_unit_of_the_source(loss):
    X, y = load_diabetes(return_X_y=True)
    regressor = TransferMLPRegressor(loss, **QUICK).fit(X, y)
    out = SharedLayerTransformer(regressor, layers="outputs").fit_transform(X)
    assert_allclose(out[:, 0], regressor.predict(X), rtol=1e-9)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_pipeline_of_scikit_learn_is_a_source_too(wine):
    X, y = wine
    pipeline = make_pipeline(StandardScaler(), MLPClassifier((5,), max_iter=5)).fit(X, y)
    out = SharedLayerTransformer(pipeline, layers="outputs").fit_transform(X)
    assert_allclose(out, pipeline.predict_proba(X), atol=1e-10)


def test_columns_are_named_and_hidden_layers_are_the_sources(wine, source):
    X, _ = wine
    transformer = SharedLayerTransformer(source).set_output(transform="pandas").fit(X)
    frame = transformer.transform(X)
    hidden = [f"source_hidden0_{i}" for i in range(8)] + [f"source_hidden1_{i}" for i in range(6)]
    outputs = ["source_output_0", "source_output_1", "source_output_2"]
    assert list(frame.columns) == hidden + outputs == list(transformer.get_feature_names_out())
    last = frame.filter(like="hidden1").to_numpy() @ source.coefs_[-1] + source.intercepts_[-1]
    assert_array_equal(last.argmax(axis=1), source.predict(X))
    assert (frame.filter(like="hidden") >= 0).all(axis=None)


@pytest.mark.parametrize("layers, n", [("all", 17), ("hidden", 14), ("outputs", 3)])
def test_layers_says_what_comes_out(wine, source, layers, n):
    X, _ = wine
    transformer = SharedLayerTransformer(source, layers=layers).fit(X)
    assert transformer.transform(X).shape == (178, n)
    transformer.set_params(passthrough=True).fit(X)
    out = transformer.transform(X)
    assert_array_equal(out[:, :13], X)
    assert out.shape == (178, 13 + n) and len(transformer.get_feature_names_out()) == 13 + n


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.from_pandas])
def test_mixed_frames_of_other_columns_are_matched_by_name(frame):
    old = TransferMLPRegressor(**QUICK).fit(frame(MIXED), PRICES)
    mine = frame(MIXED[["fuel", "age"]].assign(doors=[3, 5, 5, 5, 3, 5]))
    output = "pandas" if frame is pd.DataFrame else "polars"
    transformer = SharedLayerTransformer(old, passthrough=True).set_output(transform=output)
    out = transformer.fit(mine).transform(mine)
    assert type(out) is type(mine)
    names = list(out.columns)
    assert names[:5] == ["fuel=diesel", "fuel=electric", "fuel=petrol", "age", "doors"]
    assert np.isfinite(out.to_numpy()[:, 5:]).all()
    moved = mine.with_columns(doors=pl.lit(4)) if output == "polars" else mine.assign(doors=4)
    again = transformer.transform(moved)
    assert_array_equal(again.to_numpy()[:, 5:], out.to_numpy()[:, 5:])  # unknown to the source


def test_without_a_source_and_with_nothing_in_common_the_columns_come_through(source):
    out = SharedLayerTransformer().set_output(transform="pandas").fit_transform(MIXED[["age"]])
    pd.testing.assert_frame_equal(out, MIXED[["age"]])
    with pytest.warns(TransferWarning, match="Only the table's own columns are given"):
        out = SharedLayerTransformer(source).fit_transform(MIXED[["age"]])
    assert out.shape == (6, 1)


def test_outputs_of_unknown_meaning_are_numbered():
    rng = np.random.default_rng(0)
    unknown = SourceDescription([(rng.normal(size=(3, 4)), np.zeros(4)), (np.eye(4), np.ones(4))])
    X = rng.normal(size=(5, 3))
    transformer = SharedLayerTransformer(unknown).fit(X)
    out = transformer.transform(X)
    assert_allclose(out[:, 4:], out[:, :4] + 1)
    assert transformer.get_feature_names_out()[-1] == "source_output_3"


def test_one_layer_without_hidden_ones_gives_outputs():
    linear = SourceDescription([(np.ones((3, 1)), np.zeros(1))])
    out = SharedLayerTransformer(linear).fit_transform(np.eye(3))
    assert_allclose(out, np.ones((3, 1)))


def test_sparse_tables_give_the_same_as_dense_ones():
    small = _small_source()
    X = np.array([[0.0, 1.0], [2.0, 0.0], [0.0, 0.0]])
    transformer = SharedLayerTransformer(small, passthrough=True).fit(X)
    assert_allclose(transformer.transform(sparse.csr_matrix(X)), transformer.transform(X))


def test_clone_search_and_pickling_keep_the_source(wine, source):
    X, y = wine
    model = make_pipeline(
        SharedLayerTransformer(source, layers="hidden"), LogisticRegression(max_iter=500)
    )
    assert clone(model)[0].source is source
    grid = {"sharedlayertransformer__source": [None, FrozenEstimator(source)]}
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(X[::3], y[::3])
    again = pickle.loads(pickle.dumps(search))
    assert_array_equal(again.predict(X), search.predict(X))
    assert not [name for name in model[0].get_params() if "source__" in name]
    with pytest.raises(ValueError, match="belongs to you"):
        model.set_params(sharedlayertransformer__source__alpha=1)


def test_an_unfitted_source_and_an_unfitted_transformer_say_so(wine):
    X, _ = wine
    with pytest.raises(NotFittedError, match="`source` is not fitted"):
        SharedLayerTransformer(MLPRegressor()).fit(X)
    with pytest.raises(NotFittedError):
        SharedLayerTransformer().transform(X)


def test_the_source_is_unchanged(wine, source):
    before = pickle.dumps(source.coefs_)
    SharedLayerTransformer(source).fit_transform(wine[0])
    assert pickle.dumps(source.coefs_) == before


def test_boosting_on_a_source_of_the_same_question_beats_boosting_alone():
    """On real data: wines of three cultivars, few rows, a source that knows them by half of
    the columns."""
    X, y = load_wine(return_X_y=True, as_frame=True)
    source = TransferMLPClassifier(max_iter=60, random_state=0).fit(X.iloc[::2, :8], y[::2])
    few, rest = X.index[1::12], X.index[3::2]
    booster = HistGradientBoostingClassifier(min_samples_leaf=2, random_state=0)
    alone = clone(booster).fit(X.loc[few], y[few]).score(X.loc[rest], y[rest])
    transformer = SharedLayerTransformer(source, layers="outputs", passthrough=True)
    model = make_pipeline(transformer, booster).fit(X.loc[few], y[few])
    assert model.score(X.loc[rest], y[rest]) > alone


@pytest.mark.parametrize("text", [False, True])
def test_columns_that_pass_through_keep_the_tables_order(text):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(30, 3)), columns=["c", "a", "b"])
    if text:
        table.insert(1, "town", rng.choice(["Ulm", "Bonn", "Kiel"], 30))
    source = TransferMLPClassifier((4,), max_iter=2, random_state=0)
    source.fit(table, np.arange(30) % 2)
    transformer = SharedLayerTransformer(source, passthrough=True).fit(table)
    names = transformer.get_feature_names_out().tolist()
    towns = ["town=Bonn", "town=Kiel", "town=Ulm"] if text else []
    assert names[: 3 + len(towns)] == ["c", *towns, "a", "b"]
    out = pd.DataFrame(transformer.transform(table), columns=names)
    assert_allclose(out[["a", "b", "c"]], table[["a", "b", "c"]])
    if text:
        assert_array_equal(out["town=Ulm"], table["town"] == "Ulm")


@pytest.mark.parametrize("is_network", [True, False])
def test_numbers_of_a_mixed_table_keep_their_digits(is_network):
    X = pd.DataFrame({"at": 1e9 + np.arange(40.0), "kind": ["a", "b"] * 20})
    y = 1e9 + np.arange(40.0)
    steps = make_column_transformer((OneHotEncoder(), ["kind"]), remainder=StandardScaler())
    source = TransferMLPRegressor(**QUICK) if is_network else make_pipeline(steps, Ridge())
    columns = SharedLayerTransformer(source.fit(X, y), layers="outputs", passthrough=True)
    values = columns.fit_transform(X)
    assert_array_equal(values[:, 0], X["at"])
    assert_allclose(values[:, -1], source.predict(X), rtol=0, atol=1e-4)
