"""Transformers one after the other, where a ``Pipeline`` cannot hold them."""

from __future__ import annotations


class ChainedTransformer:
    """Fitted transformers in a row.

    Parameters
    ----------
    steps : sequence of objects with ``transform``
    """

    def __init__(self, steps) -> None:
        self.steps = tuple(steps)
        names = getattr(self.steps[0], "feature_names_in_", None)
        if names is not None:
            self.feature_names_in_ = names

    def transform(self, X):
        """The encoded columns of `X`, of shape (n_samples, n_encoded)."""
        for step in self.steps:
            X = step.transform(X)
        return X

    def __repr__(self) -> str:
        return f"{type(self).__name__}({' → '.join(type(step).__name__ for step in self.steps)})"
