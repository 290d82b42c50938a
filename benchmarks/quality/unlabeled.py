"""Rows of the target without labels: what they add to 20 labelled ones where tables differ.

    python benchmarks/quality/unlabeled.py --tasks FOLDER [--seeds 2] [--sizes 20]

FOLDER is one of pairs, as ``transfer_pairs.py`` describes it; those whose columns are distributed
otherwise in the target are taken (another hospital, city, year …).  The rows without labels are
the rest of the rows that the labelled ones are drawn from, 1,000 at most; test rows are not among
them.  ``coral`` is skada's CORAL with logistic regression on the source's rows, for classes of the
same meaning, where skada is installed; it sees no label of the target.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transfer_pairs import cells, estimator, load_tasks, print_table, score

import sktransfer

#: Rows without labels, at most.
MOST_ROWS = 1000


def is_shifted(task: dict[str, Any]) -> bool:
    """Whether a pair is one of two domains."""
    return "domain" in task["shift"]


def coral(task: dict[str, Any], rows: np.ndarray) -> Any:
    """CORAL from the source's rows to some of the target, None where it is not to be had."""
    try:
        from skada import CORALAdapter, make_da_pipeline
    except ImportError:
        return None
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    columns = [c for c in task["X_target"] if c in task["X_source"]]
    source, target = (
        task["X_source"][columns].to_numpy(),
        task["X_target"][columns].to_numpy()[rows],
    )
    X, domain = np.vstack([source, target]), np.r_[np.ones(len(source)), -np.ones(len(target))]
    nothing = np.full(len(target), -1)  # skada's word for no label
    y = np.concatenate([(task["y_source"] == task["y_source"].max()).astype(int), nothing])
    made = LogisticRegression(max_iter=2000).set_fit_request(sample_weight=True)
    adapter = CORALAdapter(reg=0.1)
    model = make_da_pipeline(StandardScaler(), adapter, made).fit(X, y, sample_domain=domain)
    return model, columns


def run_pair(tasks, name: str, args) -> dict[str, dict[str, float]]:
    """All methods, sizes and seeds on one pair: ``{"method|pair|n|seed": scores}``."""
    from sklearn.metrics import roc_auc_score

    task, plain = tasks.load(name, raw=True), tasks.load(name)
    source = estimator(task["kind_source"], random_state=0)
    source.fit(task["X_source"], task["y_source"])
    test, y_test = task["test"], task["y_target"][task["test"]]
    results: dict[str, dict[str, float]] = {}
    for n in args.sizes:
        for seed in range(args.seeds if n <= len(task["train_pool"]) else 0):
            rows = tasks.few_shot(task, n, seed)
            rest = np.setdiff1d(task["train_pool"], rows)
            rest = np.random.RandomState(seed).permutation(rest)[:MOST_ROWS]
            X, y = task["X_target"].iloc[rows], task["y_target"][rows]
            more = (task["X_target"].iloc[rest],)
            for method, start, X_unlabeled in (
                ("auto", source, None),
                ("auto_unlabeled", source, more),
                ("own", None, None),
                ("own_unlabeled", None, more),
            ):
                began = time.process_time()
                strategy = "auto" if start is not None else "ensemble"
                model = estimator(task["kind"], source=start, strategy=strategy, random_state=seed)
                model.fit(X, y, X_unlabeled=X_unlabeled)
                seconds = time.process_time() - began
                scores = score(model, task["kind"], task["X_target"].iloc[test], y_test)
                results[f"{method}|{name}|{n}|{seed}"] = scores | {"t": seconds}
            if not (task["kind"] == "clf" and task["same_label"] and len(np.unique(y_test)) == 2):
                continue
            made = coral(plain, np.concatenate([rows, rest]))
            if made is not None:
                adapted, columns = made
                X_test = plain["X_target"][columns].to_numpy()[test]
                p = adapted.predict_proba(X_test, sample_domain=-np.ones(len(test)))[:, 1]
                results[f"coral|{name}|{n}|{seed}"] = {"auc": roc_auc_score(y_test, p)}
    return results


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", type=Path, required=True, help="folder of pairs")
    parser.add_argument("--pairs", nargs="+", default=None)
    parser.add_argument("--sizes", nargs="+", type=int, default=[20])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--output", type=Path, default=None, help="JSON file for every score")
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    tasks = load_tasks(args.tasks)
    ceilings = json.loads((args.tasks / "ceilings.json").read_text())
    results: dict[str, dict[str, float]] = {}
    pairs = args.pairs or [
        name for name in tasks.names() if is_shifted(tasks.load(name, raw=True))
    ]
    for name in pairs:
        results |= run_pair(tasks, name, args)
        print(f"{name}: {time.process_time():.0f} s", flush=True)
        if args.output:
            args.output.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    print(
        f"\nsktransfer {sktransfer.__version__}, {len(pairs)} pairs, {args.seeds} seeds, "
        f"{platform.machine()} {platform.system()}, torch {torch.__version__}, {date.today()}"
    )
    table = cells(results, ceilings, args.sizes, args.seeds)
    for reference in ("auto", "own"):
        print()
        print_table(table, args.sizes, reference)


if __name__ == "__main__":
    main()
