"""A network in training: its parameters as one vector, and a gradient step for every batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from sktransfer._records import DenseLayer, Phase, TrainingSettings
from sktransfer._training._balanced import BalancedGradient, Gradient
from sktransfer._training._data import Batches, Block, TrainingData
from sktransfer._training._divergence import losses_of_rows
from sktransfer._training._flat import FlatParameters
from sktransfer._training._gradients import gradient_of
from sktransfer._training._listeners import Listeners
from sktransfer._training._losses import Loss
from sktransfer._training._optimizers import OPTIMIZERS, FlatOptimizer
from sktransfer._training._penalties import Penalties

if TYPE_CHECKING:
    from sktransfer._networks import DenseNetwork
    from sktransfer.balancing import Balancing


class Steps:
    """The gradient steps of one training run.

    Parameters
    ----------
    network, criterion : torch.nn.Module
    data : TrainingData
    settings : TrainingSettings
    device : torch.device
        The network is moved there.
    rng : RandomState
        Orders the batches.
    start : sequence of DenseLayer or None
        The weights that `Phase.l2_to_start` keeps layers near; None for the network's own.
    augment : callable or None
        See :class:`Batches`.
    balancing, n_head_layers : see :class:`BalancedGradient`
        None where the tasks' losses are added.
    n_seen : int
        Rows used in earlier runs.

    Attributes
    ----------
    flat : FlatParameters
    optimizer : FlatOptimizer or None
    first_loss : float or None
        Penalised loss of the first batch, before the first step.
    penalty : float
        How much of the last epoch's loss are penalties.
    """

    def __init__(
        self,
        network: DenseNetwork,
        criterion: Loss,
        data: TrainingData,
        settings: TrainingSettings,
        device: torch.device,
        rng: np.random.RandomState,
        *,
        start: Sequence[DenseLayer] | None = None,
        augment: Callable | None = None,
        balancing: Balancing | None = None,
        n_head_layers: int = 1,
        n_seen: int = 0,
    ) -> None:
        if device.type != "cpu":  # looking through every module costs as much as a step
            network.to(device)
        self.network, self.criterion, self.data = network.train(), criterion, data
        self.settings, self.device = settings, device
        self.flat = FlatParameters(network)
        self._start = self.flat.vector.clone() if start is None else self._flatten(start)
        order_rng = rng if settings.shuffle else None
        self._batches = Batches(data, settings.batch_size, order_rng, augment, device)
        if network.dropout:
            seed = int(rng.randint(2**31)) + n_seen
            network.generator = torch.Generator(device).manual_seed(seed)
        self._balancing, self._n_head_layers, self._rng = balancing, n_head_layers, rng
        self.optimizer: FlatOptimizer | None = None
        self.first_loss: float | None = None
        self.penalty = self._penalty_sum = 0.0

    def _flatten(self, layers: Sequence[DenseLayer]) -> Tensor:
        parts = [torch.tensor(layer.weight.T.ravel()) for layer in layers]
        parts += [torch.tensor(layer.bias) for layer in layers]
        return torch.cat(parts).to(self.flat.vector)

    def begin(self, phase: Phase, optimizer: FlatOptimizer | None) -> None:
        """Make ready for a phase: gradients, penalties, and an optimiser."""
        self._gradient: Gradient = gradient_of(
            self.network,
            self.criterion,
            self.flat,
            self._batches.batch_size,
            frozen=[name for name in self.network.layer_names if phase.scale(name) == 0],
        )
        self._penalties = Penalties(self.flat, phase, self.settings.alpha, self._start)
        self.flat.gradient.zero_()
        if self.settings.solver not in OPTIMIZERS:
            return
        if optimizer is None:
            n_steps = phase.max_iter * len(self._batches)
            make = OPTIMIZERS[self.settings.solver]
            self.optimizer = make(self.flat, phase, self.settings, n_steps)
        else:
            # a copy: where training fails, the fitted model still has its own
            self.optimizer = deepcopy(optimizer)
            self.optimizer.resume(self.flat, phase, self.settings)
        if self._balancing is not None:
            self._balance(self._balancing, self.optimizer)

    def _balance(self, balancing: Balancing, optimizer: FlatOptimizer) -> None:
        """Let it weigh the tasks' gradients; its state stays with the optimiser."""
        if optimizer.balancing_state is None:
            optimizer.balancing_state = balancing.begin(len(self.criterion.blocks))
        self._gradient = BalancedGradient(
            self._gradient,
            self.criterion,
            self.flat,
            balancing,
            optimizer.balancing_state,
            self._n_head_layers,
            self._rng,
        )

    def run_epoch(self, listeners: Listeners) -> float:
        """One step per batch; the mean of the batches' penalised losses, by their rows."""
        total, self._penalty_sum = 0.0, 0.0
        for block in self._batches.blocks():
            for batch in block.batches:
                if listeners.hear_batches:
                    self._heard_step(listeners, *batch)
                else:
                    self._step(*batch)
            total += self._total_loss(block)
        self.penalty = self._penalty_sum / self.data.n_samples
        return total / self.data.n_samples

    def full_loss(self) -> float:
        """Penalised loss of all rows as one batch; its gradient is in ``flat``."""
        (block,) = self._batches.blocks()
        ((X, y, share, prediction, weight_sum),) = block.batches
        self._gradient(X, y, share, prediction)
        self._penalties.add(weight_sum, len(y))
        self._penalties.add_decay(weight_sum)
        return self._total_loss(block) / self.data.n_samples

    def _total_loss(self, block: Block) -> float:
        """Sum over a block's batches, all of them predicted, of rows times penalised loss."""
        rows = self.criterion.rows(block.predictions, block.y, block.known)
        if self.first_loss is None:
            n_rows = len(block.batches[0][1])
            self.first_loss = float(rows[:n_rows].mean()) + self._penalties.first() / n_rows
        penalty = self._penalties.take_value()
        self._penalty_sum += penalty
        return float(block.mean_losses(rows)) + penalty

    def _step(
        self, X: Tensor, y: Tensor, share: Tensor | None, prediction: Tensor, weight_sum: float
    ) -> None:
        self._gradient(X, y, share, prediction)
        if weight_sum > 0:  # a batch without weight has no gradient
            self._penalties.add(weight_sum, y.size(0))
            self.optimizer.step(weight_sum=weight_sum)  # type: ignore[union-attr]

    def _heard_step(
        self,
        listeners: Listeners,
        X: Tensor,
        y: Tensor,
        share: Tensor | None,
        prediction: Tensor,
        weight_sum: float,
    ) -> None:
        """A step with its events for callbacks that listen to batches, in skorch's order."""
        batch = X, y
        listeners.batch_begins(batch)
        self._gradient(X, y, share, prediction)
        self._penalties.add(weight_sum or 1.0, len(y))
        known = share.sign() if self._batches.has_missing and share is not None else None
        loss = self.criterion.rows(prediction, y, known).mean()
        listeners.batch_has_gradient(batch, loss, self.network)
        self.optimizer.step(weight_sum=weight_sum or 1.0)  # type: ignore[union-attr]
        listeners.batch_ends(batch, loss, prediction)

    def losses_with(self, weights: Tensor) -> tuple[float, float]:
        """Loss of some rows with other weights, and with the mean of their targets."""
        self.flat.vector.copy_(weights)
        return losses_of_rows(self.network, self.criterion, self.data, self.device)

    def release(self) -> nn.Module:
        """Give the network memory of its own again, on the CPU."""
        self.flat.release()
        if self.device.type != "cpu":
            self.network.to("cpu")
        return self.network.eval()
