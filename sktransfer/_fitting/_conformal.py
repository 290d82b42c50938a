"""How far held-out predictions were off, and the intervals and sets that follow from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sktransfer._fitting._folds import Folds
from sktransfer._preprocessing import Table
from sktransfer._records import HeldOutScores, Origin, TargetSchema, n_scores

#: Rows of a stream that scores rest on at most, so that a change is noticed.
_WINDOW = 1000.0
#: Of a row; scores of a stream that count for less are forgotten.
_LEAST_COUNT = 0.01
#: Rows that no dependence of the spread on the prediction counts for.
_PRIOR_ROWS = 50.0
#: Standard deviations of the predictions beyond which the spread stays the same.
_FARTHEST = 3.0
#: Of the median error: smaller ones contain no information about the spread.
_LEAST_ERROR = 0.01


def held_out_scores(
    predictions: np.ndarray,
    held_out: Table,
    target: TargetSchema,
    folds: Folds,
    ratio: np.ndarray | None = None,
) -> HeldOutScores:
    """Scores of out-of-fold predictions.

    Parameters
    ----------
    predictions : ndarray of shape (n_tested, n_outputs)
        Out-of-fold predictions, with strengths and weights that were chosen on the rows of other
        folds.
    held_out : Table
        These rows.
    target : TargetSchema
    folds : Folds
    ratio : ndarray of shape (n_tested,), optional
        How much more each row counts for than one of the rows that will be predicted.

    Returns
    -------
    HeldOutScores
    """
    times = np.bincount(folds.tested)[folds.tested]
    origin: Origin = "folds" if len(folds.pairs) > 1 else "holdout"
    if target.kind != "regression":
        improbable = _improbability(predictions, held_out.y, target)
        return _record(improbable, held_out, _constant_spread(target), origin, times, ratio)
    errors = _errors(predictions, held_out.y, held_out)
    center, scale = predictions.mean(axis=0), predictions.std(axis=0)
    scale = np.where(scale > 1e-12 * np.abs(center), scale, 1.0)
    at = np.clip((predictions - center) / scale, -_FARTHEST, _FARTHEST)
    scores = np.empty_like(errors)
    parts = folds.parts(held_out.groups)
    for number in np.unique(parts):
        tested = parts == number
        slopes = _slopes(at[~tested], errors[~tested])
        scores[tested] = errors[tested] / np.exp(slopes * at[tested])
    return _record(scores, held_out, (_slopes(at, errors), center, scale), origin, times, ratio)


def scores_of_rows(
    predictions: np.ndarray,
    rows: Table,
    target: TargetSchema,
    before: HeldOutScores | None = None,
    ratio: np.ndarray | None = None,
) -> HeldOutScores:
    """Scores of rows that a finished model has not learned from.

    Parameters
    ----------
    predictions : ndarray of shape (n_samples, n_outputs)
    rows : Table
    target : TargetSchema
    before : HeldOutScores, optional
        Whose spread is taken.
    ratio : ndarray of shape (n_samples,), optional
        How much more each row counts for than one of the rows that will be predicted.

    Returns
    -------
    HeldOutScores
    """
    units = _constant_spread(target)
    if before is not None:
        units = (before.slopes, before.center, before.scale)
    scores, n_known, n_outputs = [], 0, 0
    for one in target.blocks:
        outputs = slice(n_outputs, n_outputs + one.n_outputs)
        given, y = predictions[:, outputs], rows.y[:, outputs]
        if one.kind == "regression":
            of_these = slice(n_known, n_known + one.n_outputs)
            spread = _spread(given, *(unit[of_these] for unit in units))
            scores.append(_errors(given, y, rows) / spread)
        else:
            scores.append(_improbability(given, y, one))
        n_known, n_outputs = n_known + scores[-1].shape[1], outputs.stop
    every = np.hstack(scores)
    return _record(every, rows, units, "given", ratio=ratio)


def after_more_rows(before: HeldOutScores, new: HeldOutScores) -> HeldOutScores:
    """Scores of a stream after one more chunk, with less and less of the older ones."""
    scores, counts = [], []
    for pair in zip(before.scores, before.counts, new.scores, new.counts, strict=True):
        old_scores, old_counts, new_scores, new_counts = pair
        room = max(_WINDOW - new_counts.sum(), 0.0)
        old_counts = old_counts * min(1.0, room / max(old_counts.sum(), 1e-300))
        both = np.concatenate([old_scores, new_scores])
        count = np.concatenate([old_counts, new_counts])
        order = np.argsort(both, kind="stable")
        order = order[count[order] >= _LEAST_COUNT]
        scores.append(both[order])
        counts.append(count[order])
    return replace(before, scores=tuple(scores), counts=tuple(counts))


def thresholds(held_out: HeldOutScores, coverage: float) -> np.ndarray:
    """The score that a new row exceeds with a chance of at most ``1 - coverage``, per output.

    The least score up to which held-out rows and the new one, which may have any, make up that
    share; infinite where they are too few.
    """
    found = []
    for scores, counts in zip(held_out.scores, held_out.counts, strict=True):
        upto = np.cumsum(counts)
        needed = coverage * (counts.sum() + 1.0)
        at = int(np.searchsorted(upto, needed * (1 - 1e-12)))
        found.append(scores[at] if at < len(scores) else np.inf)
    return np.array(found)


def intervals(
    predictions: np.ndarray,
    held_out: HeldOutScores,
    target: TargetSchema,
    coverage: float,
    exposure: np.ndarray | None = None,
) -> np.ndarray:
    """Lower and upper ends around predictions, of shape (n_samples, n_outputs, 2).

    With an exposure they are those of amounts, whose spread grows with the exposure to half the
    power of the loss.
    """
    predictions = predictions.astype(np.float64)
    spread = _spread(predictions, held_out.slopes, held_out.center, held_out.scale)
    half = thresholds(held_out, coverage) * spread
    if exposure is not None:
        exposure = exposure[:, None]
        half = half * exposure ** (0.5 * float(target.loss_function.power or 0.0))
        predictions = predictions * exposure
    lower = predictions - half
    if target.out_activation == "exp":  # rates
        lower = np.maximum(lower, 0.0)
    return np.stack([lower, predictions + half], axis=-1)


def prediction_sets(
    probabilities: np.ndarray, held_out: HeldOutScores, coverage: float, allow_empty: bool
) -> np.ndarray:
    """Which classes are not too improbable, of the shape of `probabilities`.

    These are of shape (n_samples, n_classes), or (n_samples, n_labels, 2) of separate labels.
    The most probable class is always among them, unless `allow_empty`.
    """
    limit = thresholds(held_out, coverage)
    limit = limit[:, None] if probabilities.ndim == 3 else limit
    sets: np.ndarray = 1.0 - probabilities.astype(np.float64) <= limit
    if not allow_empty:
        np.put_along_axis(sets, probabilities.argmax(axis=-1)[..., None], True, axis=-1)
    return sets


def _constant_spread(target: TargetSchema) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The units of scores that do not depend on the prediction."""
    nothing = np.zeros(n_scores(target))
    return nothing, nothing, nothing + 1


