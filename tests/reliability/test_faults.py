"""Interrupts, failing callbacks, killed workers, forks, and too little memory."""

import copy
import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest
import torch
from fitted import FEW_MEMBERS
from joblib.externals.loky.process_executor import TerminatedWorkerError
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import Callback

import sktransfer
from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

_rng = np.random.default_rng(0)
X = _rng.normal(size=(80, 4))
labels = (X[:, 0] > 0).astype(int)
ESTIMATORS = {
    "classifier": (TransferMLPClassifier, labels),
    "regressor": (TransferMLPRegressor, X[:, 0] * 3 + 10),
    "several tasks": (MultiTaskMLP, {"label": labels.astype(bool), "number": X[:, 1]}),
}


def _make(kind="classifier", **params):
    params = {"hidden_layer_sizes": (8,), "max_iter": 6, "strategy": "l2_sp"} | params
    return ESTIMATORS[kind][0](random_state=0, **params), ESTIMATORS[kind][1]


def _run(program, *args, timeout=600, **kwargs):
    return subprocess.run(
        [sys.executable, "-c", program, *args],
        capture_output=True,
        text=True,
        timeout=timeout,
        **kwargs,
    )


class Raises(Callback):
    """Raises an exception at an event of an epoch."""

    def __init__(self, event, error, at_epoch=3):
        self.event, self.error, self.at_epoch = event, error, at_epoch

    def _raise(self, event, net):
        if event == self.event and len(net.history) >= self.at_epoch:
            raise self.error

    def on_train_begin(self, net, X=None, y=None, **kwargs):
        if self.event == "on_train_begin":
            raise self.error

    def on_epoch_begin(self, net, dataset_train=None, dataset_valid=None, **kwargs):
        self._raise("on_epoch_begin", net)

    def on_batch_begin(self, net, batch=None, training=None, **kwargs):
        self._raise("on_batch_begin", net)

    def on_grad_computed(self, net, named_parameters, X=None, y=None, training=None, **kwargs):
        self._raise("on_grad_computed", net)

    def on_batch_end(self, net, batch=None, training=None, **kwargs):
        self._raise("on_batch_end", net)

    def on_epoch_end(self, net, dataset_train=None, dataset_valid=None, **kwargs):
        self._raise("on_epoch_end", net)

    def on_train_end(self, net, X=None, y=None, **kwargs):
        self._raise("on_train_end", net)


SKORCH_EVENTS = [name for name in vars(Raises) if name.startswith("on_")]


class RaisesAt:
    """A scikit-learn callback that fails at an event."""

    def __init__(self, event):
        self.event = event

    def _raise(self, event, context):
        if self.event == (event, context.task_name):
            raise RuntimeError("mine")

    def setup(self, estimator, context):
        self._raise("setup", context)

    def teardown(self, estimator, context): ...

    def on_fit_task_begin(self, estimator, context):
        self._raise("begin", context)

    def on_fit_task_end(self, estimator, context):
        self._raise("end", context)


# -- interrupts ---------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["on_batch_begin", "on_grad_computed", "on_batch_end"])
@pytest.mark.parametrize("kind", ESTIMATORS)
def test_an_interrupt_between_steps_keeps_a_usable_model_with_a_warning(kind, event, tmp_path):
    model, y = _make(kind, callbacks=[Raises(event, KeyboardInterrupt())])
    with pytest.warns(UserWarning, match="interrupted by user"):
        model.fit(X, y)
    assert model.n_iter_ == 2 == len(model.loss_curve_)
    model.save(tmp_path)
    again = sktransfer.load(tmp_path)
    for ours, theirs in zip(model.coefs_, again.coefs_, strict=True):
        assert_array_equal(ours, theirs)
    assert len(again.predict(X)) == len(model.predict(X)) > 0


def test_an_interrupt_before_the_first_step_keeps_a_model_that_predicts():
    model, y = _make(callbacks=[Raises("on_batch_begin", KeyboardInterrupt(), at_epoch=1)])
    with pytest.warns(UserWarning, match="interrupted by user"):
        model.fit(X, y)
    assert np.isfinite(model.predict_proba(X)).all()


