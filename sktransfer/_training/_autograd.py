"""Gradients of any network and any criterion, by automatic differentiation."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from sktransfer._compat import copy_all
from sktransfer._training._flat import FlatParameters


class Criterion(Protocol):
    """What training minimises, of linear outputs."""

    def objective(self, output: Tensor, y: Tensor, /) -> Tensor: ...

    def activate(self, output: Tensor, /) -> Tensor: ...


class AutogradGradient:
    """What :class:`DenseGradient` does for a dense stack, for everything else.

    Parameters
    ----------
    network : torch.nn.Module
        ``network(X)`` gives linear outputs of shape (n_rows, n_outputs).
    criterion : torch.nn.Module
        ``objective(output, y)`` gives what is minimised, one value per output, differentiable in
        the linear outputs; ``activate(output)`` gives the predictions.
    flat : FlatParameters of the network
    frozen : collection of str
        Names of layers that do not move; their gradients stay as they are.
    """

    def __init__(
        self,
        network: nn.Module,
        criterion: Criterion,
        flat: FlatParameters,
        frozen: Collection[str] = (),
    ) -> None:
        self._network = network
        self._criterion = criterion
        self._moving = [tensor for name, tensor in flat.named_tensors if name not in frozen]
        self._into = [cast("Tensor", tensor.grad) for tensor in self._moving]

    def __call__(self, X: Tensor, y: Tensor, share: Tensor | None, prediction: Tensor) -> None:
        """Gradient of the batch's mean objective, into the parameters' ``.grad``.

        Parameters and result are those of :meth:`DenseGradient.__call__`.
        """
        with torch.enable_grad():
            output = self._network(X)
            losses = self._criterion.objective(output, y)
            value = losses.sum() / len(y) if share is None else (losses * share).sum()
        prediction.copy_(self._criterion.activate(output.detach()))
        # not .backward(): it would add to the buffers, and reach frozen layers
        gradients = torch.autograd.grad(
            value, self._moving, allow_unused=True, materialize_grads=True
        )
        copy_all(self._into, gradients)
