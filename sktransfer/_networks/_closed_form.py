"""Predictions of members that were fitted in closed form, in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
from scipy.special import expit, logsumexp

from sktransfer._networks._forward import CHUNK_ROWS
from sktransfer._networks._tangent import tangent_of_layers, tangent_outputs
from sktransfer._records import AdditiveArrays, ClosedForm, ColumnScale, RbfArrays, Recalibration

#: Logarithms of amounts are not taken to be further from 0.
_FURTHEST = 300.0
#: What a row is multiplied by for the exponents of its kernels, by the function they make up.
_EXPONENTS: WeakKeyDictionary[RbfArrays, np.ndarray] = WeakKeyDictionary()


def closed_form_predictions(
    model: ClosedForm,
    inputs: np.ndarray,
    coefs: Sequence[np.ndarray] = (),
    intercepts: Sequence[np.ndarray] = (),
    activation: str = "identity",
    columns: np.ndarray | None = None,
    outputs: np.ndarray | None = None,
    layers: tuple[Sequence[np.ndarray], Sequence[np.ndarray]] | None = None,
) -> np.ndarray:
    """Probabilities or numbers that a member predicts.

    Parameters
    ----------
    model : ClosedForm
    inputs : ndarray of shape (n_samples, n_inputs)
        Encoded rows, as the network takes them.
    coefs, intercepts : sequence of ndarray of shape (n_inputs, n_outputs) and (n_outputs,)
        The source's layers, where the model has a tangent.
    activation : str
        Of their hidden layers.
    columns : ndarray of shape (n_samples, n_inputs), optional
        Where columns are read, if not in `inputs`.
    outputs : ndarray of shape (n_samples, n_source_outputs), optional
        The source's outputs, where the model reads them: logits, logarithms of rates, or numbers
        in the unit of the target.  An offset needs one per target output.
    layers : (values, slopes), optional
        As of :func:`layer_inputs`, where the source's layers have been run.

    Returns
    -------
    ndarray of shape (n_samples, n_targets)
        In double precision.
    """
    scores = np.empty((len(inputs), len(model.intercept)))
    scores[:] = model.intercept
    if model.offset is not None:
        scores += to_scores(recalibrate(model.offset, _given(outputs)), model.kind)
    if model.output_scale is not None:
        scores += scaled_columns(model.output_scale, _given(outputs)) @ model.outputs
    if model.columns is not None:
        z = scaled_columns(model.columns, inputs if columns is None else columns)
        if model.linear is not None:
            scores += z @ model.linear
        if model.rbf is not None:
            scores += rbf_outputs(model.rbf, z)
        if model.additive is not None:
            scores += additive_outputs(model.additive, z)
    if model.tangent is not None and layers is not None:
        scores += tangent_of_layers(model.tangent, *layers, coefs)
    elif model.tangent is not None:
        scores += tangent_outputs(model.tangent, inputs, coefs, intercepts, activation)
    return to_predictions(scores, model.score_scale, model.kind)


def _given(outputs: np.ndarray | None) -> np.ndarray:
    if outputs is None:
        raise ValueError("This model reads the source's outputs, and got none; give outputs.")
    return outputs.astype(np.float64, copy=False)


def recalibrate(model: Recalibration, outputs: np.ndarray) -> np.ndarray:
    """A source's outputs, updated.

    Parameters
    ----------
    model : Recalibration
    outputs : ndarray of shape (n_samples, n_outputs)

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    return outputs * model.slope + model.intercept


