"""Derivatives of a dense network's outputs by its weights, in numpy.

A layer's gradient by its weight is the outer product of the layer's inputs and of the derivative
by what enters its activation; it is never formed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from sktransfer._activations import InNumpy, activation_of
from sktransfer._networks._forward import CHUNK_ROWS
from sktransfer._records import TangentArrays


def layer_inputs(
    inputs: np.ndarray,
    coefs: Sequence[np.ndarray],
    intercepts: Sequence[np.ndarray],
    activation: str,
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """What enters every layer, and how steep the hidden layers' activations are there.

    Parameters
    ----------
    inputs : ndarray of shape (n_samples, n_inputs)
        Encoded rows.
    coefs, intercepts : sequence of ndarray of shape (n_inputs, n_outputs) and (n_outputs,)
    activation : str

    Returns
    -------
    values : list of ndarray of shape (n_samples, n_inputs), one per layer
    slopes : list of ndarray of shape (n_samples, n_units), one per hidden layer
    """
    values, slopes = [inputs], []
    entry = activation_of(activation)
    slope = cast("InNumpy", entry.slope)
    for weight, bias in zip(coefs[:-1], intercepts[:-1], strict=True):
        z = values[-1] @ weight
        z += bias
        before = z.copy() if entry.from_input else z
        values.append(entry.in_place(z))
        slopes.append(slope(before))
    return values, slopes


def layer_gradients(
    slopes: Sequence[np.ndarray], coefs: Sequence[np.ndarray], direction: np.ndarray
) -> list[np.ndarray]:
    """Derivatives of one combination of the outputs by what enters the hidden activations.

    Parameters
    ----------
    slopes : sequence of ndarray of shape (n_samples, n_units), one per hidden layer
    coefs : sequence of ndarray of shape (n_inputs, n_outputs)
    direction : ndarray of shape (n_outputs,)
        How the outputs are combined.

    Returns
    -------
    list of ndarray of shape (n_samples, n_units), one per hidden layer
    """
    gradients: list[np.ndarray] = []
    for slope, weight in zip(reversed(slopes), reversed(coefs[1:]), strict=True):
        behind = gradients[-1] @ weight.T if gradients else weight @ direction.astype(weight.dtype)
        gradients.append(behind * slope)
    return gradients[::-1]


def tangent_outputs(
    tangent: TangentArrays,
    inputs: np.ndarray,
    coefs: Sequence[np.ndarray],
    intercepts: Sequence[np.ndarray],
    activation: str,
) -> np.ndarray:
    """Predictions of a tangent model.

    One pass forward through the network, one backward per direction, and one product with each
    output's step per layer; no gradient by the weights is formed.

    Parameters
    ----------
    tangent : TangentArrays
    inputs : ndarray of shape (n_samples, n_inputs)
        Encoded rows.
    coefs, intercepts : sequence of ndarray of shape (n_inputs, n_outputs) and (n_outputs,)
        The network at which it was fitted.
    activation : str

    Returns
    -------
    ndarray of shape (n_samples, n_targets)
        In the precision of `inputs`.
    """
    coefs = [weight.astype(inputs.dtype, copy=False) for weight in coefs]
    intercepts = [bias.astype(inputs.dtype, copy=False) for bias in intercepts]
    outputs = np.empty((len(inputs), len(tangent.direction_of)), inputs.dtype)
    for at in range(0, len(inputs), CHUNK_ROWS):
        rows = slice(at, at + CHUNK_ROWS)
        values, slopes = layer_inputs(inputs[rows], coefs, intercepts, activation)
        outputs[rows] = tangent_of_layers(tangent, values, slopes, coefs)
    return outputs


def tangent_of_layers(
    tangent: TangentArrays,
    values: Sequence[np.ndarray],
    slopes: Sequence[np.ndarray],
    coefs: Sequence[np.ndarray],
) -> np.ndarray:
    """Predictions of a tangent model, where the pass forward has been made.

    Parameters
    ----------
    tangent : TangentArrays
    values, slopes : sequence of ndarray
        As of :func:`layer_inputs`.
    coefs : sequence of ndarray of shape (n_inputs, n_outputs)

    Returns
    -------
    ndarray of shape (n_samples, n_targets)
    """
    gradients = [layer_gradients(slopes, coefs, c) for c in tangent.directions.T]
    outputs = values[-1] @ tangent.head + tangent.intercept
    moved = [j for j, direction in enumerate(tangent.direction_of) if direction >= 0]
    for at, j in enumerate(moved):
        of_direction = gradients[tangent.direction_of[j]]
        for value, gradient, weight, bias in zip(
            values, of_direction, tangent.weights, tangent.biases, strict=False
        ):
            outputs[:, j] += np.einsum("nu,nu->n", value @ weight[at] + bias[at], gradient)
    return outputs


def tangent_kernel(
    rows: tuple[Sequence[np.ndarray], Sequence[np.ndarray]],
    others: tuple[Sequence[np.ndarray], Sequence[np.ndarray]],
    scale: np.ndarray,
) -> np.ndarray:
    """Products of the gradients by all weights, for all pairs of two sets of rows.

    ``Σ_l scale_l (1 + h_l · h_l') (d_l · d_l')`` with the inputs h of every layer and the
    derivatives d by what enters its activation; the output layer's d is 1.

    Parameters
    ----------
    rows, others : (values, gradients)
        As of :func:`layer_inputs` and :func:`layer_gradients`; no gradients for the output layer
        alone.
    scale : ndarray of shape (n_layers,)

    Returns
    -------
    ndarray of shape (n_rows, n_others)
    """
    (values, gradients), (other_values, other_gradients) = rows, others
    kernel = np.asarray(values[-1] @ other_values[-1].T)
    kernel += 1
    kernel *= scale[-1]
    for layer, (ours, theirs) in enumerate(zip(gradients, other_gradients, strict=True)):
        part = values[layer] @ other_values[layer].T
        part += 1
        part *= ours @ theirs.T
        part *= scale[layer]
        kernel += part
    return kernel
