"""
When transfer hurts
===================

A source that is unrelated to the target can do harm, and equal column names cannot warn you.  Here
three sources with the same columns are used for the same thirty rows: one was trained on the same
label, one on the same label shuffled, and one on its opposite.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import cross_val_score, train_test_split

from sktransfer import TransferMLPRegressor
from sktransfer.strategies import Recalibrate

X, y = load_diabetes(return_X_y=True)
X_old, X_new, y_old, y_new = train_test_split(X, y, test_size=0.5, random_state=0)

labels = {
    "same label": y_old,
    "shuffled labels": np.random.default_rng(0).permutation(y_old),
    "opposite label": y_old.max() + y_old.min() - y_old,
}
sources = {
    name: TransferMLPRegressor(random_state=0).fit(X_old, label) for name, label in labels.items()
}

# %%
# Three ways to use a source: its own prediction, a strategy that stays close to it, and the
# default, which weights members with and without the source by their held-out loss.  Scores are
# means over three draws of thirty labelled rows.

warnings.filterwarnings("ignore", message="This source .* help here")
strategies = {
    "source as it is": Recalibrate(update="none"),
    'strategy="keep_head"': "keep_head",
    'strategy="auto"': "auto",
}
draws = [train_test_split(X_new, y_new, train_size=30, random_state=seed) for seed in range(3)]


def mean_r2(model):
    """Mean R² on the rows that are not among the thirty."""
    return np.mean([model.fit(few, y).score(rest, z) for few, rest, y, z in draws])


without = mean_r2(TransferMLPRegressor(strategy="ensemble", random_state=0))
scores = {
    name: [
        mean_r2(TransferMLPRegressor(source=source, strategy=strategy, random_state=0))
        for strategy in strategies.values()
    ]
    for name, source in sources.items()
}

_, ax = plt.subplots(figsize=(8, 4), layout="constrained")
at = np.arange(len(sources))
for k, strategy in enumerate(strategies):
    heights = [scores[name][k] for name in sources]
    bars = ax.bar(at + 0.27 * (k - 1), np.maximum(heights, -1.15), 0.25, label=strategy)
    ax.bar_label(bars, [f"{height:.2f}" for height in heights], padding=2, fontsize=8)
ax.axhline(without, color="black", linestyle="--", linewidth=1, label="without a source")
ax.axhline(0, color="grey", linewidth=1)
ax.set_xticks(at, list(sources))
ax.set(ylabel="R² on other rows", ylim=(-1.3, 0.75), xlabel="what the source was trained on")
ax.legend(ncols=2, loc="lower left", frameon=False)
plt.show()

# %%
# With shuffled labels the default scores about as much as the ensemble without a source, where the
# other two lose.  The opposite label even helps it: a negative slope makes that source's
# prediction useful.  Cross-validation on the thirty rows shows which sources harm a single
# strategy, without any test row; see :doc:`/when-not`.

few, _, y_few, _ = draws[0]
for name, source in sources.items():
    model = TransferMLPRegressor(source=source, strategy="keep_head", random_state=0)
    print(f"{name:18} cross-validated R² {cross_val_score(model, few, y_few, cv=5).mean():+.2f}")
