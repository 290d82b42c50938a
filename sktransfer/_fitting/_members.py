"""Members during a fit: rows and folds in, held-out predictions and a fitted member out."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from sklearn.utils import check_random_state

from sktransfer._alignment import Prepared
from sktransfer._fitting._closed_form import fit_in_closed_form
from sktransfer._fitting._folds import Folds
from sktransfer._fitting._foreign import features_of, fit_foreign
from sktransfer._fitting._gain import Doubt
from sktransfer._fitting._listener import FitListener
from sktransfer._fitting._network import FittedMember, Snapshot, mean_network, train_network
from sktransfer._fitting._readout import (
    Units,
    fit_readout,
    mean_of_members,
    mean_of_strengths,
    units_of_all,
)
from sktransfer._fitting._settings import learning_rate_of
from sktransfer._fitting._weights import mix_losses, shares_by_the_rest, shares_of_path
from sktransfer._networks import (
    foreign_predictions,
    predict_member,
    predictions_from_scores,
    scores_of_path,
)
from sktransfer._preprocessing import Table, encode, needs_digits
from sktransfer._records import FitOptions, Member
from sktransfer._targets import TargetCodec
from sktransfer.exceptions import DivergenceError
from sktransfer.strategies import (
    ClosedFormStrategy,
    EstimatorMember,
    NetworkStrategy,
    ReadoutStrategy,
    Strategy,
)

_log = logging.getLogger("sktransfer")

#: A seed, or for a single member the generator of the whole fit.
RandomState = int | np.random.RandomState
#: Encoded rows, and the outputs of a source without layers.
_Inputs = tuple[np.ndarray, np.ndarray | None]


@dataclass
class Run:
    """What the parts of one fit share.

    Attributes
    ----------
    options : FitOptions
    target : TargetCodec
    is_part : bool
        Whether there is more than one member.
    diverged : dict of str to DivergenceError
        Members whose training diverged.
    """

    options: FitOptions
    target: TargetCodec
    is_part: bool
    diverged: dict[str, DivergenceError] = field(default_factory=dict)

    def say(self, text: str) -> None:
        """Print how far an ensemble is, if that is requested."""
        if self.is_part and self.options.verbose:
            print(text, flush=True)

    def announce(self, name: str) -> None:
        """Log the member of an ensemble that is fitted now."""
        if not self.is_part:
            return
        _log.debug("member %s", name)
        if self.options.verbose > 1:
            print(f"Member {name}")


@dataclass(frozen=True)
class Trial:
    """A member on folds.

    Attributes
    ----------
    shares : ndarray of shape (n_strengths,) or None
        How much its models of several strengths count; None where there were no folds.
    predictions : ndarray of shape (n_tested, n_outputs) or None
        Held-out predictions, in the order of ``folds.tested``.
    fitted : sequence of FittedMember
        One for each fold.
    doubt : Doubt
        By how much the member's prior weight falls.
    cross_fitted : ndarray of shape (n_tested, n_outputs) or None
        Held-out predictions with strengths averaged by what they predict for the other folds; by
        default those of one strength.
    losses : ndarray of shape (n_tested,) or None
        Of the held-out predictions, see :func:`sktransfer._fitting._weights.mix_losses`; the mean
        over outputs.
    """

    shares: np.ndarray | None
    predictions: np.ndarray | None = None
    fitted: Sequence[FittedMember] = ()
    doubt: Doubt = field(default_factory=Doubt)
    cross_fitted: np.ndarray | None = None
    losses: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.cross_fitted is None:
            object.__setattr__(self, "cross_fitted", self.predictions)


class MemberFit(ABC):
    """A member that is being fitted.

    Each kind of strategy has one subclass, listed in ``KINDS``.

    Parameters
    ----------
    prepared : Prepared
        What the table becomes for its strategy.
    prior : float
        Its prior weight.
    """

    #: Whether predictions with fold models are averaged, instead of fitting once more on all rows.
    merges_folds = False
    #: What its source's predictions imply of themselves, once an ensemble has asked.
    skill: float | None = None

    def __init__(self, prepared: Prepared, prior: float = 1.0) -> None:
        self.prepared, self.prior = prepared, prior

    @property
    def name(self) -> str:
        return self.prepared.name

    @property
    def uses_source(self) -> bool:
        return self.prepared.uses_source

    @property
    def is_network(self) -> bool:
        return self.prepared.strategy.trains_network

    @property
    def is_source_alone(self) -> bool:
        """Whether it is the source's own prediction, as it is."""
        return bool(getattr(self.prepared.strategy, "needs_agreement", False))

    @property
    def refusal(self) -> str | None:
        """Why its strategy cannot learn the target, in a phrase; None if it can."""
        return self.prepared.strategy.cannot_fit(self.prepared.target)

    @property
    def is_applicable(self) -> bool:
        """Whether the table has what its strategy needs."""
        strategy, plan = self.prepared.strategy, self.prepared.plan
        if strategy.carries_head and not plan.keeps_head:
            return False
        if self.refusal is not None:
            return False
        if getattr(strategy, "needs_agreement", False) and not self.prepared.labels_agree:
            return False
        if getattr(strategy, "needs_same_classes", False) and not self.prepared.has_same_classes:
            return False
        if getattr(strategy, "needs_moved_columns", False):
            return self.prepared.has_moved_columns
        return self.uses_source or not strategy.needs_source

    def of_rows_that_count(self) -> MemberFit:
        """The same without rows of no weight, of which a fold could consist."""
        table = self.prepared.table.of_rows_that_count()
        if table is self.prepared.table:
            return self
        return type(self)(replace(self.prepared, table=table), self.prior)

    def merges(self, run: Run, folds: Folds) -> bool:
        """Whether the mean of the fold models is the fitted member."""
        return self.merges_folds and folds.is_partition and bool(folds.pairs)

    def n_runs(self, run: Run, folds: Folds) -> int:
        """Times that it is fitted."""
        return len(folds.pairs) + (not self.merges(run, folds))

    @abstractmethod
    def fit_rows(
        self, run: Run, table: Table, random_state: RandomState, is_primary: bool = False
    ) -> list[FittedMember]:
        """Fit to encoded rows, once for each strength, the strongest first."""

    def merged(self, run: Run, fitted: Sequence[FittedMember]) -> FittedMember:
        """The mean of fold models, of members with `merges_folds`."""
        raise NotImplementedError(f"fold models of {type(self).__name__} are not averaged")

    def table_of_folds(self) -> Table:
        """The table that fold models are fitted to."""
        return self.prepared.table

    def try_on(self, run: Run, folds: Folds, seed: int) -> Trial:
        """Fit to all folds but one, in turn, and predict the one left out."""
        if not folds.pairs:
            return Trial(None)
        table = self.table_of_folds()
        paths = [self.fit_rows(run, table.rows(train), seed) for train, _ in folds.pairs]
        inputs = [self._encoded(table, test) for _, test in folds.pairs]
        if len(paths[0]) == 1:
            fitted = [path[0] for path in paths]
            held_out = [
                predict_member(one.member, *rows) for one, rows in zip(fitted, inputs, strict=True)
            ]
            return Trial(np.ones(1), _finite(run, np.concatenate(held_out)), fitted)
        of_folds = [
            scores_of_path([one.member for one in path], *rows)
            for path, rows in zip(paths, inputs, strict=True)
        ]
        scores = np.concatenate(of_folds, axis=1)

        def predicted(shares: np.ndarray, here: np.ndarray | slice = slice(None)) -> np.ndarray:
            averaged = np.tensordot(shares.astype(scores.dtype), scores[:, here], axes=1)
            return _finite(run, predictions_from_scores(paths[0][0].member, averaged))

        tested, target = table.rows(folds.tested), self.prepared.target
        by_strength = [predicted(alone) for alone in np.eye(len(scores))]
        losses = np.stack(
            [mix_losses(p[..., None], tested, target).mean(axis=1) for p in by_strength]
        )
        shares = shares_of_path(losses, tested, target)
        predictions = predicted(shares)
        cross_fitted, part = predictions.copy(), folds.parts(tested.groups)
        for here, of_rest in shares_by_the_rest(losses, tested, target, part):
            cross_fitted[here] = predicted(of_rest, here)
        averaged = [self.averaged(path, shares) for path in paths]
        return Trial(shares, predictions, averaged, cross_fitted=cross_fitted)

    def _encoded(self, table: Table, rows: np.ndarray) -> _Inputs:
        """What a model is given of some rows of a table."""
        inputs = encode(table.numbers[rows], self.prepared.inputs, self.prepared.table.dtype)
        return inputs, None if table.outputs is None else table.outputs[rows]

    def averaged(self, path: Sequence[FittedMember], shares: np.ndarray) -> FittedMember:
        """The average of models of several strengths."""
        (only,) = path
        return only

    def finish(
        self,
        run: Run,
        folds: Folds,
        trial: Trial,
        random_state: RandomState,
        is_primary: bool = True,
    ) -> FittedMember:
        """The member, fitted to all rows."""
        if self.merges(run, folds):
            return self.merged(run, trial.fitted)
        path = self.fit_rows(run, self.prepared.table, random_state, is_primary)
        shares = trial.shares
        if shares is None:
            shares = np.eye(len(path))[len(path) // 2]
        return self.averaged(path, shares)


def _finite(run: Run, held_out: np.ndarray) -> np.ndarray:
    if not np.isfinite(held_out).all():
        raise DivergenceError.at_once(run.options.learning_rate_init)
    return held_out


class NetworkFit(MemberFit):
    """A network, trained by gradient steps."""

    merges_folds = True

    def merges(self, run: Run, folds: Folds) -> bool:
        options, table = run.options, self.prepared.table
        if options.callbacks or options.early_stopping or table.validation is not None:
            return False
        # annealed to the end, networks that began alike are near each other and cannot be resumed
        is_annealed = learning_rate_of(options) == "cosine"
        return is_annealed and super().merges(run, folds)

    def merged(self, run: Run, fitted: Sequence[FittedMember]) -> FittedMember:
        return mean_network(self.prepared, run.options, fitted)

    def fit_rows(
        self, run: Run, table: Table, random_state: RandomState, is_primary: bool = False
    ) -> list[FittedMember]:
        run.announce(self.name)
        return [self._train(run, table, random_state, is_primary)]

    def resume(
        self, run: Run, before: FittedMember, random_state: RandomState, is_primary: bool
    ) -> FittedMember:
        """Train a fitted network further."""
        run.announce(self.name)
        return self._train(run, self.prepared.table, random_state, is_primary, before)

    def _train(
        self,
        run: Run,
        table: Table,
        random_state: RandomState,
        is_primary: bool,
        before: FittedMember | None = None,
    ) -> FittedMember:
        listener: FitListener = run.options.listener

        def follow(n_epochs: int, snapshot: Snapshot) -> FitListener:
            if run.is_part:
                return listener.run(self.name, n_epochs)
            return listener.begin(n_epochs, snapshot)

        return train_network(
            self.prepared,
            run.options,
            run.target,
            table,
            check_random_state(random_state),
            follow,
            is_part=run.is_part,
            is_primary=is_primary,
            before=before,
        )

    def table_of_folds(self) -> Table:
        # fold networks only predict left-out rows, for which single precision is enough
        table = self.prepared.table
        return table if needs_digits(table.y) else table.computed_in(np.float32)


class FitAtOnce(MemberFit):
    """A member that is fitted without epochs."""

    @abstractmethod
    def members_of(self, table: Table, seed: int) -> Sequence[Member]:
        """Fitted to encoded rows, once for each strength."""

    def fit_rows(
        self, run: Run, table: Table, random_state: RandomState, is_primary: bool = False
    ) -> list[FittedMember]:
        run.announce(self.name)
        task = run.options.listener.run(self.name)
        seed = random_state if isinstance(random_state, int) else int(random_state.randint(2**31))
        members = self.members_of(table, seed)
        task.run_ends()
        return [FittedMember(member) for member in members]


class ReadoutFit(FitAtOnce):
    """A read-out on the features of a network that does not move."""

    merges_folds = True
    #: Of its features, once a fold has used them.
    _units: Units | None = None

    def members_of(self, table: Table, seed: int) -> Sequence[Member]:
        if table is self.prepared.table:
            return fit_readout(self.prepared, table, seed)
        if self._units is None:
            self._units = units_of_all(self.prepared, seed)
        return fit_readout(self.prepared, table, seed, self._units)

    def merged(self, run: Run, fitted: Sequence[FittedMember]) -> FittedMember:
        return FittedMember(mean_of_members([one.member for one in fitted]))

    def averaged(self, path: Sequence[FittedMember], shares: np.ndarray) -> FittedMember:
        members = [one.member for one in path]
        adds_up = self.prepared.strategy.adds_up
        return FittedMember(mean_of_strengths(members, shares, adds_up))


class ForeignFit(FitAtOnce):
    """Another package's estimator."""

    def members_of(self, table: Table, seed: int) -> Sequence[Member]:
        return [fit_foreign(self.prepared, table, seed)]

    def try_on(self, run: Run, folds: Folds, seed: int) -> Trial:
        if not folds.pairs:
            return Trial(None)
        table, held_out = self.prepared.table, []
        for train, test in folds.pairs:
            (fitted,) = self.fit_rows(run, table.rows(train), seed)
            model = fitted.member.foreign
            assert model is not None
            features = features_of(self.prepared, model, table.rows(test))
            held_out.append(foreign_predictions(model, features, self.prepared.target))
        return Trial(np.ones(1), np.concatenate(held_out))


class ClosedFormMember(MemberFit):
    """A member in closed form: its folds cost no fit of their own."""

    def n_runs(self, run: Run, folds: Folds) -> int:
        return 1

    def try_on(self, run: Run, folds: Folds, seed: int) -> Trial:
        run.announce(self.name)
        task = run.options.listener.run(self.name)
        solved = fit_in_closed_form(self.prepared, folds, seed)
        task.run_ends()
        return Trial(
            np.ones(1),
            solved.held_out,
            [FittedMember(solved.member)],
            solved.doubt,
            solved.cross_fitted,
        )

    def finish(
        self,
        run: Run,
        folds: Folds,
        trial: Trial,
        random_state: RandomState,
        is_primary: bool = True,
    ) -> FittedMember:
        return trial.fitted[0]

    def fit_rows(
        self, run: Run, table: Table, random_state: RandomState, is_primary: bool = False
    ) -> list[FittedMember]:
        raise NotImplementedError("a member in closed form is fitted to all folds at once")


#: How each kind of strategy is fitted.
KINDS: dict[type[Strategy], type[MemberFit]] = {
    NetworkStrategy: NetworkFit,
    ReadoutStrategy: ReadoutFit,
    ClosedFormStrategy: ClosedFormMember,
    EstimatorMember: ForeignFit,
}


def member_fit(prepared: Prepared, prior: float = 1.0) -> MemberFit:
    """The fit of a prepared member."""
    for kind, fit in KINDS.items():
        if isinstance(prepared.strategy, kind):
            return fit(prepared, prior)
    kinds = ", ".join(kind.__name__ for kind in KINDS)
    raise TypeError(
        f"{prepared.strategy!r} is a {type(prepared.strategy).__name__}; expected a subclass of "
        f"one of {kinds}, which says how it is fitted."
    )
