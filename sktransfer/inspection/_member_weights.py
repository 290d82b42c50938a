"""Weights and held-out losses of the members of an ensemble."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sktransfer._estimators import fitted_model
from sktransfer.inspection._display import Display, legend_above, nothing_to_show

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class MemberWeightsDisplay(Display):
    """Weights of the members of an ensemble, and their held-out losses.

    A member without weight was left out of the fitted estimator.

    Make one with :meth:`from_estimator`.

    Parameters
    ----------
    weights : array-like of shape (n_members,)
        They sum to 1.
    losses : array-like of shape (n_members,)
        Mean held-out loss; NaN where nothing was held out.
    member_names : sequence of str
        Their names.
    uses_source : array-like of bool of shape (n_members,)
        Whether anything of a member came from the source.

    Attributes
    ----------
    weights, losses, uses_source : ndarray of shape (n_members,)
        As given.
    member_names : list of str
        As given.
    figure_, ax_ : matplotlib Figure and Axes
        Where it was drawn last.
    bars_ : matplotlib BarContainer
        A bar for each member.
    text_ : list of matplotlib Text
        The loss next to each bar.

    See Also
    --------
    sktransfer.strategies.WeightedEnsemble : The strategy that weights members.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sktransfer import TransferMLPRegressor
    >>> from sktransfer.inspection import MemberWeightsDisplay
    >>> from sktransfer.strategies import WeightedEnsemble
    >>> X, y = load_diabetes(return_X_y=True)
    >>> source = TransferMLPRegressor(max_iter=5, random_state=0).fit(X[:200], y[:200])
    >>> members = WeightedEnsemble(["linear", "l2_sp", "scratch"])
    >>> target = TransferMLPRegressor(source=source, strategy=members, random_state=0)
    >>> display = MemberWeightsDisplay.from_estimator(target.fit(X[200:260], y[200:260]))
    >>> dict(zip(display.member_names, display.uses_source.tolist()))
    {'linear': False, 'l2_sp': True, 'scratch': False}
    """

    def __init__(self, weights, losses, member_names, uses_source) -> None:
        self.weights = np.asarray(weights, dtype=float)
        self.losses = np.asarray(losses, dtype=float)
        self.member_names = list(member_names)
        self.uses_source = np.asarray(uses_source, dtype=bool)

    @classmethod
    def from_estimator(cls, estimator, *, ax=None, **kwargs) -> MemberWeightsDisplay:
        """Draw the members of a fitted ensemble.

        Members with the source have a colour of their own, which shows its share of the weight.

        Parameters
        ----------
        estimator : TransferMLPClassifier or TransferMLPRegressor
            Fitted, with an ensemble for a strategy.
        ax : matplotlib Axes, default=None
            Where to draw; by default in a new figure.
        **kwargs : dict
            Passed on to ``ax.barh``.

        Returns
        -------
        MemberWeightsDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If the estimator was fitted by a single strategy.
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.

        See Also
        --------
        plot : Draws it again.
        sktransfer.strategies.WeightedEnsemble : The strategy that weights members.

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from sktransfer import TransferMLPRegressor
        >>> from sktransfer.inspection import MemberWeightsDisplay
        >>> from sktransfer.strategies import WeightedEnsemble
        >>> X, y = load_diabetes(return_X_y=True)
        >>> members = WeightedEnsemble(["linear", "scratch"])
        >>> model = TransferMLPRegressor(strategy=members, max_iter=5, random_state=0)
        >>> display = MemberWeightsDisplay.from_estimator(model.fit(X[:60], y[:60]), height=0.5)
        >>> display.member_names
        ['linear', 'scratch']
        """
        fitted_model(estimator)
        if not hasattr(estimator, "member_weights_"):
            raise nothing_to_show("member_weights_", "one strategy was fitted, not several")
        members = [row for row in estimator.transfer_report_.rows if row.part == "member"]
        names = [row.name for row in members]
        display = cls(
            [estimator.member_weights_.get(name, 0.0) for name in names],
            [estimator.member_losses_.get(name, np.nan) for name in names],
            names,
            [row.status == "with source" for row in members],
        )
        return display.plot(ax=ax, **kwargs)

    def _draw(self, ax: Axes, **kwargs: Any) -> None:
        at = np.arange(len(self.weights))
        style = {"color": np.where(self.uses_source, "C1", "C0"), **kwargs}
        self.bars_ = ax.barh(at, self.weights, **style)
        self.text_ = [
            ax.annotate(
                "" if np.isnan(loss) else f"loss {loss:.3g}",
                (weight, k),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize="small",
            )
            for k, weight, loss in zip(at, self.weights, self.losses, strict=True)
        ]
        ax.set_yticks(at, self.member_names)
        ax.invert_yaxis()
        ax.margins(x=0.25)
        ax.set(xlabel="weight")
        kinds = np.where(self.uses_source, "with source", "without source")
        handles = dict(zip(kinds, self.bars_, strict=True))
        legend_above(ax, list(handles.values()), list(handles))
