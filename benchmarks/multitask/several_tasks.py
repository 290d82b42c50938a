"""Several tasks in one network against a network for each.

Bundled data with several targets, and with ``--tasks FOLDER`` tables of three source → target
pairs (see ``benchmarks/quality/transfer_pairs.py``), where two more columns are targets.  Per
number of rows, share of missing labels and seed: the same rows, the same missing labels and the
same test rows for both; a separate network is trained on the rows on which its task is labelled.
Default settings, nothing tuned.

Run it with ``python benchmarks/multitask/several_tasks.py [--seeds 5] [--tasks FOLDER]``.
"""

import argparse
import importlib.util
import json
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes, load_digits, load_wine

from sktransfer import MultiTaskMLP
from sktransfer.balancing import BALANCINGS

ROWS = (50, 100, 200)
MISSING = (0.0, 0.6)
NUMBERS = {"progress", "bmi", "bp", "alcohol", "colour", "final", "G1", "G2", "price", "mpg"}
NUMBERS |= {"engineSize", "thalach", "oldpeak"}
#: Pair → what its label is, and the columns that become targets too.
PAIRS = {
    "student_por_mat": ("final", ["G1", "G2"]),
    "cars_bmw_audi": ("price", ["mpg", "engineSize"]),
    "heart_cle_hun": ("disease", ["thalach", "oldpeak"]),
}
N_TEST = 500


def digits():
    """Which digit, whether it is odd, and whether it is beyond four."""
    X, digit = load_digits(return_X_y=True)
    return X, pd.DataFrame({"digit": digit, "parity": digit % 2, "size": (digit > 4).astype(int)})


def diabetes():
    """Progress of the disease, body mass and blood pressure from the other columns."""
    X, progress = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    Y = pd.DataFrame({"progress": progress, "bmi": X["bmi"], "bp": X["bp"]})
    return X.drop(columns=["bmi", "bp"]).to_numpy(), Y


def wine():
    """Cultivar, alcohol and colour from the other columns."""
    X, cultivar = load_wine(return_X_y=True, as_frame=True)
    Y = pd.DataFrame(
        {"cultivar": cultivar, "alcohol": X["alcohol"], "colour": X["color_intensity"]}
    )
    return X.drop(columns=["alcohol", "color_intensity"]).to_numpy(), Y


DATA = {"digits": digits, "diabetes": diabetes, "wine": wine}


def of_pair(tasks, name):
    """A pair's source table, with some of its columns as targets."""
    task, (label, more) = tasks.load(name, raw=True), PAIRS[name]
    X = task["X_source"]
    Y = pd.DataFrame({label: task["y_source"]} | {column: X[column] for column in more})
    known = Y.notna().all(axis=1).to_numpy()
    return X.drop(columns=more)[known].reset_index(drop=True), Y[known].reset_index(drop=True)


def load_tasks(folder):
    """The folder's ``tasks`` module."""
    spec = importlib.util.spec_from_file_location("tasks", folder / "tasks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def split(X, Y, n_rows, missing, seed):
    """Training rows with missing labels, and test rows."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(X))
    n_test = min(N_TEST, len(X) // 3)
    train, test = order[n_test : n_test + n_rows], order[:n_test]
    hidden = rng.random((len(train), Y.shape[1])) < missing
    take = X.iloc if hasattr(X, "iloc") else X
    return take[train], Y.iloc[train].mask(hidden), take[test], Y.iloc[test]


def scores(X, Y, X_test, Y_test, seed, methods, heads=()):
    """Score per task of a network for each, and of one network for all of them per method."""
    kinds = {name: "regression" if name in NUMBERS else "classification" for name in Y}
    apart = {}
    for name in Y:
        model = MultiTaskMLP(task_kinds={name: kinds[name]}, random_state=seed)
        apart |= model.fit(X, Y[[name]]).score_tasks(X_test, Y_test[[name]])
    together = {
        method: MultiTaskMLP(
            task_kinds=kinds, balancing=method, head_hidden_layer_sizes=heads, random_state=seed
        )
        .fit(X, Y)
        .score_tasks(X_test, Y_test)
        for method in methods
    }
    return {"apart": apart, **together}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, nargs="*", default=ROWS)
    parser.add_argument("--tasks", type=Path, default=None, help="folder of pairs")
    parser.add_argument("--data", nargs="*", default=None)
    parser.add_argument("--methods", nargs="*", default=list(BALANCINGS))
    parser.add_argument(
        "--heads", type=int, nargs="*", default=(), help="hidden layers that each task has alone"
    )
    parser.add_argument("--output", help="JSON lines, one per run")
    args = parser.parse_args()
    known = dict(DATA)
    if args.tasks:
        tasks = load_tasks(args.tasks)
        known |= {name: partial(of_pair, tasks, name) for name in PAIRS}
    for data in args.data or known:
        X, Y = known[data]()
        print(f"\n{data}: {', '.join(Y)}; mean score, gain over a network for each (seeds won)")
        for n_rows in args.rows:
            if n_rows > len(X) * 2 // 3:
                continue
            for missing in MISSING:
                runs = [
                    scores(*split(X, Y, n_rows, missing, seed), seed, args.methods, args.heads)
                    for seed in range(args.seeds)
                ]
                report(n_rows, missing, runs, args.methods)
                if args.output:
                    with open(args.output, "a", encoding="utf-8") as file:
                        for seed, run in enumerate(runs):
                            row = {"data": data, "rows": n_rows, "missing": missing, "seed": seed}
                            file.write(json.dumps(row | run) + "\n")


def report(n_rows, missing, runs, methods):
    """Print one line."""
    mean = {m: np.array([np.mean(list(run[m].values())) for run in runs]) for m in runs[0]}
    line = f"{n_rows:>5} rows, {missing:>4.0%} missing   apart {mean['apart'].mean():.3f}"
    for method in methods:
        gain = mean[method] - mean["apart"]
        line += f"   {method} {gain.mean():+.3f} ({(gain > 0).sum()}/{len(gain)})"
    print(line, flush=True)


if __name__ == "__main__":
    main()
