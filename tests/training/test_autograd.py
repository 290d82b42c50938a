"""Networks without a closed form: autograd, chosen by itself, with the same results."""

import copy

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from torch import nn

from sktransfer._networks._dense import DenseNetwork
from sktransfer._records import DenseLayer, History, LayerNames, Phase, TrainingSettings
from sktransfer._training._autograd import AutogradGradient
from sktransfer._training._data import TrainingData
from sktransfer._training._flat import FlatParameters
from sktransfer._training._gradients import DenseGradient, gradient_of
from sktransfer._training._losses import Loss
from sktransfer._training._net import make_net
from sktransfer._training._train import train

SETTINGS = dict(
    solver="adam", alpha=0.1, batch_size=16, learning_rate="constant", learning_rate_init=0.01,
    power_t=0.5, max_iter=5, shuffle=True, tol=1e-4, verbose=False, momentum=0.9,
    nesterovs_momentum=True, beta_1=0.9, beta_2=0.999, epsilon=1e-8, n_iter_no_change=10,
    max_fun=100, dropout=0.0,
)  # fmt: skip


class Unknown(DenseNetwork):
    """The same network, but the engine is not told what is in it."""

    is_dense_stack = False


class TwoHeads(nn.Module):
    """A normalised trunk under two heads: what no closed form of ours covers."""

    dropout = 0.0
    layer_names = LayerNames(("trunk", "norm"), ("left", "right"))

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.trunk, self.norm = nn.Linear(3, 8), nn.LayerNorm(8)
        self.left, self.right = nn.Linear(8, 1), nn.Linear(8, 2)
        self.double()

    def forward(self, X):
        h = torch.relu(self.norm(self.trunk(X)))
        return torch.cat([self.left(h), self.right(h)], 1)


class SquaredAndLabels(nn.Module):
    """Half the squared error of the first output, cross-entropy of the other two."""

    def __init__(self):
        super().__init__()
        self.first, self.rest = Loss("squared_error"), Loss("softmax")

    def activate(self, output):
        return torch.cat([output[:, :1], self.rest.activate(output[:, 1:])], 1)

    def rows(self, prediction, y, known=None):
        rest = self.rest.rows(prediction[:, 1:], y[:, 1:])
        return self.first.rows(prediction[:, :1], y[:, :1]) + rest

    def objective(self, output, y):
        rest = self.rest.objective(output[:, 1:], y[:, 1:])
        return torch.cat([self.first.objective(output[:, :1], y[:, :1]), rest], 1)

    def forward(self, output, y):
        return self.objective(output, y).sum(1).mean()


def _layers(seed=0):
    rng = np.random.default_rng(seed)
    return [
        DenseLayer(rng.normal(size=(3, 8)), rng.normal(size=8)),
        DenseLayer(rng.normal(size=(8, 3)), rng.normal(size=3)),
    ]


def _data(weighted=False):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(50, 3))
    y = np.column_stack([X[:, 0] - X[:, 1], np.eye(2)[(X[:, 2] > 0).astype(int)]])
    return TrainingData(X, y, rng.uniform(size=50) if weighted else None)


def _trained(network, criterion, phase=None, weighted=False, **params):
    net, history = make_net(network, criterion), History()
    settings = TrainingSettings(**(SETTINGS | params))
    phases, rng = [phase or Phase(5)], np.random.RandomState(0)
    with pytest.warns(UserWarning):  # the iterations are used up
        train(net, _data(weighted), phases, settings, rng, history)
    return history


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_training_by_autograd_is_training_in_closed_form(solver, weighted, dropout):
    if solver == "lbfgs" and dropout:
        pytest.skip("a random loss has no minimum")
    networks = [kind(_layers(), "tanh", 1, dropout) for kind in (DenseNetwork, Unknown)]
    phase = Phase(5, l2_to_start={"shared_layers.0": 0.1})
    size = {"batch_size": 50} if solver == "lbfgs" else {}
    known, unknown = (
        _trained(network, "squared_error", phase, weighted, solver=solver, **size)
        for network in networks
    )
    assert_allclose(unknown.loss_curve, known.loss_curve, rtol=1e-9)
    for ours, theirs in zip(*(network.parameters() for network in networks), strict=True):
        assert_allclose(ours.detach(), theirs.detach(), rtol=1e-7, atol=1e-9)


def test_the_implementation_follows_from_network_and_criterion():
    dense, unknown = DenseNetwork(_layers()), Unknown(_layers())
    for network, criterion, kind in [
        (dense, Loss("squared_error"), DenseGradient),
        (dense, SquaredAndLabels(), AutogradGradient),
        (unknown, Loss("squared_error"), AutogradGradient),
    ]:
        gradient = gradient_of(network, criterion, FlatParameters(network), 4)
        assert isinstance(gradient, kind)


@pytest.mark.parametrize("weighted", [False, True])
def test_several_heads_learn_under_a_criterion_of_their_own(weighted):
    network = TwoHeads()
    history = _trained(network, SquaredAndLabels(), weighted=weighted, max_iter=40, alpha=0.0)
    assert history.n_iter == 5
    history = _trained(network, SquaredAndLabels(), Phase(60), weighted, alpha=0.0)
    assert history.loss < 0.3 * history.loss_curve[0]


def test_frozen_layers_keep_their_bits_and_everything_else_moves():
    network = TwoHeads()
    before = copy.deepcopy(network)
    _trained(network, SquaredAndLabels(), Phase(5, {"trunk": 0.0, "left": 0.0}))
    for name, parameter in network.named_parameters():
        old = before.get_parameter(name).detach()
        if name.split(".")[0] in ("trunk", "left"):
            assert_array_equal(parameter.detach(), old)
        else:
            assert not torch.equal(parameter, old), name
        assert parameter.requires_grad


def test_an_unused_head_has_gradient_zero():
    network = TwoHeads()
    flat, y = FlatParameters(network), torch.zeros(4, 1, dtype=torch.float64)
    flat.gradient.fill_(7.0)
    network.forward = lambda X: network.left(torch.relu(network.trunk(X)))
    AutogradGradient(network, Loss("squared_error"), flat)(
        torch.ones(4, 3, dtype=torch.float64), y, None, torch.empty_like(y)
    )
    assert not network.right.weight.grad.any() and not network.norm.weight.grad.any()
    assert network.trunk.weight.grad.any()


def test_a_parameter_outside_the_named_layers_is_refused():
    network = TwoHeads()
    network.extra = nn.Parameter(torch.zeros(2))
    with pytest.raises(ValueError, match="layer_names"):
        FlatParameters(network)
