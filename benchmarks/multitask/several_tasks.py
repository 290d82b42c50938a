"""Several tasks in one network against a network for each.

Bundled data with several targets.  Per number of rows, share of missing labels and seed: the same
rows, the same missing labels and the same test rows for both; a separate network sees the rows on
which its task is labelled.  Default settings, nothing tuned.

Run it with ``python benchmarks/multitask/several_tasks.py [--seeds 10] [--output FILE]``.
"""

import argparse
import json

import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes, load_digits, load_wine

from sktransfer import MultiTaskMLP

ROWS = (50, 100, 200, 500)
MISSING = (0.0, 0.6)
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


def split(X, Y, n_rows, missing, seed):
    """Training rows with missing labels, and test rows."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(X))
    n_test = min(N_TEST, len(X) // 3)
    train, test = order[n_test : n_test + n_rows], order[:n_test]
    hidden = rng.random((len(train), Y.shape[1])) < missing
    return X[train], Y.iloc[train].mask(hidden), X[test], Y.iloc[test]


def scores(X, Y, X_test, Y_test, seed, **params):
    """Score per task: one network for all of them, and one for each."""
    together = MultiTaskMLP(random_state=seed, **params).fit(X, Y).score_tasks(X_test, Y_test)
    apart = {}
    for name in Y:
        model = MultiTaskMLP(random_state=seed).fit(X, Y[[name]])
        apart |= model.score_tasks(X_test, Y_test[[name]])
    return together, apart


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--data", nargs="*", default=list(DATA))
    parser.add_argument("--output")
    args = parser.parse_args()
    results = []
    for data in args.data:
        X, Y = DATA[data]()
        print(f"\n{data}: {', '.join(Y)}")
        heading = f"{'rows':>6}{'missing':>9}{'together':>10}{'apart':>8}{'gain':>8}{'wins':>7}"
        print(f"{heading}   by task")
        for n_rows in ROWS:
            if n_rows > len(X) * 2 // 3:
                continue
            for missing in MISSING:
                runs = [
                    scores(*split(X, Y, n_rows, missing, seed), seed) for seed in range(args.seeds)
                ]
                together, apart = (np.array([list(r[i].values()) for r in runs]) for i in (0, 1))
                gain = together - apart
                by_task = "  ".join(
                    f"{name} {a:.3f}→{t:.3f}"
                    for name, a, t in zip(Y, apart.mean(0), together.mean(0), strict=True)
                )
                wins = (gain.mean(1) > 0).sum()
                print(
                    f"{n_rows:>6}{missing:>9.0%}{together.mean():>10.3f}{apart.mean():>8.3f}"
                    f"{gain.mean():>+8.3f}{wins:>4}/{len(gain)}   {by_task}",
                    flush=True,
                )
                results.append(
                    {
                        "data": data,
                        "rows": n_rows,
                        "missing": missing,
                        "together": together.tolist(),
                        "apart": apart.tolist(),
                    }
                )
    if args.output:
        with open(args.output, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
