"""What a network is trained for: losses on its linear outputs.

Each loss knows its output activation.  For these canonical pairs the gradient with respect to
the linear output is simply ``prediction - y``.  Outputs may be several tasks' side by side, each
with a loss of its own; a target may be missing, and then counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sktransfer._activations import in_torch
from sktransfer._records import OutActivation


def _clip(probability: Tensor) -> Tensor:
    eps = torch.finfo(probability.dtype).eps
    return probability.clamp(eps, 1 - eps)


def _softmax_entries(prediction: Tensor, y: Tensor) -> Tensor:
    return -torch.xlogy(y, _clip(prediction))


def _logistic_entries(prediction: Tensor, y: Tensor) -> Tensor:
    p = _clip(prediction)
    return -(torch.xlogy(y, p) + torch.xlogy(1 - y, 1 - p))


def _squared_entries(prediction: Tensor, y: Tensor) -> Tensor:
    return 0.5 * (y - prediction).square()


def _poisson_entries(prediction: Tensor, y: Tensor) -> Tensor:
    # not xlogy(y, y / prediction), whose derivative is 0 / 0 where y is 0
    return torch.xlogy(y, y) - torch.xlogy(y, prediction) - y + prediction


#: Output activation → loss of each output, as scikit-learn has them.
LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "softmax": _softmax_entries,
    "logistic": _logistic_entries,
    "identity": _squared_entries,
    "exp": _poisson_entries,
}
#: What is minimised, as a function of linear outputs: the loss of each output before any
#: clipping, whose gradient is ``prediction - y`` everywhere.
_OBJECTIVES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "softmax": lambda z, y: -(y * F.log_softmax(z, 1)),
    "logistic": lambda z, y: F.softplus(z) - y * z,
    "identity": lambda z, y: 0.5 * (z - y).square(),
    "exp": lambda z, y: z.exp() - y * z,
}


def split_missing(y: Tensor) -> tuple[Tensor, Tensor]:
    """Targets with zeros for missing ones, and 1 for a known and 0 for a missing entry."""
    missing = y.isnan()
    return y.masked_fill(missing, 0.0), (~missing).to(y.dtype)


class Loss(nn.Module):
    """Mean loss of linear outputs, the criterion of the skorch net.

    Parameters
    ----------
    out_activation : {'softmax', 'logistic', 'identity', 'exp'} or tuple of (str, int)
        Cross-entropy of classes, of independent labels, half squared error, Poisson deviance; or
        one of these, and the number of outputs, for each of several tasks.

    Examples
    --------
    >>> import torch
    >>> from sktransfer._training import Loss
    >>> Loss("identity")(torch.tensor([[1.0]]), torch.tensor([[3.0]]))
    tensor(2.)
    >>> two_tasks = Loss((("softmax", 2), ("identity", 1)))
    >>> output = torch.tensor([[0.0, 0.0, 1.0]])
    >>> two_tasks(output, torch.tensor([[1.0, 0.0, 3.0]]))  # log 2 and 2
    tensor(2.6931)
    >>> two_tasks(output, torch.tensor([[1.0, 0.0, torch.nan]]))
    tensor(0.6931)
    """

    def __init__(self, out_activation: OutActivation) -> None:
        super().__init__()
        self.out_activation = out_activation
        self.blocks = output_blocks(out_activation)
        self.activate_: Callable[[Tensor], Tensor] = self._activate_blocks_
        if isinstance(out_activation, str):  # a view per step would cost time
            self.activate_ = _in_place(out_activation)

    def _activate_blocks_(self, output: Tensor) -> Tensor:
        """Predictions for linear outputs, in their place."""
        for activation, where in self.blocks:
            _in_place(activation)(output[:, where])
        return output

    def activate(self, output: Tensor) -> Tensor:
        """Predictions for linear outputs, in new memory and known to autograd."""
        parts = [
            in_torch(activation).function(output[:, where]) for activation, where in self.blocks
        ]
        return parts[0] if len(parts) == 1 else torch.cat(parts, 1)

    def task_rows(
        self, prediction: Tensor, y: Tensor, known: Tensor | None = None
    ) -> list[Tensor]:
        """Loss of each row in each task.

        Parameters
        ----------
        prediction : Tensor of shape (n_rows, n_outputs)
            Behind the output activation.
        y : Tensor of shape (n_rows, n_outputs)
            Without missing entries.
        known : Tensor of shape (n_rows, n_outputs) or None
            1 where `y` is known, 0 where it stands for a missing entry.

        Returns
        -------
        list of Tensor of shape (n_rows,)
        """
        rows = []
        for activation, where in self.blocks:
            entries = LOSSES[activation](prediction[:, where], y[:, where])
            if known is not None:
                entries = entries * known[:, where]
            # scikit-learn's squared error is the mean over outputs
            rows.append(entries.mean(1) if activation == "identity" else entries.sum(1))
        return rows

    def rows(self, prediction: Tensor, y: Tensor, known: Tensor | None = None) -> Tensor:
        """Loss of each row, summed over the tasks; see :meth:`task_rows`."""
        first, *others = self.task_rows(prediction, y, known)
        return sum(others, first)

    def objective(self, output: Tensor, y: Tensor) -> Tensor:
        """What training minimises, one value per output, known to autograd.

        The loss but for constants, for the clipping of probabilities, and for the squared error
        of several outputs: scikit-learn reports its mean over the outputs and minimises its sum.
        """
        parts = [
            _OBJECTIVES[activation](output[:, where], y[:, where])
            for activation, where in self.blocks
        ]
        return parts[0] if len(parts) == 1 else torch.cat(parts, 1)

    def forward(self, output: Tensor, y: Tensor) -> Tensor:
        return self.rows(self.activate(output), *split_missing(y)).mean()


def _in_place(activation: str) -> Callable[[Tensor], Tensor]:
    function, in_place, _ = in_torch(activation)
    return in_place or function


def output_blocks(out_activation: OutActivation) -> list[tuple[str, slice]]:
    """Each task's output activation, and where its outputs are."""
    if isinstance(out_activation, str):
        return [(out_activation, slice(None))]
    blocks, start = [], 0
    for activation, n_outputs in out_activation:
        blocks.append((activation, slice(start, start + n_outputs)))
        start += n_outputs
    return blocks


def mean_loss(prediction, y, sample_weight, out_activation: OutActivation) -> float:
    """Mean loss of predictions.

    Parameters
    ----------
    prediction : ndarray of shape (n_samples, n_outputs)
        Behind the output activation.
    y : ndarray of shape (n_samples, n_outputs)
        NaN where missing.
    sample_weight : ndarray of shape (n_samples,) or None
    out_activation : str or tuple of (str, int)

    Returns
    -------
    float
    """
    y, known = split_missing(torch.from_numpy(y))
    losses = Loss(out_activation).rows(torch.from_numpy(prediction), y, known).numpy()
    return float(np.average(losses, weights=sample_weight))
