"""
Several tasks, labels missing
=============================

Three measurements of patients are predicted from seven others, and six of ten labels are missing.
One network for all three tasks is compared with one network for each.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes

from sktransfer import MultiTaskMLP
from sktransfer.inspection import TaskAffinityDisplay

table = load_diabetes(as_frame=True, scaled=False)
Y = pd.concat([table.target.rename("progression"), table.data[["bmi", "bp"]]], axis=1)
X = table.data.drop(columns=["bmi", "bp"])

# %%
# Three draws of 200 rows; six of ten labels are hidden.  Scores are R² on the other rows.


def draw(seed):
    """Labelled and other rows, and the labels that are not hidden."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(X))
    few, rest = order[:200], order[200:]
    return few, rest, Y.iloc[few].mask(rng.random((200, 3)) < 0.6)


together, alone = [], []
for seed in range(3):
    few, rest, labels = draw(seed)
    model = MultiTaskMLP(random_state=0).fit(X.iloc[few], labels)
    together.append(dict(model.score_tasks(X.iloc[rest], Y.iloc[rest])))
    scores = {}
    for name in Y:
        single = MultiTaskMLP(random_state=0).fit(X.iloc[few], labels[[name]])
        scores |= dict(single.score_tasks(X.iloc[rest], Y.iloc[rest][[name]]))
    alone.append(scores)

at = np.arange(3)
fig, ax = plt.subplots(layout="constrained")
for shift, (name, scores) in zip(
    (-0.1, 0.1), {"one network each": alone, "one network for all": together}.items(), strict=True
):
    scores = pd.DataFrame(scores)
    ax.plot(at + shift, scores.mean(), "o", label=name)
    ax.plot(at + shift, scores.to_numpy().T, "_", color=ax.lines[-1].get_color(), alpha=0.7)
ax.axhline(0, color="grey", linewidth=1)
ax.set_xticks(at, list(Y))
ax.set(ylabel="R² on other rows: mean, and each of three draws")
ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
plt.show()

# %%
# Sharing helps here, where there are few labels of each task and the tasks are related.  It does
# not always: :doc:`/multitask` has pairs of tasks that lose.
#
# The affinity shows how similar the tasks' gradients on the shared layers are.  It describes
# training, and does not predict what sharing gains.

TaskAffinityDisplay.from_estimator(model, X.iloc[few], labels, n_epochs=5)
plt.show()
