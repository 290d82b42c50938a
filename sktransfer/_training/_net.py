"""The skorch face of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from skorch import NeuralNet
from skorch.callbacks import Callback
from skorch.history import History

from sktransfer._records import OutputLosses
from sktransfer._training._divergence import Safeguard
from sktransfer._training._losses import Loss
from sktransfer._training._optimizers import FlatOptimizer, light_add_param_group
from sktransfer._warnings import warn
from sktransfer.exceptions import DivergenceWarning

if TYPE_CHECKING:
    from sktransfer._networks import DenseNetwork

_BATCH_HOOKS = ("on_batch_begin", "on_batch_end", "on_grad_computed")


class SliceBatches:
    """Iterator over a skorch dataset in slices, without per-sample collation.

    Drop-in for ``torch.utils.data.DataLoader`` as skorch's ``iterator_train`` and
    ``iterator_valid``, for data sets that hold whole arrays.
    """

    def __init__(self, dataset, batch_size: int = 128, shuffle: bool = False, **kwargs) -> None:
        self.dataset = dataset
        self.batch_size = len(dataset) if batch_size == -1 else batch_size
        self.shuffle = shuffle

    def __iter__(self):
        n = len(self.dataset)
        order = torch.randperm(n) if self.shuffle else torch.arange(n)
        X = torch.as_tensor(self.dataset.X)
        y = None if self.dataset.y is None else torch.as_tensor(self.dataset.y)
        for start in range(0, n, self.batch_size):
            rows = order[start : start + self.batch_size]
            yield X[rows], torch.zeros(len(rows)) if y is None else y[rows]


class TransferNet(NeuralNet):
    """The skorch net behind a fitted estimator: ``estimator.net_``.

    It takes *encoded* inputs (standardised, in the schema's order).  During the estimator's
    ``fit`` its callbacks are notified of every epoch, and of every batch if one of them
    listens to batches.
    """

    def initialize(self):
        """Initialise without moving or seeding anything global."""
        super().initialize()
        self.module_.eval()
        return self

    def notify(self, method_name, **cb_kwargs):
        """Notify the callbacks; the error for a missing validation set says where to get it."""
        try:
            super().notify(method_name, **cb_kwargs)
        except Exception as error:
            is_validated = bool(self.history) and "valid_loss" in self.history[-1]
            if is_validated or "'valid_" not in str(error):
                raise
            reason = str(error).strip('"').rstrip(".")
            raise ValueError(
                f"A callback stopped: {reason}. It looks for what is measured on a validation "
                "set, and there is none. Give fit(X_val=..., y_val=...), or early_stopping=True, "
                "or let it look at the training rows (monitor='train_loss')."
            ) from error

    def fit_loop(self, *args, **kwargs):
        """skorch's own loop; where it diverges, the best weights of before are kept."""
        parameters = [parameter.detach() for parameter in self.module_.parameters()]
        guard = self._safeguard = Safeguard(
            lambda: torch.cat([parameter.reshape(-1) for parameter in parameters]), True
        )
        try:
            return super().fit_loop(*args, **kwargs)
        finally:
            guard.judges(0.0, lambda weights: (0.0, 0.0))
            if guard.diverged and guard.best is not None:
                parts = guard.best.split([parameter.numel() for parameter in parameters])
                # in place: the estimator predicts with the same memory
                for parameter, part in zip(parameters, parts, strict=True):
                    parameter.copy_(part.view_as(parameter))
                self.optimizer_.state.clear()
                rate = self.optimizer_.param_groups[0]["lr"]
                warn(DivergenceWarning.restored(rate))

    def run_single_epoch(self, iterator, training, prefix, step_fn, **fit_params):
        """An epoch of skorch's own loop."""
        try:
            super().run_single_epoch(iterator, training, prefix, step_fn, **fit_params)
        except KeyboardInterrupt:  # which skorch would swallow without a word
            warn("Training interrupted by user.")
            raise
        if training:
            losses = [batch["train_loss"] for batch in self.history[-1]["batches"]]
            if not self._safeguard.sees(float(np.mean(losses)), len(self.history)):
                raise KeyboardInterrupt  # how training is ended in skorch

    @property
    def listens_to_batches(self) -> bool:
        """Whether any callback overrides a per-batch hook."""
        return any(
            getattr(type(callback), hook, None) is not getattr(Callback, hook)
            for _, callback in self.callbacks_
            for hook in _BATCH_HOOKS
        )

    def as_skorch(self) -> TransferNet:
        """Itself."""
        return self


class SilentNet:
    """What training needs of a skorch net, without callbacks: half a millisecond to make.

    Parameters
    ----------
    module : torch.nn.Module
    criterion : torch.nn.Module
    """

    listens_to_batches = False

    def __init__(self, module: DenseNetwork, criterion: torch.nn.Module) -> None:
        self.module_, self.criterion_ = module, criterion
        self.history = History()
        self.optimizer_: FlatOptimizer | None = None
        self.device = "cpu"
        module.eval()

    def notify(self, event: str, **details: Any) -> None:
        """Keep the history's epochs; there are no other listeners."""
        if event == "on_epoch_begin":
            self.history.new_epoch()

    def as_skorch(self) -> TransferNet:
        """The real skorch net around the same network, with the same history."""
        net = _skorch_net(self.module_, self.criterion_)
        net.history = self.history
        return net


class PlainSGD(torch.optim.SGD):
    """What `net_` trains with when a user trains it further through skorch."""

    # the base class's version imports torch's compiler: a second in every new process
    add_param_group = light_add_param_group


def make_net(
    network: DenseNetwork, criterion: OutputLosses | torch.nn.Module, callbacks=None
) -> TransferNet | SilentNet:
    """A skorch net around a network, or what becomes one with ``as_skorch()``.

    Parameters
    ----------
    network : torch.nn.Module
        Becomes ``net.module_`` as it is.
    criterion : str, tuple of (str, int), or torch.nn.Module
        The names of losses are those that :class:`Loss` takes.
    callbacks : list or None
        skorch callbacks.

    Returns
    -------
    TransferNet or SilentNet
        The latter where there are no callbacks.
    """
    if not isinstance(criterion, torch.nn.Module):
        criterion = Loss(criterion)
    return (
        _skorch_net(network, criterion, callbacks) if callbacks else SilentNet(network, criterion)
    )


def _skorch_net(network, criterion, callbacks=None) -> TransferNet:
    net = TransferNet(
        network,
        criterion=criterion,
        optimizer=PlainSGD,
        train_split=None,
        iterator_train=SliceBatches,
        iterator_valid=SliceBatches,
        iterator_train__shuffle=True,
        callbacks=callbacks,
        callbacks__epoch_timer=None,
        callbacks__train_loss=None,
        callbacks__valid_loss=None,
        callbacks__print_log=None,
        predict_nonlinearity=lambda output: output,
        warm_start=True,
        verbose=0,
        device="cpu",
    )
    return net.initialize()
