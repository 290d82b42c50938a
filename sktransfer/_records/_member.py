"""What a fitted estimator is made of: members that each predict for a whole table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sktransfer._activations import ACTIVATIONS
from sktransfer._records._closed_form import ClosedForm, OutputKind
from sktransfer._records._inputs import InputSchema
from sktransfer._records._layers import MergedClasses, NumbersOfRates, OutputMap
from sktransfer._records._plan import TransferPlan
from sktransfer._records._predictor import TablePredictor
from sktransfer._records._schemas import TargetSchema
from sktransfer._records._training import History
from sktransfer._typing import Estimator

#: What a read-out can read: the standardised columns, what hidden layers make of them, and the
#: linear outputs of the last layer.
Reading = Literal["columns", "hidden", "outputs"]
#: How far sums of probabilities in single precision may be from 1.
_ROUNDING = 1e-3


@dataclass(frozen=True, eq=False)
class TreeArrays:
    """Regression trees whose predictions add up, as arrays.

    Attributes
    ----------
    column : ndarray of int, shape (n_trees, n_nodes)
        Which feature a node tests; anything in a leaf.
    threshold : ndarray of shape (n_trees, n_nodes)
        Rows with at most this value go left.
    left, right : ndarray of int, shape (n_trees, n_nodes)
        Positions of a node's children; a leaf is its own child.
    value : ndarray of shape (n_trees, n_nodes, n_outputs)
        What a leaf adds to the outputs.
    start : ndarray of shape (n_outputs,)
        What the trees are added to.
    depth : int
        Depth of the deepest tree.
    is_linear : bool
        Whether the sum is of linear outputs, before the output activation.
    linear : ndarray of shape (n_features, n_outputs), or None
        Coefficients of the features in a linear model that the trees are added to, too.
    """

    column: NDArray[np.integer]
    threshold: NDArray[np.floating]
    left: NDArray[np.integer]
    right: NDArray[np.integer]
    value: NDArray[np.floating]
    start: NDArray[np.floating]
    depth: int
    is_linear: bool
    linear: NDArray[np.floating] | None = None

    def __post_init__(self) -> None:
        shape = self.column.shape
        same = (self.threshold, self.left, self.right)
        if len(shape) != 2 or not shape[1] or any(array.shape != shape for array in same):
            raise ValueError("Trees need arrays of shape (n_trees, n_nodes), with a node at least")
        if self.start.ndim != 1 or self.value.shape != (*shape, len(self.start)):
            raise ValueError(f"Trees with {self.start.shape} outputs add {self.value.shape}")
        if self.column.size and self.column.min() < 0:
            raise ValueError("A node of a tree tests a feature before the first")
        depth, _ = _walk(self.left, self.right)
        if self.depth != depth:
            raise ValueError(f"Trees of a depth of {depth}, not of {self.depth}")
        if self.linear is not None and (
            not self.is_linear or self.linear.shape[1:] != self.start.shape
        ):
            raise ValueError(f"Trees of {self.start.shape} outputs on {self.linear.shape} slopes")

    @property
    def n_columns(self) -> int:
        """How many features the trees need at least."""
        return int(self.column.max(initial=-1)) + 1

    @property
    def reached(self) -> np.ndarray:
        """Mask of the nodes that a row can come to; others are there to fill the arrays."""
        return _walk(self.left, self.right)[1]


def _walk(left: np.ndarray, right: np.ndarray) -> tuple[int, np.ndarray]:
    """Depth of the deepest tree, and which nodes any row reaches."""
    n_trees, n_nodes = left.shape
    if (
        left.size
        and not 0 <= min(left.min(), right.min()) <= max(left.max(), right.max()) < n_nodes
    ):
        raise ValueError("A node of a tree has a child that is not there")
    tree, node, depth = np.arange(n_trees), np.zeros(n_trees, np.intp), 0
    reached = np.zeros(left.shape, bool)
    while True:
        if reached[tree, node].any():
            raise ValueError("A node of a tree is the child of several")
        reached[tree, node] = True
        children = np.stack([left[tree, node], right[tree, node]])
        is_inner = (children != node).any(axis=0)
        tree, node, children = tree[is_inner], node[is_inner], children[:, is_inner]
        if not len(tree):
            return depth, reached
        # a child comes after its parent, so that every path ends
        if (children <= node).any():
            raise ValueError("A node of a tree has a child that comes before it")
        depth += 1
        tree, node = np.tile(tree, 2), children.ravel()


@dataclass(frozen=True, eq=False)
class Readout:
    """A model on top of a fixed network: a linear layer, or trees, on the outputs of its layers.

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
    center: NDArray[np.floating]
    scale: NDArray[np.floating]
    weight: NDArray[np.floating] | None = None
    bias: NDArray[np.floating] | None = None
    trees: TreeArrays | None = None

    def __post_init__(self) -> None:
        n_features = len(self.center) if self.center.ndim == 1 else -1
        if self.scale.shape != (n_features,) or not (self.scale > 0).all():
            raise ValueError("A read-out needs a center and a scale above 0 of every feature")
        if self.trees is not None:
            if self.weight is not None or self.bias is not None:
                raise ValueError("A read-out is a linear layer or trees, not both")
            if self.trees.n_columns > n_features:
                raise ValueError(f"Trees test more than the {n_features} features there are")
            linear = self.trees.linear
            if linear is not None and len(linear) != n_features:
                raise ValueError(f"{len(linear)} slopes do not fit {n_features} features")
        elif self.weight is None or self.bias is None:
            raise ValueError("A read-out needs a weight and a bias, or trees")
        elif self.weight.shape != (n_features, *self.bias.shape) or self.bias.ndim != 1:
            raise ValueError(
                f"A weight of shape {self.weight.shape} and a bias of shape {self.bias.shape} do "
                f"not fit {n_features} features"
            )

    @property
    def n_outputs(self) -> int:
        """How many outputs it gives."""
        return len(self.bias if self.trees is None else self.trees.start)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class ForeignModel:
    """Another package's fitted estimator, and what it reads.

    Attributes
    ----------
    estimator : object
        Has ``predict``, for classes also ``predict_proba`` and ``classes_``.
    reads : tuple of {'table', 'encoded', 'hidden', 'outputs'}
    """

    estimator: Estimator
    reads: tuple[str, ...]

    @property
    def reads_table(self) -> bool:
        """Whether it is given the user's table, and nothing that is made of it."""
        return self.reads == ("table",)

    @property
    def parts(self) -> list[str]:
        """What it reads, by the names that a read-out's features have."""
        return ["columns" if one == "encoded" else one for one in self.reads]


