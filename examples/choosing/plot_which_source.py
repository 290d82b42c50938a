"""
Which source?
=============

Several networks could be the source.  Relatedness scores measure how well a source's hidden layers
predict the target's labels, without any training.  Here they are compared with the accuracy that
the target reaches with each source.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sktransfer import SharedLayerTransformer, TransferMLPClassifier
from sktransfer.metrics import logme_score

X, y = load_digits(return_X_y=True)
X_old, X_new, y_old, y_new = train_test_split(X, y, test_size=0.5, stratify=y, random_state=0)
X_few, X_test, y_few, y_test = train_test_split(
    X_new, y_new, train_size=40, stratify=y_new, random_state=0
)

# %%
# Five sources, trained on the same rows with different labels.

labels = {
    "which digit": y_old,
    "is it even": y_old % 2,
    "above 4": y_old > 4,
    "how much ink": X_old.mean(axis=1) > np.median(X_old.mean(axis=1)),
    "shuffled": np.random.default_rng(0).permutation(y_old),
}
scores, accuracies = [], []
for y in labels.values():
    source = TransferMLPClassifier(random_state=0).fit(X_old, y)
    features = SharedLayerTransformer(source, layers="hidden").fit(X_few).transform(X_few)
    scores.append(logme_score(features, y_few))
    target = TransferMLPClassifier(source=source, random_state=0).fit(X_few, y_few)
    accuracies.append(target.score(X_test, y_test))

fig, ax = plt.subplots(layout="constrained")
ax.scatter(scores, accuracies)
for name, at in zip(labels, zip(scores, accuracies, strict=True), strict=True):
    ax.annotate(name, at, xytext=(5, 5), textcoords="offset points")
ax.set(xlabel="LogME, from 40 labelled rows", ylabel="accuracy with this source")
ax.margins(0.2)
plt.show()
