"""One fit of one checkout, one of the other, and so on: small differences on a busy machine.

    git worktree add ../before <commit>
    OMP_NUM_THREADS=1 python benchmarks/speed/fits_in_turns.py ../before . --strategy frozen

Two processes live as long as the script, and each fits when it is its turn.  Prints milliseconds
of CPU of a fit of 200 rows and of a prediction of one row, and the median ratio of neighbours.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path
from statistics import median


def work(strategy: str) -> None:
    """Fit and predict at every line of the input, and print what each took."""
    import numpy as np

    import sktransfer

    warnings.simplefilter("ignore")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 20))
    y = (X @ rng.normal(size=(20, 3))).argmax(1)
    params = dict(hidden_layer_sizes=(64, 32), max_iter=20, random_state=0)
    source = sktransfer.TransferMLPClassifier(strategy="l2_sp", **params).fit(X, y)
    target = sktransfer.TransferMLPClassifier(source=source, strategy=strategy, **params)
    target.fit(X, y).predict(X[:1])  # what is loaded at the first is loaded
    for _ in sys.stdin:
        began = time.process_time()
        target.fit(X, y)
        fitted = time.process_time()
        for _ in range(20):
            target.predict(X[:1])
        print(fitted - began, (time.process_time() - fitted) / 20, flush=True)


def worker(checkout: str, strategy: str) -> subprocess.Popen:
    """A process that uses a checkout."""
    env = os.environ | {"PYTHONPATH": str(Path(checkout).resolve()), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--here", "--strategy", strategy]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, text=True)


def main() -> None:
    """Print a row for fits, and one for predictions."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkouts", nargs="*", help="before, after")
    parser.add_argument("--strategy", default="frozen")
    parser.add_argument("--turns", type=int, default=120)
    parser.add_argument("--here", action="store_true", help="measure what this process imports")
    options = parser.parse_args()
    if options.here:
        work(options.strategy)
        return
    workers = [worker(checkout, options.strategy) for checkout in options.checkouts]
    took: list[list[list[float]]] = [[], []]
    for turn in range(options.turns):
        for one in (0, 1) if turn % 2 else (1, 0):
            process = workers[one]
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write("\n")
            process.stdin.flush()
            took[one].append([float(figure) for figure in process.stdout.readline().split()])
    for process in workers:
        process.communicate()
    print("| | before, ms | after, ms | after ÷ before |\n|---|---|---|---|")
    for at, name in enumerate((f"fit {options.strategy}", "predict one row")):
        before, after = ([1e3 * row[at] for row in of_one] for of_one in took)
        ratio = median(b / a for a, b in zip(before, after, strict=True))
        print(f"| {name} | {median(before):.3f} | {median(after):.3f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
