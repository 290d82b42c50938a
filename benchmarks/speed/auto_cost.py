"""What the ensemble (`strategy="auto"`) costs next to one strategy.

    OMP_NUM_THREADS=1 taskset -c 0 python benchmarks/speed/auto_cost.py

Seconds of CPU time per fit of 20 columns, two classes, from a source of two layers of 256; medians
of alternating runs in one process.
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import torch
from sklearn.datasets import make_classification

from sktransfer import TransferMLPClassifier


def seconds(model, X, y) -> float:
    """CPU time of one fit."""
    began = time.process_time()
    model.fit(X, y)
    return time.process_time() - began


def main() -> None:
    """Print a line per number of rows."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=7)
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    X, y = make_classification(54_000, 20, n_informative=8, random_state=0)
    source = TransferMLPClassifier(random_state=0).fit(X[:4000], y[:4000])

    print(f"{'rows':>6} {'auto, s':>9} {'l2_sp, s':>9} {'ratio':>6}")
    for n_rows in (20, 100, 500, 2000, 5000, 20_000, 50_000):
        rows = slice(4000, 4000 + n_rows)
        models = {
            name: TransferMLPClassifier(source=source, strategy=name, random_state=0)
            for name in ("auto", "l2_sp")
        }
        for model in models.values():  # imports and caches
            model.fit(X[rows], y[rows])
        found: dict[str, list[float]] = {name: [] for name in models}
        for _ in range(args.repeats):
            for name, model in models.items():
                found[name].append(seconds(model, X[rows], y[rows]))
        auto, one = (float(np.median(found[name])) for name in ("auto", "l2_sp"))
        print(f"{n_rows:6} {auto:9.2f} {one:9.2f} {auto / one:6.1f}")


if __name__ == "__main__":
    main()
