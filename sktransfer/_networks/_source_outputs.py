"""Outputs of a source that has predictions and no layers."""

from __future__ import annotations

import numpy as np
from scipy.special import logit, logsumexp

from sktransfer._preprocessing import bounded, under_names
from sktransfer._records import DenseLayer, NumbersOfRates, OutputMap, TablePredictor, TargetSchema
from sktransfer._typing import TableLike

#: Logits of probabilities are taken as they are up to the first, and never reach the second: the
#: order of rows is kept, however sure a source is of them.
_AS_IT_IS, _MOST = 7.0, 8.0
#: Probabilities of separate labels are not taken to be closer to 0 and 1 when they become logits.
_LEAST = float(np.exp(-_MOST))

#: Logarithms of rates are not taken to be further from 0.
_FURTHEST = 300.0
#: Predicted amounts are not taken to be less when they become logarithms.
_LEAST_AMOUNT = 1e-9


def as_linear_outputs(outputs: np.ndarray, target: TargetSchema) -> np.ndarray:
    """Numbers that a source predicts as linear outputs of a target: logarithms behind a log link.

    Parameters
    ----------
    outputs : ndarray of shape (n_samples, n_outputs)
    target : TargetSchema

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    if target.kind != "regression" or not target.loss_function.has_log_link:
        return outputs
    return np.log(np.maximum(outputs, _LEAST_AMOUNT))


def mapped_outputs(outputs: np.ndarray, output_map: OutputMap) -> np.ndarray:
    """A source's linear outputs as the target's.

    Of merged classes the probabilities add up, of logarithms of rates the rates are numbers.

    Parameters
    ----------
    outputs : ndarray of shape (n_samples, n_source_outputs)
    output_map : DenseLayer, MergedClasses or NumbersOfRates

    Returns
    -------
    ndarray of shape (n_samples, n_targets)
    """
    if isinstance(output_map, NumbersOfRates):
        outputs = np.exp(np.clip(outputs.astype(np.float64), -_FURTHEST, _FURTHEST))
        output_map = output_map.layer
    if isinstance(output_map, DenseLayer):
        return outputs @ output_map.weight + output_map.bias
    n_classes = max(2, output_map.n_outputs)
    of_class = [outputs[:, output_map.target_class == k] for k in range(n_classes)]
    logits = np.column_stack([logsumexp(one, axis=1) for one in of_class])
    return logits[:, 1:] - logits[:, :1] if output_map.n_outputs == 1 else logits


def source_outputs(
    predictor: TablePredictor, X: TableLike, names: tuple[str, ...] | None
) -> np.ndarray:
    """Linear outputs of a source by its predictions: logits of probabilities, or numbers.

    Parameters
    ----------
    predictor : sktransfer.sources.Predictor
    X : table of shape (n_samples, n_features)
        As the user gave it.
    names : tuple of str or None
        What the columns of an array are called, or None where a fit had no names.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    target = predictor.target
    assert target is not None
    X = under_names(X, names, predictor.names)
    if target.kind in ("binary", "multiclass"):
        logs = predictor.log_probabilities(X, names)
        logits = logs[:, 1:] - logs[:, :1] if target.kind == "binary" else logs
        return bounded(logits, _AS_IT_IS, _MOST)
    outputs = np.asarray(predictor.outputs(X, names), np.float64)
    if target.kind == "regression":
        return outputs
    return logit(np.clip(outputs, _LEAST, 1 - _LEAST))
