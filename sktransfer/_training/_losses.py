"""What a network is trained for: losses on its linear outputs.

Each loss knows its output activation.  For these canonical pairs the gradient with respect to
the linear output is simply ``prediction - y``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F


def _clip(probability: Tensor) -> Tensor:
    eps = torch.finfo(probability.dtype).eps
    return probability.clamp(eps, 1 - eps)


def _softmax_rows(prediction: Tensor, y: Tensor) -> Tensor:
    return -torch.xlogy(y, _clip(prediction)).sum(1)


def _logistic_rows(prediction: Tensor, y: Tensor) -> Tensor:
    p = _clip(prediction)
    return -(torch.xlogy(y, p) + torch.xlogy(1 - y, 1 - p)).sum(1)


def _squared_rows(prediction: Tensor, y: Tensor) -> Tensor:
    return 0.5 * (y - prediction).square().mean(1)


def _poisson_rows(prediction: Tensor, y: Tensor) -> Tensor:
    # not xlogy(y, y / prediction), whose derivative is 0 / 0 where y is 0
    return (torch.xlogy(y, y) - torch.xlogy(y, prediction) - y + prediction).sum(1)


#: Output activation → (activation in place, loss of each row), as scikit-learn has them.
LOSSES: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor, Tensor], Tensor]]] = {
    "softmax": (lambda z: torch.softmax(z, 1, out=z), _softmax_rows),
    "logistic": (lambda z: torch.sigmoid(z, out=z), _logistic_rows),
    "identity": (lambda z: z, _squared_rows),
    "exp": (lambda z: torch.exp(z, out=z), _poisson_rows),
}
#: The same activations for autograd, which cannot follow writes into given memory.
_ACTIVATE: dict[str, Callable[[Tensor], Tensor]] = {
    "softmax": lambda z: torch.softmax(z, 1),
    "logistic": torch.sigmoid,
    "identity": lambda z: z,
    "exp": torch.exp,
}
#: What is minimised, as a function of linear outputs: the loss of each row before any clipping,
#: summed over outputs, whose gradient is ``prediction - y`` everywhere.
_OBJECTIVES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "softmax": lambda z, y: -(y * F.log_softmax(z, 1)).sum(1),
    "logistic": lambda z, y: (F.softplus(z) - y * z).sum(1),
    "identity": lambda z, y: 0.5 * (z - y).square().sum(1),
    "exp": lambda z, y: (z.exp() - y * z).sum(1),
}


class Loss(nn.Module):
    """Mean loss of linear outputs, the criterion of the skorch net.

    Parameters
    ----------
    out_activation : {'softmax', 'logistic', 'identity', 'exp'}
        Cross-entropy of classes, of independent labels, half squared error, Poisson deviance.

    Examples
    --------
    >>> import torch
    >>> from sktransfer._training import Loss
    >>> Loss("identity")(torch.tensor([[1.0]]), torch.tensor([[3.0]]))
    tensor(2.)
    """

    def __init__(self, out_activation: str) -> None:
        super().__init__()
        self.out_activation = out_activation
        self.activate_, self.rows = LOSSES[out_activation]

    def activate(self, output: Tensor) -> Tensor:
        """Predictions for linear outputs, in new memory and known to autograd."""
        return _ACTIVATE[self.out_activation](output)

    def objective(self, output: Tensor, y: Tensor) -> Tensor:
        """What training minimises, one value per row, known to autograd.

        The row's loss but for constants, for the clipping of probabilities, and for the squared
        error of several outputs: scikit-learn reports its mean over the outputs and minimises
        its sum.
        """
        return _OBJECTIVES[self.out_activation](output, y)

    def forward(self, output: Tensor, y: Tensor) -> Tensor:
        return self.rows(self.activate(output), y).mean()


def mean_loss(prediction, y, sample_weight, out_activation: str) -> float:
    """Mean loss of predictions.

    Parameters
    ----------
    prediction : ndarray of shape (n_samples, n_outputs)
        Behind the output activation.
    y : ndarray of shape (n_samples, n_outputs)
    sample_weight : ndarray of shape (n_samples,) or None
    out_activation : str

    Returns
    -------
    float
    """
    _, rows = LOSSES[out_activation]
    losses = rows(torch.from_numpy(prediction), torch.from_numpy(y)).numpy()
    return float(np.average(losses, weights=sample_weight))
