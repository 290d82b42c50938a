"""
Other labels, and a classifier for a regressor
==============================================

Source and target may have different labels, because the target gets its own output layer.  Even a
classifier can be the source of a regressor.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

from sktransfer import TransferMLPClassifier, TransferMLPRegressor

X, y = load_diabetes(return_X_y=True)
X_old, X_new, y_old, y_new = train_test_split(X, y, test_size=0.5, random_state=0)

# %%
# A classifier: does the disease progress fast?
# ---------------------------------------------

fast = np.where(y_old > np.median(y_old), "fast", "slow")
classifier = TransferMLPClassifier(random_state=0).fit(X_old, fast)

# %%
# A regressor on top: how far does it progress?
# ---------------------------------------------
# Twenty patients with a measured progression.  The classifier only has the classes "fast" and
# "slow".

X_few, X_test, y_few, y_test = train_test_split(X_new, y_new, train_size=20, random_state=1)
alone = TransferMLPRegressor(strategy="ensemble", random_state=0).fit(X_few, y_few)
target = TransferMLPRegressor(source=classifier, random_state=0).fit(X_few, y_few)
print(target.transfer_report_)

# %%
# ``strategy="ensemble"`` is the default's ensemble without the members that need a source.

fig, axes = plt.subplots(1, 2, figsize=(8, 4), sharex=True, sharey=True, layout="constrained")
for ax, model, name in zip(axes, [alone, target], ["without", "with"], strict=True):
    ax.scatter(y_test, model.predict(X_test), s=8)
    ax.axline((150, 150), slope=1, color="grey", linewidth=1)
    ax.set(title=f"{name} the classifier: R² {model.score(X_test, y_test):.2f}", xlabel="measured")
axes[0].set_ylabel("predicted")
plt.show()

# %%
# Labels with other names
# -----------------------
# Where two labels mean the same and are called otherwise, ``class_map`` joins them, and the output
# layer is carried over as well (``strategy="keep_head"``).

quick = np.where(y_few > np.median(y_old), "quick", "gradual")
renamed = TransferMLPClassifier(
    source=classifier,
    strategy="keep_head",
    class_map={"fast": "quick", "slow": "gradual"},
    random_state=0,
).fit(X_few, quick)
print(renamed.transfer_report_.counts("class"))
