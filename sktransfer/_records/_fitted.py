"""What a fit has made: all that predicts, and all that a later fit resumes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sktransfer._records._held_out import HeldOutScores, n_scores
from sktransfer._records._member import Member
from sktransfer._records._plan import ReportRow
from sktransfer._records._schemas import TargetSchema


@dataclass(frozen=True, eq=False)
class FittedModel:
    """Fitted members and how their predictions are averaged.

    A single strategy is an ensemble of one.  An estimator's public attributes derive from this
    record.

    Attributes
    ----------
    members : tuple of Member
    weights : ndarray of shape (n_members,)
        At least 0; they sum to one.
    primary : str
        The member that the estimator's attributes describe: a network, if there is one.
    target : TargetSchema
        What the predictions mean.
    n_weighed : float
        Rows that the weights rest on, those of the prior included.
    losses : mapping of str to float
        Mean held-out loss of every member that was tried; empty without folds.
    gain : float or None
        By how much the cross-fitted held-out loss falls with the members that use the source.
    gain_error : float or None
        Its standard error.
    report : tuple of ReportRow
        What became of sources, members, layers, columns and classes.
    source : str or None
        Name of the source that the primary member started from.
    source_scores : mapping of str to float
        Where there are several sources: the score of each, the best first.
    is_ensemble : bool
        Whether the strategy was an ensemble.
    keeps_types : bool
        Whether columns of a table are read by their types, not as an array of numbers.
    takes_missing : bool
        Whether there are fill values for missing entries.
    held_out : HeldOutScores or None
        How far predictions for held-out rows were off; None where none were held out.
    table_gains : mapping of str to float
        By how much the held-out loss of trees falls with the rows of each other table.
    """

    members: tuple[Member, ...]
    weights: NDArray[np.float64]
    primary: str
    target: TargetSchema
    n_weighed: float = 0.0
    losses: Mapping[str, float] = field(default_factory=dict)
    gain: float | None = None
    gain_error: float | None = None
    report: tuple[ReportRow, ...] = ()
    source: str | None = None
    source_scores: Mapping[str, float] = field(default_factory=dict)
    is_ensemble: bool = False
    keeps_types: bool = False
    takes_missing: bool = False
    held_out: HeldOutScores | None = None
    table_gains: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        weights = np.asarray(self.weights, dtype=np.float64)
        object.__setattr__(self, "weights", weights)
        names = [member.name for member in self.members]
        if weights.shape != (len(names),) or not names or len(set(names)) < len(names):
            raise ValueError("there must be one weight for each of the members, under their names")
        if not (np.isfinite(weights).all() and (weights >= 0).all()):
            raise ValueError("weights of members must be finite numbers of at least 0")
        if abs(weights.sum() - 1.0) > 1e-6:
            raise ValueError(f"weights of members must sum to one, not {weights.sum():g}")
        if self.primary not in names:
            raise ValueError(f"the primary member {self.primary!r} is not among {names}")
        numbers = [self.n_weighed, *self.source_scores.values(), *self.table_gains.values()]
        if not np.isfinite(numbers).all() or self.n_weighed < 0:
            raise ValueError("rows that weights rest on, scores and gains are finite numbers")
        for member in self.members:
            self._check_member(member)
        if self.held_out is not None and len(self.held_out.scores) != n_scores(self.target):
            raise ValueError("held-out scores are of other outputs than the model's")

    def _check_member(self, member: Member) -> None:
        """Whether a member predicts what the others do, from the same table."""
        columns, first = member.inputs.columns, self.members[0].inputs.columns
        ours, theirs = self.target, member.target
        if (columns.n_features, columns.names) != (first.n_features, first.names):
            raise ValueError(f"the member {member.name!r} reads other columns than the first")
        if (theirs.kind, theirs.n_outputs, theirs.labels) != (
            ours.kind,
            ours.n_outputs,
            ours.labels,
        ):
            raise ValueError(f"the member {member.name!r} predicts something else than the model")
        if [(name, task.kind, task.labels) for name, task in theirs.tasks] != [
            (name, task.kind, task.labels) for name, task in ours.tasks
        ]:
            raise ValueError(f"the member {member.name!r} has other tasks than the model")

    @property
    def primary_member(self) -> Member:
        """The member that the estimator's attributes describe."""
        return next(member for member in self.members if member.name == self.primary)

    @property
    def has_network(self) -> bool:
        """Whether the primary member is a chain of layers that predicts by itself."""
        member = self.primary_member
        others = (member.readout, member.closed_form, member.foreign)
        return all(one is None for one in others)

    @property
    def dtype(self) -> np.dtype:
        """The precision of the primary member, or what its target needs."""
        needed = np.float64 if self.target.needs_digits else np.float32
        return np.result_type(self.primary_member.dtype, needed)
