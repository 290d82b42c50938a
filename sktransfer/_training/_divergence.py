"""Training that diverges: noticed once an epoch, undone at its end."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from sktransfer._preprocessing import rows_at_once
from sktransfer._training._data import BLOCK_ROWS, TrainingData
from sktransfer._training._losses import Loss, split_missing

if TYPE_CHECKING:
    from sktransfer._networks import DenseNetwork


#: A loss this many times as large as before training, and as a constant's, has diverged.
_GROWTH = 2.0
#: A loss this large has, of constant targets: a constant's is 0 there, and that before training
#: may be but rounding, so that any step increases it many times.
_OF_CONSTANT = 1.0
#: Weights from which on predictions might overflow: what they say is looked at once more.
_LARGE = 100.0


class Safeguard:
    """Notices that training diverges, and has the best finite weights of before.

    The weights are copied after ever longer stretches, an eighth of the epochs so far.  A copy
    counts when the next epoch has shown that its loss is finite.

    Parameters
    ----------
    weights : callable
        () → a copy of the weights in training, as a Tensor of shape (n_parameters,).
    is_trained : bool
        Whether they are worth something before the first epoch.

    Attributes
    ----------
    diverged : bool
    is_finite : bool
        Whether the last weights give predictions at all.
    before : float or None
        Loss of the first batch before the first step.
    last : Tensor of shape (n_parameters,)
        The weights at the end.
    best : Tensor of shape (n_parameters,) or None
        The best weights that were finite.
    """

    def __init__(self, weights: Callable[[], Tensor], is_trained: bool) -> None:
        self.diverged = False
        self.is_finite = True
        self.before: float | None = None
        self._first = weights()
        self.best: Tensor | None = self._first if is_trained else None
        self._weights = weights
        self._is_trained = is_trained
        self._best_loss = inf
        self._candidate: Tensor | None = None
        self._next = 0

    def sees(self, loss: float, n_epochs: int) -> bool:
        """Take note of an epoch's loss; whether training may continue."""
        if not isfinite(loss):
            self.diverged, self.is_finite = True, False
            return False
        if self._is_trained and n_epochs <= 1:
            self._best_loss = inf if self.before is None else self.before
        if self._candidate is not None and loss < self._best_loss:
            self.best, self._best_loss = self._candidate, loss
        self._candidate = None
        if n_epochs >= self._next:
            self._candidate = self._weights()
            self._next = n_epochs + n_epochs // 8 + 1
        return True

    def judges(self, loss: float, losses: Callable[[Tensor], tuple[float, float]]) -> None:
        """Whether the last weights, which no epoch has judged, are of use.

        Parameters
        ----------
        loss : float
            Of the last epoch.
        losses : callable
            Weights → loss of some rows with them, and with the mean of the targets as prediction.
            Only called where the loss alone does not decide.
        """
        last = self.last = self._weights()
        if self.diverged:
            return
        largest = float(last.abs().max())
        grown = self.before is not None and not loss <= _GROWTH * self.before
        if not isfinite(largest):
            self.diverged, self.is_finite = True, False
        elif grown or largest > _LARGE:
            now, constant = losses(last)
            self.is_finite = isfinite(now)
            grown = (
                grown
                and now > (_GROWTH * constant or _OF_CONSTANT)
                and now > _GROWTH * losses(self._first)[0]
            )
            self.diverged = grown or not self.is_finite


def losses_of_rows(
    network: DenseNetwork, criterion: Loss, data: TrainingData, device: torch.device
) -> tuple[float, float]:
    """Mean loss of the first rows: of the predictions, and of the mean of the targets."""
    n_rows = rows_at_once(data.X, BLOCK_ROWS)
    rows, y = data.X[:n_rows], torch.from_numpy(data.y[:n_rows]).to(device)
    encoded = np.array(rows if data.encode is None else data.encode(rows))
    X = torch.from_numpy(encoded).to(device)
    y, known = split_missing(y)
    mean = y.sum(0) / known.sum(0).clamp(min=1)
    with torch.no_grad():
        predictions = criterion.activate(network(X))
        losses = [criterion.rows(p, y, known).mean() for p in (predictions, mean.expand_as(y))]
    is_constant = bool((y == y[:1]).all())
    return float(losses[0]), 0.0 if is_constant else float(losses[1])
