"""What scripts that score methods on pairs of tables share: their options, loop and tables.

``transfer_pairs.py`` describes a folder of pairs.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transfer_pairs import cells, load_tasks, print_table, score

import sktransfer

#: ``{"method|pair|n|seed": scores}``
Results = dict[str, dict[str, float]]


def options(doc: str, sizes: Sequence[int], seeds: int) -> argparse.ArgumentParser:
    """The options of every such script, with these defaults."""
    parser = argparse.ArgumentParser(description=doc.split("\n")[0])
    parser.add_argument("--tasks", type=Path, required=True, help="folder of pairs")
    parser.add_argument("--pairs", nargs="+", default=None, help="some of them")
    parser.add_argument("--sizes", nargs="+", type=int, default=list(sizes))
    parser.add_argument("--seeds", type=int, default=seeds)
    parser.add_argument(
        "--output", type=Path, default=None, help="JSON file for every score; resumed from"
    )
    return parser


def draws(tasks: Any, task: dict[str, Any], args: Any) -> Iterator[tuple[int, int, np.ndarray]]:
    """Number of labelled rows, seed, and the rows."""
    for n in args.sizes:
        for seed in range(args.seeds if n <= len(task["train_pool"]) else 0):
            yield n, seed, tasks.few_shot(task, n, seed)


def timed(fit: Callable[[], Any]) -> tuple[Any, float]:
    """A fitted model, and the CPU seconds that its fit took."""
    began = time.process_time()
    model = fit()
    return model, time.process_time() - began


def measure(
    args: Any,
    run_pair: Callable[[Any, str, Any, Results], None],
    takes: Callable[[dict[str, Any]], bool] | None = None,
) -> Results:
    """Score all methods on all pairs, or on those that a script takes.

    ``run_pair(tasks, name, args, results)`` adds to the results what they lack.
    """
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    tasks = load_tasks(args.tasks)
    results: Results = {}
    if args.output and args.output.exists():
        results = json.loads(args.output.read_text())
    pairs = args.pairs or [n for n in tasks.names() if not takes or takes(tasks.load(n, raw=True))]
    for name in pairs:
        run_pair(tasks, name, args, results)
        print(f"{name}: {time.process_time():.0f} s", flush=True)
        if args.output:
            args.output.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    print(
        f"\nsktransfer {sktransfer.__version__}, {len(pairs)} pairs, {args.seeds} seeds, "
        f"{platform.machine()} {platform.system()}, torch {torch.__version__}, {date.today()}"
    )
    return results


def print_tables(results: Results, args: Any, references: Sequence[str]) -> None:
    """Mean scores of all methods, against each reference, and their cost."""
    ceilings = json.loads((args.tasks / "ceilings.json").read_text())
    table = cells(results, ceilings, args.sizes, args.seeds)
    for reference in references:
        print()
        print_table(table, args.sizes, reference)
    seconds: dict[str, list[float]] = {}
    for key, scores in results.items():
        if "t" in scores:
            seconds.setdefault(key.split("|")[0], []).append(scores["t"])
    costs = (f"{method} {np.mean(found):.1f}" for method, found in seconds.items())
    print(f"\nCPU s a fit: {', '.join(costs)}")


def add(
    results: Results, key: str, fit: Callable[[], Any], kind: str, X_test: Any, y_test: Any
) -> None:
    """Fit and score a method, unless it is among the results."""
    if key in results:
        return
    model, seconds = timed(fit)
    results[key] = score(model, kind, X_test, y_test) | {"t": seconds}
