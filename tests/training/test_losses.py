"""Losses of several tasks side by side, with missing targets."""

import copy
import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sktransfer._losses import loss_of
from sktransfer._networks._dense import DenseNetwork
from sktransfer._networks._forward import forward
from sktransfer._records import DenseLayer
from sktransfer._training._autograd import AutogradGradient
from sktransfer._training._data import Batches, TrainingData
from sktransfer._training._flat import FlatParameters
from sktransfer._training._gradients import DenseGradient
from sktransfer._training._losses import Loss, mean_loss

FEW = settings(max_examples=25, deadline=None, derandomize=True, database=None)
#: Regression tasks have one output: the loss is the mean over outputs, the gradient is not.
BLOCKS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["softmax", "logistic", "poisson", "gamma", "tweedie(1.5)"]),
            st.integers(1, 3),
        ),
        st.tuples(
            st.sampled_from(["squared_error", "absolute_error", "huber", "quantile(0.9)"]),
            st.just(1),
        ),
    ),
    min_size=1,
    max_size=4,
).map(tuple)


def _target(rng, loss, n, k):
    if loss == "softmax":
        return np.eye(k)[rng.integers(0, k, n)]
    if loss == "logistic":
        return rng.integers(0, 2, (n, k)).astype(float)
    y = rng.normal(size=(n, k))
    return np.round(np.exp(y)) + (loss == "gamma") if loss_of(loss).has_log_link else y


def _targets(rng, blocks, n):
    """Targets of all tasks, with missing entries: a task's outputs are missing together."""
    parts = []
    for activation, k in blocks:
        y = _target(rng, activation, n, k)
        y[rng.random(n) < 0.4] = np.nan
        parts.append(y)
    return np.hstack(parts)


def _network(rng, sizes):
    layers = [
        DenseLayer(rng.normal(size=(m, n)), rng.normal(size=n))
        for m, n in itertools.pairwise(sizes)
    ]
    return DenseNetwork(layers, "tanh", 0, 0.0)


@pytest.mark.parametrize("weighted", [False, True])
@given(blocks=BLOCKS, n=st.integers(1, 7), seed=st.integers(0, 9))
@FEW
def test_the_gradient_of_tasks_with_missing_targets_is_autograds(weighted, blocks, n, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, 3)), _targets(rng, blocks, n)
    weight = rng.uniform(0.1, 3, n) if weighted else None
    network = _network(rng, (3, 5, y.shape[1]))
    twin = copy.deepcopy(network)
    of_blocks = [rng.uniform(0.1, 10, 1 if loss == "softmax" else k) for loss, k in blocks]
    sizes = tuple(
        size for (_, k), own in zip(blocks, of_blocks, strict=True) for size in np.resize(own, k)
    )
    criterion = Loss(blocks, sizes)

    filled, known = torch.nan_to_num(torch.tensor(y)), torch.tensor(~np.isnan(y)).double()
    rows = criterion.rows(criterion.activate(twin(torch.tensor(X))), filled, known)
    share = (
        torch.full((n,), 1 / n, dtype=torch.float64)
        if weight is None
        else torch.tensor(weight / weight.sum())
    )
    (rows * share).sum().backward()

    flat = FlatParameters(network)
    (block,) = Batches(TrainingData(X, y, weight), n, None).blocks()
    (batch,) = block.batches
    DenseGradient(network, criterion, flat, n)(*batch[:4])
    unknown = copy.deepcopy(network)
    AutogradGradient(unknown, criterion, FlatParameters(unknown))(*batch[:4])
    for ours, same in zip(network.layers, unknown.layers, strict=True):
        assert_allclose(ours.weight.grad, same.weight.grad, rtol=1e-10, atol=1e-10)
    for ours, theirs in zip(network.layers, twin.layers, strict=True):
        assert_allclose(ours.weight.grad, theirs.weight.grad, rtol=1e-10, atol=1e-10)
        assert_allclose(ours.bias.grad, theirs.bias.grad, rtol=1e-10, atol=1e-10)
    rows = criterion.rows(block.predictions, block.y, block.known)
    assert_allclose(
        block.mean_losses(rows) / n,
        mean_loss(block.predictions.numpy(), y, weight, blocks, sizes),
    )


@given(blocks=BLOCKS, seed=st.integers(0, 9))
@FEW
def test_the_loss_of_several_tasks_is_the_sum_of_each_ones_over_its_known_rows(blocks, seed):
    rng = np.random.default_rng(seed)
    y = _targets(rng, blocks, 8)
    prediction = Loss(blocks).activate(torch.tensor(rng.normal(size=y.shape)))
    total, start = 0.0, 0
    for loss, k in blocks:
        here = slice(start, start + k)
        known = ~np.isnan(y[:, start])
        rows = Loss(loss).rows(prediction[known, here], torch.tensor(y[known, here]))
        total, start = total + float(rows.sum()) / 8, start + k
    assert mean_loss(prediction.numpy(), y, None, blocks) == pytest.approx(total)


@pytest.mark.parametrize("loss", ["softmax", "logistic", "squared_error", "huber", "gamma"])
def test_one_task_is_the_ordinary_loss_bit_for_bit(loss):
    rng = np.random.default_rng(0)
    y, output = torch.tensor(_target(rng, loss, 9, 3)), torch.tensor(rng.normal(size=(9, 3)))
    alone, of_one = Loss(loss), Loss(((loss, 3),))
    assert_array_equal(of_one.activate(output), alone.activate(output))
    prediction = of_one.activate_(output.clone())
    assert_array_equal(prediction, alone.activate_(output.clone()))
    assert_array_equal(of_one.rows(prediction, y), alone.rows(prediction, y))


def test_prediction_has_each_tasks_own_output_activation():
    rng = np.random.default_rng(0)
    blocks = (("softmax", 3), ("identity", 1), ("logistic", 2), ("exp", 1))
    losses = (("softmax", 3), ("huber", 1), ("logistic", 2), ("poisson", 1))
    network = _network(rng, (4, 5, 7))
    X = rng.normal(size=(6, 4))
    coefs = [layer.weight.detach().numpy().T for layer in network.layers]
    intercepts = [layer.bias.detach().numpy() for layer in network.layers]
    expected = Loss(losses).activate(network(torch.tensor(X))).detach()
    assert_allclose(forward(X, coefs, intercepts, "tanh", blocks), expected, rtol=1e-12)
