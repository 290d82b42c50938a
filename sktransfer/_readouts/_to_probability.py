"""Probabilities of classes from the scores of ridge regression on -1 and 1.

One scale per label for separate labels, ``σ(t s)``, and one temperature for several classes,
``softmax(t s)``, by the log loss of held-out scores.

References
----------
J. C. Platt, "Probabilistic Outputs for Support Vector Machines", Advances in Large Margin
Classifiers, MIT Press 2000.  C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy.special import logsumexp

#: The scale of scores whose mean is 2p - 1, and how many rows it counts for.
USUAL_SCALE, _PRIOR_ROWS = 2.7, 10.0
_SCALES = np.geomspace(0.3, 30.0, 9)
_REFINEMENTS = 4


def fit_score_scale(
    scores: np.ndarray,
    y: np.ndarray,
    kind: Literal["binary", "multiclass"],
    weight: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Choose the scale of out-of-fold scores.

    Parameters
    ----------
    scores : ndarray of shape (..., n_samples, n_outputs)
        Of one or several models.
    y : ndarray of shape (n_samples, n_outputs)
        Indicators; NaN where missing.
    kind : {'binary', 'multiclass'}
    weight : ndarray of shape (n_samples,), optional

    Returns
    -------
    scale : ndarray of shape (..., n_outputs) or (..., 1)
        Per model.
    loss : ndarray of the same shape
        Mean log loss at it, by the weights of rows.
    """
    losses, total = _losses(scores, y, kind, weight)
    n_scales = 1 if kind == "multiclass" else y.shape[1]
    center = np.full((*scores.shape[:-2], n_scales), np.sqrt(_SCALES[0] * _SCALES[-1]))
    factors = _SCALES / center.flat[0]
    for _ in range(_REFINEMENTS):
        tried = np.stack([center * factor for factor in factors])
        prior = 0.5 * _PRIOR_ROWS * np.log(tried / USUAL_SCALE) ** 2
        best = np.argmin([losses(one) for one in tried] + prior, axis=0)
        center = np.take_along_axis(tried, best[None], axis=0)[0]
        factors = factors ** (2 / (len(factors) - 1))
    return center, losses(center) / total


def loss_at_scale(
    scores: np.ndarray,
    y: np.ndarray,
    kind: Literal["binary", "multiclass"],
    weight: np.ndarray | None,
    scale: np.ndarray,
) -> np.ndarray:
    """Mean log loss of scores at known scales.

    Parameters
    ----------
    scores : ndarray of shape (..., n_samples, n_outputs)
    y, kind, weight : as of :func:`fit_score_scale`
    scale : ndarray of shape (..., n_outputs) or (..., 1)

    Returns
    -------
    ndarray of the shape of `scale`
    """
    losses, total = _losses(scores, y, kind, weight)
    mean: np.ndarray = losses(scale) / total
    return mean


def _losses(
    scores: np.ndarray,
    y: np.ndarray,
    kind: Literal["binary", "multiclass"],
    weight: np.ndarray | None,
) -> tuple[Callable[[np.ndarray], np.ndarray], np.ndarray]:
    """Sums of log losses over rows by scales, and the weight of the rows."""
    share = np.ones(len(y)) if weight is None else weight.astype(np.float64)
    share = share[:, None] * ~np.isnan(y)
    y = np.nan_to_num(y.astype(np.float64))
    total = np.maximum(share.sum(axis=0), 1e-300)
    if kind == "multiclass":
        share, total = share.max(axis=1), total.max(keepdims=True)

    def losses(scale: np.ndarray) -> np.ndarray:
        """Of shape (..., n_scales)."""
        scaled = scores * scale[..., None, :]
        if kind == "binary":
            return (share * (np.logaddexp(0, scaled) - y * scaled)).sum(axis=-2)
        found = logsumexp(scaled, axis=-1) - (y * scaled).sum(axis=-1)
        return (found * share).sum(axis=-1)[..., None]

    return losses, total
