"""
A search on Ray
===============

Every candidate on every fold is a task.  The source and the table are put into Ray's object store
once, and all tasks of a machine read the same memory.  Tasks whose worker died are run again::

    python examples/tools/search_on_ray.py

starts Ray here; within a cluster, ``ray job submit`` runs the same script there.
"""

from __future__ import annotations

import numpy as np
import ray
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import ParameterGrid, StratifiedKFold, cross_validate

from sktransfer import TransferMLPClassifier


def score(shared, params, fold):
    """Test score of one candidate on one fold."""
    estimator, X, y = shared
    model = clone(estimator).set_params(**params)
    return cross_validate(model, X, y, cv=[fold], error_score="raise")["test_score"][0]


def search(estimator, grid, X, y, cv, max_retries=3):
    """Candidates and their scores, of shape (n_candidates, n_folds)."""
    folds, candidates = list(cv.split(X, y)), list(ParameterGrid(grid))
    shared = ray.put((estimator, X, y))
    task = ray.remote(num_cpus=1, max_retries=max_retries)(score)
    tasks = [task.remote(shared, params, fold) for params in candidates for fold in folds]
    scores = np.reshape(ray.get(tasks), (len(candidates), len(folds)))
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
    ray.init(include_dashboard=False)
    estimator, grid, X, y = problem()
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    candidates, scores = search(estimator, grid, X, y, folds)
    for params, values in zip(candidates, scores, strict=True):
        print(f"{params['strategy']:8} {values.mean():.3f} ± {values.std():.3f}")
    ray.shutdown()


if __name__ == "__main__":
    main()
