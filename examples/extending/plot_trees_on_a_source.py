"""
Gradient boosting on a source
=============================

The source's prediction can be a further column for any estimator.  Here gradient boosting predicts
the progression of a disease from the patients' measurements, with and without that column.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline

from sktransfer import SharedLayerTransformer, TransferMLPRegressor

table = load_diabetes(scaled=False, as_frame=True)
ours, X, y = table.data["sex"] == 2, table.data.drop(columns="sex"), table.target
source = TransferMLPRegressor(random_state=0).fit(X[~ours], y[~ours])
X, y = X[ours], y[ours]

# %%
# ``layers="outputs"`` gives the source's prediction, ``passthrough=True`` keeps the table's
# columns.  Here the trees gain nothing clear from the column, and the ensemble that starts from
# the source is better than both.

n_labelled = [20, 40, 60, 100]
trees = HistGradientBoostingRegressor(min_samples_leaf=5, random_state=0)
models = {
    "trees": trees,
    "trees with the source's prediction": make_pipeline(
        SharedLayerTransformer(source, layers="outputs", passthrough=True), trees
    ),
    "ensemble from the source": TransferMLPRegressor(source=source, random_state=0),
}
fig, ax = plt.subplots(layout="constrained")
for name, model in models.items():
    scores = []
    for n in n_labelled:
        drawn = [np.random.default_rng(seed).permutation(len(y)) for seed in range(3)]
        scores.append(
            np.mean(
                [
                    model.fit(X.iloc[rows[:n]], y.iloc[rows[:n]]).score(
                        X.iloc[rows[100:]], y.iloc[rows[100:]]
                    )
                    for rows in drawn
                ]
            )
        )
    ax.plot(n_labelled, scores, marker="o", label=name)
ax.set(xlabel="labelled rows", ylabel="R² on other rows (mean of 3 draws)", xticks=n_labelled)
ax.legend()
plt.show()
