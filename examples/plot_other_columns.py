"""
Other columns
=============

Source and target rarely have the same columns.  Columns are matched by name: those that both have
are carried over, those that only the target has begin without influence, and those that only the
source has are replaced by their best linear prediction from the shared ones.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

from sktransfer import TransferMLPClassifier

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X_old, X_new, y_old, y_new = train_test_split(X, y, test_size=0.5, stratify=y, random_state=0)

# %%
# The source was trained on the means of ten measurements.  The target has six of these, and four
# standard errors, which the source does not have.  Twenty rows are labelled, in five draws.

means = [name for name in X if name.startswith("mean")]
errors = [name for name in X if name.endswith("error")]
source = TransferMLPClassifier(random_state=0).fit(X_old[means], y_old)

alone = TransferMLPClassifier(strategy="ensemble", random_state=0)
target = TransferMLPClassifier(source=source, random_state=0)
scores = {"without the source": [], "with the source": []}
for seed in range(5):
    X_few, X_test, y_few, y_test = train_test_split(
        X_new[means[4:] + errors[:4]], y_new, train_size=20, stratify=y_new, random_state=seed
    )
    for name, model in zip(scores, (alone, target), strict=True):
        scores[name].append(model.fit(X_few, y_few).score(X_test, y_test))
for name, values in scores.items():
    print(f"{name:20} accuracy {np.mean(values):.3f}, draws {np.round(values, 2).tolist()}")

# %%
# The report says what became of each column, and why.

report = target.transfer_report_.to_frame()
report.query("part == 'column'")[["name", "status", "reason"]]

# %%
# And in one picture:

counts = target.transfer_report_.counts("column")
fig, (upper, lower) = plt.subplots(2, figsize=(6, 3.6), height_ratios=[2, 1], layout="constrained")
for height, values in enumerate(scores.values()):
    upper.plot(values, [height] * len(values), "o", color="C0", alpha=0.5)
    upper.plot(np.mean(values), height, "|", color="black", markersize=24)
upper.set(xlabel="accuracy on other rows: each draw, and the mean", ylim=(-0.6, 1.6))
upper.set_yticks([0, 1], list(scores))
left = 0
for status, n in counts.items():
    lower.barh(0, n, left=left, label=f"{status} ({n})")
    left += n
lower.set(xlabel="columns", yticks=[])
lower.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)
plt.show()
