"""The location of a member in closed form: where ridge regression minimises another loss.

Ridge regression predicts means, of amounts means of logarithms.  A constant moves them to what
the loss asks for: a median, a quantile, the logarithm of a mean.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sktransfer._losses import OutputLoss
from sktransfer._networks import to_predictions
from sktransfer._readouts._closed_form import ClosedFormFit, Learning

#: Rows that no move at all counts for.
_PRIOR_ROWS = 5.0


def located(learning: Learning, fit: ClosedFormFit) -> ClosedFormFit:
    """A member moved by the constant with the least loss of its held-out predictions.

    The constant of a fold's test rows is chosen on the others, so that they stay held out.

    Parameters
    ----------
    learning : Learning
    fit : ClosedFormFit

    Returns
    -------
    ClosedFormFit
        The same where the loss is a squared error or a log loss, nothing is held out, or it is the
        source as it is.
    """
    loss, pairs = learning.loss_function, learning.pairs
    if learning.is_classes or not (loss.is_robust or learning.kind == "amount") or not pairs:
        return fit
    if fit.is_source_as_it_is:
        return fit
    tested = np.concatenate([test for _, test in pairs])
    y = np.asarray(learning.y, np.float64)[tested]
    weight = np.ones(len(y)) if learning.weight is None else learning.weight[tested]
    scale = np.ones(y.shape[1]) if learning.target is None else learning.target.scale

    def moves(scores: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return _moves(loss, y[rows], scores[rows], weight[rows], scale)

    def moved(predictions: np.ndarray) -> np.ndarray:
        scores = _scores(learning, predictions)
        by_others = scores + moves(scores, np.arange(len(y)))
        for part, rest in learning.rests():
            by_others[part] = scores[part] + moves(scores, rest)
        return to_predictions(by_others, None, learning.kind)

    held_out = moved(fit.held_out)
    of_all = moves(_scores(learning, fit.held_out), np.arange(len(y)))
    return replace(
        fit,
        held_out=held_out,
        loss=learning.loss(held_out),
        fields=fit.fields | {"intercept": fit.fields["intercept"] + of_all},
        cross_fitted=None if fit.cross_fitted is None else moved(fit.cross_fitted),
    )


def _scores(learning: Learning, predictions: np.ndarray) -> np.ndarray:
    if learning.kind == "amount":
        return np.log(np.maximum(predictions, 1e-300))
    return predictions


def _moves(
    loss: OutputLoss,
    y: np.ndarray,
    scores: np.ndarray,
    weight: np.ndarray,
    scale: np.ndarray,
) -> np.ndarray:
    """The shift of each output, shrunk to 0."""
    moves = np.zeros(y.shape[1])
    for k in range(y.shape[1]):
        known = (weight > 0) & ~np.isnan(y[:, k])
        if not known.any():
            continue
        target, score, share = y[known, k], scores[known, k], weight[known]
        if loss.has_log_link:
            # what is predicted is an exposure: a weight on the amount per exposure
            exposure = np.exp(score)
            rate = loss.constant(
                target / exposure, share * exposure ** (2 - float(loss.power or 0))
            )
            move = np.log(max(rate, 1e-300))
        else:
            move = scale[k] * loss.constant((target - score) / scale[k], share)
        moves[k] = move * share.sum() / (share.sum() + _PRIOR_ROWS)
    return moves
