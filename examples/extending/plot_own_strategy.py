"""
A strategy of your own
======================

A strategy is data: a list of phases, each with a number of epochs, a learning rate per layer and a
L2 penalty towards the source.  This one lets the carried layers warm up, phase after phase.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sktransfer import TransferMLPClassifier
from sktransfer.strategies import LayerNames, NetworkStrategy, Phase


class WarmUp(NetworkStrategy):
    """Carried layers begin frozen and reach full speed in `n_phases` equal phases."""

    _parameter_constraints = {}

    def __init__(self, n_phases=4):
        self.n_phases = n_phases

    def phases(self, layer_names, max_iter):
        n_epochs = max(1, max_iter // self.n_phases)
        return [
            Phase(n_epochs, dict.fromkeys(layer_names.shared, k / (self.n_phases - 1)))
            for k in range(self.n_phases)
        ]


# %%
# It can be read before anything is trained.

names = LayerNames.of(3, n_shared=2)
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
phases = WarmUp().phases(names, max_iter=40)
for name in names:
    speed = [phase.scale(name) for phase in (*phases, phases[-1])]
    ax.step(range(0, 50, 10), speed, where="post", label=name)
ax.set(xlabel="epoch", ylabel="learning rate, relative")
ax.legend()
plt.show()

# %%
# Give an instance; nothing needs to be registered.

X, y = load_digits(return_X_y=True)
X_few, X_test, y_few, y_test = train_test_split(
    X[y >= 5], y[y >= 5], train_size=50, stratify=y[y >= 5], random_state=0
)
source = TransferMLPClassifier(random_state=0).fit(X[y <= 4], y[y <= 4])
for strategy in ["full", "l2_sp", WarmUp(), WarmUp(n_phases=8)]:
    target = TransferMLPClassifier(source=source, strategy=strategy, random_state=0)
    print(f"{strategy!s:20} accuracy {target.fit(X_few, y_few).score(X_test, y_test):.3f}")
