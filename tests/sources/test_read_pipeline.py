"""Pipelines as sources: the preparation travels with the network."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from sktransfer.exceptions import SourceKindError
from sktransfer.sources import describe_source

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def mlp():
    return MLPClassifier((6,), max_iter=5, random_state=0)


class Log(TransformerMixin, BaseEstimator):
    """Stateless, as users write them."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.log1p(np.abs(X))


SCALERS = {
    "standard": [StandardScaler()],
    "standard without mean": [StandardScaler(with_mean=False)],
    "standard without std": [StandardScaler(with_std=False)],
    "robust": [RobustScaler()],
    "robust without centering": [RobustScaler(with_centering=False)],
    "robust without scaling": [RobustScaler(with_scaling=False)],
    "min-max": [MinMaxScaler((-1, 2))],
    "max-abs": [MaxAbsScaler()],
    "two": [StandardScaler(), MinMaxScaler()],
    "two, the other way round": [MinMaxScaler(), StandardScaler()],
    "four": [RobustScaler(), MaxAbsScaler(), "passthrough", MinMaxScaler(), StandardScaler()],
}


@pytest.mark.parametrize("name", SCALERS)
def test_scalers_become_part_of_the_schema(name, table, predictions_of):
    X, y = table
    pipeline = make_pipeline(*SCALERS[name], mlp()).fit(X, y)
    source = describe_source(pipeline)
    assert source.inputs.columns.transformer is None
    np.testing.assert_allclose(predictions_of(source, X), pipeline.predict_proba(X), atol=1e-9)


@pytest.mark.parametrize(
    "name, is_measured",
    [
        ("standard", True),
        ("robust", True),
        ("two, the other way round", True),
        ("standard without mean", True),
        ("standard without std", False),
        ("min-max", False),
        ("max-abs", False),
        ("two", True),
    ],
)
def test_statistics_differ_from_other_scales(name, is_measured, table):
    X, y = table
    inputs = describe_source(make_pipeline(*SCALERS[name], mlp()).fit(X, y)).inputs.scaling
    assert inputs.is_measured is is_measured
    if name == "two, the other way round":
        np.testing.assert_allclose(inputs.center, X.mean(axis=0))
        np.testing.assert_allclose(inputs.scale, X.std(axis=0))


@pytest.mark.parametrize("name", ["standard", "standard without mean", "two"])
def test_missing_column_stands_at_its_mean(name, table):
    X, y = table
    inputs = describe_source(make_pipeline(*SCALERS[name], mlp()).fit(X, y)).inputs.scaling
    raw = inputs.fill_value * inputs.scale + inputs.center
    np.testing.assert_allclose(raw, X.mean(axis=0), atol=1e-9)


def test_missing_column_stands_in_the_middle_of_a_min_max_range(table):
    X, y = table
    inputs = describe_source(make_pipeline(MinMaxScaler((-1, 2)), mlp()).fit(X, y)).inputs.scaling
    np.testing.assert_allclose(inputs.fill_value, 0.5)


TRANSFORMERS = {
    "polynomial": [PolynomialFeatures(2, include_bias=False), StandardScaler()],
    "clipped scaler": [StandardScaler(), MinMaxScaler(clip=True)],
    "stateless": [StandardScaler(), Log()],
    "function": [FunctionTransformer(np.abs), StandardScaler()],
}


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_other_transformers_travel_fitted(name, table, predictions_of):
    X, y = table
    pipeline = make_pipeline(*TRANSFORMERS[name], mlp()).fit(X, y)
    source = describe_source(pipeline)
    assert source.inputs.columns.transformer is not None
    assert source.inputs.columns.n_features == 5
    assert source.inputs.columns.n_encoded == pipeline[-1].n_features_in_
    np.testing.assert_allclose(predictions_of(source, X), pipeline.predict_proba(X), atol=1e-9)


def mixed_pipeline(table, **last):
    X, y = table
    frame = pd.DataFrame(X.copy(), columns=list("abcde"))
    frame["town"] = np.where(y == 1, "Ghent", "Lyon")
    frame.loc[::7, "a"] = np.nan
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), list("abcde")),
        (OneHotEncoder(sparse_output=False), ["town"]),
        verbose_feature_names_out=False,
    )
    return make_pipeline(prepare, MaxAbsScaler(), MLPClassifier(max_iter=5)).fit(frame, y), frame


def test_mixed_table_has_a_raw_and_an_encoded_entrance(table, predictions_of):
    pipeline, frame = mixed_pipeline(table)
    source = describe_source(pipeline)
    assert source.inputs.columns.names == (*"abcde", "town")
    assert source.inputs.columns.encoded_names == (*"abcde", "town=Ghent", "town=Lyon")
    assert source.behind.inputs.columns.names == (*"abcde", "town_Ghent", "town_Lyon")
    np.testing.assert_allclose(
        predictions_of(source, frame), pipeline.predict_proba(frame), atol=1e-9
    )


