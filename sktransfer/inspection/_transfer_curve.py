"""Scores with and without a source, over labelled rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import is_classifier, is_regressor

from sktransfer._typing import Scoring
from sktransfer.inspection._display import Display, legend_above, within_scores
from sktransfer.model_selection import transfer_learning_curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from sklearn.base import BaseEstimator


class TransferCurveDisplay(Display):
    """Score with and without a source over the number of labelled rows.

    Next to both stands the score of the source as it is, where it predicts what the target is.
    The band around the line with the source is the interval of the gain, added to the line
    without: where the band excludes that line, the source makes a difference.

    Make one with :meth:`from_estimator`, or from the result of
    :func:`~sktransfer.model_selection.transfer_learning_curve` as
    ``TransferCurveDisplay(**curve)``.

    Parameters
    ----------
    train_sizes : array-like of int of shape (n_sizes,)
        Labelled rows.
    scores_with, scores_without : array-like of shape (n_sizes, n_folds)
        Scores with the source and without it.
    gain, gain_low, gain_high : array-like of shape (n_sizes,)
        Mean difference of the two, and its interval.
    scores_as_is : array-like of shape (n_folds,), default=None
        Scores of the source as it is; None or NaN where there is none.
    score_name : str, default='score'
        What the vertical axis is called.

    Attributes
    ----------
    train_sizes : ndarray of int of shape (n_sizes,)
        As given.
    scores_with, scores_without : ndarray of shape (n_sizes, n_folds)
        As given.
    gain, gain_low, gain_high : ndarray of shape (n_sizes,)
        As given.
    scores_as_is : ndarray of shape (n_folds,)
        As given; empty for None.
    score_name : str
        As given.
    figure_, ax_ : matplotlib Figure and Axes
        Where it was drawn last.
    lines_ : list of matplotlib Line2D
        Mean score without the source, and with it; third, where it has one, of the source as it
        is.
    band_ : matplotlib PolyCollection or None
        The interval; None where it is infinite, with a single fold.

    See Also
    --------
    sktransfer.model_selection.transfer_learning_curve : The numbers behind it.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sktransfer import TransferMLPClassifier
    >>> from sktransfer.inspection import TransferCurveDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> old, new = slice(0, 900), slice(900, 1100)
    >>> model = TransferMLPClassifier(hidden_layer_sizes=32, random_state=0)
    >>> source = TransferMLPClassifier(hidden_layer_sizes=32, random_state=0).fit(X[old], y[old])
    >>> display = TransferCurveDisplay.from_estimator(
    ...     model, source, X[new], y[new], train_sizes=[20, 60], cv=2, random_state=0
    ... )
    >>> display.train_sizes
    array([20, 60])
    """

    def __init__(
        self,
        *,
        train_sizes,
        scores_with,
        scores_without,
        gain,
        gain_low,
        gain_high,
        scores_as_is=None,
        score_name="score",
    ) -> None:
        self.train_sizes = np.asarray(train_sizes)
        self.scores_with = np.asarray(scores_with, dtype=float)
        self.scores_without = np.asarray(scores_without, dtype=float)
        self.gain = np.asarray(gain, dtype=float)
        self.gain_low = np.asarray(gain_low, dtype=float)
        self.gain_high = np.asarray(gain_high, dtype=float)
        given = () if scores_as_is is None else scores_as_is
        self.scores_as_is = np.asarray(given, dtype=float)
        self.score_name = score_name

    @classmethod
    def from_estimator(
        cls, estimator, source, X, y, *, score_name=None, ax=None, line_kw=None, **params
    ) -> TransferCurveDisplay:
        """Score an estimator with and without a source, and draw it.

        The estimator is fitted twice for each size and fold, with the source and without.

        Parameters
        ----------
        estimator : estimator
            With a parameter that takes the source.
        source : object
            The source; the other side gets None.
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The target's table.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Its target.
        score_name : str, default=None
            What the vertical axis is called; by default by `scoring`.
        ax : matplotlib Axes, default=None
            Where to draw; by default in a new figure.
        line_kw : dict, default=None
            Passed on to ``ax.plot``.
        **params : dict
            Passed on to :func:`~sktransfer.model_selection.transfer_learning_curve`.

        Returns
        -------
        TransferCurveDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If a training size is not within the folds, or `estimator` has no such parameter.

        See Also
        --------
        plot : Draws it again.
        sktransfer.model_selection.transfer_learning_curve : The numbers without the drawing.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import TransferMLPClassifier
        >>> from sktransfer.inspection import TransferCurveDisplay
        >>> X, y = load_iris(return_X_y=True)
        >>> model = TransferMLPClassifier(8, strategy="full", max_iter=5, random_state=0)
        >>> source = TransferMLPClassifier(8, max_iter=5, random_state=0).fit(X, y)
        >>> display = TransferCurveDisplay.from_estimator(
        ...     model, source, X, y, train_sizes=[12, 30], cv=2, score_name="share of rows"
        ... )
        >>> display.ax_.get_ylabel()
        'share of rows'
        """
        if score_name is None:
            score_name = _score_name(estimator, params.get("scoring"))
        curve = transfer_learning_curve(estimator, source, X, y, **params)
        return cls(**curve, score_name=score_name).plot(ax=ax, **(line_kw or {}))

    def _draw(self, ax: Axes, **kwargs: Any) -> None:
        without = self.scores_without.mean(axis=1)
        self.lines_ = []
        for label, values in (("without source", without), ("with source", without + self.gain)):
            style = {"marker": "o", "label": label, **kwargs}
            self.lines_ += ax.plot(self.train_sizes, values, **style)
        as_is = self.scores_as_is.mean() if self.scores_as_is.size else np.nan
        if np.isfinite(as_is):
            values = np.full(len(without), as_is)
            style = {"linestyle": "--", "label": "source as it is", **kwargs}
            self.lines_ += ax.plot(self.train_sizes, values, **style)
        self.band_ = None
        if np.isfinite(self.gain_low).all():
            self.band_ = ax.fill_between(
                self.train_sizes,
                without + self.gain_low,
                without + self.gain_high,
                color=self.lines_[1].get_color(),
                alpha=0.2,
                linewidth=0,
                label="interval of the gain",
            )
        ax.set(xlabel="labelled rows", ylabel=self.score_name)
        scores = np.array([without, without + self.gain])
        within_scores(ax, scores)
        # of few folds the interval can be many times as wide as what the lines show
        room = max(0.1, 1.5 * np.ptp(scores))
        bottom, top = ax.get_ylim()
        ax.set_ylim(max(bottom, scores.min() - room), min(top, scores.max() + room))
        legend_above(ax, ax.get_legend_handles_labels()[0])


def _score_name(estimator: BaseEstimator, scoring: Scoring | None) -> str:
    if isinstance(scoring, str):
        return scoring
    if scoring is not None:
        return getattr(scoring, "__name__", "score")
    if is_classifier(estimator):
        return "accuracy"
    return "R²" if is_regressor(estimator) else "score"
