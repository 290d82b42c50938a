"""Sums of regression trees for many rows: by scikit-learn's compiled loop, or in numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy import sparse

from sktransfer._compat import CompiledTree, add_compiled_trees, compiled_trees
from sktransfer._records import Readout, TreeArrays

#: Nodes of trees that are compiled together, at 72 bytes a node; more are not kept between calls.
_MOST_NODES = 2**19
#: Rows up to which trees of few nodes are quicker in numpy, and from which on it is worth
#: compiling trees that are not kept.
_FEW_ROWS, _MANY_ROWS = 4, 1024
_FEW_NODES = 2**15
#: Leaves that are looked up at once, of trees with several outputs.
_MOST_LEAVES = 2**19


class TreePredictor:
    """What trees add up to.

    Their arrays were checked when the record was made, so that compiled code may follow them.

    Parameters
    ----------
    readout : Readout
        Of trees.

    Attributes
    ----------
    block_rows : int
        How many rows it should be given at once.
    has_slopes : bool
        Whether a linear model is added, for which the precision of features matters.
    """

    def __init__(self, readout: Readout) -> None:
        trees = cast("TreeArrays", readout.trees)
        self._trees, self._n_features = trees, len(readout.center)
        is_plain = not readout.center.any() and (readout.scale == 1).all()
        self._unit = None if is_plain else (readout.center, readout.scale)
        own = np.arange(trees.left.shape[1])
        self._is_leaf = (trees.left == own) & (trees.right == own)
        last = np.where(self._is_leaf, 0, np.maximum(trees.left, trees.right)).max(axis=1)
        self._sizes = last + 1
        linear = trees.linear
        self._sloped = np.flatnonzero([] if linear is None else linear.any(axis=1))
        self._slopes = None if linear is None else linear[self._sloped].astype(np.float64)
        self.has_slopes = bool(len(self._sloped))
        self._groups = _groups(self._sizes)
        self._kept: _Compiled | None = None
        self._levels: Levels | None = None
        self._every_node: _EveryNode | None = None
        self.block_rows = 2**13 if len(self._groups) <= 1 else 2**16

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Sums of the trees' values, and of the linear model that they are added to.

        Parameters
        ----------
        features : ndarray of shape (n_samples, n_features)

        Returns
        -------
        ndarray of float64, shape (n_samples, n_outputs)
        """
        if self._unit is not None:
            features = (features - self._unit[0]) / self._unit[1]
        sums = self._sums(np.ascontiguousarray(features, np.float32))
        if self._slopes is not None:  # in the features' own precision
            sums += features[:, self._sloped] @ self._slopes
        return sums

    def _sums(self, features: np.ndarray) -> np.ndarray:
        n_rows, is_kept = len(features), len(self._groups) == 1
        if n_rows <= _FEW_ROWS and self._sizes.sum() <= _FEW_NODES:
            self._every_node = self._every_node or _EveryNode(self._trees, self._sizes)
            return self._every_node(features)
        if not (is_kept or n_rows >= _MANY_ROWS):
            return self._by_level(features)
        outputs = np.empty((n_rows, len(self._trees.start)))
        outputs[:] = self._trees.start
        for positions in self._groups:
            compiled = self._kept or self._compile(positions)
            if compiled is None:
                return self._by_level(features)
            if is_kept:
                self._kept = compiled
            compiled.add(features, outputs)
        return outputs

    def _by_level(self, features: np.ndarray) -> np.ndarray:
        if self._levels is None:
            self._levels = Levels(self._trees)
        return self._levels(features)

    def _compile(self, positions: np.ndarray) -> _Compiled | None:
        trees, sizes = self._trees, self._sizes[positions]
        # the nodes of one tree after those of another, and a leaf that adds nothing
        is_node = np.arange(trees.left.shape[1]) < sizes[:, None]
        is_leaf = np.append(self._is_leaf[positions][is_node], True)

        def nodes(array: np.ndarray, of_leaf: int) -> np.ndarray:
            return np.where(is_leaf, of_leaf, np.append(array[positions][is_node], 0))

        value, first = trees.value[positions][is_node], np.cumsum(sizes) - sizes
        output_of = _output_of(value, first)
        if output_of is None:  # the position of the leaf in its tree
            scalars = np.arange(len(value)) - np.repeat(first, sizes)
        else:
            scalars = value[np.arange(len(value)), np.repeat(output_of, sizes)]
        compiled = compiled_trees(
            nodes(trees.left, -1),
            nodes(trees.right, -1),
            nodes(trees.column, 0),
            nodes(trees.threshold, 0),
            np.append(scalars, 0.0),
            [*sizes, 1],
            self._n_features,
        )
        if compiled is None:
            return None
        *of_trees, empty = compiled
        if output_of is None:
            return _Compiled(_as_objects([of_trees]), value, first)
        by_output: list[list[CompiledTree]] = [[] for _ in range(value.shape[1])]
        for tree, j in zip(of_trees, output_of, strict=True):
            by_output[j].append(tree)
        n_stages = max(map(len, by_output))
        padded = [those + [empty] * (n_stages - len(those)) for those in by_output]
        return _Compiled(_as_objects(padded).T)


