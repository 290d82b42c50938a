"""scikit-learn's callbacks and the log: notified of a fit, of its parts and of their epochs."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

from sklearn.base import BaseEstimator

from sktransfer._records import Member
from sktransfer._typing import Callback, Callbacks, TableLike, TargetLike

if TYPE_CHECKING:
    from sktransfer._networks import DenseNetwork

#: What a callback is given: of a fit its estimator and table, and what makes attributes of it.
Noticed: TypeAlias = "BaseEstimator | TableLike | TargetLike | Callable[[], dict] | None"

_log = logging.getLogger("sktransfer")


def check_callbacks(callbacks: Callbacks | None) -> list[Callback | tuple[str, Callback]]:
    """skorch's callbacks; anything else is refused, without importing skorch."""
    for one in callbacks or ():
        is_named = isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str)
        callback = cast("tuple[str, Callback]", one)[1] if is_named else one
        if any(base.__name__ == "ParamMapper" for base in type(callback).__mro__):
            raise ValueError(
                f"callbacks has {type(callback).__name__}, which freezes or initialises weights; "
                "expected callbacks that listen to training. What is trained, and when, is the "
                "strategy: use strategy='frozen' or 'gradual', or write one with its own phases."
            )
        if not hasattr(callback, "on_train_begin"):
            raise TypeError(
                f"callbacks has {one!r}, of type {type(one).__name__}; expected skorch "
                "callbacks, such as skorch.callbacks.EarlyStopping(monitor='train_loss'), or "
                "pairs of a name and one. A function goes into a class derived from "
                "skorch.callbacks.Callback; scikit-learn's callbacks are given to set_callbacks."
            )
    return list(callbacks or ())


class CallbackContext(Protocol):
    """A task of scikit-learn's: a fit, or a part of one."""

    def subcontext(self, *, task_name: str, max_subtasks: int = 0) -> CallbackContext: ...

    def call_on_fit_task_begin(self, **notice: Noticed) -> None: ...

    def call_on_fit_task_end(self, **notice: Noticed) -> bool: ...


class FitTask:
    """The task tree of one fit: its epochs, or the runs of an ensemble and their epochs.

    Does nothing, at no cost, where there is no callback.

    Parameters
    ----------
    estimator : BaseTransferMLP
    X, y : the user's training data
    attributes : callable
        Member → the fitted attributes of an estimator that stopped with it.
    """

    def __init__(
        self,
        estimator: BaseEstimator,
        X: TableLike,
        y: TargetLike,
        attributes: Callable[[Member], dict],
    ) -> None:
        self._notice = {"estimator": estimator, "X": X, "y": y}
        self._attributes = attributes
        self._snapshot: Callable[[DenseNetwork], Member] | None = None
        self._context: CallbackContext | None = None

    @property
    def is_followed(self) -> bool:
        """Whether anyone listens."""
        return self._context is not None

    def begin(
        self, n_subtasks: int, snapshot: Callable[[DenseNetwork], Member] | None = None
    ) -> FitTask:
        """The fit begins: most epochs, or runs, that it can take.

        `snapshot` makes of a network that still trains the member as if training had stopped.
        """
        estimator, self._snapshot = self._notice["estimator"], snapshot
        listeners = getattr(estimator, "_skl_callbacks", None)
        if listeners or hasattr(estimator, "_parent_callback_ctx"):
            self._context = estimator._init_callback_context(max_subtasks=n_subtasks)
            self._context.call_on_fit_task_begin(**self._notice)
        return self

    def run(self, name: str, n_epochs: int = 0) -> FitTask:
        """One of many runs begins, called after what it trains.

        Neither it nor its epochs show an estimator: that is what all runs make together.
        """
        run = copy.copy(self)
        run._snapshot = None
        if self._context is not None:
            run._context = self._context.subcontext(task_name=name, max_subtasks=n_epochs)
            run._context.call_on_fit_task_begin(**self._notice)
        return run

    def run_ends(self) -> None:
        """That run ends."""
        if self._context is not None:
            self._context.call_on_fit_task_end(**self._notice)

    def epoch_begins(self) -> None:
        """An epoch begins."""
        assert self._context is not None
        self._epoch = self._context.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(**self._notice)

    def epoch_ends(self, network: DenseNetwork) -> bool:
        """An epoch ends; True where a callback stops training."""
        snapshot, attributes = self._snapshot, self._attributes
        stopped = None if snapshot is None else lambda: attributes(snapshot(network))
        return self._epoch.call_on_fit_task_end(**self._notice, reconstruction_attributes=stopped)

    def end(self) -> None:
        """The fit ends; the log gets a line with the result."""
        fitted = self._notice["estimator"]
        if _log.isEnabledFor(logging.INFO):
            n_iter = getattr(fitted, "n_iter_", 0)  # 0 without a network
            _log.info(
                "%s fitted: strategy %s%s. %s",
                type(fitted).__name__,
                fitted.strategy,
                f", {n_iter} epochs, loss {fitted.loss_:.6g}" if n_iter else "",
                fitted.transfer_report_.headline(),
            )
        if self._context is not None:
            self._context.call_on_fit_task_end(
                **self._notice, reconstruction_attributes=lambda: vars(fitted)
            )
