"""How far each layer moved from where the source had it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sktransfer._estimators import fitted_model
from sktransfer.inspection._display import Display, nothing_to_show

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from sklearn.base import BaseEstimator


class LayerChangeDisplay(Display):
    """How far training moved each carried layer from the source's weights.

    The change of a layer is ``‖W - W_source‖ / ‖W_source‖`` (Frobenius norms) over the weights
    that came from the source: 0 for a frozen layer, about 1.4 for one that has nothing to do with
    the source's any more.

    Make one with :meth:`from_estimator`.

    Parameters
    ----------
    change : array-like of shape (n_layers,)
        Relative change of each carried layer, input to output.
    layer_names : sequence of str
        Their names.

    Attributes
    ----------
    change, layer_names : ndarray of shape (n_layers,), list of str
        As given.
    figure_, ax_ : matplotlib Figure and Axes
        Where it was drawn last.
    bars_ : matplotlib BarContainer
        A bar for each layer.

    See Also
    --------
    LossCurveDisplay : Loss per epoch.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sktransfer import TransferMLPClassifier
    >>> from sktransfer.inspection import LayerChangeDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> source = TransferMLPClassifier((8, 8), max_iter=3, random_state=0).fit(X, y > 4)
    >>> target = TransferMLPClassifier(source=source, strategy="frozen", random_state=0)
    >>> display = LayerChangeDisplay.from_estimator(target.fit(X[:100], y[:100]))
    >>> dict(zip(display.layer_names, display.change.round(3).tolist()))
    {'hidden layer 1': 0.0, 'hidden layer 2': 0.0}
    """

    def __init__(self, change, layer_names) -> None:
        self.change = np.asarray(change, dtype=float)
        self.layer_names = list(layer_names)

    @classmethod
    def from_estimator(cls, estimator, *, ax=None, **kwargs) -> LayerChangeDisplay:
        """Compare a fitted estimator with its source.

                too.

        Parameters
        ----------
        estimator : TransferMLPClassifier or TransferMLPRegressor
            Fitted, with a source.
        ax : matplotlib Axes, default=None
            Where to draw; by default in a new figure.
        **kwargs : dict
            Passed on to ``ax.bar``.

        Returns
        -------
        LayerChangeDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If no layer came from a source.
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.

        See Also
        --------
        plot : Draws it again.
        LossCurveDisplay.from_estimator : The loss on the way.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import TransferMLPClassifier
        >>> from sktransfer.inspection import LayerChangeDisplay
        >>> X, y = load_iris(return_X_y=True)
        >>> source = TransferMLPClassifier(8, max_iter=5, random_state=0).fit(X, y > 0)
        >>> target = TransferMLPClassifier(source=source, strategy="full", max_iter=5)
        >>> _, ax = plt.subplots()
        >>> display = LayerChangeDisplay.from_estimator(target.fit(X, y), ax=ax)
        >>> bool(display.change[0] > 0), display.ax_ is ax
        (True, True)
        """
        change = layer_change(estimator)
        if not change:
            raise nothing_to_show("change of layers", "no layer was carried over from a source")
        return cls(list(change.values()), list(change)).plot(ax=ax, **kwargs)

    def _draw(self, ax: Axes, **kwargs: Any) -> None:
        self.bars_ = ax.bar(self.layer_names, self.change, **kwargs)
        ax.set_ylabel("change from the source, relative")


def layer_change(estimator: BaseEstimator) -> dict[str, float]:
    """Relative change per reused layer; empty where nothing was reused."""
    member = fitted_model(estimator).primary_member
    plan = member.plan
    if plan is None:
        return {}
    changes = {}
    for number, (name, weight) in enumerate(zip(plan.layer_names, member.coefs, strict=True), 1):
        if name not in plan.carried:
            continue
        carried = plan.carried[name]
        start = carried.weight[:, carried.outputs].astype(float)
        moved = weight[:, carried.outputs] - start
        title = "output layer" if number == len(member.coefs) else f"hidden layer {number}"
        changes[title] = float(np.linalg.norm(moved) / np.linalg.norm(start))
    return changes
