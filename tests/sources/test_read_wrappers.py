"""FrozenEstimator, search objects and TransformedTargetRegressor as sources."""

import warnings

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from sktransfer import TransferMLPRegressor
from sktransfer.exceptions import SourceError, TransferWarning
from sktransfer.sources import describe_source

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def regressor(**parameters):
    return MLPRegressor(hidden_layer_sizes=(6,), max_iter=5, random_state=0, **parameters)


def test_frozen_network_is_the_network(table, predictions_of):
    mlp = MLPClassifier(max_iter=2).fit(*table)
    source = describe_source(FrozenEstimator(FrozenEstimator(mlp)))
    assert source.name == "MLPClassifier"
    np.testing.assert_allclose(predictions_of(source, table[0]), mlp.predict_proba(table[0]))


@pytest.mark.parametrize("search", [GridSearchCV, RandomizedSearchCV])
def test_search_gives_its_best_estimator(search, table, predictions_of):
    X, y = table
    pipeline = make_pipeline(StandardScaler(), MLPClassifier((6,), max_iter=2))
    fitted = search(
        pipeline,
        {"mlpclassifier__alpha": [1e-4]},
        cv=2,
        **({"n_iter": 1} if search is RandomizedSearchCV else {}),
    ).fit(X, y)
    source = describe_source(fitted)
    np.testing.assert_allclose(predictions_of(source, X), fitted.predict_proba(X), atol=1e-12)


def test_search_without_refit_says_so(table):
    search = GridSearchCV(MLPClassifier(max_iter=2), {"alpha": [1e-4]}, cv=2, refit=False)
    with pytest.raises(SourceError, match="refit=False: use refit=True"):
        describe_source(search.fit(*table))


def test_search_over_no_network_is_a_source_by_its_predictions(values):
    X, y = values
    search = GridSearchCV(Ridge(), {"alpha": [1.0]}, cv=2).fit(X, y)
    source = describe_source(search)
    assert "GridSearchCV around a Ridge" in source.no_layers
    np.testing.assert_array_equal(source.predictor.outputs(X)[:, 0], search.predict(X))


@pytest.mark.parametrize(
    "transformer",
    [
        None,
        StandardScaler(),
        StandardScaler(with_mean=False),
        MinMaxScaler((-1, 3)),
        MaxAbsScaler(),
        RobustScaler(),
    ],
)
def test_scaled_target_comes_back_in_its_own_units(transformer, values, predictions_of):
    X, y = values
    model = TransformedTargetRegressor(regressor(), transformer=transformer).fit(X, y)
    source = describe_source(model)
    np.testing.assert_allclose(predictions_of(source, X), model.predict(X), rtol=1e-9)


def test_scalings_of_the_target_compose(values, predictions_of):
    X, y = values
    inner = TransformedTargetRegressor(regressor(), transformer=StandardScaler())
    model = TransformedTargetRegressor(inner, transformer=MinMaxScaler()).fit(X, y)
    source = describe_source(model)
    np.testing.assert_allclose(predictions_of(source, X), model.predict(X), rtol=1e-9)


def test_several_scaled_targets_come_back(values, predictions_of):
    X, y = values
    model = TransformedTargetRegressor(regressor(), transformer=StandardScaler())
    model.fit(X, np.c_[y, y**2])
    np.testing.assert_allclose(predictions_of(describe_source(model), X), model.predict(X))


@pytest.mark.parametrize(
    "transform",
    [
        {"func": np.log, "inverse_func": np.exp},
        {"transformer": QuantileTransformer(n_quantiles=20)},
    ],
)
def test_transformed_target_leaves_outputs_of_unknown_meaning(transform, values):
    X, y = values
    model = TransformedTargetRegressor(regressor(), **transform).fit(X, y + 1000)
    source = describe_source(model)
    assert source.target is None
    assert source.hidden_layer_sizes == (6,)


def test_scaled_target_of_a_poisson_network_has_unknown_meaning(values):
    X, y = values
    pytest.importorskip("sklearn", minversion="1.7")  # where MLPRegressor got its loss
    model = TransformedTargetRegressor(regressor(loss="poisson"), transformer=MinMaxScaler())
    assert describe_source(model.fit(X, y)).target is None


@pytest.mark.parametrize(
    "wrapper",
    [
        FrozenEstimator(MLPClassifier()),
        GridSearchCV(MLPClassifier(), {"alpha": [1]}),
        TransformedTargetRegressor(MLPRegressor()),
    ],
)
def test_unfitted_wrapper_is_refused(wrapper):
    with pytest.raises(NotFittedError, match=r"given as `source` is not fitted.*Wrap it"):
        describe_source(wrapper)


def test_a_logarithm_of_the_target_is_said_with_the_way_out(values):
    X, y = values[0], np.abs(values[1])
    source = TransformedTargetRegressor(regressor(), func=np.log1p, inverse_func=np.expm1).fit(
        X, y
    )
    model = TransferMLPRegressor(source=source, strategy="keep_head", max_iter=2)
    with pytest.warns(TransferWarning, match=r"outputs are log1p\(y\).*source=source.regressor_"):
        model.fit(X, y)
    alike = TransformedTargetRegressor(
        TransferMLPRegressor(source=source.regressor_, strategy="keep_head", max_iter=2),
        func=np.log1p,
        inverse_func=np.expm1,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        alike.fit(X, y)
