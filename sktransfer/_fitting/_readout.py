"""Read-outs of a member: a model on what a fixed network makes of rows, fitted at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from sktransfer._alignment import Prepared
from sktransfer._networks import CHUNK_ROWS, read
from sktransfer._preprocessing import Table, encode, encode_target
from sktransfer._readouts import (
    LADDER,
    concatenated_trees,
    mean_of_path,
    recalibration_ladder,
    starts_anywhere,
    sum_of_trees,
    without_columns,
)
from sktransfer._records import (
    CarriedLayer,
    DenseLayer,
    Member,
    Readout,
    TargetSchema,
    TreeArrays,
    output_kind,
)
from sktransfer.strategies import ReadoutStrategy

if TYPE_CHECKING:
    from sktransfer._fitting._pooled import PooledRows

#: How the source's prediction is updated that a read-out starts from.
_START = next(rung for rung in LADDER if rung.name == "slope_strong")
#: Of a column in units of its table's spread; of few rows of a rare category it is close to 0.
_LEAST_SPREAD = 0.1


#: Center and scale of a read-out's features.
Units = tuple[np.ndarray, np.ndarray]


def units_of_all(prepared: Prepared, seed: int) -> Units | None:
    """The units of a read-out's features on all rows, of many some at random.

    Folds have the same, so that their models can be averaged.

    Parameters
    ----------
    prepared : Prepared
    seed : int

    Returns
    -------
    (center, scale) or None
        None where its features stay as they are.
    """
    strategy: ReadoutStrategy = prepared.strategy
    if not strategy.scales_features:
        return None
    coefs, intercepts = fixed_layers(prepared)
    rows = _at_most(strategy.n_rows, prepared.table, seed)
    return _units(prepared, read_rows(prepared, rows, strategy.reads, coefs, intercepts), coefs)


def fit_readout(
    prepared: Prepared, table: Table, seed: int, units: Units | None = None
) -> list[Member]:
    """Fit a read-out to some rows.

    Parameters
    ----------
    prepared : Prepared
    table : Table
        Encoded rows to learn from, of many rows some at random.
    seed : int
    units : (center, scale), optional
        Those of the features on these rows by default.

    Returns
    -------
    list of Member
        From the strongest penalty to the weakest; trees are a list of one.
    """
    strategy: ReadoutStrategy = prepared.strategy
    coefs, intercepts = fixed_layers(prepared)

    def features_of(rows: Table) -> np.ndarray:
        return read_rows(prepared, rows, strategy.reads, coefs, intercepts)

    table = _at_most(strategy.n_rows, table, seed)
    features = features_of(table)
    center, scale = np.zeros(features.shape[1]), np.ones(features.shape[1])
    if strategy.scales_features:
        center, scale = units or _units(prepared, features, coefs)
        features = features - center
        features /= scale
    y = encode_target(table.y, prepared.target, np.dtype(np.float64))
    weight, n_columns = table.sample_weight, features.shape[1]
    start = _start_of(prepared, table, features)
    if prepared.joint is not None:
        features, y, weight = _with_other_tables(prepared, features, y, weight, features_of, seed)
    path = [
        _readout(strategy, center, scale, _of_columns(solution, n_columns))
        for solution in _by_output(strategy, features, y, weight, prepared, seed, start)
    ]
    if strategy.reads == ("columns",) and strategy.scales_features:
        return [prepared.member(*_as_layer(readout, table.dtype)) for readout in path]
    return [prepared.member(coefs, intercepts, readout=readout) for readout in path]


def read_rows(
    prepared: Prepared,
    table: Table,
    reads: Sequence[str],
    coefs: Sequence[np.ndarray],
    intercepts: Sequence[np.ndarray],
) -> np.ndarray:
    """The features of rows in a fixed network, few at a time so that its layers stay in the cache.

    Parameters
    ----------
    prepared : Prepared
    table : Table
        Encoded rows.
    reads : sequence of {'columns', 'hidden', 'outputs'}
    coefs, intercepts : sequence of ndarray

    Returns
    -------
    ndarray of shape (n_samples, n_features)
    """
    n_columns, activation = prepared.inputs.columns.n_scaled, prepared.plan.activation
    parts = []
    for at in range(0, max(table.n_samples, 1), CHUNK_ROWS):
        some = slice(at, at + CHUNK_ROWS)
        inputs = encode(table.numbers[some], prepared.inputs, table.dtype)
        outputs = None if table.outputs is None else table.outputs[some]
        parts.append(read(inputs, coefs, intercepts, activation, reads, n_columns, outputs))
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _start_of(prepared: Prepared, table: Table, features: np.ndarray) -> DenseLayer | None:
    """The source's prediction, updated, as a linear model of the features that are not scaled.

    None where its outputs, one by one, do not mean the target's, or the strategy starts from
    nothing.
    """
    strategy, target, output_map = prepared.strategy, prepared.target, prepared.output_map
    if not strategy.starts_from_source or not starts_anywhere(target):
        return None
    if not isinstance(output_map, DenseLayer):
        return None
    n_outputs = len(output_map.weight)
    outputs = features[:, -n_outputs:] @ output_map.weight + output_map.bias
    (fit,) = recalibration_ladder(
        outputs, table.y, output_kind(target), table.sample_weight, ladder=[_START]
    )
    slope, intercept = fit.of_all.slope, fit.of_all.intercept
    bias = output_map.bias * slope + intercept
    if target.is_scaled:
        slope, bias = slope / target.scale, (bias - target.center) / target.scale
    weight = np.zeros((features.shape[1], target.n_outputs))
    weight[-n_outputs:] = output_map.weight * slope
    return DenseLayer(weight, bias)


def _with_other_tables(
    prepared: Prepared,
    features: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray | None,
    features_of: Callable[[Table], np.ndarray],
    seed: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, targets and weights with the rows of other tables below, and indicators."""
    strategy, n = prepared.strategy, len(y)
    rows: PooledRows = prepared.joint.at_most(strategy.n_rows, seed)
    every = np.vstack([features, features_of(rows.table)])
    theirs = encode_target(rows.table.y, prepared.target, np.dtype(np.float64))
    return (
        np.hstack([every, rows.indicators(n)]),
        np.vstack([y, theirs]),
        rows.weight(weight, n, strategy.target_share),
    )


