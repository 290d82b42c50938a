"""
Streams: training chunk by chunk
================================

``partial_fit`` trains for one epoch on a chunk.  The first call starts from the source.  The
question is the same on both sides, so that ``strategy="keep_head"`` carries the output layer over
as well, and the stream starts from the source's accuracy.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.utils import shuffle

from sktransfer import TransferMLPClassifier

# %%
# The source has seen the images as they are.  In the stream they are brighter and noisy.

X, y = shuffle(*load_digits(return_X_y=True), random_state=0)
source = TransferMLPClassifier(random_state=0).fit(X[:700], y[:700])
rng = np.random.default_rng(0)
X_new, y_new = 0.7 * X[700:] + 4 + rng.normal(0, 3, X[700:].shape), y[700:]
X_stream, X_test, y_stream, y_test = X_new[:600], X_new[600:], y_new[:600], y_new[600:]

# %%
# Chunks of thirty rows, each seen once.

fig, ax = plt.subplots(layout="constrained")
for name, given in {"without source": None, "with source": source}.items():
    model = TransferMLPClassifier(source=given, strategy="keep_head", random_state=0)
    scores = []
    for start in range(0, 600, 30):
        chunk = slice(start, start + 30)
        model.partial_fit(X_stream[chunk], y_stream[chunk], classes=np.arange(10))
        scores.append(model.score(X_test, y_test))
    ax.plot(np.arange(30, 601, 30), scores, label=name)
ax.set(xlabel="rows seen", ylabel="accuracy on rows to come")
ax.legend()
plt.show()
