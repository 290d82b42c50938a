"""
A search on a Dask cluster
==========================

Every candidate on every fold is a task of its own.  The source, and the table, travel once: they
are a task too, whose result workers hand to each other, and which is made again where it was lost.
So the search survives a worker that is killed, which a joblib backend does not::

    python examples/tools/search_on_dask.py

starts two workers here; with the address of a scheduler it uses that cluster.
"""

from __future__ import annotations

import sys

import numpy as np
from dask.distributed import Client
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import ParameterGrid, StratifiedKFold, cross_validate

from sktransfer import TransferMLPClassifier


def score(shared, params, fold):
    """Test score of one candidate on one fold."""
    estimator, X, y = shared
    model = clone(estimator).set_params(**params)
    return cross_validate(model, X, y, cv=[fold], error_score="raise")["test_score"][0]


def keep(shared):
    """What all tasks need, as the result of a task."""
    return shared


def search(client, estimator, grid, X, y, cv, retries=3):
    """Candidates and their scores, of shape (n_candidates, n_folds)."""
    folds, candidates = list(cv.split(X, y)), list(ParameterGrid(grid))
    shared = client.submit(keep, (estimator, X, y), pure=False, retries=retries)
    tasks = [
        client.submit(score, shared, params, fold, pure=False, retries=retries)
        for params in candidates
        for fold in folds
    ]
    scores = np.reshape(client.gather(tasks), (len(candidates), len(folds)))
    return candidates, scores


def problem():
    """An estimator with a source, a grid, and the target's table."""
    X, y = load_digits(return_X_y=True)
    source = TransferMLPClassifier((64,), random_state=0).fit(X[y <= 4], y[y <= 4])
    grid = {"strategy": ["l2_sp", "full", "frozen", "scratch"]}
    target = TransferMLPClassifier(source=source, random_state=0)
    return target, grid, X[y >= 5][:200], y[y >= 5][:200]


def main() -> None:
    """Search, and show the scores."""
    here = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with Client(sys.argv[1]) if len(sys.argv) > 1 else Client(**here) as client:
        estimator, grid, X, y = problem()
        folds = StratifiedKFold(5, shuffle=True, random_state=0)
        candidates, scores = search(client, estimator, grid, X, y, folds)
    for params, values in zip(candidates, scores, strict=True):
        print(f"{params['strategy']:8} {values.mean():.3f} ± {values.std():.3f}")


if __name__ == "__main__":
    main()
