"""Whether memory grows over many fits and over a long stream.

    python benchmarks/reliability/long_runs.py --fits 200 --chunks 1000

Prints the resident memory of the process after a fifth of each run and at its end.
"""

from __future__ import annotations

import argparse
import gc
import resource
import warnings

import numpy as np

from sktransfer import TransferMLPClassifier


def resident_bytes() -> int:
    """What the process holds now (Linux)."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def growth(step, n_steps: int) -> tuple[int, int]:
    """Resident memory after a fifth of the steps, when caches are warm, and at the end."""
    early = 0
    for number in range(n_steps):
        step(number)
        if number + 1 == max(1, n_steps // 5):
            gc.collect()
            early = resident_bytes()
    gc.collect()
    return early, resident_bytes()


def sequential_fits(strategy: str, n_rows: int = 200):
    """A step that fits a new estimator from one source."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, 10))
    y = (X[:, 0] > 0).astype(int)
    source = TransferMLPClassifier((64,), max_iter=2, strategy="l2_sp", random_state=0).fit(X, y)

    def step(number: int) -> None:
        model = TransferMLPClassifier(source=source, strategy=strategy, random_state=number)
        model.set_params(max_iter=3).fit(X, y).predict(X)

    return step


def stream(n_rows: int = 200):
    """A step that gives one more chunk to one estimator."""
    rng = np.random.default_rng(0)
    model = TransferMLPClassifier((64,), strategy="l2_sp", random_state=0)

    def step(number: int) -> None:
        X = rng.normal(size=(n_rows, 10))
        model.partial_fit(X, (X[:, 0] > 0).astype(int), classes=[0, 1])

    return step


def main() -> None:
    """Run both and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fits", type=int, default=200)
    parser.add_argument("--chunks", type=int, default=1000)
    parser.add_argument("--strategy", default="l2_sp")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    for what, step, n_steps in (
        (f"fits ({args.strategy})", sequential_fits(args.strategy), args.fits),
        ("chunks of a stream", stream(), args.chunks),
    ):
        early, late = growth(step, n_steps)
        print(
            f"{n_steps} {what}: {early / 1e6:.1f} MB after a fifth, {late / 1e6:.1f} MB at the "
            f"end ({(late - early) / 1e6:+.1f} MB)"
        )


if __name__ == "__main__":
    main()
