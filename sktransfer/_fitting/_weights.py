"""Weights of an ensemble's members, from their held-out predictions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.optimize import minimize

from sktransfer._networks import mixes_logs, to_mixing_scale
from sktransfer._preprocessing import Table
from sktransfer._records import TargetSchema

#: How many rows the prior weights count for, and how many times more, over the rows, where the
#: source's own prediction is a member.
PRIOR_ROWS, _MORE_PRIOR = 3.0, 10.0
#: A rare class is not taken to leave fewer of its rows that tell members apart.
_LEAST_SPREAD = 0.05
#: Earlier rows that weights rest on at most, so that members which learn on are noticed.
_WINDOW = 300.0
#: Rows of a chunk that are enough to see that some members have fallen behind.
_FEWEST_ROWS = 8
#: The power of the likelihood that models of several strengths are averaged by, and the share
#: below which one of them is left out.
_TEMPER, _LEAST_SHARE = 0.5, 0.01
#: Probabilities are not believed to be smaller.
_LEAST = float(np.exp(-8.0))


def average_of(predictions: np.ndarray, weights: np.ndarray, target: TargetSchema) -> np.ndarray:
    """The average of members' predictions, on the scale on which they are mixed.

    Parameters
    ----------
    predictions : ndarray of shape (n_samples, n_outputs, n_members)
        Probabilities, or numbers in the user's unit.
    weights : ndarray of shape (n_members,)
    target : TargetSchema

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
        In the user's unit.
    """
    mixed: np.ndarray = to_mixing_scale(predictions, target) @ weights
    return np.asarray(np.exp(mixed)) if mixes_logs(target) else mixed


def mix_losses(
    predictions: np.ndarray,
    table: Table,
    target: TargetSchema,
    weights: np.ndarray | None = None,
) -> np.ndarray:
    """Losses of mixed predictions, per row and output.

    Parameters
    ----------
    predictions : ndarray of shape (n_samples, n_outputs, n_members)
        Probabilities, or numbers in the user's unit.
    table : Table
        The rows' targets and weights.
    target : TargetSchema
    weights : ndarray of shape (n_members,), optional
        Equal by default.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
        Log loss, half the Poisson deviance, or of other losses of numbers what is left of the loss
        of the best constant: of squared errors, their share of the variance.  Their mean is the
        mean loss of the rows by their weight.
    """
    if weights is None:
        weights = np.full(predictions.shape[-1], 1 / predictions.shape[-1])
    loss, _ = _loss_and_slope(to_mixing_scale(predictions, target) @ weights, table, target)
    return loss


def prior_rows(table: Table, target: TargetSchema, has_source_alone: bool) -> float:
    """How many rows the prior weights count for.

    Parameters
    ----------
    table : Table
        The rows that choose the weights.
    target : TargetSchema
    has_source_alone : bool
        Whether the source's own prediction is a member: few rows tell it from the others by chance
        alone, and what the prior says of it is worth more.

    Returns
    -------
    float
        3, or 3 (1 + 10 / n), with n as for :func:`member_weights`.
    """
    if not has_source_alone:
        return PRIOR_ROWS
    return PRIOR_ROWS * (1 + _MORE_PRIOR / _rows_that_tell(table, target))


def member_weights(
    predictions: np.ndarray,
    table: Table,
    target: TargetSchema,
    prior: np.ndarray,
    rows_of_prior: float = PRIOR_ROWS,
) -> tuple[np.ndarray, float]:
    """The convex combination with the least loss under a prior.

    Minimises ``L + r KL(prior ‖ weights) / n``, where r is the number of rows that the prior
    counts for and n that of the table, of classes times how even they are (1 if equally frequent;
    with one class in ten .36).  L is the mean log loss or half the mean Poisson deviance, or the
    log loss of errors of unknown size: half the logarithm of the mean squared error for normal
    ones and of the mean deviance for gamma's and Tweedie's, the logarithm of the mean absolute or
    quantile loss for Laplace's.

    Parameters
    ----------
    predictions : ndarray of shape (n_samples, n_outputs, n_members)
    table : Table
    target : TargetSchema
    prior : ndarray of shape (n_members,)
    rows_of_prior : float, default=3

    Returns
    -------
    weights : ndarray of shape (n_members,)
    loss : float
        Mean loss of the mixture.
    """
    prior, given = prior / prior.sum(), predictions
    predictions = np.ascontiguousarray(to_mixing_scale(predictions, target))
    penalty = rows_of_prior * prior / _rows_that_tell(table, target)

    def objective(logits: np.ndarray) -> tuple[float, np.ndarray]:
        weights = _shares(logits)
        value, by_weight = _log_loss(weights, predictions, table, target)
        by_weight -= penalty / weights
        value -= penalty @ np.log(weights)
        return value, weights * (by_weight - weights @ by_weight)

    with np.errstate(divide="ignore"):
        start = np.log(np.maximum(prior, 1e-12))
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", bounds=[(-30, 30)] * len(prior)
    )
    weights = _shares(found.x)
    return weights, float(mix_losses(given, table, target, weights).mean())


def shares_of_path(losses: np.ndarray, table: Table, target: TargetSchema) -> np.ndarray:
    """How much models of several strengths count in their average.

    By their likelihood of held-out rows, tempered: with few rows that errs less than to take the
    best one.

    Parameters
    ----------
    losses : ndarray of shape (n_strengths, n_samples)
        Of the rows, see :func:`mix_losses`.
    table : Table
        The rows.
    target : TargetSchema

    Returns
    -------
    ndarray of shape (n_strengths,)
        None of them so small that its model does not count.
    """
    loss = losses.mean(axis=1)
    profile = None if target.kind != "regression" else target.loss_function.profile
    if profile is not None:
        loss = profile * np.log(np.maximum(loss, 1e-9))
    shares: np.ndarray = np.exp(-_TEMPER * weight_of_rows(table) * (loss - loss.min()))
    shares[shares < _LEAST_SHARE * shares.sum()] = 0.0
    shares /= shares.sum()
    return shares


def shares_by_the_rest(
    losses: np.ndarray, table: Table, target: TargetSchema, part: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The same for the rows of each part, by the rows of all others.

    Parameters
    ----------
    losses, table, target : as of :func:`shares_of_path`
    part : ndarray of int, shape (n_samples,)

    Yields
    ------
    here : ndarray of bool, shape (n_samples,)
        The part's rows.
    shares : ndarray of shape (n_strengths,)
    """
    for number in np.unique(part):
        here, rest = part == number, np.flatnonzero(part != number)
        if len(rest):
            yield here, shares_of_path(losses[:, rest], table.rows(rest), target)


