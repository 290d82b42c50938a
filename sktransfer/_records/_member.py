"""What a fitted estimator is made of: members that each answer for a whole table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sktransfer._records._plan import TransferPlan
from sktransfer._records._schemas import InputSchema, TargetSchema

#: What a read-out can read: the standardised columns, what hidden layers make of them, and the
#: linear outputs of the last layer.
Reading = Literal["columns", "hidden", "outputs"]


@dataclass(frozen=True, eq=False)
class TreeArrays:
    """Regression trees whose answers add up, as arrays.

    Attributes
    ----------
    column : ndarray of int, shape (n_trees, n_nodes)
        Which feature a node asks for; anything in a leaf.
    threshold : ndarray of shape (n_trees, n_nodes)
        Rows with at most this value go left.
    left, right : ndarray of int, shape (n_trees, n_nodes)
        Positions of a node's children; a leaf is its own child.
    value : ndarray of shape (n_trees, n_nodes, n_outputs)
        What a leaf adds to the outputs.
    start : ndarray of shape (n_outputs,)
        What the trees are added to.
    depth : int
        Most questions on the way to a leaf.
    is_linear : bool
        Whether the sum stands before the output activation, not behind it.
    """

    column: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    start: np.ndarray
    depth: int
    is_linear: bool


@dataclass(frozen=True, eq=False)
class Readout:
    """What answers on top of a fixed network: a linear layer, or trees, on what the layers say.

    Attributes
    ----------
    reads : tuple of {'columns', 'hidden', 'outputs'}
        The features, side by side in this order.
    center, scale : ndarray of shape (n_features,)
        A feature is read as ``(f - center) / scale``.
    weight : ndarray of shape (n_features, n_outputs), or None
    bias : ndarray of shape (n_outputs,), or None
    trees : TreeArrays or None
        In place of a linear layer.
    """

    reads: tuple[Reading, ...]
    center: np.ndarray
    scale: np.ndarray
    weight: np.ndarray | None = None
    bias: np.ndarray | None = None
    trees: TreeArrays | None = None


@dataclass(frozen=True, eq=False)
class Member:
    """One network, and all that it needs to answer for a user's table.

    An estimator holds at least one; several are mixed by their weights.

    Attributes
    ----------
    name : str
        The strategy that trained it.
    inputs : InputSchema
    target : TargetSchema
    coefs, intercepts : sequence of ndarray of shape (n_inputs, n_outputs) and (n_outputs,)
        Dense layers, input to output.
    activation : str
        Activation of the hidden layers.
    uses_source : bool
        Whether anything of it came from a source.
    readout : Readout or None
        What answers on top of the layers; None where the last layer does.
    plan : TransferPlan or None
        What went where in a network that can be trained further, without the weights.
    """

    name: str
    inputs: InputSchema
    target: TargetSchema
    coefs: Sequence[np.ndarray]
    intercepts: Sequence[np.ndarray]
    activation: str
    uses_source: bool = False
    readout: Readout | None = None
    plan: TransferPlan | None = None
