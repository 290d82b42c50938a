"""Time and memory of tables with very many columns.

    python benchmarks/reliability/wide_tables.py --columns 50000
    python benchmarks/reliability/wide_tables.py --sparse 0.001 0.01

The first prints the peak memory of a fit of few rows, as a multiple of the table; the second fits
and predicts 1,500 sparse rows of 20,000 columns, as scikit-learn does and with and without a
source.

Each estimator is fitted in a process of its own; what the interpreter and its packages take is
left out.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
import tracemalloc

import numpy as np


def measured(who: str, n_columns: int) -> float:
    """Peak of a fit of 200 rows, in bytes per byte of the table."""
    from sklearn.neural_network import MLPClassifier

    from sktransfer import TransferMLPClassifier

    if who == "scikit-learn":
        model = MLPClassifier((64,), max_iter=2, random_state=0)
    else:
        model = TransferMLPClassifier((64,), max_iter=2, strategy=who, random_state=0)
    rng = np.random.default_rng(0)
    small = rng.normal(size=(200, 10)).astype(np.float32)
    model.fit(small, small[:, 0] > 0)
    X = rng.standard_normal((200, n_columns), dtype=np.float32)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    model.fit(X, X[:, 0] > 0)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before) / X.nbytes


def measured_sparse(who: str, density: float) -> str:
    """Time and memory of fit and predict, in words."""
    from scipy import sparse
    from sklearn.neural_network import MLPClassifier

    from sktransfer import TransferMLPClassifier

    X = sparse.random(1500, 20_000, density=density, format="csr", random_state=0)
    y = np.random.default_rng(0).integers(0, 2, X.shape[0])
    settings = {"hidden_layer_sizes": (64,), "max_iter": 3, "random_state": 0}
    for kind in (MLPClassifier, TransferMLPClassifier):  # what they import is not measured
        kind(**settings).fit(X[:20, :30], y[:20]).predict(X[:20, :30])
    if who == "scikit-learn":
        model = MLPClassifier(**settings)
    elif who == "scratch":
        model = TransferMLPClassifier(**settings)
    else:
        source = TransferMLPClassifier(**settings).fit(X, y)
        model = TransferMLPClassifier(source=source, strategy=who, **settings)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    model.fit(X, y)
    seconds = time.process_time() - start
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1e3
    tracemalloc.start()
    model.predict_proba(X)
    traced = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    times = []
    for _ in range(5):
        start = time.process_time()
        model.predict_proba(X)
        times.append(time.process_time() - start)
    return (
        f"fit {seconds:.2f} s, peak +{peak:.0f} MB; predict {1e3 * min(times):.0f} ms, "
        f"traced {traced:.0f} MB"
    )


def main() -> None:
    """Print a line per estimator."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--columns", type=int, default=50_000)
    parser.add_argument("--strategies", nargs="*", default=["scikit-learn", "scratch", "l2_sp"])
    parser.add_argument("--sparse", nargs="+", type=float, metavar="DENSITY")
    parser.add_argument("--who", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.who and args.sparse:
        print(measured_sparse(args.who, *args.sparse))
        return
    if args.who:
        print(measured(args.who, args.columns))
        return
    for density in args.sparse or ():
        for who in args.strategies:
            command = [sys.executable, "-W", "ignore", __file__, "--who", who, "--sparse"]
            done = subprocess.run(
                [*command, str(density)], capture_output=True, text=True, check=True
            )
            print(f"1,500 × 20,000 at {density:g}, {who}: {done.stdout.strip()}")
    if args.sparse:
        return
    for who in args.strategies:
        command = [sys.executable, "-W", "ignore", __file__, "--who", who]
        done = subprocess.run(
            [*command, "--columns", str(args.columns)], capture_output=True, text=True, check=True
        )
        print(f"200 × {args.columns:,} float32, {who}: {float(done.stdout):.1f} × the table")


if __name__ == "__main__":
    main()