def test_names_that_the_network_saw_are_those_behind_the_steps(table):
    X, y = table
    frame = pd.DataFrame(X, columns=list("abcde"))
    pipeline = make_pipeline(PCA(2).set_output(transform="pandas"), mlp()).fit(frame, y)
    source = describe_source(pipeline)
    assert source.inputs.columns.names == tuple("abcde")
    assert source.behind.inputs.columns.names == ("pca0", "pca1")


def test_transformer_that_cannot_name_its_columns_leaves_them_nameless_behind_it(table):
    X, y = table
    frame = pd.DataFrame(X, columns=list("abcde"))
    source = describe_source(make_pipeline(StandardScaler(), Log(), mlp()).fit(frame, y))
    assert source.inputs.columns.names == tuple("abcde")
    assert source.behind.inputs.columns.names is None


def test_names_are_not_invented_for_arrays(table):
    inputs = describe_source(make_pipeline(SimpleImputer(), mlp()).fit(*table)).inputs.columns
    assert inputs.names is None
    assert inputs.encoded_names is None


def test_names_at_the_entrance_of_scalers_are_the_encoded_ones_too(table):
    X, y = table
    frame = pd.DataFrame(X, columns=list("abcde"))
    inputs = describe_source(make_pipeline("passthrough", StandardScaler(), mlp()).fit(frame, y))
    assert inputs.inputs.columns.names == inputs.inputs.columns.encoded_names == tuple("abcde")


@pytest.mark.parametrize("skipped", ["passthrough", None])
def test_skipped_steps_do_nothing(skipped, table, predictions_of):
    X, y = table
    pipeline = Pipeline([("nothing", skipped), ("mlp", mlp())]).fit(X, y)
    source = describe_source(pipeline)
    np.testing.assert_allclose(predictions_of(source, X), pipeline.predict_proba(X), atol=1e-12)


INSIDE = {
    "scaler": lambda: [StandardScaler()],
    "transformer": lambda: [PCA(3), StandardScaler()],
    "stateless": lambda: [StandardScaler(), Log()],
}


@pytest.mark.parametrize("inner", INSIDE)
@pytest.mark.parametrize("outer", INSIDE)
def test_pipeline_in_a_pipeline_is_reproduced(outer, inner, table, predictions_of):
    X, y = table
    pipeline = make_pipeline(*INSIDE[outer](), make_pipeline(*INSIDE[inner](), mlp())).fit(X, y)
    source = describe_source(pipeline)
    np.testing.assert_allclose(predictions_of(source, X), pipeline.predict_proba(X), atol=1e-9)


def test_mixed_table_in_front_of_an_inner_pipeline_is_reproduced(table, predictions_of):
    outer, frame = mixed_pipeline(table)
    _, y = table
    inner = make_pipeline(PCA(3), MLPClassifier(max_iter=5))
    pipeline = make_pipeline(outer[0], inner).fit(frame, y)
    source = describe_source(pipeline)
    assert source.inputs.columns.names == (*"abcde", "town")
    np.testing.assert_allclose(
        predictions_of(source, frame), pipeline.predict_proba(frame), atol=1e-9
    )


def test_refitting_the_pipeline_later_does_not_change_its_description(table, predictions_of):
    X, y = table
    pipeline = make_pipeline(QuantileTransformer(n_quantiles=9), mlp()).fit(X, y)
    source, before = describe_source(pipeline), pipeline.predict_proba(X)
    pipeline.fit(X[::-1] ** 2, y)
    np.testing.assert_allclose(predictions_of(source, X), before, atol=1e-9)


def test_pipeline_is_unchanged(table, fingerprint):
    pipeline, _ = mixed_pipeline(table)
    before = fingerprint(pipeline)
    describe_source(pipeline)
    assert fingerprint(pipeline) == before


@pytest.mark.parametrize("scaler", [StandardScaler(), PCA(2)])
def test_unfitted_pipeline_is_refused(scaler, table):
    with pytest.raises(NotFittedError, match="Pipeline given as `source` is not fitted"):
        describe_source(make_pipeline(scaler, mlp()))
    with pytest.raises(NotFittedError, match="Pipeline given as `source` is not fitted"):
        describe_source(make_pipeline(scaler, mlp().fit(*table)))


def test_pipeline_that_ends_in_no_network_is_refused(table):
    X, _ = table
    with pytest.raises(SourceKindError, match=r"Pipeline around a PCA.*Expected inside"):
        describe_source(make_pipeline(StandardScaler(), PCA()).fit(X))
    with pytest.raises(SourceKindError, match="Pipeline around a str"):
        describe_source(make_pipeline(StandardScaler(), "passthrough").fit(X))


def test_pipeline_that_takes_no_table_is_a_source_by_its_predictions():
    pipeline = make_pipeline(CountVectorizer(), MLPRegressor(max_iter=2))
    source = describe_source(pipeline.fit(["a word", "some words", "no word"], [0.0, 1.0, 2.0]))
    assert not source.layers
    assert "ColumnTransformer" in source.no_layers
