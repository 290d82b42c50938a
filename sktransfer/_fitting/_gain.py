"""What the members with the source gain, cross-fitted: the guard against negative transfer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sktransfer._fitting._weights import member_weights, mix_losses
from sktransfer._preprocessing import Table
from sktransfer._records import TargetSchema

#: Parts that a single set of held-out rows is split into.
_PARTS = 4


@dataclass(frozen=True)
class Gain:
    """By how much the held-out loss falls with the members that use the source.

    Attributes
    ----------
    mean : float
        Per row, by their weights; below 0 where the source harms.
    standard_error : float
        Of that mean, by rows or by groups.
    """

    mean: float
    standard_error: float


def transfer_gain(
    predictions: np.ndarray,
    held_out: Table,
    target: TargetSchema,
    prior: np.ndarray,
    uses_source: np.ndarray,
    fold: np.ndarray,
) -> Gain:
    """The gain, on rows that have not chosen the weights.

    Weights of both averages, with the members that use the source and without, are chosen without
    each fold in turn, which is then scored.

    Parameters
    ----------
    predictions : ndarray of shape (n_tested, n_outputs, n_members)
        Out-of-fold.
    held_out : Table
        The tested rows.
    target : TargetSchema
    prior : ndarray of shape (n_members,)
    uses_source : ndarray of bool, shape (n_members,)
    fold : ndarray of int, shape (n_tested,)
        Which fold tests a row.

    Returns
    -------
    Gain
    """
    if len(np.unique(fold)) == 1:
        fold = _split(held_out)
    difference = np.zeros(held_out.n_samples)
    everyone, without = np.arange(len(prior)), np.flatnonzero(~uses_source)
    for number in np.unique(fold):
        tested, rest = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        if not len(rest):
            continue
        losses = []
        for those in (everyone, without):
            some = predictions[..., those]
            weights, _ = member_weights(some[rest], held_out.rows(rest), target, prior[those])
            rows = held_out.rows(tested)
            losses.append(mix_losses(some[tested], rows, target, weights).mean(axis=1))
        difference[tested] = losses[1] - losses[0]
    return Gain(float(difference.mean()), _standard_error(difference, held_out.groups))


def _split(held_out: Table) -> np.ndarray:
    """Parts of a single set of held-out rows, groups whole."""
    units = np.arange(held_out.n_samples) if held_out.groups is None else held_out.groups
    return units % _PARTS


def _standard_error(difference: np.ndarray, groups: np.ndarray | None) -> float:
    n_rows = len(difference)
    if groups is not None:
        _, numbers = np.unique(groups, return_inverse=True)
        difference = np.bincount(numbers, difference)
    n_units = len(difference)
    if n_units < 2:
        return float("inf")
    return float(difference.std(ddof=1) * np.sqrt(n_units) / n_rows)
