"""A description's forward pass in plain numpy, and fingerprints of what must not change."""

import hashlib
import pickle

import joblib
import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.datasets import make_classification, make_regression

_HIDDEN = {
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "logistic": expit,
    "identity": lambda z: z,
}


def _encoded(inputs, X):
    transformer = inputs.columns.transformer
    X = X if transformer is None else transformer.transform(X)
    X = X.toarray() if hasattr(X, "toarray") else np.asarray(X, dtype=np.float64)
    Z = (X - inputs.scaling.center) / inputs.scaling.scale
    return np.where(np.isnan(Z), inputs.scaling.fill_value, Z)


def _outputs(source, X):
    out = _encoded(source.inputs, X)
    for index, layer in enumerate(source.layers):
        out = _HIDDEN[source.activation](out) if index else out
        out = out @ layer.weight.astype(np.float64) + layer.bias
    return out


def _predictions(source, X):
    """Probabilities of the classes, or values of the target."""
    out, target = _outputs(source, X), source.target
    if target.kind == "regression":
        out = np.exp(out) if target.loss == "poisson" else out
        return np.squeeze(out * target.scale + target.center)
    if target.kind == "multiclass":
        return softmax(out, axis=1)
    return np.hstack([1 - expit(out), expit(out)]) if target.kind == "binary" else expit(out)


@pytest.fixture
def outputs_of():
    return _outputs


@pytest.fixture
def predictions_of():
    return _predictions


@pytest.fixture
def fingerprint():
    """Hash of everything in an object; with torch inside, of its values."""

    def of(obj):
        if not hasattr(obj, "state_dict"):
            return joblib.hash(obj) + hashlib.sha256(pickle.dumps(obj)).hexdigest()
        state = [(name, value.dtype, value.numpy()) for name, value in obj.state_dict().items()]
        modes = [(name, module.training) for name, module in obj.named_modules()]
        grads = [p.grad is None or p.grad.numpy() for p in obj.parameters()]
        return joblib.hash((state, modes, grads, [p.requires_grad for p in obj.parameters()]))

    return of


@pytest.fixture(scope="session")
def table():
    X, y = make_classification(
        200, n_features=5, n_informative=4, n_redundant=0, n_classes=3, random_state=0
    )
    return 3 + X * [1, 5, 0.2, 10, 2], y


@pytest.fixture(scope="session")
def values():
    X, y = make_regression(200, n_features=5, n_informative=4, noise=1.0, random_state=0)
    return 3 + X * [1, 5, 0.2, 10, 2], 100 + y
