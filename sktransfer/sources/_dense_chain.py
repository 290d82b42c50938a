"""Reading the dense chain out of a torch module, and proving that it is one.

The order in which a module registers its layers is not the order in which its ``forward``
uses them, and ``forward`` may do more.  So the layers only propose a chain; it is taken if
it computes what the module computes.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import pairwise, product

import numpy as np
import torch
from torch import nn

from sktransfer._activations import ACTIVATIONS, TORCH_MODULES, in_torch
from sktransfer._records import (
    DenseLayer,
    InputColumns,
    InputScaling,
    InputSchema,
    SourceDescription,
)
from sktransfer.exceptions import SourceLayersError
from sktransfer.sources._batch_norm import dense_layer, folded, is_foldable, unit_of

_HIDDEN = {getattr(nn, module): name for module, name in TORCH_MODULES.items()}
# What activations are with torch's defaults alone.
_PARAMETERS = {"negative_slope": 0.01, "alpha": 1.0, "beta": 1.0, "approximate": "none"}
_OUTPUT = {nn.Softmax: "softmax", nn.LogSoftmax: "log_softmax"}
# These do nothing to a table, at least not in eval mode.
_SILENT = (nn.Identity, nn.Dropout, nn.AlphaDropout, nn.Flatten)
# What may end a trunk without a head; "logistic" behind the last layer gives probabilities.
_TRUNK_ENDS = tuple(name for name in ACTIVATIONS if name not in ("identity", "logistic"))
_AFTER = ("identity", "logistic", "softmax", "log_softmax", *_TRUNK_ENDS)
# A module that insists on one dtype can still be compared in it, less exactly.
_PRECISIONS = ((torch.float64, 1e-8), (torch.float32, 1e-4))


@dataclass(frozen=True, eq=False)
class DenseChain:
    """Dense layers, the activation between them and the one behind the last.

    Attributes
    ----------
    layers : tuple of DenseLayer
    activation, out_activation : str
    inputs : InputSchema or None
        The unit of the inputs, where the first layer normalises them.
    """

    layers: tuple[DenseLayer, ...]
    activation: str
    out_activation: str
    inputs: InputSchema | None = None

    def described(self, name: str) -> SourceDescription:
        """The chain as a source of this name; without what its outputs mean."""
        source = SourceDescription(self.layers, self.activation, name=name)
        return source if self.inputs is None else replace(source, inputs=self.inputs)


def read_chain(module: nn.Module) -> DenseChain:
    """Read `module`, of which nothing is changed.

    Parameters
    ----------
    module : torch.nn.Module
        Its ``forward`` takes one table of shape (n_samples, n_inputs).

    Returns
    -------
    DenseChain
        Copies of its weights, of shape (n_inputs, n_outputs) each.

    Raises
    ------
    SourceLayersError
        If it has other layers than dense ones, or combines them in another way.
    """
    module = getattr(module, "_orig_mod", module)  # what torch.compile was given
    leaves, activations = _leaves(module)
    linears = [leaf for leaf in leaves if isinstance(leaf, nn.Linear)]
    _check_layers(module, [dense_layer(linear) for linear in linears])
    out, copied, inputs, tolerance = _outputs_of(module, linears[0].in_features)
    # a normalisation belongs to the layer before it, or behind the activation to the next
    places = (False,) if len(leaves) == len(linears) else (False, True)
    for into_next, activation in product(places, activations or ACTIVATIONS):
        layers = folded(copied, into_next)
        if layers is None:
            continue
        expected = _forward(layers, activation, inputs)
        for out_activation in _AFTER:
            if _equal(out, _activated(out_activation, expected), tolerance):
                layers = folded(leaves, into_next)
                assert layers is not None
                chain = _chain(module, layers, activation, out_activation)
                return _with_unit(chain, leaves[0])
    if len(activations) > 1 and len(linears) > 2:
        raise SourceLayersError.activation(module, " and ".join(activations), ACTIVATIONS)
    raise _not_dense(module, "a forward pass that is not the plain chain of its Linear layers")


def _with_unit(chain: DenseChain, first: nn.Module) -> DenseChain:
    """A chain whose inputs are normalised by the `first` module, where that is one that does."""
    if isinstance(first, nn.Linear):
        return chain
    mean, deviation = unit_of(first)  # type: ignore[arg-type]
    layer, *others = chain.layers
    weight = layer.weight.astype(np.float64)
    bias = layer.bias + mean @ weight
    weight = deviation[:, None] * weight
    layer = DenseLayer(weight.astype(layer.weight.dtype), bias.astype(layer.bias.dtype))
    columns = InputColumns(len(mean), len(mean))
    scaling = InputScaling(mean, deviation, np.zeros(len(mean)), is_measured=True)
    return replace(chain, layers=(layer, *others), inputs=InputSchema(columns, scaling))


def _leaves(module: nn.Module) -> tuple[list[nn.Module], tuple[str, ...]]:
    """Linear and normalising layers, and the kinds of hidden activation, as registered."""
    linears: list[nn.Module] = []
    activations: list[str] = []
    # By identity, because a layer may be registered under two names.
    leaves = {id(layer): (name, layer) for name, layer in _named_leaves(module)}
    for name, layer in leaves.values():
        kind_name = type(layer).__name__
        label = f"layer {name!r} ({kind_name})" if name else f"the layer {kind_name}"
        if any(_has_no_values(parameter) for parameter in layer.parameters()):
            raise SourceLayersError(
                f"`source` is a {type(module).__name__} whose {label} has no weights yet; "
                "expected a trained module. A lazy layer gets its weights at its first forward "
                "pass: train the module, or load its weights, before giving it."
            )
        kind = next((kind for kind in (*_HIDDEN, *_OUTPUT) if isinstance(layer, kind)), None)
        if kind in _HIDDEN and any(getattr(layer, p, v) != v for p, v in _PARAMETERS.items()):
            raise SourceLayersError.activation(module, f"layer {name!r} ({layer})", ACTIVATIONS)
        if isinstance(layer, nn.Linear) or is_foldable(layer):
            linears.append(layer)
        elif kind in _HIDDEN:
            activations.append(_HIDDEN[kind])
        elif kind is None and not isinstance(layer, _SILENT):
            # torch keeps MultiheadAttention, which has children, among the activations.
            if type(layer).__module__ == nn.ReLU.__module__ and not list(layer.children()):
                raise SourceLayersError.activation(module, label, ACTIVATIONS)
            raise _not_dense(module, label)
    if not any(isinstance(layer, nn.Linear) for layer in linears):
        raise _not_dense(module, "no Linear layer")
    return linears, tuple(dict.fromkeys(activations))


def _has_no_values(parameter: nn.Parameter) -> bool:
    return isinstance(parameter, nn.parameter.UninitializedParameter) or parameter.is_meta


def _not_dense(obj: nn.Module, layer: str) -> SourceLayersError:
    """For a network with a layer that is not dense."""
    way_out = (
        "Carry over its dense part by giving that part, or describe it with "
        "sktransfer.sources.SourceDescription."
    )
    if "Norm" in layer:
        way_out = (
            "It normalises each row by itself, or each batch, which no weight can do. Retrain "
            "with torch.nn.BatchNorm1d, which becomes part of a layer; or take the source's "
            "predictions: give it in a skorch net, or in an object with predict."
        )
    return SourceLayersError(
        f"`source` is a {type(obj).__name__} with {layer}; expected a chain of dense "
        f"(torch.nn.Linear) layers with one activation between them. {way_out}"
    )


def _named_leaves(module: nn.Module, prefix: str = "") -> Iterator[tuple[str, nn.Module]]:
    children = list(module.named_children())
    # The parts of a parametrized Linear are no layers: its `weight` is what they make.  Nor
    # are those of torch's layers that have weights of their own, such as MultiheadAttention.
    whole = type(module).__module__.startswith("torch.") and module._parameters
    if isinstance(module, nn.Linear) or whole or not children:
        # An empty container holds nothing, and a module that registers nothing is a leaf.
        if not isinstance(module, nn.Sequential | nn.ModuleList | nn.ModuleDict):
            yield prefix, module
        return
    for name, child in children:
        yield from _named_leaves(child, f"{prefix}.{name}" if prefix else name)


def _check_layers(module: nn.Module, layers: list[DenseLayer]) -> None:
    for index, layer in enumerate(layers):
        if not (np.isfinite(layer.weight).all() and np.isfinite(layer.bias).all()):
            raise SourceLayersError.not_finite(index)
    for before, after in pairwise(layers):
        if before.weight.shape[1] != after.weight.shape[0]:
            raise _not_dense(
                module,
                f"a Linear layer of {before.weight.shape[1]} outputs, followed by one that takes "
                f"{after.weight.shape[0]} inputs",
            )


def _outputs_of(
    module: nn.Module, n_inputs: int
) -> tuple[torch.Tensor, list[nn.Module], torch.Tensor, float]:
    """What `module` returns for some rows, its layers then, the rows, how exact its output is."""
    # Rows of several sizes bring every activation to its bends; numpy's own generator leaves
    # the global states alone.
    rows = np.random.default_rng(0).normal(size=(24, n_inputs))
    rows *= np.repeat([0.1, 1.0, 10.0], 8)[:, None]
    cause = "an output that is not one table"
    for dtype, tolerance in _PRECISIONS:
        inputs = torch.tensor(rows, dtype=dtype)
        try:
            # A copy, because `eval` and `to` change a module for whoever else uses it.
            copied = deepcopy(module).to("cpu", dtype).eval()
            with torch.no_grad():
                out = copied(inputs.clone())
        except Exception as error:  # whatever a foreign forward may raise
            cause = f"an error ({error})"
            continue
        if isinstance(out, torch.Tensor) and out.ndim and len(out) == len(rows):
            # The copy's layers: a parametrization computes them anew in the copy's dtype.
            layers = _leaves(copied)[0]
            return out.reshape(len(rows), -1).double(), layers, inputs.double(), tolerance
    raise _not_dense(module, f"{cause} when given a table of {n_inputs} columns")


def _activated(activation: str, z: torch.Tensor) -> torch.Tensor:
    if activation == "log_softmax":
        return torch.log_softmax(z, dim=1)
    return in_torch(activation).function(z)


def _forward(layers: list[DenseLayer], activation: str, inputs: torch.Tensor) -> torch.Tensor:
    out = inputs
    for index, layer in enumerate(layers):
        out = _activated(activation, out) if index else out
        # `tensor` copies: torch warns about numpy's read-only arrays.
        out = out @ torch.tensor(layer.weight, dtype=torch.float64)
        out = out + torch.tensor(layer.bias, dtype=torch.float64)
    return out


def _equal(out: torch.Tensor, expected: torch.Tensor, tolerance: float) -> bool:
    if out.shape != expected.shape:
        return False
    # Relative to the largest output, so that small weights are not equal to everything.
    atol = tolerance * out.abs().max().item()
    return torch.allclose(out, expected, rtol=tolerance, atol=atol)


def _chain(
    module: nn.Module, layers: list[DenseLayer], activation: str, out_activation: str
) -> DenseChain:
    if out_activation not in _TRUNK_ENDS:
        return DenseChain(tuple(layers), activation, out_activation)
    # A trunk without a head ends in its hidden activation.  Behind it an output layer that
    # hands on what it gets keeps all its layers hidden ones, which can be shared.
    width = len(layers[-1].bias)
    if width == 1 or (len(layers) > 1 and activation != out_activation):
        raise _not_dense(module, f"the activation {out_activation} behind its last Linear layer")
    layers = [*layers, DenseLayer(np.eye(width), np.zeros(width))]
    return DenseChain(tuple(layers), out_activation, "identity")
