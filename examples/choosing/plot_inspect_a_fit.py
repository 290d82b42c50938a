"""
Inspecting a fit
================

How does training proceed under a strategy, how far does it move the layers that came from the
source, and which members of an ensemble get weight?
"""

import warnings

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits

from sktransfer import TransferMLPClassifier
from sktransfer.inspection import LayerChangeDisplay, LossCurveDisplay, MemberWeightsDisplay
from sktransfer.strategies import WeightedEnsemble

X, y = load_digits(return_X_y=True)
low = y <= 4
source = TransferMLPClassifier((64, 64), random_state=0).fit(X[low], y[low])

warnings.filterwarnings("ignore", message=".*another range")  # pixels that few digits reach

# %%
# ``"gradual"`` first trains the new output layer alone, then one more carried layer at a time.

models = {
    strategy: TransferMLPClassifier(source=source, strategy=strategy, random_state=0).fit(
        X[~low][:100], y[~low][:100]
    )
    for strategy in ["gradual", "l2_sp", "full"]
}
LossCurveDisplay.from_estimator(models["gradual"])
plt.show()

# %%
# Fine-tuning without a penalty moves every layer further than with one.

fig, axes = plt.subplots(1, 3, figsize=(9, 3), sharey=True, layout="constrained")
for ax, (strategy, model) in zip(axes, models.items(), strict=True):
    LayerChangeDisplay.from_estimator(model, ax=ax)
    ax.set(title=strategy, ylabel="")
    ax.tick_params(axis="x", rotation=20)
axes[0].set_ylabel("change from the source, relative")
plt.show()

# %%
# An ensemble trains several members and weights them by their loss on held-out rows.

ensemble = TransferMLPClassifier(source=source, strategy=WeightedEnsemble(), random_state=0)
ensemble.fit(X[~low][:100], y[~low][:100])
MemberWeightsDisplay.from_estimator(ensemble)
plt.show()