INTERRUPTED = """
import sys, warnings
import numpy as np
from sktransfer import TransferMLPClassifier
from skorch.callbacks import Callback
class Says(Callback):
    def on_epoch_end(self, net, **kwargs):
        if len(net.history) == 3:
            print("training", flush=True)
X = np.random.default_rng(0).normal(size=(400, 10))
model = TransferMLPClassifier(max_iter=100_000, batch_size=8, strategy="l2_sp", callbacks=[Says()])
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # there is none where the interrupt comes inside the callback
    model.fit(X, X[:, 0] > 0)
assert 3 <= model.n_iter_ < 100_000 and np.isfinite(model.predict_proba(X)).all()
print("usable")
"""


def _interrupted(process):
    """What a process says after SIGINT, which a busy Python may raise where nobody hears it."""
    for _ in range(12):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=5)
    raise AssertionError("it goes on")


@pytest.mark.slow
def test_control_c_ends_a_long_fit_with_a_usable_model():
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout.readline() == b"training\n", process.stderr.read()
            out, err = _interrupted(process)
        finally:
            process.kill()
    assert out == b"usable\n", err


@pytest.mark.parametrize(
    "step",
    ["_steps.Steps.run_epoch", "_progress.Progress.stalls", "_divergence.Safeguard.sees"],
)
def test_an_interrupt_between_two_steps_ends_training_too(monkeypatch, step):
    module, owner, name = step.split(".")
    owner = getattr(importlib.import_module(f"sktransfer._training.{module}"), owner)
    whole, calls = getattr(owner, name), []

    def interrupted(*args, **kwargs):
        calls.append(name)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return whole(*args, **kwargs)

    monkeypatch.setattr(owner, name, interrupted)
    model, y = _make()
    with pytest.warns(UserWarning, match="interrupted by user"):
        model.fit(X, y)
    assert 2 <= model.n_iter_ <= 3 and np.isfinite(model.predict_proba(X)).all()


def test_an_interrupt_of_l_bfgs_is_passed_on_and_changes_nothing(monkeypatch):
    model, y = _make(solver="lbfgs")
    before = model.fit(X, y).predict_proba(X)

    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("sktransfer._training._train.minimize_lbfgs", interrupt)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, 1 - y)
    assert_array_equal(model.predict_proba(X), before)


# -- callbacks that fail ------------------------------------------------------------------


@pytest.mark.parametrize("event", SKORCH_EVENTS)
@pytest.mark.parametrize("kind", ESTIMATORS)
def test_a_callback_that_fails_leaves_a_new_estimator_unfitted_and_an_old_one_as_it_was(
    kind, event
):
    fails = [Raises(event, RuntimeError("mine"), at_epoch=2)]
    threads = torch.get_num_threads()
    model, y = _make(kind)
    new = clone(model).set_params(callbacks=fails)
    state = set(vars(new))
    with pytest.raises(RuntimeError, match="mine"):
        new.fit(X, y)
    assert set(vars(new)) == state
    model.fit(X, y)
    before, state = [w.copy() for w in model.coefs_], set(vars(model))
    with pytest.raises(RuntimeError, match="mine"):
        model.set_params(callbacks=fails).fit(-X, y)
    assert set(vars(model)) == state
    for ours, theirs in zip(model.coefs_, before, strict=True):
        assert_array_equal(ours, theirs)
    assert torch.get_num_threads() == threads
    model.set_params(callbacks=None).fit(X, y)
    for ours, theirs in zip(model.coefs_, before, strict=True):
        assert_array_equal(ours, theirs)


@pytest.mark.parametrize("strategy", [FEW_MEMBERS, "l2_sp"], ids=str)
@pytest.mark.parametrize(
    ("begins", "event"), [("fit", "on_batch_end"), ("partial_fit", "on_epoch_end")]
)
def test_a_chunk_that_fails_half_way_changes_nothing_of_the_next(strategy, begins, event):
    source, y = _make(max_iter=3)
    model, _ = _make(source=source.fit(X, y), strategy=strategy, max_iter=3)
    model = model.fit(X, y) if begins == "fit" else model.partial_fit(X, y, classes=[0, 1])
    untouched = copy.deepcopy(model).partial_fit(X, y)
    model.set_params(callbacks=[Raises(event, RuntimeError("mine"), at_epoch=0)])
    with pytest.raises(RuntimeError, match="mine"):
        model.partial_fit(X, y)
    model.set_params(callbacks=None).partial_fit(X, y)
    assert_array_equal(model.predict_proba(X), untouched.predict_proba(X))


