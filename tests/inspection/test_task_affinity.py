"""Which tasks pull their shared layers the same way."""

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

from sktransfer import MultiTaskMLP, TransferMLPRegressor
from sktransfer._estimators import shared_gradients
from sktransfer.exceptions import NoLabelsWarning
from sktransfer.inspection import task_affinity

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(200, 6))
Y = pd.DataFrame(
    {
        "sum": X[:, 0] + X[:, 1],
        "twice": 2 * (X[:, 0] + X[:, 1]) + 0.1 * rng.normal(size=200),
        "other": X[:, 4] * X[:, 5],
        "sign": np.where(X[:, 0] + X[:, 1] > 0, "up", "down"),
    }
)


def _fitted(**params):
    settings = {"hidden_layer_sizes": (16,), "max_iter": 5, "random_state": 0, **params}
    return MultiTaskMLP(**settings).fit(X, Y)


@pytest.mark.parametrize("heads", [(), (4,)])
def test_the_same_question_asked_twice_is_nearer_than_another(heads):
    model = _fitted(head_hidden_layer_sizes=heads)
    affinity = task_affinity(model, X, Y, n_epochs=5)
    assert list(affinity.index) == list(affinity.columns) == list(Y.columns)
    assert_allclose(affinity, affinity.T)
    assert_allclose(np.diag(affinity), 1)
    assert (affinity.abs() <= 1 + 1e-9).all(axis=None)
    assert affinity.loc["sum", "twice"] > affinity.loc["sum", "other"] + 0.1


def test_the_estimator_is_left_as_it_is():
    model = _fitted(early_stopping=True, solver="sgd")
    before = [w.copy() for w in model.coefs_]
    task_affinity(model, X, Y, n_epochs=2)
    for old, now in zip(before, model.coefs_, strict=True):
        assert_array_equal(old, now)
    assert_array_equal(model.predict(X), _fitted(early_stopping=True, solver="sgd").predict(X))


def test_it_is_the_cosine_of_the_gradients_of_the_tasks_losses():
    model = _fitted(standardize=False, hidden_layer_sizes=(8, 5))
    gradients = shared_gradients(model, X, Y, None)
    network, rows = model.net_.module_, torch.tensor(X)
    out = network(rows)
    targets = dict(zip(sorted(Y.columns), range(4), strict=True))
    flags = torch.tensor((Y["sign"] == "up").to_numpy(dtype=float))
    for name, at in targets.items():
        if name == "sign":
            loss = torch.nn.functional.binary_cross_entropy_with_logits(out[:, at], flags)
        else:
            loss = 0.5 * (out[:, at] - torch.tensor(Y[name].to_numpy())).square().mean()
        shared = [p for layer in network.layers[:-1] for p in layer.parameters()]
        parts = torch.autograd.grad(loss * len(X), shared, retain_graph=True)
        expected = torch.cat([part.reshape(-1) for part in parts])
        assert_allclose(gradients[at], expected, rtol=1e-6, atol=1e-8)


def test_missing_labels_say_nothing_and_a_task_without_any_has_no_affinity():
    known = Y.astype(object).mask(rng.random(Y.shape) < 0.5).assign(nobody=np.nan)
    with pytest.warns(NoLabelsWarning):
        model = MultiTaskMLP((16,), max_iter=2, random_state=0).fit(X, known)
    affinity = task_affinity(model, X, known, n_epochs=2)
    assert affinity["nobody"].isna().all() and affinity.loc["nobody"].isna().all()
    assert np.isfinite(affinity.drop(index="nobody", columns="nobody")).all(axis=None)


def test_bad_input_is_refused():
    with pytest.raises(NotFittedError):
        task_affinity(MultiTaskMLP(), X, Y)
    with pytest.raises(ValueError, match="n_epochs"):
        task_affinity(_fitted(), X, Y, n_epochs=0)
    with pytest.raises(ValueError, match="expected those that were fitted"):
        task_affinity(_fitted(), X, Y[["sum"]])
    with pytest.raises(TypeError, match="expected a MultiTaskMLP"):
        task_affinity(TransferMLPRegressor(strategy="linear").fit(X, Y["sum"]), X, Y)
