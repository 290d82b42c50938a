"""The gradient of a batch: in closed form where it is known, by autograd elsewhere.

Both forms are called alike, see :func:`gradient_of`.  The closed form is that of a dense stack,
computed into buffers that live as long as the fit.

A loss gives its derivative by the linear output, which is ``prediction - y`` for the canonical
pairs of loss and output activation; from there every layer needs two matrix products.
scikit-learn's formulas, with the same meaning of weights: a batch's gradient is the weighted mean
over its rows.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn

from sktransfer._activations import activation_of, in_torch
from sktransfer._training._autograd import AutogradGradient, Criterion
from sktransfer._training._flat import FlatParameters
from sktransfer._training._losses import Loss

if TYPE_CHECKING:
    pass


_addmm, _mm, _mv = torch.addmm, torch.mm, torch.mv


def gradient_of(
    network: nn.Module,
    criterion: Criterion,
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

    The closed form needs a dense stack, a :class:`Loss`, and torch's kernel of the activation's
    derivative; everything else goes through autograd with the same results.

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
    if type(criterion) is Loss and _has_closed_form(network):
        still = [name in frozen for name in network.layer_names]  # type: ignore[union-attr]
        first = still.index(False) if False in still else len(still)
        return DenseGradient(network, criterion, flat, batch_size, first)
    return AutogradGradient(network, criterion, flat, frozen)


def _has_closed_form(network: nn.Module) -> bool:
    is_dense = getattr(network, "is_dense_stack", False)
    return is_dense and in_torch(str(network.activation)).backward is not None


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
        self._activate_output, self._slope = loss.activate_, loss.slope
        self._first = first_trainable
        function, in_place, backward = in_torch(network.activation)
        assert backward is not None
        self._activate, self._differentiate = in_place or function, backward
        # a derivative by what was activated needs that; one by the value needs the value alone
        self._from_input = activation_of(network.activation).from_input
        layers = network.layers
        self._W = [layer.weight.detach() for layer in layers]
        self._b = [layer.bias.detach() for layer in layers]
        self._dW = [layer.weight.grad for layer in layers]
        self._db = [layer.bias.grad for layer in layers]
        self._buffers = [self._W[0].new_empty(batch_size, len(weight)) for weight in self._W]
        self._hidden = [torch.empty_like(buffer) for buffer in self._buffers[:-1]]
        self._masks = [torch.empty_like(h) for h in self._hidden] if network.dropout else []
        self._exists = [getattr(layer, "mask", None) for layer in layers]
        self._programs: dict[int, _Program] = {}

    def _program(self, n_rows: int) -> _Program:
        layers = range(len(self._W))
        deltas = [buffer[:n_rows] for buffer in self._buffers]
        hidden = [h[:n_rows] for h in self._hidden]
        # a bias that is expanded already saves the product from doing it
        biases = [b.expand(n_rows, -1) for b in self._b]
        ones = self._W[0].new_ones(n_rows)
        return _Program(
            forward=[(i, biases[i], self._W[i].t(), hidden[i]) for i in layers[:-1]],
            output=(biases[-1], self._W[-1].t()),
            deltas=deltas,
            hidden=hidden,
            masks=[mask[:n_rows] for mask in self._masks],
            backward=[
                (i, deltas[i].t(), self._dW[i], self._db[i], self._exists[i])
                for i in reversed(layers[self._first :])
            ],
            ones=ones,
            equal=ones[0] / n_rows,
        )

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
        n_rows = X.size(0)
        program = self._programs.get(n_rows)
        if program is None:
            program = self._programs[n_rows] = self._program(n_rows)
        forward, (bias, weight), deltas, hidden, masks, backward, ones, equal = program
        activate, differentiate, first = self._activate, self._differentiate, self._first
        a, values = X, [X]  # what enters each layer
        for i, b, w, out in forward:
            a = activate(_addmm(b, a, w, out=out))
            if masks:
                a.mul_(self._network.dropout_mask(masks[i]))
            values.append(a)
        self._activate_output(_addmm(bias, a, weight, out=prediction))

        delta = self._slope(prediction, y, deltas[-1])
        delta.mul_(equal if share is None else share)
        for i, transposed, dW, db, exists in backward:
            _mm(transposed, values[i], out=dW)
            if exists is not None:  # weights that do not exist do not move
                dW.mul_(exists)
            _mv(transposed, ones, out=db)  # a cheaper sum over rows
            if i > first:
                delta = _mm(delta, self._W[i], out=deltas[i - 1])
                a = hidden[i - 1]  # the values, or what was activated where they are elsewhere
                if masks:
                    delta.mul_(masks[i - 1])
                    if not self._from_input:
                        # the derivative is a function of the value before dropout scaled it
                        a = a * (1.0 - self._network.dropout)
                differentiate(delta, a)


class _Program(NamedTuple):
    """What a pass over a batch of one size needs, looked up once."""

    forward: list[tuple[int, Tensor, Tensor, Tensor]]  # layer, bias, weight.T, hidden
    output: tuple[Tensor, Tensor]
    deltas: list[Tensor]
    hidden: list[Tensor]
    masks: list[Tensor]
    #: Layer, delta.T, dW, db, and which weights exist.
    backward: list[tuple[int, Tensor, Tensor, Tensor, Tensor | None]]
    ones: Tensor
    equal: Tensor  # each row's share
