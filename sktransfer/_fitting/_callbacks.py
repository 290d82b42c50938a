"""Who looks on: scikit-learn's callbacks, told of a fit and of its parts, and the log."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from typing import Any

from sktransfer.exceptions import no_callback

_log = logging.getLogger("sktransfer")


def check_callbacks(callbacks: Any) -> None:
    """Refuse what is no skorch callback, without importing skorch."""
    for one in callbacks or ():
        is_named = isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str)
        if not hasattr(one[1] if is_named else one, "on_train_begin"):
            raise no_callback(one)


class FitTask:
    """The task tree of one fit: its epochs, or the runs of a combination and their epochs.

    Does nothing, at no cost, where nobody listens.

    Parameters
    ----------
    estimator : BaseTransferMLP
    X, y : the user's training data
    n_subtasks : int
        Most epochs, or runs, that the fit can take.
    attributes : callable
        Network (none: the finished one) → the fitted attributes of an estimator that stopped
        here.
    """

    def __init__(
        self, estimator: Any, X: Any, y: Any, n_subtasks: int, attributes: Callable[..., dict]
    ) -> None:
        self._told = {"estimator": estimator, "X": X, "y": y}
        self._attributes: Callable[..., dict] | None = attributes
        self._context: Any = None
        listeners = getattr(estimator, "_skl_callbacks", None)
        if listeners or hasattr(estimator, "_parent_callback_ctx"):
            self._context = estimator._init_callback_context(max_subtasks=n_subtasks)
            self._context.call_on_fit_task_begin(**self._told)

    @property
    def is_followed(self) -> bool:
        """Whether anyone listens."""
        return self._context is not None

    def run(self, name: str, n_epochs: int = 0, _attributes: Any = None) -> FitTask:
        """Begin one of many runs, called after what it trains.

        Neither it nor its epochs show an estimator: that is what all runs make together.
        """
        run = copy.copy(self)
        if self._context is not None:
            run._attributes = None
            run._context = self._context.subcontext(task_name=name, max_subtasks=n_epochs)
            run._context.call_on_fit_task_begin(**self._told)
        return run

    def run_ends(self) -> None:
        """Tell of a run's end."""
        if self._context is not None:
            self._context.call_on_fit_task_end(**self._told)

    def epoch_begins(self) -> None:
        """Tell of an epoch's begin."""
        self._epoch = self._context.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(**self._told)

    def epoch_ends(self, network: Any) -> bool:
        """Tell of an epoch's end; True where a callback wants training to stop."""
        attributes = self._attributes
        return self._epoch.call_on_fit_task_end(
            **self._told,
            reconstruction_attributes=attributes and (lambda: attributes(network)),
        )

    def end(self) -> None:
        """Tell of the fit's end; the log says in a line what came out of it."""
        if _log.isEnabledFor(logging.INFO):
            fitted = self._told["estimator"]
            _log.info(
                "%s fitted: strategy %s, %d epochs, loss %.6g. %s",
                type(fitted).__name__,
                fitted.strategy,
                fitted.n_iter_,
                fitted.loss_,
                fitted.transfer_report_.headline(),
            )
        if self._context is not None:
            self._context.call_on_fit_task_end(
                **self._told, reconstruction_attributes=self._attributes
            )
