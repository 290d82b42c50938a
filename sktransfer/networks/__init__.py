"""What thinks: the torch modules, and how their weights start."""

from sktransfer.networks._answer import answer, in_users_unit, read
from sktransfer.networks._build import build_network, head_masks, reference_layers
from sktransfer.networks._dense import DenseNetwork
from sktransfer.networks._forward import CHUNK_ROWS, forward

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
