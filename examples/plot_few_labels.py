"""
Few labels
==========

178 wines come from three growers.  A network that separates the first two was trained on most of
them; the third grower's wines are new, and only a few of the bottles have a label.  How many
labelled bottles does it take, with and without that network?
"""

# %%
# The source was trained on half of the bottles of growers 0 and 1.  The target predicts which of
# the three growers it is, on the other half.

import warnings

import matplotlib.pyplot as plt
from sklearn.datasets import load_wine
from sklearn.model_selection import RepeatedStratifiedKFold, train_test_split

from sktransfer import TransferMLPClassifier
from sktransfer.inspection import TransferCurveDisplay

X, y = load_wine(return_X_y=True)
X_old, X_new, y_old, y_new = train_test_split(X, y, test_size=0.5, stratify=y, random_state=0)
source = TransferMLPClassifier(random_state=0).fit(X_old[y_old < 2], y_old[y_old < 2])
warnings.filterwarnings("ignore", message="This source does not")  # the curve shows it

# %%
# Both use the same labelled rows and the same test rows.  Without the source, the display fits
# the same ensemble without the members that need one.  The band is the 95 % interval of the gain:
# where it excludes the line without a source, the source makes a difference.

display = TransferCurveDisplay.from_estimator(
    TransferMLPClassifier(random_state=0),
    source,
    X_new,
    y_new,
    train_sizes=[6, 12, 30],
    cv=RepeatedStratifiedKFold(n_splits=2, n_repeats=3, random_state=0),
    random_state=0,
)
display.ax_.set_xticks(display.train_sizes)
plt.show()

# %%
# The source is worth most where labels are fewest, and nothing for thirty bottles.  Six folds are
# too few to exclude that a gain of this size is chance: all intervals contain 0.

for n, gain, low, high in zip(
    display.train_sizes, display.gain, display.gain_low, display.gain_high, strict=True
):
    print(f"{n:3} rows: gain {gain:+.3f}, between {low:+.3f} and {high:+.3f}")
