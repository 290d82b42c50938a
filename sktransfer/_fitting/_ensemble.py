"""Members of an ensemble: fitted on folds, weighted by held-out loss, and fitted on all rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from numbers import Integral
from typing import TypeVar

import numpy as np

from sktransfer._fitting._conformal import held_out_scores
from sktransfer._fitting._folds import Folds, choose_folds
from sktransfer._fitting._gain import Gain, Prior, cross_fitted, mean_gain, transfer_gain
from sktransfer._fitting._implied_skill import implied_skill, is_flat
from sktransfer._fitting._members import MemberFit, Run, Trial
from sktransfer._fitting._network import FittedMember
from sktransfer._fitting._outcome import Weighted, member_row
from sktransfer._fitting._prior import prior_of
from sktransfer._fitting._shift import ratio_of_tested
from sktransfer._fitting._unseen_classes import has_unseen_classes, with_source_as_it_is
from sktransfer._fitting._weights import (
    PRIOR_ROWS,
    member_weights,
    mix_losses,
    prior_rows,
    weight_of_rows,
)
from sktransfer._preprocessing import Table
from sktransfer._records import HeldOutScores, ReportRow
from sktransfer._typing import SomeFolds
from sktransfer._warnings import listed, warn
from sktransfer.exceptions import (
    DivergenceError,
    DivergenceWarning,
    TransferWarning,
)
from sktransfer.strategies import Pooled

#: A member of less weight is left out: it costs time and changes nothing.
_LEAST_WEIGHT = 0.01
#: So are the members of least weight that have no more together, and change no probability by
#: more: a prediction costs a fifth less without them, and is as good.
_LEAST_TOGETHER = 0.05

T = TypeVar("T")


def fit_ensemble(
    run: Run, members: Sequence[MemberFit], cv: SomeFolds, rng: np.random.RandomState
) -> Weighted:
    """Fit members on folds, weight them, and fit those that got weight on all rows.

    Parameters
    ----------
    run : Run
    members : sequence of MemberFit
    cv : int, splitter or iterable
        See :class:`sktransfer.strategies.WeightedEnsemble`.
    rng : RandomState

    Returns
    -------
    Weighted
    """
    members, too_few = _with_enough_rows(run, members)
    members, refused = _affordable(members)
    refused |= too_few
    members = applicable(members)
    seeds = {one.name: int(rng.randint(2**31)) for one in members}
    if run.options.mode == "partial_fit":
        refuse_stream(members)
    members, folds = _with_folds(members, cv, rng)
    table = members[0].prepared.table
    run.options.listener.begin(sum(one.n_runs(run, folds) for one in members))
    trials = [_try(run, one, folds, seeds[one.name]) for one in members]
    trained = _that_trained(run, members, trials)
    members, trials = [members[k] for k in trained], [trials[k] for k in trained]
    weights, losses, gain = _weigh(run, members, trials, folds)  # type: ignore[arg-type]
    first = primary_of(members, weights)
    small = _small(weights, first, _most_together(run, folds))
    kept_weights = np.where(small, 0.0, weights)
    held_out = _held_out(members, trials, folds, kept_weights, gain)  # type: ignore[arg-type]

    def finish(k: int, one: MemberFit) -> FittedMember | None:
        if small[k]:
            return None
        trial: Trial = trials[k]  # type: ignore[assignment]
        seed, is_primary = seeds[one.name], k == first
        if one.is_network and not one.merges(run, folds):
            run.say(f"Member {one.name}: trains on all rows")
        return _attempt(run, one, lambda: one.finish(run, folds, trial, seed, is_primary))

    fitted = [finish(k, one) for k, one in enumerate(members)]
    kept = _that_trained(run, members, fitted)
    if run.diverged:
        warn(
            f"The training of members {listed(run.diverged)} of the ensemble diverged; expected "
            "all to train. They get no weight, and the others predict. Try a smaller "
            "learning_rate_init.",
            DivergenceWarning,
        )
    those = [members[k] for k in kept]
    floor = np.where([one.is_network for one in those], _LEAST_WEIGHT, 0.0)
    shares = np.maximum(weights[kept], floor)
    return Weighted(
        [fitted[k] for k in kept],  # type: ignore[misc]
        shares / shares.sum(),
        those[primary_of(those, shares)].name,
        PRIOR_ROWS + (weight_of_rows(table) if folds.pairs else 0.0),
        losses,
        gain,
        (
            *(
                member_row(one.name, one.uses_source, 0.0, losses)
                for k, one in enumerate(members)
                if k not in kept
            ),
            *(ReportRow("member", name, "left out", reason) for name, reason in refused.items()),
        ),
        held_out,
        _table_gains(members, trials, folds),  # type: ignore[arg-type]
    )


def _most_together(run: Run, folds: Folds) -> float:
    """How much weight members may have together and be left out."""
    # those of a stream learn on, and may get weight later
    is_final = bool(folds.pairs) and run.options.mode != "partial_fit"
    return _LEAST_TOGETHER if is_final else 0.0


def _small(weights: np.ndarray, first: int, together: float) -> np.ndarray:
    """Which members have too little weight to be kept; the primary one, `first`, always is."""
    others = np.argsort(weights, kind="stable")
    others = others[others != first]
    small = weights < _LEAST_WEIGHT
    small[others[np.cumsum(weights[others]) <= together]] = True
    small[first] = False
    return small


def _try(run: Run, one: MemberFit, folds: Folds, seed: int) -> Trial | None:
    """A member on folds; None where its training diverges."""
    trial = _attempt(run, one, partial(one.try_on, run, folds, seed))
    if trial is None or not folds.pairs:
        return trial
    rows, target = one.prepared.table.rows(folds.tested), one.prepared.target
    losses = mix_losses(np.asarray(trial.predictions)[..., None], rows, target).mean(axis=1)
    run.say(f"Member {one.name}: held-out loss {losses.mean():.3g}")
    return replace(trial, losses=losses)


def _with_enough_rows(
    run: Run, members: Sequence[MemberFit]
) -> tuple[Sequence[MemberFit], dict[str, str]]:
    """Members that have the rows which they need, and why others that the user named have not."""
    n_rows = members[0].prepared.table.n_samples
    needed = {one.name: one.prepared.strategy.fewest_rows for one in members}
    those = [one for one in members if needed[one.name] <= n_rows]
    if not those:
        return members, {}
    if run.options.strategy.members is None:
        return those, {}
    return those, {
        name: f"{n_rows} rows, too few for it; an ensemble takes it from {fewest} on"
        for name, fewest in needed.items()
        if fewest > n_rows
    }


def _affordable(members: Sequence[MemberFit]) -> tuple[list[MemberFit], dict[str, str]]:
    """Members that do not cost too much, and why some are refused."""
    costly = {one.name: why for one in members if (why := _too_costly(one))}
    if len(costly) == len(members):
        costly = {}
    refused = {one.name: why for one in members if (why := one.refusal or costly.get(one.name))}
    return [one for one in members if one.name not in costly], refused


def _too_costly(one: MemberFit) -> str | None:
    """Why a member costs too much for an ensemble, in a phrase; None if it does not."""
    n_outputs, most = one.prepared.target.n_outputs, one.prepared.strategy.most_outputs
    if n_outputs > most:
        return f"{n_outputs} outputs, each of which costs a fit; an ensemble takes {most}"
    n_columns, most = one.prepared.inputs.columns.n_scaled, one.prepared.strategy.most_columns
    if n_columns > most:
        return f"{n_columns:,} columns, which cost too much; an ensemble takes {most:,}"
    return None


def refuse_stream(members: Sequence[MemberFit]) -> None:
    """Refuse a stream that no member could resume.

    Raises
    ------
    ValueError
    """
    if not any(one.is_network for one in members):
        raise ValueError(
            f"partial_fit with the members {[one.name for one in members]}, none of which trains "
            "a network; expected at least one that does, such as 'l2_sp' or 'scratch'. A read-out "
            "is fitted to a whole table: call fit."
        )


def _attempt(run: Run, one: MemberFit, fit: Callable[[], T]) -> T | None:
    """What `fit` gives; None where the training of this member diverges."""
    try:
        return fit()
    except DivergenceError as error:
        run.diverged[one.name] = error
        return None


def _with_folds(
    members: Sequence[MemberFit], cv: SomeFolds, rng: np.random.RandomState
) -> tuple[list[MemberFit], Folds]:
    """Members without rows of no weight, of which a fold could consist, and folds of the others.

    A splitter is given all rows.
    """
    those = [one.of_rows_that_count() for one in members]
    of = those if isinstance(cv, Integral) else members
    return those, choose_folds(cv, of[0].prepared.table, rng)


def _that_trained(
    run: Run, members: Sequence[MemberFit], results: Sequence[T | None]
) -> list[int]:
    """Positions of members that have a result; an error where all networks diverged."""
    trained = [k for k, result in enumerate(results) if result is not None]
    if run.diverged and not any(members[k].is_network for k in trained):
        raise next(iter(run.diverged.values()))
    return trained


def applicable(members: Sequence[MemberFit]) -> list[MemberFit]:
    """Members that have what their strategy needs.

    Raises
    ------
    ValueError
        If there is none, or there are networks and none of them has.
    """
    those = [one for one in members if one.is_applicable]
    networks = [one for one in members if one.is_network]
    if networks and not any(one.is_network for one in those):
        # one network is trained in any case, from scratch if need be
        fresh = [one for one in networks if not one.prepared.strategy.carries_head][:1]
        those = [one for one in members if one in fresh or one in those] if fresh else []
    if not those:
        raise ValueError(
            "None of the ensemble's networks can be trained here: "
            f"{listed([one.name for one in networks or members])} would keep the source's output "
            "layer or start from its layers, and what y or X has does not fit them. Expected at "
            "least one that can do without, such as 'l2_sp' or 'scratch'; add it to the members."
        )
    return those


def primary_of(members: Sequence[MemberFit], weights: np.ndarray) -> int:
    """Position of the primary member: a network before a read-out, one that uses the source
    before one that does not, then the one of most weight."""
    positions = range(len(members))
    return max(
        positions, key=lambda k: (members[k].is_network, members[k].uses_source, weights[k], -k)
    )


def _rows_of_prior(members: Sequence[MemberFit], held_out: Table) -> float:
    alone = any(one.is_source_alone for one in members)
    return prior_rows(held_out, members[0].prepared.target, alone)


def _see_skills(members: Sequence[MemberFit]) -> None:
    """Note the skill that the predictions of each member's source imply."""
    skills: dict[int, float | None] = {}
    for one in members:
        of = id(one.prepared.source)
        if of not in skills:
            skills[of] = implied_skill(one.prepared)
        one.skill = skills[of]


