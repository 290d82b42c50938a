"""CPU time of ``fit`` next to scikit-learn, skorch and hand-written loops, interleaved.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 taskset -c 0 python benchmarks/speed/fit_ratio.py

Prints a Markdown table: microseconds of CPU per step of this package's whole public ``fit``, and
how many times as long each of the others takes (medians of the ratios within a round).  ``loss``
is the largest relative difference of final losses among those that take the same steps:
scikit-learn, the explicit loop and this package.
"""

from __future__ import annotations

import argparse
import platform
import time
import warnings
from datetime import date

import loops
import numpy as np
import sklearn
import torch
from sklearn.neural_network import MLPClassifier, MLPRegressor

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer._networks._dense import DenseNetwork

#: Hidden layers, batch size, epochs a fit.
CONFIGURATIONS = [
    ((64,), 32, 3),
    ((64,), 256, 10),
    ((256, 256), 32, 2),
    ((256, 256), 256, 4),
    ((512, 512, 512), 32, 1),
    ((512, 512, 512), 256, 2),
]


def autograd(X, y, **params):
    """This package's fit, without the engine's shortcut for a dense stack of layers."""
    DenseNetwork.is_dense_stack = False
    try:
        return TransferMLPClassifier(standardize=False, **params).fit(X, y).loss_
    finally:
        DenseNetwork.is_dense_stack = True


def sides(hidden, batch_size, n_epochs, X, y):
    """Name → a function that trains once and returns the final loss."""
    params = dict(
        hidden_layer_sizes=hidden, batch_size=batch_size, max_iter=n_epochs, random_state=0
    )
    wide, number = X.astype(np.float64), X[:, 0] * X[:, 1]
    shape = (hidden, batch_size, n_epochs)
    return {
        "ours": lambda: TransferMLPClassifier(standardize=False, **params).fit(X, y).loss_,
        "scikit-learn": lambda: MLPClassifier(**params).fit(X, y).loss_,
        "ours, float64": lambda: (
            TransferMLPClassifier(standardize=False, **params).fit(wide, y).loss_
        ),
        "scikit-learn, float64": lambda: MLPClassifier(**params).fit(wide, y).loss_,
        "ours, regression": lambda: (
            TransferMLPRegressor(standardize=False, **params).fit(X, number).loss_
        ),
        "scikit-learn, regression": lambda: MLPRegressor(**params).fit(X, number).loss_,
        "ours, autograd": lambda: autograd(X, y, **params),
        "skorch": lambda: loops.skorch_default(X, y, *shape),
        "plain torch": lambda: loops.plain_torch(X, y, *shape),
        "explicit": lambda: loops.explicit(X, y, *shape),
    }


#: Column → (who, against whom): the ratio of the CPU times.
COLUMNS = {
    "scikit-learn": ("scikit-learn", "ours"),
    "skorch": ("skorch", "ours"),
    "plain torch": ("plain torch", "ours"),
    "÷ explicit": ("ours", "explicit"),
    "scikit-learn ÷ explicit": ("scikit-learn", "explicit"),
    "float64": ("scikit-learn, float64", "ours, float64"),
    "regression": ("scikit-learn, regression", "ours, regression"),
    "autograd tier": ("scikit-learn", "ours, autograd"),
}


def measure(configuration, X, y, repeats):
    """One row of the table."""
    hidden, batch_size, n_epochs = configuration
    contenders = sides(*configuration, X, y)
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    losses = {}
    for _ in range(repeats):
        for name, run in contenders.items():
            began = time.process_time()
            losses[name] = run()
            seconds[name].append(time.process_time() - began)
    n_steps = n_epochs * -(-len(X) // batch_size)
    same = [losses[name] for name in ("ours", "scikit-learn", "explicit", "ours, autograd")]
    cells = [f"{hidden} / {batch_size}", f"{np.median(seconds['ours']) / n_steps * 1e6:.0f}"]
    for who, whom in COLUMNS.values():
        cells.append(f"{np.median(np.divide(seconds[who], seconds[whom])):.2f}")
    return [*cells, f"{max(same) / min(same) - 1:.0e}"]


def main() -> None:
    """Print the table."""
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
        f"{args.rows} rows, 20 columns, one thread, {platform.machine()} {platform.system()}, "
        f"scikit-learn {sklearn.__version__}, torch {torch.__version__}, {date.today()}\n"
    )
    columns = ["hidden / batch", "µs a step", *COLUMNS, "loss"]
    print("| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|")
    for configuration in CONFIGURATIONS:
        row = measure(configuration, X, y, args.repeats)
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