def _of_columns(solution: DenseLayer | TreeArrays, n_columns: int) -> DenseLayer | TreeArrays:
    """Trees without the indicators of tables, which are 0 in the target's rows."""
    if isinstance(solution, TreeArrays) and solution.n_columns > n_columns:
        return without_columns(solution, n_columns)
    return solution


def _readout(
    strategy: ReadoutStrategy,
    center: np.ndarray,
    scale: np.ndarray,
    solution: DenseLayer | TreeArrays,
) -> Readout:
    if isinstance(solution, TreeArrays):
        return Readout(strategy.reads, center, scale, trees=solution)
    return Readout(strategy.reads, center, scale, solution.weight, solution.bias)


def _by_output(
    strategy: ReadoutStrategy,
    features: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray | None,
    prepared: Prepared,
    seed: int,
    start: DenseLayer | None,
) -> list[DenseLayer] | list[TreeArrays]:
    """Fit all outputs at once or, where entries of `y` are missing, each on its rows."""
    target, missing = prepared.target, np.isnan(y)

    def fit(
        rows: slice | np.ndarray, columns: slice | list[int], target: TargetSchema
    ) -> list[DenseLayer] | list[TreeArrays]:
        from_there = {} if start is None else {"start": _of_outputs(start, columns)}
        share = None if weight is None else weight[rows]
        path: list[DenseLayer] | list[TreeArrays] = strategy.fit_path(
            features[rows], y[rows][:, columns], share, target, seed, **from_there
        )
        return path

    if not missing.any():
        return fit(slice(None), slice(None), target)
    classes = np.arange(1) if target.kind == "multilabel" else target.classes
    one = TargetSchema(target.kind, 1, classes, target.loss)
    paths = [fit(known, [column], one) for column, known in enumerate(~missing.T)]
    joined = [_joined(solutions) for solutions in zip(*paths, strict=True)]
    return cast("list[DenseLayer] | list[TreeArrays]", joined)


def _of_outputs(layer: DenseLayer, columns: slice | list[int]) -> DenseLayer:
    return DenseLayer(layer.weight[:, columns], layer.bias[columns])


def _joined(solutions: Sequence[DenseLayer | TreeArrays]) -> DenseLayer | TreeArrays:
    """Solutions of single outputs as one."""
    if isinstance(solutions[0], TreeArrays):
        return concatenated_trees(cast("Sequence[TreeArrays]", solutions))
    layers = cast("Sequence[DenseLayer]", solutions)
    weights, biases = zip(*((one.weight, one.bias) for one in layers), strict=True)
    return DenseLayer(np.concatenate(weights, axis=-1), np.concatenate(biases))


def _at_most(n_rows: int, table: Table, seed: int) -> Table:
    if table.n_samples <= n_rows:
        return table
    return table.rows(np.random.RandomState(seed).permutation(table.n_samples)[:n_rows])