def _weigh(
    run: Run, members: Sequence[MemberFit], trials: Sequence[Trial], folds: Folds
) -> tuple[np.ndarray, dict[str, float], Gain | None]:
    """Weights, the held-out loss of each member, and what those with the source gain."""
    _see_skills(members)
    prior = prior_of(members, trials)
    table, target = members[0].prepared.table, members[0].prepared.target
    lacks_classes = run.options.mode == "partial_fit" and has_unseen_classes(table.y, target)
    if not folds.pairs or len(members) == 1:
        if lacks_classes:
            prior = with_source_as_it_is(prior, members, trials, table, target)
        return prior, {}, None
    held_out = table.rows(folds.tested)
    predictions = np.stack([np.asarray(trial.predictions) for trial in trials], axis=-1)
    losses = {
        one.name: float(np.asarray(trial.losses).mean())
        for one, trial in zip(members, trials, strict=True)
    }
    uses = np.array([one.uses_source for one in members])
    if not uses.any() or uses.all():
        weights, _ = member_weights(predictions, held_out, target, prior)
        return weights, losses, None
    tested = np.stack([np.asarray(trial.cross_fitted) for trial in trials], axis=-1)
    rows_of_prior, part = _rows_of_prior(members, held_out), folds.parts(held_out.groups)
    units = folds.units(held_out.groups)
    of_rest: Prior = partial(prior_of, members, trials, None)
    gain = transfer_gain(tested, held_out, target, of_rest, uses, part, units, rows_of_prior)
    prior = prior_of(members, trials, gain)
    weights, _ = member_weights(predictions, held_out, target, prior, rows_of_prior)
    if lacks_classes:
        # what rows of some of the classes say about the source is not worth a warning
        return with_source_as_it_is(weights, members, trials, held_out, target), losses, gain
    if (held_out.y != held_out.y[:1]).any():  # a constant needs no source
        _warn_of_source(members, weights, gain, len(held_out.y))
    return weights, losses, gain


