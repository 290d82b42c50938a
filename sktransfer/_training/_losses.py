"""What a network is trained for: losses on its linear outputs.

Each loss has its output activation; what it is stands in ``sktransfer._losses``.  Outputs may be
several tasks' side by side, each with a loss of its own; a target may be missing, and then counts
for nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from sktransfer._activations import in_torch
from sktransfer._losses import OutputLoss, loss_of
from sktransfer._records import OutputLosses


def split_missing(y: Tensor) -> tuple[Tensor, Tensor]:
    """Targets with zeros for missing ones, and 1 for a known and 0 for a missing entry."""
    missing = y.isnan()
    return y.masked_fill(missing, 0.0), (~missing).to(y.dtype)


class Loss(nn.Module):
    """Mean loss of linear outputs, the criterion of the skorch net.

    Parameters
    ----------
    losses : str or tuple of (str, int)
        ``'softmax'`` and ``'logistic'`` for the log loss of classes and of independent labels, or
        the name of a loss of numbers; or one of these, and the number of outputs, for each of
        several tasks.
    sizes : tuple of float or None
        What the loss of each output is divided by, one size for all classes; None for 1.

    Examples
    --------
    >>> import torch
    >>> from sktransfer._training import Loss
    >>> Loss("squared_error")(torch.tensor([[1.0]]), torch.tensor([[3.0]]))
    tensor(2.)
    >>> two_tasks = Loss((("softmax", 2), ("squared_error", 1)))
    >>> output = torch.tensor([[0.0, 0.0, 1.0]])
    >>> two_tasks(output, torch.tensor([[1.0, 0.0, 3.0]]))  # log 2 and 2
    tensor(2.6931)
    >>> two_tasks(output, torch.tensor([[1.0, 0.0, torch.nan]]))
    tensor(0.6931)
    """

    def __init__(self, losses: OutputLosses, sizes: tuple[float, ...] | None = None) -> None:
        super().__init__()
        self.losses = losses
        self.blocks = output_blocks(losses)
        self.sizes = sizes
        self.activate_: Callable[[Tensor], Tensor] = self._activate_blocks_
        if isinstance(losses, str):  # a view per step would cost time
            self.activate_ = _in_place(loss_of(losses).activation)
        self._is_canonical = all(loss.is_canonical for loss, _ in self.blocks)

    def _activate_blocks_(self, output: Tensor) -> Tensor:
        """Predictions for linear outputs, in their place."""
        for loss, where in self.blocks:
            _in_place(loss.activation)(output[:, where])
        return output

    def slope(self, prediction: Tensor, y: Tensor, out: Tensor) -> Tensor:
        """Derivative of the objective by the linear outputs, written to `out`."""
        if self._is_canonical:
            torch.sub(prediction, y, out=out)
        else:
            for loss, where in self.blocks:
                out[:, where] = loss.slope(torch, prediction[:, where], y[:, where])
        return out if self.sizes is None else out.div_(out.new_tensor(self.sizes))

    def activate(self, output: Tensor) -> Tensor:
        """Predictions for linear outputs, in new memory and known to autograd."""
        parts = [
            in_torch(loss.activation).function(output[:, where]) for loss, where in self.blocks
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
        for loss, where in self.blocks:
            entries = loss.entries(torch, prediction[:, where], y[:, where])
            if known is not None:
                entries = entries * known[:, where]
            if self.sizes is not None:
                entries = entries / entries.new_tensor(self.sizes[where])
            # scikit-learn's squared error is the mean over outputs
            rows.append(entries.mean(1) if loss.is_averaged else entries.sum(1))
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
            loss.objective(torch, output[:, where], y[:, where]) for loss, where in self.blocks
        ]
        whole = parts[0] if len(parts) == 1 else torch.cat(parts, 1)
        return whole if self.sizes is None else whole / whole.new_tensor(self.sizes)

    def forward(self, output: Tensor, y: Tensor) -> Tensor:
        return self.rows(self.activate(output), *split_missing(y)).mean()


def _in_place(activation: str) -> Callable[[Tensor], Tensor]:
    function, in_place, _ = in_torch(activation)
    return in_place or function


def output_blocks(losses: OutputLosses) -> list[tuple[OutputLoss, slice]]:
    """Each task's loss, and where its outputs are."""
    if isinstance(losses, str):
        return [(loss_of(losses), slice(None))]
    blocks, start = [], 0
    for name, n_outputs in losses:
        blocks.append((loss_of(name), slice(start, start + n_outputs)))
        start += n_outputs
    return blocks


def mean_loss(prediction, y, sample_weight, losses: OutputLosses, sizes=None) -> float:
    """Mean loss of predictions.

    Parameters
    ----------
    prediction : ndarray of shape (n_samples, n_outputs)
        Behind the output activation.
    y : ndarray of shape (n_samples, n_outputs)
        NaN where missing.
    sample_weight : ndarray of shape (n_samples,) or None
    losses : str or tuple of (str, int)
    sizes : tuple of float or None
        See :class:`Loss`.

    Returns
    -------
    float
    """
    y, known = split_missing(torch.from_numpy(y))
    rows = Loss(losses, sizes).rows(torch.from_numpy(prediction), y, known).numpy()
    return float(np.average(rows, weights=sample_weight))
