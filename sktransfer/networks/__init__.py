"""What thinks: the torch modules, how their weights start, and their answers in numpy."""

from typing import TYPE_CHECKING

from sktransfer._lazy import attach
from sktransfer.networks._answer import answer, in_users_unit, read
from sktransfer.networks._build import build_network, head_masks, reference_layers
from sktransfer.networks._forward import CHUNK_ROWS, forward

if TYPE_CHECKING:
    from sktransfer.networks._dense import DenseNetwork

# imports torch
__getattr__ = attach(__name__, {"DenseNetwork": "_dense"})

__all__ = [
    "CHUNK_ROWS",
    "DenseNetwork",
    "answer",
    "build_network",
    "forward",
    "head_masks",
    "in_users_unit",
    "read",
    "reference_layers",
]
