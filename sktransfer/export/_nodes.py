"""What ``predict`` computes, as nodes: the counterparts of ``encode`` and ``predict_member``."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from sktransfer._activations import NodeAttribute, activation_of
from sktransfer._preprocessing import angular, fourier_features
from sktransfer._records import InputSchema, Member, TreeArrays
from sktransfer.export._graph import Graph


def encode(graph: Graph, X: str, schema: InputSchema, dtype: DTypeLike) -> str:
    """Encoded columns, of float64, to the inputs of a network."""
    constant = graph.constant
    columns, scaling = schema.columns, schema.scaling
    rows = X
    if columns.order is not None:
        rows = graph("Gather", rows, constant(np.array(columns.order)), axis=1)
    if columns.missing_indicators:
        chosen = graph("Gather", rows, constant(np.array(columns.missing_indicators)), axis=1)
        rows = graph.concat([rows, graph.cast(graph("IsNaN", chosen), np.float64)])
    z = graph("Div", graph("Sub", rows, constant(scaling.center)), constant(scaling.scale))
    if scaling.soft_clipping:  # z / sqrt(1 + (z / 4)²)
        z = graph("Clip", z, constant(np.array(-1e6)), constant(np.array(1e6)))
        quarter = graph("Mul", z, constant(np.array(0.25)))
        square = graph("Mul", quarter, quarter)
        z = graph("Div", z, graph("Sqrt", graph("Add", square, constant(np.array(1.0)))))
    z = graph("Where", graph("IsNaN", rows), constant(scaling.fill_value), z)
    parts = [z]
    for column, frequencies in columns.fourier:
        value = graph("Gather", z, constant(np.array([column])), axis=1)
        of_column = angular(frequencies, np.float64)[None]
        parts += fourier_features(value, of_column, _Arithmetic(graph))
    return graph.cast(graph.concat(parts), dtype)


class _Arithmetic:
    """A graph's nodes under numpy's names."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def multiply(self, x: str, y: np.ndarray | float) -> str:
        return self._graph("Mul", x, self._graph.constant(np.asarray(y)))

    def cos(self, x: str) -> str:
        # the runtime has no cosine in double precision
        quarter = self._graph.constant(np.array(np.pi / 2))
        return self.sin(self._graph("Add", x, quarter))

    def sin(self, x: str) -> str:
        return self._graph("Sin", x)


def predict(graph: Graph, inputs: str, member: Member, dtype: np.dtype) -> str:
    """A member's predictions in the user's unit, in the precision of the graph."""
    values, target = _outputs(graph, inputs, member, dtype), member.target
    if not target.is_scaled:
        return values
    scaled = graph("Mul", values, graph.constant(target.scale.astype(dtype)))
    return graph("Add", scaled, graph.constant(target.center.astype(dtype)))


def _outputs(graph: Graph, inputs: str, member: Member, dtype: np.dtype) -> str:
    out_activation, readout = str(member.target.out_activation), member.readout
    hidden, outputs = _layers(graph, inputs, member, dtype)
    if readout is None:
        return _activate(graph, outputs, out_activation, dtype)
    columns = np.arange(member.inputs.columns.n_scaled)
    parts = {
        "columns": lambda: [graph("Gather", inputs, graph.constant(columns), axis=1)],
        "hidden": lambda: hidden,
        "outputs": lambda: [outputs] if member.coefs else [],
    }
    features = graph.concat([part for what in readout.reads for part in parts[what]()])
    features = graph.cast(features, np.float64)
    features = graph("Sub", features, graph.constant(readout.center.astype(np.float64)))
    features = graph("Div", features, graph.constant(readout.scale.astype(np.float64)))
    if readout.trees is None:
        product = graph("MatMul", features, graph.constant(np.float64(readout.weight)))
        values = graph("Add", product, graph.constant(np.float64(readout.bias)))
    else:
        values = _add_trees(graph, features, readout.trees)
    values = graph.cast(values, dtype)
    if readout.trees is not None and not readout.trees.is_linear:
        return values
    return _activate(graph, values, out_activation, dtype)


