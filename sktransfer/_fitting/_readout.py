"""Read-outs of a member: a model on what a fixed network makes of rows, fitted at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from sktransfer._alignment import Prepared
from sktransfer._fitting._readings import Readings
from sktransfer._preprocessing import encode_target
from sktransfer._readouts import beside, side_by_side
from sktransfer._records import DenseLayer, Member, Readout, TargetSchema, TreeArrays
from sktransfer.strategies import ReadoutStrategy

#: Of a column in units of its table's spread; of few rows of a rare category it is close to 0.
_LEAST_SPREAD = 0.1


class ReadoutFitter:
    """Fits one read-out to some rows after others.

    Parameters
    ----------
    prepared : Prepared
    readings : Readings
        Of the fit that it is part of.
    seed : int
    """

    def __init__(self, prepared: Prepared, readings: Readings, seed: int) -> None:
        self._prepared, self._readings, self._seed = prepared, readings, seed
        self._strategy: ReadoutStrategy = prepared.strategy
        self._layers = fixed_layers(prepared)

    def features(self, rows: np.ndarray) -> np.ndarray:
        """What the read-out reads of some rows of its table, in the network's unit."""
        reads = self._strategy.reads
        return self._readings.features(self._prepared, self._layers, reads, rows)

    def fit(self, rows: np.ndarray) -> list[Member]:
        """Fit to some rows of the table.

        Parameters
        ----------
        rows : ndarray of int
            To learn from, of many rows some at random.

        Returns
        -------
        list of Member
            From the strongest penalty to the weakest; trees are a list of one.
        """
        strategy, prepared = self._strategy, self._prepared
        rows = self._at_most(rows)
        table, (center, scale) = prepared.table.rows(rows), self._unit
        features = self.features(rows)
        if strategy.scales_features:
            features = (features - center) / scale
        y = encode_target(table.y, prepared.target, np.dtype(np.float64))
        weight = table.sample_weight
        solutions = _by_output(strategy, features, y, weight, prepared, self._seed)
        path = [self._readout(solution) for solution in solutions]
        if strategy.reads == ("columns",) and strategy.scales_features:
            return [prepared.member(*_as_layer(readout, table.dtype)) for readout in path]
        return [prepared.member(*self._layers, readout=readout) for readout in path]

    @cached_property
    def _unit(self) -> tuple[np.ndarray, np.ndarray]:
        """Center and scale of the features; the same in all folds, so that models average."""
        every = self._at_most(np.arange(self._prepared.table.n_samples))
        if self._strategy.scales_features:
            return _units(self._prepared, self.features(every), self._layers[0])
        n_features = self.features(every[:1]).shape[1]
        return np.zeros(n_features), np.ones(n_features)

    def _at_most(self, rows: np.ndarray) -> np.ndarray:
        n_rows = self._strategy.n_rows
        if len(rows) <= n_rows:
            return rows
        return rows[np.random.RandomState(self._seed).permutation(len(rows))[:n_rows]]

    def _readout(self, solution: DenseLayer | TreeArrays) -> Readout:
        reads, (center, scale) = self._strategy.reads, self._unit
        if isinstance(solution, TreeArrays):
            return Readout(reads, center, scale, trees=solution)
        return Readout(reads, center, scale, solution.weight, solution.bias)


def _by_output(
    strategy: ReadoutStrategy,
    features: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray | None,
    prepared: Prepared,
    seed: int,
) -> list[DenseLayer] | list[TreeArrays]:
    """Fit all outputs at once or, where entries of `y` are missing, each on its rows."""
    target, missing = prepared.target, np.isnan(y)
    if not missing.any():
        return strategy.fit_path(features, y, weight, target, seed)
    one = TargetSchema(target.kind, 1, target.classes, target.loss)
    paths: list[Any] = [
        strategy.fit_path(
            features[known],
            y[known][:, [column]],
            None if weight is None else weight[known],
            one,
            seed,
        )
        for column, known in enumerate(~missing.T)
    ]
    return [_joined(solutions) for solutions in zip(*paths, strict=True)]


def _joined(solutions: Sequence[Any]) -> Any:
    """Solutions of single outputs as one."""
    if isinstance(solutions[0], TreeArrays):
        return beside(solutions)
    weights, biases = zip(*((one.weight, one.bias) for one in solutions), strict=True)
    return DenseLayer(np.concatenate(weights, axis=-1), np.concatenate(biases))


def _as_layer(readout: Readout, dtype):
    """A linear read-out of columns alone as a network without hidden layers."""
    weight: np.ndarray = readout.weight / readout.scale[:, None]  # type: ignore[operator]
    bias = readout.bias - readout.center @ weight
    return [weight.astype(dtype)], [bias.astype(dtype)]


def fixed_layers(prepared: Prepared) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The source's layers as far as they are shared, its output layer included if all are."""
    plan, dtype = prepared.plan, prepared.table.dtype
    if plan.source is None:
        return [], []
    layers: list[Any] = [plan.carried[name] for name in plan.layer_names.shared]
    head = [plan.source.layers[-1]] if len(layers) == len(plan.source.layers) - 1 else []
    return (
        # the same arrays for all read-outs, and a pickle has them once
        [layer.weight.astype(dtype, copy=False) for layer in (*layers, *head)],
        [layer.bias.astype(dtype, copy=False) for layer in (*layers, *head)],
    )


def _units(prepared: Prepared, features: np.ndarray, coefs: Sequence[np.ndarray]):
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


def _parts(prepared: Prepared, coefs: Sequence[np.ndarray]):
    widths = {
        "columns": [prepared.inputs.columns.n_scaled],
        "hidden": [coef.shape[1] for coef in coefs[:-1]],
        "outputs": [coef.shape[1] for coef in coefs[-1:]],
    }
    return [(what, width) for what in prepared.strategy.reads for width in widths[what]]


def merge_readouts(members: Sequence[Member]) -> Member:
    """The mean of read-outs on the same features."""
    if members[0].readout is None:  # linear ones on columns alone
        coefs = zip(*(member.coefs for member in members), strict=True)
        intercepts = zip(*(member.intercepts for member in members), strict=True)
        return replace(
            members[0],
            coefs=[np.mean(layer, axis=0) for layer in coefs],
            intercepts=[np.mean(layer, axis=0) for layer in intercepts],
        )
    readouts: list[Any] = [member.readout for member in members]
    first = readouts[0]
    if first.trees is not None:
        trees = side_by_side([readout.trees for readout in readouts], 1 / len(readouts))
        return replace(members[0], readout=replace(first, trees=trees))
    return replace(
        members[0],
        readout=replace(
            first,
            weight=np.mean([readout.weight for readout in readouts], axis=0),
            bias=np.mean([readout.bias for readout in readouts], axis=0),
        ),
    )
