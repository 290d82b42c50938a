"""
Prediction intervals and sets of classes
========================================

Intervals and sets are computed from held-out rows of a fit.  How wide are they with few labelled
rows, and which rows do they cover?
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes, load_digits

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.inspection import CoverageDisplay

X, y = load_diabetes(return_X_y=True)
women = X[:, 1] < 0
source = TransferMLPRegressor(random_state=0).fit(X[women], y[women])
X, y = X[~women], y[~women]

# %%
# The source is trained on the women, the target on eighty men: intervals for the progression of a
# disease, with a coverage of 90 %.

target = TransferMLPRegressor(source=source, random_state=0).fit(X[:80], y[:80])
prediction = target.predict(X[80:])
lower, upper = target.predict_interval(X[80:], coverage=0.9).T
print(f"{np.mean((y[80:] >= lower) & (y[80:] <= upper)):.0%} of the other rows are covered")

order = np.argsort(prediction)
at = np.arange(len(order))
_, ax = plt.subplots(figsize=(8, 4), layout="constrained")
ax.fill_between(at, lower[order], upper[order], alpha=0.3, label="interval of 90 %")
ax.plot(at, prediction[order], label="prediction")
ax.plot(at, y[80:][order], "k.", label="measured")
ax.set(xlabel="rows in the order of their prediction", ylabel="progression of the disease")
ax.legend()
plt.show()

# %%
# The coverage holds for all rows together.  The display shows it by group; the bars are the
# intervals' mean width.

CoverageDisplay.from_estimator(target, X[80:], y[80:], n_groups=4)
plt.show()

# %%
# A classifier returns sets: one class if it is certain, several if not.

D, digit = load_digits(return_X_y=True)
classifier = TransferMLPClassifier(strategy="ensemble", random_state=0).fit(D[:60], digit[:60])
sets = classifier.predict_set(D[60:], coverage=0.95)
sizes = np.bincount(sets.sum(axis=1))
print("rows by the number of classes in their set:", dict(enumerate(sizes.tolist())))

unsure = np.argsort(-sets.sum(axis=1))[:5]
_, axes = plt.subplots(1, 5, figsize=(9, 2.4), layout="constrained")
for ax, row in zip(axes, unsure, strict=True):
    ax.imshow(D[60 + row].reshape(8, 8), cmap="gray_r")
    ax.set(title=", ".join(map(str, np.flatnonzero(sets[row]))), xticks=[], yticks=[])
plt.show()
