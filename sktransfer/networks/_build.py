"""From a transfer plan to a network: random initialisation, then the carried weights."""

from __future__ import annotations

import numpy as np

from sktransfer._records import DenseLayer, TransferPlan
from sktransfer.networks._dense import DenseNetwork


def build_network(plan: TransferPlan, rng: np.random.RandomState, dtype, dropout: float = 0.0):
    """A network that starts where the plan says.

    Parameters
    ----------
    plan : TransferPlan
    rng : RandomState
        Every layer draws from it, carried or not, so that the fresh layers of a warm start and
        of a cold start begin alike.
    dtype : numpy dtype
        float32 or float64, the computing precision.
    dropout : float, default=0.0

    Returns
    -------
    DenseNetwork
    """
    layers = initial_layers(plan, rng, dtype)
    return DenseNetwork(layers, plan.activation, len(plan.layer_names.shared), dropout)


def initial_layers(plan: TransferPlan, rng: np.random.RandomState, dtype) -> list[DenseLayer]:
    """Starting weights of each layer: the carried ones where there are, else random."""
    layers = []
    for name, n_inputs, n_outputs in _shapes(plan):
        weight, bias = _glorot_uniform(n_inputs, n_outputs, plan.activation, rng)
        if name in plan.carried:
            weight, bias = plan.carried[name].weight, plan.carried[name].bias
        elif plan.carried and name == plan.layer_names.task[-1]:
            weight, bias = np.zeros_like(weight), np.zeros_like(bias)
        layers.append(DenseLayer(weight.astype(dtype), bias.astype(dtype)))
    return layers


def reference_layers(plan: TransferPlan, dtype) -> list[DenseLayer]:
    """The weights that training may be pulled towards: the carried ones, zero elsewhere."""
    layers = []
    for name, n_inputs, n_outputs in _shapes(plan):
        weight, bias = np.zeros((n_inputs, n_outputs)), np.zeros(n_outputs)
        if name in plan.carried:
            weight, bias = plan.carried[name].weight, plan.carried[name].bias
        layers.append(DenseLayer(weight.astype(dtype), bias.astype(dtype)))
    return layers


def _shapes(plan: TransferPlan):
    return zip(plan.layer_names, plan.layer_sizes[:-1], plan.layer_sizes[1:], strict=True)


def _glorot_uniform(n_inputs: int, n_outputs: int, activation: str, rng: np.random.RandomState):
    """scikit-learn's initialisation, in its order of draws.

    X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010, equation 16.  Drawn in float64 whatever the computing precision,
    so that both precisions start alike.
    """
    factor = 2.0 if activation == "logistic" else 6.0
    bound = np.sqrt(factor / (n_inputs + n_outputs))
    weight = rng.uniform(-bound, bound, (n_inputs, n_outputs))
    return weight, rng.uniform(-bound, bound, n_outputs)
