"""The tangent kernel and its models against an explicit Jacobian."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from fitted import one_fast_in

from sktransfer._networks import tangent_outputs
from sktransfer._readouts._tangent import (
    source_gradients,
    tangent_arrays,
    tangent_directions,
)

SIZES = 4, 6, 5
ROWS = np.random.RandomState(0).randn(15, SIZES[0])
NEW = np.random.RandomState(1).randn(7, SIZES[0])


def chain(n_outputs, hidden=SIZES[1:]):
    rng = np.random.RandomState(2)
    sizes = (SIZES[0], *hidden, n_outputs)
    coefs = [rng.randn(a, b) for a, b in pairwise(sizes)]
    return coefs, [rng.randn(b) for b in sizes[1:]]


_TORCH = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "logistic": torch.sigmoid,
    "identity": lambda z: z,
}


def jacobian(rows, coefs, intercepts, activation, direction):
    """Per layer the gradient of combined outputs, of shape (n_rows, n_weights_of_the_layer)."""

    def output(layers, x):
        for i, (weight, bias) in enumerate(layers):
            x = x @ weight + bias
            x = _TORCH[activation](x) if i < len(layers) - 1 else x
        return x @ torch.from_numpy(direction)

    layers = [tuple(map(torch.from_numpy, layer)) for layer in zip(coefs, intercepts, strict=True)]
    of_row = torch.func.vmap(torch.func.grad(output), in_dims=(None, 0))
    found = of_row(layers, torch.from_numpy(rows))
    return [np.hstack([part.reshape(len(rows), -1).numpy() for part in layer]) for layer in found]


def own_directions(n_source, n_targets):
    """The first target outputs are the source's, in this order; others are unknown to it."""
    return np.eye(n_source, n_targets)


@pytest.mark.parametrize("most_own", [0, 40])
@pytest.mark.parametrize("activation", one_fast_in(3, _TORCH))
@pytest.mark.parametrize("n_source, n_targets", [(1, 1), (3, 3), (10, 5), (5, 10), (40, 40)])
def test_kernel_and_predictions_are_those_of_the_jacobian(
    n_source, n_targets, activation, most_own
):
    layers = chain(n_source)
    directions, direction_of = tangent_directions(
        own_directions(n_source, n_targets), 0, most_own=most_own
    )
    n_own = min(n_source, n_targets)
    assert directions.shape[1] == (
        1 if not most_own or n_source == 1 else n_own + (n_targets > n_own)
    )
    gradients = source_gradients(ROWS, *layers, activation, directions)
    coef = np.random.RandomState(3).randn(len(ROWS), n_targets)
    expected = np.empty((len(NEW), n_targets))
    for j, at in enumerate(direction_of):
        on_rows = jacobian(ROWS, *layers, activation, directions[:, at])
        on_new = jacobian(NEW, *layers, activation, directions[:, at])
        sizes = [np.mean(np.sum(part**2, axis=1)) * len(on_rows) for part in on_rows]
        kernel = sum(part @ part.T / size for part, size in zip(on_rows, sizes, strict=True))
        np.testing.assert_allclose(gradients.kernel(at), kernel, atol=1e-12)
        step = [part.T @ coef[:, j] / size for part, size in zip(on_rows, sizes, strict=True)]
        expected[:, j] = sum(part @ s for part, s in zip(on_new, step, strict=True))
    arrays = tangent_arrays(gradients, direction_of, coef)
    found = tangent_outputs(arrays, NEW, *layers, activation)
    np.testing.assert_allclose(found, expected, atol=1e-11)


def test_an_output_that_the_source_does_not_know_can_read_the_last_hidden_layer_alone():
    layers = chain(3)
    own = own_directions(3, 5)[:, [3, 0, 4]]
    directions, direction_of = tangent_directions(own, 0, unmatched="output_layer")
    assert direction_of == (-1, 0, -1)
    gradients = source_gradients(ROWS, *layers, "tanh", directions)
    hidden = [np.hstack([gradients.values[-1], np.ones((len(ROWS), 1))])]
    kernel = gradients.kernel(-1)
    np.testing.assert_allclose(kernel, hidden[0] @ hidden[0].T / np.mean(hidden[0] ** 2) / 6)
    coef = np.random.RandomState(3).randn(len(ROWS), 3)
    arrays = tangent_arrays(gradients, direction_of, coef)
    assert arrays.weights[0].shape == (1, 4, 6)
    found = tangent_outputs(arrays, ROWS, *layers, "tanh")
    np.testing.assert_allclose(found[:, [0, 2]], kernel @ coef[:, [0, 2]])


def test_directions_of_one_line_share_a_kernel():
    own = np.array([[-0.5, 0.5, 0.0], [0.0, 0.0, 2.0]])
    directions, direction_of = tangent_directions(own, 0)
    assert direction_of == (0, 0, 1)
    assert directions.shape == (2, 2)


def test_a_source_without_hidden_layers_has_a_linear_kernel():
    layers = chain(1, hidden=())
    gradients = source_gradients(ROWS, *layers, "relu", np.ones((1, 1)))
    linear = 1 + ROWS @ ROWS.T
    np.testing.assert_allclose(gradients.kernel(), linear / np.mean(linear.diagonal()))


def test_every_layer_counts_alike_by_the_weights_of_rows():
    weight = np.arange(15.0)
    gradients = source_gradients(ROWS, *chain(2), "relu", np.ones((2, 1)), weight)
    np.testing.assert_allclose(np.average(gradients.kernel().diagonal(), weights=weight), 1)
    twice = np.repeat(np.arange(15), np.arange(15))
    repeated = source_gradients(ROWS[twice], *chain(2), "relu", np.ones((2, 1)))
    np.testing.assert_allclose(gradients.scales, repeated.scales)


def test_single_precision_stays_single_and_is_close():
    layers, rows = chain(2), ROWS.astype(np.float32)
    coef = np.random.RandomState(3).randn(len(ROWS), 1)
    exact = tangent_arrays(source_gradients(ROWS, *layers, "tanh", np.ones((2, 1))), (0,), coef)
    arrays = tangent_arrays(source_gradients(rows, *layers, "tanh", np.ones((2, 1))), (0,), coef)
    assert {a.dtype for a in (*arrays.weights, arrays.head)} == {np.dtype(np.float32)}
    found = tangent_outputs(arrays, NEW.astype(np.float32), *layers, "tanh")
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, tangent_outputs(exact, NEW, *layers, "tanh"), atol=1e-4)


def test_chunks_of_rows_change_nothing():
    layers = chain(1)
    rows = np.random.RandomState(4).randn(2500, SIZES[0])
    gradients = source_gradients(rows, *layers, "relu", np.ones((1, 1)))
    coef = np.random.RandomState(3).randn(len(rows), 1)
    arrays = tangent_arrays(gradients, (0,), coef)
    np.testing.assert_allclose(
        tangent_outputs(arrays, rows, *layers, "relu"), gradients.kernel() @ coef, atol=1e-9
    )
