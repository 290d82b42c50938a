"""Rows of a table in batches that are slices of whole arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor

from sktransfer._preprocessing import LateInputs, rows_at_once
from sktransfer._training._losses import split_missing
from sktransfer._typing import Matrix

#: Rows gathered at once: enough to spread the cost of a gather, little next to a large table.
BLOCK_ROWS = 16_384


@dataclass
class TrainingData:
    """Encoded inputs and targets of one training run.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_inputs), or any table that `encode` takes rows of
    y : ndarray of shape (n_samples, n_outputs), of the computing dtype
        NaN where a target is missing.
    sample_weight : ndarray of shape (n_samples,) or None
    encode : callable or None
        Rows of `X` → ndarray of shape (n_rows, n_inputs); None where `X` is encoded already.
        With it, a sparse table is made dense a block at a time.
    """

    X: Matrix | LateInputs
    y: np.ndarray
    sample_weight: np.ndarray | None = None
    encode: Callable[[Matrix], np.ndarray] | None = None

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
    augment : callable or None
        (X, y) → changed (X, y), applied to every block anew in every epoch.
    device : torch.device or str, default='cpu'
        Where the batches are.  A table that is encoded already is moved there once.
    """

    def __init__(
        self,
        data: TrainingData,
        batch_size: int,
        rng: np.random.RandomState | None,
        augment: Callable | None = None,
        device: torch.device | str = "cpu",
    ) -> None:
        self.data = data
        self.batch_size = batch_size
        self.rng = rng
        self.augment = augment
        self.device = device
        self.order = np.arange(data.n_samples)
        self._X = self._tensor(cast("np.ndarray", data.X)) if data.encode is None else None
        self._y = self._tensor(data.y)
        self._w = None if data.sample_weight is None else self._tensor(data.sample_weight)
        self.has_missing = bool(np.isnan(data.y).any())
        most = BLOCK_ROWS if data.encode is None else rows_at_once(data.X, BLOCK_ROWS)
        self._block = batch_size * max(1, most // batch_size)
        # a single batch holds the same rows in any order
        one_batch = batch_size >= data.n_samples
        self._in_order = self._X is not None and (rng is None or one_batch) and augment is None
        self._whole: Block | None = None

    def __len__(self) -> int:
        return -(-self.data.n_samples // self.batch_size)

    def blocks(self) -> Iterator[Block]:
        """The epoch's rows, a block of whole batches at a time."""
        if self.rng is not None:
            # the previous order is shuffled again, as scikit-learn does
            self.order = self.order[self._permutation()]
        if not self._in_order:
            for start in range(0, self.data.n_samples, self._block):
                yield self._gathered(self.order[start : start + self._block])
            return
        if self._whole is None:
            self._whole = self._block_of(self._X, self._y, self._w)
        yield self._whole

    def _tensor(self, array: np.ndarray) -> Tensor:
        # a memory map from another process is read-only, which torch cannot express
        array = array if array.flags.writeable else array.copy()
        return torch.from_numpy(array).to(self.device)

    def _permutation(self) -> np.ndarray:
        permutation = np.arange(self.data.n_samples)
        self.rng.shuffle(permutation)  # type: ignore[union-attr]
        return permutation

    def _gathered(self, rows: np.ndarray) -> Block:
        index = self._tensor(rows)
        if self._X is None:
            X = self._tensor(self.data.encode(self.data.X[rows]))  # type: ignore[misc]
        else:
            X = self._X.index_select(0, index)
        y = self._y.index_select(0, index)
        w = None if self._w is None else self._w.index_select(0, index)
        if self.augment is not None:
            X, y = self.augment(X, y)
        return self._block_of(X, y, w)

    def _block_of(self, X, y: Tensor, w: Tensor | None) -> Block:
        y, known = split_missing(y) if self.has_missing else (y, None)
        return Block.of(X, y, w, self.batch_size, known)


@dataclass
class Block:
    """Some batches side by side.

    Attributes
    ----------
    X, y : Tensor of shape (n_rows, ...)
    row_weight : Tensor of shape (n_rows,) or None
        Each row's share of its batch's loss; None where all rows of a batch have the same weight.
    known : Tensor of shape (n_rows, n_outputs) or None
        1 where a target is known, 0 where it is missing; None where all are known.
    predictions : Tensor of shape (n_rows, n_outputs)
        Room for the network's outputs.
    batches : list of (X, y, share, predictions, weight_sum)
        Views of the above per batch, and the batch's sum of weights.  A share is that of a row in
        the batch's loss, of shape (n_rows, 1), or that of an output, of shape (n_rows, n_outputs),
        where some are missing; None where all have the same weight.
    """

    X: Tensor
    y: Tensor
    row_weight: Tensor | None
    known: Tensor | None
    predictions: Tensor
    batches: list[tuple[Tensor, Tensor, Tensor | None, Tensor, float]]

    @classmethod
    def of(cls, X: Tensor, y: Tensor, weight: Tensor | None, batch_size: int, known=None) -> Block:
        parts = y.split(batch_size)
        predictions = torch.empty_like(y)
        sums = [float(len(part)) for part in parts]
        row_weight, shares = None, [None] * len(parts)
        if weight is not None:
            of_batch = weight.split(batch_size)
            sums = [float(part.sum()) for part in of_batch]
            # a batch without weight has no gradient
            row_weight = torch.cat(
                [p / total if total else p for p, total in zip(of_batch, sums, strict=True)]
            )
            shares = list(row_weight.unsqueeze(1).split(batch_size))
        if known is not None:
            of_rows = [1.0 / len(p) for p in parts] if row_weight is None else shares
            shares = [k * share for k, share in zip(known.split(batch_size), of_rows, strict=True)]
        return cls(
            X,
            y,
            row_weight,
            known,
            predictions,
            list(
                zip(
                    X.split(batch_size),
                    parts,
                    shares,
                    predictions.split(batch_size),
                    sums,
                    strict=True,
                )
            ),
        )

    def mean_losses(self, rows: Tensor) -> Tensor:
        """Sum over the batches of ``n_rows * mean loss``, from the loss of each row."""
        if self.row_weight is None:
            return rows.sum()
        batch_size = len(self.batches[0][1])
        sizes = rows.new_full((len(rows),), batch_size)
        sizes[len(rows) - len(self.batches[-1][1]) :] = len(self.batches[-1][1])
        return torch.dot(rows * sizes, self.row_weight)
