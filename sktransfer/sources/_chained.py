"""Transformers one after the other, where a ``Pipeline`` cannot hold them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from sktransfer._records import Transformer
from sktransfer._typing import CheckedTable, Frame, Matrix, is_pandas


class ChainedTransformer:
    """Fitted transformers in a row.

    Parameters
    ----------
    steps : sequence of objects with ``transform``
    """

    def __init__(self, steps: Sequence[Transformer]) -> None:
        self.steps = tuple(steps)
        names = getattr(self.steps[0], "feature_names_in_", None)
        if names is not None:
            self.feature_names_in_ = names

    def transform(self, X: CheckedTable) -> Matrix:
        """The encoded columns of `X`, of shape (n_samples, n_encoded)."""
        first, *others = self.steps
        made = first.transform(X)
        for step in others:
            made = step.transform(made)
        return made

    def __repr__(self) -> str:
        return f"{type(self).__name__}({' → '.join(type(step).__name__ for step in self.steps)})"


class PickedColumns:
    """Some columns of a table, as a ``ColumnTransformer`` passes them to a transformer.

    Parameters
    ----------
    columns : tuple of int, or int
        Positions; a single number gives a column of one dimension.
    names : tuple of str or None
        What the columns of the table are called, where it is a frame.
    """

    def __init__(self, columns: tuple[int, ...] | int, names: tuple[str, ...] | None) -> None:
        self.columns = columns
        self.names = names
        if names is not None:
            self.feature_names_in_ = np.array(names, dtype=object)

    def transform(self, X: CheckedTable) -> CheckedTable:
        """The columns, in a table of the same kind."""
        if is_pandas(X):
            at = self.columns if isinstance(self.columns, int) else list(self.columns)
            picked: Frame = X.iloc[:, at]
            return picked
        if isinstance(self.columns, int):
            return np.asarray(np.asarray(X)[:, self.columns])
        return cast("Matrix", X)[:, list(self.columns)]
