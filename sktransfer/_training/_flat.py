"""All parameters of a network as views of one vector."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import torch
from torch import nn

#: What a piece of the parameters has.
V = TypeVar("V")


class FlatParameters:
    """One vector of parameters, one of gradients; a network's tensors become views of them.

    Weights come first, then biases, both from input to output, so that the L2 penalty on the
    weights and an optimiser step on everything each touch one contiguous piece.

    Parameters
    ----------
    network : torch.nn.Module
        Has ``layer_names``; every name is a submodule, and every parameter belongs to one of
        them.  Parameters of two or more axes are weights, all others biases.

    Attributes
    ----------
    vector, gradient : Tensor of shape (n_parameters,)
    named_tensors : list of (str, Parameter)
        Layer name and parameter, in their order in the vector.

    Raises
    ------
    ValueError
        If a parameter belongs to no layer: it would never be trained.
    """

    def __init__(self, network: nn.Module) -> None:
        names: Iterable[str] = network.layer_names  # type: ignore[assignment]
        tensors = [(n, p) for n in names for p in network.get_submodule(n).parameters()]
        if len(tensors) != len(list(network.parameters())):
            raise ValueError(
                f"{type(network).__name__} has {len(list(network.parameters()))} parameters, of "
                f"which {len(tensors)} belong to the layers in its layer_names; expected each in "
                "one layer. Name the layer of every parameter in layer_names."
            )
        weights = [(name, tensor) for name, tensor in tensors if tensor.ndim > 1]
        biases = [(name, tensor) for name, tensor in tensors if tensor.ndim <= 1]
        self.named_tensors: list[tuple[str, nn.Parameter]] = weights + biases
        self.vector = torch.cat([tensor.detach().reshape(-1) for _, tensor in self.named_tensors])
        self.gradient = torch.zeros_like(self.vector)
        self._where: list[tuple[str, slice]] = []
        self._n_weights = len(weights)
        start = 0
        for name, tensor in self.named_tensors:
            where = slice(start, start + tensor.numel())
            tensor.data = self.vector[where].view_as(tensor)
            tensor.grad = self.gradient[where].view_as(tensor)
            self._where.append((name, where))
            start = where.stop

    def segments(self, value_of: Callable[[str, bool], V | None]) -> list[tuple[slice, V]]:
        """Contiguous pieces of the vector with one value each, those without one left out.

        Parameters
        ----------
        value_of : callable
            Layer name and whether it is about its weights (else its biases) → value; a false
            one, like 0, leaves the piece out.

        Returns
        -------
        list of (slice, value)
        """
        merged: list[tuple[slice, V | None]] = []
        for i, (name, where) in enumerate(self._where):
            value = value_of(name, i < self._n_weights)
            if merged and merged[-1][1] == value and merged[-1][0].stop == where.start:
                merged[-1] = (slice(merged[-1][0].start, where.stop), value)
            else:
                merged.append((where, value))
        return [(where, value) for where, value in merged if value]

    def release(self) -> None:
        """Give every tensor memory of its own again, so that it pickles at its own size."""
        for _, tensor in self.named_tensors:
            tensor.data = tensor.data.clone()
            tensor.grad = None
