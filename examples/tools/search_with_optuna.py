"""
A search with Optuna
====================

A study may search over sources, too: by their names, because Optuna stores choices as text and
numbers::

    python examples/tools/search_with_optuna.py
"""

from __future__ import annotations

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.samplers import TPESampler
from optuna_integration import OptunaSearchCV
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_score

from sktransfer import TransferMLPClassifier
from sktransfer.strategies import L2SP

optuna.logging.set_verbosity(optuna.logging.WARNING)
X, y = load_digits(return_X_y=True)
X_few, y_few = X[y >= 5][:60], y[y >= 5][:60]
sources = {
    "none": None,
    "digit": TransferMLPClassifier((64,), random_state=0).fit(X[y <= 4], y[y <= 4]),
    "parity": TransferMLPClassifier((64,), random_state=0).fit(X[y <= 4], y[y <= 4] % 2),
}


# %%
# A plain study: the objective may search over anything.


def objective(trial):
    name = trial.suggest_categorical("source", list(sources))
    model = TransferMLPClassifier(source=sources[name], strategy="l2_sp", random_state=0)
    if name == "none":
        model.set_params(strategy="scratch")
    else:
        strength = trial.suggest_float("strength", 1e-3, 10, log=True)
        model.set_params(strategy=L2SP(strength=strength))
    return cross_val_score(model, X_few, y_few, cv=3).mean()


study = optuna.create_study(direction="maximize", sampler=TPESampler(seed=0))
study.optimize(objective, n_trials=8)
print(f"study: {study.best_params}, accuracy {study.best_value:.3f}")

# %%
# Or as an estimator, in place of ``RandomizedSearchCV``.

search = OptunaSearchCV(
    TransferMLPClassifier(source=sources["digit"], strategy=L2SP(), random_state=0),
    {
        "strategy__strength": FloatDistribution(1e-3, 10, log=True),
        "dropout": CategoricalDistribution([0.0, 0.2]),
    },
    cv=3,
    n_trials=6,
    random_state=0,
)
search.fit(X_few, y_few)
print(f"OptunaSearchCV: {search.best_params_}, accuracy {search.best_score_:.3f}")
