"""CPU time of ``predict`` next to scikit-learn's, one row and many rows, interleaved.

OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 taskset -c 0 python benchmarks/speed/predict_ratio.py
"""

from __future__ import annotations

import time
import warnings
from datetime import date

import numpy as np
from sklearn.neural_network import MLPClassifier

from sktransfer import TransferMLPClassifier

REPEATS = 9


def microseconds(model, X, n_calls):
    """CPU time of one call."""
    began = time.process_time()
    for _ in range(n_calls):
        model.predict(X)
    return (time.process_time() - began) / n_calls * 1e6


def main() -> None:
    """Print a row per size."""
    warnings.simplefilter("ignore")
    rng = np.random.RandomState(0)
    X = rng.randn(100_000, 20).astype(np.float32)
    y = rng.randint(0, 3, 500)
    params = dict(hidden_layer_sizes=(256, 256), max_iter=2, random_state=0)
    models = {
        "scikit-learn": MLPClassifier(**params),
        "standardize=False": TransferMLPClassifier(standardize=False, **params),
        "default": TransferMLPClassifier(**params),
    }
    for model in models.values():
        model.fit(X[:500], y)
    names = list(models)
    print(f"(256, 256), 20 columns, {date.today()}; µs a call, and the ratio to scikit-learn's\n")
    print("| rows | " + " | ".join(names) + " |\n" + "|---" * (1 + len(names)) + "|")
    for n_rows, n_calls in [(1, 200), (1000, 10), (100_000, 1)]:
        rows = X[:n_rows].copy()
        times = np.array(
            [[microseconds(m, rows, n_calls) for m in models.values()] for _ in range(REPEATS)]
        )
        ratio = np.median(times / times[:, :1], axis=0)
        cells = [f"{t:.0f} ({r:.2f})" for t, r in zip(np.median(times, 0), ratio, strict=True)]
        print(f"| {n_rows:,} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
