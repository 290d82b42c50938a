"""A sum of smooth functions of single columns, in closed form."""

from __future__ import annotations

from collections.abc import Sequence

from sktransfer.strategies._closed_form import ClosedFormStrategy, Part


class Additive(ClosedFormStrategy):
    """A generalised additive model: ridge regression on a smooth function of each column.

    It uses no source.  The function of a column is a sum of Gaussian bumps at nine fixed knots, in
    closed form; columns of two values are linear.  An ensemble has it as a member from 200 rows
    on, where there are at most 1,000 columns.

    See Also
    --------
    Smooth : Smooth functions of all columns together.

    References
    ----------
    T. Hastie, R. Tibshirani, "Generalized Additive Models", Statistical Science 1, 1986.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sktransfer import TransferMLPRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = TransferMLPRegressor(strategy="additive").fit(X[:200], y[:200])
    >>> bool(model.score(X[200:], y[200:]) > 0.45)
    True
    """

    fewest_rows = 200
    most_columns = 1000
    carries_trunk = False
    starts = ()

    def kernels(
        self, has_outputs: bool, labels_agree: bool, has_layers: bool = True
    ) -> Sequence[dict[Part, float]]:
        return [{"linear": 0.3, "additive": 1.0}]
