"""Training on the source's rows and the target's against starting from a network of them.

    python benchmarks/quality/joint_training.py --tasks FOLDER [--raw] [--seeds 2]

FOLDER is one of pairs, as ``transfer_pairs.py`` describes it; the table is printed in its form.
The sequential way is ``l2_sp``; ``joint`` begins from random weights, ``joint_from_source`` from
the same source as ``l2_sp``; ``joint_5`` lets the source's rows count five times the target's.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
import warnings
from datetime import date
from pathlib import Path

import numpy as np
import torch
from transfer_pairs import cells, estimator, load_tasks, print_table, score

import sktransfer
from sktransfer.strategies import Joint

#: Name → (the source's rows → a strategy, whether it starts from the source).
METHODS = {
    "scratch": (lambda rows: "scratch", False),
    "l2_sp": (lambda rows: "l2_sp", True),
    "joint": (lambda rows: Joint(rows), False),
    "joint_5": (lambda rows: Joint(rows, source_weight=5.0), False),
    "joint_from_source": (lambda rows: Joint(rows), True),
}


def run_pair(tasks, name, args) -> dict[str, dict[str, float]]:
    """All methods, sizes and seeds on one pair: ``{"method|pair|n|seed": scores}``."""
    task = tasks.load(name, raw=args.raw)
    rows_of_source = task["X_source"], task["y_source"]
    source = estimator(task["kind_source"], random_state=0)
    source.fit(task["X_source"], task["y_source"])
    X_test, y_test = task["X_target"].iloc[task["test"]], task["y_target"][task["test"]]
    results = {}
    for n in args.sizes:
        for seed in range(args.seeds if n <= len(task["train_pool"]) else 0):
            rows = tasks.few_shot(task, n, seed)
            X, y = task["X_target"].iloc[rows], task["y_target"][rows]
            for method, (strategy, starts) in METHODS.items():
                began = time.process_time()
                model = estimator(
                    task["kind"],
                    source=source if starts else None,
                    strategy=strategy(rows_of_source),
                    random_state=seed,
                ).fit(X, y)
                seconds = time.process_time() - began
                key = f"{method}|{name}|{n}|{seed}"
                results[key] = score(model, task["kind"], X_test, y_test) | {"t": seconds}
    return results


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", type=Path, required=True, help="folder of pairs")
    parser.add_argument("--raw", action="store_true", help="tables with text and missing values")
    parser.add_argument("--sizes", nargs="+", type=int, default=[20, 100, 500])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--output", type=Path, default=None, help="JSON file for every score")
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    tasks = load_tasks(args.tasks)
    ceilings = json.loads((args.tasks / "ceilings.json").read_text())
    results: dict[str, dict[str, float]] = {}
    for name in tasks.names():
        results |= run_pair(tasks, name, args)
        print(f"{name}: {time.process_time():.0f} s", flush=True)
        if args.output:
            args.output.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    print(
        f"\nsktransfer {sktransfer.__version__}, {args.seeds} seeds, {platform.machine()} "
        f"{platform.system()}, torch {torch.__version__}, {date.today()}"
    )
    for method in METHODS:
        seconds = [r["t"] for key, r in results.items() if key.startswith(f"{method}|")]
        print(f"{method}: {np.mean(seconds):.1f} s of CPU time a fit")
    table = cells(results, ceilings, args.sizes, args.seeds)
    for reference in ("scratch", "l2_sp"):
        print()
        print_table(table, args.sizes, reference)


if __name__ == "__main__":
    main()
