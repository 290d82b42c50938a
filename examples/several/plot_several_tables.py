"""
Several old tables, one new one
===============================

Three old tables and forty labelled rows of a new one.  One of the old tables resembles it, one
does so in part, and one does not.  ``Joint`` in an ensemble uses all and reports which helped.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from sktransfer import TransferMLPClassifier
from sktransfer.strategies import Joint, WeightedEnsemble

X, y = load_digits(return_X_y=True)
high = y > 4


def upside_down(images):
    """The same images, as another scanner gives them."""
    return images.reshape(-1, 8, 8)[:, ::-1].reshape(-1, 64)


tables = {
    "same scanner": (X[:300], high[:300]),
    "upside down": (upside_down(X[300:600]), high[300:600]),
    "labels shuffled": (X[600:900], np.random.default_rng(0).permutation(high[600:900])),
}
few, rest = slice(900, 940), slice(940, None)

# %%
# ``"auto"`` stands for the default members; ``Joint`` adds a source made of the tables, and trees
# and boosting on the rows of all of them.

model = TransferMLPClassifier(
    strategy=WeightedEnsemble(["auto", Joint(tables)]), random_state=0
).fit(X[few], high[few])
alone = TransferMLPClassifier(strategy="ensemble", random_state=0).fit(X[few], high[few])
print(f"accuracy {model.score(X[rest], high[rest]):.2f}")
print(f"without the tables {alone.score(X[rest], high[rest]):.2f}")

# %%
# Which tables helped: by how much the held-out loss of trees falls with the rows of each.

fig, ax = plt.subplots(layout="constrained")
names = list(model.table_gains_)
ax.barh(names, [model.table_gains_[name] for name in names])
ax.axvline(0, color="black", linewidth=0.8)
ax.invert_yaxis()
ax.set(xlabel="gain in held-out loss")
plt.show()

# %%
# The report has a line for each.

for row in model.transfer_report_.rows:
    if row.part == "table":
        print(f"{row.name}: {row.status}, {row.reason}")
