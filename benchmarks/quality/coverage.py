"""Coverage and width of intervals and sets on source → target pairs, and in simulations.

    python benchmarks/quality/coverage.py --tasks FOLDER --output scores.json

FOLDER is that of ``transfer_pairs.py``.  On every pair ``strategy="auto"`` with the source is
fitted to the labelled rows, and one network from scratch, on half of 20 rows or three
quarters of more, with split conformal prediction around it by the rest.  Widths of intervals are
in standard deviations of the test rows' target, widths of sets in classes.  A median is over the
draws of rows, for an interval may be infinite.  Sets are measured as they are by default, never
empty, and with ``allow_empty=True``; the accuracy says how much the former cover at least.
Simulations draw a linear, a curved and a
heavy-tailed target, without a source, with ``strategy="ensemble"``.
"""

from __future__ import annotations

import argparse
import json
import platform
import warnings
from datetime import date
from pathlib import Path

import numpy as np
import torch
from transfer_pairs import estimator, load_tasks

import sktransfer
from sktransfer import TransferMLPRegressor

COVERAGE = 0.9
METHODS = ("auto", "auto, empty sets allowed", "split conformal")
SIMULATIONS = ("linear", "curved", "heavy tails")


def measured(model, kind: str, X, y, **params) -> dict[str, float]:
    """Share of rows that are covered, by thirds of the prediction too, and mean width."""
    if kind == "clf":
        sets = model.predict_set(X, COVERAGE, **params)
        covered = (sets & (np.asarray(y)[:, None] == model.classes_)).any(axis=1)
        width, order = sets.sum(axis=1), model.predict_proba(X).max(axis=1)
    else:
        lower, upper = model.predict_interval(X, COVERAGE).T
        covered = (y >= lower) & (y <= upper)
        width, order = (upper - lower) / np.std(y), model.predict(X)
    third = np.digitize(order, np.quantile(order, [1 / 3, 2 / 3]))
    least = min(covered[third == k].mean() for k in np.unique(third))
    found = {"covered": covered.mean(), "least": least, "width": width.mean()}
    return found | ({"accuracy": model.score(X, y)} if kind == "clf" else {})


def run_cell(task, source, rows, seed: int) -> dict[str, dict[str, float]]:
    """Both methods on one draw of rows."""
    X, y = task["X_target"].iloc[rows], task["y_target"][rows]
    X_test, y_test = task["X_target"].iloc[task["test"]], task["y_target"][task["test"]]
    kind, n = task["kind"], len(rows)
    model = estimator(kind, source=source, random_state=seed).fit(X, y)
    found = {"auto": measured(model, kind, X_test, y_test)}
    if kind == "clf":
        found[METHODS[1]] = measured(model, kind, X_test, y_test, allow_empty=True)
    first = n // 2 if n <= 20 else 3 * n // 4
    alone = estimator(kind, random_state=seed).fit(X.iloc[:first], y[:first])
    if kind == "clf":  # a class that the network was not fitted to is in no set
        known = np.isin(y, alone.classes_)
        known[:first] = False
    else:
        known = np.arange(n) >= first
    alone.conformalize(X[known], y[known])
    return found | {"split conformal": measured(alone, kind, X_test, y_test)}


def simulated(what: str, n: int, rng: np.random.RandomState):
    """A table of six columns and its target."""
    X = rng.normal(size=(n, 6))
    if what == "linear":
        return X, X[:, 0] - X[:, 1] + rng.normal(size=n)
    if what == "curved":
        signal = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2]
        return X, signal + 0.5 * np.exp(0.5 * X[:, 0]) * rng.normal(size=n)
    return X, X[:, 0] + rng.standard_t(3, size=n)


def run_simulation(what: str, n: int, seed: int) -> dict[str, float]:
    """An ensemble on one draw."""
    X, y = simulated(what, n + 1000, np.random.RandomState(seed))
    model = TransferMLPRegressor(strategy="ensemble", random_state=seed).fit(X[:n], y[:n])
    return measured(model, "reg", X[n:], y[n:])


def run(args) -> dict[str, dict[str, float]]:
    """All results, one draw of all pairs after another; they are written as they come."""
    tasks = load_tasks(args.tasks)
    results = json.loads(args.output.read_text()) if args.output.exists() else {}
    sources = {}

    def note(key: str, make) -> None:
        if key not in results:
            results[key] = make()
            args.output.write_text(json.dumps(results, indent=1) + "\n")

    for seed in range(args.seeds):
        for n in args.simulated:
            for what in SIMULATIONS:
                note(f"{what}|{n}|{seed}", lambda w=what, n=n, s=seed: run_simulation(w, n, s))
        for n in args.sizes:
            for name in args.pairs or tasks.names():
                task = tasks.load(name)
                if n > len(task["train_pool"]):
                    continue
                if name not in sources:
                    source = estimator(task["kind_source"], random_state=0)
                    sources[name] = source.fit(task["X_source"], task["y_source"])
                rows = tasks.few_shot(task, n, seed)
                note(
                    f"{name}|{task['kind']}|{n}|{seed}",
                    lambda t=task, s=sources[name], r=rows, k=seed: run_cell(t, s, r, k),
                )
    return results


