"""From a transfer plan to a network: random initialisation, then the carried weights."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import block_diag

from sktransfer._records import DenseLayer, TransferPlan

if TYPE_CHECKING:
    from sktransfer._networks._dense import DenseNetwork


def build_network(
    plan: TransferPlan,
    rng: np.random.RandomState,
    dtype,
    dropout: float = 0.0,
    output_bias: np.ndarray | None = None,
    is_constant: np.ndarray | None = None,
) -> DenseNetwork:
    """A network that starts where the plan says.

    Parameters
    ----------
    plan : TransferPlan
    rng : RandomState
        Every layer draws from it, carried or not, so that the fresh layers of a warm start and
        of a cold start begin with the same weights.
    dtype : numpy dtype
        float32 or float64, the computing precision.
    dropout : float, default=0.0
    output_bias : ndarray of shape (n_outputs,), optional
        What is added to the biases of an output layer that is not carried.
    is_constant : ndarray of bool, shape (n_outputs,), optional
        Outputs that start at their bias alone, whatever the row.

    Returns
    -------
    DenseNetwork
    """
    from sktransfer._networks._dense import DenseNetwork  # imports torch

    layers = initial_layers(plan, rng, dtype)
    if plan.layer_names.task[-1] not in plan.carried:
        layers[-1] = _started(layers[-1], output_bias, is_constant)
    n_shared = len(plan.layer_names.shared)
    return DenseNetwork(layers, plan.activation, n_shared, dropout, head_masks(plan))


def start_at_zero(network: DenseNetwork, inputs: np.ndarray, plan: TransferPlan) -> None:
    """Take the weights of some inputs away, unless the first layer is a source's."""
    if len(inputs) and next(iter(plan.layer_names)) not in plan.carried:
        network.layers[0].weight.data[:, inputs] = 0.0


def _started(
    layer: DenseLayer, output_bias: np.ndarray | None, is_constant: np.ndarray | None
) -> DenseLayer:
    """An output layer with further biases, and without weights for constants."""
    weight, bias = layer.weight.copy(), layer.bias.copy()
    if is_constant is not None:
        at = np.flatnonzero(is_constant)
        weight[:, at], bias[at] = 0.0, 0.0
    if output_bias is not None:
        bias += output_bias.astype(bias.dtype)
    return DenseLayer(weight, bias)


def initial_layers(plan: TransferPlan, rng: np.random.RandomState, dtype) -> list[DenseLayer]:
    """Starting weights of each layer: the carried ones where there are, else random."""
    layers = []
    names = tuple(plan.layer_names)
    for name, (weight, bias) in zip(names, _random_layers(plan, rng), strict=True):
        if name in plan.carried:
            weight, bias = plan.carried[name].weight, plan.carried[name].bias
        elif plan.carried and name == names[-1]:
            weight, bias = np.zeros_like(weight), np.zeros_like(bias)
        layers.append(DenseLayer(weight.astype(dtype), bias.astype(dtype)))
    return layers


def reference_layers(plan: TransferPlan, dtype) -> list[DenseLayer]:
    """The weights from which a distance may be penalised: the carried ones, zero elsewhere."""
    layers = []
    for name, n_inputs, n_outputs in _shapes(plan):
        weight, bias = np.zeros((n_inputs, n_outputs)), np.zeros(n_outputs)
        if name in plan.carried:
            weight, bias = plan.carried[name].weight, plan.carried[name].bias
        layers.append(DenseLayer(weight.astype(dtype), bias.astype(dtype)))
    return layers


def _shapes(plan: TransferPlan):
    return zip(plan.layer_names, plan.layer_sizes[:-1], plan.layer_sizes[1:], strict=True)


def _random_layers(plan: TransferPlan, rng: np.random.RandomState):
    """Weights and biases of all layers: the trunk's, then each task's head as if it were alone.

    Every head is drawn from the same state of `rng`, so that it depends neither on what other
    tasks there are nor on their order.  `rng` continues behind the head that drew most.
    """
    trunk = plan.layer_sizes[: -len(plan.heads[0])]
    drawn = _glorot_uniform(trunk, plan.activation, rng)
    if len(plan.heads) == 1:  # as below; the state of `rng` is slow to read and set
        return drawn + _glorot_uniform((trunk[-1], *plan.heads[0]), plan.activation, rng)
    start, longest, heads = rng.get_state(), (0, rng.get_state()), []
    for widths in plan.heads:
        rng.set_state(start)
        heads.append(_glorot_uniform((trunk[-1], *widths), plan.activation, rng))
        n_draws = sum(weight.size + bias.size for weight, bias in heads[-1])
        longest = max(longest, (n_draws, rng.get_state()), key=lambda drawn: drawn[0])
    rng.set_state(longest[1])
    for level, layers in enumerate(zip(*heads, strict=True)):
        weights, biases = zip(*layers, strict=True)
        weight = block_diag(*weights) if level else np.hstack(weights)
        drawn.append((weight, np.concatenate(biases)))
    return drawn


def head_masks(plan: TransferPlan) -> dict[int, np.ndarray]:
    """Which weights exist, for layers in which a task reads its own units only.

    Returns
    -------
    dict of int to ndarray of bool, shape (n_inputs, n_outputs)
        By the layer's position; empty for a single task and for heads of one layer.
    """
    if len(plan.heads) == 1:
        return {}
    n_head = len(plan.heads[0])
    first = len(plan.layer_sizes) - 1 - n_head
    return {
        first + level: block_diag(
            *[np.ones((widths[level - 1], widths[level]), bool) for widths in plan.heads]
        ).astype(bool)
        for level in range(1, n_head)
    }


def _glorot_uniform(sizes: Sequence[int], activation: str, rng: np.random.RandomState):
    """scikit-learn's initialisation, in its order of draws, of a chain of layers.

    X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010, equation 16.  Drawn in float64 whatever the computing precision,
    so that both precisions start with the same weights.
    """
    factor = 2.0 if activation == "logistic" else 6.0
    layers = []
    for n_inputs, n_outputs in pairwise(sizes):
        bound = np.sqrt(factor / (n_inputs + n_outputs))
        weight = rng.uniform(-bound, bound, (n_inputs, n_outputs))
        layers.append((weight, rng.uniform(-bound, bound, n_outputs)))
    return layers