def _errors(predictions: np.ndarray, y: np.ndarray, rows: Table) -> np.ndarray:
    """Absolute errors; of rates, as they would be for an exposure of one."""
    errors: np.ndarray = np.abs(predictions - y) * np.sqrt(rows.row_precision)[:, None]
    return errors


def _improbability(predictions: np.ndarray, y: np.ndarray, target: TargetSchema) -> np.ndarray:
    """One minus the probability of what was right, of shape (n_samples, n_scores)."""
    predictions = predictions.astype(np.float64)
    if target.kind == "multiclass":
        wrong: np.ndarray = 1.0 - (predictions * y).sum(axis=1, keepdims=True)
        return wrong
    right = np.where(y == 1, predictions, 1.0 - predictions)
    return np.where(np.isnan(y.astype(np.float64)), np.nan, 1.0 - right)


def _spread(
    predictions: np.ndarray, slopes: np.ndarray, center: np.ndarray, scale: np.ndarray
) -> np.ndarray:
    """The size of errors that is expected of predictions."""
    at = np.clip((predictions - center) / scale, -_FARTHEST, _FARTHEST)
    sizes: np.ndarray = np.exp(slopes * at)
    return sizes


def _slopes(at: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """By how much the logarithm of errors rises with the prediction, shrunk to 0."""
    slopes = np.zeros(errors.shape[1])
    for column, error in enumerate(errors.T):
        known = ~np.isnan(error)
        if known.sum() < 2:
            continue
        x, error = at[known, column], error[known]
        size = np.log(np.maximum(error, max(_LEAST_ERROR * np.median(error), 1e-300)))
        x = x - x.mean()
        slopes[column] = x @ (size - size.mean()) / (x @ x + _PRIOR_ROWS)
    return slopes


def _record(
    scores: np.ndarray,
    rows: Table,
    units: tuple[np.ndarray, np.ndarray, np.ndarray],
    origin: Origin,
    times: np.ndarray | None = None,
    ratio: np.ndarray | None = None,
) -> HeldOutScores:
    """Sorted scores, known ones alone, with what each counts for.

    `times` is how often each row is among them.
    """
    times = np.ones(len(scores)) if times is None else times
    weight = rows.row_weight.astype(np.float64) / rows.row_precision
    by_output, counts = [], []
    for column in scores.T:
        known = np.flatnonzero(~np.isnan(column) & (weight > 0))
        count = _counts(weight[known], rows.groups, known, times[known])
        if ratio is not None:
            count = count * ratio[known]
        order = np.argsort(column[known], kind="stable")
        by_output.append(np.clip(column[known][order], 0.0, None))
        counts.append(count[order])
    return HeldOutScores(tuple(by_output), tuple(counts), *units, origin)


def _counts(
    weight: np.ndarray, groups: np.ndarray | None, rows: np.ndarray, times: np.ndarray
) -> np.ndarray:
    """How much scores count for: those of a row for one on average, or those of a group for one.

    Rows, and groups, that were tested several times share that between their scores.
    """
    if not len(rows):
        return weight
    weight = weight / times
    if groups is None:
        share: np.ndarray = weight / (weight.sum() / (1.0 / times).sum())
        return share
    _, number = np.unique(groups[rows], return_inverse=True)
    return weight / np.bincount(number, weight)[number]
