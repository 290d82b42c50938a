"""A combination on a stream, or trained further: its networks go on, its read-outs stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sktransfer._alignment import Prepared, resumed_plan
from sktransfer._fitting._ensemble import Combination, Fitted, Job, applicable, leading, prior_of
from sktransfer._fitting._weights import PRIOR_ROWS, moved_weights, weight_of_rows
from sktransfer._networks import answer
from sktransfer._preprocessing import Table, apply_transformers, encode
from sktransfer._records import Member, SourceDescription
from sktransfer.strategies import Combined, Strategy


def begin_stream(
    job: Job, prepared: Sequence[Prepared], strategy: Combined, rng: np.random.RandomState
) -> Combination:
    """One epoch of the networks among the members; read-outs need a whole table.

    The weights are the prior's: nothing has been held out yet.
    """
    networks = [one for one in applicable(prepared) if one.strategy.readout is None]
    weights = prior_of(networks, strategy)
    job.begin(len(networks))
    lead = networks[leading(networks, weights)].name
    fitted = []
    for one in networks:
        fitted += job.fit(one, one.table, int(rng.randint(2**31)), one.name == lead)
    return Combination(fitted, weights, lead, PRIOR_ROWS, {}, None)


def go_on(
    job: Job,
    strategies: Mapping[str, Strategy],
    sources: Mapping[str, SourceDescription | None],
    table: Table,
    rng: np.random.RandomState,
) -> Combination:
    """Train the networks of a fitted combination further.

    Rows of a stream are new: before any network learns from them, they move the weights.

    Raises
    ------
    ValueError
        If one of the networks is no member any more.
    """
    estimator = job.estimator
    members: tuple[Member, ...] = estimator._members
    _check_members(members, strategies)
    weights = np.array([estimator.member_weights_[member.name] for member in members])
    n_weighed = estimator._n_weighed
    tables = apply_transformers(table.X, [member.inputs for member in members])
    encoded = [replace(table, X=X) for X in tables]
    if job.one_epoch:
        answers = [
            answer(member, encode(rows.X, member.inputs, rows.dtype))
            for member, rows in zip(members, encoded, strict=True)
        ]
        target = estimator._target
        weights = moved_weights(weights, np.stack(answers, axis=-1), table, target, n_weighed)
        n_weighed += weight_of_rows(table)
    goes_on = [member.plan is not None for member in members]
    job.begin(sum(goes_on))
    fitted = []
    for member, rows, moves in zip(members, encoded, goes_on, strict=True):
        seed = int(rng.randint(2**31))
        if not moves:
            fitted.append(Fitted(member))
            continue
        strategy = strategies[member.name]
        source = sources[member.name] if member.uses_source else None
        plan = resumed_plan(estimator, member, source, strategy)
        prepared = Prepared(member.name, strategy, rows, member.inputs, member.target, plan)
        leads = member.name == estimator._lead
        optimizer = getattr(estimator, "_optimizers", {}).get(member.name)
        fitted.append(job.train(prepared, rows, seed, leads, member, optimizer))
    return Combination(
        fitted,
        weights,
        estimator._lead,
        n_weighed,
        estimator.member_losses_,
        estimator.transfer_gain_,
        _left_out(estimator),
    )


def _check_members(members: Sequence[Member], strategies: Mapping[str, Strategy]) -> None:
    networks = [member.name for member in members if member.plan is not None]
    gone = [name for name in networks if name not in strategies]
    if gone:
        raise ValueError(
            f"The networks {gone} of the fitted combination cannot go on: the strategy's members "
            f"are {list(strategies)} now; expected {networks} among them. Set the strategy back, "
            "or fit a new estimator."
        )


def _left_out(estimator: Any):
    names = {member.name for member in estimator._members}
    rows = estimator.transfer_report_.rows
    return tuple(row for row in rows if row.part == "member" and row.name not in names)