def cell_means(results, method: str | None = None) -> dict[tuple[str, ...], dict[str, float]]:
    """Mean coverage and median width of each pair and size over draws."""
    several: dict[tuple[str, ...], list[dict[str, float]]] = {}
    for key, scores in results.items():
        *cell, _ = key.split("|")
        if (len(cell) == 3) == (method is not None) and (method is None or method in scores):
            several.setdefault(tuple(cell), []).append(
                scores if method is None else scores[method]
            )
    return {
        cell: {
            "covered": float(np.mean([one["covered"] for one in found])),
            "least": float(np.mean([one["least"] for one in found])),
            "width": float(np.median([one["width"] for one in found])),
            "accuracy": float(np.mean([one.get("accuracy", np.nan) for one in found])),
            "error": float(np.std([one["covered"] for one in found], ddof=len(found) > 1))
            / len(found) ** 0.5,
            "draws": len(found),
        }
        for cell, found in several.items()
    }


def print_pairs(results) -> None:
    """One row for each kind of target, number of rows and method; then the worst pairs."""
    print("| target, rows | method | draws | covered | worst pair | least third | width |")
    print("|---|---|---|---|---|---|---|")
    for kind, what in (("reg", "intervals"), ("clf", "sets")):
        for n in sorted({key.split("|")[2] for key in results if key.count("|") == 3}, key=int):
            for method in METHODS:
                cells = cell_means(results, method)
                mine = {c: v for c, v in cells.items() if (c[1] == "clf") == (kind == "clf")}
                mine = {c: v for c, v in mine.items() if c[2] == n}
                if not mine:
                    continue
                covered = {c: v["covered"] for c, v in mine.items()}
                worst = min(covered, key=lambda c: covered[c])
                least = np.mean([v["least"] for v in mine.values()])
                widths = np.array([v["width"] for v in mine.values()])
                infinite = f", {np.isinf(widths).sum()} infinite" if np.isinf(widths).any() else ""
                print(
                    f"| {what}, {n} | {method} | {min(v['draws'] for v in mine.values())} | "
                    f"{np.mean(list(covered.values())):.3f} | {covered[worst]:.3f} "
                    f"± {mine[worst]['error']:.3f} {worst[0]} | "
                    f"{least:.3f} | {widths[np.isfinite(widths)].mean():.2f}{infinite} |"
                )


def print_easy(results) -> None:
    """Sets where the prediction is right more often than is to be covered, and elsewhere."""
    print("| rows | pairs | accuracy | sets | sets that may be empty |\n|---|---|---|---|---|")
    sets, with_empty = (cell_means(results, method) for method in METHODS[:2])
    for n in sorted({c[2] for c in with_empty}, key=int):
        for is_easy in (True, False):
            those = [c for c in with_empty if c[2] == n]
            those = [c for c in those if (sets[c]["accuracy"] > COVERAGE) == is_easy]
            if not those:
                continue
            accuracy = np.mean([sets[c]["accuracy"] for c in those])
            covered = [np.mean([of[c]["covered"] for c in those]) for of in (sets, with_empty)]
            names = f" ({', '.join(c[0] for c in those)})" if is_easy else " others"
            print(
                f"| {n} | {len(those)}{names} | {accuracy:.3f} | "
                f"{covered[0]:.3f} | {covered[1]:.3f} |"
            )


def print_each(results) -> None:
    """Every pair: mean coverage and its standard error over draws, and the median width."""
    print("| pair | rows | draws | auto | width | split conformal | width |")
    print("|---|---|---|---|---|---|---|")
    auto, alone = (cell_means(results, METHODS[k]) for k in (0, 2))
    for cell in sorted(auto, key=lambda c: (c[1], c[0], int(c[2]))):
        shown = [
            f"{one[cell]['covered']:.3f} ± {one[cell]['error']:.3f} | {one[cell]['width']:.2f}"
            for one in (auto, alone)
        ]
        print(f"| {cell[0]} | {cell[2]} | {auto[cell]['draws']} | {' | '.join(shown)} |")


def print_simulations(results) -> None:
    """Mean coverage by number of rows and kind of target."""
    print("| rows | " + " | ".join(SIMULATIONS) + " | draws |\n|---|---|---|---|---|")
    cells = cell_means(results)
    for n in sorted({c[1] for c in cells}, key=int):
        shown = [f"{cells[what, n]['covered']:.3f}" for what in SIMULATIONS if (what, n) in cells]
        print(f"| {n} | {' | '.join(shown)} | {cells[SIMULATIONS[0], n]['draws']} |")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", type=Path, required=True, help="folder of pairs")
    parser.add_argument("--output", type=Path, required=True, help="JSON of results, resumed")
    parser.add_argument("--pairs", nargs="+", default=None)
    parser.add_argument("--sizes", nargs="*", type=int, default=[20, 100, 500])
    parser.add_argument("--simulated", nargs="*", type=int, default=[20, 50, 100])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--print-only", action="store_true", help="the table of --output")
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    results = json.loads(args.output.read_text()) if args.print_only else run(args)
    print(
        f"sktransfer {sktransfer.__version__}, {platform.machine()} {platform.system()}, "
        f"Python {platform.python_version()}, torch {torch.__version__}, {date.today()}\n"
    )
    print_pairs(results)
    print()
    print_easy(results)
    print()
    print_each(results)
    print()
    print_simulations(results)


if __name__ == "__main__":
    main()
