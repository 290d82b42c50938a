"""CPU time of ``fit`` and ``predict`` with default parameters next to RealMLP's, interleaved.

    pip install "pytabkit[models]"
    OMP_NUM_THREADS=1 taskset -c 0 python benchmarks/speed/realmlp.py

Both are networks for tables with every choice made.  RealMLP (pytabkit) goes 256 times over four
fifths of the rows in batches of 256 and keeps the epoch that is best on the other fifth; ours
takes the steps of ``max_iter='auto'``.  The ratio is that of whole fits and, so that not only the
number of steps is compared, that of a step.  ``auto`` is our default with a source.
"""

from __future__ import annotations

import argparse
import platform
import time
import warnings
from datetime import date
from functools import partial
from importlib.metadata import version

import numpy as np
import torch
from pytabkit import RealMLP_TD_Classifier

from sktransfer import TransferMLPClassifier

#: Ratios are RealMLP's time to that of ours without a source.
COLUMNS = (
    "rows",
    *("RealMLP, s", "ours, s", "auto, s"),
    *("fit, ratio", "a step, ratio", "predict, ratio"),
    *("RealMLP, accuracy", "ours, accuracy", "auto, accuracy"),
)


def seconds(run) -> float:
    """CPU time of one call."""
    began = time.process_time()
    run()
    return time.process_time() - began


def contenders(source):
    """Name → a new estimator."""
    return {
        "RealMLP": RealMLP_TD_Classifier(device="cpu", random_state=0, n_threads=1, n_cv=1),
        "ours": TransferMLPClassifier(random_state=0),
        "auto": TransferMLPClassifier(source=source, random_state=0),
    }


def steps(name: str, model, n_rows: int) -> int:
    """Steps of the optimiser that a fit has taken."""
    if name == "RealMLP":
        return 256 * max(1, int(0.8 * n_rows) // 256)  # it leaves out a last, smaller batch
    return model.n_iter_ * -(-n_rows // min(128, n_rows))


def measure(source, X, y, X_test, y_test, repeats: int) -> list[str]:
    """One row of the table."""
    fits: dict[str, list[float]] = {name: [] for name in contenders(source)}
    answers: dict[str, list[float]] = {name: [] for name in fits}
    n_steps, right = {}, {}
    for _ in range(repeats):
        for name, model in contenders(source).items():
            fits[name].append(seconds(partial(model.fit, X, y)))
            answers[name].append(seconds(partial(model.predict_proba, X_test)))
            n_steps[name] = steps(name, model, len(X))
            right[name] = np.mean(model.predict(X_test) == y_test)
    ratio = float(np.median(np.divide(fits["RealMLP"], fits["ours"])))
    of_predict = float(np.median(np.divide(answers["RealMLP"], answers["ours"])))
    return [
        *(f"{np.median(fits[name]):.2f}" for name in fits),
        f"{ratio:.1f}",
        f"{ratio * n_steps['ours'] / n_steps['RealMLP']:.1f}",
        f"{of_predict:.1f}",
        *(f"{right[name]:.3f}" for name in fits),
    ]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--rows", type=int, nargs="+", default=[100, 500, 2000, 10_000])
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    rng = np.random.RandomState(0)
    X = rng.randn(40_000, 20).astype(np.float32)
    y = (X[:, 0] + X[:, 1] * X[:, 2] + 0.5 * rng.randn(len(X)) > 0).astype(int)
    source = TransferMLPClassifier(random_state=0).fit(X[20_000:25_000], y[20_000:25_000])
    versions = f"torch {torch.__version__}, pytabkit {version('pytabkit')}"
    print(f"{platform.machine()} {platform.system()}, {versions}, {date.today()}\n")
    print("| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|")
    for n in args.rows:
        row = measure(source, X[:n], y[:n], X[30_000:], y[30_000:], args.repeats)
        print("| " + " | ".join([str(n), *row]) + " |", flush=True)


if __name__ == "__main__":
    main()
