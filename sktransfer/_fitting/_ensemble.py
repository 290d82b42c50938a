"""Members side by side: trained on folds, weighed by what they say of rows left out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np

from sktransfer._alignment import Prepared
from sktransfer._fitting._callbacks import FitTask
from sktransfer._fitting._folds import Folds, choose_folds
from sktransfer._fitting._network import State, without_arrays
from sktransfer._fitting._report import TransferReport
from sktransfer._fitting._weights import PRIOR_ROWS, mix_losses, mixing_weights, weight_of_rows
from sktransfer._networks import answer
from sktransfer._preprocessing import Table, encode
from sktransfer._readouts import fit_readout, merge_readouts
from sktransfer._records import Member, ReportRow
from sktransfer._warnings import warn
from sktransfer.exceptions import (
    DivergenceError,
    DivergenceWarning,
    TransferWarning,
    no_applicable_member,
)
from sktransfer.strategies import Combined

_log = logging.getLogger("sktransfer")

#: A member of less weight is left out: it costs time and changes nothing.
_LEAST_WEIGHT = 0.01
#: Weight of all members with the source below which it is said not to help.
_LITTLE_WEIGHT = 0.1
_PUBLISHED = (
    "_members",
    "_lead",
    "_n_weighed",
    "_optimizers",
    "member_weights_",
    "member_losses_",
    "transfer_gain_",
)


class Job:
    """What all runs of one combined fit share.

    Parameters
    ----------
    estimator : BaseTransferMLP
    validation, augmentation : see ``fit``
    told : tuple of (X, y)
        The user's.
    one_epoch : bool, default=False
        Whether networks are trained for one epoch only (``partial_fit``).
    """

    def __init__(
        self,
        estimator: Any,
        validation: Any,
        augmentation: Any,
        told: tuple,
        one_epoch: bool = False,
    ) -> None:
        self.estimator, self.one_epoch = estimator, one_epoch
        self._validation, self._augmentation = validation, augmentation
        self._told = told
        self.diverged: dict[str, DivergenceError] = {}

    def begin(self, n_runs: int) -> None:
        """Tell scikit-learn's callbacks how many runs there will be at most."""
        X, y = self._told
        self.task = FitTask(self.estimator, X, y, n_runs, lambda: vars(self.estimator))

    def fit(
        self, prepared: Prepared, table: Table, seed: int, leads: bool = False
    ) -> list[Fitted]:
        """Fit a member to some rows: one network, or the read-outs of every strength."""
        if prepared.strategy.readout is None:
            return [self.train(prepared, table, seed, leads)]
        self._say(prepared.name)
        run = self.task.run(prepared.name)
        members = fit_readout(prepared, table, seed)
        run.run_ends()
        return [Fitted(member) for member in members]

    def attempt(self, name: str, fit: Callable, *args: Any) -> Any:
        """What `fit` gives; None where the training of this member diverges."""
        try:
            return fit(self, *args)
        except DivergenceError as error:
            self.diverged[name] = error
            return None

    def train(
        self,
        prepared: Prepared,
        table: Table,
        seed: int,
        leads: bool,
        network: Member | None = None,
        optimizer: Any = None,
    ) -> Fitted:
        """Train a member's network: a new one, or the one that was fitted before."""
        self._say(prepared.name)
        state, net, optimizer, run = self.estimator._train(
            prepared,
            table,
            np.random.RandomState(seed),
            self._validation,
            self._augmentation,
            follow=partial(self.task.run, prepared.name),
            is_part=True,
            leads=leads,
            network=network,
            optimizer=optimizer,
            one_epoch=self.one_epoch,
        )
        run.run_ends()
        attributes = state.attributes()
        member = prepared.member(
            attributes["coefs_"],
            attributes["intercepts_"],
            plan=without_arrays(prepared.plan),
        )
        return Fitted(member, state, net, optimizer)

    def _say(self, name: str) -> None:
        _log.debug("member %s", name)
        if self.estimator.verbose > 1:
            print(f"Member {name}")


@dataclass
class Fitted:
    """A member, and what trained it if that was a network."""

    member: Member
    state: State | None = None
    net: Any = None
    optimizer: Any = None


