"""What the levels of a column do to the target, so that rare levels are not memorised.

An indicator of a level that a few rows have is a parameter for each of these rows and unit: a
network learns their noise.  Here such a column is looked at in the rows that a network is trained
on.  Where its levels differ in the target by no more than noise does, the indicators of rare
levels enter the network smaller.  Where they differ by more, the network has the effect of each
level in addition, shrunk by how much levels differ, and for every row measured on other rows.

Both are linear in the indicators, so that after training the first layer takes them in: the
network that is kept has no other inputs than those of its table.

References
----------
D. Micci-Barreca, "A Preprocessing Scheme for High-Cardinality Categorical Attributes in
Classification and Prediction Problems", SIGKDD Explorations 3(1), 2001 (empirical Bayes).
S. R. Searle, G. Casella and C. E. McCulloch, "Variance Components", Wiley 1992, section 3.6 (the
moments of an unbalanced layout).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sktransfer._preprocessing import FrameEncoder, Table, encode
from sktransfer._records import (
    CategoricalColumn,
    InputColumns,
    InputSchema,
    TransferPlan,
)

if TYPE_CHECKING:
    from sktransfer._training import TrainingData

#: Indicators from which on a column is looked at, rows of a level from which on it is not, rows
#: that it takes, and most outputs.
_FEWEST_LEVELS, _MANY_ROWS, _FEWEST_ROWS, _MOST_OUTPUTS = 10, 100, 200, 10
#: Rows of a level at which its indicator is halved where levels do not differ.
_RARE = 30
#: Standard errors by which the variance ratio of levels exceeds 1: up to the first it counts for
#: nothing, from the second on in full.
_NOTHING, _SURE = 2.0, 4.0
_FOLDS = 5
#: Rows that the effects of other columns are measured on, and most inputs of these.
_MOST_ROWS, _MOST_INPUTS = 2000, 512


@dataclass(frozen=True, eq=False)
class LevelEffects:
    """What a network is trained on in addition to a table's inputs, and in place of some.

    Attributes
    ----------
    factors : ndarray of shape (n_inputs,)
        By which inputs are multiplied.
    weight : ndarray of shape (n_inputs, n_effects)
        Effects as a linear function of the inputs.
    bias : ndarray of shape (n_effects,)
    of_rows : ndarray of shape (n_samples, n_effects)
        Effects for the training rows, each measured on other rows.
    """

    factors: np.ndarray
    weight: np.ndarray
    bias: np.ndarray
    of_rows: np.ndarray

    def added_to(self, data: TrainingData) -> TrainingData:
        """What the network is trained on."""
        X = np.hstack([data.X * self.factors.astype(data.y.dtype), self.of_rows])
        return replace(data, X=X.astype(data.y.dtype, copy=False))

    def wider(self, weight: np.ndarray) -> np.ndarray:
        """The weights of a first layer for these inputs; those of effects begin at zero."""
        below = np.zeros((self.of_rows.shape[1], weight.shape[1]), weight.dtype)
        return np.vstack([weight, below])

    def taken_in(self, weight: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The first layer for the table's inputs alone, with the same outputs."""
        n = len(self.factors)
        own, of_effects = weight[:n].astype(np.float64), weight[n:].astype(np.float64)
        own = own * self.factors[:, np.newaxis] + self.weight @ of_effects
        return own.astype(weight.dtype), (bias + self.bias @ of_effects).astype(bias.dtype)


class _Block(NamedTuple):
    """The indicators of a column, and which of them each row has; none is the last number."""

    at: np.ndarray
    code: np.ndarray

    @property
    def n_codes(self) -> int:
        return len(self.at) + 1


