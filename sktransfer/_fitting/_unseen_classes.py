"""Streams that begin without some of their classes, of which the source alone knows something."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sktransfer._fitting._members import MemberFit, Trial
from sktransfer._preprocessing import Table
from sktransfer._records import TargetSchema

#: The least weight of the source's own prediction where all rows so far are of one class, from
#: which nothing can be learned, and where one class is lacking.
_OF_ONE, _OF_MOST = 0.95, 0.75


def has_unseen_classes(y: np.ndarray, target: TargetSchema) -> bool:
    """Whether there is a class that no row has, as when a stream begins.

    Parameters
    ----------
    y : ndarray of shape (n_samples, n_outputs)
        Of the rows so far.
    target : TargetSchema

    Returns
    -------
    bool
    """
    if target.kind not in ("binary", "multiclass"):
        return False
    known = _known(y)
    if not len(known):
        return False
    share = known.mean(axis=0)
    return bool((share == 0).any() or (target.kind == "binary" and (share == 1).any()))


def with_source_as_it_is(
    weights: np.ndarray,
    members: Sequence[MemberFit],
    trials: Sequence[Trial],
    held_out: Table,
    target: TargetSchema,
) -> np.ndarray:
    """Weights of members where rows of some classes have not come yet.

    By held-out rows of the other classes the best member is one that never predicts those that
    have not come.  The source's own prediction therefore has a weight of .95 at least if all rows
    are of one class, down to .75 if one class is lacking, or less where the mean probability that
    it gives to the labels of these rows is below one half.

    Parameters
    ----------
    weights : ndarray of shape (n_members,)
    members : sequence of MemberFit
    trials : sequence of Trial
        Theirs.
    held_out : Table
        The rows that they predict; all where there are too few rows for folds.
    target : TargetSchema

    Returns
    -------
    ndarray of shape (n_members,)
    """
    alone = [k for k, one in enumerate(members) if one.is_source_alone]
    if not alone:
        return weights
    y, predicted = held_out.y, trials[alone[0]].predictions
    more, most = len(np.unique(_known(y), axis=0)) - 1, max(y.shape[1], 2) - 2
    least = _OF_ONE - (_OF_ONE - _OF_MOST) * more / max(most, 1)
    if predicted is not None and len(predicted):
        chance = y * predicted
        if target.kind == "binary":
            chance += (1 - y) * (1 - predicted)
        least *= min(1.0, 2 * float(_known(chance).sum(axis=1).mean()))
    if weights[alone[0]] >= least:
        return weights
    moved = weights.copy()
    moved[alone[0]] = 0.0
    moved *= (1 - least) / moved.sum()
    moved[alone[0]] = least
    return moved


def _known(rows: np.ndarray) -> np.ndarray:
    """Rows without missing labels."""
    known: np.ndarray = rows[~np.isnan(rows).any(axis=1)]
    return known
