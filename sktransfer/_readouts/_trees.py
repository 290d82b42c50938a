"""Tree read-outs, grown by scikit-learn and kept as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Protocol

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.tree import ExtraTreeRegressor

from sktransfer._losses import OutputLoss
from sktransfer._readouts._boosting import Link, boost_scores
from sktransfer._readouts._log_boosting import boost_rates
from sktransfer._readouts._small_trees import BoostingSettings
from sktransfer._records import DenseLayer, TargetSchema, TreeArrays

#: Losses of numbers that scikit-learn's boosting has.
_OF_SCIKIT_LEARN = {"squared_error", "absolute_error", "huber", "quantile"}
#: Rows that a small tree of many is grown on; more change its few splits little.
_MOST_ROWS_A_TREE = 7000
#: Rows that the splits of a large tree are chosen on; its leaves are the means of all rows.
_MOST_ROWS_OF_SPLITS = 20_000
#: Rows in a leaf at least, where a leaf predicts another quantile than the mean, or amounts that
#: vary much.
_LEAST_IN_LEAF = 5
#: The same where boosting has many rows of rates, most of which may be 0.
_LEAST_OF_RATES = 20
#: How far the leaves of positive amounts are shrunk to the mean: an amount of 0 has no logarithm.
_TOWARDS_MEAN = 0.05
#: The score of a class without rows.
_NEVER = -8.0
#: Step length of boosting.
_RATE = 0.1
#: Stages of boosting after which its first model is taken, or up to twice as many: of one that
#: starts from a prediction, and from a constant, which needs several to tell rows apart.
_FIRST_STAGES, _FIRST_FROM_CONSTANT = 3, 12


class _Tree(Protocol):
    """The arrays that scikit-learn's trees have, and small ones."""

    @property
    def node_count(self) -> int: ...
    @property
    def max_depth(self) -> int: ...
    @property
    def feature(self) -> np.ndarray: ...
    @property
    def threshold(self) -> np.ndarray: ...
    @property
    def children_left(self) -> np.ndarray: ...
    @property
    def children_right(self) -> np.ndarray: ...


class _WholeTree(_Tree, Protocol):
    def apply(self, X: np.ndarray) -> np.ndarray:
        """The leaf of each row."""


def grow_extra_trees(
    features: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray | None,
    target: TargetSchema,
    n_trees: int,
    seed: int,
) -> TreeArrays:
    """Extremely randomised trees on all outputs at once.

    Parameters
    ----------
    features : ndarray of shape (n_samples, n_features)
    y : ndarray of shape (n_samples, n_outputs)
        Indicators of classes, whose mean is a probability, or numbers.
    weight : ndarray of shape (n_samples,) or None
    target : TargetSchema
    n_trees : int
    seed : int

    Returns
    -------
    TreeArrays
    """
    is_classifier = target.kind != "regression"
    # these are the trees of an ExtraTreesRegressor, which spends as long on cloning and checking
    function = None if is_classifier else target.loss_function
    rows, unit = features.astype(np.float32), 1.0 if function is None else _unit(y, function)
    is_mean = is_classifier or target.loss == "squared_error"
    rng, trees = np.random.RandomState(seed), []
    that_count = np.arange(len(y)) if weight is None else np.flatnonzero(weight)
    is_large = len(that_count) > _MOST_ROWS_OF_SPLITS
    # the rows that are not split on make leaves larger
    least = 2 if is_classifier and not is_large else 1
    for each in rng.randint(2**31 - 1, size=n_trees):
        some = rng.permutation(that_count)[:_MOST_ROWS_OF_SPLITS] if is_large else slice(None)
        tree = ExtraTreeRegressor(
            min_samples_leaf=least if is_mean else _LEAST_IN_LEAF,
            max_features=0.5 if is_classifier else 1.0,
            random_state=each,
        )
        share = None if weight is None else weight[some]
        trees.append(tree.fit(rows[some], y[some] / unit, share, check_input=False).tree_)
    if function is not None and function.is_robust:
        values = [_constants(tree, rows, y, weight, function) / n_trees for tree in trees]
    elif is_large:
        values = [_means(tree, rows, y, weight) / n_trees for tree in trees]
    else:
        values = [tree.value[:, :, 0] * unit / n_trees for tree in trees]
    if function is not None and function.has_log_link:
        mean = np.average(y, axis=0, weights=weight) / n_trees
        values = [(1 - _TOWARDS_MEAN) * value + _TOWARDS_MEAN * mean for value in values]
    return _as_arrays(trees, values, np.zeros(y.shape[1]), False)