@dataclass(frozen=True)
class Combination:
    """Fitted members and how they mix.

    Attributes
    ----------
    fitted : list of Fitted
    weights : ndarray of shape (n_members,)
    lead : str
        The member whose network the estimator's attributes describe.
    n_weighed : float
        Rows that the weights rest on, the prior's included.
    losses : dict of str to float
        Mean loss on rows held out, of every member that was tried; empty without folds.
    gain : float or None
        By how much that loss of the best mixture falls when members with the source are let in.
    left_out : tuple of ReportRow
        Members that earned no weight.
    """

    fitted: list[Fitted]
    weights: np.ndarray
    lead: str
    n_weighed: float
    losses: dict[str, float]
    gain: float | None
    left_out: tuple[ReportRow, ...] = ()

    def publish(self, estimator: Any) -> None:
        """Make it the estimator's, with the attributes of the network that leads."""
        forget_members(estimator)
        (lead,) = [one for one in self.fitted if one.member.name == self.lead]
        state: State = lead.state  # type: ignore[assignment]
        state.publish(lead.net, lead.optimizer)
        members = tuple(one.member for one in self.fitted)
        report = estimator.transfer_report_
        rows = (*self._report_rows(), *self.left_out)
        if estimator.verbose:
            print("\n".join(f"Member {row.name}, {row.status}: {row.reason}" for row in rows))
        vars(estimator).update(
            _members=members,
            _lead=self.lead,
            _n_weighed=self.n_weighed,
            _optimizers={m.member.name: m.optimizer for m in self.fitted if m.optimizer},
            member_weights_={
                member.name: float(weight)
                for member, weight in zip(members, self.weights, strict=True)
            },
            member_losses_=self.losses,
            transfer_gain_=self.gain,
            transfer_report_=TransferReport(
                (*rows, *(row for row in report.rows if row.part != "member")),
                report.source,
                report.n_parameters,
            ),
        )

    def _report_rows(self) -> list[ReportRow]:
        return [
            report_row(one.member.name, one.member.uses_source, weight, self.losses)
            for one, weight in zip(self.fitted, self.weights, strict=True)
        ]


def report_row(name: str, uses_source: bool, weight: float, losses: Mapping) -> ReportRow:
    """What became of a member."""
    tested = f", loss {losses[name]:.3g} on rows held out" if name in losses else ""
    status = "with source" if uses_source else "without source"
    return ReportRow("member", name, status, f"weight {weight:.2f}{tested}")


def forget_members(estimator: Any) -> None:
    """Leave nothing of an earlier combination behind."""
    for name in _PUBLISHED:
        vars(estimator).pop(name, None)


def combine(
    job: Job,
    prepared: Sequence[Prepared],
    strategy: Combined,
    rng: np.random.RandomState,
) -> Combination:
    """Fit members on folds, weigh them, and fit them for good.

    Parameters
    ----------
    job : Job
    prepared : sequence of Prepared
    strategy : Combined
    rng : RandomState

    Returns
    -------
    Combination
    """
    seeds = {one.name: int(rng.randint(2**31)) for one in prepared}
    prepared = applicable(_rows_that_count(prepared, strategy))
    folds = choose_folds(strategy.cv, prepared[0].table, rng)
    job.begin(sum(len(folds.pairs) + (not _merges(one, folds)) for one in prepared))
    trials = [job.attempt(one.name, _try, one, folds, seeds[one.name]) for one in prepared]
    trained = _that_trained(job, prepared, trials)
    prepared, trials = [prepared[k] for k in trained], [trials[k] for k in trained]
    weights, losses, gain = _weigh(prepared, trials, folds, strategy)
    lead = leading(prepared, weights)
    fitted: list[Any] = [  # for good, those that earned it
        job.attempt(one.name, _finish, one, folds, trials[k], seeds[one.name], k == lead)
        if k == lead or weights[k] >= _LEAST_WEIGHT
        else None
        for k, one in enumerate(prepared)
    ]
    kept = _that_trained(job, prepared, fitted)
    if job.diverged:
        warn(DivergenceWarning.members(job.diverged))
    members, shares = [prepared[k] for k in kept], weights[kept]
    return Combination(
        [fitted[k] for k in kept],
        shares / shares.sum(),
        members[leading(members, shares)].name,
        PRIOR_ROWS + (weight_of_rows(prepared[0].table) if folds.pairs else 0.0),
        losses,
        gain,
        tuple(
            report_row(one.name, one.plan.source is not None, weights[k], losses)
            for k, one in enumerate(prepared)
            if k not in kept
        ),
    )


def _rows_that_count(prepared: Sequence[Prepared], strategy: Combined) -> Sequence[Prepared]:
    """Without rows of no weight, of which a fold could consist; a splitter sees all rows."""
    weight = prepared[0].table.sample_weight
    if weight is None or weight.all() or not weight.any() or not isinstance(strategy.cv, Integral):
        return prepared
    rows = np.flatnonzero(weight)
    return [replace(one, table=one.table.rows(rows)) for one in prepared]


def _that_trained(job: Job, prepared: Sequence[Prepared], results: Sequence[Any]) -> list[int]:
    """Positions of members that have a result; an error where no network has one."""
    trained = [k for k, result in enumerate(results) if result is not None]
    if all(prepared[k].strategy.readout is not None for k in trained):
        raise next(iter(job.diverged.values()))
    return trained