def _as_layer(readout: Readout, dtype: np.dtype) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """A linear read-out of columns alone as a network without hidden layers."""
    weight: np.ndarray = readout.weight / readout.scale[:, None]  # type: ignore[operator]
    bias = readout.bias - readout.center @ weight
    return [weight.astype(dtype)], [bias.astype(dtype)]


def fixed_layers(prepared: Prepared) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The source's layers as far as they are shared, its output layer included if all are."""
    plan, dtype = prepared.plan, prepared.table.dtype
    if plan.source is None:
        return [], []
    layers: list[CarriedLayer | DenseLayer] = [
        plan.carried[name] for name in plan.layer_names.shared
    ]
    if len(layers) == len(plan.source.layers) - 1:
        layers.append(plan.source.layers[-1])
    return (
        # the same arrays for all read-outs, and a pickle has them once
        [layer.weight.astype(dtype, copy=False) for layer in layers],
        [layer.bias.astype(dtype, copy=False) for layer in layers],
    )


def whole_network(prepared: Prepared) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The source's layers, its output layer included; none where they are not all shared."""
    source, (coefs, intercepts) = prepared.plan.source, fixed_layers(prepared)
    return ([], []) if source is None or len(coefs) < len(source.layers) else (coefs, intercepts)


def _units(
    prepared: Prepared, features: np.ndarray, coefs: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Center and scale that give columns, each hidden layer and each output the size of one."""
    center, scale = features.mean(axis=0), np.empty(features.shape[1])
    at = 0
    for what, width in _parts(prepared, coefs):
        part = slice(at, at + width)
        spread = np.maximum(features[:, part].std(axis=0), 1e-6)
        if what == "columns":
            scale[part] = np.maximum(spread, _LEAST_SPREAD) * np.sqrt(width)
        elif what == "hidden":
            size = np.sqrt(np.mean(np.square(features[:, part]))) or 1.0
            scale[part] = size * np.sqrt(width)
        else:
            scale[part] = spread
        at += width
    return center, scale


def _parts(prepared: Prepared, coefs: Sequence[np.ndarray]) -> list[tuple[str, int]]:
    widths = {
        "columns": [prepared.inputs.columns.n_scaled],
        "hidden": [coef.shape[1] for coef in coefs[:-1]],
        "outputs": [coef.shape[1] for coef in coefs[-1:]],
    }
    return [(what, width) for what in prepared.strategy.reads for width in widths[what]]


def mean_of_members(members: Sequence[Member], shares: np.ndarray | None = None) -> Member:
    """The mean of read-outs on the same features.

    Parameters
    ----------
    members : sequence of Member
    shares : ndarray of shape (n_members,), optional
        How much each counts; equal by default.  They sum to 1.

    Returns
    -------
    Member
    """
    if shares is None:
        shares = np.full(len(members), 1 / len(members))
    if len(members) == 1 or shares.max() == 1:
        return members[int(np.argmax(shares))]

    def mean(arrays: Iterable[np.ndarray]) -> np.ndarray:
        first, *others = (share * array for share, array in zip(shares, arrays, strict=True))
        return np.asarray(sum(others, first))

    if members[0].readout is None:  # linear ones on columns alone
        coefs = zip(*(member.coefs for member in members), strict=True)
        intercepts = zip(*(member.intercepts for member in members), strict=True)
        return replace(
            members[0],
            coefs=[mean(layer) for layer in coefs],
            intercepts=[mean(layer) for layer in intercepts],
        )
    readouts = [member.readout for member in members if member.readout is not None]
    first = readouts[0]
    if first.trees is not None:
        parts = [readout.trees for readout in readouts if readout.trees is not None]
        return replace(members[0], readout=replace(first, trees=sum_of_trees(parts, shares)))
    weight = mean(np.asarray(readout.weight) for readout in readouts)
    bias = mean(np.asarray(readout.bias) for readout in readouts)
    return replace(members[0], readout=replace(first, weight=weight, bias=bias))


def mean_of_strengths(path: Sequence[Member], shares: np.ndarray, adds_up: bool) -> Member:
    """The mean of a read-out's models of several strengths.

    Parameters
    ----------
    path : sequence of Member
        As of :func:`fit_readout`.
    shares : ndarray of shape (n_strengths,)
    adds_up : bool
        Whether each has the trees of the one before it first.

    Returns
    -------
    Member
    """
    readout = path[0].readout
    if not adds_up or readout is None:
        return mean_of_members(path, shares)
    trees = [one.readout.trees for one in path if one.readout is not None and one.readout.trees]
    return replace(path[0], readout=replace(readout, trees=mean_of_path(trees, shares)))
