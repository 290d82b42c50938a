"""Trees with columns that are 0 wherever they predict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sktransfer._records import TreeArrays


def without_columns(trees: TreeArrays, n_columns: int) -> TreeArrays:
    """The same function of rows in which all features behind the first ones are 0.

    Nodes that test these go, with all that is below their other side.

    Parameters
    ----------
    trees : TreeArrays
    n_columns : int
        How many features are left.

    Returns
    -------
    TreeArrays
    """
    own = np.broadcast_to(np.arange(trees.left.shape[1]), trees.left.shape)
    asks = (trees.left != own) & (trees.column >= n_columns)
    behind = np.where(asks, np.where(trees.threshold >= 0, trees.left, trees.right), own)
    for _ in range(max(trees.depth, 1).bit_length()):  # doubles how far each pointer leads
        behind = np.take_along_axis(behind, behind, axis=1)
    left = np.take_along_axis(behind, trees.left, axis=1)
    right = np.take_along_axis(behind, trees.right, axis=1)
    reached, depth = _reached(behind[:, 0], left, right)
    number = np.cumsum(reached, axis=1) - 1  # parents stay before their children
    n_nodes = int(number[:, -1].max(initial=0)) + 1
    leaves = np.tile(np.arange(n_nodes, dtype=np.int32), (len(own), 1))
    at = np.nonzero(reached)
    to = at[0], number[at]

    def moved(values: np.ndarray, where: np.ndarray) -> np.ndarray:
        where[to] = values
        return where

    shape = leaves.shape
    return replace(
        trees,
        column=moved(np.where(left[at] == at[1], 0, trees.column[at]), np.zeros(shape, np.int32)),
        threshold=moved(trees.threshold[at], np.zeros(shape, np.float32)),
        left=moved(number[at[0], left[at]], leaves.copy()),
        right=moved(number[at[0], right[at]], leaves),
        value=moved(trees.value[at], np.zeros((*shape, len(trees.start)), np.float32)),
        depth=depth,
    )


def _reached(roots: np.ndarray, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, int]:
    """Mask of the nodes below the roots, and the depth of the deepest tree."""
    reached, depth = np.zeros(left.shape, bool), -1
    tree, node = np.arange(len(roots)), roots
    while len(tree):
        reached[tree, node] = True
        is_inner = left[tree, node] != node
        tree, node = tree[is_inner], node[is_inner]
        node = np.concatenate([left[tree, node], right[tree, node]])
        tree, depth = np.tile(tree, 2), depth + 1
    return reached, max(depth, 0)
