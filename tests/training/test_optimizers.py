"""The optimisers: step for step torch's, with a memory that survives pickling."""

import pickle

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from sktransfer._compat import _plain_adam, fused_adam
from sktransfer._networks._dense import DenseNetwork
from sktransfer._records import DenseLayer, Phase, TrainingSettings
from sktransfer._training._flat import FlatParameters
from sktransfer._training._optimizers import OPTIMIZERS, FlatAdam

STAYS = Phase(1, learning_rate_scale={"shared_layers.0": 0.0})
SLOW = Phase(1, learning_rate_scale={"shared_layers.0": 0.25})


def _settings(**params):
    default = dict(
        solver="adam", alpha=0.0, batch_size=8, learning_rate="constant",
        learning_rate_init=0.01, power_t=0.5, max_iter=10, shuffle=True, tol=1e-4,
        verbose=False, momentum=0.9, nesterovs_momentum=True, beta_1=0.9, beta_2=0.999,
        epsilon=1e-8, n_iter_no_change=10, max_fun=100, dropout=0.0,
    )  # fmt: skip
    return TrainingSettings(**(default | params))


def _flat(seed=0):
    rng = np.random.default_rng(seed)
    layers = [
        DenseLayer(rng.normal(size=(3, 4)), rng.normal(size=4)),
        DenseLayer(rng.normal(size=(4, 2)), rng.normal(size=2)),
    ]
    network = DenseNetwork(layers, n_shared_layers=1)
    return network, FlatParameters(network)


def _gradients(n, size):
    rng = np.random.default_rng(1)
    return [torch.tensor(rng.normal(size=size)) for _ in range(n)]


def _steps(optimizer, flat, gradients):
    for gradient in gradients:
        flat.gradient.copy_(gradient)
        optimizer.step()


@pytest.mark.parametrize("solver", OPTIMIZERS)
def test_steps_are_torchs(solver):
    _, flat = _flat()
    settings = _settings(solver=solver, epsilon=1e-300, nesterovs_momentum=False)
    reference = torch.nn.Parameter(flat.vector.clone())
    if solver == "adam":
        theirs = torch.optim.Adam([reference], lr=0.01, eps=1e-300)
    else:
        theirs = torch.optim.SGD([reference], lr=0.01, momentum=0.9)
    gradients = _gradients(5, len(flat.vector))
    _steps(OPTIMIZERS[solver](flat, Phase(1), settings, 5), flat, gradients)
    for gradient in gradients:
        reference.grad = gradient.clone()
        theirs.step()
    assert_allclose(flat.vector, reference.detach(), rtol=1e-6)


def test_adam_without_the_fused_kernel_takes_the_same_steps(monkeypatch):
    found = []
    for step in (fused_adam(), _plain_adam):
        monkeypatch.setattr(FlatAdam, "_fused_step", staticmethod(step))
        _, flat = _flat()
        optimizer = FlatAdam(flat, Phase(1), _settings(alpha=0.1), 5)
        _steps(optimizer, flat, _gradients(5, len(flat.vector)))
        found.append(flat.vector.numpy())
    assert_allclose(*found, rtol=1e-12)


@pytest.mark.parametrize("solver", OPTIMIZERS)
def test_the_memory_survives_pickling(solver):
    gradients = _gradients(6, len(_flat()[1].vector))
    _, flat = _flat()
    optimizer = OPTIMIZERS[solver](flat, Phase(1), _settings(solver=solver), 6)
    _steps(optimizer, flat, gradients[:3])
    again = pickle.loads(pickle.dumps(optimizer))
    _, other = _flat()
    other.vector.copy_(flat.vector)
    again.resume(other, Phase(1), _settings(solver=solver))
    _steps(optimizer, flat, gradients[3:])
    _steps(again, other, gradients[3:])
    assert again.t == optimizer.t == 6
    assert_array_equal(other.vector, flat.vector)


@pytest.mark.parametrize("solver", OPTIMIZERS)
def test_after_a_schedule_that_has_ended_memory_begins_anew(solver):
    gradients = _gradients(4, len(_flat()[1].vector))
    _, flat = _flat()
    annealed = _settings(solver=solver, learning_rate="cosine")
    optimizer = OPTIMIZERS[solver](flat, Phase(1), annealed, 2)
    _steps(optimizer, flat, gradients[:2])
    optimizer.forget()
    _, begun = _flat()
    _steps(OPTIMIZERS[solver](begun, Phase(1), _settings(solver=solver), 6), begun, gradients[2:])
    for again in (optimizer, pickle.loads(pickle.dumps(optimizer))):
        _, resumed = _flat()
        again.resume(resumed, Phase(1), _settings(solver=solver))
        _steps(again, resumed, gradients[2:])
        assert_array_equal(resumed.vector, begun.vector)