def _layers(graph: Graph, rows: str, member: Member, dtype: np.dtype) -> tuple[list[str], str]:
    """Hidden layers, and linear outputs."""
    hidden: list[str] = []
    for weight, bias in zip(member.coefs, member.intercepts, strict=True):
        if hidden:
            rows = hidden[-1]
        product = graph("MatMul", rows, graph.constant(weight.astype(dtype)))
        rows = graph("Add", product, graph.constant(bias.astype(dtype)))
        hidden.append(_activate(graph, rows, member.activation, dtype))
    return hidden[:-1], rows


def _activate(graph: Graph, values: str, activation: str, dtype: np.dtype) -> str:
    return activation_of(activation).onnx(graph, values, dtype)


def _add_trees(graph: Graph, features: str, trees: TreeArrays) -> str:
    """Trees and their linear model; the runtime adds trees in single precision."""
    rows, attributes = graph.cast(features, np.float32), _tree_attributes(trees)
    outputs = graph("TreeEnsembleRegressor", rows, domain="ai.onnx.ml", **attributes)
    outputs = graph.cast(outputs, np.float64)
    if trees.linear is not None:
        slopes = graph.constant(trees.linear.astype(np.float64))
        outputs = graph("Add", outputs, graph("MatMul", features, slopes))
    return graph("Add", outputs, graph.constant(trees.start.astype(np.float64)))


def _tree_attributes(trees: TreeArrays) -> dict[str, NodeAttribute]:
    """Trees in ONNX's form: flat lists of nodes, and of what leaves add to the outputs."""
    n_trees, n_nodes = trees.column.shape
    nodes = np.arange(n_nodes)
    tree_ids, node_ids = np.repeat(np.arange(n_trees), n_nodes), np.tile(nodes, n_trees)
    is_leaf = trees.left == nodes
    # both sides of a comparison are of single precision: the largest such number that does not
    # exceed a threshold sends the same rows left
    threshold = trees.threshold.astype(np.float32)
    above = threshold > trees.threshold
    threshold[above] = np.nextafter(threshold[above], np.float32(-np.inf))
    used = _reachable(trees)
    keep = used.ravel()
    leaf_trees, leaf_nodes = np.nonzero(is_leaf & used)
    n_outputs = trees.value.shape[2]
    return {
        "n_targets": n_outputs,
        "nodes_treeids": tree_ids[keep].tolist(),
        "nodes_nodeids": node_ids[keep].tolist(),
        "nodes_featureids": np.where(is_leaf, 0, trees.column).ravel()[keep].tolist(),
        "nodes_values": np.where(is_leaf, 0, threshold).ravel()[keep].tolist(),
        "nodes_modes": np.where(is_leaf, "LEAF", "BRANCH_LEQ").ravel()[keep].tolist(),
        "nodes_truenodeids": np.where(is_leaf, 0, trees.left).ravel()[keep].tolist(),
        "nodes_falsenodeids": np.where(is_leaf, 0, trees.right).ravel()[keep].tolist(),
        "target_treeids": np.repeat(leaf_trees, n_outputs).tolist(),
        "target_nodeids": np.repeat(leaf_nodes, n_outputs).tolist(),
        "target_ids": np.tile(np.arange(n_outputs), len(leaf_trees)).tolist(),
        "target_weights": trees.value[leaf_trees, leaf_nodes].ravel().tolist(),
    }


def _reachable(trees: TreeArrays) -> np.ndarray:
    """Nodes that some row can come to; the others only fill up the arrays."""
    used = np.zeros(trees.column.shape, bool)
    used[:, 0] = True
    for _ in range(trees.depth):
        at = np.nonzero(used)
        for children in (trees.left, trees.right):
            used[at[0], children[at]] = True
    return used