def to_scores(outputs: np.ndarray, kind: str) -> np.ndarray:
    """Outputs in the unit of ridge regression: ``2p - 1`` of classes, which is ``tanh(f / 2)``.

    Amounts are learned by their logarithms, counts as they are.

    Parameters
    ----------
    outputs : ndarray of shape (n_samples, n_outputs)
        Logits, logarithms of rates, or numbers.
    kind : {'binary', 'multiclass', 'number', 'count', 'amount'}

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    if kind == "binary":
        return np.tanh(outputs / 2)
    if kind == "multiclass":
        return 2 * softmax(outputs) - 1
    return np.exp(np.minimum(outputs, 700.0)) if kind == "count" else outputs


def to_predictions(scores: np.ndarray, scale: np.ndarray | None, kind: str) -> np.ndarray:
    """Probabilities of scores, amounts of their logarithms, or numbers as they are.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_outputs)
    scale : ndarray of shape (n_outputs,) or (1,), or None
        None for scores that are ``2p - 1``.  Of counts the least rate, of
        amounts the largest mean.
    kind : {'binary', 'multiclass', 'number', 'count', 'amount'}
        Separate labels, or classes of which each row has one; rates are at least 0.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    if kind == "number":
        return scores
    if kind == "count":
        return np.maximum(scores, 0.0 if scale is None else scale)
    if kind == "amount":
        means = np.exp(np.clip(scores, -_FURTHEST, _FURTHEST))
        return means if scale is None else np.minimum(means, scale)
    if scale is None:
        return (1 + scores) / 2
    return expit(scores * scale) if kind == "binary" else softmax(scores * scale)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities of classes, which stand on the last axis."""
    return np.exp(scores - logsumexp(scores, axis=-1, keepdims=True))


def scaled_columns(scale: ColumnScale, inputs: np.ndarray) -> np.ndarray:
    """Standardised columns.

    Parameters
    ----------
    scale : ColumnScale
    inputs : ndarray of shape (n_samples, n_inputs)

    Returns
    -------
    ndarray of float64, shape (n_samples, n_columns)
    """
    z = inputs[:, scale.position].astype(np.float64)
    z -= scale.center
    z /= scale.scale
    if np.isfinite(scale.limit):
        np.clip(z, -1e6, 1e6, out=z)
        z /= np.sqrt(1.0 + np.square(z / scale.limit))
    return z


def rbf_outputs(rbf: RbfArrays, z: np.ndarray) -> np.ndarray:
    """Values of a function of standardised columns.

    Parameters
    ----------
    rbf : RbfArrays
    z : ndarray of shape (n_samples, n_columns)

    Returns
    -------
    ndarray of shape (n_samples, n_targets)
    """
    matrix = _EXPONENTS.get(rbf)
    if matrix is None:
        matrix = _EXPONENTS[rbf] = _exponents(rbf)
    n_columns = z.shape[1]
    outputs = np.empty((len(z), rbf.weight.shape[1]))
    for at in range(0, len(z), CHUNK_ROWS):
        rows = z[at : at + CHUNK_ROWS]
        # the squares and a one behind each row: one product is the whole exponent
        wide = np.empty((len(rows), n_columns + 2))
        wide[:, :n_columns] = rows
        np.einsum("nc,nc->n", rows, rows, out=wide[:, n_columns])
        wide[:, -1] = 1.0
        kernel = wide @ matrix
        np.minimum(kernel, 0.0, out=kernel)
        outputs[at : at + CHUNK_ROWS] = np.exp(kernel, out=kernel) @ rbf.weight
    return outputs


def _exponents(rbf: RbfArrays) -> np.ndarray:
    """``-gamma |z - z'|²`` of all landmarks as a product of ``(z, |z|², 1)`` and this matrix."""
    squares = np.einsum("nc,nc->n", rbf.landmarks, rbf.landmarks)
    parts = [2 * rbf.landmarks.T, np.full((1, len(squares)), -1.0), -squares[None]]
    return rbf.gamma * np.concatenate(parts)


def additive_outputs(additive: AdditiveArrays, z: np.ndarray) -> np.ndarray:
    """Values of a sum of functions of standardised columns.

    Parameters
    ----------
    additive : AdditiveArrays
    z : ndarray of shape (n_samples, n_columns)

    Returns
    -------
    ndarray of shape (n_samples, n_targets)
    """
    weight = additive.weight.reshape(-1, additive.weight.shape[2])
    outputs = np.empty((len(z), weight.shape[1]))
    for at in range(0, len(z), CHUNK_ROWS):
        rows = z[at : at + CHUNK_ROWS, additive.position]
        outputs[at : at + CHUNK_ROWS] = bumps(rows, additive.knots).reshape(len(rows), -1) @ weight
    return outputs


def bumps(z: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """``exp(-(z - knot)² / 2)`` of every entry and knot, of shape (*z.shape, n_knots)."""
    distance = z[..., None] - knots
    np.square(distance, out=distance)
    distance *= -0.5
    return np.asarray(np.exp(distance, out=distance))


def rbf_kernel(z: np.ndarray, others: np.ndarray, gamma: float) -> np.ndarray:
    """``exp(-gamma |z - z'|²)`` for all pairs of two sets of rows."""
    squared = z @ others.T
    squared *= -2
    squared += np.einsum("nc,nc->n", z, z)[:, None]
    squared += np.einsum("nc,nc->n", others, others)
    np.maximum(squared, 0, out=squared)
    squared *= -gamma
    return np.exp(squared, out=squared)
