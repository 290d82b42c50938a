"""What a fit has made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sktransfer._fitting._gain import Gain
from sktransfer._fitting._network import FittedMember
from sktransfer._preprocessing import Table
from sktransfer._records import FittedModel, HeldOutScores, Member, ReportRow

if TYPE_CHECKING:
    from sktransfer._training import FlatOptimizer, SilentNet, TransferNet


@dataclass(frozen=True, eq=False)
class StreamRows:
    """The rows of a stream so far, while they are few.

    Attributes
    ----------
    table : Table
        Checked, not encoded.
    n_fitted : int
        How many there were when all of them were fitted.
    """

    table: Table
    n_fitted: int


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted model, and what belongs to the process that trained it.

    Attributes
    ----------
    model : FittedModel
    net : skorch.NeuralNet or None
        That of the primary network.
    optimizers : mapping of str to FlatOptimizer
        With their states, by member.
    rows : StreamRows or None
        Those of a short stream.
    """

    model: FittedModel
    net: TransferNet | SilentNet | None = None
    optimizers: Mapping[str, FlatOptimizer] = field(default_factory=dict)
    rows: StreamRows | None = None

    def member(self, name: str) -> FittedMember:
        """A member with its optimiser, to be resumed."""
        (member,) = [one for one in self.model.members if one.name == name]
        return FittedMember(member, None, self.optimizers.get(name))


@dataclass(frozen=True, eq=False)
class Weighted:
    """Fitted members and their weights.

    Attributes
    ----------
    fitted : sequence of FittedMember
    weights : ndarray of shape (n_members,)
    primary : str
        Name of the member that the estimator's attributes describe.
    n_weighed : float
        Rows that the weights rest on, those of the prior included.
    losses : mapping of str to float
        Mean held-out loss of every member that was tried; empty without folds.
    gain : Gain or None
        By how much the held-out loss falls with the members that use the source.
    left_out : tuple of ReportRow
        Members that got no weight.
    held_out : HeldOutScores or None
        How far predictions for held-out rows were off.
    table_gains : mapping of str to Gain
        By how much the held-out loss of trees falls with the rows of each other table.
    """

    fitted: Sequence[FittedMember]
    weights: np.ndarray
    primary: str
    n_weighed: float = 0.0
    losses: Mapping[str, float] = field(default_factory=dict)
    gain: Gain | None = None
    left_out: tuple[ReportRow, ...] = ()
    held_out: HeldOutScores | None = None
    table_gains: Mapping[str, Gain] = field(default_factory=dict)

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(one.member for one in self.fitted)

    def report(self) -> list[ReportRow]:
        """What became of each member."""
        rows = [
            member_row(member.name, member.uses_source, weight, self.losses)
            for member, weight in zip(self.members, self.weights, strict=True)
        ]
        return [*rows, *self.left_out]


def member_row(
    name: str, uses_source: bool, weight: float, losses: Mapping[str, float]
) -> ReportRow:
    """What became of a member."""
    tested = f", held-out loss {losses[name]:.3g}" if name in losses else ""
    status = "with source" if uses_source else "without source"
    return ReportRow("member", name, status, f"weight {weight:.2f}{tested}")