@pytest.mark.parametrize("solver", OPTIMIZERS)
def test_a_pickle_holds_no_parameters(solver):
    _, flat = _flat()
    optimizer = OPTIMIZERS[solver](flat, Phase(1), _settings(solver=solver), 6)
    text = pickle.dumps(optimizer)
    assert b"torch._utils" not in text
    assert b"Parameter" not in text


@pytest.mark.parametrize("solver", OPTIMIZERS)
def test_a_layer_with_scale_zero_is_never_touched(solver):
    network, flat = _flat()
    before = network.layers[0].weight.detach().clone(), network.layers[0].bias.detach().clone()
    optimizer = OPTIMIZERS[solver](flat, STAYS, _settings(solver=solver), 3)
    top = network.layers[1].weight.detach().clone()
    _steps(optimizer, flat, _gradients(3, len(flat.vector)))
    assert_array_equal(network.layers[0].weight.detach(), before[0])
    assert_array_equal(network.layers[0].bias.detach(), before[1])
    assert not torch.equal(network.layers[1].weight, top)


@pytest.mark.parametrize("solver", OPTIMIZERS)
def test_a_scale_multiplies_a_layers_learning_rate(solver):
    (slow, flat_slow), (fast, flat_fast) = _flat(), _flat()
    settings = _settings(solver=solver)
    start = slow.layers[0].weight.detach().clone()
    gradients = _gradients(1, len(flat_slow.vector))
    _steps(OPTIMIZERS[solver](flat_slow, SLOW, settings, 1), flat_slow, gradients)
    _steps(OPTIMIZERS[solver](flat_fast, Phase(1), settings, 1), flat_fast, gradients)
    assert_allclose(
        (slow.layers[0].weight.detach() - start),
        0.25 * (fast.layers[0].weight.detach() - start),
        rtol=1e-6,
    )
    assert_array_equal(slow.layers[1].weight.detach(), fast.layers[1].weight.detach())


@pytest.mark.parametrize("n_steps", [1, 2, 20, 400])
def test_the_cosine_schedule_warms_up_and_ends_near_zero(n_steps):
    _, flat = _flat()
    optimizer = OPTIMIZERS["adam"](flat, Phase(1), _settings(learning_rate="cosine"), n_steps)
    rates = []
    for _ in range(n_steps):
        optimizer.step()
        rates.append(optimizer.learning_rate)
    assert max(rates) <= 0.01 and min(rates) >= 0
    peak = int(np.argmax(rates))
    assert peak <= n_steps // 20
    assert (np.diff(rates[peak:]) < 0).all()
    if n_steps >= 20:
        assert rates[-1] < 0.01 * rates[peak]


def test_the_cosine_schedule_is_zero_after_its_last_step():
    _, flat = _flat()
    optimizer = OPTIMIZERS["adam"](flat, Phase(1), _settings(learning_rate="cosine"), 4)
    _steps(optimizer, flat, _gradients(4, len(flat.vector)))
    before = flat.vector.clone()
    _steps(optimizer, flat, _gradients(1, len(flat.vector)))
    assert optimizer.learning_rate == 0
    assert_array_equal(flat.vector, before)


def test_the_inverse_scaling_schedule_follows_the_rows_seen():
    _, flat = _flat()
    settings = _settings(solver="sgd", learning_rate="invscaling")
    optimizer = OPTIMIZERS["sgd"](flat, Phase(1), settings, 1)
    optimizer.epoch_ends(99)
    assert optimizer.learning_rate == pytest.approx(0.01 / 10)


def test_a_networks_tensors_are_views_of_one_vector_until_released():
    network, flat = _flat()
    assert len(flat.vector) == 3 * 4 + 4 + 4 * 2 + 2
    flat.vector.zero_()
    assert not any(parameter.any() for parameter in network.parameters())
    flat.release()
    flat.vector.fill_(1.0)
    assert not any(parameter.any() for parameter in network.parameters())
