"""Training on a device gives what training on the CPU gives.

Not collected by itself: `test_device.py` runs it, in a process of its own, on the device that
``SKTRANSFER_TEST_DEVICE`` names.
"""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from fitted import FEW_MEMBERS, NETWORKS
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes
from skorch.callbacks import Callback

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.strategies import Joint

DEVICE = os.environ["SKTRANSFER_TEST_DEVICE"]
if DEVICE == "far":
    import far

#: The stand-in computes with the CPU's own kernels; others round differently.
TOLERANCE = 0.0 if DEVICE == "far" else 1e-6

X, y = load_breast_cancer(return_X_y=True)
SOURCE = TransferMLPClassifier(hidden_layer_sizes=(8, 8), random_state=0, max_iter=5)
SOURCE.fit(X[::2].astype(float), y[::2])
X, y = X[1::8], y[1::8]
SHORT = {"max_iter": 3, "random_state": 0, "hidden_layer_sizes": (8, 8)}


def work_done() -> int:
    """A number that grows where the device is at work."""
    if DEVICE == "far":
        return far.n_operations
    return torch.cuda.memory_stats().get("allocation.all.allocated", 0)


def both(estimator, *args, **kwargs):
    """The estimator fitted on the CPU and on the device, which has been at work."""
    here = clone(estimator).set_params(device="cpu").fit(*args, **kwargs)
    before = work_done()
    there = clone(estimator).set_params(device=DEVICE).fit(*args, **kwargs)
    assert work_done() > before
    return here, there


def same(here, there) -> None:
    """Both are the same network, on the CPU."""
    for a, b in zip(here.coefs_ + here.intercepts_, there.coefs_ + there.intercepts_, strict=True):
        assert type(b) is np.ndarray
        np.testing.assert_allclose(b, a, rtol=0, atol=TOLERANCE)
    assert {tensor.device.type for tensor in there.net_.module_.parameters()} == {"cpu"}
    assert there.net_.device == "cpu"


CHANGES = {
    "adam": {},
    "sgd": {"solver": "sgd", "learning_rate": "adaptive"},
    "lbfgs": {"solver": "lbfgs", "max_iter": 5},
    "dropout": {"dropout": 0.2},
    "mixup": {"augmentation": "mixup"},
    "noise": {"augmentation": "noise"},
    "corruption": {"augmentation": "corruption"},
    "early stopping": {"early_stopping": True, "max_iter": 10},
    "plain": {"standardize": False, "learning_rate_init": 1e-4},
    "no shuffling": {"shuffle": False, "batch_size": 1000},
    "small batches": {"batch_size": 7},
    "tanh": {"activation": "tanh"},
    "logistic": {"activation": "logistic"},
}


# other kernels draw other numbers
CHANGES = {k: v for k, v in CHANGES.items() if k != "dropout" or DEVICE == "far"}


@pytest.mark.parametrize("change", CHANGES)
def test_settings(change):
    same(*both(TransferMLPClassifier(**SHORT | CHANGES[change]), X, y))


@pytest.mark.parametrize("strategy", sorted(set(NETWORKS) - {"auto"}))
def test_strategies(strategy):
    model = TransferMLPClassifier(source=SOURCE, strategy=strategy, max_iter=6, random_state=0)
    same(*both(model, X, y))


def test_the_ensemble():
    params = {"strategy": FEW_MEMBERS, "random_state": 0, "max_iter": 3}
    model = TransferMLPClassifier(source=SOURCE, **params)
    here, there = both(model, X[:60], y[:60])
    np.testing.assert_allclose(
        there.predict_proba(X), here.predict_proba(X), rtol=0, atol=100 * TOLERANCE
    )


def test_both_tables():
    model = TransferMLPClassifier(
        source=SOURCE, strategy=Joint((X[::3], y[::3])), max_iter=3, random_state=0
    )
    same(*both(model, X, y))


def test_weights_and_validation():
    weight = np.arange(len(y)) % 3
    same(
        *both(
            TransferMLPClassifier(**SHORT),
            X,
            y,
            sample_weight=weight,
            X_val=X[:30],
            y_val=y[:30],
        )
    )


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_regression(loss):
    table, target = load_diabetes(return_X_y=True)
    same(*both(TransferMLPRegressor(loss=loss, **SHORT), table, target))


def test_sparse_tables_are_sent_a_block_at_a_time():
    same(*both(TransferMLPClassifier(**SHORT), sp.csr_matrix(X), y))


@pytest.mark.parametrize("balancing", [None, "equal", "uncertainty", "pcgrad"])
def test_several_tasks_with_missing_labels(balancing):
    kinds = {"balancing": balancing} if balancing else {}
    targets = np.column_stack([y, X[:, 0], y]).astype(float)
    targets[::5, 2] = np.nan
    model = MultiTaskMLP(head_hidden_layer_sizes=(4,), **kinds, **SHORT)
    same(*both(model, X[:, 1:], targets))


def test_streams_resume_elsewhere():
    here, there = (TransferMLPClassifier(**SHORT, device=device) for device in ("cpu", DEVICE))
    for model in (here, there):
        model.partial_fit(X, y, classes=[0, 1]).partial_fit(X, y)
    same(here, there)
    there = pickle.loads(pickle.dumps(there))
    for _ in range(2):
        here.partial_fit(X, y)
        there.partial_fit(X, y)
        there.set_params(device="cpu" if there.device == DEVICE else DEVICE)
    same(here, there)


def test_warm_starts():
    here, there = both(TransferMLPClassifier(**SHORT, warm_start=True), X, y)
    same(here.fit(X, y), there.fit(X, y))


class Looks(Callback):
    """Predicts with the net while it trains, and listens to batches."""

    def __init__(self):
        self.seen = []

    def on_batch_end(self, net, **kwargs):
        self.seen.append({p.device.type for p in net.module_.parameters()})

    def on_epoch_end(self, net, **kwargs):
        self.inputs = np.zeros((2, net.module_.layers[0].in_features))
        self.answer = net.predict(self.inputs)


def test_callbacks_see_the_device():
    looks = Looks()
    model = TransferMLPClassifier(**SHORT, device=DEVICE, callbacks=[looks]).fit(X, y)
    assert looks.seen and all(seen == {DEVICE} for seen in looks.seen)
    np.testing.assert_allclose(looks.answer, model.net_.predict(looks.inputs), rtol=1e-6)


def test_what_is_fitted_needs_no_device():
    model = TransferMLPClassifier(**SHORT, device=DEVICE).fit(X, y)
    assert b"sktransfer" in pickle.dumps(model) and b"far" not in pickle.dumps(model.coefs_)
    target = TransferMLPClassifier(source=model, strategy="l2_sp", max_iter=2).fit(X, y)
    assert target.transfer_report_.source is not None
