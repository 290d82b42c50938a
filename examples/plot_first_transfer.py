"""
A first transfer
================

A network is trained on a *source* table with many labelled rows.  A *target* table has few.  How
much better is a model of the target with the source?

Three pairs, all from data that comes with scikit-learn:

``cancer``
    569 tumours and whether they are malignant.  The source has half of the patients with the mean
    and the worst of ten measurements, the target the other half with the mean and its standard
    error: the same label, and ten columns in common.  The source still holds, so the gain is large
    where labelled rows are few.
``diabetes``
    Ten measurements of 442 patients, and how far the disease had progressed a year later.  The
    source is the patients of one sex, the target those of the other.  The source alone is a poor
    model of the target, and helps somewhat as long as labelled rows are few.
``digits``
    Handwritten digits, 8 × 8 pixels.  The source classifies 0 to 4, the target 5 to 9.  No class
    is in both, and the source is worth little.

For each number of labelled target rows the same ensemble is fitted with and without the source
and scored on held-out rows of the target, next to *the source as it is*, where it has the
same labels.  Everything is repeated with other labelled rows, another source network and other
random weights.  Nothing is tuned.
"""

# %%
# Three pairs of tables
# ---------------------

from __future__ import annotations

import argparse
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.utils import check_random_state

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.strategies import Recalibrate


@dataclass(frozen=True)
class Pair:
    """A source table, a target table, and how the target is scored."""

    name: str
    title: str
    estimator: type
    score_name: str
    source: tuple[pd.DataFrame, pd.Series]
    target: tuple[pd.DataFrame, pd.Series]
    n_labelled: tuple[int, ...]
    n_test: int
    same_labels: bool = True


def cancer() -> Pair:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    here = check_random_state(0).rand(len(y)) < 0.5
    return Pair(
        name="cancer",
        title="cancer: other patients, other columns",
        estimator=TransferMLPClassifier,
        score_name="accuracy",
        source=(X[here].filter(regex="^mean|^worst"), y[here]),
        target=(X[~here].filter(regex="^mean|error$"), y[~here]),
        n_labelled=(10, 40),
        n_test=150,
    )


def diabetes() -> Pair:
    X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    larger = X.pop("sex") == 1  # the larger of the two groups
    return Pair(
        name="diabetes",
        title="diabetes: one sex → the other",
        estimator=TransferMLPRegressor,
        score_name="R²",
        source=(X[larger], y[larger]),
        target=(X[~larger], y[~larger]),
        n_labelled=(20, 80),
        n_test=100,
    )


def digits() -> Pair:
    X, y = load_digits(return_X_y=True, as_frame=True)
    low = y <= 4
    return Pair(
        name="digits",
        title="digits: 0–4 → 5–9",
        estimator=TransferMLPClassifier,
        score_name="accuracy",
        source=(X[low], y[low]),
        target=(X[~low], y[~low]),
        n_labelled=(20,),
        n_test=500,
        same_labels=False,
    )


# %%
# With and without the source
# ---------------------------
# ``strategy="ensemble"`` without a source is the default's ensemble without the members that need
# one: the fair comparison.  The labelled rows are nested: the 10 are among the 40, as in a project
# that continues to label.

WITHOUT, AS_IS, WITH = "without source", "source as it is", "with source"


def compare(pair: Pair, n_seeds: int) -> dict[str, np.ndarray]:
    """Scores on held-out target rows, of shape (n_seeds, len(pair.n_labelled)) each."""
    shape = n_seeds, len(pair.n_labelled)
    scores = {name: np.full(shape, np.nan) for name in (WITHOUT, AS_IS, WITH)}
    X, y = pair.target
    # the table shows where the source does not help
    warnings.filterwarnings("ignore", message="This source does not")
    for seed in range(n_seeds):
        source = pair.estimator(random_state=seed).fit(*pair.source)
        order = check_random_state(seed).permutation(len(y))
        test, rest = order[: pair.n_test], order[pair.n_test :]
        unseen = X.iloc[test], y.iloc[test]
        models = {
            WITHOUT: pair.estimator(strategy="ensemble", random_state=seed),
            WITH: pair.estimator(source=source, random_state=seed),
        }
        if pair.same_labels:
            models[AS_IS] = pair.estimator(source=source, strategy=Recalibrate(update="none"))
        else:
            models[WITH].set_params(class_map={})  # no class is one of the source's
        for column, n in enumerate(pair.n_labelled):
            few = X.iloc[rest[:n]], y.iloc[rest[:n]]
            for name, model in models.items():
                scores[name][seed, column] = model.fit(*few).score(*unseen)
    return scores


# %%
# The table and the plot
# ----------------------


def print_table(pair: Pair, scores: dict[str, np.ndarray]) -> None:
    n_source, n_seeds = len(pair.source[1]), len(scores[WITH])
    print(f"\n{pair.title}")
    print(
        f"{n_source} source rows, {pair.score_name} on {pair.n_test} target rows; {n_seeds} seeds"
    )
    print(f"{'labelled rows':>15}" + "".join(f"{name:>18}" for name in scores))
    for column, n in enumerate(pair.n_labelled):
        means = [values[:, column].mean() for values in scores.values()]
        shown = "".join(f"{'–':>18}" if np.isnan(m) else f"{m:>18.3f}" for m in means)
        print(f"{n:>15}{shown}", flush=True)


def plot(results: list[tuple[Pair, dict[str, np.ndarray]]], path: Path) -> None:
    """The gain over the same ensemble without the source: each seed, their mean and range."""
    figure, axes = plt.subplots(1, len(results), figsize=(12, 3.8), layout="constrained")
    for ax, (pair, scores) in zip(axes, results, strict=True):
        positions = np.arange(len(pair.n_labelled))
        for shift, (name, color) in zip((-0.12, 0.12), ((AS_IS, "C1"), (WITH, "C0")), strict=True):
            gain = scores[name] - scores[WITHOUT]
            at = positions + shift
            ax.errorbar(
                at,
                gain.mean(0),
                np.abs([gain.min(0), gain.max(0)] - gain.mean(0)),
                fmt="o",
                color=color,
                capsize=4,
                label=name,
            )
            ax.plot(np.broadcast_to(at, gain.shape), gain, "_", color=color, alpha=0.6)
        ax.axhline(0, color="0.6", linewidth=1)
        ax.set_xticks(positions, [str(n) for n in pair.n_labelled])
        ax.set(title=pair.title, xlabel="labelled target rows", xlim=(-0.5, len(positions) - 0.5))
        ax.set_ylabel(f"gain in {pair.score_name}")
        low, high = ax.get_ylim()
        ax.set_ylim(min(low, -0.05), max(high, 0.1))  # a tiny gain looks tiny
        if not pair.same_labels:
            ax.text(0.02, 0.93, "the source as it is: other classes", transform=ax.transAxes)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    figure.suptitle("Gain over the same ensemble without a source: mean and range over the seeds")
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description="A first transfer.")
    parser.add_argument("--output", type=Path, default=Path("transfer_demo.png"))
    parser.add_argument("--n-seeds", type=int, default=3)
    options = parser.parse_args()

    started = time.perf_counter()
    results = []
    for pair in (cancer(), diabetes(), digits()):
        results.append((pair, compare(pair, options.n_seeds)))
        print_table(*results[-1])
    plot(results, options.output)
    print(f"\nPlot: {options.output}   ({time.perf_counter() - started:.0f} s)")


if __name__ == "__main__":
    main()
