"""
In a pipeline and a grid search
===============================

The estimators work wherever scikit-learn accepts one.  A grid can search over strategies, over
their parameters, and over sources.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from sktransfer import TransferMLPClassifier
from sktransfer.strategies import L2SP

X, y = load_digits(return_X_y=True)
low, high = y <= 4, y >= 5
X_few, X_test, y_few, y_test = train_test_split(
    X[high], y[high], train_size=60, stratify=y[high], random_state=0
)

# %%
# The source is a pipeline.  Its scaler is used with its network.

source = make_pipeline(MinMaxScaler(), TransferMLPClassifier(64, random_state=0))
source.fit(X[low], y[low])
warnings.filterwarnings("ignore", message=".*another range")  # pixels that few digits reach

# %%
# How large should the penalty on the distance to the source be, or is no source better?  Fitted
# models in a grid are wrapped in ``FrozenEstimator``, because a search clones the grid's values.
# Here no source is best: the digits 5 to 9 have no class in common with 0 to 4.

search = GridSearchCV(
    TransferMLPClassifier(source=source, random_state=0),
    [
        {"strategy": [L2SP()], "strategy__strength": [0.01, 0.1, 1.0]},
        {"source": [None]},
        {"source": [FrozenEstimator(source[-1])], "strategy": ["frozen"]},
    ],
    cv=3,
)
search.fit(X_few, y_few)
print(f"accuracy on test rows: {search.score(X_test, y_test):.3f}")

names = ["L2-SP 0.01", "L2-SP 0.1", "L2-SP 1", "no source", "frozen"]
fig, ax = plt.subplots(layout="constrained")
ax.bar(names, search.cv_results_["mean_test_score"], yerr=search.cv_results_["std_test_score"])
ax.set(ylabel="accuracy in cross-validation", ylim=(0.5, 1))
ax.get_children()[int(np.argmax(search.cv_results_["mean_test_score"]))].set_color("C1")
plt.show()

# %%
# A notebook shows the diagram of a fitted estimator, its source, and what was carried over.

search.best_estimator_
