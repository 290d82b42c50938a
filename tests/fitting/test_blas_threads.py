"""Threads of BLAS during a fit, and after it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_info, threadpool_limits

from sktransfer import TransferMLPClassifier
from sktransfer.strategies import EstimatorMember


def n_threads() -> list[int]:
    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


class Watching(LogisticRegression):
    seen: list[list[int]] = []

    def fit(self, X, y):
        self.seen.append(n_threads())
        return super().fit(X, y)


@pytest.fixture
def two_threads():
    with threadpool_limits(2, user_api="blas"):
        yield n_threads()


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


def test_fits_in_several_threads_lift_the_limit_once_the_last_has_ended(two_threads):
    X, y = (one[::5] for one in load_iris(return_X_y=True))
    barrier = Barrier(3)

    def fit(seed):
        strategy = EstimatorMember(LogisticRegression())
        barrier.wait(30)
        TransferMLPClassifier(strategy=strategy, random_state=seed).fit(X, y)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(fit, range(3)))
    assert n_threads() == two_threads
