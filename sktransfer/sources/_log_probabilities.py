"""Logarithms of probabilities next to 0 and 1, where numbers lose their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sktransfer._compat import safe_indexing
from sktransfer._typing import CheckedTable
from sktransfer.sources._fitted_columns import steps_of

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

#: Probabilities below have lost digits, or the probability of the other class has.
_LEAST = 1e-12
#: What is taken for 0.
_TINY = np.finfo(np.float64).tiny


def logs_of(probabilities: np.ndarray) -> np.ndarray:
    """Logarithms, finite for 0."""
    logs: np.ndarray = np.log(np.maximum(probabilities, _TINY))
    return logs


def log_probabilities(
    estimator: BaseEstimator, table: CheckedTable, probabilities: np.ndarray
) -> np.ndarray:
    """Logarithms of an estimator's probabilities, its own where these are next to 0.

    Those of naive Bayes are 0 and 1 to the last digit for most rows, whose order only
    ``predict_log_proba`` has.

    Parameters
    ----------
    estimator : object
    table : table of shape (n_samples, n_features)
        Made of the estimator's own columns.
    probabilities : ndarray of shape (n_samples, n_classes)
        What its ``predict_proba`` gives for the table.

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
        Finite.
    """
    logs = logs_of(probabilities)
    rows = np.flatnonzero(probabilities.min(axis=1) < _LEAST)
    last = steps_of(estimator)[-1]
    counts_votes = hasattr(last, "tree_") or hasattr(last, "estimators_")
    if not len(rows) or counts_votes or not hasattr(estimator, "predict_log_proba"):
        return logs
    some = safe_indexing(table, rows)
    try:
        with np.errstate(divide="ignore"):
            exact = np.asarray(estimator.predict_log_proba(some), dtype=np.float64)
    except Exception:  # its probabilities do without
        return logs
    if exact.shape != (len(rows), logs.shape[1]):
        return logs
    # an estimator whose two methods differ is one by its probabilities
    same = np.abs(np.exp(exact) - probabilities[rows]).max(axis=1) < 1e-6
    logs[rows[same]] = np.where(np.isfinite(exact), exact, logs[rows])[same]
    return logs
