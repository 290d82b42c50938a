"""Joint training: the source's rows beside the target's, two tasks in one network."""

from __future__ import annotations

from numbers import Real

from sktransfer._compat import Interval
from sktransfer._records import LayerNames, Phase
from sktransfer.strategies._base import SCALINGS, Strategy


class Joint(Strategy):
    """Train on the source's rows and the target's at once, as two tasks that share layers.

    Where the source's rows are still at hand: ``fit(X, y, X_source=..., y_source=...)``.  Each
    table has an output layer of its own, so that their labels may differ in meaning and in kind,
    and what is learned of the source's serves the hidden layers.  The estimator keeps its own
    output layer alone.  Without a `source` the network begins from random weights, with one from
    its layers.

    The columns are the target's: those of `X_source` are matched by name, ones that it lacks are
    missing there, others are left out.  Rows of the table that has fewer are repeated, so that
    both count as `source_weight` says, whatever their numbers.  `partial_fit` and `warm_start`
    are refused.

    Parameters
    ----------
    source_weight : float, default=1.0
        How much the source's rows count, all together, beside the target's.
    scaling : {'mixed', 'source', 'target'}, default='mixed'
        Whose moments standardise the shared columns, where there is a `source` too.  Those of
        both tables' rows are mixed in any case, the target's with ``n / (n + 50)`` for n rows.

    See Also
    --------
    sktransfer.MultiTaskMLP : Several tasks of one table.
    L2SP : Where the source's rows are no longer at hand.

    References
    ----------
    R. Caruana, "Multitask Learning", Machine Learning 28, 1997.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sktransfer import TransferMLPRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> women = X[:, 1] < 0
    >>> target = TransferMLPRegressor(strategy="joint", random_state=0)
    >>> target = target.fit(
    ...     X[~women][:40], y[~women][:40], X_source=X[women], y_source=y[women]
    ... )
    >>> target.predict(X[~women][40:]).shape
    (167,)
    """

    scaling = "mixed"
    uses_source_rows = True
    _parameter_constraints = {
        "source_weight": [Interval(Real, 0, None, closed="neither")],
        "scaling": [SCALINGS],
    }

    def __init__(self, source_weight=1.0, scaling="mixed"):
        self.source_weight = source_weight
        self.scaling = scaling

    @property
    def needs_source(self) -> bool:
        return False

    def phases(self, layer_names: LayerNames, max_iter: int) -> list[Phase]:
        return [Phase(max_iter)]
