"""scikit-learn's MLPs as sources."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_multilabel_classification
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import MLPClassifier, MLPRegressor

from sktransfer.exceptions import SourceLayersError
from sktransfer.sources import describe_source

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
def test_multiclass_probabilities_are_reproduced(activation, table, predictions_of):
    X, y = table
    mlp = MLPClassifier((7,), activation=activation, max_iter=5, random_state=0).fit(X, y)
    source = describe_source(mlp)
    assert (source.activation, source.target.kind) == (activation, "multiclass")
    np.testing.assert_allclose(predictions_of(source, X), mlp.predict_proba(X), atol=1e-12)


def test_binary_output_is_the_logit_of_the_second_class(table, predictions_of):
    X, y = table
    labels = np.where(y == 1, "no", "yes")
    mlp = MLPClassifier((7,), max_iter=5, random_state=0).fit(X, labels)
    source = describe_source(mlp)
    assert (source.target.kind, source.target.n_outputs) == ("binary", 1)
    assert source.target.classes.tolist() == ["no", "yes"]
    np.testing.assert_allclose(predictions_of(source, X), mlp.predict_proba(X), atol=1e-12)


def test_multilabel_probabilities_are_reproduced(predictions_of):
    X, y = make_multilabel_classification(60, n_features=4, n_classes=3, random_state=0)
    mlp = MLPClassifier((7,), max_iter=5, random_state=0).fit(X, y)
    source = describe_source(mlp)
    assert source.target.kind == "multilabel"
    np.testing.assert_allclose(predictions_of(source, X), mlp.predict_proba(X), atol=1e-12)


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_regression_is_reproduced(loss, values, predictions_of):
    X, y = values
    pytest.importorskip("sklearn", minversion="1.7")  # where MLPRegressor got its loss
    mlp = MLPRegressor(loss, (7,), max_iter=5, random_state=0).fit(X / 10, np.abs(y) / 100)
    source = describe_source(mlp)
    assert (source.target.kind, source.target.loss) == ("regression", loss)
    np.testing.assert_allclose(predictions_of(source, X / 10), mlp.predict(X / 10), rtol=1e-10)


def test_several_outputs_are_reproduced(values, predictions_of):
    X, y = values
    mlp = MLPRegressor(hidden_layer_sizes=(7,), max_iter=5).fit(X, np.c_[y, -y])
    source = describe_source(mlp)
    assert source.target.n_outputs == 2
    np.testing.assert_allclose(predictions_of(source, X), mlp.predict(X), rtol=1e-10)


def test_column_names_are_kept(table):
    X, y = table
    frame = pd.DataFrame(X, columns=list("abcde"))
    inputs = describe_source(MLPClassifier(max_iter=2).fit(frame, y)).inputs.columns
    assert inputs.names == inputs.encoded_names == tuple("abcde")
    assert describe_source(MLPClassifier(max_iter=2).fit(X, y)).inputs.columns.names is None


def test_derived_class_is_read_under_its_own_name(table):
    class MyMLP(MLPClassifier):
        pass

    assert describe_source(MyMLP(max_iter=2).fit(*table)).name == "MyMLP"


def test_partially_fitted_network_is_a_source(table):
    mlp = MLPClassifier().partial_fit(*table, classes=[0, 1, 2, 3])
    assert describe_source(mlp).target.classes.tolist() == [0, 1, 2, 3]


def test_network_of_one_class_has_outputs_of_unknown_meaning(table):
    X, y = table
    assert describe_source(MLPClassifier(max_iter=2).fit(X, np.zeros_like(y))).target is None


def test_computing_dtype_is_kept(table):
    X, y = table
    source = describe_source(MLPClassifier(max_iter=2).fit(X.astype(np.float32), y))
    assert all(layer.weight.dtype == np.float32 for layer in source.layers)


@pytest.mark.parametrize("mlp", [MLPClassifier(), MLPRegressor()])
def test_unfitted_network_is_refused_and_the_grid_case_explained(mlp):
    with pytest.raises(NotFittedError, match=f"{type(mlp).__name__}.*FrozenEstimator"):
        describe_source(mlp)


def test_diverged_network_is_refused(table):
    mlp = MLPClassifier(max_iter=2).fit(*table)
    mlp.coefs_[0][0, 0] = np.nan
    with pytest.raises(SourceLayersError, match=r"Layer 0.*retrain"):
        describe_source(mlp)
