"""Do scores of relatedness agree with what a source is worth?

    python benchmarks/relatedness/rank_correlation.py --tasks FOLDER [--seeds 2] [--output FILE]

FOLDER is one of pairs, as ``benchmarks/quality/transfer_pairs.py`` describes it.

The worth of a source is the *gain*: the score (AUC or R²) on the pair's test rows of a network
that starts from it (``strategy="l2_sp"``), less that of the same network from scratch, both fitted
to the same few rows.  Two questions, each answered by Spearman's rank correlation:

across pairs
    One source per pair: does a higher score go with a higher gain?  One correlation per number of
    rows, over all pairs and seeds.
within a pair
    Several candidate sources for one target: does the score put them in the right order?  One
    correlation per pair, number of rows and seed, averaged; and *regret*, the gain of the best
    candidate less that of the one with the highest score.  Candidates: the pair's source; the same
    on a tenth of its rows; the same with permuted labels; one for another label, a column of the
    source's table; and the source of another pair.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import time
import warnings
from datetime import date
from pathlib import Path

import numpy as np
import torch
from scipy.stats import spearmanr
from sklearn.metrics import r2_score, roc_auc_score

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.model_selection import rank_sources

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


def candidates(task, other) -> dict:
    """Sources of varying worth for one target, the pair's own first."""
    X, y, kind = task["X_source"], task["y_source"], task["kind_source"]
    rng = np.random.default_rng(0)
    few = rng.permutation(len(y))[: max(30, len(y) // 10)]
    shared = [c for c in X.columns if c in set(task["X_target"].columns)] or list(X.columns)
    label = max(shared, key=lambda c: X[c].nunique())  # the most telling column, as a question
    return {
        "source": estimator(kind, random_state=0).fit(X, y),
        "a tenth": estimator(kind, random_state=0).fit(X.iloc[few], y[few]),
        "permuted": estimator(kind, random_state=0).fit(X, rng.permutation(y)),
        "other label": estimator("reg", random_state=0).fit(
            X.drop(columns=label), X[label].to_numpy(float)
        ),
        "other pair": estimator(other["kind_source"], random_state=0).fit(
            other["X_source"], other["y_source"]
        ),
    }


def run_pair(tasks, name: str, other: str, sizes, seeds: int) -> list[dict]:
    """A row per candidate, number of rows and seed: its gain, and its score by every method."""
    task = tasks.load(name)
    sources = candidates(task, tasks.load(other))
    test = task["test"][:600]
    X_test, y_test = task["X_target"].iloc[test], task["y_target"][test]
    what = "classification" if task["kind"] == "clf" else "regression"
    rows = []
    for n in sizes:
        if n > len(task["train_pool"]):
            continue
        for seed in range(seeds):
            chosen = tasks.few_shot(task, n, seed)
            X, y = task["X_target"].iloc[chosen], task["y_target"][chosen]

            def fitted(source, X=X, y=y, seed=seed):
                model = estimator(
                    task["kind"], source=source, strategy="l2_sp", random_state=seed
                ).fit(X, y)
                return score(model, task["kind"], X_test, y_test)

            scratch = fitted(None)
            scores = {
                method: rank_sources(sources, X, y, method=method, task=what).set_index("source")[
                    "score"
                ]
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
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--output", type=Path, default=None, help="JSON file for every row")
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    tasks = load_tasks(args.tasks)
    names = args.pairs or tasks.names()
    everyone = list(tasks.names())
    rows: list[dict] = []
    for name in names:
        other = everyone[(everyone.index(name) + 1) % len(everyone)]
        rows += run_pair(tasks, name, other, args.sizes, args.seeds)
        print(f"{name}: {time.process_time():.0f} s", flush=True)
        if args.output:
            args.output.write_text(json.dumps(rows, indent=1) + "\n")
    print(
        f"{len(names)} pairs, {args.seeds} seeds, {platform.machine()}, {date.today()}, "
        f"{time.process_time():.0f} s of CPU time\n\n{summary(rows, args.sizes)}"
    )


if __name__ == "__main__":
    main()
