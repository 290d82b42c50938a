"""Linearised fine-tuning."""

from __future__ import annotations

from collections.abc import Sequence

from sktransfer.strategies._base import SCALINGS, Scaling
from sktransfer.strategies._closed_form import ClosedFormStrategy, Part


class Tangent(ClosedFormStrategy):
    """Linearised fine-tuning of a dense source, in closed form.

    Fine-tuning with an L2 penalty towards the source, on few rows, is close to its linearisation
    at the source's weights: ridge regression on the gradient of the source's outputs by all its
    weights, and on a Gaussian kernel of the table's own columns.  Where the source's outputs mean
    the target's it starts from the source's own prediction, updated.  A target output that
    means outputs of the source moves along their gradient, any other along that of one random
    combination of them.  Columns that only the target has enter the first layer at weight 0.

    The fitted member has arrays of the network's size for every target output, whatever number of
    rows it was fitted to, and keeps none of them.

    Parameters
    ----------
    scaling : {'mixed', 'source', 'target'}, default='mixed'
        Whose mean and standard deviation standardise the shared columns.

    See Also
    --------
    L2SP : What it is close to, trained by gradient steps.
    Recalibrate : What it can start from.

    References
    ----------
    W. J. Maddox et al., "Fast Adaptation with Linearized Neural Networks", AISTATS 2021; F. Mu,
    Y. Liang, Y. Li, "Gradients as Features for Deep Representation Learning", ICLR 2020.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sktransfer import TransferMLPClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> source = TransferMLPClassifier(32, max_iter=10, random_state=0).fit(X[:900], y[:900] % 2)
    >>> target = TransferMLPClassifier(source=source, strategy="tangent", random_state=0)
    >>> target.fit(X[900:960], y[900:960] > 4).predict(X[960:]).shape
    (837,)
    """

    _parameter_constraints = {"scaling": [SCALINGS]}

    def __init__(self, scaling: Scaling = "mixed") -> None:
        self.scaling = scaling

    def kernels(
        self, has_outputs: bool, labels_agree: bool, has_layers: bool = True
    ) -> Sequence[dict[Part, float]]:
        if not has_layers:
            return [{"linear": 0.3, "rbf": 1.0}]
        return [{"tangent": 1.0, "rbf": 1.0}]
