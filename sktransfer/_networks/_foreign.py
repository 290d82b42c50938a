"""Predictions of members that wrap another package's estimator."""

from __future__ import annotations

from typing import cast

import numpy as np

from sktransfer._records import ForeignModel, TargetSchema
from sktransfer._typing import Classifier, TableLike


def foreign_predictions(
    model: ForeignModel, features: TableLike, target: TargetSchema
) -> np.ndarray:
    """Probabilities, or numbers in the user's unit.

    Parameters
    ----------
    model : ForeignModel
    features : table
        What it reads.
    target : TargetSchema

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    if target.kind == "regression":
        predicted = model.estimator.predict(features)
        return np.asarray(predicted, np.float64).reshape(-1, target.n_outputs)
    estimator = cast("Classifier", model.estimator)
    found = estimator.predict_proba(features)
    if target.kind == "multilabel":
        return _of_labels(found, estimator.classes_)
    outputs = np.zeros((len(found), max(2, len(target.labels))))
    outputs[:, np.asarray(estimator.classes_).astype(int).ravel()] = found
    return outputs[:, 1:2] if target.kind == "binary" else outputs


def _of_labels(
    found: np.ndarray | list[np.ndarray], classes: np.ndarray | list[np.ndarray]
) -> np.ndarray:
    """Probabilities of separate labels, whichever form they come in."""
    if not isinstance(found, list):
        return np.asarray(found, np.float64)
    columns = []
    for of_label, known in zip(found, classes, strict=True):
        at = np.flatnonzero(np.asarray(known).astype(int) == 1)
        columns.append(of_label[:, at[0]] if len(at) else np.zeros(len(of_label)))
    return np.column_stack(columns)
