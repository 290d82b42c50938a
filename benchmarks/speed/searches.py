"""Wall time of a plain ``GridSearchCV``, and what a fit costs beyond its steps, interleaved.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 taskset -c 0 python benchmarks/speed/searches.py

24 candidates (learning rate and penalty) times 5 folds of 5,000 rows and 20 columns, 5 epochs a
fit, one process; the same networks without standardisation on all sides.  "Beyond its steps" is
the time of a fit of 200 rows for one epoch, less that of one more epoch: validation, building the
network, bookkeeping.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from functools import partial

import loops
import numpy as np
import torch
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier

from sktransfer import TransferMLPClassifier

CONFIGURATIONS = [((64,), 200), ((64,), 32), ((256, 256), 200)]
GRID = {"learning_rate_init": [0.0003, 0.001, 0.003, 0.01], "alpha": np.logspace(-6, -1, 6)}


def ours(**params):
    """This package's estimator, doing what scikit-learn's does."""
    return TransferMLPClassifier(standardize=False, random_state=0, **params)


def theirs(**params):
    """scikit-learn's."""
    return MLPClassifier(random_state=0, **params)


def seconds(run) -> float:
    """Wall time of one call."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def search_times(hidden, batch_size, X, y, repeats) -> dict[str, list[float]]:
    """Seconds of each search, in turn."""
    found: dict[str, list[float]] = {"ours": [], "scikit-learn": []}
    for _ in range(repeats):
        for name, make in (("ours", ours), ("scikit-learn", theirs)):
            model = make(hidden_layer_sizes=hidden, batch_size=batch_size, max_iter=5)
            search = GridSearchCV(model, GRID, cv=5, refit=False)
            found[name].append(seconds(partial(search.fit, X, y)))
    return found


def fixed_times(X, y, repeats) -> dict[str, float]:
    """Milliseconds of a fit beyond its steps."""
    runs: dict[tuple[str, int], Callable] = {}
    for n in (1, 2):
        params = dict(hidden_layer_sizes=(64,), batch_size=len(X), max_iter=n)
        runs["ours", n] = partial(ours(**params).fit, X, y)
        runs["scikit-learn", n] = partial(theirs(**params).fit, X, y)
        runs["skorch", n] = partial(loops.skorch_default, X, y, (64,), len(X), n)
    found: dict[tuple[str, int], list[float]] = {key: [] for key in runs}
    for _ in range(repeats):
        for key, run in runs.items():
            found[key].append(seconds(run))
    medians = {key: float(np.median(times)) for key, times in found.items()}
    names = dict.fromkeys(name for name, _ in runs)
    return {name: 1e3 * (2 * medians[name, 1] - medians[name, 2]) for name in names}


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    rng = np.random.RandomState(0)
    X = rng.randn(5000, 20).astype(np.float32)
    y = (X[:, 0] + X[:, 1] * X[:, 2] > 0).astype(int)

    fixed = fixed_times(X[:200], y[:200], 100 * args.repeats)
    print("ms of a fit beyond its steps: ", end="")
    print(", ".join(f"{name} {value:.1f}" for name, value in fixed.items()))
    print("\n| hidden / batch | s | scikit-learn, s | ratio |\n|---|---|---|---|")
    for hidden, batch_size in CONFIGURATIONS:
        found = search_times(hidden, batch_size, X, y, args.repeats)
        one, other = np.array(found["ours"]), np.array(found["scikit-learn"])
        print(
            f"| {hidden} / {batch_size} | {np.median(one):.1f} | {np.median(other):.1f} | "
            f"{np.median(other / one):.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
