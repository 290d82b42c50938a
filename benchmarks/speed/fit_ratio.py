"""CPU time of ``fit`` beside scikit-learn's, interleaved in one process.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 taskset -c 0 python benchmarks/speed/fit_ratio.py

Both sides train the same network by the same steps (``standardize=False``), and their final losses
are printed side by side.
"""

from __future__ import annotations

import argparse
import platform
import time
import warnings
from datetime import date

import numpy as np
import sklearn
import torch
from sklearn.neural_network import MLPClassifier

from sktransfer import TransferMLPClassifier

CONFIGURATIONS = [
    ((64,), 32, 4),
    ((64,), 256, 10),
    ((256, 256), 32, 2),
    ((256, 256), 256, 4),
    ((512, 512, 512), 256, 2),
]


def seconds_of(estimator, X, y) -> float:
    """CPU seconds of one fit."""
    began = time.process_time()
    estimator.fit(X, y)
    return time.process_time() - began


def main() -> None:
    """Print a row per configuration."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    rng = np.random.RandomState(0)
    X = rng.randn(args.rows, 20).astype(np.float32)
    y = (X[:, 0] + X[:, 1] * X[:, 2] > 0).astype(int)
    print(
        f"{args.rows} rows, {platform.machine()} {platform.system()}, scikit-learn "
        f"{sklearn.__version__}, torch {torch.__version__}, {date.today()}"
    )
    columns = f"{'µs/step':>10}{'scikit-learn':>14}{'ratio':>7}{'Δ loss':>10}"
    print(f"{'hidden':<18}{'batch':>6}{columns}")
    for hidden, batch_size, epochs in CONFIGURATIONS:
        params = dict(
            hidden_layer_sizes=hidden, batch_size=batch_size, max_iter=epochs, random_state=0
        )
        ours = TransferMLPClassifier(standardize=False, **params)
        theirs = MLPClassifier(**params)
        pairs = [(seconds_of(ours, X, y), seconds_of(theirs, X, y)) for _ in range(args.repeats)]
        n_steps = epochs * -(-args.rows // batch_size)
        a, b = np.median(pairs, axis=0) / n_steps * 1e6
        ratio = np.median([their / our for our, their in pairs])
        difference = abs(ours.loss_ - theirs.loss_)
        print(f"{hidden!s:<18}{batch_size:>6}{a:>10.0f}{b:>14.0f}{ratio:>7.2f}{difference:>10.0e}")


if __name__ == "__main__":
    main()
