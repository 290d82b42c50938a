"""A source's predictions, updated on few rows: as they are, a new intercept, slope and intercept.

The source's output f becomes ``f + b + (s - 1)(f - mean f)``: in the unit of y for numbers, as a
logit for classes (one slope and an intercept for each of several), as the logarithm of a rate for
counts and amounts.  Slope and intercept are shrunk to 1 and 0, strongly or weakly.  A negative
slope would turn the source's predictions round.  It is shrunk to -1 instead of 1, and used only
where it explains the target so much better than a slope from 0 on that its likelihood is e³ times
as large: the rows are new to the source, so that one parameter's likelihood is evidence on
held-out rows.  A slope of numbers from 8 on is mostly another unit of y, such as a currency: it
is the one of least squares, not shrunk, where that makes the likelihood e⁶ times as large.  A
slope of 0 would forget the order of the rows, which the source may know though few rows do not
show it: of logits a spread of .05 is left.

References
----------
E. W. Steyerberg et al., "Validation and updating of predictive logistic regression models",
Statistics in Medicine 23, 2004.  Y. Vergouwe et al., "A closed testing procedure to select an
appropriate method for updating prediction models", Statistics in Medicine 36, 2017.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp

from sktransfer._losses import OutputLoss, loss_of
from sktransfer._networks import recalibrate, to_scores
from sktransfer._readouts._kernel_ridge import Offset
from sktransfer._records import OutputKind, Recalibration

#: Probabilities are not taken to be closer to 0 and 1 when they become logits.
LEAST_PROBABILITY = float(np.exp(-8.0))


@dataclass(frozen=True)
class Rung:
    """How much of a source's predictions is updated.

    Attributes
    ----------
    name : str
    slope, intercept : float
        How strongly they are shrunk to 1 and 0, infinite for one that stays: the penalty
        ``½ slope (s - 1)² + ½ intercept b²`` on a log likelihood.  Errors of numbers are normal,
        of the size that least squares leave.  Their intercept may be of any size, since another
        origin can be any distance away:
        ``t² / (t² + 2 intercept)`` of it is left, with t its size in standard errors.
    """

    name: str
    slope: float = np.inf
    intercept: float = np.inf


#: From the source as it is to slope and intercept that are nearly free.
LADDER = (
    Rung("as_is"),
    Rung("intercept_strong", np.inf, 1.0),
    Rung("intercept_weak", np.inf, 0.1),
    Rung("slope_strong", 16.0, 1.0),
    Rung("slope_weak", 1.0, 0.1),
)
#: Log likelihood that a negative slope has to gain.
_CLEAR = 3.0
#: The rows that the prior slope of a logit counts for at most (scores from -1 to 1 are not logits,
#: and few rows must be enough to see it), and the most information of a row on a slope, p (1 - p)
#: in squares of its logit.
_MOST_ROWS, _MOST_OF_A_ROW = 40.0, 0.25
#: A slope from which on a negative one is not thought of.
_DOUBTFUL = 0.5
#: The least slope of numbers by least squares that is taken for another unit of y.
_OTHER_UNIT = 8.0
#: Standard deviation of logits that is left where the rows would rather have a constant.
_LEAST_SPREAD = 0.05
_MOST_STEPS = 50
#: Logarithms of rates are not taken to be further from 0.
_FURTHEST = 300.0


@dataclass(frozen=True, eq=False)
class RecalibrationFit:
    """One rung of the ladder, on all rows and on the training rows of every fold.

    Attributes
    ----------
    rung : Rung
    of_all : Recalibration
    by_fold : tuple of Recalibration
    """

    rung: Rung
    of_all: Recalibration
    by_fold: tuple[Recalibration, ...]

    def held_out(self, outputs: np.ndarray, pairs: Sequence) -> np.ndarray:
        """Recalibrated outputs of the test rows, pair after pair, by what their folds have fitted.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs)
        pairs : sequence of (train, test)

        Returns
        -------
        ndarray of shape (n_tested, n_outputs)
        """
        parts = [
            recalibrate(fold, outputs[test])
            for fold, (_, test) in zip(self.by_fold, pairs, strict=True)
        ]
        return np.concatenate([np.empty((0, outputs.shape[1])), *parts])

    def offset(self, outputs: np.ndarray, kind: OutputKind) -> Offset:
        """What other models start from: scores from -1 to 1 for classes, else numbers.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs)
        kind : {'binary', 'multiclass', 'number', 'count', 'amount'}

        Returns
        -------
        Offset
        """
        values, *by_fold = (
            to_scores(recalibrate(one, outputs), kind) for one in (self.of_all, *self.by_fold)
        )
        return Offset(values, tuple(by_fold))


def to_logits(probabilities: np.ndarray, kind: OutputKind) -> np.ndarray:
    """Outputs of a source that gives probabilities.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_outputs)
        Of each label or class, clipped to at least e⁻⁸ (and at most 1 - e⁻⁸ for separate labels).
    kind : {'binary', 'multiclass'}

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    if kind == "multiclass":
        return np.log(np.maximum(probabilities, LEAST_PROBABILITY))
    clipped = np.clip(probabilities, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    return np.log(clipped) - np.log1p(-clipped)


def recalibration_ladder(
    outputs: np.ndarray,
    y: np.ndarray,
    kind: OutputKind,
    weight: np.ndarray | None = None,
    pairs: Sequence[tuple[np.ndarray, np.ndarray]] = (),
    ladder: Sequence[Rung] = LADDER,
    loss: OutputLoss | None = None,
) -> list[RecalibrationFit]:
    """Update a source's predictions, on all rows and without each fold's test rows.

    Parameters
    ----------
    outputs : ndarray of shape (n_samples, n_outputs)
        The source's, of the same meaning as `y`: logits, numbers in its unit, or logarithms of
        rates.
    y : ndarray of shape (n_samples, n_outputs)
        Indicators of labels or classes, or numbers; NaN where missing.
    kind : {'binary', 'multiclass', 'number', 'count', 'amount'}
    weight : ndarray of shape (n_samples,), optional
    pairs : sequence of (train, test), optional
    ladder : sequence of Rung, optional
    loss : OutputLoss, optional
        Of amounts; that of counts is Poisson's.

    Returns
    -------
    list of RecalibrationFit
        One per rung.
    """
    outputs, y = outputs.astype(np.float64), y.astype(np.float64)
    weight = np.ones(len(y)) if weight is None else weight.astype(np.float64)
    rates = loss_of("poisson") if kind == "count" else loss if kind == "amount" else None
    if rates is not None and rates.name != "poisson":
        weight = weight / rates.dispersion(y, weight)
    times = [np.bincount(train, minlength=len(y)) for train, _ in pairs]
    return [
        RecalibrationFit(
            rung,
            _fit(outputs, y, weight, kind, rung, rates),
            tuple(_fit(outputs, y, weight * of_fold, kind, rung, rates) for of_fold in times),
        )
        for rung in ladder
    ]


def _fit(
    outputs: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    kind: OutputKind,
    rung: Rung,
    rates: OutputLoss | None = None,
) -> Recalibration:
    n_outputs = outputs.shape[1]
    weight = weight[:, None] * ~np.isnan(y)
    rows = weight.any(axis=1)
    if np.isinf(rung.intercept) or not rows.any():
        return Recalibration(np.ones(n_outputs), np.zeros(n_outputs))
    outputs, y, weight = outputs[rows], np.nan_to_num(y[rows]), weight[rows]
    slope, intercept, loss = _not_turned(outputs, y, weight, kind, rung, rates)
    if not np.isinf(rung.slope) and (slope < _DOUBTFUL).any():
        is_logit = kind in ("binary", "multiclass")
        mirror = np.zeros(n_outputs) if is_logit else 2 * _mean(outputs, weight)
        turned = _not_turned(mirror - outputs, y, weight, kind, rung, rates)
        better = (slope < _DOUBTFUL) & (turned[2] < loss - _CLEAR)
        intercept = np.where(better, turned[1] + turned[0] * mirror, intercept)
        slope = np.where(better, -turned[0], slope)
        if is_logit:
            center, least = _mean(outputs, weight), _least_slope(outputs, weight, kind)
            more = np.where(better, 0.0, np.maximum(least - slope, 0.0))
            slope, intercept = slope + more, intercept - more * center
    return Recalibration(slope, intercept)


def _least_slope(outputs: np.ndarray, weight: np.ndarray, kind: OutputKind) -> np.ndarray:
    """Slopes that keep the source's order of rows though their probabilities hardly differ."""
    spread = np.sqrt(_mean((outputs - _mean(outputs, weight)) ** 2, weight))
    if kind == "multiclass":  # one slope for all
        spread = np.full_like(spread, spread.max())
    return np.minimum(_LEAST_SPREAD / np.maximum(spread, 1e-12), 1.0)


def _mean(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return (weight * values).sum(axis=0) / np.maximum(weight.sum(axis=0), 1e-300)


def _not_turned(outputs, y, weight, kind: OutputKind, rung: Rung, rates: OutputLoss | None):
    """Slopes from 0 on, intercepts, and penalised losses, one per output."""
    center = _mean(outputs, weight)
    if kind == "number":
        slope, shift, loss = _of_numbers(outputs - center, y - outputs, weight, rung)
    elif kind == "multiclass":
        slope, shift, loss = _of_classes(outputs, outputs - center, y, weight, rung)
    else:
        slope, shift, loss = _of_labels(outputs, outputs - center, y, weight, rung, rates)
    return slope, shift + (1 - slope) * center, loss


def _strength_of_slope(rung: Rung, centered, weight, is_logit: bool = True) -> np.ndarray:
    """How strongly slopes are shrunk, one per output; 0 for those that stay."""
    if np.isinf(rung.slope):
        return np.zeros(centered.shape[1])
    if not is_logit:
        return np.full(centered.shape[1], rung.slope)
    of_rows = _MOST_ROWS * _MOST_OF_A_ROW * _mean(centered**2, weight)
    return np.clip(of_rows, 1e-6, rung.slope)


def _of_numbers(centered, residual, weight, rung: Rung):
    """The size of the errors by least squares, then slope and intercept."""
    total = weight.sum(axis=0)
    free = np.maximum(total - 2, 1e-300)
    shift = _mean(residual, weight)
    change = penalty = np.zeros(len(total))

    def squares():
        return (weight * (residual - shift - change * centered) ** 2).sum(axis=0)

    if not np.isinf(rung.slope):
        square, product = ((weight * centered * by).sum(axis=0) for by in (centered, residual))
        change = of_unit = product / np.maximum(square, 1e-300)
        least = squares()
        change = product / np.maximum(square + rung.slope * least / free, 1e-300)
        change = np.where(total > 2, np.maximum(change, -1.0), 0.0)
        penalty = 0.5 * rung.slope * change**2
        gained = 0.5 * free * np.log(np.maximum(squares(), 1e-300) / np.maximum(least, 1e-300))
        # The factor is estimated from the rows, so that it takes more evidence than a turn.
        is_other = (total > 2) & (1 + of_unit >= _OTHER_UNIT) & (gained + penalty > 2 * _CLEAR)
        change, penalty = np.where(is_other, of_unit, change), np.where(is_other, 0.0, penalty)
    left = squares()
    loss = 0.5 * free * np.log(np.maximum(left, 1e-300)) + penalty
    noise = 2 * rung.intercept * left / free / total
    return 1 + change, shift**3 / np.maximum(shift**2 + noise, 1e-300), loss


def _of_labels(outputs, centered, y, weight, rung: Rung, rates: OutputLoss | None):
    """Newton's method for every output by itself: its slope and its intercept."""
    free = np.full(y.shape[1], not np.isinf(rung.slope))
    slopes = _strength_of_slope(rung, centered, weight, rates is None)
    strength = np.array([slopes, np.full_like(slopes, rung.intercept)])

    def value(params):
        f = outputs + params[1] + (params[0] - 1) * centered
        loss, _, _ = _of_scores(f, y, rates)
        penalty = strength[0] * (params[0] - 1) ** 2 + strength[1] * params[1] ** 2
        return f, (weight * loss).sum(axis=0) + 0.5 * penalty

    def descend(params, moves):
        f, best = value(params)
        for _ in range(_MOST_STEPS):
            _, along_f, curvature = _of_scores(f, y, rates)
            g, h = weight * along_f, weight * curvature
            along = np.array([(g * centered).sum(axis=0), g.sum(axis=0)])
            along += strength * (params - np.array([[1.0], [0.0]]))
            ss, bb = (h * centered**2).sum(axis=0) + strength[0], h.sum(axis=0) + strength[1]
            sb = np.where(moves, (h * centered).sum(axis=0), 0.0)
            ss, along[0] = np.where(moves, ss, 1.0), np.where(moves, along[0], 0.0)
            step = np.array([bb * along[0] - sb * along[1], ss * along[1] - sb * along[0]])
            step /= np.maximum(ss * bb - sb**2, 1e-300)
            params, f, found = _shortened(value, params, step, best)
            if (best - found <= 1e-12 * (1 + abs(best))).all():
                break
            best = found
        return params, value(params)[1]

    params, loss = descend(np.array([np.ones(len(free)), np.zeros(len(free))]), free)
    below = free & (params[0] < 0)
    if below.any():
        start = np.where(below, np.array([[0.0], [0.0]]), params)
        params, loss = descend(start, free & ~below)
    return params[0], params[1], loss


def _of_scores(f, y, rates: OutputLoss | None):
    """Loss of logits, or of logarithms of rates, and its first two derivatives."""
    if rates is None:
        p = expit(f)
        return np.logaddexp(0, f) - y * f, p - y, p * (1 - p)
    f = np.clip(f, -_FURTHEST, _FURTHEST)
    rate = np.exp(f)
    return rates.objective(np, f, y), rates.slope(np, rate, y), rates.curvature(rate, y)


def _shortened(value, params, step, best):
    """The longest of some halved steps of each output that does not go uphill."""
    length = np.ones(params.shape[-1])
    for _ in range(30):
        f, found = value(params - length * step)
        uphill = ~(found <= best)
        if not uphill.any():
            break
        length = np.where(uphill, length / 2, length)
    length = np.where(found <= best, length, 0.0)
    f, found = value(params - length * step)
    return params - length * step, f, found


def _of_classes(outputs, centered, y, weight, rung: Rung):
    """Newton's method for one slope and an intercept per class."""
    n_classes = y.shape[1]
    slope = _strength_of_slope(rung, 2 * centered, weight).mean()  # 0 and f are f/2 on each side
    strength = np.r_[slope, [rung.intercept] * n_classes]
    weight = weight.max(axis=1)  # classes are missing all at once
    origin = np.r_[1.0, np.zeros(n_classes)]

    def value(params):
        f = outputs + params[1:, 0] + (params[0, 0] - 1) * centered
        loss = logsumexp(f, axis=1) - (y * f).sum(axis=1)
        penalty = strength @ (params[:, 0] - origin) ** 2
        return f, np.array([weight @ loss + 0.5 * penalty])

    def descend(params, moves):
        f, best = value(params)
        for _ in range(_MOST_STEPS):
            p = np.exp(f - logsumexp(f, axis=1, keepdims=True))
            mean = (p * centered).sum(axis=1, keepdims=True)
            along = np.r_[(weight @ ((p - y) * centered)).sum(), weight @ (p - y)] + strength * (
                params[:, 0] - origin
            )
            hessian = np.diag(strength)
            hessian[0, 0] += weight @ (p * (centered - mean) ** 2).sum(axis=1)
            hessian[0, 1:] = hessian[1:, 0] = weight @ (p * (centered - mean))
            hessian[1:, 1:] += np.diag(weight @ p) - (p.T * weight) @ p
            if not moves:
                hessian[0], hessian[:, 0], along[0] = 0.0, 0.0, 0.0
                hessian[0, 0] = 1.0
            step = np.linalg.solve(hessian, along)[:, None]
            params, f, found = _shortened(value, params, step, best)
            if best - found <= 1e-12 * (1 + abs(best)):
                break
            best = found
        return params, value(params)[1]

    is_free = not np.isinf(rung.slope)
    params, loss = descend(origin[:, None].copy(), is_free)
    if is_free and params[0, 0] < 0:
        params, loss = descend(np.zeros((n_classes + 1, 1)), False)
    return np.full(n_classes, params[0, 0]), params[1:, 0], loss
