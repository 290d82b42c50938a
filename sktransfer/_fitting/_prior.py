"""Prior weights of an ensemble's members, as far as held-out rows leave them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sktransfer._fitting._gain import Gain
from sktransfer._fitting._implied_skill import prior_factor
from sktransfer._fitting._members import MemberFit, Trial
from sktransfer._fitting._weights import evenness

#: Of prior weights that fall because members do harm; at 0 their logarithm has no value.
_LEAST_DOUBT = 1e-6


def prior_of(
    members: Sequence[MemberFit],
    trials: Sequence[Trial] = (),
    gain: Gain | None = None,
    rows: np.ndarray | None = None,
) -> np.ndarray:
    """Prior weights, before the loss of any average is known.

    Less for members that did worse than a constant, and for those that use the source where the
    table lacks some of its columns, where its predictions hardly differ between rows, or where the
    held-out loss is higher with them.  What the source as it is loses to its updated prediction
    passes to that, as far as `_passed_on` says.

    Parameters
    ----------
    members : sequence of MemberFit
    trials : sequence of Trial, optional
        Theirs.
    gain : Gain, optional
        Of the members that use the source.
    rows : ndarray of int, optional
        Positions of the tested rows that tell; all by default.

    Returns
    -------
    ndarray of shape (n_members,)
        Their sum is 1.
    """
    factors = [one.prepared.share * prior_factor(one.skill) for one in members]
    prior: np.ndarray = np.array([one.prior for one in members]) * factors
    # few rows of a rare class: the standard error of a mean difference says too little of them
    even = evenness(members[0].prepared.table, members[0].prepared.target)
    if trials:
        doubt = np.array([trial.doubt.factor(rows) for trial in trials]) ** even
        prior = (prior + _passed_on(prior, doubt, members, trials, rows)) * doubt
    if gain is not None:
        factor = max(gain.doubt**even, _LEAST_DOUBT)
        prior = prior * np.where([one.uses_source for one in members], factor, 1.0)
    prior = prior / prior.sum()
    return prior


def _passed_on(
    prior: np.ndarray,
    doubt: np.ndarray,
    members: Sequence[MemberFit],
    trials: Sequence[Trial],
    rows: np.ndarray | None,
) -> np.ndarray:
    """Prior weight of the source as it is that its updated prediction has as well.

    All of it where the update turns the prediction round: classes are exchanged, or a number has
    the other sign.  A number at another level gets what the source as it is loses, times the
    likelihood of a constant: as far as the rows cannot teach more than that.
    """
    more, slopes = np.zeros_like(prior), [_slope(trial) for trial in trials]
    as_it_is = np.array([one.is_source_alone for one in members])
    is_update = np.array([slope is not None for slope in slopes]) & ~as_it_is
    is_turned = np.array([slope is not None and bool((slope < 0).all()) for slope in slopes])
    chance = _likelihood_of_constant(members, trials, rows)
    source = np.array([id(one.prepared.source) for one in members])
    for of in np.unique(source[is_update]):
        here = as_it_is & (source == of)
        lost = (prior * (1 - doubt))[here].sum()
        passed = np.where(is_turned, prior[here].sum(), chance * lost)
        shares = prior * (is_update & (source == of) & (passed > 0))
        more += passed * shares / max(shares.sum(), 1e-300)
    return more


def _slope(trial: Trial) -> np.ndarray | None:
    """The slope of a member that is the source's own prediction, None of any other."""
    forms = [one.member.closed_form for one in trial.fitted]
    alone = [form.offset for form in forms if form is not None and form.has_offset_alone]
    return next((offset.slope for offset in alone if offset is not None), None)


def _likelihood_of_constant(
    members: Sequence[MemberFit], trials: Sequence[Trial], rows: np.ndarray | None
) -> float:
    """How likely a constant is, against the member that predicts best: between 0 and 1.

    Of squared errors, of which the share v of the constant's is left, ``v ** (n / 2)``.  0 of
    classes and counts: the size of their errors is known, and so is what few rows can teach.
    """
    target = members[0].prepared.target
    profile = None if target.kind != "regression" else target.loss_function.profile
    losses = [trial.losses for trial in trials if trial.losses is not None]
    if profile is None or not losses:
        return 0.0
    of_rows = np.stack(losses) if rows is None else np.stack(losses)[:, rows]
    if not of_rows.size:
        return 0.0
    share = min(float(of_rows.mean(axis=1).min()), 1.0)
    return float(share ** (profile * of_rows.shape[1]))
