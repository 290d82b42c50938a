"""Score methods on source → target pairs, at several numbers of labelled target rows.

    python benchmarks/quality/transfer_pairs.py --tasks FOLDER [--raw] [--methods l2_sp scratch …]

FOLDER holds a ``tasks.py`` with ``names()``, ``load(name, raw=…)``, ``few_shot(task, n, seed)``, a
``ceilings.json``, and optionally ``results/<method>.json`` of methods measured earlier; the same
rows are drawn for all of them, so that every comparison is paired.

The printed score is ``(score - trivial) / (ceiling - trivial)``, clipped to [-0.5, 1.2]: 0 is what
a constant predicts (AUC 0.5, R² 0), 1 the best that is known of a pair.  A *cell* is one pair at
one number of rows, averaged over seeds.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from catboost_methods import CatBoost
from sklearn.metrics import log_loss, r2_score, roc_auc_score

import sktransfer
from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.strategies import STRATEGIES, Joint, Recalibrate, WeightedEnsemble


class Pair:
    """A pair of tables, and models of the source's, each fitted once."""

    def __init__(self, task: dict[str, Any]) -> None:
        self.kind, self.kind_of_source = task["kind"], task["kind_source"]
        self.table = task["X_source"], task["y_source"]

    @cached_property
    def source(self):
        return estimator(self.kind_of_source, random_state=0).fit(*self.table)

    @cached_property
    def catboost(self) -> CatBoost:
        return CatBoost(self.kind_of_source, 0, iterations=300).fit(*self.table)

    def ours(self, seed: int, **params):
        """An estimator of the target."""
        return estimator(self.kind, random_state=seed, **params)


#: Methods that are not a strategy by name: the ensemble without the source, the source's own
#: prediction as it is; CatBoost as the source, the same CatBoost's prediction as a column of
#: CatBoost; and, for a target with the source's labels, the rows of both tables.
VARIANTS: dict[str, Callable[[Pair, int], Any]] = {
    "without_source": lambda pair, seed: pair.ours(seed, strategy="ensemble"),
    "as_is": lambda pair, seed: pair.ours(
        seed, source=pair.source, strategy=Recalibrate(update="none")
    ),
    "from_catboost": lambda pair, seed: pair.ours(seed, source=pair.catboost.model),
    "cat_column": lambda pair, seed: CatBoost(pair.kind, seed, column_of=pair.catboost),
    "joint": lambda pair, seed: pair.ours(
        seed, strategy=WeightedEnsemble(["auto", Joint({"source": pair.table})])
    ),
    "cat_rows": lambda pair, seed: CatBoost(pair.kind, seed),
    "cat_pool": lambda pair, seed: CatBoost(pair.kind, seed, {"source": pair.table}),
}
#: Those that need the labels of both tables to mean the same.
OF_BOTH = ("joint", "cat_pool")
METHODS = [*STRATEGIES, "without_source", "as_is"]


