"""Threads of BLAS during a fit, and after it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import ThreadpoolController, threadpool_info, threadpool_limits

from sktransfer import TransferMLPClassifier
from sktransfer._fitting._blas_threads import one_blas_thread
from sktransfer.strategies import EstimatorMember


def n_threads() -> list[int]:
    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


class Watching(LogisticRegression):
    seen: list[list[int]] = []

    def fit(self, X, y):
        self.seen.append(n_threads())
        return super().fit(X, y)


class Meeting(DummyClassifier):
    """Waits in each fit for those of the other threads."""

    barrier = Barrier(3)
    seen: list[list[int]] = []

    def fit(self, X, y):
        self.barrier.wait(30)
        self.seen.append(n_threads())
        return super().fit(X, y)


def _any_thread_may_set():
    for library in ThreadpoolController().lib_controllers:
        if hasattr(library, "clear_controlling_thread"):
            library.clear_controlling_thread(force=True)


@pytest.fixture
def two_threads():
    limiter = threadpool_limits(2, user_api="blas")
    _any_thread_may_set()
    set_to = n_threads()
    assert set(set_to) == {2}
    yield set_to
    _any_thread_may_set()
    limiter.restore_original_limits()
    _any_thread_may_set()


def test_a_fit_uses_one_thread_of_blas_and_gives_the_others_back(two_threads):
    X, y = load_iris(return_X_y=True)
    model = TransferMLPClassifier(strategy=EstimatorMember(Watching()), random_state=0)
    Watching.seen.clear()
    model.fit(X, y)
    assert set(np.ravel(Watching.seen)) == {1}
    assert n_threads() == two_threads

    with pytest.raises(ValueError):
        model.fit(X[:3], y[:3] * np.nan)
    assert n_threads() == two_threads


def test_fits_in_several_threads_use_one_thread_of_blas_each(two_threads):
    X, y = (one[::5] for one in load_iris(return_X_y=True))

    def fit(seed):
        strategy = EstimatorMember(Meeting())
        TransferMLPClassifier(strategy=strategy, random_state=seed).fit(X, y)

    fit_in_main = TransferMLPClassifier((4,), max_iter=1, random_state=0).fit
    fit_in_main(X, y)  # after it the threads may be limited from others
    Meeting.seen.clear()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(fit, range(3)))
    assert set(np.ravel(Meeting.seen)) == {1}
    assert n_threads() == two_threads


@pytest.mark.parametrize("last", [0, 1], ids=["first to begin", "last to begin"])
def test_the_last_fit_to_end_lifts_the_limit(two_threads, last):
    begun, inside, ended, during = Event(), Barrier(2), Event(), []

    def fit(which):
        if which == 1:
            begun.wait(30)
        with one_blas_thread():
            begun.set()
            inside.wait(30)
            if which == last:
                ended.wait(30)
                during.append(n_threads())
        ended.set()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fit, range(2)))
        after = n_threads()  # while both threads live
    assert set(np.ravel(during)) == {1}
    assert after == two_threads
