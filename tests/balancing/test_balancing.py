"""Balancing several tasks: what each method promises, on problems with a known answer."""

import numpy as np
import pytest
import torch
from fitted import optimizer_of
from numpy.testing import assert_allclose, assert_array_equal

from sktransfer import MultiTaskMLP
from sktransfer._networks._dense import DenseNetwork
from sktransfer._records import DenseLayer
from sktransfer._training._balanced import BalancedGradient
from sktransfer._training._data import Batches, TrainingData
from sktransfer._training._flat import FlatParameters
from sktransfer._training._gradients import gradient_of
from sktransfer._training._losses import Loss
from sktransfer.balancing import BALANCINGS, Balancing, Equal, PCGrad, Uncertainty

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4))
SCORES = X @ rng.normal(size=(4, 3))
Y = {"kind": SCORES.argmax(1), "a": SCORES[:, 0], "b": SCORES[:, 1]}
MISSING = {name: np.where(rng.random(60) < 0.5, np.nan, values) for name, values in Y.items()}


def _make(**params):
    return MultiTaskMLP(**{"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0, **params})


class Constant(Balancing):
    """Fixed weights: what the others are built from."""

    def __init__(self, weights=(1.0, 1.0, 1.0)):
        self.weights = weights

    def step(self, backward, shared, state, rng):
        backward(np.array(self.weights))


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_constant_weights_of_one_are_equal_weights(solver):
    ones = _make(balancing=Constant(), solver=solver).fit(X, MISSING)
    equal = _make(solver=solver).fit(X, MISSING)
    for ours, theirs in zip(ones.coefs_, equal.coefs_, strict=True):
        assert_allclose(ours, theirs, rtol=1e-6, atol=1e-8)


def test_a_task_of_weight_zero_teaches_the_others_nothing():
    """Outputs stand in the order of names: a, b, kind."""
    without = _make(balancing=Constant((1.0, 0.0, 1.0))).fit(X, Y)
    other = _make(balancing=Constant((1.0, 0.0, 1.0))).fit(X, Y | {"b": Y["b"][::-1]})
    assert_array_equal(without.predict(X)["a"], other.predict(X)["a"])


def _problem(seed=0):
    """A network of two tasks, and its gradient on one batch with missing labels."""
    generator = np.random.default_rng(seed)
    layers = [
        DenseLayer(generator.normal(size=s), generator.normal(size=s[1])) for s in [(4, 6), (6, 3)]
    ]
    network, loss = DenseNetwork(layers, "tanh"), Loss((("softmax", 2), ("squared_error", 1)))
    y = np.column_stack([np.eye(2)[generator.integers(0, 2, 9)], generator.normal(size=9)])
    y[:3, :2], y[2:6, 2] = np.nan, np.nan
    flat = FlatParameters(network)
    (block,) = Batches(TrainingData(generator.normal(size=(9, 4)), y), 9, None).blocks()
    gradient = gradient_of(network, loss, flat, 9)
    return gradient, loss, flat, block.batches[0][:4]


def _balanced(balancing, seed=0):
    gradient, loss, flat, batch = _problem(seed)
    state = balancing.begin(2)
    random = np.random.RandomState(0)
    BalancedGradient(gradient, loss, flat, balancing, state, 1, random)(*batch)
    return flat.gradient.clone(), state


def test_equal_weights_give_the_gradient_of_the_sum():
    gradient, _, flat, batch = _problem()
    gradient(*batch)
    balanced, _ = _balanced(Equal())
    assert_allclose(balanced, flat.gradient, rtol=1e-12)


def test_uncertainty_descends_its_own_objective():
    """Weights and step of the log variances are those of Σ exp(-s) loss + s / 2."""
    gradient, loss, flat, (rows, y, share, prediction) = _problem()
    gradient(rows, y, share, prediction)
    known = (share > 0).double()
    first, second = loss.task_rows(prediction, y, known)
    means = np.array([float(first.sum()) / 6, float(second.sum()) / 5])
    balanced, state = _balanced(Uncertainty(learning_rate=0.1))
    assert_allclose(balanced, flat.gradient)
    assert_allclose(state, -0.1 * (0.5 - means))


@pytest.mark.parametrize("seed", range(6))
def test_pcgrad_moves_the_shared_layers_against_no_task(seed):
    gradient, _, flat, (rows, y, share, prediction) = _problem(seed)
    own = []
    for columns in (slice(0, 2), slice(2, 3)):
        of_task = torch.zeros_like(share)
        of_task[:, columns] = share[:, columns]
        gradient(rows, y, of_task, prediction)
        own.append(flat.gradient.clone())
    shared = torch.cat(
        [torch.full((t.numel(),), name == "task_layers.0") for name, t in flat.named_tensors]
    )
    balanced, _ = _balanced(PCGrad(), seed)
    assert_allclose(balanced[~shared], (own[0] + own[1])[~shared])
    conflict = float(torch.dot(own[0][shared], own[1][shared]))
    if conflict >= 0:
        assert_allclose(balanced, own[0] + own[1])
    for task in own:
        assert float(torch.dot(balanced[shared], task[shared])) >= -1e-12


@pytest.mark.parametrize("name", BALANCINGS)
def test_every_balancing_trains_with_missing_labels_and_in_chunks(name):
    model = _make(balancing=name, max_iter=40).fit(X, MISSING)
    assert model.loss_ < model.loss_curve_[0]
    classes = {"kind": [0, 1, 2]}
    model = _make(balancing=name).partial_fit(X, MISSING, classes=classes)
    model.partial_fit(X[:9], {key: values[:9] for key, values in MISSING.items()})
    assert np.isfinite(model.predict(X)["a"]).all()


@pytest.mark.parametrize("name", BALANCINGS)
def test_one_task_needs_no_balancing(name):
    balanced = _make(balancing=name).fit(X, {"a": Y["a"]})
    assert_array_equal(balanced.coefs_[0], _make().fit(X, {"a": Y["a"]}).coefs_[0])


def test_what_uncertainty_has_learned_is_kept_between_chunks():
    settings = {"balancing": Uncertainty(0.1), "batch_size": 20}
    model = _make(**settings).partial_fit(X, Y, classes={"kind": [0, 1, 2]})
    first = optimizer_of(model).balancing_state.copy()
    model.partial_fit(X, Y)
    assert (np.abs(optimizer_of(model).balancing_state) > np.abs(first)).any()


def test_bad_balancings_are_refused():
    with pytest.raises(ValueError, match="L-BFGS"):
        _make(balancing="pcgrad", solver="lbfgs").fit(X, Y)
    with pytest.raises(ValueError, match=r"balancing.*among.*fair"):
        _make(balancing="fair").fit(X, Y)
    with pytest.raises(ValueError, match="learning_rate"):
        _make(balancing=Uncertainty(learning_rate=0)).fit(X, Y)
