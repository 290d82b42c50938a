"""Draw the picture of README.md and the landing page: the first page's example, repeated.

::

    python tools/draw_first_picture.py

The example's data, and for each number of labelled rows eight random draws of them; the rest are
the test rows.  Needs matplotlib and pandas, and half a minute of CPU time.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor

from sktransfer import TransferMLPRegressor
from sktransfer.exceptions import TransferWarning
from sktransfer.strategies import Recalibrate

PATH = Path(__file__).resolve().parents[1] / "docs" / "_static" / "first_picture.png"
SIZES, DRAWS = (20, 40, 80, 120), 8
COLOURS = {"with the source": "C0", "without the source": "C1", "the source as it is": "0.5"}


def main() -> None:
    """Fit, print the means, and write the picture."""
    warnings.simplefilter("ignore", TransferWarning)
    X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    young = X["age"] < 50
    old_model = RandomForestRegressor(min_samples_leaf=5, random_state=0).fit(X[young], y[young])
    X_new, y_new = X[~young].drop(columns="s5"), y[~young]
    scores = {name: np.empty((len(SIZES), DRAWS)) for name in COLOURS}
    for draw in range(DRAWS):
        rows = np.random.default_rng(draw).permutation(len(X_new))
        for i, size in enumerate(SIZES):
            few, test = rows[:size], rows[max(SIZES) :]
            for name, model in {
                "with the source": TransferMLPRegressor(source=old_model, random_state=draw),
                "without the source": TransferMLPRegressor(strategy="ensemble", random_state=draw),
                "the source as it is": TransferMLPRegressor(
                    source=old_model, strategy=Recalibrate("none")
                ),
            }.items():
                model.fit(X_new.iloc[few], y_new.iloc[few])
                scores[name][i, draw] = model.score(X_new.iloc[test], y_new.iloc[test])
    fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
    for name, values in scores.items():
        mean, error = values.mean(axis=1), values.std(axis=1, ddof=1) / DRAWS**0.5
        print(f"{name:20}", *(f"{m:.3f} ± {e:.3f}" for m, e in zip(mean, error, strict=True)))
        ax.plot(SIZES, mean, "o-", color=COLOURS[name], label=name)
        ax.fill_between(SIZES, mean - error, mean + error, color=COLOURS[name], alpha=0.15, lw=0)
    ax.set(xlabel="labelled rows of the new table", ylabel="R² on other rows", xticks=SIZES)
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    fig.savefig(PATH, dpi=150)


if __name__ == "__main__":
    main()