def level_effects(
    rows: Table, inputs: InputSchema, data: TrainingData, plan: TransferPlan
) -> LevelEffects | None:
    """Effects of the levels of columns, measured on the rows that a network is trained on.

    Parameters
    ----------
    rows : Table
        Encoded.
    inputs : InputSchema
    data : TrainingData
        The same rows as the network is given them.
    plan : TransferPlan

    Returns
    -------
    LevelEffects or None
        None where no column has many levels, where something is carried over from a source, and
        for tables that are encoded a part at a time.
    """
    if plan.carried or data.encode is not None or not inputs.scaling.is_measured:
        return None
    X = data.X
    if not isinstance(X, np.ndarray) or not isinstance(rows.X, np.ndarray):
        return None
    weight = rows.row_weight.astype(np.float64)
    if weight.sum() < _FEWEST_ROWS or data.y.shape[1] > _MOST_OUTPUTS:
        return None
    found = (at for at in _indicators(inputs.columns) if weight.sum() < _MANY_ROWS * len(at))
    blocks = [_Block(at, _codes(rows.X[:, at])) for at in found]
    if not blocks:
        return None
    return _measured(blocks, X, data.y.T.astype(np.float64), weight, _folds(rows), inputs)


def _measured(
    blocks: Sequence[_Block],
    X: np.ndarray,
    targets: np.ndarray,
    weight: np.ndarray,
    fold: np.ndarray,
    inputs: InputSchema,
) -> LevelEffects:
    rest, factors = _rest(X, blocks), np.ones(X.shape[1])
    sure = np.zeros((len(targets), len(blocks)))
    parts, of_rows = [], [np.zeros((len(X), 0))]
    for output, y in enumerate(targets):
        y = _standardised(y, weight)
        alpha = _strength(rest, y, weight)
        every = _residuals(rest, y, weight, alpha)
        sure[output] = [_certainty(block, every, weight) for block in blocks]
        those = np.flatnonzero(sure[output]).tolist()
        if not those:
            continue
        measured = np.zeros((len(X), len(those)))
        for k in range(_FOLDS):
            of_others, own = weight * (fold != k), fold == k
            others = _residuals(rest, y, of_others, alpha)
            for number, which in enumerate(those):
                effects = _effects(blocks[which], others, of_others)
                measured[own, number] = sure[output, which] * effects[blocks[which].code[own]]
        of_rows.append(measured)
        for which in those:
            effects = sure[output, which] * _effects(blocks[which], every, weight)
            parts.append((blocks[which].at, effects[:-1]))
    for block, certainty in zip(blocks, sure.max(axis=0), strict=True):
        n = np.bincount(block.code, weight, block.n_codes)[:-1]
        factors[block.at] = np.maximum(n / (n + _RARE), certainty)
    return LevelEffects(factors, *_of_inputs(inputs, parts), np.hstack(of_rows))


def _indicators(columns: InputColumns) -> Iterator[np.ndarray]:
    """Positions of the indicators of each column that has many."""
    encoder = columns.transformer
    if not isinstance(encoder, FrameEncoder):
        return
    order = range(columns.n_encoded) if columns.order is None else columns.order
    now_at = np.argsort(order)
    start = 0
    for column in encoder.columns:
        n = len(column.encoded_names)
        if isinstance(column, CategoricalColumn) and n >= _FEWEST_LEVELS:
            yield now_at[start : start + n]
        start += n


def _codes(indicators: np.ndarray) -> np.ndarray:
    codes: np.ndarray = indicators.argmax(axis=1)
    codes[~(indicators > 0).any(axis=1)] = indicators.shape[1]
    return codes


def _folds(rows: Table) -> np.ndarray:
    """A fold per row, the same for rows of one group."""
    units = np.arange(rows.n_samples) if rows.groups is None else rows.groups
    _, number = np.unique(units, return_inverse=True)
    by_unit = np.random.RandomState(0).permutation(number.max() + 1) % _FOLDS
    fold: np.ndarray = by_unit[number]
    return fold