@dataclass(frozen=True, eq=False)
class Member:
    """One network, and all that it needs to predict for a user's table.

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
        The model on top of the layers; None where the last layer predicts.
    closed_form : ClosedForm or None
        What predicts in place of the last layer, for a member in closed form.
    output_map : DenseLayer, MergedClasses, NumbersOfRates or None
        From the chain's linear outputs to the target's, in the user's unit; None where they mean
        other things.
    foreign : ForeignModel or None
        An estimator that predicts in place of the last layer.
    predictor : sktransfer.sources.Predictor or None
        A source without layers, whose outputs the member reads.
    plan : TransferPlan or None
        What went where in a network that can be trained further, with the weights that it started
        from; None for a read-out.
    history : History or None
        The training of that network.
    """

    name: str
    inputs: InputSchema
    target: TargetSchema
    coefs: Sequence[NDArray[np.floating]]
    intercepts: Sequence[NDArray[np.floating]]
    activation: str
    uses_source: bool = False
    readout: Readout | None = None
    closed_form: ClosedForm | None = None
    output_map: OutputMap | None = None
    foreign: ForeignModel | None = None
    predictor: TablePredictor | None = None
    plan: TransferPlan | None = None
    history: History | None = None

    def __post_init__(self) -> None:
        sizes = self._check_chain()
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"A member cannot have the activation {self.activation!r}")
        if sizes and sizes[0] != self.inputs.n_inputs:
            raise ValueError(f"{self.inputs.n_inputs} inputs do not fit layers of sizes {sizes}")
        if self.predictor is not None and not hasattr(type(self.predictor), "outputs"):
            raise ValueError(f"its predictor is a {type(self.predictor).__name__}")
        if self.foreign is not None:
            return
        if self.closed_form is not None:
            self._check_closed_form(self.closed_form, sizes)
        elif self.readout is not None:
            self._check_readout(self.readout, sizes)
        elif not sizes or sizes[-1] != self.target.n_outputs:
            raise ValueError(f"{self.target.n_outputs} outputs do not fit layers of sizes {sizes}")
        elif self.plan is not None and self.plan.layer_sizes != tuple(sizes):
            raise ValueError(f"A plan of {self.plan.layer_sizes} does not fit layers of {sizes}")

    def _check_chain(self) -> list[int]:
        """Widths from the inputs to the last layer's outputs; none without layers."""
        if len(self.coefs) != len(self.intercepts):
            raise ValueError(f"{len(self.coefs)} weights and {len(self.intercepts)} biases")
        for weight, bias in zip(self.coefs, self.intercepts, strict=True):
            if weight.ndim != 2 or bias.shape != (weight.shape[1],):
                raise ValueError(f"A weight of shape {weight.shape} with a bias of {bias.shape}")
        for below, above in pairwise(self.coefs):
            if below.shape[1] != above.shape[0]:
                raise ValueError(f"A layer of {above.shape} on top of one of {below.shape}")
        outputs = [weight.shape[1] for weight in self.coefs]
        return [self.coefs[0].shape[0], *outputs] if outputs else []

    def _check_closed_form(self, model: ClosedForm, sizes: list[int]) -> None:
        if model.intercept.shape != (self.target.n_outputs,):
            raise ValueError(f"{model.intercept.shape} outputs do not fit the target")
        if model.kind != output_kind(self.target):
            raise ValueError(f"a {self.target.kind} target is not predicted as a {model.kind}")
        # how many outputs a source without layers has, is known when it predicts
        n_outputs = None if self.predictor is not None else sizes[-1] if sizes else 0
        if self.output_map is not None:
            n_mapped, n_given = _sizes(self.output_map)
            if n_outputs not in (None, n_mapped):
                raise ValueError(f"a map of {n_mapped} outputs behind {n_outputs}")
            n_outputs = n_given
        if model.offset is not None and n_outputs not in (None, len(model.offset.slope)):
            raise ValueError(f"an update of {len(model.offset.slope)} of {n_outputs} outputs")
        for scale, n in ((model.columns, self.inputs.n_inputs), (model.output_scale, n_outputs)):
            if scale is not None and n is not None and not scale.fits(n):
                raise ValueError(f"columns are read that are not among {n}")
        if model.tangent is not None:
            if not sizes:
                raise ValueError("a tangent of no layers")
            expected = [*pairwise(sizes[:-1]), (sizes[-2], -1)]
            if model.tangent.sizes != expected or len(model.tangent.directions) != sizes[-1]:
                raise ValueError(f"a tangent of other layers than {sizes}")

    def _check_readout(self, readout: Readout, sizes: list[int]) -> None:
        widths = {
            "columns": self.inputs.columns.n_scaled,
            "hidden": sum(sizes[1:-1]),
            "outputs": sum(sizes[-1:]),
        }
        n_features = sum(widths[what] for what in readout.reads)
        if self.predictor is None and len(readout.center) != n_features:
            raise ValueError(f"A read-out of {len(readout.center)} features reads {n_features}")
        if readout.n_outputs != self.target.n_outputs:
            raise ValueError(f"A read-out of {readout.n_outputs} outputs for another target")
        trees = readout.trees
        if trees is not None and not trees.is_linear and self.target.kind != "regression":
            _check_probabilities(trees, self.target.kind == "multiclass")

    @property
    def is_network(self) -> bool:
        """Whether it is a network that can be trained further."""
        return self.plan is not None

    @property
    def dtype(self) -> np.dtype:
        """The precision of its arrays."""
        if self.coefs:
            return self.coefs[0].dtype
        return np.dtype(np.float32)