def moved_weights(
    weights: np.ndarray,
    predictions: np.ndarray,
    table: Table,
    target: TargetSchema,
    n_before: float,
) -> np.ndarray:
    """Weights after more rows, which no member has learned from yet.

    A step of exponentiated gradient on the loss of :func:`member_weights`, as long as the share
    of these rows among all that the weights rest on.

    Parameters
    ----------
    weights : ndarray of shape (n_members,)
    predictions : ndarray of shape (n_samples, n_outputs, n_members)
    table : Table
    target : TargetSchema
    n_before : float
        Rows, by their weight, that the weights rest on so far.

    Returns
    -------
    ndarray of shape (n_members,)

    References
    ----------
    J. Kivinen, M. K. Warmuth, "Exponentiated Gradient versus Gradient Descent for Linear
    Predictors", Information and Computation 132, 1997, section 3.
    """
    n_rows = weight_of_rows(table)
    _, by_weight = _log_loss(weights, to_mixing_scale(predictions, target), table, target)
    step = n_rows / max(min(n_before, _WINDOW) + n_rows, 1.0)
    return _shares(np.log(np.maximum(weights, 1e-12)) - step * by_weight)


def weights_of_learners(
    weights: np.ndarray,
    predictions: np.ndarray,
    table: Table,
    target: TargetSchema,
    learns: np.ndarray,
) -> np.ndarray:
    """Weights after rows for which members that learn on predict better without the others.

    Where a stream drifts, members that were fitted at once fall behind faster than
    :func:`moved_weights` follows.  If the learners' own average has a smaller loss by more than
    two standard errors, the others lose half of their weight.

    Parameters
    ----------
    weights : ndarray of shape (n_members,)
    predictions : ndarray of shape (n_samples, n_outputs, n_members)
    table : Table
    target : TargetSchema
    learns : ndarray of bool, shape (n_members,)

    Returns
    -------
    ndarray of shape (n_members,)
    """
    if learns.all() or not learns.any() or table.n_samples < _FEWEST_ROWS:
        return weights
    alone = np.where(learns, np.maximum(weights, 1e-6), 0.0)
    alone /= alone.sum()
    both = [mix_losses(predictions, table, target, each).mean(axis=1) for each in (weights, alone)]
    gain = both[0] - both[1]
    is_better = gain.mean() > 2 * gain.std() / np.sqrt(len(gain))
    return (weights + alone) / 2 if is_better else weights


def weight_of_rows(table: Table) -> float:
    """How many rows a table counts for."""
    return float(table.n_samples if table.sample_weight is None else table.sample_weight.sum())


