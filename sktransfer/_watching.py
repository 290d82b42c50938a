"""Who looks on: scikit-learn's callbacks, told of a fit and of each of its epochs, and the log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

_log = logging.getLogger("sktransfer")


class FitTask:
    """The task tree of one fit: the fit, and its epochs as subtasks.

    Does nothing, at no cost, where nobody listens.

    Parameters
    ----------
    estimator : BaseTransferMLP
    X, y : the user's training data
    n_epochs : int
        Most epochs the fit can take.
    attributes : callable
        Network (none: the finished one) → the fitted attributes of an estimator that stopped
        here.
    """

    def __init__(
        self, estimator: Any, X: Any, y: Any, n_epochs: int, attributes: Callable[..., dict]
    ) -> None:
        self._told = {"estimator": estimator, "X": X, "y": y}
        self._attributes = attributes
        self._context = None
        listeners = getattr(estimator, "_skl_callbacks", None)
        if listeners or hasattr(estimator, "_parent_callback_ctx"):
            self._context = estimator._init_callback_context(max_subtasks=n_epochs)
            self._context.call_on_fit_task_begin(**self._told)

    @property
    def is_followed(self) -> bool:
        """Whether anyone listens."""
        return self._context is not None

    def epoch_begins(self, name: str = "epoch") -> None:
        """Tell of the begin of an epoch, or of a run under the name of what is trained."""
        self._epoch = self._context.subcontext(task_name=name)  # type: ignore[union-attr]
        self._epoch.call_on_fit_task_begin(**self._told)

    def epoch_ends(self, network: Any) -> bool:
        """Tell of an epoch's end; True where a callback wants training to stop."""
        return self._epoch.call_on_fit_task_end(
            **self._told, reconstruction_attributes=lambda: self._attributes(network)
        )

    def run_ends(self) -> None:
        """Tell of the end of a run that was begun as an epoch, and has no estimator to show."""
        self._epoch.call_on_fit_task_end(**self._told)

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
