"""The torch thread count: lowered around small steps, never raised, always restored."""

import threading

import numpy as np
import pytest
import torch

from sktransfer import TransferMLPClassifier
from sktransfer._training._threads import SMALL_STEP, threads_for

X = np.random.default_rng(0).normal(size=(30, 3))
y = np.arange(30) % 2


@pytest.fixture(params=[1, 2])
def count(request):
    found = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(found)


class Sees:
    """A scikit-learn callback that notes the thread count inside a fit."""

    def __init__(self):
        self.counts = set()

    def setup(self, estimator, context): ...

    def teardown(self, estimator, context): ...

    def on_fit_task_begin(self, estimator, context): ...

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch":
            self.counts.add(torch.get_num_threads())


def _model(**params):
    return TransferMLPClassifier((4,), max_iter=2, random_state=0, **params)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_the_count_is_as_found_after_every_call(count, solver):
    model = _model(solver=solver)
    for call in ("fit", "predict", "predict_proba", "partial_fit"):
        if call == "partial_fit" and solver == "lbfgs":
            continue
        getattr(model, call)(*([X] if call.startswith("predict") else [X, y]))
        assert torch.get_num_threads() == count, call


def test_the_count_is_as_found_after_a_failed_call(count):
    def fails(net, *args, **kwargs):
        raise RuntimeError

    from skorch.callbacks import Callback

    callback = type("Fails", (Callback,), {"on_epoch_end": fails})()
    with pytest.raises(RuntimeError):
        _model(callbacks=[callback]).fit(X, y)
    assert torch.get_num_threads() == count


def test_the_count_is_never_raised_inside(count):
    pytest.importorskip("sklearn.callback")
    _model().set_callbacks(sees := Sees()).fit(X, y)
    assert sees.counts == {1}


@pytest.mark.parametrize("n_operations", [1.0, SMALL_STEP, 10 * SMALL_STEP])
def test_large_steps_keep_the_count_and_small_ones_take_one_thread(count, n_operations):
    with threads_for(n_operations):
        assert torch.get_num_threads() == (1 if n_operations < SMALL_STEP else count)
    assert torch.get_num_threads() == count


def test_fits_in_several_threads_leave_the_count_as_found(count):
    workers = [threading.Thread(target=_model().fit, args=(X, y)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert torch.get_num_threads() == count
