"""Every activation means the same in numpy, in torch and in the closed-form gradient."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch import nn

from sktransfer import TransferMLPRegressor
from sktransfer._activations import ACTIVATIONS, TORCH_MODULES, activation_of, in_torch
from sktransfer._networks import DenseNetwork
from sktransfer._records import DenseLayer
from sktransfer._training._autograd import AutogradGradient
from sktransfer._training._flat import FlatParameters
from sktransfer._training._gradients import DenseGradient, gradient_of
from sktransfer._training._losses import Loss
from sktransfer.sources import describe_source

VALUES = np.array([-30.0, -4.0, -1.0, -1e-3, 0.0, 1e-3, 0.5, 3.0, 25.0])


def _values_and_inputs(name):
    values = activation_of(name).in_place(VALUES.copy())
    return VALUES if activation_of(name).from_input else values


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numpy_computes_what_torch_computes(name, dtype):
    ours = activation_of(name).in_place(VALUES.astype(dtype))
    theirs = in_torch(name).function(torch.from_numpy(VALUES.astype(dtype)))
    assert ours.dtype == dtype
    assert_allclose(ours, theirs.numpy(), rtol=2e-6 if dtype == np.float32 else 1e-7, atol=3e-7)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_is_the_derivative(name):
    z = torch.tensor(VALUES[VALUES != 0], requires_grad=True)
    in_torch(name).function(z).sum().backward()
    ours = activation_of(name).slope(_values_and_inputs(name))[VALUES != 0]
    assert_allclose(ours, z.grad.numpy(), atol=3e-7)


def _network(activation, dropout=0.0):
    rng = np.random.default_rng(0)
    sizes = [3, 5, 4, 2]
    layers = [
        DenseLayer(rng.normal(size=shape), rng.normal(size=shape[1])) for shape in pairwise(sizes)
    ]
    network = DenseNetwork(layers, activation, dropout=dropout).train()
    network.generator = torch.Generator().manual_seed(0)
    return network


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_closed_form_gradient_is_that_of_autograd(name, dropout):
    rng = np.random.default_rng(1)
    X, y = torch.tensor(rng.normal(size=(6, 3))), torch.tensor(rng.normal(size=(6, 2)))
    found = []
    for make in (DenseGradient, AutogradGradient):
        network = _network(name, dropout)
        flat, loss = FlatParameters(network), Loss("squared_error")
        arguments = (6,) if make is DenseGradient else ()
        make(network, loss, flat, *arguments)(X, y, None, torch.empty_like(y))
        found.append(flat.gradient.numpy())
    assert_allclose(*found, rtol=1e-9, atol=1e-12)


def test_an_activation_without_its_kernel_trains_by_autograd(monkeypatch):
    without = in_torch("tanh")._replace(backward=None)
    monkeypatch.setattr("sktransfer._training._gradients.in_torch", lambda name: without)
    network = _network("tanh")
    flat = FlatParameters(network)
    assert isinstance(gradient_of(network, Loss("squared_error"), flat, 6), AutogradGradient)


@pytest.mark.parametrize("name", [n for n in ACTIVATIONS if n not in ("identity",)])
def test_a_network_of_it_is_trained_and_read_as_a_source(name):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    model = TransferMLPRegressor(
        strategy="full", hidden_layer_sizes=(8,), activation=name, max_iter=5, random_state=0
    ).fit(X, X @ [1.0, 2.0, -1.0])
    module = next(module for module, its_name in TORCH_MODULES.items() if its_name == name)
    first, last = model.net_.module_.layers
    source = describe_source(nn.Sequential(first, getattr(nn, module)(), last))
    assert source.activation == describe_source(model).activation == name
    assert np.isfinite(model.predict(X)).all()
