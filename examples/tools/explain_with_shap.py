"""
Explanations with SHAP
======================

SHAP calls any function that predicts.  Here it shows how columns of a mixed table (numbers,
categories, dates, missing entries) contribute to predictions, with and without a source::

    python examples/tools/explain_with_shap.py
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import shap

from sktransfer import TransferMLPRegressor


class Codes:
    """A frame as an array of numbers for SHAP's maskers, and back."""

    def __init__(self, X: pd.DataFrame) -> None:
        self.dtypes = X.dtypes
        self.levels = {
            name: pd.Index(X[name].dropna().unique())
            for name in X.columns
            if not pd.api.types.is_numeric_dtype(X[name])
            and not pd.api.types.is_datetime64_any_dtype(X[name])
        }

    def encode(self, X: pd.DataFrame) -> np.ndarray:
        """Categories as their position, dates as days, missing entries as NaN."""
        columns = []
        for name in X.columns:
            if name in self.levels:
                at = self.levels[name].get_indexer(X[name]).astype(float)
                columns.append(np.where(at < 0, np.nan, at))
            elif pd.api.types.is_datetime64_any_dtype(X[name]):
                columns.append((X[name] - pd.Timestamp(0)) / pd.Timedelta(days=1))
            else:
                columns.append(X[name].astype(float))
        return np.column_stack(columns)

    def decode(self, codes: np.ndarray) -> pd.DataFrame:
        """The frame again."""
        table = {}
        for name, values in zip(self.dtypes.index, np.asarray(codes, float).T, strict=True):
            if name in self.levels:
                at = pd.Series(values).astype("Int64")
                table[name] = at.map(dict(enumerate(self.levels[name])))
            elif pd.api.types.is_datetime64_any_dtype(self.dtypes[name]):
                table[name] = pd.Timestamp(0) + pd.to_timedelta(values, unit="D")
            else:
                table[name] = values
        return pd.DataFrame(table)


def customers(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """A mixed table, and what each customer spends."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "age": rng.integers(18, 80, n).astype(float),
            "plan": rng.choice(["basic", "plus", "pro"], n),
            "since": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 600, n), "D"),
            "visits": np.where(rng.random(n) < 0.1, np.nan, rng.poisson(4, n)),
        }
    )
    spent = 0.1 * X["age"] + 3 * (X["plan"] == "pro") + X["visits"].fillna(4)
    return X, (spent + rng.normal(size=n)).to_numpy()


warnings.filterwarnings("ignore", message="This source does not")
X_old, spent_old = customers(1000, seed=0)
X, spent = customers(60, seed=1)
source = TransferMLPRegressor(random_state=0).fit(X_old, spent_old)
codes = Codes(X_old)

for name, given in {"without source": None, "with source": source}.items():
    model = TransferMLPRegressor(source=given, random_state=0).fit(X[:40], spent[:40])
    explainer = shap.PermutationExplainer(
        lambda values, model=model: model.predict(codes.decode(values)),
        codes.encode(X[:20]),
        seed=0,
    )
    explanation = explainer(codes.encode(X[50:52]), silent=True)
    total = explanation.values.sum(axis=1) + explanation.base_values
    assert np.allclose(total, model.predict(X[50:52]))  # contributions add up to the prediction
    mean = np.abs(explanation.values).mean(axis=0)
    print(f"{name}: {', '.join(f'{c} {m:.2f}' for c, m in zip(X.columns, mean, strict=True))}")
