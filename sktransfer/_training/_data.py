"""Rows of a table in batches that are slices of whole arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

#: Rows gathered at once: enough to spread the cost of a gather, little beside a large table.
BLOCK_ROWS = 16_384


@dataclass
class TrainingData:
    """Encoded inputs and targets of one training run.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_inputs), or any table that `encode` takes rows of
    y : ndarray of shape (n_samples, n_outputs), of the computing dtype
    sample_weight : ndarray of shape (n_samples,) or None
    encode : callable or None
        Rows of `X` → ndarray of shape (n_rows, n_inputs); None where `X` is encoded already.
        With it, a sparse table is made dense a block at a time.
    """

    X: Any
    y: np.ndarray
    sample_weight: np.ndarray | None = None
    encode: Callable[[Any], np.ndarray] | None = None

    @property
    def n_samples(self) -> int:
        return len(self.y)


class Batches:
    """Batches of a table, in a new order every epoch, as views of gathered blocks.

    Parameters
    ----------
    data : TrainingData
    batch_size : int
    rng : RandomState or None
        Shuffles the rows; None keeps their order.
    """

    def __init__(self, data: TrainingData, batch_size: int, rng: np.random.RandomState | None):
        self.data = data
        self.batch_size = batch_size
        self.rng = rng
        self.order = np.arange(data.n_samples)
        self._X = _tensor(data.X) if data.encode is None else None
        self._y = _tensor(data.y)
        self._w = None if data.sample_weight is None else _tensor(data.sample_weight)
        self._block = batch_size * max(1, BLOCK_ROWS // batch_size)

    def __len__(self) -> int:
        return -(-self.data.n_samples // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor | None]]:
        if self.rng is not None:
            # the previous order is shuffled again, as scikit-learn does
            self.order = self.order[self._permutation()]
        n = self.data.n_samples
        # a single batch holds the same rows in any order
        in_order = self._X is not None and (self.rng is None or self.batch_size >= n)
        for start in range(0, n, n if in_order else self._block):
            X, y, w = self._rows(start, in_order)
            for at in range(0, len(y), self.batch_size):
                rows = slice(at, at + self.batch_size)
                yield X[rows], y[rows], None if w is None else w[rows]

    def _permutation(self) -> np.ndarray:
        permutation = np.arange(self.data.n_samples)
        self.rng.shuffle(permutation)  # type: ignore[union-attr]
        return permutation

    def _rows(self, start: int, in_order: bool):
        if in_order:
            return self._X, self._y, self._w
        rows = self.order[start : start + self._block]
        if self._X is None:
            X = _tensor(self.data.encode(self.data.X[rows]))  # type: ignore[misc]
        else:
            X = self._X.index_select(0, torch.from_numpy(rows))
        index = torch.from_numpy(rows)
        y = self._y.index_select(0, index)
        return X, y, None if self._w is None else self._w.index_select(0, index)


def _tensor(array: np.ndarray) -> Tensor:
    # a memory map from another process is read-only, which torch cannot express
    return torch.from_numpy(array if array.flags.writeable else array.copy())
