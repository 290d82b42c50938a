"""The loss over the epochs of a fit, phase by phase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sktransfer._estimators import fitted_model
from sktransfer.inspection._display import (
    Display,
    legend_above,
    nothing_to_show,
    within_scores,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class LossCurveDisplay(Display):
    """Loss per epoch, with and without penalties, the phases, and scores on held-out rows.

    Make one with :meth:`from_estimator`.

    Parameters
    ----------
    loss_curve : array-like of shape (n_epochs,)
        Training loss.
    phase_starts : array-like of int, default=(0,)
        Position of the epoch with which each phase begins.
    validation_scores : array-like of shape (n_epochs,), default=None
        Score on held-out rows.
    penalty_curve : array-like of shape (n_epochs,), default=None
        How much of the training loss are penalties.

    Attributes
    ----------
    loss_curve, phase_starts, validation_scores, penalty_curve : ndarray or None
        As given.
    figure_, ax_ : matplotlib Figure and Axes
        Where it was drawn last.
    lines_ : list of matplotlib Line2D
        A line for each phase.
    score_ax_ : matplotlib Axes or None
        The second axis, of the scores.

    See Also
    --------
    LayerChangeDisplay : How far each layer moved from the source.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sktransfer import TransferMLPClassifier
    >>> from sktransfer.inspection import LossCurveDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> source = TransferMLPClassifier(8, max_iter=3, random_state=0).fit(X, y > 4)
    >>> target = TransferMLPClassifier(source=source, strategy="lp_ft", max_iter=6)
    >>> display = LossCurveDisplay.from_estimator(target.fit(X[:100], y[:100]))
    >>> display.phase_starts
    array([0, 3])
    """

    def __init__(
        self, loss_curve, phase_starts=(0,), validation_scores=None, penalty_curve=None
    ) -> None:
        self.loss_curve = np.asarray(loss_curve, dtype=float)
        self.phase_starts = np.asarray(phase_starts, dtype=int)
        self.validation_scores = (
            None if validation_scores is None else np.asarray(validation_scores, dtype=float)
        )
        self.penalty_curve = (
            None if penalty_curve is None else np.asarray(penalty_curve, dtype=float)
        )

    @classmethod
    def from_estimator(cls, estimator, *, ax=None, **kwargs) -> LossCurveDisplay:
        """Draw the last fit of an estimator.

        Every phase of the strategy has a line of its own.  A dotted line is the loss without
        penalties on weights; scores on held-out rows, where there were any, have a second axis.

        Parameters
        ----------
        estimator : TransferMLPClassifier, TransferMLPRegressor or MultiTaskMLP
            Fitted.  An estimator that was unpickled has lost its phases and gives one line.
        ax : matplotlib Axes, default=None
            Where to draw; by default in a new figure.
        **kwargs : dict
            Passed on to ``ax.plot``.

        Returns
        -------
        LossCurveDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If the solver was L-BFGS, which has no epochs.
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.

        See Also
        --------
        plot : Draws it again.
        LayerChangeDisplay.from_estimator : What training changed.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import TransferMLPClassifier
        >>> from sktransfer.inspection import LossCurveDisplay
        >>> X, y = load_iris(return_X_y=True)
        >>> model = TransferMLPClassifier(max_iter=5, early_stopping=True)
        >>> display = LossCurveDisplay.from_estimator(model.fit(X, y), color="C2")
        >>> len(display.lines_), display.score_ax_.get_ylabel()
        (1, 'score on held-out rows')
        """
        fitted_model(estimator)
        loss_curve = getattr(estimator, "loss_curve_", None)
        if loss_curve is None:
            trained = hasattr(estimator, "net_")
            why = "solver='lbfgs' records no epochs" if trained else "no network was trained"
            raise nothing_to_show("loss_curve_", why)
        display = cls(
            loss_curve,
            _phase_starts(estimator.net_.history, len(loss_curve)),
            estimator.validation_scores_,
            _penalties(estimator.net_.history, len(loss_curve)),
        )
        return display.plot(ax=ax, **kwargs)

    def _draw(self, ax: Axes, **kwargs: Any) -> None:
        epochs = np.arange(1, len(self.loss_curve) + 1)
        ends = [*self.phase_starts[1:], len(epochs)]
        self.lines_ = []
        for number, (start, end) in enumerate(zip(self.phase_starts, ends, strict=True)):
            # a phase's line begins where the one before it ended, so that there is no gap
            part = slice(max(start - 1, 0), end)
            label = "loss" if len(ends) == 1 else f"loss, phase {number + 1}"
            style = {"label": label, **kwargs}
            self.lines_ += ax.plot(epochs[part], self.loss_curve[part], **style)
        ax.set(xlabel="epoch", ylabel="training loss")
        self.score_ax_ = None
        handles = list(self.lines_)
        if self.penalty_curve is not None and self.penalty_curve.any():
            without = self.loss_curve - self.penalty_curve
            style = {"color": "0.2", "linestyle": ":", "label": "loss without penalties"}
            handles += ax.plot(epochs, without, **style)
        if self.validation_scores is not None:
            self.score_ax_ = ax.twinx()
            handles += self.score_ax_.plot(
                epochs[-len(self.validation_scores) :],
                self.validation_scores,
                color="0.5",
                linestyle="--",
                label="score on held-out rows",
            )
            self.score_ax_.set_ylabel("score on held-out rows")
            within_scores(self.score_ax_, self.validation_scores)
        if len(handles) > 1:
            legend_above(ax, handles)


def _penalties(history: Sequence[Mapping[str, float]], n_epochs: int) -> list[float] | None:
    """Penalties per epoch, where the skorch net has recorded them of all epochs."""
    recorded = [epoch["train_penalty"] for epoch in history if "train_penalty" in epoch]
    return recorded if len(recorded) == n_epochs else None


def _phase_starts(history: Sequence[Mapping[str, int]], n_epochs: int) -> list[int]:
    """Where phases begin, from what the skorch net has recorded of the last fit."""
    phases = [epoch.get("phase", 0) for epoch in history]
    before = n_epochs - len(phases)  # epochs of earlier fits
    starts = [i + before for i in range(1, len(phases)) if phases[i] != phases[i - 1]]
    return [0, *([before] if before and phases else []), *starts]
