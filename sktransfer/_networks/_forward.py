"""The forward pass in numpy: what ``predict`` runs.

Prediction reads the fitted arrays themselves, so it needs no torch, shares no state between
threads, and works on read-only memory maps.  Rows go through in chunks small enough that
activations stay in the processor's cache; memory does not grow with the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sktransfer._activations import activation_of
from sktransfer._records import OutActivation, TargetSchema

#: Rows per chunk.
CHUNK_ROWS = 1024


def forward(
    X: np.ndarray,
    coefs: Sequence[np.ndarray],
    intercepts: Sequence[np.ndarray],
    activation: str,
    out_activation: OutActivation = "identity",
) -> np.ndarray:
    """Outputs of a chain of dense layers.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
        Encoded inputs.
    coefs : sequence of ndarray of shape (n_inputs, n_outputs)
    intercepts : sequence of ndarray of shape (n_outputs,)
    activation : str
        Between the layers.
    out_activation : str or tuple of (str, int), default='identity'
        After the last one; for several tasks each one's, and its number of outputs.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    activate = activation_of(activation).in_place
    last = len(coefs) - 1
    for i, (weight, bias) in enumerate(zip(coefs, intercepts, strict=True)):
        X = X @ weight
        X += bias
        if i < last:
            X = activate(X)
    return activate_(X, out_activation)


def within_range(
    compute: Callable[[np.dtype], list[np.ndarray]], dtype: np.dtype
) -> list[np.ndarray]:
    """What is computed in a precision, or in double where single precision lacks its numbers.

    Mixed tables are computed in single precision, and may have numbers beyond 1e38.

    Parameters
    ----------
    compute : callable
        Is given the precision.
    dtype : numpy dtype
    """
    double = np.dtype(np.float64)
    if dtype != double:
        with np.errstate(over="ignore", invalid="ignore"):
            found = compute(dtype)
        if all(np.isfinite(one).all() for one in found):
            return found
    return compute(double)


def activate_(z: np.ndarray, out_activation: OutActivation) -> np.ndarray:
    """Values behind an activation, or several side by side, written over `z`."""
    if isinstance(out_activation, str):
        return activation_of(out_activation).in_place(z)
    start = 0
    for activation, n_outputs in out_activation:
        activation_of(activation).in_place(z[:, start : start + n_outputs])
        start += n_outputs
    return z


def to_mixing_scale(predictions: np.ndarray, target: TargetSchema) -> np.ndarray:
    """Predictions in the user's unit on the scale on which members are averaged.

    That is their own, and the logarithm where the loss is convex there alone.
    """
    if not mixes_logs(target):
        return predictions
    least = np.finfo(predictions.dtype).tiny
    return np.log(np.maximum(predictions, least))


def mixes_logs(target: TargetSchema) -> bool:
    """Whether members are averaged by the logarithms of what they predict."""
    return target.kind == "regression" and target.loss_function.mixes_logs


def in_users_unit(outputs: np.ndarray, target: TargetSchema) -> np.ndarray:
    """Regression outputs in the unit of the `y` that was fitted; others as they are."""
    if target.kind not in ("regression", "several"):  # others have no unit
        return outputs
    return outputs * target.scale.astype(outputs.dtype) + target.center.astype(outputs.dtype)