def _warn_of_source(
    members: Sequence[MemberFit], weights: np.ndarray, gain: Gain, n_rows: int
) -> None:
    """Say that a source does not help.

    Held-out rows alone are few, and of related sources one in four has no gain by chance.  Where
    the skill is known that the source's predictions imply, it must therefore be next to none, or
    the loss higher by more than its standard error.
    """
    uses = [one.uses_source for one in members]
    skills = [one.skill for one in members if one.uses_source]
    known = [skill for skill in skills if skill is not None]
    # of an ensemble or a scaled target, some members read other predictions than its network's
    flat = len(known) == len(skills) and is_flat(max(known))
    if not flat and gain.mean > (-gain.standard_error if known else 0.0):
        return
    loss = "as high as"
    if gain.mean:
        sense = "higher" if gain.mean < 0 else "lower"
        loss = f"{abs(gain.mean):.3g} (standard error {gain.standard_error:.2g}) {sense} than"
    verb = "does not help" if gain.mean <= -gain.standard_error else "does not clearly help"
    reason = f"{verb} here, as far as {n_rows} held-out rows show: with"
    if flat:
        reason = "can hardly help here: its predictions hardly differ between these rows. With"
    warn(
        f"This source {reason} the members that use it their loss is {loss} without them; they "
        f"get {weights[uses].sum():.0%} of the weight. Compare with another source, with none "
        "(strategy='ensemble', source=None), and with the source as it is "
        "(strategy=Recalibrate('none')).",
        TransferWarning,
    )