def load_tasks(folder: Path):
    """The folder's ``tasks`` module."""
    spec = importlib.util.spec_from_file_location("tasks", folder / "tasks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def estimator(kind: str, **params):
    """A classifier or a regressor."""
    return (TransferMLPClassifier if kind == "clf" else TransferMLPRegressor)(**params)


def score(model, kind: str, X, y) -> dict[str, float]:
    """AUC (one against the rest), log loss and calibration error, or R²."""
    if kind != "clf":
        return {"r2": r2_score(y, model.predict(X))}
    p = model.predict_proba(X)
    many = p.shape[1] > 2
    auc = roc_auc_score(y, p if many else p[:, 1], multi_class="ovr", labels=model.classes_)
    loss = log_loss(y, p, labels=model.classes_)
    right = model.classes_[p.argmax(axis=1)] == np.asarray(y)
    return {"auc": auc, "logloss": loss, "calibration": calibration_error(p.max(axis=1), right)}


def calibration_error(confidence, right, n_bins: int = 10) -> float:
    """How far the share of right answers is from what they claim, over bins of equal width.

    C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, equation 3.
    """
    at = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    gaps = [right[at == b].sum() - confidence[at == b].sum() for b in range(n_bins)]
    return float(np.abs(gaps).sum() / len(right))


def run_pair(folder: Path, name: str, args) -> dict[str, dict[str, float]]:
    """All methods, sizes and seeds on one pair: ``{"method|pair|n|seed": scores}``."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    tasks = load_tasks(folder)
    task = tasks.load(name, raw=args.raw)
    pair = Pair(task)
    if not task["same_label"]:
        args.methods = [method for method in args.methods if method not in OF_BOTH]
    X_test, y_test = task["X_target"].iloc[task["test"]], task["y_target"][task["test"]]
    results = {}
    for n in args.sizes:
        if n > len(task["train_pool"]):
            continue
        for seed in range(args.seeds):
            rows = tasks.few_shot(task, n, seed)
            X, y = task["X_target"].iloc[rows], task["y_target"][rows]
            for method in args.methods:
                if method in VARIANTS:
                    model = VARIANTS[method](pair, seed)
                else:
                    model = pair.ours(seed, source=pair.source, strategy=method)
                began = time.process_time()
                model.fit(X, y)
                found = {"t": time.process_time() - began}
                found |= score(model, task["kind"], X_test, y_test)
                if getattr(model, "transfer_gain_", None) is not None:
                    found |= {"gain": model.transfer_gain_, "error": model.transfer_gain_error_}
                results[f"{method}|{name}|{n}|{seed}"] = found
    return results


def earlier_results(folder: Path, names) -> dict[str, dict[str, float]]:
    """Results of other methods that are stored with the pairs."""
    found = {}
    for path in sorted((folder / "results").glob("*.json")):
        for key, scores in json.loads(path.read_text()).items():
            if key.split("|")[0] in names:
                found[f"{path.stem}|{key}"] = scores
    return found


def normalised(scores: dict[str, float], ceiling: float) -> float:
    """Share of the way from the trivial score to the ceiling."""
    trivial = 0.5 if "auc" in scores else 0.0
    value = scores.get("auc", scores.get("r2"))
    return float(np.clip((value - trivial) / (ceiling - trivial), -0.5, 1.2))


def cells(results, ceilings, sizes, seeds) -> dict[str, dict[tuple[str, int], float]]:
    """Method → (pair, n) → mean normalised score over the seeds."""
    collected: dict[str, dict[tuple[str, int], list[float]]] = {}
    for key, scores in results.items():
        method, pair, n, seed = key.split("|")
        known = scores.get("auc", scores.get("r2"))
        if int(n) in sizes and int(seed) < seeds and known is not None:
            cell = collected.setdefault(method, {}).setdefault((pair, int(n)), [])
            cell.append(normalised(scores, ceilings[pair]))
    return {m: {c: float(np.mean(v)) for c, v in table.items()} for m, table in collected.items()}


def print_table(table, sizes, reference: str) -> None:
    """Mean per size, and how each method compares with the reference, cell by cell."""
    header = "".join(f"{n:>8}" for n in sizes)
    print(
        f"{'method':<32}{header}{'cells':>7}   gain    p10  worst   wins  >=-.02   "
        f"(against {reference})"
    )
    for method, scores in sorted(table.items(), key=lambda item: -np.mean(list(item[1].values()))):
        means = ""
        for n in sizes:
            of_size = [v for (_, size), v in scores.items() if size == n]
            means += f"{np.mean(of_size):8.3f}" if of_size else f"{'–':>8}"
        versus = ""
        both = scores.keys() & table.get(reference, {}).keys()
        if method != reference and both:
            paired = np.array([scores[c] - table[reference][c] for c in both])
            versus = f"{paired.mean():+7.3f}{np.quantile(paired, 0.1):+7.2f}{paired.min():+7.2f}"
            versus += f"{np.mean(paired > 0):7.0%}{np.mean(paired >= -0.02):8.0%}"
        print(f"{method:<32}{means}{len(scores):>7}{versus}")


def print_against(table, results, sizes, method: str, seeds: int) -> None:
    """How one method compares with every other, where it is worst, and the ranks of all."""
    few, many = [n for n in sizes if n <= 100], [n for n in sizes if n > 100]
    print(
        f"{method + ' against …':<20}   gain   wins  >=-.02    p10  worst, where"
        f"{'':<20}n<=100: gain wins  n>100: gain wins"
    )
    for other, scores in sorted(table.items(), key=lambda item: -np.mean(list(item[1].values()))):
        gains = {c: table[method][c] - v for c, v in scores.items() if c in table[method]}
        if other == method or not gains:
            continue
        values = np.array(list(gains.values()))
        (pair, n), worst = min(gains.items(), key=lambda item: item[1])
        parts = ""
        for of in (few, many):
            part = np.array([g for (_, size), g in gains.items() if size in of])
            parts += (
                f"{part.mean():+12.3f} {np.mean(part > 0):5.0%}" if len(part) else f"{'–':>18}"
            )
        print(
            f"{other:<20}{values.mean():+7.3f}{np.mean(values > 0):7.0%}"
            f"{np.mean(values >= -0.02):8.0%}{np.quantile(values, 0.1):+7.2f}{worst:+7.3f}, "
            f"{pair + ' ' + str(n):<24}{parts}"
        )
    print_distance(table, method)
    places: dict[str, list[int]] = {}
    for cell in table[method]:
        best_first = sorted((m for m in table if cell in table[m]), key=lambda m: -table[m][cell])
        for place, m in enumerate(best_first, 1):
            places.setdefault(m, []).append(place)
    ranks = sorted((float(np.mean(found)), m) for m, found in places.items())
    print("mean rank: " + ", ".join(f"{m} {rank:.1f}" for rank, m in ranks))
    for what, name, center in (
        ("log loss", "logloss", np.mean),
        ("calibration error", "calibration", np.mean),
        ("CPU s, median", "t", np.median),
    ):
        found: dict[str, list[float]] = {}
        for key, scores in results.items():
            m, pair, n, seed = key.split("|")
            if name in scores and (pair, int(n)) in table[method] and int(seed) < seeds:
                found.setdefault(m, []).append(scores[name])
        print(f"{what}: " + ", ".join(f"{m} {center(v):.3f}" for m, v in sorted(found.items())))


def print_distance(table, method: str) -> None:
    """How far a method is from the best other method of each cell; rows of other tables apart."""
    others = {name: scores for name, scores in table.items() if name not in (method, "xgb_pool")}
    by_size: dict[int, list[float]] = {}
    for cell, value in table[method].items():
        best = max((scores[cell] for scores in others.values() if cell in scores), default=value)
        by_size.setdefault(cell[1], []).append(value - best)
    for n, gaps in sorted(by_size.items()):
        print(
            f"distance to the best other method at {n} rows: mean {np.mean(gaps):+.3f}, "
            f"within .005 in {np.mean(np.array(gaps) >= -0.005):.0%}, worst {min(gaps):+.3f}"
        )


def main() -> None:
    """Measure, print, and write the scores of every run if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", type=Path, required=True, help="folder of pairs")
    parser.add_argument("--raw", action="store_true", help="tables with text and missing values")
    parser.add_argument("--methods", nargs="*", default=METHODS)
    parser.add_argument("--pairs", nargs="+", default=None)
    parser.add_argument("--sizes", nargs="+", type=int, default=[20, 100, 500])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--reference", default="scratch")
    parser.add_argument(
        "--earlier", nargs="*",
        default=["cat", "cat_stack", "xgb", "xgb_pool", "realmlp", "skmlp", "asis_mlp", "asis_cat",
                 "recal_mlp", "recal_cat"],
        help="methods whose results are stored with the pairs",
    )  # fmt: skip
    parser.add_argument(
        "--scores", nargs="*", type=Path, default=[], help="earlier --output files"
    )
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--output", type=Path, default=None, help="JSON file for every score")
    args = parser.parse_args()

    ceilings = json.loads((args.tasks / "ceilings.json").read_text())
    pairs = args.pairs or load_tasks(args.tasks).names()
    with ProcessPoolExecutor(args.jobs) as pool:
        parts = pool.map(run_pair, [args.tasks] * len(pairs), pairs, [args] * len(pairs))
        results = {key: scores for part in parts for key, scores in part.items()}
    if args.output:
        args.output.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    for path in args.scores:
        results |= json.loads(path.read_text())
    earlier = earlier_results(args.tasks, pairs)
    results |= {k: v for k, v in earlier.items() if k.split("|")[0] in args.earlier}
    print(
        f"sktransfer {sktransfer.__version__}, {len(pairs)} pairs, {args.seeds} seeds, "
        f"{platform.machine()} {platform.system()}, Python {platform.python_version()}, "
        f"torch {torch.__version__}, {date.today()}\n"
    )
    table = cells(results, ceilings, args.sizes, args.seeds)
    print_table(table, args.sizes, args.reference)
    if "auto" in table:
        print()
        print_against(table, results, args.sizes, "auto", args.seeds)


if __name__ == "__main__":
    main()
