"""All parameters of a network as views of one vector."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import nn


class FlatParameters:
    """One vector of parameters, one of gradients; a network's tensors become views of them.

    Weights come first, then biases, both from input to output, so that the L2 penalty on the
    weights and an optimiser step on everything each touch one contiguous piece.

    Parameters
    ----------
    network : torch.nn.Module
        Has ``layer_names``; every name is a submodule with ``weight`` and ``bias``.

    Attributes
    ----------
    vector, gradient : Tensor of shape (n_parameters,)
    weights, biases : dict of str to slice
        Where each layer's parameters lie.
    """

    def __init__(self, network: nn.Module) -> None:
        names: Iterable[str] = network.layer_names  # type: ignore[assignment]
        layers = {name: network.get_submodule(name) for name in names}
        weights = [layer.weight for layer in layers.values()]
        biases = [layer.bias for layer in layers.values()]
        self._tensors: list[nn.Parameter] = [*weights, *biases]  # type: ignore[list-item]
        self.vector = torch.cat([tensor.detach().reshape(-1) for tensor in self._tensors])
        self.gradient = torch.zeros_like(self.vector)
        slices = []
        start = 0
        for tensor in self._tensors:
            where = slice(start, start + tensor.numel())
            tensor.data = self.vector[where].view_as(tensor)
            tensor.grad = self.gradient[where].view_as(tensor)
            slices.append(where)
            start = where.stop
        self.weights = dict(zip(layers, slices[: len(layers)], strict=True))
        self.biases = dict(zip(layers, slices[len(layers) :], strict=True))

    def segments(self, value_of: Callable[[str], float], only_weights: bool = False):
        """Contiguous pieces of the vector with one non-zero value each.

        Parameters
        ----------
        value_of : callable
            Layer name → value.
        only_weights : bool, default=False
            Leave the biases out.

        Returns
        -------
        list of (slice, float)
        """
        pieces = list(self.weights.items())
        if not only_weights:
            pieces += list(self.biases.items())
        return _merge((where, value_of(name)) for name, where in pieces)

    def release(self) -> None:
        """Give every tensor memory of its own again, so that it pickles at its own size."""
        for tensor in self._tensors:
            tensor.data = tensor.data.clone()
            tensor.grad = None


def _merge(pieces: Iterable[tuple[slice, float]]) -> list[tuple[slice, float]]:
    merged: list[tuple[slice, float]] = []
    for where, value in pieces:
        if merged and merged[-1][1] == value and merged[-1][0].stop == where.start:
            merged[-1] = (slice(merged[-1][0].start, where.stop), value)
        else:
            merged.append((where, value))
    return [(where, value) for where, value in merged if value != 0]
