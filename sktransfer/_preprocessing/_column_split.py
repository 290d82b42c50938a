"""A source's fitted preprocessing for its columns, the target's own for the rest."""

from __future__ import annotations

import narwhals as nw
import numpy as np

from sktransfer._preprocessing._frames import FrameEncoder, is_frame
from sktransfer._preprocessing._source_steps import transform_by_source
from sktransfer._typing import CheckedTable, is_sparse


class SplitColumns:
    """A transformer of some columns, and an encoder of the others.

    Parameters
    ----------
    transformer : object
        The source's, with ``transform``.
    taken, rest : tuple of int
        Positions of the columns that go through it, in its order, and of the others.
    encoder : FrameEncoder or None
        For the others, where the table is a frame.
    """

    def __init__(self, transformer, taken, rest, encoder: FrameEncoder | None) -> None:
        self.transformer = transformer
        self.taken, self.rest = taken, rest
        self.encoder = encoder

    def transform(self, X: CheckedTable) -> np.ndarray:
        """Encoded columns of shape (n_samples, n_encoded).

        Raises
        ------
        TransferError
            If the source's transformer does not take its columns.
        """
        taken = self._named(take_columns(X, self.taken))
        inside = transform_by_source(self.transformer, self.transformer.transform, taken)
        if not self.rest:
            return _dense(inside)
        outside = take_columns(X, self.rest)
        if self.encoder is not None:
            outside = self.encoder.transform(outside)
        return np.hstack([_dense(inside), _dense(outside)])

    def _named(self, X: CheckedTable) -> CheckedTable:
        """`X` as a frame with the names by which the transformer looks for columns."""
        names = getattr(self.transformer, "feature_names_in_", None)
        if names is None:
            return X
        if is_frame(X):
            new = dict(zip(X.columns, names, strict=True))
            return X if list(new) == list(names) else nw.from_native(X).rename(new).to_native()
        import pandas as pd  # whoever fitted the transformer on a frame has it

        return pd.DataFrame(_dense(X), columns=names)


def take_columns(X: CheckedTable, columns: tuple[int, ...]) -> CheckedTable:
    """Some columns of a table, in the order of their positions given."""
    if is_frame(X):
        frame = nw.from_native(X, eager_only=True)
        return frame[:, list(columns)].to_native()
    return X[:, list(columns)]


def _dense(X: CheckedTable) -> np.ndarray:
    return X.toarray() if is_sparse(X) else np.asarray(X, dtype=np.float64)
