"""The gradient of a batch: in closed form where it is known, by autograd elsewhere.

Both forms are called alike, see :func:`gradient_of`.  The closed form is that of a dense stack,
computed into buffers that live as long as the fit.

For the canonical pairs of output activation and loss, the gradient with respect to the linear
output is ``prediction - y``; from there every layer needs two matrix products.  scikit-learn's
formulas, with the same meaning of weights: a batch's gradient is the weighted mean over its
rows.
"""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor, nn

from sktransfer._training._autograd import AutogradGradient
from sktransfer._training._flat import FlatParameters
from sktransfer._training._losses import Loss

_aten = torch.ops.aten
_ACTIVATE = {
    "identity": lambda z: z,
    "logistic": lambda z: torch.sigmoid(z, out=z),
    "tanh": lambda z: torch.tanh(z, out=z),
    "relu": lambda z: z.relu_(),
}
#: Multiply a gradient in place by the activation's derivative, given the activation's value.
_BACKWARD = {
    "identity": lambda grad, a: grad,
    "logistic": lambda grad, a: _aten.sigmoid_backward.grad_input(grad, a, grad_input=grad),
    "tanh": lambda grad, a: _aten.tanh_backward.grad_input(grad, a, grad_input=grad),
    "relu": lambda grad, a: _aten.threshold_backward.grad_input(grad, a, 0, grad_input=grad),
}


def gradient_of(
    network: nn.Module,
    criterion: nn.Module,
    flat: FlatParameters,
    batch_size: int,
    frozen: Collection[str] = (),
) -> DenseGradient | AutogradGradient:
    """What computes a network's gradient: the closed form if there is one, else autograd.

    A network has ``layer_names`` (see :class:`FlatParameters`), ``dropout`` and a ``forward``
    from inputs (n_rows, n_inputs) to linear outputs (n_rows, n_outputs); a plain chain of dense
    layers says so with ``is_dense_stack = True``.  A criterion has, besides what a skorch
    criterion has,

    - ``objective(output, y)``: what is minimised, (n_rows, n_outputs), differentiable;
    - ``activate(output)``: predictions for linear outputs, (n_rows, n_outputs), in new memory;
    - ``rows(prediction, y, known)``: the loss that is reported, (n_rows,); `known` is 0 where
      an entry of `y` is missing and counts for nothing, None where none is.

    The closed form needs a dense stack and a :class:`Loss`; every other pair goes through
    autograd with the same results.

    Parameters
    ----------
    network, criterion : torch.nn.Module
    flat : FlatParameters of the network
    batch_size : int
        Most rows of a batch.
    frozen : collection of str
        Names of the layers that do not move.

    Returns
    -------
    callable
        ``gradient(X, y, share, prediction)``, see :meth:`DenseGradient.__call__`.
    """
    if getattr(network, "is_dense_stack", False) and type(criterion) is Loss:
        still = [name in frozen for name in network.layer_names]  # type: ignore[union-attr]
        first = still.index(False) if False in still else len(still)
        return DenseGradient(network, criterion, flat, batch_size, first)
    return AutogradGradient(network, criterion, flat, frozen)


class DenseGradient:
    """Forward and backward pass of a :class:`DenseNetwork` without autograd.

    Parameters
    ----------
    network : DenseNetwork
    loss : Loss
    flat : FlatParameters of the network
    batch_size : int
        Most rows of a batch.
    first_trainable : int
        Position of the lowest layer that moves; nothing below it needs a gradient.
    """

    def __init__(
        self, network, loss: Loss, flat: FlatParameters, batch_size: int, first_trainable: int = 0
    ) -> None:
        self._network = network
        self._loss = loss
        self._first = first_trainable
        self._activate = _ACTIVATE[network.activation]
        self._backward = _BACKWARD[network.activation]
        layers = network.layers
        self._W = [layer.weight.detach() for layer in layers]
        self._Wt = [weight.t() for weight in self._W]
        self._b = [layer.bias.detach() for layer in layers]
        self._dW = [layer.weight.grad for layer in layers]
        self._db = [layer.bias.grad for layer in layers]
        self._masks = [getattr(layer, "mask", None) for layer in layers]
        self._full = self._buffers(batch_size)
        self._rest: tuple[int, list] = (0, [])

    def _buffers(self, n_rows: int) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
        deltas = [self._W[0].new_empty(n_rows, weight.shape[0]) for weight in self._W]
        hidden = [torch.empty_like(delta) for delta in deltas[:-1]]
        masks = [torch.empty_like(h) for h in hidden] if self._network.dropout else []
        return hidden, deltas, masks

    def _buffers_for(self, n_rows: int):
        if n_rows == len(self._full[1][0]):
            return self._full
        if self._rest[0] != n_rows:  # the last, smaller batch of an epoch
            self._rest = (n_rows, [[h[:n_rows] for h in group] for group in self._full])
        return self._rest[1]

    def __call__(self, X: Tensor, y: Tensor, share: Tensor | None, prediction: Tensor) -> None:
        """Gradient of the batch's mean loss, into the parameters' ``.grad``.

        Parameters
        ----------
        X : Tensor of shape (n_rows, n_inputs)
        y : Tensor of shape (n_rows, n_outputs)
        share : Tensor of shape (n_rows, 1) or (n_rows, n_outputs), or None
            Each row's or output's share of the batch; None for equal shares.
        prediction : Tensor of shape (n_rows, n_outputs)
            Is filled.
        """
        hidden, deltas, masks = self._buffers_for(len(y))
        self._forward(X, hidden, masks, prediction)
        delta = torch.sub(prediction, y, out=deltas[-1])
        if share is None:
            delta.mul_(1.0 / len(y))
        else:
            delta.mul_(share)
        for i in range(len(self._W) - 1, self._first - 1, -1):
            below = hidden[i - 1] if i else X
            torch.mm(delta.t(), below, out=self._dW[i])
            if self._masks[i] is not None:  # weights that do not exist do not move
                self._dW[i].mul_(self._masks[i])
            torch.sum(delta, 0, out=self._db[i])
            if i > self._first:
                delta = torch.mm(delta, self._W[i], out=deltas[i - 1])
                if masks:
                    # the derivative is a function of the activation before dropout scaled it
                    delta.mul_(masks[i - 1])
                    below = below * (1.0 - self._network.dropout)
                self._backward(delta, below)

    def _forward(
        self, X: Tensor, hidden: list[Tensor], masks: list[Tensor], prediction: Tensor
    ) -> None:
        last = len(self._W) - 1
        for i in range(last):
            X = self._activate(torch.addmm(self._b[i], X, self._Wt[i], out=hidden[i]))
            if masks:
                X.mul_(self._network.dropout_mask(masks[i]))
        torch.addmm(self._b[last], X, self._Wt[last], out=prediction)
        self._loss.activate_(prediction)