@pytest.mark.parametrize("event", ["begin", "end"])
@pytest.mark.parametrize(
    ("strategy", "task"),
    [
        ("l2_sp", "fit"),
        ("l2_sp", "epoch"),
        *[("combined", t) for t in ("fit", "linear", "scratch")],
    ],
)
def test_a_callback_of_scikit_learns_that_fails_leaves_nothing_half_done(event, task, strategy):
    pytest.importorskip("sklearn.callback")
    if strategy == "combined":
        strategy = sktransfer.strategies.WeightedEnsemble(["scratch", "linear"], cv=2)
    model, y = _make(strategy=strategy)
    before = model.fit(X, y).predict_proba(X)
    model.set_callbacks(RaisesAt((event, task)))
    with pytest.raises(RuntimeError, match="mine"):
        model.fit(-X, y)
    if (event, task) != ("end", "fit"):  # by then the new fit is there, as a whole
        assert_array_equal(model.predict_proba(X), before)
    assert not hasattr(model, "_callback_fit_ctx")


# -- processes ----------------------------------------------------------------------------


class KillsWorkers(Callback):
    """Ends the process like the system does when memory runs out, unless it is a given one."""

    def __init__(self, spared):
        self.spared = spared

    def on_epoch_end(self, net, **kwargs):
        if os.getpid() != self.spared:
            os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_a_killed_worker_ends_a_search_with_a_clear_error_and_the_next_one_works():
    model, y = _make()
    grid = {"alpha": [0.1, 1.0]}
    deadly = model.set_params(callbacks=[KillsWorkers(os.getpid())])
    with pytest.raises(TerminatedWorkerError, match="unexpectedly terminated"):
        GridSearchCV(deadly, grid, cv=2, n_jobs=2).fit(X, y)
    model = clone(model).set_params(callbacks=None)
    search = GridSearchCV(model, grid, cv=2, n_jobs=2).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def _fit_in_child(queue):
    model, y = _make()
    queue.put(model.fit(X, y).predict_proba(X))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_forked_child_of_a_process_with_threads_fits_without_hanging(threads):
    found = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        big = torch.ones(2000, 2000)
        (big @ big).sum()  # starts torch's threads
        model, y = _make()
        here = model.fit(X, y).predict_proba(X)
        context = multiprocessing.get_context("fork")
        queue = context.Queue()
        child = context.Process(target=_fit_in_child, args=(queue,))
        child.start()
        try:
            assert_array_equal(queue.get(timeout=60), here)
            child.join(30)
            assert child.exitcode == 0
        finally:
            child.kill()
    finally:
        torch.set_num_threads(found)


# -- memory -------------------------------------------------------------------------------

CEILING = """
import resource, sys
import numpy as np
from sktransfer import TransferMLPClassifier
n_columns, spare = int(sys.argv[1]), int(sys.argv[2])
model = TransferMLPClassifier((64,), max_iter=1, strategy=sys.argv[3], random_state=0)
rng = np.random.default_rng(0)
small = rng.normal(size=(50, 4)).astype(np.float32)
model.fit(small, small[:, 0] > 0)
answer = model.predict_proba(small)
X = rng.standard_normal((200, n_columns), dtype=np.float32)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + spare, resource.RLIM_INFINITY))
try:
    model.fit(X, X[:, 0] > 0)
    print("fitted")
except MemoryError:
    print("MemoryError")
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
if model.n_features_in_ == 4:
    assert (model.predict_proba(small) == answer).all()
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux for its memory")
@pytest.mark.parametrize("spare, strategy", [(4, "l2_sp"), (32, "auto")])
def test_too_little_memory_for_a_wide_table_is_a_memory_error_and_no_crash(spare, strategy):
    done = _run(CEILING, "20000", str(spare << 20), strategy)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() in ("MemoryError", "fitted"), done.stdout
    if spare < 16:  # less than the table itself
        assert done.stdout.strip() == "MemoryError"
