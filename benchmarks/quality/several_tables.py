"""Several related tables and a few rows of another: what is gained by using all of them.

    python benchmarks/quality/several_tables.py --groups FOLDER [--seeds 1] [--sizes 20 100]

FOLDER holds ``meta.json``, ``{"name": {"group": …, "kind": "clf" | "reg", "target": …}}``, and for
each group a folder of ``<table>.csv.gz`` with the target in the column ``__y``; one table is the
target, the others are given whole, 600 rows of each at most.  The groups of docs/benchmarks.md are
software projects (terapromise, by way of klainfo/DefectData), releases of one of them, hospitals
(UCI heart disease), laboratories (AqSolDB), cities (stays, by Gyódi and Nawaro) and brands of used
cars.

The score is the AUC, or R².  ``tables`` is ``WeightedEnsemble(["auto", Joint(tables)])``; ``best``
and ``all`` start from one network for each table; ``cat_pool`` is CatBoost on the rows of all
tables with a column of the table's name; ``cat`` is CatBoost on the target's rows alone.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
import warnings
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from catboost_methods import CatBoost, Tables
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import train_test_split
from transfer_pairs import estimator

import sktransfer
from sktransfer.strategies import Joint, WeightedEnsemble

#: Rows of each other table at most, and of the target's test rows.
MOST_ROWS, MOST_TEST_ROWS = 600, 1500
#: CatBoost with fewer and larger steps than its default, which takes five times as long.
CATBOOST = {"iterations": 200, "learning_rate": 0.06}


def load(folder: Path, task: dict[str, str]) -> tuple[Tables, pd.DataFrame, np.ndarray]:
    """The other tables, and the target's."""
    tables: Tables = {}
    for path in sorted((folder / task["group"]).glob("*.csv.gz")):
        frame = pd.read_csv(path)
        name = path.name.removesuffix(".csv.gz")
        if name != task["target"]:
            frame = frame.head(MOST_ROWS)
        tables[name] = frame.drop(columns="__y"), frame["__y"].to_numpy()
    X, y = tables.pop(task["target"])
    return tables, X, y


def draw(y: np.ndarray, kind: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Rows to train on and to test on; None where there are not enough."""
    order = np.random.RandomState(12345).permutation(len(y))
    n_test = min(MOST_TEST_ROWS, len(y) // 2)
    test, pool = order[:n_test], order[n_test:]
    if n >= len(pool):
        return None
    of_pool = y[pool]
    strata = (
        of_pool
        if kind == "clf"
        else np.digitize(of_pool, np.quantile(of_pool, [0.2, 0.4, 0.6, 0.8]))
    )
    train, _ = train_test_split(pool, train_size=n, stratify=strata, random_state=1000 * seed + n)
    return train, test


def methods(kind: str, tables: Tables, nets: dict[str, Any], seed: int) -> dict[str, Callable]:
    """Name → a new estimator."""
    return {
        "tables": lambda: estimator(
            kind, strategy=WeightedEnsemble(["auto", Joint(tables)]), random_state=seed
        ),
        "best": lambda: estimator(kind, source=nets, random_state=seed),
        "all": lambda: estimator(
            kind, source=nets, strategy=WeightedEnsemble(sources="all"), random_state=seed
        ),
        "alone": lambda: estimator(kind, strategy="ensemble", random_state=seed),
        "cat_pool": lambda: CatBoost(kind, seed, tables, **CATBOOST),
        "cat": lambda: CatBoost(kind, seed, **CATBOOST),
    }


def run(folder: Path, name: str, task: dict[str, str], args, results: dict[str, list]) -> None:
    """All methods, sizes and seeds on one target: ``{"method|task|n|seed": [score, seconds]}``."""
    kind = task["kind"]
    tables, X, y = load(folder, task)
    needed = {"best", "all"} & set(args.methods)
    nets = {
        of: estimator(kind, random_state=0).fit(*table) for of, table in tables.items() if needed
    }
    for n in args.sizes:
        for seed in range(args.seeds):
            drawn = draw(y, kind, n, seed)
            if drawn is None:
                continue
            train, test = drawn
            for method, make in methods(kind, tables, nets, seed).items():
                key = f"{method}|{name}|{n}|{seed}"
                if method not in args.methods or key in results:
                    continue
                began = time.process_time()
                model = make().fit(X.iloc[train], y[train])
                seconds = time.process_time() - began
                of_test = X.iloc[test]
                score = (
                    roc_auc_score(y[test], model.predict_proba(of_test)[:, 1])
                    if kind == "clf"
                    else r2_score(y[test], model.predict(of_test))
                )
                results[key] = [float(score), seconds]


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _gains(
    ours: dict[tuple[str, int], dict[str, float]], theirs: dict[tuple[str, int], dict[str, float]]
) -> dict[tuple[str, int], float]:
    """What one method gains on another in each cell, over the draws that both have."""
    gains = {}
    for cell, scores in theirs.items():
        both = [seed for seed in scores if seed in ours.get(cell, {})]
        if both:
            gains[cell] = _mean(ours[cell][seed] - scores[seed] for seed in both)
    return gains


def print_table(results: dict[str, list], sizes: list[int], of: str = "tables") -> None:
    """Means, and what the rows of all tables gain over each other method, cell by cell."""
    cells: dict[str, dict[tuple[str, int], dict[str, float]]] = {}
    seconds: dict[str, list[float]] = {}
    for key, (score, took) in results.items():
        method, task, n, seed = key.split("|")
        cells.setdefault(method, {}).setdefault((task, int(n)), {})[seed] = score
        seconds.setdefault(method, []).append(took)
    means = {m: {c: _mean(v.values()) for c, v in found.items()} for m, found in cells.items()}
    print(f"{'':<10}{''.join(f'{n:>8}' for n in sizes)}{'s':>7}  gain of {of}: mean, wins, worst")
    for method, found in means.items():
        of_size = [[v for c, v in found.items() if c[1] == n] for n in sizes]
        row = "".join(f"{_mean(v):>8.3f}" if v else f"{'–':>8}" for v in of_size)
        print(f"{method:<10}{row}{np.mean(seconds[method]):>7.1f}", end="")
        gains = _gains(cells[of], cells[method])
        if method == of:
            print()
            continue
        worst = min(gains, key=gains.__getitem__)
        values = np.array(list(gains.values()))
        print(
            f"{values.mean():>+9.3f}{np.mean(values > 0):>6.0%}{values.min():>+8.3f} "
            f"({worst[0]}, {worst[1]}), {len(values)} cells"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--groups", type=Path, required=True, help="folder of groups of tables")
    parser.add_argument("--tasks", nargs="+", default=None)
    parser.add_argument("--sizes", nargs="+", type=int, default=[20, 100])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument(
        "--methods", nargs="+", default=["tables", "best", "all", "alone", "cat_pool", "cat"]
    )
    parser.add_argument("--output", type=Path, default=None, help="JSON file for every score")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    meta = json.loads((args.groups / "meta.json").read_text())
    results: dict[str, list] = {}
    if args.output and args.output.exists():
        results = json.loads(args.output.read_text())
    for name in args.tasks or meta:
        run(args.groups, name, meta[name], args, results)
        print(f"{name}: {time.process_time():.0f} s", flush=True)
        if args.output:
            args.output.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    print(
        f"\nsktransfer {sktransfer.__version__}, {args.seeds} seeds, {platform.machine()}, Python "
        f"{platform.python_version()}, torch {torch.__version__}, {date.today()}\n"
    )
    print_table(results, args.sizes)


if __name__ == "__main__":
    main()
