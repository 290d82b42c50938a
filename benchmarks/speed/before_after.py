"""CPU time of imports, ``fit`` and ``predict`` in two checkouts of this package, which take turns.

    git worktree add ../before <commit>
    OMP_NUM_THREADS=1 python benchmarks/speed/before_after.py ../before . --rounds 7

Each round starts a process for each checkout, in turns.  Prints a Markdown table: milliseconds of
CPU before and after, and the median over rounds of the ratio within a round.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from functools import partial
from pathlib import Path
from statistics import median

#: Rows, columns, repeats of a fit and of a prediction in a process.
SIZES = ((200, 20, 5, 200), (2000, 20, 2, 50))
STRATEGIES = {
    "fine-tuned": "full",
    "L2 towards the start": "l2_sp",
    "frozen": "frozen",
    "from scratch": "scratch",
}


def _milliseconds(call, repeats: int) -> float:
    """The least CPU time of a call."""
    best = float("inf")
    for _ in range(repeats):
        began = time.process_time()
        call()
        best = min(best, time.process_time() - began)
    return 1e3 * best


def measure() -> dict[str, float]:
    """Figures of the package that this process finds."""
    began = time.process_time()
    import sktransfer

    figures = {"`import sktransfer`": 1e3 * (time.process_time() - began)}
    import numpy as np

    warnings.simplefilter("ignore")
    rng = np.random.default_rng(0)
    for n_rows, n_columns, n_fits, n_predictions in SIZES:
        X = rng.normal(size=(n_rows, n_columns))
        y = (X @ rng.normal(size=(n_columns, 3))).argmax(1)
        size = f"{n_rows:,} × {n_columns}"
        params = dict(hidden_layer_sizes=(64, 32), max_iter=20, random_state=0)
        source = sktransfer.TransferMLPClassifier(**params).fit(X, y)
        for name, strategy in STRATEGIES.items():
            target = sktransfer.TransferMLPClassifier(source=source, strategy=strategy, **params)
            target.fit(X, y)  # what is loaded at the first is loaded
            figures[f"fit {name}, {size}"] = _milliseconds(partial(target.fit, X, y), n_fits)
        figures[f"predict {size}"] = _milliseconds(partial(target.predict, X), n_predictions)
        one_row = partial(target.predict, X[:1])
        figures[f"predict one row, {size}"] = _milliseconds(one_row, 4 * n_predictions)
    return figures


def measure_in(checkout: str) -> dict[str, float]:
    """Figures of a checkout, from a process of its own."""
    env = os.environ | {"PYTHONPATH": str(Path(checkout).resolve()), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, __file__, "--here"], env=env, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Print a row per case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkouts", nargs="*", help="before, after")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--here", action="store_true", help="measure what this process imports")
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measure()))
        return
    before, after = options.checkouts
    rounds = [(measure_in(before), measure_in(after)) for _ in range(options.rounds)]
    print("| | before, ms | after, ms | after ÷ before |\n|---|---|---|---|")
    for name in rounds[0][0]:
        old, new = ([one[which][name] for one in rounds] for which in (0, 1))
        ratio = median(b / a for a, b in zip(old, new, strict=True))
        print(f"| {name} | {median(old):.2f} | {median(new):.2f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
