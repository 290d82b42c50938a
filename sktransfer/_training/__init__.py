"""Move: the engine that trains a network through a strategy's phases.

Whole arrays in, batches as slices of them, one flat vector of parameters, gradients of dense
stacks in closed form.  skorch lives here and nowhere else: the net a user sees as ``net_`` is
a real :class:`skorch.NeuralNet`, whose callbacks take part in every epoch.
"""

from typing import TYPE_CHECKING

from sktransfer._lazy import attach
from sktransfer._training._threads import threads_for  # must be there before any fork

if TYPE_CHECKING:
    from sktransfer._training._data import TrainingData
    from sktransfer._training._losses import Loss, mean_loss
    from sktransfer._training._net import SilentNet, TransferNet, make_net
    from sktransfer._training._optimizers import FlatOptimizer
    from sktransfer._training._task_gradients import task_gradients
    from sktransfer._training._train import Watch, train

# these import torch and skorch
__getattr__, __dir__ = attach(
    __name__,
    {
        "_data": ["TrainingData"],
        "_losses": ["Loss", "mean_loss"],
        "_net": ["SilentNet", "TransferNet", "make_net"],
        "_optimizers": ["FlatOptimizer"],
        "_task_gradients": ["task_gradients"],
        "_train": ["Watch", "train"],
    },
)

__all__ = [
    "FlatOptimizer",
    "Loss",
    "SilentNet",
    "TrainingData",
    "TransferNet",
    "Watch",
    "make_net",
    "mean_loss",
    "task_gradients",
    "threads_for",
    "train",
]
