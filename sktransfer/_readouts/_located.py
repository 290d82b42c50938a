"""The location of a member in closed form: where ridge regression minimises another loss.

Ridge regression predicts means, of amounts means of logarithms.  A constant moves them to what
the loss asks for: a median, a quantile, the logarithm of a mean.

Rates are bounded.  Means of counts can be below 0, and a rate of 0 has an infinite deviance where
anything is counted: they get a least rate.  A Newton step of a logarithm is nine where an amount
is ten times its mean: no mean is taken to be far above the largest amount.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sktransfer._losses import OutputLoss
from sktransfer._networks import recalibrate, to_predictions
from sktransfer._readouts._closed_form import ClosedFormFit, Learning

#: Rows that no move at all counts for.
_PRIOR_ROWS = 5.0
#: Least rates of counts that are tried, in units of their mean, and the one where no row is held
#: out.
_LEAST_RATES = 0.5 ** np.arange(1, 11)
_USUAL_LEAST_RATE = 0.125
#: Rows with the mean count, predicted to have the least rate, that are added to the held-out rows.
_ROWS_OF_MEAN = 0.5
#: How many times the largest amount a mean can be.
_TIMES_LARGEST = 2.0
#: A mean count, and a largest amount, are not taken to be less.
_FEWEST = 1e-300


def located(learning: Learning, fit: ClosedFormFit) -> ClosedFormFit:
    """A member moved by the constant with the least loss of its held-out predictions, and bounded.

    Counts are not moved, but get a least rate.  The constant of a fold's test rows is chosen on
    the others, so that they stay held out.

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
    if learning.kind == "count":
        return fit if fit.strength is None else _with_least_rates(learning, fit)
    fit = _moved(learning, fit)
    return _with_largest_means(learning, fit) if learning.kind == "amount" else fit


def _moved(learning: Learning, fit: ClosedFormFit) -> ClosedFormFit:
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


def _with_least_rates(learning: Learning, fit: ClosedFormFit) -> ClosedFormFit:
    """A member of counts whose rates are at least what held-out rows say."""
    tested, y = learning.task.tested, np.asarray(learning.y, np.float64)
    weight = np.ones(len(y)) if learning.weight is None else learning.weight
    share = ~np.isnan(y) * weight[:, None]
    y = np.nan_to_num(y)
    mean = (share * y).sum(axis=0) / np.maximum(share.sum(axis=0), 1e-300)

    def bounded(predictions: np.ndarray) -> np.ndarray:
        by_others = np.maximum(predictions, least(predictions, slice(None)))
        for part, rest in learning.rests():
            by_others[part] = np.maximum(predictions[part], least(predictions, rest))
        return by_others

    def least(predictions: np.ndarray, rows: slice | np.ndarray) -> np.ndarray:
        at = tested[rows]
        return _least_rates(y[at], predictions[rows], share[at], mean)

    held_out = bounded(fit.held_out)
    return replace(
        fit,
        held_out=held_out,
        loss=learning.loss(held_out),
        fields=fit.fields | {"score_scale": least(fit.held_out, slice(None))},
        cross_fitted=None if fit.cross_fitted is None else bounded(fit.cross_fitted),
    )


def _least_rates(
    y: np.ndarray, predictions: np.ndarray, share: np.ndarray, mean: np.ndarray
) -> np.ndarray:
    """The bound of each output with the least deviance of held-out rows.

    A row of the mean count counts among them, so that no bound is 0.
    """
    least = np.full(len(mean), _USUAL_LEAST_RATE)
    for k in np.flatnonzero(mean > 0) if share.any() else ():
        known = share[:, k] > 0
        counts, rates = y[known, k] / mean[k], predictions[known, k] / mean[k]
        bounded = np.maximum(rates, _LEAST_RATES[:, None])
        deviance = (bounded - counts * np.log(bounded)) @ share[known, k]
        prior = _ROWS_OF_MEAN * (_LEAST_RATES - np.log(_LEAST_RATES))
        least[k] = _LEAST_RATES[np.argmin(deviance + prior)]
    return np.asarray(least * np.maximum(mean, _FEWEST))


def _with_largest_means(learning: Learning, fit: ClosedFormFit) -> ClosedFormFit:
    """A member of amounts that predicts none far above the largest that it has learned from.

    What starts from a source may also be as large as the source predicts for these rows.
    """
    if fit.strength is None:
        return fit
    known = np.ones(len(learning.y)) if learning.weight is None else learning.weight
    y = np.where((known > 0)[:, None], np.nan_to_num(np.asarray(learning.y, np.float64)), 0.0)
    offset = fit.fields["offset"]
    if offset is not None and learning.outputs is not None:
        of_source = to_predictions(recalibrate(offset, learning.outputs), None, learning.kind)
        y = np.maximum(y, of_source)

    def largest(rows: np.ndarray) -> np.ndarray:
        return np.asarray(_TIMES_LARGEST * np.maximum(y[rows].max(axis=0), _FEWEST))

    of_tested = [
        np.tile(largest(train), (len(test), 1)) for train, test in learning.pairs if len(test)
    ]
    bounds = np.concatenate([np.empty((0, y.shape[1])), *of_tested])
    held_out = np.minimum(fit.held_out, bounds)
    return replace(
        fit,
        held_out=held_out,
        loss=learning.loss(held_out),
        fields=fit.fields | {"score_scale": largest(np.arange(len(y)))},
        cross_fitted=None if fit.cross_fitted is None else np.minimum(fit.cross_fitted, bounds),
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
