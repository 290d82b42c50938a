"""What a user would do with CatBoost on a source's and a target's table, in two lines each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

Tables = dict[str, tuple[pd.DataFrame, np.ndarray]]


class CatBoost:
    """CatBoost on a frame with texts and missing entries.

    Parameters
    ----------
    kind : {'clf', 'reg'}
    seed : int
    tables : dict of (X, y), default={}
        Rows of other tables to learn from too, with a column for the table that a row is of.
    column_of : CatBoost, optional
        A model whose predictions are further columns.
    **params
        Of CatBoost; its defaults otherwise.
    """

    def __init__(
        self,
        kind: str,
        seed: int,
        tables: Tables | None = None,
        column_of: CatBoost | None = None,
        **params: Any,
    ) -> None:
        from catboost import CatBoostClassifier, CatBoostRegressor

        made = CatBoostClassifier if kind == "clf" else CatBoostRegressor
        self.model = made(
            verbose=0, random_seed=seed, thread_count=1, allow_writing_files=False, **params
        )
        self.kind, self.tables, self.column_of = kind, tables or {}, column_of

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> CatBoost:
        frames = [self._extended(X, "")]
        frames += [
            self._extended(one.reindex(columns=X.columns), name)
            for name, (one, _) in self.tables.items()
        ]
        rows = pd.concat(frames, ignore_index=True)
        self.names = list(X.columns)
        self.texts = [c for c in rows if not pd.api.types.is_numeric_dtype(rows[c])]
        targets = np.concatenate([y, *(of_table for _, of_table in self.tables.values())])
        self.model.fit(self._plain(rows), targets, cat_features=self.texts)
        if self.kind == "clf":
            self.classes_ = self.model.classes_
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return self.model.predict(self._plain(self._extended(X, ""))).reshape(len(X))

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        return self.model.predict_proba(self._plain(self._extended(X, "")))

    def outputs(self, X: pd.DataFrame) -> np.ndarray:
        """Predictions as columns."""
        p = self.predict_proba(X) if self.kind == "clf" else self.predict(X)[:, None]
        return p[:, 1:] if p.shape[1] == 2 else p

    def _extended(self, X: pd.DataFrame, table: str) -> pd.DataFrame:
        if self.tables:
            X = X.assign(of_table=table)
        if self.column_of is not None:
            source = self.column_of
            given = source.outputs(X.reindex(columns=source.names))
            X = X.assign(**{f"old_model_{k}": column for k, column in enumerate(given.T)})
        return X

    def _plain(self, X: pd.DataFrame) -> pd.DataFrame:
        return X.assign(**{c: X[c].astype(object).fillna("").astype(str) for c in self.texts})
