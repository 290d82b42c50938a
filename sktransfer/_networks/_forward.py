"""The forward pass in numpy: what ``predict`` runs.

Prediction reads the fitted arrays themselves, so it needs no torch, shares no state between
threads, and works on read-only memory maps.  Rows go through in chunks small enough that
activations stay in the processor's cache; memory does not grow with the table.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from sktransfer._records import OutActivation

#: Rows per chunk.
CHUNK_ROWS = 1024


def _softmax(z: np.ndarray) -> np.ndarray:
    z -= z.max(axis=1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    return z


_ACTIVATE = {
    "identity": lambda z: z,
    "logistic": lambda z: expit(z, out=z),
    "tanh": lambda z: np.tanh(z, out=z),
    "relu": lambda z: np.maximum(z, 0, out=z),
    "softmax": _softmax,
    "exp": lambda z: np.exp(z, out=z),
}


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
    activate = _ACTIVATE[activation]
    last = len(coefs) - 1
    for i, (weight, bias) in enumerate(zip(coefs, intercepts, strict=True)):
        X = X @ weight
        X += bias
        if i < last:
            X = activate(X)
    return activate_(X, out_activation)


def activate_(z: np.ndarray, out_activation: OutActivation) -> np.ndarray:
    """Values behind an activation, or several side by side, written over `z`."""
    if isinstance(out_activation, str):
        return _ACTIVATE[out_activation](z)
    start = 0
    for activation, n_outputs in out_activation:
        _ACTIVATE[activation](z[:, start : start + n_outputs])
        start += n_outputs
    return z