def _table_gains(
    members: Sequence[MemberFit], trials: Sequence[Trial], folds: Folds
) -> dict[str, Gain]:
    """By how much the held-out loss of trees falls with the rows of each other table."""
    tables_of = {
        k: one.prepared.strategy.only
        for k, one in enumerate(members)
        if isinstance(one.prepared.strategy, Pooled)
    }
    alone = [k for k, tables in tables_of.items() if tables == []]
    if not folds.pairs or not alone:
        return {}
    losses = {k: np.asarray(trials[k].losses) for k in tables_of}
    gains, units = {}, folds.units(members[0].prepared.table.rows(folds.tested).groups)
    for k, tables in tables_of.items():
        if tables:
            gains[tables[0]] = mean_gain(losses[alone[0]] - losses[k], units)
    return dict(sorted(gains.items(), key=lambda item: -item[1].mean))


def _held_out(
    members: Sequence[MemberFit],
    trials: Sequence[Trial],
    folds: Folds,
    weights: np.ndarray,
    gain: Gain | None,
) -> HeldOutScores | None:
    """Scores of held-out predictions, mixed by weights that other folds choose."""
    if not folds.pairs:
        return None
    target = members[0].prepared.target
    rows = members[0].prepared.table.rows(folds.tested)
    those = np.flatnonzero(weights > 0)  # no average has the others
    predictions = np.stack([np.asarray(trials[k].cross_fitted) for k in those.tolist()], axis=-1)

    def prior(rows: np.ndarray) -> np.ndarray:
        return prior_of(members, trials, gain, rows)[those]

    part, rows_of_prior = folds.parts(rows.groups), _rows_of_prior(members, rows)
    mixed = cross_fitted(predictions, rows, target, prior, part, rows_of_prior)
    with_rows = [one.prepared for one in members if one.prepared.unlabeled is not None]
    ratio = ratio_of_tested((with_rows or [members[0].prepared])[0], folds.tested)
    return held_out_scores(mixed, rows, target, folds, ratio)
