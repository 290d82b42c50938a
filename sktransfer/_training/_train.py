"""Training through phases: scikit-learn's loop, once, for every strategy."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning

from sktransfer._records import History, Phase, TrainingSettings
from sktransfer._training._balanced import BalancedGradient
from sktransfer._training._data import Batches, Block, TrainingData
from sktransfer._training._device import training_device
from sktransfer._training._divergence import Safeguard, losses_of_rows
from sktransfer._training._flat import FlatParameters
from sktransfer._training._gradients import gradient_of
from sktransfer._training._lbfgs import minimize_lbfgs
from sktransfer._training._net import SilentNet, TransferNet
from sktransfer._training._optimizers import OPTIMIZERS, FlatOptimizer
from sktransfer._training._penalties import Penalties
from sktransfer._training._threads import threads_for
from sktransfer._warnings import warn
from sktransfer.exceptions import DivergenceError, DivergenceWarning

_log = logging.getLogger("sktransfer")


@dataclass
class Watch:
    """What looks on while training runs.

    Attributes
    ----------
    validate : callable or None
        network → (validation score, validation loss); with it the best weights are kept.
    task : object or None
        Has ``is_followed``, ``epoch_begins()`` and ``epoch_ends(network)``; where the latter
        answers True, training ends.
    is_part : bool
        Whether half of it is of no use, so that an interrupt or divergence is the caller's to
        answer.
    """

    validate: Callable | None = None
    task: Any = None
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
    start: Sequence | None = None,
    augmentation: Any = None,
    balancing: Any = None,
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
        The weights that a phase's pull pulls towards; by default the ones the network has.
    augmentation : object, optional
        Has ``augment(X, y, rng)`` → changed (X, y).
    balancing : object, optional
        Balances several tasks, see :class:`sktransfer.balancing.Balancing`; by default their
        losses are added.
    n_head_layers : int, default=1
        How many layers, from the output, belong to the tasks alone.
    optimizer : FlatOptimizer, optional
        Goes on where it stopped; by default every phase begins with a new one.
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
    trainer = Trainer(net, data, settings, rng, history, watch or Watch(), start, augmentation)
    trainer.balancing, trainer.n_head_layers = balancing, n_head_layers
    with threads_for(trainer.n_operations):
        _run(trainer, phases, optimizer, one_epoch)
    return trainer.optimizer


def _run(trainer: Trainer, phases, optimizer: FlatOptimizer | None, one_epoch: bool) -> None:
    try:
        try:
            for number, phase in enumerate(phases):
                trainer.begin(phase, optimizer if number == 0 else None)
                if number == 0:  # not before: schedulers take hold of the optimiser
                    trainer.net.notify("on_train_begin", X=None, y=None)
                if one_epoch:
                    trainer.optimizer.streams = True  # type: ignore[union-attr]
                    if trainer.run_epoch():
                        trainer._ends_here()  # an adaptive learning rate goes down all the same
                elif trainer.settings.solver == "lbfgs":
                    minimize_lbfgs(trainer, phase)
                else:
                    trainer.run_phase(phase, is_last=number == len(phases) - 1)
        except _Stop:
            pass
        trainer.settle()
    finally:
        trainer.finish()


def _augmenter(augmentation: Any, rng: np.random.RandomState, n_seen: int) -> Callable | None:
    if augmentation is None:
        return None
    # its own generator, so that rows come in the same order with and without it
    twin = np.random.RandomState()
    twin.set_state(rng.get_state())
    # `rng` is the same in every call of partial_fit with one random_state: the draws must not be
    own = np.random.RandomState((twin.randint(2**31) + n_seen) % 2**32)
    return lambda X, y: augmentation.augment(X, y, own)


class Trainer:
    """One network, one table, and the state that phases hand on to each other."""

    def __init__(
        self, net, data, settings, rng, history, watch, start=None, augmentation=None
    ) -> None:
        self.net, self.data, self.settings = net, data, settings
        self.history, self.watch = history, watch
        self.network = net.module_
        n_parameters = sum(tensor.numel() for tensor in self.network.parameters())
        self.n_operations = 6.0 * settings.batch_size * n_parameters
        self.device = training_device(settings.device, self.n_operations)
        net.device = str(self.device)  # callbacks may predict with it
        self.network.to(self.device).train()
        self.flat = FlatParameters(self.network)
        self.start = self.flat.vector.clone() if start is None else self._flatten(start)
        order_rng = rng if settings.shuffle else None
        augment = _augmenter(augmentation, rng, history.n_samples_seen)
        self.batches = Batches(data, settings.batch_size, order_rng, augment, self.device)
        self.optimizer: FlatOptimizer | None = None
        # a warm start may find nothing better than what it started from
        has_best = history.best_validation_score not in (None, -np.inf)
        self.best: torch.Tensor | None = self.flat.vector.clone() if has_best else None
        if self.network.dropout:
            seed = int(rng.randint(2**31)) + history.n_samples_seen
            self.network.generator = torch.Generator(self.device).manual_seed(seed)
        self.safeguard = Safeguard(self.flat.vector.clone, history.n_samples_seen > 0)
        self.balancing: Any = None
        self.n_head_layers = 1
        self._rng = rng
        self._listens = net.listens_to_batches
        self._users_optimizer = net.optimizer_

    def _flatten(self, layers) -> torch.Tensor:
        parts = [torch.tensor(layer.weight.T.ravel()) for layer in layers]
        parts += [torch.tensor(layer.bias) for layer in layers]
        return torch.cat(parts).to(self.flat.vector)

    def run_phase(self, phase: Phase, is_last: bool) -> None:
        """Train until the phase's epochs are used up or nothing improves any more."""
        for _ in range(phase.max_iter):
            if self.run_epoch() and self._ends_here():
                return
        if is_last and self.settings.learning_rate != "cosine":
            warn(
                f"Stochastic Optimizer: Maximum iterations ({self.settings.max_iter}) reached and "
                "the optimization hasn't converged yet.",
                ConvergenceWarning,
            )

    def begin(self, phase: Phase, optimizer: FlatOptimizer | None) -> None:
        """Make ready for a phase: gradients, penalties, and an optimiser."""
        if self.history.phases:
            self.history.no_improvement_count = 0
        self.gradient: Any = gradient_of(
            self.network,
            self.net.criterion_,
            self.flat,
            self.batches.batch_size,
            frozen=[name for name in self.network.layer_names if phase.scale(name) == 0],
        )
        self.penalties = Penalties(self.flat, phase, self.settings.alpha, self.start)
        self.flat.gradient.zero_()
        if self.settings.solver in OPTIMIZERS:
            if optimizer is None:
                n_steps = phase.max_iter * len(self.batches)
                optimizer = OPTIMIZERS[self.settings.solver](
                    self.flat, phase, self.settings, n_steps
                )
            else:
                optimizer.resume(self.flat, phase, self.settings)
            self.optimizer = self.net.optimizer_ = optimizer
        if self.balancing is not None:
            self._balance()
        self.history.phases.append(self.history.n_iter)

    def _balance(self) -> None:
        """Let the balancing have its say; what it remembers stays with the optimiser."""
        criterion, optimizer = self.net.criterion_, self.optimizer
        if not hasattr(optimizer, "balancing_state"):
            state = self.balancing.begin(len(criterion.blocks))
            optimizer.balancing_state = state  # type: ignore[union-attr]
        self.gradient = BalancedGradient(
            self.gradient,
            criterion,
            self.flat,
            self.balancing,
            optimizer.balancing_state,  # type: ignore[union-attr]
            self.n_head_layers,
            self._rng,
        )

    def run_epoch(self) -> bool:
        """One epoch with everything that goes with it; True if it did not improve enough."""
        began = perf_counter()
        net, history = self.net, self.history
        if self.watch.task is not None:
            self.watch.task.epoch_begins()
        net.notify("on_epoch_begin", dataset_train=self.data, dataset_valid=None)
        try:
            history.loss = self._pass_over_batches()
        except KeyboardInterrupt:
            if self.watch.is_part:
                raise
            warn("Training interrupted by user.")
            raise _Stop from None
        history.n_iter += 1
        history.n_samples_seen += self.data.n_samples
        history.loss_curve.append(history.loss)
        if self.settings.verbose:
            print(f"Iteration {history.n_iter}, loss = {history.loss:.8f}")
        _log.debug("epoch %d, loss %.6g", history.n_iter, history.loss)
        stalled = self._stalled()
        self.optimizer.epoch_ends(history.n_samples_seen)  # type: ignore[union-attr]
        net.history.record("train_loss", history.loss)
        net.history.record("phase", len(history.phases) - 1)
        net.history.record("dur", perf_counter() - began)
        self._notify_epoch_end()
        if not self.safeguard.sees(history.loss, history.n_iter):
            raise _Stop
        return stalled

    def _notify_epoch_end(self) -> None:
        try:
            self.net.notify("on_epoch_end", dataset_train=self.data, dataset_valid=None)
        except KeyboardInterrupt:  # how skorch's callbacks say that training should end
            raise _Stop from None
        if self.watch.task is not None and self.watch.task.epoch_ends(self.network):
            raise _Stop

    def _pass_over_batches(self) -> float:
        """One step per batch; the mean of the batches' penalised losses, by their rows."""
        total = 0.0
        step = self._listened_step if self._listens else self._step
        for block in self.batches.blocks():
            for batch in block.batches:
                step(*batch)
            total += self._total_loss(block)
        return total / self.data.n_samples

    def _total_loss(self, block: Block) -> float:
        """Sum over a block's batches, all of them answered, of rows times penalised loss."""
        rows = self.net.criterion_.rows(block.predictions, block.y, block.known)
        if self.safeguard.before is None:
            n_rows = len(block.batches[0][1])
            self.safeguard.before = float(rows[:n_rows].mean()) + self.penalties.first() / n_rows
        return float(block.mean_losses(rows)) + self.penalties.take_value()

    def _step(self, X, y, share, prediction, weight_sum) -> None:
        self.gradient(X, y, share, prediction)
        if weight_sum > 0:  # a batch without weight says nothing
            self.penalties.add(weight_sum, y.size(0))
            self.optimizer.step(weight_sum=weight_sum)  # type: ignore[union-attr]

    def _listened_step(self, X, y, share, prediction, weight_sum) -> None:
        """A step under the eyes of callbacks that listen to batches, as skorch calls them."""
        net, batch = self.net, (X, y)
        net.notify("on_batch_begin", batch=batch, training=True)
        self.gradient(X, y, share, prediction)
        self.penalties.add(weight_sum or 1.0, len(y))
        known = share.sign() if self.batches.has_missing else None
        loss = net.criterion_.rows(prediction, y, known).mean()
        net.history.record_batch("train_loss", float(loss))
        net.history.record_batch("train_batch_size", len(y))
        parameters = list(self.network.named_parameters())
        net.notify("on_grad_computed", named_parameters=parameters, batch=batch, training=True)
        self.optimizer.step(weight_sum=weight_sum or 1.0)  # type: ignore[union-attr]
        net.notify("on_batch_end", batch=batch, training=True, loss=loss, y_pred=prediction)

    def full_loss(self) -> float:
        """Penalised loss of all rows as one batch; its gradient is in ``flat``."""
        (block,) = self.batches.blocks()
        ((X, y, share, prediction, weight_sum),) = block.batches
        self.gradient(X, y, share, prediction)
        self.penalties.add(weight_sum, len(y))
        self.penalties.add_decay(weight_sum)
        return self._total_loss(block) / self.data.n_samples

    def _stalled(self) -> bool:
        """Count epochs without improvement, as scikit-learn does; keep the best weights."""
        history, tol = self.history, self.settings.tol
        if self.watch.validate is None:
            no_better = history.loss > history.best_loss - tol
            history.best_loss = min(history.best_loss, history.loss)
        else:
            score, loss = self.watch.validate(self.network)
            history.validation_scores.append(score)
            self.net.history.record("valid_loss", loss)
            self.net.history.record("valid_score", score)
            if self.settings.verbose:
                print(f"Validation score: {score:f}")
            by_score = self.settings.judged_by == "score"
            found = score if by_score else -loss
            best = history.best_validation_score if by_score else -history.best_validation_loss
            no_better = found < best + tol
            if found > best:
                history.best_validation_score, history.best_validation_loss = score, loss
                self.best = self.flat.vector.clone()
        history.no_improvement_count = history.no_improvement_count + 1 if no_better else 0
        # a cosine schedule is a promise to anneal, which stopping halfway would break
        patience = history.no_improvement_count > self.settings.n_iter_no_change
        return patience and (
            self.settings.learning_rate != "cosine" or self.watch.validate is not None
        )

    def _ends_here(self) -> bool:
        ends, consequence = self.optimizer.on_plateau()  # type: ignore[union-attr]
        if self.settings.verbose:
            watched = "Training loss" if self.watch.validate is None else "Validation score"
            print(
                f"{watched} did not improve more than tol={self.settings.tol:f} for "
                f"{self.settings.n_iter_no_change} consecutive epochs. {consequence}"
            )
        if not ends:
            self.history.no_improvement_count = 0
        return ends

    def settle(self) -> None:
        """Restore the best weights where there are better ones than the last, or must be."""
        guard = self.safeguard
        self.network.eval()
        guard.judges(self.history.loss, self._losses_with)
        best = guard.best if self.best is None and guard.diverged else self.best
        self.flat.vector.copy_(guard.last if best is None else best)
        if guard.diverged:
            self.optimizer = None  # its memory has diverged too
            settings = self.settings
            rate = None if settings.solver == "lbfgs" else settings.learning_rate_init
            if self.watch.is_part or (best is None and not guard.is_finite):
                raise DivergenceError.at_once(rate)
            warn(DivergenceWarning.restored(rate))

    def _losses_with(self, weights: torch.Tensor) -> tuple[float, float]:
        self.flat.vector.copy_(weights)
        return losses_of_rows(self.network, self.net.criterion_, self.data, self.device)

    def finish(self) -> None:
        """Let go of the training buffers."""
        self.flat.release()
        self.network.to("cpu").eval()
        self.net.device = "cpu"
        self.net.notify("on_train_end", X=None, y=None)
        # ours works on the memory just released; skorch's own goes on with the network's
        self.net.optimizer_ = self._users_optimizer
