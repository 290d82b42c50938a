"""Whether epochs still improve, counted as scikit-learn does, and the best weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from torch import Tensor

from sktransfer._records import History, TrainingSettings
from sktransfer._training._listeners import Listeners

if TYPE_CHECKING:
    from sktransfer._networks import DenseNetwork


#: Network → (validation score, validation loss).
Validate = Callable[[Any], tuple[float, float]]


class Progress:
    """What is watched from epoch to epoch: the training loss, or rows that are held out.

    Parameters
    ----------
    history : History
        Is filled.
    settings : TrainingSettings
    validate : callable or None
        With it the best weights are kept.
    weights : callable
        () → a copy of the weights in training.

    Attributes
    ----------
    best : Tensor of shape (n_parameters,) or None
        The best weights so far, with `validate`.
    """

    def __init__(
        self,
        history: History,
        settings: TrainingSettings,
        validate: Validate | None,
        weights: Callable[[], Tensor],
    ) -> None:
        self._history, self._settings = history, settings
        self._validate, self._weights = validate, weights
        # a warm start may find nothing better than what it started from
        has_best = history.best_validation_score not in (None, -np.inf)
        self.best: Tensor | None = weights() if has_best else None

    def stalls(self, network: DenseNetwork, listeners: Listeners) -> bool:
        """Take note of an epoch; whether too many have passed without improvement."""
        history, settings = self._history, self._settings
        if self._validate is None:
            no_better = history.loss > history.best_loss - settings.tol  # type: ignore[operator]
            history.best_loss = min(history.best_loss, history.loss)  # type: ignore[type-var]
        else:
            no_better = self._is_no_better(*self._validate(network), listeners)
        history.no_improvement_count = history.no_improvement_count + 1 if no_better else 0
        # a cosine schedule is a promise to anneal, which stopping halfway would break
        patience = history.no_improvement_count > settings.n_iter_no_change
        return patience and (settings.learning_rate != "cosine" or self._validate is not None)

    def _is_no_better(self, score: float, loss: float, listeners: Listeners) -> bool:
        history, settings = self._history, self._settings
        history.validation_scores.append(score)  # type: ignore[union-attr]
        listeners.validated(score, loss)
        by_score = settings.judged_by == "score"
        found = score if by_score else -loss
        by_now = history.best_validation_score if by_score else -history.best_validation_loss
        best = cast("float", by_now)
        if found > best:
            history.best_validation_score, history.best_validation_loss = score, loss
            self.best = self._weights()
        return found < best + settings.tol

    def message(self, consequence: str) -> str:
        """What to say where epochs no longer improve."""
        watched = "Training loss" if self._validate is None else "Validation score"
        return (
            f"{watched} did not improve more than tol={self._settings.tol:f} for "
            f"{self._settings.n_iter_no_change} consecutive epochs. {consequence}"
        )
