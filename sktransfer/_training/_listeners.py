"""Listeners to training: skorch's callbacks, scikit-learn's tasks, the log and the terminal."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor, nn

from sktransfer._records import History
from sktransfer._training._data import TrainingData

if TYPE_CHECKING:
    from sktransfer._networks import DenseNetwork
    from sktransfer._training._net import SilentNet, TransferNet
    from sktransfer._training._optimizers import FlatOptimizer

_log = logging.getLogger("sktransfer")

#: Share of the loss from which the part of the penalties is printed.
_NOTABLE_PENALTY = 0.01


class EpochListener(Protocol):
    """What is notified of epochs, as the listener of a fit is."""

    @property
    def is_followed(self) -> bool: ...

    def epoch_begins(self) -> None: ...

    def epoch_ends(self, network: DenseNetwork) -> bool: ...


class Listeners:
    """Everybody who is informed of training.

    Parameters
    ----------
    net : TransferNet or SilentNet
        Notifies skorch's callbacks and keeps skorch's history.
    task : object or None
        Has ``epoch_begins()`` and ``epoch_ends(network)``, see :class:`Watch`.
    verbose : bool or int
        Whether epochs are printed.
    device : torch.device
        Where the network is in training; callbacks may predict with it.

    Attributes
    ----------
    hear_batches : bool
        Whether a callback listens to batches.
    """

    def __init__(
        self,
        net: TransferNet | SilentNet,
        task: EpochListener | None,
        verbose: int,
        device: torch.device,
    ) -> None:
        self._net, self._task, self._verbose = net, task, verbose
        self._users_optimizer, net.device = net.optimizer_, str(device)
        self.hear_batches = net.listens_to_batches

    def phase_begins(self, optimizer: FlatOptimizer | None) -> None:
        if optimizer is not None:
            self._net.optimizer_ = optimizer

    def training_begins(self) -> None:
        self._net.notify("on_train_begin", X=None, y=None)

    def epoch_begins(self, data: TrainingData) -> None:
        self._began = perf_counter()
        if self._task is not None:
            self._task.epoch_begins()
        self._net.notify("on_epoch_begin", dataset_train=data, dataset_valid=None)

    def batch_begins(self, batch: tuple[Tensor, Tensor]) -> None:
        self._net.notify("on_batch_begin", batch=batch, training=True)

    def batch_has_gradient(
        self, batch: tuple[Tensor, Tensor], loss: Tensor, network: nn.Module
    ) -> None:
        self._net.history.record_batch("train_loss", float(loss))
        self._net.history.record_batch("train_batch_size", len(batch[1]))
        parameters = list(network.named_parameters())
        self._net.notify(
            "on_grad_computed", named_parameters=parameters, batch=batch, training=True
        )

    def batch_ends(self, batch: tuple[Tensor, Tensor], loss: Tensor, prediction: Tensor) -> None:
        self._net.notify("on_batch_end", batch=batch, training=True, loss=loss, y_pred=prediction)

    def batches_are_done(self, history: History, penalty: float) -> None:
        """The epoch's loss is known, and how much of it are penalties."""
        row = self._net.history[-1]  # looked up once: skorch's own ``record`` takes longer
        row.update(train_penalty=penalty, train_loss=history.loss, phase=len(history.phases) - 1)
        if self._verbose:
            is_notable = penalty > _NOTABLE_PENALTY * history.loss
            part = f" ({penalty:.8f} of it penalties)" if is_notable else ""
            print(f"Iteration {history.n_iter}, loss = {history.loss:.8f}{part}")
        _log.debug("epoch %d, loss %.6g", history.n_iter, history.loss)

    def validated(self, score: float, loss: float) -> None:
        self._net.history.record("valid_loss", loss)
        self._net.history.record("valid_score", score)
        if self._verbose:
            print(f"Validation score: {score:f}")

    def stalled(self, message: str) -> None:
        if self._verbose:
            print(message)

    def epoch_ends(self, history: History, data: TrainingData, network: DenseNetwork) -> bool:
        """Record the epoch; whether a callback stops training."""
        net = self._net
        net.history.record("dur", perf_counter() - self._began)
        try:
            net.notify("on_epoch_end", dataset_train=data, dataset_valid=None)
        except KeyboardInterrupt:  # how skorch's callbacks say that training should end
            return True
        return self._task is not None and self._task.epoch_ends(network)

    def training_ends(self) -> None:
        self._net.device = "cpu"
        self._net.notify("on_train_end", X=None, y=None)
        # ours works on memory that was released; skorch's own continues with the network's
        self._net.optimizer_ = self._users_optimizer
