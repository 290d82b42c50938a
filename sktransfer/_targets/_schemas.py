"""Labels and numbers to network outputs."""

from __future__ import annotations

import numpy as np
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.class_weight import compute_sample_weight

from sktransfer._preprocessing import TINY
from sktransfer._records import TargetSchema

_KINDS = {"binary": "binary", "multiclass": "multiclass", "multilabel-indicator": "multilabel"}


def classification_schema(binarizer: LabelBinarizer) -> TargetSchema:
    """What the outputs of a classifier mean.

    Parameters
    ----------
    binarizer : LabelBinarizer
        Fitted on the labels.

    Returns
    -------
    TargetSchema
    """
    kind = _KINDS[binarizer.y_type_]
    n_classes = len(binarizer.classes_)
    if kind == "multiclass" and n_classes <= 2:
        kind = "binary"  # partial_fit was told two classes and saw them as a list of labels
    n_outputs = 1 if kind == "binary" else n_classes
    return TargetSchema(kind, n_outputs, classes=binarizer.classes_)  # type: ignore[arg-type]


def encode_labels(y: np.ndarray, binarizer: LabelBinarizer) -> np.ndarray:
    """What a binarizer makes of known labels, as booleans, without checking them again.

    Returns
    -------
    ndarray of bool, shape (n_samples, n_outputs)
    """
    classes = binarizer.classes_
    if y.ndim != 1 or len(classes) == 1:
        return binarizer.transform(y).astype(bool)
    if len(classes) == 2:
        return (y == classes[1])[:, np.newaxis]
    return y[:, np.newaxis] == classes


def decode_labels(outputs: np.ndarray, binarizer: LabelBinarizer) -> np.ndarray:
    """The labels of network outputs.

    Parameters
    ----------
    outputs : ndarray of shape (n_samples, n_outputs)
        Probabilities.
    binarizer : LabelBinarizer

    Returns
    -------
    ndarray of shape (n_samples,), or (n_samples, n_outputs) of indicators
    """
    classes = binarizer.classes_
    if binarizer.y_type_ not in ("binary", "multiclass") or len(classes) == 1:
        return binarizer.inverse_transform(outputs.ravel() if outputs.shape[1] == 1 else outputs)
    if len(classes) == 2:
        return classes[(outputs[:, 0] > 0.5).view(np.int8)]
    return classes[outputs.argmax(axis=1)]


def regression_schema(
    y: np.ndarray,
    sample_weight: np.ndarray | None,
    loss: str,
    standardize: bool,
    kept: TargetSchema | None = None,
) -> TargetSchema:
    """What the outputs of a regressor mean.

    Parameters
    ----------
    y : ndarray of shape (n_samples, n_outputs)
        NaN where missing.
    sample_weight : ndarray of shape (n_samples,) or None
    loss : {'squared_error', 'poisson'}
    standardize : bool
        Whether outputs are standardised; never for 'poisson', whose outputs are rates.
    kept : TargetSchema, optional
        The source's, where its output layer is kept and fixes the scale.

    Returns
    -------
    TargetSchema
    """
    n_outputs = y.shape[1]
    if kept is not None:
        return TargetSchema("regression", n_outputs, None, loss, kept.center, kept.scale)
    if not standardize or loss == "poisson":
        return TargetSchema("regression", n_outputs, None, loss)
    center, scale = _moments(y, sample_weight)
    scale[scale <= np.maximum(TINY, 1e-12 * np.abs(center))] = 1.0
    return TargetSchema("regression", n_outputs, None, loss, center, scale)


def _moments(y: np.ndarray, weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each column's known entries; 0 and 0 where there are none."""
    missing = np.isnan(y)
    if missing.any():
        weight = ~missing * (1.0 if weight is None else weight[:, None])
        y, weight = np.where(missing, 0.0, y), np.where(weight.any(0), weight, 1.0)
    center = np.average(y, axis=0, weights=weight)
    return center, np.sqrt(np.average((y - center) ** 2, axis=0, weights=weight))


def balanced_weight(class_weight, y: np.ndarray, sample_weight: np.ndarray | None):
    """Sample weights with `class_weight` multiplied in, None if all are one."""
    if class_weight is None:
        return sample_weight
    weight = compute_sample_weight(class_weight, y)
    return weight if sample_weight is None else weight * sample_weight
