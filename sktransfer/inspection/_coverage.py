"""How many rows intervals or sets cover, by groups of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import beta
from sklearn.base import is_classifier
from sklearn.utils import column_or_1d
from sklearn.utils.validation import check_consistent_length

from sktransfer._estimators import fitted_model
from sktransfer._targets import missing_entries
from sktransfer._typing import TableLike
from sktransfer._warnings import errors_in
from sktransfer.inspection._display import Display, nothing_to_show

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from sklearn.base import BaseEstimator


#: How sure the error bars of a share are.
_SURE = 0.95
#: Characters below a figure of the usual size, side by side.
_WIDEST = 60


class CoverageDisplay(Display):
    """The share of rows that intervals or sets cover, and their width, by groups of rows.

    A coverage holds for all rows together.  This shows where it is higher and where lower.  Error
    bars are exact 95 % intervals of a share (Clopper and Pearson 1934): of few rows it is not
    known well.

    Make one with :meth:`from_estimator`.

    Parameters
    ----------
    covered : array-like of shape (n_groups,)
        Share of each group's rows that are covered.
    width : array-like of shape (n_groups,)
        Mean width of intervals, or mean number of classes of sets.
    n_samples : array-like of int, shape (n_groups,)
        Rows of each group.
    group_names : sequence of str
        What the groups are called.
    coverage : float
        The requested share.
    width_name : str, default='mean width'
        What the axis of the width is called.

    Attributes
    ----------
    covered, width, n_samples : ndarray of shape (n_groups,)
        As given.
    group_names, coverage, width_name : list of str, float, str
        As given.
    figure_, ax_, width_ax_ : matplotlib Figure and Axes
        Where it was drawn last; the width has an axis of its own.
    errorbar_ : matplotlib ErrorbarContainer
        Share covered of each group.
    line_ : matplotlib Line2D
        The requested coverage.
    bars_ : matplotlib BarContainer
        Mean width of each group.

    See Also
    --------
    sktransfer.TransferMLPRegressor.predict_interval : Gives intervals.
    sktransfer.TransferMLPClassifier.predict_set : Gives sets.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sktransfer import TransferMLPRegressor
    >>> from sktransfer.inspection import CoverageDisplay
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = TransferMLPRegressor(strategy="linear", random_state=0).fit(X[:200], y[:200])
    >>> display = CoverageDisplay.from_estimator(model, X[200:], y[200:], n_groups=4)
    >>> display.n_samples.tolist()
    [61, 60, 60, 61]
    """

    def __init__(
        self, covered, width, n_samples, group_names, coverage, width_name="mean width"
    ) -> None:
        self.covered = np.asarray(covered, dtype=float)
        self.width = np.asarray(width, dtype=float)
        self.n_samples = np.asarray(n_samples, dtype=int)
        self.group_names = list(group_names)
        self.coverage = float(coverage)
        self.width_name = width_name

    _grouped_by = ""  # what `group_names` are ranges of

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        *,
        coverage=0.9,
        exposure=None,
        groups=None,
        n_groups=5,
        ax=None,
        **kwargs,
    ) -> CoverageDisplay:
        """Count how many of some labelled rows are covered.

        The rows should be new to the estimator: those that it was fitted to are covered too well.

        Parameters
        ----------
        estimator : TransferMLPClassifier or TransferMLPRegressor
            Fitted, of one output, with held-out rows.
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.
        y : array-like of shape (n_samples,)
            Their targets.
        coverage : float, default=0.9
            Passed on to ``predict_interval`` or ``predict_set``.
        exposure : array-like of shape (n_samples,), default=None
            Of a regressor behind a log link: passed on to ``predict_interval``; `y` is the amount
            in that exposure.
        groups : array-like of shape (n_samples,), default=None
            A label for each row, such as a column of the table.  By default rows are grouped by
            the prediction of a regressor, or the highest probability of a classifier.
        n_groups : int, default=5
            Number of groups, of about as many rows each, where `groups` is None.
        ax : matplotlib Axes, default=None
            Where to draw; by default in a new figure.
        **kwargs : dict
            Passed on to ``ax.errorbar``.

        Returns
        -------
        CoverageDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If there are several outputs or tasks.
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted, or held out no rows.

        See Also
        --------
        plot : Draws it again.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import TransferMLPClassifier
        >>> from sktransfer.inspection import CoverageDisplay
        >>> X, y = load_iris(return_X_y=True)
        >>> model = TransferMLPClassifier(strategy="linear", random_state=0).fit(X[::2], y[::2])
        >>> display = CoverageDisplay.from_estimator(
        ...     model, X[1::2], y[1::2], groups=X[1::2, 0] > 5.8, coverage=0.95
        ... )
        >>> display.group_names
        ['False', 'True']
        """
        fitted_model(estimator)
        if hasattr(estimator, "task_names_"):
            raise nothing_to_show("coverage", "there are several tasks, each with its own")
        y = np.asarray(y)
        if y.ndim == 2 and y.shape[1] > 1:
            raise nothing_to_show("coverage", f"y has {y.shape[1]} outputs, each with its own")
        y = column_or_1d(y)
        if is_classifier(estimator):
            covered, width, order = _of_sets(estimator, X, y, coverage)
            width_name, by = "mean number of classes", "highest probability"
        else:
            covered, width, order = _of_intervals(estimator, X, y, coverage, exposure)
            width_name, by = "mean width", "prediction"
        names, number = _grouped(order, groups, n_groups)
        size = np.bincount(number, minlength=len(names))
        display = cls(
            np.bincount(number, covered) / size,
            np.bincount(number, width) / size,
            size,
            names,
            coverage,
            width_name,
        )
        if groups is None:
            display._grouped_by = by
        return display.plot(ax=ax, **kwargs)

    def _draw(self, ax: Axes, **kwargs: Any) -> None:
        at = np.arange(len(self.covered))
        low, high = _interval_of_share(self.covered, self.n_samples)
        self.width_ax_ = ax.twinx()
        self.bars_ = self.width_ax_.bar(at, self.width, color="0.85", width=0.6)
        self.width_ax_.set_ylabel(self.width_name)
        ax.set_zorder(self.width_ax_.get_zorder() + 1)
        ax.patch.set_visible(False)
        style = {"fmt": "o", "capsize": 3, **kwargs}
        self.errorbar_ = ax.errorbar(
            at, self.covered, yerr=[self.covered - low, high - self.covered], **style
        )
        self.line_ = ax.axhline(self.coverage, color="0.4", linestyle="--")
        # in two lines, or slanted, so that names do not run into each other
        names = [str(name).replace(" to ", "\nto ") for name in self.group_names]
        is_wide = sum(max(map(len, name.split("\n"))) + 2 for name in names) > _WIDEST
        ax.set_xticks(at, names)
        for label in ax.get_xticklabels() if is_wide else ():
            label.set(rotation=45, ha="right", rotation_mode="anchor")
        ax.set(xlabel=self._grouped_by, ylabel="share of rows covered")
        ax.set(ylim=(min(0.5, low.min() - 0.05), 1.05))


def _of_intervals(
    estimator: BaseEstimator,
    X: TableLike,
    y: np.ndarray,
    coverage: float,
    exposure: ArrayLike | None,
):
    """Whether each row is covered, how wide its interval is, and what it is grouped by."""
    lower, upper = estimator.predict_interval(X, coverage=coverage, exposure=exposure).T
    covered = (y >= lower) & (y <= upper)
    return covered.astype(float), upper - lower, estimator.predict(X)


def _of_sets(estimator: BaseEstimator, X: TableLike, y: np.ndarray, coverage: float):
    sets = estimator.predict_set(X, coverage=coverage)
    # a class that was not there at fit is in no set
    is_class = y[:, None] == estimator.classes_
    covered = (sets & is_class).any(axis=1)
    return covered.astype(float), sets.sum(axis=1), estimator.predict_proba(X).max(axis=1)


def _grouped(
    order: np.ndarray, groups: ArrayLike | None, n_groups: int
) -> tuple[list[str], np.ndarray]:
    """Names of groups, and the number of each row's."""
    if groups is not None:
        with errors_in("groups"):
            check_consistent_length(order, groups)
        groups = np.asarray(groups)
        missing = missing_entries(groups)
        names, number = np.unique(groups[~missing], return_inverse=True)
        every = np.full(len(groups), len(names))
        every[~missing] = number
        shown = [str(name) for name in names.tolist()]
        return ([*shown, "missing"] if missing.any() else shown), every
    edges = np.unique(np.quantile(order, np.linspace(0, 1, n_groups + 1)))
    number = np.clip(np.searchsorted(edges, order, side="right") - 1, 0, max(len(edges) - 2, 0))
    names, number = np.unique(number, return_inverse=True)
    ends = [(edges[k], edges[min(k + 1, len(edges) - 1)]) for k in names.tolist()]
    return [f"{low:.3g} to {high:.3g}" for low, high in ends], number


def _interval_of_share(share: np.ndarray, n_samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    hits = np.round(share * n_samples)
    tail = (1 - _SURE) / 2
    low = np.nan_to_num(beta.ppf(tail, hits, n_samples - hits + 1), nan=0.0)
    high = np.nan_to_num(beta.ppf(1 - tail, hits + 1, n_samples - hits), nan=1.0)
    return np.minimum(low, share), np.maximum(high, share)
