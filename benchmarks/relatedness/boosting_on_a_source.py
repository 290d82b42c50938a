"""Gradient boosting with and without a source's features: ``SharedLayerTransformer`` in front.

    python benchmarks/relatedness/boosting_on_a_source.py --tasks FOLDER [--seeds 3]

On each pair, ``HistGradientBoosting`` (``min_samples_leaf=5``, so that it can split few rows)
learns from the target's columns alone, and from these and what a source makes of them.  Printed
are the mean score (AUC or R²), its mean gain, the worst pair, and on how many pairs it gains.
"""

from __future__ import annotations

import argparse
import platform
import warnings
from datetime import date
from pathlib import Path

import numpy as np
import torch
from rank_correlation import estimator, load_tasks, score
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline

from sktransfer import SharedLayerTransformer

WAYS = {
    "outputs next to the columns": {"layers": "outputs", "passthrough": True},
    "all layers next to the columns": {"layers": "all", "passthrough": True},
    "all layers alone": {"layers": "all"},
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", type=Path, required=True, help="folder of pairs")
    parser.add_argument("--sizes", nargs="+", type=int, default=[20, 100])
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    tasks = load_tasks(args.tasks)
    scores: dict[tuple, dict[str, list[float]]] = {}
    for name in tasks.names():
        task = tasks.load(name)
        source = estimator(task["kind_source"], random_state=0)
        source.fit(task["X_source"], task["y_source"])
        booster = (
            HistGradientBoostingClassifier
            if task["kind"] == "clf"
            else HistGradientBoostingRegressor
        )
        test = task["test"][:600]
        for n in args.sizes:
            for seed in range(args.seeds if n <= len(task["train_pool"]) else 0):
                rows = tasks.few_shot(task, n, seed)
                for way, options in {"columns alone": None, **WAYS}.items():
                    model = booster(min_samples_leaf=5, max_iter=50, random_state=0)
                    if options is not None:
                        model = make_pipeline(SharedLayerTransformer(source, **options), model)
                    model.fit(task["X_target"].iloc[rows], task["y_target"][rows])
                    value = score(
                        model,
                        task["kind"],
                        task["X_target"].iloc[test],
                        task["y_target"][test],
                    )
                    scores.setdefault((way, n), {}).setdefault(name, []).append(value)
    print(f"{args.seeds} seeds, {platform.machine()}, {date.today()}")
    print("| boosting on | rows | mean score | gain | worst pair | pairs that gain |")
    print("|---|---|---|---|---|---|")
    for (way, n), by_pair in scores.items():
        alone = scores["columns alone", n]
        mean = {pair: np.mean(values) for pair, values in by_pair.items()}
        gain = np.array([mean[pair] - np.mean(alone[pair]) for pair in mean])
        print(
            f"| {way} | {n} | {np.mean(list(mean.values())):.3f} | {gain.mean():+.3f} | "
            f"{gain.min():+.2f} | {(gain > 0).sum()} of {len(gain)} |"
        )


if __name__ == "__main__":
    main()