def _means(
    tree: _WholeTree, rows: np.ndarray, y: np.ndarray, weight: np.ndarray | None
) -> np.ndarray:
    """The mean of all rows in each leaf of a tree that some of them have grown."""
    leaf, n_nodes = tree.apply(rows), tree.node_count
    share = np.ones(len(y)) if weight is None else weight
    total = np.bincount(leaf, share, n_nodes)
    sums = np.column_stack([np.bincount(leaf, share * column, n_nodes) for column in y.T])
    return np.asarray(sums / np.where(total > 0, total, 1.0)[:, None])


def _constants(
    tree: _WholeTree, rows: np.ndarray, y: np.ndarray, weight: np.ndarray | None, loss: OutputLoss
) -> np.ndarray:
    """What each node of a tree predicts, by the loss and not by the mean."""
    leaf, n_nodes = tree.apply(rows), tree.node_count
    return np.column_stack([loss.constants(column, weight, leaf, n_nodes) for column in y.T])


def boost_trees(
    features: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray | None,
    target: TargetSchema,
    n_trees: int,
    seed: int,
    max_depth: int = 3,
    start: DenseLayer | None = None,
) -> list[TreeArrays]:
    """Gradient boosting: small trees, each on what those before it have left.

    Parameters
    ----------
    features, y, weight, target, seed : as of :func:`grow_extra_trees`
    n_trees : int
        Number of stages.
    max_depth : int, default=3
        Of a tree, at most.
    start : DenseLayer, optional
        The linear model of the features that the trees correct; by default the best constant.
        For the targets of which :func:`starts_anywhere` is true.

    Returns
    -------
    list of TreeArrays
        The model after 12, 25, ... and all stages, with `start` also after 0, 3 and 6; each has
        the trees of the one before it first.
    """
    settings = BoostingSettings(
        n_estimators=n_trees,
        learning_rate=_RATE,
        max_depth=max_depth,
        subsample=min(0.7, _MOST_ROWS_A_TREE / len(y)),
        max_features=0.5,
        min_samples_leaf=int(np.clip(len(y) // 20, 1, 5)),
        random_state=seed,
    )
    offset = None if start is None else features @ start.weight + start.bias
    if target.kind == "multiclass":
        trees = _boosted_classes(features, y, weight, settings, offset)
        stage = np.arange(len(trees.column))
    else:
        fit = _boosted_numbers if target.kind == "regression" else _boosted_label
        parts = [
            _rates(features, y[:, k], weight, settings, target)  # which start from a constant
            if target.kind == "regression" and target.loss_function.has_log_link
            else fit(features, y[:, k], weight, settings, target, _column(offset, k))
            for k in range(y.shape[1])
        ]
        stage = np.concatenate([np.arange(len(part.column)) for part in parts])
        trees = concatenated_trees(parts)
    if start is not None:
        trees = replace(trees, start=trees.start + start.bias, linear=start.weight)
    return _path(trees, stage, n_trees, start is not None)


def _column(values: np.ndarray | None, k: int) -> np.ndarray | None:
    return None if values is None else values[:, k]


def starts_anywhere(target: TargetSchema) -> bool:
    """Whether boosting can start from any prediction of a target, not only from a constant."""
    return target.kind != "regression" or target.loss_function.name == "squared_error"


def _depths(trees: TreeArrays) -> np.ndarray:
    """The depth of each tree."""
    tree = np.arange(len(trees.left))
    depths, node = np.zeros(len(tree), int), np.zeros(len(tree), np.intp)
    for _ in range(trees.depth):
        is_inner = trees.left[tree, node] != node
        tree, node = tree[is_inner], node[is_inner]
        depths[tree] += 1  # once, however many inner nodes are left
        node = np.concatenate([trees.left[tree, node], trees.right[tree, node]])
        tree = np.tile(tree, 2)
    return depths


def _path(
    trees: TreeArrays, stage: np.ndarray, n_stages: int, has_start: bool
) -> list[TreeArrays]:
    """The first trees of boosting, after ever more stages."""
    order = np.argsort(stage, kind="stable")
    depths = _depths(trees)[order]
    ends, first_stages = [n_stages], _FIRST_STAGES if has_start else _FIRST_FROM_CONSTANT
    while ends[0] >= 2 * first_stages:
        ends.insert(0, ends[0] // 2)
    counts = np.searchsorted(stage[order], [0, *ends] if has_start else ends)

    def first(n: int) -> TreeArrays:
        these = order[:n]
        return replace(
            trees,
            column=trees.column[these],
            threshold=trees.threshold[these],
            left=trees.left[these],
            right=trees.right[these],
            value=trees.value[these],
            depth=int(depths[:n].max(initial=0)),
        )

    return [first(int(n)) for n in counts]


def _unit(y: np.ndarray, loss: OutputLoss) -> float | np.ndarray:
    """Of numbers; scikit-learn splits no node whose variance is below 2e-16.

    A power of two, so that nothing is rounded; of several outputs that are not standardised one
    for each, or splits would be those of the largest alone.
    """
    if loss.has_log_link and y.shape[1] > 1:
        spreads = y.std(axis=0)
        return np.where(spreads > 0, spreads, 1.0)
    spread = np.sqrt(np.mean(y.var(axis=0)))
    return float(2.0 ** np.floor(np.log2(spread))) if spread > 0 else 1.0


def can_boost(target: TargetSchema) -> bool:
    """Whether boosting has the loss of a target."""
    if target.kind != "regression" or target.loss_function.has_log_link:
        return True
    return target.loss_function.name in _OF_SCIKIT_LEARN


def _of_loss(loss: OutputLoss) -> dict[str, str | float | None]:
    """A loss in the parameters of scikit-learn's boosting."""
    alpha = {} if loss.name != "quantile" else {"alpha": loss.parameter}
    return {"loss": loss.name} | alpha


def _rates(
    features: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray | None,
    settings: BoostingSettings,
    target: TargetSchema,
) -> TreeArrays:
    """Boosting behind a log link, by Newton's steps; scikit-learn's has no such loss."""
    share = np.ones(len(y)) if weight is None else weight.astype(np.float64)
    settings = replace(settings, min_samples_leaf=int(np.clip(len(y) // 10, 1, _LEAST_OF_RATES)))
    rows = features.astype(np.float32)
    trees, added, start = boost_rates(rows, y, share, settings, target.loss_function)
    return _as_arrays(trees, [value[:, None] for value in added], np.array([start]), True)


def _boosted_label(
    features: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray | None,
    settings: BoostingSettings,
    target: TargetSchema,
    offset: np.ndarray | None,
) -> TreeArrays:
    """Boosting of one of two classes, or of a label."""
    if y.min() == y.max():
        constant = 0.0 if offset is not None else -_NEVER if y[0] else _NEVER
        return _as_arrays([], [], np.array([constant]), True)
    rows, column = features.astype(np.float32), y[:, None].astype(np.float64)
    from_there = None if offset is None else offset[:, None]
    trees, added, start = boost_scores(rows, column, weight, settings, "logistic", from_there)
    return _as_arrays(trees, added, start, True)


def _boosted_classes(
    features: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray | None,
    settings: BoostingSettings,
    offset: np.ndarray | None,
) -> TreeArrays:
    """Boosting of several classes; where only two have rows, it has the score of the second."""
    n_classes = y.shape[1]
    seen = np.flatnonzero(y.any(axis=0))
    start = np.zeros(n_classes)
    if offset is not None:
        scored = np.arange(n_classes)
    elif len(seen) == 1:
        return _as_arrays([], [], np.where(y[0], -_NEVER, _NEVER), True)
    else:
        scored = seen if len(seen) > 2 else seen[-1:]
        start[np.setdiff1d(np.arange(n_classes), seen)] = _NEVER
    link: Link = "softmax" if len(scored) > 1 else "logistic"
    rows, indicators = features.astype(np.float32), y[:, scored].astype(np.float64)
    trees, added, start[scored] = boost_scores(rows, indicators, weight, settings, link, offset)
    values = [np.zeros((len(of_tree), n_classes)) for of_tree in added]
    for value, of_tree in zip(values, added, strict=True):
        value[:, scored] = of_tree
    return _as_arrays(trees, values, start, True)


def _boosted_numbers(
    features: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray | None,
    settings: BoostingSettings,
    target: TargetSchema,
    offset: np.ndarray | None,
) -> TreeArrays:
    """Boosting of numbers, by scikit-learn for losses other than squared errors."""
    loss = target.loss_function
    unit = _unit(y[:, None], loss)
    y, rows = y / unit, features.astype(np.float32)
    if loss.name == "squared_error":
        from_there = None if offset is None else offset[:, None] / unit
        small, added, begin = boost_scores(
            rows, y[:, None], weight, settings, "identity", from_there
        )
        values = [unit * value for value in added]
        return _as_arrays(small, values, unit * begin, True)
    if weight is not None and (weight == weight[0]).all():
        weight = None  # it interpolates quantiles without weights alone
    if len(y) == 1:  # it draws rows, and one cannot be drawn from
        return _as_arrays([], [], unit * y, True)
    model = GradientBoostingRegressor(**asdict(settings), **_of_loss(loss)).fit(rows, y, weight)
    trees = [stage[0].tree_ for stage in model.estimators_]
    values = [settings.learning_rate * tree.value[:, :, 0] for tree in trees]
    # what boosting starts from, read off its public face
    row = rows[:1]
    added_there = sum(settings.learning_rate * tree.predict(row)[0, 0] for tree in trees)
    begin = unit * (model.predict(row) - added_there)
    return _as_arrays(trees, [unit * value for value in values], begin, True)


def _as_arrays(
    trees: Sequence[_Tree], values: Sequence[np.ndarray], start: np.ndarray, is_linear: bool
) -> TreeArrays:
    n_nodes = max((tree.node_count for tree in trees), default=1)
    shape = (len(trees), n_nodes)
    column, threshold = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
    left = np.tile(np.arange(n_nodes, dtype=np.int32), (len(trees), 1))
    right, value = left.copy(), np.zeros((*shape, len(start)), np.float32)
    for number, (tree, leaf_value) in enumerate(zip(trees, values, strict=True)):
        inner = np.flatnonzero(tree.children_left >= 0)
        column[number, inner] = tree.feature[inner]
        # rounded down, a float32 is above it if and only if it is above the threshold itself
        threshold[number, inner] = _rounded_down(tree.threshold[inner])
        left[number, inner] = tree.children_left[inner]
        right[number, inner] = tree.children_right[inner]
        value[number, : tree.node_count] = leaf_value
    depth = max((tree.max_depth for tree in trees), default=0)
    return TreeArrays(column, threshold, left, right, value, start, int(depth), is_linear)


def _rounded_down(values: np.ndarray) -> np.ndarray:
    rounded = values.astype(np.float32)
    return np.where(rounded > values, np.nextafter(rounded, np.float32(-np.inf)), rounded)


def sum_of_trees(
    parts: Sequence[TreeArrays], shares: np.ndarray | Sequence[float] | None = None
) -> TreeArrays:
    """The sum of several sums of trees, each times its share, 1 by default."""
    shares = np.ones(len(parts)) if shares is None else np.asarray(shares)
    n_nodes = max(part.column.shape[1] for part in parts)

    def joined(name: str) -> np.ndarray:
        arrays = []
        for part, share in zip(parts, shares, strict=True):
            array = getattr(part, name)
            if name == "value":
                array = array * np.float32(share)
            room = [(0, 0), (0, n_nodes - array.shape[1])] + [(0, 0)] * (array.ndim - 2)
            arrays.append(np.pad(array, room))
        return np.concatenate(arrays)

    slopes = [
        share * part.linear
        for part, share in zip(parts, shares, strict=True)
        if part.linear is not None
    ]
    return replace(
        parts[0],
        start=shares @ np.stack([part.start for part in parts]),
        depth=max(part.depth for part in parts),
        linear=np.sum(slopes, axis=0) if slopes else None,
        column=joined("column"),
        threshold=joined("threshold"),
        left=joined("left"),
        right=joined("right"),
        value=joined("value"),
    )


def mean_of_path(path: Sequence[TreeArrays], shares: np.ndarray) -> TreeArrays:
    """The mean of models of which each has the trees of the one before it first.

    Parameters
    ----------
    path : sequence of TreeArrays
        As of :func:`boost_trees`.
    shares : ndarray of shape (n_models,)
        How much each counts; they sum to 1.

    Returns
    -------
    TreeArrays
        Trees of no share are left out.
    """
    last = path[int(np.flatnonzero(shares)[-1])]
    counts = [len(part.column) for part in path]
    # a tree counts as much as the models that have it
    first = np.searchsorted(counts, np.arange(len(last.column)), "right")
    share = np.append(np.cumsum(shares[::-1])[::-1], 0.0)[first].astype(np.float32)
    share = share.reshape(-1, 1, 1)
    return replace(last, value=last.value * share)


def concatenated_trees(parts: Sequence[TreeArrays]) -> TreeArrays:
    """Trees of several outputs as trees of all of them."""
    if len(parts) == 1:
        return parts[0]
    ends = np.cumsum([0, *(len(part.start) for part in parts)])
    widened = []
    for part, at in zip(parts, ends, strict=False):
        where = slice(at, at + len(part.start))
        value = np.zeros((*part.value.shape[:2], ends[-1]), np.float32)
        start, linear = np.zeros(ends[-1]), None
        value[:, :, where], start[where] = part.value, part.start
        if part.linear is not None:
            linear = np.zeros((len(part.linear), ends[-1]))
            linear[:, where] = part.linear
        widened.append(replace(part, value=value, start=start, linear=linear))
    return sum_of_trees(widened)
