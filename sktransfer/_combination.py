"""Members side by side: trained on folds, weighed by what they say of rows left out."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sktransfer._fitted import State
from sktransfer._folds import Folds, choose_folds
from sktransfer._members import Prepared
from sktransfer._mixing import mix_losses, mixing_weights
from sktransfer._preprocessing import apply_transformer, encode
from sktransfer._read_out import fit_readout, merge_readouts
from sktransfer._records import Member, ReportRow, TargetSchema
from sktransfer._report import TransferReport
from sktransfer._table import Table
from sktransfer._watching import FitTask
from sktransfer.exceptions import TransferWarning
from sktransfer.networks import CHUNK_ROWS, answer
from sktransfer.strategies import Combined

#: A member of less weight is left out: it costs time and changes nothing.
_LEAST_WEIGHT = 0.01
#: Weight of all members with the source below which it is said not to help.
_LITTLE_WEIGHT = 0.1
_PUBLISHED = ("_members", "member_weights_", "member_losses_", "transfer_gain_")


class Job:
    """What all runs of one combined fit share.

    Parameters
    ----------
    estimator : BaseTransferMLP
    validation, augmentation : see ``fit``
    told : tuple of (X, y)
        The user's.
    """

    def __init__(self, estimator: Any, validation: Any, augmentation: Any, told: tuple) -> None:
        self.estimator = estimator
        self.validation, self.augmentation = validation, augmentation
        self._told = told

    def begin(self, n_runs: int) -> None:
        """Tell scikit-learn's callbacks how many runs there will be."""
        X, y = self._told
        self.task = FitTask(self.estimator, X, y, n_runs, lambda: vars(self.estimator))

    def fit(self, prepared: Prepared, table: Table, seed: int) -> list[_Fitted]:
        """Fit a member to some rows: one network, or the read-outs of every strength."""
        if self.task.is_followed:
            self.task.epoch_begins()
        if prepared.strategy.readout is not None:
            fitted = [_Fitted(member) for member in fit_readout(prepared, table, seed)]
        else:
            state, net, _, _ = self.estimator._train(
                prepared, table, np.random.RandomState(seed), self.validation, self.augmentation
            )
            attributes = state.attributes()
            member = prepared.member(attributes["coefs_"], attributes["intercepts_"])
            fitted = [_Fitted(member, state, net)]
        if self.task.is_followed:
            self.task.run_ends()
        return fitted


@dataclass
class _Fitted:
    member: Member
    state: State | None = None  # of a network
    net: Any = None


@dataclass
class _Outcome:
    fitted: _Fitted
    predictions: Any  # for the rows left out, in the order of ``folds.tested``


@dataclass(frozen=True)
class Combination:
    """Fitted members and how they mix.

    Attributes
    ----------
    outcomes : list of _Outcome
    weights : ndarray of shape (n_members,)
    losses : dict of str to float
        Mean loss of each member on rows left out; empty without folds.
    gain : float or None
        By how much that loss of the best mixture falls when members with the source are let in.
    """

    outcomes: list[_Outcome]
    weights: np.ndarray
    losses: dict[str, float]
    gain: float | None

    def publish(self, estimator: Any) -> None:
        """Make it the estimator's, with the attributes of the network that leads."""
        forget_members(estimator)
        networks = [
            (not one.fitted.member.uses_source, -weight, at)
            for at, (one, weight) in enumerate(zip(self.outcomes, self.weights, strict=True))
            if one.fitted.state is not None
        ]
        # of the networks, one that uses the source, of most weight
        lead = self.outcomes[min(networks)[2]].fitted
        lead.state.publish(lead.net, None)  # type: ignore[union-attr]
        kept = self.weights >= _LEAST_WEIGHT
        members = [self.outcomes[at].fitted.member for at in np.flatnonzero(kept)]
        shares = self.weights[kept] / self.weights[kept].sum()
        report = estimator.transfer_report_
        states = [one.fitted.state for one in self.outcomes]
        sources = [s.plan.source for s in states if s is not None and s.plan.source is not None]
        vars(estimator).update(
            _members=tuple(members),
            member_weights_={
                member.name: float(share) for member, share in zip(members, shares, strict=True)
            },
            member_losses_=self.losses,
            transfer_gain_=self.gain,
            transfer_report_=TransferReport(
                (*self._report_rows(), *report.rows),
                sources[0].name if sources else None,
                report.n_parameters,
            ),
        )

    def _report_rows(self) -> list[ReportRow]:
        rows = []
        for outcome, weight in zip(self.outcomes, self.weights, strict=True):
            member = outcome.fitted.member
            loss = self.losses.get(member.name)
            tested = "" if loss is None else f", loss {loss:.3g} on rows held out"
            status = "with source" if member.uses_source else "without source"
            rows.append(ReportRow("member", member.name, status, f"weight {weight:.2f}{tested}"))
        return rows


def forget_members(estimator: Any) -> None:
    """Leave nothing of an earlier combination behind."""
    for name in _PUBLISHED:
        vars(estimator).pop(name, None)


