"""skorch nets as sources."""

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch import NeuralNet, NeuralNetBinaryClassifier, NeuralNetClassifier, NeuralNetRegressor
from torch import nn

from sktransfer.sources import describe_source

SETTINGS = dict(max_epochs=2, train_split=None, verbose=0)


@pytest.fixture(autouse=True)
def private_seed():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def module(n_outputs, *last):
    return nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, n_outputs), *last)


def single(X):
    return StandardScaler().fit_transform(X).astype(np.float32)


@pytest.mark.parametrize(
    "last, criterion",
    [
        ([], nn.CrossEntropyLoss),
        ([nn.LogSoftmax(dim=1)], nn.CrossEntropyLoss),
        ([nn.Softmax(dim=1)], nn.NLLLoss),
    ],
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_classifier_is_reproduced(last, criterion, n_classes, table, predictions_of):
    X, y = single(table[0]), np.minimum(table[1], n_classes - 1)
    net = NeuralNetClassifier(module(n_classes, *last), criterion=criterion, **SETTINGS).fit(X, y)
    source = describe_source(net)
    assert source.target.kind == ("binary" if n_classes == 2 else "multiclass")
    assert source.target.n_outputs == (1 if n_classes == 2 else 3)
    assert source.name == "NeuralNetClassifier"
    np.testing.assert_allclose(predictions_of(source, X), net.predict_proba(X), atol=1e-6)


@pytest.mark.parametrize(
    "last, criterion", [([], nn.BCEWithLogitsLoss), ([nn.Sigmoid()], nn.BCELoss)]
)
def test_binary_classifier_is_reproduced(last, criterion, table, predictions_of):
    X, y = single(table[0]), np.minimum(table[1], 1).astype(np.float32)
    net = NeuralNetBinaryClassifier(module(1, *last), criterion=criterion, **SETTINGS).fit(X, y)
    source = describe_source(net)
    assert source.target.kind == "binary"
    np.testing.assert_allclose(predictions_of(source, X), net.predict_proba(X), atol=1e-6)


def test_regressor_is_reproduced(values, predictions_of):
    X, y = single(values[0]), values[1].astype(np.float32)[:, None]
    net = NeuralNetRegressor(module(1), lr=1e-4, **SETTINGS).fit(X, y)
    source = describe_source(net)
    assert source.target.kind == "regression"
    expected = net.predict(X).ravel()
    np.testing.assert_allclose(predictions_of(source, X), expected, rtol=1e-5, atol=1e-6)


def test_outputs_of_torchs_poisson_loss_are_logarithms_of_counts(values, predictions_of):
    X, y = single(values[0]), np.abs(values[1]).round().astype(np.float32)[:, None]
    net = NeuralNetRegressor(module(1), criterion=nn.PoissonNLLLoss, lr=1e-4, **SETTINGS).fit(X, y)
    source = describe_source(net)
    assert source.target.loss == "poisson"
    expected = np.exp(net.predict(X).ravel())
    np.testing.assert_allclose(predictions_of(source, X), expected, rtol=1e-5)


def test_net_behind_a_scaler_is_reproduced_on_the_raw_table(table, predictions_of):
    X, y = table[0].astype(np.float32), table[1]
    net = NeuralNetClassifier(module(3), criterion=nn.CrossEntropyLoss, **SETTINGS)
    pipeline = make_pipeline(StandardScaler(), net).fit(X, y)
    source = describe_source(pipeline)
    np.testing.assert_allclose(predictions_of(source, X), pipeline.predict_proba(X), atol=1e-5)


def test_output_stands_for_the_label_of_its_number(table):
    X, y = single(table[0]), np.where(table[1] == 2, 4, 0)
    net = NeuralNetClassifier(module(5), criterion=nn.CrossEntropyLoss, **SETTINGS).fit(X, y)
    assert net.classes_.tolist() == [0, 4]
    assert describe_source(net).target.classes.tolist() == [0, 1, 2, 3, 4]


def test_names_of_classes_given_by_the_user_are_kept(table):
    net = NeuralNetClassifier(
        module(3), criterion=nn.CrossEntropyLoss, classes=["a", "b", "c"], **SETTINGS
    )
    net.fit(single(table[0]), table[1])
    assert describe_source(net).target.classes.tolist() == ["a", "b", "c"]


def test_initialized_net_without_classes_is_read():
    net = NeuralNetClassifier(module(3), criterion=nn.CrossEntropyLoss, **SETTINGS).initialize()
    assert describe_source(net).target.classes.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "net",
    [
        NeuralNetClassifier(module(3, nn.Softmax(dim=1)), criterion=nn.CrossEntropyLoss),
        NeuralNetClassifier(module(3), criterion=nn.NLLLoss),
        NeuralNetClassifier(
            module(3), criterion=nn.CrossEntropyLoss, predict_nonlinearity=torch.sigmoid
        ),
        NeuralNetRegressor(module(1), criterion=nn.PoissonNLLLoss, criterion__log_input=False),
        NeuralNetRegressor(module(1, nn.Sigmoid())),
        NeuralNet(module(3), criterion=nn.MSELoss),
    ],
)
def test_outputs_that_skorch_reads_otherwise_have_unknown_meaning(net):
    source = describe_source(net.initialize())
    assert source.target is None
    assert source.hidden_layer_sizes == (8,)


def test_net_is_unchanged(table, fingerprint):
    net = NeuralNetClassifier(module(3), criterion=nn.CrossEntropyLoss, **SETTINGS)
    net.fit(single(table[0]), table[1])
    before, state = fingerprint(net.module_), torch.get_rng_state()
    describe_source(net)
    assert fingerprint(net.module_) == before
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("kind", [NeuralNetClassifier, NeuralNetRegressor])
def test_net_that_was_never_initialized_is_refused(kind):
    with pytest.raises(NotFittedError, match=f"{kind.__name__}.*FrozenEstimator"):
        describe_source(kind(module(3)))


def test_net_around_no_dense_chain_is_a_source_by_its_predictions():
    net = NeuralNetRegressor(nn.Sequential(nn.LayerNorm(5), nn.Linear(5, 1))).initialize()
    source = describe_source(net)
    assert source.layers == ()
    assert "LayerNorm" in source.no_layers
    rows = np.ones((3, 5), np.float32)
    np.testing.assert_array_equal(source.predictor.outputs(rows), net.predict(rows))
