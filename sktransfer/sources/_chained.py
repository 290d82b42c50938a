"""Transformers one after the other, where a ``Pipeline`` cannot hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse


class ChainedTransformer:
    """Fitted transformers in a row, each with the columns that go through it and round it.

    Parameters
    ----------
    steps : sequence of (transformer, transformed, passed)
        As the attributes of :class:`sktransfer.sources.InputSchema` of these names.
    """

    def __init__(self, steps) -> None:
        self.steps = tuple(steps)
        names = getattr(self.steps[0][0], "feature_names_in_", None)
        if names is not None:
            self.feature_names_in_ = names

    def transform(self, X):
        """The encoded columns of `X`, of shape (n_samples, n_encoded)."""
        for transformer, transformed, passed in self.steps:
            inside = X if transformed is None else _take(X, transformed)
            outside = _take(X, passed) if len(passed) else None
            X = transformer.transform(inside)
            if outside is not None:
                X = np.hstack([_dense(X), _dense(outside)])
        return X

    def __repr__(self) -> str:
        return f"{type(self).__name__}({' → '.join(type(t).__name__ for t, _, _ in self.steps)})"


def _take(X: Any, columns: tuple[int, ...]):
    return X.iloc[:, list(columns)] if hasattr(X, "iloc") else X[:, list(columns)]


def _dense(X: Any) -> np.ndarray:
    return X.toarray() if sparse.issparse(X) else np.asarray(X, dtype=np.float64)
