"""Peak memory of a fit of few rows and very many columns, as a multiple of the table.

    python benchmarks/reliability/wide_tables.py --columns 50000

Each estimator is fitted in a process of its own; what the interpreter and its packages take is
left out.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys

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


def main() -> None:
    """Print a line per estimator."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--columns", type=int, default=50_000)
    parser.add_argument("--strategies", nargs="*", default=["scikit-learn", "l2_sp"])
    parser.add_argument("--who", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.who:
        print(measured(args.who, args.columns))
        return
    for who in args.strategies:
        command = [sys.executable, "-W", "ignore", __file__, "--who", who]
        done = subprocess.run(
            [*command, "--columns", str(args.columns)], capture_output=True, text=True, check=True
        )
        print(f"200 × {args.columns:,} float32, {who}: {float(done.stdout):.1f} × the table")


if __name__ == "__main__":
    main()
