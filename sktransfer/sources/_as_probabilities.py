"""Numbers of what an estimator predicts: a classifier's margins, labels or probabilities, too."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, softmax
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV

from sktransfer._preprocessing import bounded
from sktransfer._records import TargetSchema
from sktransfer._typing import ArrayLike
from sktransfer.sources._fitted_columns import steps_of
from sktransfer.sources._refusals import refused_columns, refused_labels, refused_outputs

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

#: Margins are logits up to the first, and never reach the second, beyond which probabilities are
#: taken for 0 and 1: the order of rows is kept, whatever the size of their margins.
_LOGIT, _MOST = 5.0, 8.0


def numbers_of(
    out: np.ndarray | list[np.ndarray], label: str, n_outputs: int | None
) -> np.ndarray:
    """What a regression predicts, of shape (n_samples, n_outputs).

    Parameters
    ----------
    out : array-like of shape (n_samples,) or (n_samples, n_outputs)
    label : str
        What messages call the source.
    n_outputs : int or None
        How many numbers a row were expected.
    """
    try:
        numbers: np.ndarray = np.asarray(out, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise refused_labels(label, out) from error
    numbers = numbers.reshape(len(numbers), -1)
    if n_outputs not in (None, numbers.shape[1]):
        raise refused_outputs(label, numbers.shape[1])
    return numbers


def probabilities_of(
    out: np.ndarray | list[np.ndarray], target: TargetSchema, method: str, estimator: BaseEstimator
) -> np.ndarray:
    """Probabilities of what a method of a classifier gave.

    Parameters
    ----------
    out : ndarray, or a list of them, a table of probabilities per label
    target : TargetSchema
    method : {'predict_proba', 'decision_function', 'predict'}
    estimator : object
        The fitted classifier.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
        Of two classes only the second's.
    """
    if isinstance(out, list):
        return np.column_stack(
            [
                one[:, -1] if one.shape[1] > 1 else np.full(len(one), float(classes[0]))
                for one, classes in zip(out, estimator.classes_, strict=True)
            ]
        )
    if method == "predict":
        return indicators_of_labels(out, target)
    if method == "decision_function":
        if getattr(steps_of(estimator)[-1], "decision_function_shape", "") == "ovo":
            out = _margins_of_pairs(out, target.n_outputs) if target.kind == "multiclass" else out
        return probabilities_of_margins(out, target)
    scores: np.ndarray = np.asarray(out).astype(np.float64, copy=False)
    n_columns = 2 if target.kind == "binary" else target.n_outputs
    if scores.shape[1:] != (n_columns,):
        raise refused_columns(type(steps_of(estimator)[-1]).__name__, scores.shape, target)
    return scores[:, 1:] if target.kind == "binary" else scores


def threshold_of(estimator: BaseEstimator) -> float | None:
    """The probability from which on a classifier predicts a label, where it has its own."""
    last = steps_of(estimator)[-1]
    is_one = isinstance(last, FixedThresholdClassifier | TunedThresholdClassifierCV)
    if not is_one or not hasattr(last, "predict_proba"):
        return None
    threshold = getattr(last, "best_threshold_", getattr(last, "threshold", "auto"))
    return None if isinstance(threshold, str) else float(threshold)


def probabilities_of_margins(margins: np.ndarray, target: TargetSchema) -> np.ndarray:
    """Probabilities of a ``decision_function``, whose unit is its own.

    Small margins are logits.  Those of a linear model on large numbers can be of any size.

    Parameters
    ----------
    margins : ndarray of shape (n_samples,) or (n_samples, n_outputs)
    target : TargetSchema

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    margins = np.asarray(margins).astype(np.float64, copy=False)
    if target.kind == "multiclass":
        behind = margins.max(axis=1, keepdims=True) - margins
        return np.asarray(softmax(-bounded(behind, _LOGIT, _MOST), axis=1))
    margins = margins.reshape(len(margins), -1)
    return np.asarray(expit(bounded(margins, _LOGIT, _MOST)))


def _margins_of_pairs(margins: np.ndarray, n_classes: int) -> np.ndarray:
    """A margin per class, of those of pairs of classes: positive ones are for the first.

    Votes and, of as many, the sum of margins: what scikit-learn calls ``'ovr'`` of such margins.
    """
    votes, sums = np.zeros((2, len(margins), n_classes))
    for column, (one, other) in enumerate(combinations(range(n_classes), 2)):
        margin = margins[:, column]
        votes[:, one] += margin >= 0
        votes[:, other] += margin < 0
        sums[:, one] += margin
        sums[:, other] -= margin
    return np.asarray(votes + sums / (3 * (np.abs(sums) + 1)))


def indicators_of_labels(labels: ArrayLike, target: TargetSchema) -> np.ndarray:
    """0 and 1 for predicted labels.

    Parameters
    ----------
    labels : array-like of shape (n_samples,) or (n_samples, n_labels)
    target : TargetSchema

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    labels = np.asarray(labels)
    if target.kind == "multilabel":
        return labels.astype(np.float64).reshape(len(labels), -1)
    equal = labels.reshape(-1, 1) == np.asarray(target.classes)[None, :]
    return np.asarray(equal[:, 1:] if target.kind == "binary" else equal, np.float64)
