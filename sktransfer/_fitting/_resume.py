"""A fitted model on the next chunk of a stream, or trained further: its networks resume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sktransfer._alignment import Prepared
from sktransfer._fitting._conformal import after_more_rows, scores_of_rows
from sktransfer._fitting._gain import Gain
from sktransfer._fitting._members import NetworkFit, RandomState, Run
from sktransfer._fitting._network import FittedMember
from sktransfer._fitting._outcome import Fitted, Weighted
from sktransfer._fitting._running_units import RunningUnits
from sktransfer._fitting._settings import resolve, schedule
from sktransfer._fitting._unseen_classes import has_unseen_classes
from sktransfer._fitting._weights import moved_weights, weight_of_rows, weights_of_learners
from sktransfer._networks import GivenTable
from sktransfer._preprocessing import Table, apply_transformers
from sktransfer._records import FittedModel, HeldOutScores, Member
from sktransfer._source_choice import MemberSpec
from sktransfer._warnings import warn
from sktransfer.strategies import Full, Strategy


def resume(
    run: Run,
    specs: Sequence[MemberSpec],
    table: Table,
    rng: np.random.RandomState,
    before: Fitted,
) -> Weighted:
    """Train the networks of a fitted model further.

    Rows of a stream are new: before any network learns from them, they move the weights and are
    scored.  Where a network is trained through the same rows again, earlier scores are dropped.

    Raises
    ------
    ValueError
        If there is no network that can be resumed, or one is no member any more.
    """
    model, options = before.model, run.options
    if not model.primary_member.is_network:
        raise ValueError(
            f"The fitted model ({model.primary}) has no network that could be resumed; expected "
            "one trained by a strategy such as 'l2_sp'. Call fit, with warm_start=False."
        )
    if options.one_epoch and not before.optimizers:
        warn(
            "The stream resumes with a new optimiser; expected the state of the last chunk's. "
            "A saved model has neither that nor the rows of a short stream (it predicts the same, "
            "but is trained on differently), and none is left where training has diverged or "
            "learned from other tables too. Use pickle or joblib to interrupt a stream without "
            "a difference."
        )
    table = table.computed_in(model.dtype)  # whatever the precision of this chunk
    is_ensemble = options.strategy.is_ensemble
    if not (model.is_ensemble and is_ensemble):
        return _resume_alone(run, table, rng, before)
    strategies = {spec.name: spec.strategy for spec in specs}
    _check_members(model.members, strategies)
    weights, n_weighed, held_out = model.weights, model.n_weighed, None
    tables = apply_transformers(table.X, [member.inputs.columns for member in model.members])
    encoded = [replace(table, X=X) for X in tables]
    if options.one_epoch:
        predictions = _of_each(model.members, encoded)
        held_out = _tested(model, predictions @ weights, table)
        if not _lacks_classes(before, table):
            weights = moved_weights(weights, predictions, table, model.target, n_weighed)
            if before.rows is None:  # else all rows weight the members again soon
                learns = np.array([member.is_network for member in model.members])
                weights = weights_of_learners(weights, predictions, table, model.target, learns)
        n_weighed += weight_of_rows(table)
    options.listener.begin(sum(member.is_network for member in model.members))
    fitted, units = [], RunningUnits(options.standardize)
    for member, rows in zip(model.members, encoded, strict=True):
        seed = int(rng.randint(2**31))
        if not member.is_network:
            fitted.append(FittedMember(member))
            continue
        strategy = strategies[member.name]
        earlier = before.member(member.name)
        is_primary = member.name == model.primary
        fitted.append(_resume_network(run, units, earlier, strategy, rows, seed, is_primary))
    names = {member.name for member in model.members}
    left_out = [row for row in model.report if row.part == "member" and row.name not in names]
    return Weighted(
        fitted,
        weights,
        model.primary,
        n_weighed,
        model.losses,
        None if model.gain is None else Gain(model.gain, model.gain_error or 0.0),
        tuple(left_out),
        held_out,
    )


def _lacks_classes(before: Fitted, table: Table) -> bool:
    """Whether a class is lacking: rows of the others do not show which member predicts it."""
    if before.rows is None:
        return False
    every = np.concatenate([before.rows.table.y, table.y])
    return has_unseen_classes(every, before.model.target)


def _resume_alone(run: Run, table: Table, rng: np.random.RandomState, before: Fitted) -> Weighted:
    """Train the primary network further, whatever the strategy was."""
    model, options = before.model, run.options
    is_ensemble = options.strategy.is_ensemble
    strategy = Full() if is_ensemble else options.strategy
    member = model.primary_member
    rows = table.encoded(member.inputs)
    run.is_part = False
    held_out = None
    if options.one_epoch and model.held_out is not None and len(model.members) == 1:
        predictions = GivenTable(table.given).predictions(member, rows.numbers, rows.dtype)
        held_out = _tested(model, predictions, table)
    units = RunningUnits(options.standardize)
    earlier = before.member(member.name)
    fitted = _resume_network(run, units, earlier, strategy, rows, rng, True)
    return Weighted([fitted], np.ones(1), member.name, held_out=held_out)


def _resume_network(
    run: Run,
    units: RunningUnits,
    before: FittedMember,
    strategy: Strategy,
    rows: Table,
    random_state: RandomState,
    is_primary: bool,
) -> FittedMember:
    moved = _in_units(units, run, before, strategy, rows)
    one = _fit_of(moved.member, strategy, rows)
    fitted = one.resume(run, moved, random_state, is_primary)
    has_diverged = fitted.optimizer is None
    if moved is before or not has_diverged:
        return fitted
    # the weights of before are restored, and so is what they go with
    member, theirs = fitted.member, before.member
    ours = (*member.coefs, *member.intercepts)
    for array, of_before in zip(ours, (*theirs.coefs, *theirs.intercepts), strict=True):
        array[...] = of_before  # in place: the net has the same memory
    restored = replace(member, inputs=theirs.inputs, plan=theirs.plan)
    return FittedMember(restored, fitted.net, None)


def _in_units(
    units: RunningUnits, run: Run, earlier: FittedMember, strategy: Strategy, rows: Table
) -> FittedMember:
    """A network of a stream with the units of all rows so far."""
    options, member = run.options, earlier.member
    if not options.one_epoch:
        return earlier
    settings = resolve(options, rows.n_samples, run.is_part)
    strategy = strategy if strategy.trains_network else Full()
    n_epochs = len(member.history.loss_curve) if member.history else 0
    phases = schedule(strategy, member.plan, settings, n_epochs)  # type: ignore[arg-type]
    return units.follow(earlier, rows, phases)


def _tested(model: FittedModel, predictions: np.ndarray, table: Table) -> HeldOutScores | None:
    """Scores with those of a chunk that the model is about to learn from."""
    if model.held_out is None:
        return None
    new = scores_of_rows(predictions, table, model.target, model.held_out)
    return after_more_rows(model.held_out, new)


def _of_each(members: Sequence[Member], tables: Sequence[Table]) -> np.ndarray:
    """Predictions of each member, of shape (n_samples, n_outputs, n_members)."""
    given = GivenTable(tables[0].given)
    pairs = zip(members, tables, strict=True)
    return np.stack(
        [given.predictions(one, rows.numbers, rows.dtype) for one, rows in pairs], axis=-1
    )


def _fit_of(member: Member, strategy: Strategy, rows: Table) -> NetworkFit:
    prepared = Prepared(
        member.name,
        strategy if strategy.trains_network else Full(),
        rows,
        member.inputs,
        member.target,
        member.plan,  # type: ignore[arg-type]
        member.uses_source,
    )
    return NetworkFit(prepared)


def _check_members(members: Sequence[Member], strategies: dict[str, Strategy]) -> None:
    networks = [member.name for member in members if member.is_network]
    gone = [name for name in networks if name not in strategies]
    if gone:
        raise ValueError(
            f"The networks {gone} of the fitted ensemble cannot be resumed: the strategy's "
            f"members are {list(strategies)} now; expected {networks} among them. Set the "
            "strategy back, or fit a new estimator."
        )