def mixed_outputs(
    members: Sequence[Member],
    weights: Mapping[str, float],
    target: TargetSchema,
    X: Any,
    dtype: Any,
) -> np.ndarray:
    """The members' answers, mixed, in the unit of `target`.

    Parameters
    ----------
    members : sequence of Member
    weights : dict of str to float
        By the members' names.
    target : TargetSchema
        Of the network that leads.
    X : a checked table of shape (n_samples, n_features)
    dtype : numpy dtype

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    outputs = np.zeros((X.shape[0], target.n_outputs), dtype)
    for member in members:
        encoded = apply_transformer(X, member.inputs)
        for at in range(0, X.shape[0], CHUNK_ROWS):
            rows = slice(at, at + CHUNK_ROWS)
            answers = answer(member, encode(encoded[rows], member.inputs, dtype))
            outputs[rows] += weights[member.name] * answers
    if target.is_scaled:
        outputs = (outputs - target.center.astype(dtype)) / target.scale.astype(dtype)
    return outputs


def combine(
    job: Job,
    prepared: Sequence[Prepared],
    strategy: Combined,
    rng: np.random.RandomState,
    groups: Any,
) -> Combination:
    """Fit members on folds, weigh them, and fit them for good.

    Parameters
    ----------
    job : Job
    prepared : sequence of Prepared
    strategy : Combined
    rng : RandomState
    groups : array-like of shape (n_samples,) or None

    Returns
    -------
    Combination
    """
    seeds = {one.name: int(rng.randint(2**31)) for one in prepared}
    prepared = [one for one in prepared if _is_applicable(one)]
    folds = choose_folds(strategy.cv, prepared[0].table, groups, rng)
    job.begin(sum(len(folds.pairs) + (not _merges(one, folds)) for one in prepared))
    outcomes = [_fit_member(job, one, folds, seeds[one.name]) for one in prepared]
    weights, losses, gain = _weigh(prepared, outcomes, folds, strategy.prior_weights)
    return Combination(outcomes, weights, losses, gain)


def _is_applicable(prepared: Prepared) -> bool:
    """Whether a member has what its strategy needs."""
    strategy, plan = prepared.strategy, prepared.plan
    if strategy.carries_head and not plan.keeps_head:
        return False
    if getattr(strategy, "kind", None) == "boosted" and prepared.target.loss == "poisson":
        return False  # scikit-learn's boosting has no such loss
    return plan.source is not None or not strategy.needs_source


def _merges(prepared: Prepared, folds: Folds) -> bool:
    """Whether the mean of what folds have fitted answers, not another fit on all rows.

    For read-outs that is cheaper and better, for networks as good, but they would all be needed.
    """
    return prepared.strategy.readout is not None and folds.is_partition and bool(folds.pairs)


def _fit_member(job: Job, one: Prepared, folds: Folds, seed: int) -> _Outcome:
    table = one.table
    if not folds.pairs:
        path = job.fit(one, table, seed)
        return _Outcome(path[len(path) // 2], None)
    paths, answers = [], []
    for train, test in folds.pairs:
        path = job.fit(one, table.rows(train), seed)
        rows = encode(table.X[test], one.inputs, table.dtype)
        paths.append(path)
        answers.append([answer(fitted.member, rows) for fitted in path])
    by_strength = [np.concatenate(parts) for parts in zip(*answers, strict=True)]
    held_out = table.rows(folds.tested)
    losses = [mix_losses(p[..., None], held_out, one.target).mean() for p in by_strength]
    best = int(np.argmin(losses))
    if _merges(one, folds):
        fitted = _Fitted(merge_readouts([path[best].member for path in paths]))
    else:
        fitted = job.fit(one, table, seed)[best]
    return _Outcome(fitted, by_strength[best])


def _weigh(
    prepared: Sequence[Prepared],
    outcomes: Sequence[_Outcome],
    folds: Folds,
    prior_of: Mapping[str, float],
) -> tuple[np.ndarray, dict[str, float], float | None]:
    names = [one.name for one in prepared]
    prior = np.array([float(prior_of.get(name, 1.0)) for name in names])
    if not folds.pairs or len(prepared) == 1:
        return prior / prior.sum(), {}, None
    held_out, target = prepared[0].table.rows(folds.tested), prepared[0].target
    predictions = np.stack([outcome.predictions for outcome in outcomes], axis=-1)
    weights, loss = mixing_weights(predictions, held_out, target, prior)
    alone = [mix_losses(predictions[..., [k]], held_out, target).mean() for k in range(len(names))]
    losses = dict(zip(names, map(float, alone), strict=True))
    uses = np.array([outcome.fitted.member.uses_source for outcome in outcomes])
    if not uses.any() or uses.all():
        return weights, losses, None
    _, without = mixing_weights(predictions[..., ~uses], held_out, target, prior[~uses])
    if weights[uses].sum() < _LITTLE_WEIGHT:
        warnings.warn(
            f"This source does not help here: members that use it get {weights[uses].sum():.0%} "
            "of the weight, by their answers to rows held out in turn. The combination falls back "
            "on those without it; another source, or none, does as well.",
            TransferWarning,
            stacklevel=5,
        )
    return weights, losses, without - loss
