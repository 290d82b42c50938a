"""Training through phases: scikit-learn's loop, once, for every strategy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from sktransfer._records import DenseLayer, History, Phase, TrainingSettings
from sktransfer._training._data import TrainingData
from sktransfer._training._device import training_device
from sktransfer._training._divergence import Safeguard
from sktransfer._training._lbfgs import minimize_lbfgs
from sktransfer._training._listeners import EpochListener, Listeners
from sktransfer._training._losses import Loss
from sktransfer._training._net import SilentNet, TransferNet
from sktransfer._training._optimizers import FlatOptimizer
from sktransfer._training._progress import Progress
from sktransfer._training._steps import Steps
from sktransfer._training._threads import threads_for
from sktransfer._warnings import warn
from sktransfer.exceptions import DivergenceError, DivergenceWarning

if TYPE_CHECKING:
    from sktransfer.augmentation import Augmentation
    from sktransfer.balancing import Balancing


@dataclass
class Watch:
    """What looks on while training runs.

    Attributes
    ----------
    validate : callable or None
        network → (validation score, validation loss); with it the best weights are kept.
    task : object or None
        Has ``is_followed``, ``epoch_begins()`` and ``epoch_ends(network)``; where the latter
        returns True, training ends.
    is_part : bool
        Whether half of it is of no use, so that an interrupt or divergence is for the caller to
        handle.
    """

    validate: Callable | None = None
    task: EpochListener | None = None
    is_part: bool = False

    def __post_init__(self) -> None:
        if self.task is not None and not self.task.is_followed:
            self.task = None


class _Stop(Exception):
    """Raised inside the loop when something other than convergence ends training."""


def train(
    net: TransferNet | SilentNet,
    data: TrainingData,
    phases: Sequence[Phase],
    settings: TrainingSettings,
    rng: np.random.RandomState,
    history: History,
    watch: Watch | None = None,
    *,
    start: Sequence[DenseLayer] | None = None,
    augmentation: Augmentation | None = None,
    balancing: Balancing | None = None,
    n_head_layers: int = 1,
    optimizer: FlatOptimizer | None = None,
    one_epoch: bool = False,
) -> FlatOptimizer | None:
    """Train a net in place.

    Parameters
    ----------
    net : TransferNet or SilentNet
        Its ``module_`` is trained, its callbacks are notified.
    data : TrainingData
    phases : sequence of Phase
    settings : TrainingSettings
    rng : RandomState
        Orders the batches.
    history : History
        Is filled.
    watch : Watch, optional
    start : sequence of DenseLayer, optional
        The weights that `Phase.l2_to_start` keeps layers near; by default the network's.
    augmentation : object, optional
        Has ``augment(X, y, rng)`` → changed (X, y).
    balancing : object, optional
        Balances several tasks, see :class:`sktransfer.balancing.Balancing`; by default their
        losses are added.
    n_head_layers : int, default=1
        How many layers, from the output, belong to the tasks alone.
    optimizer : FlatOptimizer, optional
        Resumes where it stopped; by default every phase begins with a new one.
    one_epoch : bool, default=False
        Train for one epoch only, whatever the phase says (``partial_fit``).

    Returns
    -------
    FlatOptimizer or None
        The last phase's optimiser, with its state; None for L-BFGS, and where training diverged.

    Raises
    ------
    DivergenceError
        If training diverged before there were weights worth keeping.  Where there are some, they
        are restored with a `DivergenceWarning`.
    """
    watch = watch or Watch()
    n_parameters = sum(tensor.numel() for tensor in net.module_.parameters())
    n_operations = 6.0 * settings.batch_size * n_parameters
    device = training_device(settings.device, n_operations)
    n_seen = history.n_samples_seen
    steps = Steps(
        net.module_,
        cast("Loss", net.criterion_),
        data,
        settings,
        device,
        rng,
        start=start,
        augment=_augmenter(augmentation, rng, n_seen),
        balancing=balancing,
        n_head_layers=n_head_layers,
        n_seen=n_seen,
    )
    trainer = Trainer(
        steps,
        Progress(history, settings, watch.validate, steps.flat.vector.clone),
        Listeners(net, watch.task, settings.verbose, device),
        Safeguard(steps.flat.vector.clone, n_seen > 0),
        history,
        watch.is_part,
    )
    with threads_for(n_operations):
        try:
            _run(trainer, phases, optimizer, one_epoch)
        finally:
            steps.release()
            trainer.listeners.training_ends()
    if steps.optimizer is not None and steps.optimizer.has_ended:
        steps.optimizer.forget()
    return steps.optimizer


def _run(
    trainer: Trainer,
    phases: Sequence[Phase],
    optimizer: FlatOptimizer | None,
    one_epoch: bool,
) -> None:
    try:
        for number, phase in enumerate(phases):
            trainer.begin(phase, optimizer if number == 0 else None)
            if number == 0:  # not before: schedulers take hold of the optimiser
                trainer.listeners.training_begins()
            if one_epoch:
                trainer.run_streamed_epoch()
            elif trainer.settings.solver == "lbfgs":
                trainer.run_lbfgs(phase)
            else:
                trainer.run_phase(phase, is_last=number == len(phases) - 1)
    except _Stop:
        pass
    trainer.settle()


def _augmenter(
    augmentation: Augmentation | None, rng: np.random.RandomState, n_seen: int
) -> Callable | None:
    if augmentation is None:
        return None
    # its own generator, so that rows come in the same order with and without it
    twin = np.random.RandomState()
    twin.set_state(rng.get_state())
    # `rng` is the same in every call of partial_fit with one random_state: the draws must not be
    own = np.random.RandomState((twin.randint(2**31) + n_seen) % 2**32)
    return lambda X, y: augmentation.augment(X, y, own)


class Trainer:
    """The loop over epochs: steps, then a look at what they brought, then the listeners."""

    def __init__(
        self,
        steps: Steps,
        progress: Progress,
        listeners: Listeners,
        safeguard: Safeguard,
        history: History,
        is_part: bool,
    ) -> None:
        self.steps, self.progress, self.listeners = steps, progress, listeners
        self.safeguard, self.history, self.is_part = safeguard, history, is_part

    @property
    def settings(self) -> TrainingSettings:
        return self.steps.settings

    def begin(self, phase: Phase, optimizer: FlatOptimizer | None) -> None:
        """Make ready for a phase."""
        if self.history.phases:
            self.history.no_improvement_count = 0
        self.steps.begin(phase, optimizer)
        self.listeners.phase_begins(self.steps.optimizer)
        self.history.phases.append(self.history.n_iter)

    def run_phase(self, phase: Phase, is_last: bool) -> None:
        """Train until the phase's epochs are used up or nothing improves any more."""
        try:
            for _ in range(phase.max_iter):
                if self.run_epoch() and self._ends_here():
                    return
        except KeyboardInterrupt:
            if self.is_part:
                raise
            warn("Training interrupted by user.")
            raise _Stop from None
        if is_last and self.settings.learning_rate != "cosine":
            warn(
                f"Stochastic Optimizer: Maximum iterations ({self.settings.max_iter}) reached and "
                "the optimization hasn't converged yet.",
                ConvergenceWarning,
            )

    def run_streamed_epoch(self) -> None:
        """One epoch of a stream without an end."""
        if self.run_epoch():
            self._ends_here()  # an adaptive learning rate goes down all the same

    def run_lbfgs(self, phase: Phase) -> None:
        """Minimise the loss over all rows at once."""
        found = minimize_lbfgs(self.steps, phase)
        if found is not None:
            n_iter, self.history.loss = found
            self.history.n_iter += n_iter
            self.is_finite()

    def run_epoch(self) -> bool:
        """One epoch with everything that goes with it; True if it did not improve enough."""
        steps, history = self.steps, self.history
        self.listeners.epoch_begins(steps.data)
        history.loss = steps.run_epoch(self.listeners)
        history.n_iter += 1
        history.n_samples_seen += steps.data.n_samples
        history.loss_curve.append(history.loss)
        self.listeners.batches_are_done(history, steps.penalty)
        stalls = self.progress.stalls(steps.network, self.listeners)
        steps.optimizer.epoch_ends(history.n_samples_seen)  # type: ignore[union-attr]
        if self.listeners.epoch_ends(history, steps.data, steps.network):
            raise _Stop
        if not self.is_finite():
            raise _Stop
        return stalls

    def is_finite(self) -> bool:
        """Whether the loss still is a number, after an epoch that the safeguard takes note of."""
        self.safeguard.before = self.steps.first_loss
        return self.safeguard.sees(self.history.loss, self.history.n_iter)

    def _ends_here(self) -> bool:
        ends, consequence = self.steps.optimizer.on_plateau()  # type: ignore[union-attr]
        self.listeners.stalled(self.progress.message(consequence))
        if not ends:
            self.history.no_improvement_count = 0
        return ends

    def settle(self) -> None:
        """Restore the best weights where there are better ones than the last, or must be."""
        guard, steps = self.safeguard, self.steps
        steps.network.eval()
        guard.before = steps.first_loss
        guard.judges(self.history.loss, steps.losses_with)
        best = guard.best if self.progress.best is None and guard.diverged else self.progress.best
        steps.flat.vector.copy_(guard.last if best is None else best)
        if guard.diverged:
            steps.optimizer = None  # its memory has diverged too
            settings = self.settings
            rate = None if settings.solver == "lbfgs" else settings.learning_rate_init
            if self.is_part or (best is None and not guard.is_finite):
                raise DivergenceError.at_once(rate)
            warn(DivergenceWarning.restored(rate))
