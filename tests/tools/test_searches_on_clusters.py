"""Searches on Dask and Ray: scores equal to serial ones, also when a worker is killed."""

import os
import sys

import joblib
import numpy as np
import pytest
from on_workers import KillsItsWorkerOnce, RecordsUnpacking
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from sktransfer import TransferMLPClassifier

X, y = load_digits(return_X_y=True)
X_few, y_few = X[y >= 5][:80], y[y >= 5][:80]
GRID = {"strategy": ["l2_sp", "frozen", "scratch"]}
FOLDS = StratifiedKFold(3, shuffle=True, random_state=0)


@pytest.fixture
def source(tmp_path):
    model = RecordsUnpacking((16,), max_iter=5, random_state=0).fit(X[y <= 4], y[y <= 4])
    model.path_ = str(tmp_path / "unpacked")
    return model


@pytest.fixture
def target(source):
    return TransferMLPClassifier(source=source, max_iter=5, random_state=0)


@pytest.fixture
def serial(target):
    """Scores of each candidate on each fold, in this process."""
    search = GridSearchCV(clone(target), GRID, cv=FOLDS).fit(X_few, y_few)
    results = search.cv_results_
    return np.column_stack([results[f"split{fold}_test_score"] for fold in range(3)])


@pytest.fixture(scope="module", autouse=True)
def workers_find_this_folder():
    """Workers import what is here, and the package, from the same places."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        patch.setenv("RAY_AUTH_MODE", "disabled")
        yield


def _as_killer(target):
    return KillsItsWorkerOnce(**target.get_params(deep=False))


# -- Dask ---------------------------------------------------------------------------------


@pytest.fixture
def client():
    distributed = pytest.importorskip("distributed")
    with distributed.Client(n_workers=2, threads_per_worker=1, dashboard_address=None) as one:
        yield one


def test_on_dask_scores_are_the_serial_ones_and_the_source_arrives_once_per_worker(
    client, functions_of, target, source, serial
):
    search = functions_of("search_on_dask")["search"]
    candidates, scores = search(client, target, GRID, X_few, y_few, FOLDS)
    assert [one["strategy"] for one in candidates] == GRID["strategy"]
    np.testing.assert_array_equal(scores, serial)
    with open(source.path_, encoding="utf-8") as file:
        arrivals = [pid for pid in file.read().split() if pid != str(os.getpid())]
    assert 1 <= len(arrivals) == len(set(arrivals)) <= 2


def test_on_dask_a_search_survives_a_killed_worker(client, functions_of, target, source, serial):
    search = functions_of("search_on_dask")["search"]
    workers = set(client.run(os.getpid).values())
    _, scores = search(client, _as_killer(target), GRID, X_few, y_few, FOLDS)
    np.testing.assert_array_equal(scores, serial)
    with open(source.path_ + ".killed", encoding="utf-8") as file:
        killed = int(file.read())
    assert killed in workers
    assert killed not in client.run(os.getpid).values()


def test_a_grid_search_by_joblib_on_dask_has_the_serial_scores(client, target, serial):
    with joblib.parallel_config("dask"):
        search = GridSearchCV(target, GRID, cv=FOLDS).fit(X_few, y_few)
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], serial.mean(axis=1))


# -- Ray ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster():
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


def test_on_ray_scores_are_the_serial_ones(cluster, functions_of, target, serial):
    search = functions_of("search_on_ray")["search"]
    _, scores = search(target, GRID, X_few, y_few, FOLDS)
    np.testing.assert_array_equal(scores, serial)


def test_on_ray_a_search_survives_a_killed_worker(cluster, functions_of, target, source, serial):
    search = functions_of("search_on_ray")["search"]
    _, scores = search(_as_killer(target), GRID, X_few, y_few, FOLDS)
    np.testing.assert_array_equal(scores, serial)
    assert os.path.exists(source.path_ + ".killed")


def test_a_grid_search_by_joblib_on_ray_has_the_serial_scores(cluster, target, serial):
    from ray.util.joblib import register_ray

    register_ray()
    with joblib.parallel_config("ray"):
        search = GridSearchCV(target, GRID, cv=FOLDS).fit(X_few, y_few)
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], serial.mean(axis=1))
