"""Do scores of relatedness agree with what a source is worth?

    python benchmarks/relatedness/rank_correlation.py --tasks FOLDER [--seeds 5] [--output FILE]

FOLDER is one of pairs, as ``benchmarks/quality/transfer_pairs.py`` describes it.

The worth of a source is the *gain*: the score (AUC or R²) on the pair's test rows of a network
that starts from it (``strategy="l2_sp"``), less that of the same network from scratch, both fitted
to the same few rows.  Two questions, each answered by Spearman's rank correlation:

across pairs
    One source per pair: does a higher score go with a higher gain?  One correlation per number of
    rows, over all pairs and seeds.
within a target
    Several candidate sources for one target: does the score put them in the right order?  One
    correlation per target, number of rows and seed, averaged; and *regret*, the gain of the best
    candidate less that of the one with the highest score.  Candidates for a pair: its source; the
    same on a tenth of its rows; the same with permuted labels; one for another label, a column of
    the source's table; and the source of another pair.  Then each task of the bundled data sets
    of ``benchmarks/multitask`` is a target, half of the rows the sources': one for the same task,
    the same on a tenth of the rows, the same with permuted labels, and one per other task.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import sys
import time
import warnings
from datetime import date
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.stats import spearmanr
from sklearn.metrics import r2_score, roc_auc_score

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.model_selection import rank_sources

sys.path.append(str(Path(__file__).parents[1] / "multitask"))
from several_tasks import DATA, NUMBERS

METHODS = ("probe_gain", "logme", "h_score", "leep", "nce", "column_shift")
HIDDEN = (64, 64)  # small, so that many candidates can be fitted


def load_tasks(folder: Path):
    """The folder's ``tasks`` module."""
    spec = importlib.util.spec_from_file_location("tasks", folder / "tasks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def estimator(kind: str, **params):
    """A classifier or a regressor of one size."""
    cls = TransferMLPClassifier if kind == "clf" else TransferMLPRegressor
    return cls(hidden_layer_sizes=HIDDEN, **params)


def score(model, kind: str, X, y) -> float:
    """AUC (one against the rest), or R² of at least -1."""
    if kind != "clf":
        return max(-1.0, r2_score(y, model.predict(X)))
    p = model.predict_proba(X)
    many = p.shape[1] > 2
    return roc_auc_score(y, p if many else p[:, 1], multi_class="ovr", labels=model.classes_)


def variants(kind: str, X, y) -> dict:
    """A source, and two that should be worth less."""
    rng = np.random.default_rng(0)
    few = rng.permutation(len(y))[: max(30, len(y) // 10)]
    return {
        "source": estimator(kind, random_state=0).fit(X, y),
        "a tenth": estimator(kind, random_state=0).fit(X.iloc[few], y[few]),
        "permuted": estimator(kind, random_state=0).fit(X, rng.permutation(y)),
    }


def candidates(task, other) -> dict:
    """Sources of varying worth for one target, the pair's own first."""
    X, y, kind = task["X_source"], task["y_source"], task["kind_source"]
    shared = [c for c in X.columns if c in set(task["X_target"].columns)] or list(X.columns)
    label = max(shared, key=lambda c: X[c].nunique())  # the most telling column, as a question
    return variants(kind, X, y) | {
        "other label": estimator("reg", random_state=0).fit(
            X.drop(columns=label), X[label].to_numpy(float)
        ),
        "other pair": estimator(other["kind_source"], random_state=0).fit(
            other["X_source"], other["y_source"]
        ),
    }


def pair_problems(tasks, names):
    """Per pair: its name, kind, candidates, test rows, and few rows by number and seed."""
    everyone = list(tasks.names())
    for name in names:
        task = tasks.load(name)
        other = everyone[(everyone.index(name) + 1) % len(everyone)]
        X, y = task["X_target"], task["y_target"]

        def few_shot(n, seed, task=task):
            return tasks.few_shot(task, n, seed) if n <= len(task["train_pool"]) else None

        sources = candidates(task, tasks.load(other))
        yield name, task["kind"], sources, X, y, task["test"][:600], few_shot


def bundled_problems():
    """The same for each task of the bundled data sets; half of the rows are the sources'."""
    for data, load in DATA.items():
        X, Y = load()
        X = pd.DataFrame(X).add_prefix("x")
        order = np.random.default_rng(0).permutation(len(X))
        old, pool, test = np.split(order, [len(X) // 2, 3 * len(X) // 4])
        for name in Y:
            kinds = {task: "reg" if task in NUMBERS else "clf" for task in Y}
            y = Y[name].to_numpy()
            sources = variants(kinds[name], X.iloc[old], y[old])
            # which says how much the *pairs'* sources are worth across targets
            sources = {f"bundled {label}": source for label, source in sources.items()}
            for task in Y.columns.drop(name):
                sources[task] = estimator(kinds[task], random_state=0).fit(
                    X.iloc[old], Y[task].to_numpy()[old]
                )

            def few_shot(n, seed, pool=pool, y=y, kind=kinds[name]):
                if n > len(pool):
                    return None
                rng = np.random.default_rng(seed)
                while True:  # every class, so that there is an AUC
                    rows = rng.permutation(pool)[:n]
                    if kind == "reg" or len(np.unique(y[rows])) == len(np.unique(y)):
                        return rows

            yield f"{data}: {name}", kinds[name], sources, X, y, test[:600], few_shot


def run_target(name, kind, sources, X, y, test, few_shot, sizes, seeds: int) -> list[dict]:
    """A row per candidate, number of rows and seed: its gain, and its score by every method."""
    what = "classification" if kind == "clf" else "regression"
    rows = []
    for n in sizes:
        for seed in range(seeds):
            chosen = few_shot(n, seed)
            if chosen is None:
                continue
            X_few, y_few = X.iloc[chosen], y[chosen]

            def fitted(source, X_few=X_few, y_few=y_few, seed=seed):
                model = estimator(kind, source=source, strategy="l2_sp", random_state=seed)
                return score(model.fit(X_few, y_few), kind, X.iloc[test], y[test])

            scratch = fitted(None)
            scores = {
                method: rank_sources(sources, X_few, y_few, method=method, task=what).set_index(
                    "source"
                )["score"]
                for method in METHODS
            }
            for candidate, source in sources.items():
                rows.append(
                    {"pair": name, "n": n, "seed": seed, "candidate": candidate}
                    | {"gain": fitted(source) - scratch}
                    | {method: float(scores[method][candidate]) for method in METHODS}
                )
    return rows


def correlation(a, b) -> float:
    """Spearman's, 0 where one of the two does not vary."""
    if np.ptp(a) < 1e-12 or np.ptp(b) < 1e-12:
        return 0.0
    return float(spearmanr(a, b).statistic)


def summary(rows: list[dict], sizes) -> str:
    """The table of the documentation."""
    lines = []
    for method in METHODS:
        cells = []
        for n in sizes:
            own = [r for r in rows if r["n"] == n and r["candidate"] == "source"]
            rho = correlation([r[method] for r in own], [r["gain"] for r in own])
            cells.append(f"{rho:+.2f}")
        for n in sizes:
            groups: dict[tuple, list[dict]] = {}
            for r in rows:
                if r["n"] == n:
                    groups.setdefault((r["pair"], r["seed"]), []).append(r)
            ranked = [
                correlation([r[method] for r in g], [r["gain"] for r in g])
                for g in groups.values()
            ]
            regret = [
                max(r["gain"] for r in g) - max(g, key=lambda r: r[method])["gain"]
                for g in groups.values()
            ]
            cells += [f"{np.mean(ranked):+.2f}", f"{np.mean(regret):.3f}"]
        lines.append(f"| `{method}` | " + " | ".join(cells) + " |")
    random = []
    for n in sizes:
        gains: dict[tuple, list[float]] = {}
        for r in rows:
            if r["n"] == n:
                gains.setdefault((r["pair"], r["seed"]), []).append(r["gain"])
        random += ["", f"{np.mean([max(g) - np.mean(g) for g in gains.values()]):.3f}"]
    blank = " | ".join("" for _ in sizes)
    lines.append(f"| one at random | {blank} | " + " | ".join(random) + " |")
    across = " | ".join(f"across, {n} rows" for n in sizes)
    within = " | ".join(f"within, {n} rows | regret, {n} rows" for n in sizes)
    head = f"| score | {across} | {within} |\n|{'---|' * (1 + 3 * len(sizes))}\n"
    return head + "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", type=Path, required=True, help="folder of pairs")
    parser.add_argument("--pairs", nargs="+", default=None)
    parser.add_argument("--sizes", nargs="+", type=int, default=[20, 100])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=None, help="JSON file for every row")
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    tasks = load_tasks(args.tasks)
    names = args.pairs or tasks.names()
    rows: list[dict] = []
    for problem in chain(pair_problems(tasks, names), () if args.pairs else bundled_problems()):
        rows += run_target(*problem, args.sizes, args.seeds)
        print(f"{problem[0]}: {time.process_time():.0f} s", flush=True)
        if args.output:
            args.output.write_text(json.dumps(rows, indent=1) + "\n")
    n_targets = len({row["pair"] for row in rows})
    print(
        f"{n_targets} targets, {args.seeds} seeds, {platform.machine()}, {date.today()}, "
        f"{time.process_time():.0f} s of CPU time\n\n{summary(rows, args.sizes)}"
    )


if __name__ == "__main__":
    main()
