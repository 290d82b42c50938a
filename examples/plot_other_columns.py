"""
Other columns
=============

Source and target rarely have the same columns.  They are matched by name: what both have is
carried over, what only the target has begins without influence, and what only the source has acts
as what the shared columns tell of it.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

from sktransfer import TransferMLPClassifier

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X_old, X_new, y_old, y_new = train_test_split(X, y, test_size=0.5, stratify=y, random_state=0)

# %%
# The source has the means of ten measurements.  The target has six of these, and four of the
# worst values, which the source has never seen.

means = [name for name in X if name.startswith("mean")]
worst = [name for name in X if name.startswith("worst")]
source = TransferMLPClassifier(random_state=0).fit(X_old[means], y_old)

columns = worst[:4] + means[4:]
X_few, X_test, y_few, y_test = train_test_split(
    X_new[columns], y_new, train_size=20, stratify=y_new, random_state=0
)
target = TransferMLPClassifier(source=source, random_state=0).fit(X_few, y_few)
alone = TransferMLPClassifier(random_state=0).fit(X_few, y_few)
print(f"accuracy without the source {alone.score(X_test, y_test):.3f}")
print(f"accuracy with the source    {target.score(X_test, y_test):.3f}")

# %%
# The report says what became of each column, and why.

report = target.transfer_report_.to_frame()
report.query("part == 'column'")[["name", "status", "reason"]]

# %%
# And in one picture:

counts = target.transfer_report_.counts("column")
fig, ax = plt.subplots(figsize=(6, 2), layout="constrained")
left = 0
for status, n in counts.items():
    ax.barh(0, n, left=left, label=f"{status} ({n})")
    left += n
ax.set(xlabel="columns", yticks=[])
ax.legend(ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.4))
plt.show()
