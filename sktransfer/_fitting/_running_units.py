"""A network of a stream in the units of all rows so far, with the function that it had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sktransfer._fitting._network import FittedMember
from sktransfer._preprocessing import ChangeOfInputs, Table, distances, follow_rows
from sktransfer._records import CarriedLayer, InputSchema, Member, Phase
from sktransfer._warnings import warn
from sktransfer.exceptions import TransferWarning

#: Standard deviations by which a column may move without a word where units cannot follow.
_FAR = 6.0


class RunningUnits:
    """The units of a stream's columns after one more chunk; members that share them still do.

    Parameters
    ----------
    standardize : bool
        Whether units are measured at all.
    """

    def __init__(self, standardize: bool) -> None:
        self.standardize = standardize
        self._moved: dict[int, tuple[InputSchema, ChangeOfInputs]] = {}

    def follow(self, before: FittedMember, rows: Table, phases: Sequence[Phase]) -> FittedMember:
        """The network with the units of all rows so far; the first layer makes up for them.

        Where the first layer is frozen, units stay, and columns that have moved far are named.

        Parameters
        ----------
        before : FittedMember
        rows : Table
            Encoded rows of the chunk.
        phases : sequence of Phase
            What it is trained through now.
        """
        member = before.member
        plan, inputs, history = member.plan, member.inputs, member.history
        if not (self.standardize and inputs.scaling.is_measured and plan and history):
            return before
        weight = rows.sample_weight
        if weight is not None and not weight.all():  # rows of no weight are as if not there
            rows = rows.rows(np.flatnonzero(weight))
        first = next(iter(plan.layer_names))
        if not any(phase.scale(first) for phase in phases):
            _warn_of_drift(member, rows)
            return before
        if id(inputs) not in self._moved:
            self._moved[id(inputs)] = follow_rows(
                inputs, rows.X, rows.sample_weight, history.n_samples_seen
            )
        schema, change = self._moved[id(inputs)]
        weight, bias = change.layer(member.coefs[0], member.intercepts[0])
        carried = dict(plan.carried)
        if first in carried:
            start = carried[first]
            carried[first] = CarriedLayer(*change.layer(start.weight, start.bias), start.outputs)
        moved = replace(
            member,
            inputs=schema,
            coefs=[weight, *member.coefs[1:]],
            intercepts=[bias, *member.intercepts[1:]],
            plan=replace(plan, carried=carried),
        )
        optimizer = before.optimizer
        if optimizer is not None:
            shapes = [
                (w.shape, b.shape) for w, b in zip(member.coefs, member.intercepts, strict=True)
            ]
            optimizer = optimizer.after(change, shapes)
        return FittedMember(moved, before.net, optimizer)


def _warn_of_drift(member: Member, rows: Table) -> None:
    away = distances(member.inputs, rows.X)
    far = np.flatnonzero(away > _FAR)
    if not len(far):
        return
    worst = far[np.argmax(away[far])]
    name = member.inputs.columns.named_columns[worst]
    others = "" if len(far) == 1 else f" (and {len(far) - 1} others by less)"
    warn(
        f"Column {name!r} has moved by {away[worst]:.0f} standard deviations{others} "
        "since it was measured; expected what the first chunk was like, because "
        f"{member.name} keeps the first layer, and with it the units of columns, as they are. "
        "Predictions are worth little so far out. Give a strategy that trains the first layer, "
        "such as 'l2_sp', or fit a new model.",
        TransferWarning,
    )