def _sizes(output_map: OutputMap) -> tuple[int, ...]:
    """How many outputs a map takes and gives."""
    if isinstance(output_map, MergedClasses):
        return len(output_map.target_class), output_map.n_outputs
    layer = output_map.layer if isinstance(output_map, NumbersOfRates) else output_map
    return layer.weight.shape


def output_kind(target: TargetSchema) -> OutputKind:
    """What a target's outputs are to a member in closed form, or to an update of the source's."""
    if target.kind == "regression":
        if target.loss_function.mixes_logs:
            return "amount"
        return "count" if target.loss == "poisson" else "number"
    return "multiclass" if target.kind == "multiclass" else "binary"


def _check_probabilities(trees: TreeArrays, sum_to_one: bool) -> None:
    most = trees.value.max(axis=1, initial=0.0).sum(axis=0)
    if trees.start.any() or (trees.value < 0).any() or (most > 1 + _ROUNDING).any():
        raise ValueError("Trees that predict probabilities must add up to numbers from 0 to 1")
    if not sum_to_one:
        return
    sums = trees.value.sum(axis=2)
    least = np.where(trees.reached, sums, np.inf).min(axis=1).sum()
    most = np.where(trees.reached, sums, -np.inf).max(axis=1).sum()
    if abs(least - 1) > _ROUNDING or abs(most - 1) > _ROUNDING:
        raise ValueError("The probabilities that trees predict must sum to 1")