def _standardised(y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    known = ~np.isnan(y) & (weight > 0)
    if not known.any():
        return y
    mean = np.average(y[known], weights=weight[known])
    scale = np.sqrt(np.average((y[known] - mean) ** 2, weights=weight[known]))
    standardised: np.ndarray = (y - mean) / (scale or 1.0)
    return standardised


def _rest(X: np.ndarray, blocks: Sequence[_Block]) -> np.ndarray:
    """The inputs that are no indicators of these columns; without any where they are too many."""
    others = np.setdiff1d(np.arange(X.shape[1]), np.concatenate([block.at for block in blocks]))
    rest: np.ndarray = X[:, others if len(others) <= _MOST_INPUTS else others[:0]]
    return rest


def _known(y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.flatnonzero(~np.isnan(y) & (weight > 0))


def _some(rows: np.ndarray) -> np.ndarray:
    """At most so many, at equal distances."""
    return rows[:: max(1, -(-len(rows) // _MOST_ROWS))]


def _strength(X: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float | None:
    """The ridge penalty for the effects of other columns; None without any."""
    from sklearn.linear_model import RidgeCV

    rows = _some(_known(y, weight))
    if not X.shape[1] or len(rows) < _FOLDS:
        return None
    ridge = RidgeCV(np.logspace(-1, 4, 6)).fit(X[rows], y[rows], weight[rows])
    return float(ridge.alpha_)


def _residuals(
    X: np.ndarray, y: np.ndarray, weight: np.ndarray, alpha: float | None
) -> np.ndarray:
    """What other columns do not explain; weights of zero are of rows that are left out."""
    from sklearn.linear_model import Ridge

    known = _known(y, weight)
    if not len(known):
        return y
    if alpha is not None:
        some = _some(known)
        y = y - Ridge(alpha).fit(X[some], y[some], weight[some]).predict(X)
    centred: np.ndarray = y - np.average(y[known], weights=weight[known])
    return centred


class _Moments(NamedTuple):
    """Of residuals by level: mean square between and within levels, and what these come from."""

    n: np.ndarray
    mean: np.ndarray
    between: float
    within: float
    n_seen: int
    n_within: float


def _moments(block: _Block, y: np.ndarray, weight: np.ndarray) -> _Moments:
    known = _known(y, weight)
    code, weight, y = block.code[known], weight[known], y[known]
    n = np.bincount(code, weight, block.n_codes)
    mean = np.bincount(code, weight * y, block.n_codes) / np.where(n > 0, n, 1.0)
    n_seen = max(int((n > 0).sum()), 2)
    n_within = max(float(n.sum()) - n_seen, 1.0)
    between = float((n * mean**2).sum())
    within = max(float((weight * y**2).sum()) - between, 0.0) / n_within
    return _Moments(n, mean, between / (n_seen - 1), within, n_seen, n_within)


def _certainty(block: _Block, y: np.ndarray, weight: np.ndarray) -> float:
    """From 0 to 1, how sure it is that levels differ by more than noise does."""
    found = _moments(block, y, weight)
    if found.within <= 0:
        return float(found.between > 0)
    error = np.sqrt(2 / (found.n_seen - 1) + 2 / found.n_within)
    excess = (found.between / found.within - 1) / error
    return float(np.clip((excess - _NOTHING) / (_SURE - _NOTHING), 0.0, 1.0))


def _effects(block: _Block, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The mean of each level, shrunk by what levels differ by: the best linear predictor.

    A row without a level has none, as a row of a level that was not seen.
    """
    n, mean, between, within, n_seen, _ = _moments(block, y, weight)
    total = n.sum()
    if total <= 0:
        return np.zeros(block.n_codes)
    of_level = (total - (n**2).sum() / total) / (n_seen - 1)
    variance = max((between - within) / max(of_level, 1e-12), 0.0)
    effects: np.ndarray = n * variance / np.maximum(n * variance + within, 1e-12) * mean
    effects[-1] = 0.0
    return effects


def _of_inputs(
    inputs: InputSchema, parts: Sequence[tuple[np.ndarray, np.ndarray]]
) -> tuple[np.ndarray, np.ndarray]:
    """Effects of levels as a linear function of standardised indicators."""
    weight = np.zeros((inputs.n_inputs, len(parts)))
    n = inputs.columns.n_encoded
    both = encode(np.stack([np.zeros(n), np.ones(n)]), inputs, np.float64)[:, :n]
    off, on = both.astype(np.float64)
    for number, (at, effects) in enumerate(parts):
        weight[at, number] = effects / (on - off)[at]
    return weight, -off @ weight[:n]
