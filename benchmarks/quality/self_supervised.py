"""A source from rows without labels, against no source and against principal components.

    python benchmarks/quality/self_supervised.py --tasks FOLDER [--seeds 1] [--sizes 20 100]

FOLDER is one of pairs, as ``transfer_pairs.py`` describes it.  Only the target's tables are used:
``SelfSupervisedMLP`` and the principal components learn from the rows that labelled ones are drawn
from, 2,000 at most, without their labels.  ``scratch`` is one network and ``own`` the ensemble,
without a source; ``ssl_l2_sp`` and ``ssl_auto`` are the same from the self-supervised source;
``ssl_linear``, ``pca_linear`` and ``linear`` are logistic or ridge regression on its layers, on 20
principal components, and on the columns.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
import warnings
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegressionCV, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from transfer_pairs import cells, estimator, load_tasks, print_table, score

import sktransfer
from sktransfer import SelfSupervisedMLP

#: Rows without labels, at most.
MOST_ROWS = 2000


def linear(kind: str) -> Any:
    """Logistic or ridge regression that chooses its penalty."""
    if kind == "clf":
        return LogisticRegressionCV(Cs=np.logspace(-3, 1, 5), cv=3, max_iter=500)
    return RidgeCV(np.logspace(-2, 4, 13))


def methods(kind: str, source: Any, plain_rows: np.ndarray, seed: int) -> dict[str, Callable]:
    """Name → a new estimator, and whether it reads columns in numbers."""
    scaler = StandardScaler().fit(plain_rows)
    pca = PCA(min(20, *plain_rows.shape), random_state=0).fit(scaler.transform(plain_rows))

    def on(*steps: Any) -> Any:
        from sklearn.frozen import FrozenEstimator

        return make_pipeline(*map(FrozenEstimator, steps), StandardScaler(), linear(kind))

    return {
        "scratch": lambda: estimator(kind, strategy="scratch", random_state=seed),
        "own": lambda: estimator(kind, strategy="ensemble", random_state=seed),
        "ssl_l2_sp": lambda: estimator(kind, source=source, strategy="l2_sp", random_state=seed),
        "ssl_auto": lambda: estimator(kind, source=source, random_state=seed),
        "ssl_linear": lambda: on(source),
        "pca_linear": lambda: on(scaler, pca),
        "linear": lambda: on(scaler),
    }


def run_pair(tasks, name: str, args) -> dict[str, dict[str, float]]:
    """All methods, sizes and seeds on one target: ``{"method|pair|n|seed": scores}``."""
    task = tasks.load(name)
    kind, X, y = task["kind"], task["X_target"], task["y_target"]
    rest = np.random.RandomState(0).permutation(task["train_pool"])[:MOST_ROWS]
    began = time.process_time()
    source = SelfSupervisedMLP(random_state=0).fit(X.iloc[rest])
    print(f"{name}: pretrained in {time.process_time() - began:.1f} s", flush=True)
    results = {}
    for n in args.sizes:
        for seed in range(args.seeds if n <= len(task["train_pool"]) else 0):
            rows = tasks.few_shot(task, n, seed)
            for method, make in methods(kind, source, X.iloc[rest], seed).items():
                began = time.process_time()
                model = make().fit(X.iloc[rows], y[rows])
                seconds = time.process_time() - began
                scores = score(model, kind, X.iloc[task["test"]], y[task["test"]])
                results[f"{method}|{name}|{n}|{seed}"] = scores | {"t": seconds}
    return results


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", type=Path, required=True, help="folder of pairs")
    parser.add_argument("--pairs", nargs="+", default=None)
    parser.add_argument("--sizes", nargs="+", type=int, default=[20, 100])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--output", type=Path, default=None, help="JSON file for every score")
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    tasks = load_tasks(args.tasks)
    ceilings = json.loads((args.tasks / "ceilings.json").read_text())
    results: dict[str, dict[str, float]] = {}
    for name in args.pairs or tasks.names():
        results |= run_pair(tasks, name, args)
        if args.output:
            args.output.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    print(
        f"\nsktransfer {sktransfer.__version__}, {args.seeds} seeds, {platform.machine()} "
        f"{platform.system()}, torch {torch.__version__}, {date.today()}"
    )
    table = cells(results, ceilings, args.sizes, args.seeds)
    for reference in ("scratch", "own", "pca_linear"):
        print()
        print_table(table, args.sizes, reference)


if __name__ == "__main__":
    main()
