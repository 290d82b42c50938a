"""Scores of predictions where some of the targets are not known."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, r2_score


def known_accuracy(y_true: Any, y_pred: Any, missing: np.ndarray | None, weight: Any) -> float:
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


def known_r2(y_true: Any, y_pred: Any, missing: np.ndarray | None, weight: Any) -> float:
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


def _at(weight: np.ndarray | None, rows: np.ndarray) -> np.ndarray | None:
    return None if weight is None else weight[rows]
