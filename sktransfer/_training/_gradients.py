"""Gradients of a dense stack in closed form, into buffers that live as long as the fit.

For the canonical pairs of output activation and loss, the gradient with respect to the linear
output is ``prediction - y``; from there every layer needs two matrix products.  scikit-learn's
formulas, with the same meaning of weights: a batch's gradient is the weighted sum over its
rows divided by the sum of its weights.
"""

from __future__ import annotations

import torch
from torch import Tensor

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
        self._full = self._buffers(batch_size)
        self._rest: tuple[int, list] = (0, [])

    def _buffers(self, n_rows: int) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
        empty = [self._W[0].new_empty(n_rows, weight.shape[0]) for weight in self._W]
        masks = [torch.empty_like(h) for h in empty[:-1]] if self._network.dropout else []
        return empty, [torch.empty_like(h) for h in empty], masks

    def _buffers_for(self, n_rows: int):
        if n_rows == len(self._full[0][0]):
            return self._full
        if self._rest[0] != n_rows:  # the last, smaller batch of an epoch
            self._rest = (n_rows, [[h[:n_rows] for h in group] for group in self._full])
        return self._rest[1]

    def __call__(self, X: Tensor, y: Tensor, weight: Tensor | None, weight_sum: float) -> Tensor:
        """Gradient of the batch's loss, into the parameters' ``.grad``.

        Returns
        -------
        Tensor of shape (n_rows, n_outputs)
            The predictions, valid until the next call.
        """
        hidden, deltas, masks = self._buffers_for(len(y))
        prediction = self._forward(X, hidden, masks)
        delta = torch.sub(prediction, y, out=deltas[-1])
        if weight is not None:
            delta.mul_(weight.unsqueeze(1))
        delta.mul_(1.0 / weight_sum)
        last = len(self._W) - 1
        for i in range(last, self._first - 1, -1):
            below = hidden[i - 1] if i else X
            torch.mm(delta.t(), below, out=self._dW[i])
            torch.sum(delta, 0, out=self._db[i])
            if i > self._first:
                delta = torch.mm(delta, self._W[i], out=deltas[i - 1])
                if masks:
                    # the derivative is a function of the activation before dropout scaled it
                    delta.mul_(masks[i - 1])
                    below = below * (1.0 - self._network.dropout)
                self._backward(delta, below)
        return prediction

    def _forward(self, X: Tensor, hidden: list[Tensor], masks: list[Tensor]) -> Tensor:
        last = len(self._W) - 1
        for i in range(last):
            h = torch.addmm(self._b[i], X, self._Wt[i], out=hidden[i])
            X = self._activate(h)
            if masks:
                X.mul_(self._network.dropout_mask(masks[i]))
        torch.addmm(self._b[last], X, self._Wt[last], out=hidden[last])
        return self._loss.activate_(hidden[last])