@dataclass(frozen=True)
class _Compiled:
    """Compiled trees.

    Attributes
    ----------
    stages : ndarray of object, shape (n_stages, n_outputs), or (1, n_trees)
    values : ndarray of shape (n_leaves, n_outputs), or None
        Of trees with several outputs: what the nodes of all trees add.
    first : ndarray of int, shape (n_trees,), or None
        Where each tree's nodes begin there.
    """

    stages: np.ndarray
    values: np.ndarray | None = None
    first: np.ndarray | None = None

    def add(self, features: np.ndarray, outputs: np.ndarray) -> None:
        """Add the trees' outputs for rows to their outputs."""
        if self.values is None or self.first is None:
            add_compiled_trees(self.stages, features, outputs)
            return
        n_trees = self.stages.shape[1]
        n_rows = max(1, _MOST_LEAVES // n_trees)
        for at in range(0, len(features), n_rows):
            rows = features[at : at + n_rows]
            leaves = np.zeros((len(rows), n_trees))
            add_compiled_trees(self.stages, rows, leaves)
            indices = (leaves.astype(np.intp) + self.first).ravel()
            if len(rows) <= _FEW_ROWS:
                chosen = self.values.take(indices, axis=0).reshape(len(rows), n_trees, -1)
                outputs[at : at + n_rows] += chosen.sum(axis=1, dtype=np.float64)
                continue
            starts = np.arange(0, indices.size + 1, n_trees)
            chosen = sparse.csr_array(
                (np.ones(indices.size), indices, starts), shape=(len(rows), len(self.values))
            )
            outputs[at : at + n_rows] += chosen @ self.values


def _groups(sizes: np.ndarray) -> list[np.ndarray]:
    """Positions of the trees that are compiled together."""
    if not len(sizes):
        return [np.arange(0)]
    group = (np.cumsum(sizes) - 1) // _MOST_NODES
    return [np.flatnonzero(group == number) for number in np.unique(group)]


def _output_of(value: np.ndarray, first: np.ndarray) -> np.ndarray | None:
    """The only output to which each tree adds; None where one adds to several."""
    if value.shape[1] == 1 or not len(first):
        return np.zeros(len(first), int)
    changes = np.logical_or.reduceat(value != 0, first, axis=0)
    return None if changes.sum(axis=1).max() > 1 else changes.argmax(axis=1)


def _as_objects(rows: list[list[CompiledTree]]) -> np.ndarray:
    array = np.empty((len(rows), len(rows[0])), object)
    for i, row in enumerate(rows):
        for j, tree in enumerate(row):
            array[i, j] = tree
    return array


class _EveryNode:
    """Sums of trees for few rows: every node is evaluated, in the order in which they are stored.

    That reads a few numbers a node from first to last; walking down compiled trees waits for the
    memory at each of them.

    Parameters
    ----------
    trees : TreeArrays
    sizes : ndarray of int, shape (n_trees,)
        How many nodes of each are in use.
    """

    def __init__(self, trees: TreeArrays, sizes: np.ndarray) -> None:
        self._start, self._depth = trees.start, trees.depth
        in_use = np.arange(trees.left.shape[1]) < sizes[:, None]
        first = np.cumsum(sizes) - sizes
        left, right = ((side + first[:, None])[in_use] for side in (trees.left, trees.right))
        # nodes with a test come first, then the leaves, each of which leads to itself
        is_leaf = left == right
        order = np.argsort(is_leaf, kind="stable")
        place = np.empty(len(order), np.int32)
        place[order] = np.arange(len(order))
        inner = order[: np.count_nonzero(~is_leaf)]
        self._column, self._threshold = trees.column[in_use][inner], trees.threshold[in_use][inner]
        self._column = self._column.astype(np.intp)
        self._left, self._right = place[left[inner]], place[right[order]]
        self._roots, self._value = place[first], trees.value[in_use][order]

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Sums of the trees' values.

        Parameters
        ----------
        features : ndarray of float32, shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_outputs)
        """
        outputs = np.empty((len(features), len(self._start)))
        for row, out in zip(features, outputs, strict=True):
            child = self._right.copy()
            goes_left = row.take(self._column) <= self._threshold
            np.copyto(child[: len(self._left)], self._left, where=goes_left)
            at = self._roots
            for _ in range(self._depth):
                at = child.take(at)
            out[:] = self._start
            out += self._value.take(at, axis=0).sum(axis=0, dtype=np.float64)
        return outputs


class Levels:
    """Sums of trees in numpy, all rows one level down at a time.

    Parameters
    ----------
    trees : TreeArrays
    """

    def __init__(self, trees: TreeArrays) -> None:
        self._trees = trees
        n_trees, n_nodes = trees.column.shape
        self._first = np.arange(n_trees) * n_nodes  # nodes of all trees in one row
        self._children = np.stack([trees.right.ravel(), trees.left.ravel()]).ravel()

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Sums of the trees' values.

        Parameters
        ----------
        features : ndarray of float32, shape (n_samples, n_features)
            In C order.

        Returns
        -------
        ndarray of shape (n_samples, n_outputs)
        """
        trees, n_rows = self._trees, len(features)
        column, threshold = trees.column.ravel(), trees.threshold.ravel()
        base = np.arange(n_rows)[:, None] * features.shape[1]
        features = features.ravel()
        at = np.broadcast_to(self._first, (n_rows, len(self._first)))
        for _ in range(trees.depth):
            goes_left = features.take(base + column.take(at)) <= threshold.take(at)
            at = self._children.take(at + goes_left * column.size) + self._first
        leaves = trees.value.reshape(column.size, trees.value.shape[2])
        values = leaves.take(at.ravel(), axis=0).reshape(*at.shape, leaves.shape[1])
        return trees.start + values.sum(axis=1)