def applicable(prepared: Sequence[Prepared]) -> list[Prepared]:
    """Members that have what their strategy needs; an error where no network is among them."""
    those = [one for one in prepared if _is_applicable(one)]
    if all(one.strategy.readout is not None for one in those):
        raise no_applicable_member([p.name for p in prepared if p.strategy.readout is None])
    return those


def _is_applicable(prepared: Prepared) -> bool:
    strategy, plan = prepared.strategy, prepared.plan
    if strategy.carries_head and not plan.keeps_head:
        return False
    if getattr(strategy, "kind", None) == "boosted" and prepared.target.loss == "poisson":
        return False  # scikit-learn's boosting has no such loss
    return plan.source is not None or not strategy.needs_source


def leading(prepared: Sequence[Prepared], weights: np.ndarray) -> int:
    """Position of the network that leads: one that uses the source, of most weight."""
    networks = [k for k, one in enumerate(prepared) if one.strategy.readout is None]
    return max(networks, key=lambda k: (prepared[k].plan.source is not None, weights[k], -k))


def prior_of(prepared: Sequence[Prepared], strategy: Combined) -> np.ndarray:
    """How far members are trusted before any row was seen."""
    named = strategy.prior_weights
    prior = np.array([float(named.get(one.name, 1.0)) for one in prepared])
    return prior / prior.sum()


def _merges(prepared: Prepared, folds: Folds) -> bool:
    """Whether the mean of what folds have fitted answers, not another fit on all rows.

    For read-outs that is cheaper and better, for networks as good, but they would all be needed.
    """
    return prepared.strategy.readout is not None and folds.is_partition and bool(folds.pairs)


@dataclass
class _Trial:
    """A member on folds: what it is for good follows from the strength that did best."""

    best: int | None  # None where there were no folds
    predictions: Any = None  # for the rows left out, in the order of ``folds.tested``
    fitted: Sequence[Fitted] = ()  # of each fold


def _try(job: Job, one: Prepared, folds: Folds, seed: int) -> _Trial:
    if not folds.pairs:
        return _Trial(None)
    table, paths, answers = _to_try_on(one), [], []
    for train, test in folds.pairs:
        path = job.fit(one, table.rows(train), seed)
        rows = encode(table.X[test], one.inputs, one.table.dtype)
        paths.append(path)
        answers.append([answer(fitted.member, rows) for fitted in path])
    by_strength = [np.concatenate(parts) for parts in zip(*answers, strict=True)]
    if not all(np.isfinite(answers).all() for answers in by_strength):
        raise DivergenceError.at_once(job.estimator.learning_rate_init)
    held_out = table.rows(folds.tested)
    losses = [mix_losses(p[..., None], held_out, one.target).mean() for p in by_strength]
    best = int(np.argmin(losses))
    return _Trial(best, by_strength[best], [path[best] for path in paths])


def _to_try_on(one: Prepared) -> Table:
    """The table; in single precision for networks, which only answer for rows left out."""
    if one.strategy.readout is not None:  # what the folds have fitted is kept
        return one.table
    return one.table.computed_in(np.float32)


def _finish(
    job: Job, one: Prepared, folds: Folds, trial: _Trial, seed: int, leads: bool
) -> Fitted:
    if _merges(one, folds):
        return Fitted(merge_readouts([fitted.member for fitted in trial.fitted]))
    path = job.fit(one, one.table, seed, leads)
    return path[len(path) // 2 if trial.best is None else trial.best]


def _weigh(
    prepared: Sequence[Prepared], trials: Sequence[_Trial], folds: Folds, strategy: Combined
) -> tuple[np.ndarray, dict[str, float], float | None]:
    names, prior = [one.name for one in prepared], prior_of(prepared, strategy)
    if not folds.pairs or len(prepared) == 1:
        return prior, {}, None
    held_out, target = prepared[0].table.rows(folds.tested), prepared[0].target
    predictions = np.stack([trial.predictions for trial in trials], axis=-1)
    weights, loss = mixing_weights(predictions, held_out, target, prior)
    alone = [mix_losses(predictions[..., [k]], held_out, target).mean() for k in range(len(names))]
    losses = dict(zip(names, map(float, alone), strict=True))
    uses = np.array([one.plan.source is not None for one in prepared])
    if not uses.any() or uses.all():
        return weights, losses, None
    _, without = mixing_weights(predictions[..., ~uses], held_out, target, prior[~uses])
    if weights[uses].sum() < _LITTLE_WEIGHT:
        warn(
            f"This source does not help here: members that use it get {weights[uses].sum():.0%} "
            "of the weight, by their answers to rows held out in turn. The combination falls back "
            "on those without it; another source, or none, does as well.",
            TransferWarning,
        )
    return weights, losses, without - loss
