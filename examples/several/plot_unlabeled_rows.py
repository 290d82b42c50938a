"""
Rows without labels
===================

A second scanner takes images with less contrast.  Few of them have labels and many have
not: ``X_unlabeled`` shows how its columns are distributed, so that an old model of the first
scanner gets them in its own units.  The curve shows what that is worth per number of labelled
rows.
"""

import warnings

import matplotlib.pyplot as plt
import sklearn
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedShuffleSplit, learning_curve

from sktransfer import TransferMLPClassifier
from sktransfer.exceptions import TransferWarning

warnings.simplefilter("ignore", TransferWarning)  # of other units, which are meant here

X, y = load_digits(return_X_y=True)
X = X[:, X.std(axis=0) > 1]  # pixels that some digit reaches
old = TransferMLPClassifier(random_state=0).fit(X[:900], y[:900])


X_new, y_new = 3 + 0.4 * X[900:], y[900:]  # the second scanner
labeled, without = slice(0, 500), slice(500, None)

# %%
# Cross-validation takes a table of as many rows as ``X`` for one that belongs to it row by row.
# In a tuple, the rows without labels reach every fit as they are.

sklearn.set_config(enable_metadata_routing=True)
model = TransferMLPClassifier(source=old, strategy="l2_sp", random_state=0)
model.set_fit_request(X_unlabeled=True)
folds = StratifiedShuffleSplit(4, train_size=100, test_size=300, random_state=0)
sizes = [10, 20, 40, 100]


def curve(params):
    """Accuracy per number of labelled rows, four draws of each."""
    _, _, scores = learning_curve(
        model, X_new[labeled], y_new[labeled], train_sizes=sizes, cv=folds, params=params
    )
    return scores


alone, more = curve({}), curve({"X_unlabeled": (X_new[without],)})
sklearn.set_config(enable_metadata_routing=False)

# %%
# Rows without labels are worth most where labelled ones are fewest.

fig, ax = plt.subplots(layout="constrained")
for name, scores in (("labelled rows alone", alone), ("with 397 rows without labels", more)):
    mean, spread = scores.mean(axis=1), scores.std(axis=1)
    (line,) = ax.plot(sizes, mean, marker="o", label=name)
    ax.fill_between(sizes, mean - spread, mean + spread, color=line.get_color(), alpha=0.15)
ax.set(xscale="log", xticks=sizes, xlabel="labelled rows", ylabel="accuracy")
ax.set_xticklabels(sizes)
ax.minorticks_off()
ax.legend(loc="lower right")
plt.show()
