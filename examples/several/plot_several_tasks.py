"""
Several tasks, labels missing
=============================

Three questions about handwritten digits, and not every row is labelled in every respect.  One
network answers all three, and is compared with one network for each question.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits

from sktransfer import MultiTaskMLP
from sktransfer.inspection import TaskAffinityDisplay

X, digit = load_digits(return_X_y=True)
Y = pd.DataFrame({"digit": digit, "even": digit % 2 == 0, "ink": X.mean(axis=1)})
few, test = slice(0, 200), slice(200, None)

# %%
# Of the labels of 200 rows, seven of ten are hidden.

hidden = np.random.default_rng(0).random((200, 3)) < 0.7
labels = Y[few].mask(hidden)
print(labels.notna().sum())

# %%
# Together, and one by one.  Here a network each answers better, by far for the ink, which the
# other questions do not need: sharing layers is a trade, to be tried and not assumed.

model = MultiTaskMLP(random_state=0).fit(X[few], labels)
together = model.score_tasks(X[test], Y[test])
alone = {}
for name in Y:
    single = MultiTaskMLP(random_state=0).fit(X[few], labels[[name]])
    alone[name] = dict(single.score_tasks(X[test], Y.loc[test.start :, [name]]))[name]

at = np.arange(3)
fig, ax = plt.subplots(layout="constrained")
ax.bar(at - 0.2, [alone[name] for name in Y], 0.4, label="a network each")
ax.bar(at + 0.2, [dict(together)[name] for name in Y], 0.4, label="one network")
ax.set_xticks(at, ["digit (accuracy)", "even (accuracy)", "ink (R²)"])
ax.set(ylabel="score on test rows", ylim=(0, 1.15))
ax.legend(ncols=2, loc="upper center")
plt.show()

# %%
# How far do the questions pull the shared layers the same way?  It describes training, and does
# not tell what learning together gains.

TaskAffinityDisplay.from_estimator(model, X[few], labels, n_epochs=5)
plt.show()
