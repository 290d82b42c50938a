"""
Few labels
==========

178 wines come from three growers.  A network that tells the first two apart has seen most of
them; the third grower's wines are new, and only a few of the bottles have a label.  How many
labelled bottles does it take, with and without that network?
"""

# %%
# The source knows growers 0 and 1 from half of their bottles.  The target asks which of the three
# growers it is, on the other half.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

from sktransfer import TransferMLPClassifier

X, y = load_wine(return_X_y=True)
X_old, X_new, y_old, y_new = train_test_split(X, y, test_size=0.5, stratify=y, random_state=0)
source = TransferMLPClassifier(random_state=0).fit(X_old[y_old < 2], y_old[y_old < 2])

# %%
# The same labelled rows for both, and test rows that neither has seen.

n_labelled = [6, 9, 15, 30]
scores = {"without source": [], "with source": []}
for n in n_labelled:
    splits = [
        train_test_split(X_new, y_new, train_size=n, stratify=y_new, random_state=seed)
        for seed in range(3)
    ]
    for name, given in {"without source": None, "with source": source}.items():
        model = TransferMLPClassifier(source=given, random_state=0)
        scores[name].append([model.fit(a, c).score(b, d) for a, b, c, d in splits])

fig, ax = plt.subplots(layout="constrained")
for name, values in scores.items():
    ax.plot(n_labelled, np.mean(values, axis=1), marker="o", label=name)
ax.set(xlabel="labelled target rows", ylabel="accuracy (mean of 3 draws)", xticks=n_labelled)
ax.legend()
plt.show()
