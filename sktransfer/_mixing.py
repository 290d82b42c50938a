"""How far to trust each of several members, from what they said of rows they had not seen."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from sktransfer._records import TargetSchema
from sktransfer._table import Table

#: How many rows the prior weights count for.
_PRIOR_ROWS = 3.0
#: Probabilities are not believed to be smaller.
_LEAST = float(np.exp(-8.0))


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
        Log loss, Poisson deviance, or squared error in units of the target's variance.  Their
        mean is the mean loss of the rows by their weight.
    """
    if weights is None:
        weights = np.full(predictions.shape[-1], 1 / predictions.shape[-1])
    loss, _ = _loss_and_slope(predictions @ weights, table, target)
    return loss


def mixing_weights(
    predictions: np.ndarray, table: Table, target: TargetSchema, prior: np.ndarray
) -> tuple[np.ndarray, float]:
    """The convex combination with the least loss, drawn to a prior.

    Minimises ``L + 3 KL(prior ‖ weights) / n``, where L is the mean log loss or deviance, or half
    the logarithm of the mean squared error: the log loss of normal errors of unknown size.

    Parameters
    ----------
    predictions : ndarray of shape (n_samples, n_outputs, n_members)
    table : Table
    target : TargetSchema
    prior : ndarray of shape (n_members,)

    Returns
    -------
    weights : ndarray of shape (n_members,)
    loss : float
        Mean loss of the mixture.
    """
    prior = prior / prior.sum()
    n_rows = len(predictions) if table.sample_weight is None else table.sample_weight.sum()
    pull = _PRIOR_ROWS * prior / max(float(n_rows), 1.0)
    is_squared = target.kind == "regression" and target.loss != "poisson"

    def objective(logits: np.ndarray) -> tuple[float, np.ndarray]:
        weights = np.exp(logits - logits.max())
        weights /= weights.sum()
        loss, slope = _loss_and_slope(predictions @ weights, table, target)
        by_weight = np.einsum("so,som->m", slope, predictions) / loss.size
        value = loss.mean()
        if is_squared:
            value = max(value, 1e-9)
            by_weight, value = 0.5 * by_weight / value, 0.5 * np.log(value)
        by_weight -= pull / weights
        value -= pull @ np.log(weights)
        return value, weights * (by_weight - weights @ by_weight)

    with np.errstate(divide="ignore"):
        start = np.log(np.maximum(prior, 1e-12))
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", bounds=[(-30, 30)] * len(prior)
    )
    weights = np.exp(found.x - found.x.max())
    weights /= weights.sum()
    return weights, float(mix_losses(predictions, table, target, weights).mean())


def _loss_and_slope(mixed: np.ndarray, table: Table, target: TargetSchema):
    """Loss per row and output, and its derivative by the prediction."""
    missing = np.isnan(table.y)
    y = np.where(missing, 0.0, table.y).astype(np.float64)
    if target.kind == "regression" and target.loss != "poisson":
        unit = np.maximum(np.nanstd(np.where(missing, np.nan, y), axis=0), 1e-12)
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
    share = np.ones(len(y)) if table.sample_weight is None else table.sample_weight
    share = (share / share.mean())[:, None] * ~missing / max(1.0 - missing.mean(), 1e-12)
    return loss * share, slope * share
