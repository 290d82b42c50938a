"""Losses, one file each: in numpy and in torch, and what goes with each of them."""

from sktransfer._losses._base import OutputLoss
from sktransfer._losses._names import NUMBER_LOSSES, loss_id, loss_of

__all__ = ["NUMBER_LOSSES", "OutputLoss", "loss_id", "loss_of"]
