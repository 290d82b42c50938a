"""
When transfer hurts
===================

A source that has nothing to do with the target does harm, and equal column names cannot warn you.
Here three sources are offered for the same thirty rows: one that asked the same question, one that
learned from shuffled answers, and one that asked the opposite question.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import RepeatedKFold, cross_val_score, train_test_split

from sktransfer import TransferMLPRegressor

X, y = load_diabetes(return_X_y=True)
X_old, X_new, y_old, y_new = train_test_split(X, y, test_size=0.5, random_state=0)
X_few, X_test, y_few, y_test = train_test_split(X_new, y_new, train_size=30, random_state=0)

answers = {
    "same question": y_old,
    "shuffled": np.random.default_rng(0).permutation(y_old),
    "opposite": -y_old,
}
sources = {"none": None} | {
    name: TransferMLPRegressor(random_state=0).fit(X_old, y) for name, y in answers.items()
}

# %%
# What cross-validation on the thirty rows says, and what the test rows say.

folds = RepeatedKFold(n_splits=3, n_repeats=2, random_state=0)
estimated, measured = [], []
for source in sources.values():
    model = TransferMLPRegressor(source=source, strategy="keep_head", random_state=0)
    if source is None:
        model.set_params(strategy="scratch")
    estimated.append(cross_val_score(model, X_few, y_few, cv=folds).mean())
    measured.append(model.fit(X_few, y_few).score(X_test, y_test))

fig, ax = plt.subplots(layout="constrained")
at = np.arange(len(sources))
ax.bar(at - 0.2, estimated, 0.4, label="cross-validation on 30 rows")
ax.bar(at + 0.2, measured, 0.4, label="test rows")
ax.axhline(0, color="grey", linewidth=1)
ax.set_xticks(at, list(sources))
ax.set(xlabel="source", ylabel="R²")
ax.legend()
plt.show()

# %%
# Cross-validation on the target's own rows tells the two harmful sources from the rest.  Whether
# the harmless one is better than none is more than thirty rows can say, see :doc:`/when-not`.
for name, a, b in zip(sources, estimated, measured, strict=True):
    print(f"{name:14} cross-validation {a:+.2f}   test rows {b:+.2f}")
