"""
Explanations with SHAP
======================

SHAP asks any function for predictions.  Here it tells what the columns contribute to a patient's
predicted progression, with and without a source::

    python examples/tools/explain_with_shap.py
"""

from __future__ import annotations

import numpy as np
import shap
from sklearn.datasets import load_diabetes

from sktransfer import TransferMLPRegressor

table = load_diabetes(as_frame=True, scaled=False)
ours, X, y = table.data["sex"] == 2, table.data.drop(columns="sex"), table.target
source = TransferMLPRegressor(random_state=0).fit(X[~ours], y[~ours])
few, answers = X[ours][:40], y[ours][:40]

for name, given in {"without source": None, "with source": source}.items():
    model = TransferMLPRegressor(source=given, random_state=0).fit(few, answers)
    explainer = shap.PermutationExplainer(model.predict, few, seed=0)
    explanation = explainer(X[ours][100:103], silent=True)
    total = explanation.values.sum(axis=1) + explanation.base_values
    assert np.allclose(total, model.predict(X[ours][100:103]))  # nothing is left unexplained
    mean = np.abs(explanation.values).mean(axis=0)
    ranked = [f"{X.columns[i]} {mean[i]:.1f}" for i in np.argsort(mean)[::-1][:4]]
    print(f"{name}: {', '.join(ranked)}")
