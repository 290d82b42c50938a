"""Models on frozen features: linear layers and trees, fitted at once."""

from sktransfer._readouts._linear import STRENGTHS, linear_path
from sktransfer._readouts._trees import beside, boost_trees, grow_extra_trees, side_by_side

__all__ = [
    "STRENGTHS",
    "beside",
    "boost_trees",
    "grow_extra_trees",
    "linear_path",
    "side_by_side",
]