def _rows_that_tell(table: Table, target: TargetSchema) -> float:
    """How many rows of equally frequent classes say as much of the members."""
    return max(weight_of_rows(table), 1.0) * evenness(table, target)


def evenness(table: Table, target: TargetSchema) -> float:
    """How even the classes of a table are; a row of a rare class and many others say little.

    Parameters
    ----------
    table : Table
    target : TargetSchema

    Returns
    -------
    float
        1 for equally frequent classes and for numbers, .36 with one class in ten, .05 at least.
    """
    if target.kind == "regression":
        return 1.0
    weight = table.row_weight[:, None] * ~np.isnan(table.y)
    share = (weight * np.nan_to_num(table.y)).sum(axis=0) / np.maximum(weight.sum(axis=0), 1e-9)
    if target.kind == "multiclass":
        spread = (1 - share @ share) / (1 - 1 / len(share))
    else:
        spread = (4 * share * (1 - share)).mean()
    return max(float(spread), _LEAST_SPREAD)


def _shares(logits: np.ndarray) -> np.ndarray:
    weights: np.ndarray = np.exp(logits - logits.max())
    weights /= weights.sum()
    return weights


def _log_loss(
    weights: np.ndarray, predictions: np.ndarray, table: Table, target: TargetSchema
) -> tuple[float, np.ndarray]:
    """Loss of a mixture, of the size of a log loss, and its derivative by the weights."""
    loss, slope = _loss_and_slope(predictions @ weights, table, target)
    by_weight = slope.ravel() @ predictions.reshape(loss.size, len(weights)) / loss.size
    value = loss.mean()
    profile = None if target.kind != "regression" else target.loss_function.profile
    if profile is not None:
        value = max(value, 1e-9)
        return profile * np.log(value), profile * by_weight / value
    return value, by_weight


def _loss_and_slope(
    mixed: np.ndarray, table: Table, target: TargetSchema
) -> tuple[np.ndarray, np.ndarray]:
    """Loss per row and output, and its derivative by what is mixed."""
    missing = np.isnan(table.y)
    y = np.where(missing, 0.0, table.y).astype(np.float64)
    if target.kind == "regression" and target.loss not in ("squared_error", "poisson"):
        loss, slope = _share_of_constant(mixed, y, missing, target)
    elif target.kind == "regression" and target.loss == "squared_error":
        unit = _spread(y, table.row_weight[:, None] * ~missing)
        error = (mixed - y) / unit
        loss, slope = error**2, 2 * error / unit
    elif target.kind == "regression":
        rate = np.maximum(mixed, 1e-9)
        loss, slope = rate - y * np.log(rate), 1 - y / rate
    elif target.kind == "multiclass":
        chance = np.clip(mixed, _LEAST, 1.0)
        loss, slope = -y * np.log(chance) * y.shape[1], -y / chance * y.shape[1]
    else:
        chance = np.clip(mixed, _LEAST, 1 - _LEAST)
        loss = -(y * np.log(chance) + (1 - y) * np.log(1 - chance))
        slope = (1 - y) / (1 - chance) - y / chance
    share = table.row_weight
    share = (share / share.mean())[:, None] * ~missing / max(1.0 - missing.mean(), 1e-12)
    return loss * share, slope * share


def _spread(y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Standard deviation of the known entries of each column, by the weights of their rows."""
    total = np.maximum(weight.sum(axis=0), 1e-300)
    center = (weight * y).sum(axis=0) / total
    spread: np.ndarray = np.sqrt((weight * (y - center) ** 2).sum(axis=0) / total)
    least = 1e-12 * np.abs(y).max(axis=0)
    return np.where(spread > least, spread, np.maximum(least, 1e-150))


def _share_of_constant(
    mixed: np.ndarray, y: np.ndarray, missing: np.ndarray, target: TargetSchema
) -> tuple[np.ndarray, np.ndarray]:
    """Loss in units of that of the best constant, and its derivative by what is mixed."""
    function = target.loss_function
    center, scale = target.center, target.scale
    y = (y - center) / scale
    prediction = np.exp(mixed) if function.has_log_link else (mixed - center) / scale
    loss = function.entries(np, prediction, y)
    slope = function.slope(np, prediction, y) / scale
    for k, known in enumerate(~missing.T):
        of_known = y[known, k]
        unit = 1.0
        if known.any() and (of_known.any() or not function.has_log_link):  # a rate is above 0
            constant = np.full(len(of_known), function.constant(of_known))
            unit = max(float(function.entries(np, constant, of_known).mean()), 1e-12)
        loss[:, k] /= unit
        slope[:, k] /= unit
    return loss, slope
