"""Scores of predictions where some of the targets are not known."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import accuracy_score, r2_score

from sktransfer._losses import OutputLoss
from sktransfer._typing import Matrix


def known_accuracy(
    y_true: Matrix, y_pred: Matrix, missing: np.ndarray | None, weight: np.ndarray | None
) -> float:
    """Share of rows whose known labels are all predicted; rows without any are left out.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,) or (n_samples, n_labels)
    missing : ndarray of bool, shape (n_samples, n_labels), or None
        Entries of `y_true` that are not known.
    weight : array-like of shape (n_samples,) or None

    Returns
    -------
    float
        NaN where nothing is known.
    """
    if missing is None or not missing.any():
        return accuracy_score(y_true, y_pred, sample_weight=weight)
    rows = ~missing.all(axis=1)
    if not rows.any():
        return np.nan
    weight = None if weight is None else np.asarray(weight)[rows]
    hits = ((np.asarray(y_true) == np.asarray(y_pred)) | missing).all(axis=1)
    return float(np.average(hits[rows], weights=weight))


def known_r2(
    y_true: np.ndarray, y_pred: np.ndarray, missing: np.ndarray | None, weight: np.ndarray | None
) -> float:
    """R² of each output where it is known, in the mean over the outputs known anywhere.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,) or (n_samples, n_outputs)
    missing : ndarray of bool, shape (n_samples, n_outputs), or None
        Entries of `y_true` that are not known.
    weight : array-like of shape (n_samples,) or None

    Returns
    -------
    float
        NaN where nothing is known.
    """
    if missing is None or not missing.any():
        return r2_score(y_true, y_pred, sample_weight=weight)
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    weight = None if weight is None else np.asarray(weight)
    scores = [
        r2_score(y_true[rows, k], y_pred[rows, k], sample_weight=_at(weight, rows))
        for k, rows in enumerate(~missing.T)
        if rows.any()
    ]
    return float(np.mean(scores)) if scores else np.nan


def known_score(
    loss: OutputLoss,
    y_true: np.ndarray,
    y_pred: np.ndarray,
    missing: np.ndarray | None,
    weight: np.ndarray | None,
) -> float:
    """R², or D² by the loss itself, of each output where it is known, in the mean.

    D² is ``1 - loss / loss of the best constant``, as scikit-learn's ``d2_tweedie_score`` and
    ``d2_pinball_score`` have it.

    Parameters
    ----------
    loss : OutputLoss
        Its ``score_name`` says which.
    y_true, y_pred : array-like of shape (n_samples,) or (n_samples, n_outputs)
    missing : ndarray of bool, shape (n_samples, n_outputs), or None
        Entries of `y_true` that are not known.
    weight : array-like of shape (n_samples,) or None

    Returns
    -------
    float
        NaN where nothing is known.

    References
    ----------
    T. J. Hastie, R. J. Tibshirani, M. J. Wainwright, "Statistical Learning with Sparsity",
    equation 3.11, CRC Press 2015.
    """
    if loss.score_name == "R²":
        return known_r2(y_true, y_pred, missing, weight)
    y = np.asarray(y_true, np.float64).reshape(len(y_true), -1)
    prediction = np.asarray(y_pred, np.float64).reshape(y.shape)
    share = np.ones(len(y)) if weight is None else np.asarray(weight, np.float64)
    known = np.ones(y.shape, bool) if missing is None else ~missing.reshape(y.shape)
    scores = [
        _d2(loss, y[rows, k], prediction[rows, k], share[rows])
        for k, rows in enumerate((known & (share > 0)[:, None]).T)
        if rows.sum() > 1
    ]
    return float(np.mean(scores)) if scores else np.nan


def _d2(loss: OutputLoss, y: np.ndarray, prediction: np.ndarray, weight: np.ndarray) -> float:
    if loss.has_log_link:
        prediction = np.maximum(prediction, np.finfo(np.float64).tiny)
    best = loss.constant(y, weight)
    best = max(best, np.finfo(np.float64).tiny) if loss.has_log_link else best
    left, of_constant = (
        float(np.average(loss.entries(np, p, y), weights=weight))
        for p in (prediction, np.full_like(y, best))
    )
    if of_constant > 0:
        return 1 - left / of_constant
    return 1.0 if left <= 0 else 0.0  # as scikit-learn's R² of a constant


def _at(weight: np.ndarray | None, rows: np.ndarray) -> np.ndarray | None:
    return None if weight is None else weight[rows]
