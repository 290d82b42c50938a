"""The gradient of several tasks whose losses are balanced."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from sktransfer._training._flat import FlatParameters
from sktransfer._training._losses import Loss

if TYPE_CHECKING:
    from sktransfer.balancing import Balancing

#: Writes the gradient of a batch: inputs, targets, shares of the rows, a buffer for predictions.
Gradient: TypeAlias = Callable[[Tensor, Tensor, Tensor | None, Tensor], None]


class BalancedGradient:
    """A gradient that a balancing makes of the tasks' own; called like the one it is made from.

    Parameters
    ----------
    gradient : callable
        See :func:`gradient_of`.
    criterion : Loss
        Of several tasks.
    flat : FlatParameters
    balancing : object
        Has ``step(backward, shared, state, rng)``, see :class:`sktransfer.balancing.Balancing`.
    state : object
        The state of the balancing.
    n_head_layers : int
        How many layers, from the output, belong to the tasks alone.
    rng : RandomState
    """

    def __init__(
        self, gradient: Gradient, criterion: Loss, flat: FlatParameters, balancing: Balancing,
        state: Any, n_head_layers: int, rng: np.random.RandomState,
    ) -> None:  # fmt: skip
        self._gradient, self._criterion, self._flat = gradient, criterion, flat
        self._balancing, self._state, self._rng = balancing, state, rng
        self._blocks = [where for _, where in criterion.blocks]
        names = list(dict.fromkeys(name for name, _ in flat.named_tensors))
        heads = set(names[len(names) - n_head_layers :])
        self._shared = torch.cat(
            [
                torch.full_like(t.reshape(-1), name not in heads, dtype=torch.bool)
                for name, t in flat.named_tensors
            ]
        )

    def __call__(self, X: Tensor, y: Tensor, share: Tensor | None, prediction: Tensor) -> None:
        """Balanced gradient of the batch, into the parameters' ``.grad``.

        Parameters are those of :meth:`DenseGradient.__call__`.
        """
        each = torch.full_like(y, 1.0 / len(y)) if share is None else share.expand_as(y)

        def backward(weights: np.ndarray) -> tuple[np.ndarray, Tensor]:
            weighted = each.clone()
            for weight, where in zip(weights, self._blocks, strict=True):
                weighted[:, where].mul_(float(weight))
            self._gradient(X, y, weighted, prediction)
            return self._mean_losses(prediction, y, each), self._flat.gradient

        combined = self._balancing.step(backward, self._shared, self._state, self._rng)
        if combined is not None:
            self._flat.gradient.copy_(combined)

    def _mean_losses(self, prediction: Tensor, y: Tensor, share: Tensor) -> np.ndarray:
        """Mean loss of each task over its labelled rows; NaN where the batch has none."""
        rows = self._criterion.task_rows(prediction, y, share)
        sums = np.array([float(task.sum()) for task in rows])
        labelled = np.array([float(share[:, where].mean(1).sum()) for where in self._blocks])
        with np.errstate(invalid="ignore"):
            return sums / labelled
