"""Cross-fitted averages, and what the members with the source gain: the guard against harm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np

from sktransfer._fitting._weights import PRIOR_ROWS, average_of, member_weights, mix_losses
from sktransfer._preprocessing import Table
from sktransfer._records import TargetSchema

#: Standard deviation of the numbers of a part, in that of all, up to which it is no unit.
_LEAST_SPREAD = 1e-3

#: Prior weights of members, as the tested rows at some positions tell.
Prior = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Gain:
    """By how much a held-out loss falls, such as with the members that use the source.

    Attributes
    ----------
    mean : float
        Per row, by their weights; below 0 where the source harms.
    standard_error : float
        Of that mean, by rows or by groups.
    """

    mean: float
    standard_error: float

    @property
    def doubt(self) -> float:
        """Factor on the prior weight of what is gained from: 1 where the loss falls.

        ``exp(t)`` where it rises, with t the mean in units of its standard error: what is not
        better on the rows at hand is less likely to be so on others, the less the clearer that is.
        """
        return float(np.exp(min(self.mean / max(self.standard_error, 1e-300), 0.0)))


@dataclass(frozen=True, eq=False)
class Doubt:
    """By how much the prior weight of a member falls, where others predict held-out rows better.

    Attributes
    ----------
    advantages : sequence of ndarray of shape (n_tested,)
        By how much the member's loss of each row is below that of another; one array for each.
    units : ndarray of int, shape (n_tested,)
        See :meth:`Folds.units`.
    known : float
        A factor that does not depend on the tested rows.
    """

    advantages: Sequence[np.ndarray] = ()
    units: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    known: float = 1.0

    def factor(self, rows: np.ndarray | None = None) -> float:
        """The factor on the prior weight, as all tested rows or some tell."""
        those = np.arange(len(self.units)) if rows is None else rows
        if not len(those):
            return self.known
        gains = [mean_gain(one[those], self.units[those]) for one in self.advantages]
        return self.known * prod(gain.doubt for gain in gains)


def transfer_gain(
    predictions: np.ndarray,
    held_out: Table,
    target: TargetSchema,
    prior: Prior,
    uses_source: np.ndarray,
    part: np.ndarray,
    units: np.ndarray,
    rows_of_prior: float = PRIOR_ROWS,
) -> Gain:
    """The gain, on rows that have not chosen the weights.

    Weights of both averages, with the members that use the source and without, and their prior
    are chosen without the part of the rows that is then scored.

    Parameters
    ----------
    predictions : ndarray of shape (n_tested, n_outputs, n_members)
        Out-of-fold.
    held_out : Table
        The tested rows.
    target : TargetSchema
    prior : callable
        Gives the prior weights of the members.
    uses_source : ndarray of bool, shape (n_members,)
    part, units : ndarray of int, shape (n_tested,)
        See :meth:`Folds.parts` and :meth:`Folds.units`.
    rows_of_prior : float, default=3

    Returns
    -------
    Gain
    """
    losses = []
    for those in (np.ones_like(uses_source), ~uses_source):
        mixed = cross_fitted(
            predictions[..., those],
            held_out,
            target,
            lambda rows, those=those: prior(rows)[those],  # type: ignore[misc]
            part,
            rows_of_prior,
        )
        losses.append(_losses(mixed, held_out, target, part))
    return mean_gain(losses[1] - losses[0], units)


def mean_gain(difference: np.ndarray, units: np.ndarray) -> Gain:
    """The mean of what the loss of each row falls by.

    Parameters
    ----------
    difference : ndarray of shape (n_tested,)
    units : ndarray of int, shape (n_tested,)
        See :meth:`Folds.units`.

    Returns
    -------
    Gain
    """
    sums = np.bincount(np.unique(units, return_inverse=True)[1], difference)
    if len(sums) < 2:
        return Gain(float(difference.mean()), float("inf"))
    error = sums.std(ddof=1) * np.sqrt(len(sums)) / len(difference)
    return Gain(float(difference.mean()), float(error))


def cross_fitted(
    predictions: np.ndarray,
    held_out: Table,
    target: TargetSchema,
    prior: Prior,
    part: np.ndarray,
    rows_of_prior: float = PRIOR_ROWS,
) -> np.ndarray:
    """Averages of held-out predictions, by weights that are chosen without each row's part.

    Parameters
    ----------
    predictions : ndarray of shape (n_tested, n_outputs, n_members)
        Out-of-fold.
    held_out : Table
        The tested rows.
    target : TargetSchema
    prior : callable
        Gives the prior weights of the members.
    part : ndarray of int, shape (n_tested,)
        See :meth:`Folds.parts`.
    rows_of_prior : float, default=3

    Returns
    -------
    ndarray of shape (n_tested, n_outputs)
    """
    mixed = np.empty(predictions.shape[:-1])
    for number in np.unique(part):
        tested, rest = np.flatnonzero(part == number), np.flatnonzero(part != number)
        weights = prior(rest)
        if len(rest):
            weights, _ = member_weights(
                predictions[rest], held_out.rows(rest), target, weights, rows_of_prior
            )
        mixed[tested] = average_of(predictions[tested], weights / weights.sum(), target)
    return mixed


def _losses(
    mixed: np.ndarray, held_out: Table, target: TargetSchema, part: np.ndarray
) -> np.ndarray:
    """Mean loss of each row, in the unit of its part where its numbers differ."""

    def of(rows: np.ndarray) -> np.ndarray:
        losses = mix_losses(mixed[rows][..., None], held_out.rows(rows), target)
        return np.asarray(losses.mean(axis=1))

    losses = of(np.arange(len(mixed)))
    for number in np.unique(part):
        rows = np.flatnonzero(part == number)
        if target.kind != "regression" or _differ(held_out.y, rows):
            losses[rows] = of(rows)
    return losses


def _differ(y: np.ndarray, rows: np.ndarray) -> bool:
    """Whether the numbers of some rows, as far as they are known, differ nearly as all do."""
    for column in y.T.astype(np.float64):
        here = column[rows][~np.isnan(column[rows])]
        if len(here) and here.std() <= _LEAST_SPREAD * np.nanstd(column):
            return False
    return True
