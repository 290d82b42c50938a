"""
An old model of any kind
========================

A company has 50,000 customers in region A and a model of who leaves.  In region B it has labels of
80 customers, other columns (two of A's are missing, one is new) and other prices.  The old model
may be a network, a forest, gradient boosting or a pipeline:
:class:`~sktransfer.TransferMLPClassifier` takes any of them as its ``source``.

Four numbers show whether that was worth it: the old model as it is, a model of its kind fitted to
the rows of both regions, the ensemble without the source, and with it.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from sktransfer import TransferMLPClassifier
from sktransfer.sources import Predictor
from sktransfer.strategies import Recalibrate

# %%
# Two regions
# -----------
# Customers leave for similar but not the same reasons in both regions.


def customers(n, region, seed):
    """A table of customers, and who of them leaves."""
    rng = np.random.default_rng(seed)
    far = region == "B"
    table = pd.DataFrame(
        {
            "age": rng.normal(45 + 6 * far, 14, n).clip(18, 90).round(),
            "months": rng.gamma(2, 14, n).round(),
            "calls": rng.poisson(3, n).astype(float),
            "price": rng.normal(30, 8, n) * (1.4 if far else 1.0),
            "plan": rng.choice(["basic", "family", "business"], n, p=[0.5, 0.3, 0.2]),
            "late": rng.poisson(0.6, n).astype(float),
            "visits": rng.gamma(1.5, 4, n),
        }
    )
    price = table["price"] / (1.4 if far else 1.0)
    score = (
        0.9 * np.tanh((price - 30) / 8)
        - 0.05 * table["months"] * (table["plan"] != "business")
        + 0.45 * table["calls"] * (table["months"] < 24)
        + 0.7 * table["late"]
        - 0.03 * (table["age"] - 45)
        + (1.2 if far else 0.2) * (table["plan"] == "family")
        - (0.25 if far else 0.15) * np.sqrt(table["visits"])
    )
    leaves = rng.random(n) < 1 / (1 + np.exp(-(score - score.median())))
    if far:
        table = table.drop(columns=["late", "visits"]).assign(
            district=rng.choice(["north", "south"], n)
        )
    return table, np.where(leaves, "leaves", "stays")


X_a, y_a = customers(50_000, "A", seed=0)
X_b, y_b = customers(3_080, "B", seed=1)
few, rest = slice(0, 80), slice(80, None)
print(X_b.head(3).to_string())

# %%
# Four old models
# ---------------
numbers = ["age", "months", "calls", "price", "late", "visits"]
coded = make_column_transformer(
    (OrdinalEncoder(), ["plan"]), remainder="passthrough", verbose_feature_names_out=False
)
models = {
    "network": TransferMLPClassifier(random_state=0),
    "boosting": make_pipeline(coded, HistGradientBoostingClassifier(random_state=0)),
    "forest": make_pipeline(
        coded, RandomForestClassifier(100, min_samples_leaf=20, n_jobs=1, random_state=0)
    ),
    "pipeline": make_pipeline(
        make_column_transformer((StandardScaler(), numbers), (OneHotEncoder(), ["plan"])),
        LogisticRegression(),
    ),
}


#: Models that do not store what is usual in a column that is missing.
OPAQUE = ("boosting", "forest")


def auc(model, X=X_b):
    """Area under the curve on the labelled rest of region B."""
    leaves = list(model.classes_).index("leaves")
    return roc_auc_score(y_b[rest] == "leaves", model.predict_proba(X[rest])[:, leaves])


# B in the columns of A, for a model of both: what is missing is as usual
like_a = X_b.reindex(columns=X_a.columns).fillna(X_a[["late", "visits"]].median())
X_both, y_both = pd.concat([X_a, like_a[few]]), np.concatenate([y_a, y_b[few]])


without = TransferMLPClassifier(strategy="ensemble", random_state=0).fit(X_b[few], y_b[few])
rows = {}
for name, old in models.items():
    # some rows of A, unlabelled, supply what is usual in columns that B lacks
    source = old.fit(X_a, y_a)
    if name in OPAQUE:
        source = Predictor(source, X_sample=X_a[:1000])
    as_is = TransferMLPClassifier(source=source, strategy=Recalibrate(update="none"))
    target = TransferMLPClassifier(source=source, random_state=0).fit(X_b[few], y_b[few])
    rows[name] = {
        "old model as it is": auc(as_is.fit(X_b[few], y_b[few])),
        "both pooled": auc(clone(old).fit(X_both, y_both), like_a),
        "without it": auc(without),
        "with it": auc(target),
    }
table = pd.DataFrame(rows).T.round(3)
print(table.to_string())

# %%
fig, ax = plt.subplots(layout="constrained")
table.plot.barh(ax=ax, width=0.7)
ax.set(xlabel="area under the curve, 3,000 customers of region B", xlim=(0.7, 0.85))
ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4, frameon=False, fontsize=8)
plt.show()
