"""Linear read-outs: models on fixed features that are fitted at once, not by gradient steps.

They are fitted for a whole path of strengths, from which rows held out choose, and in the space
of the rows where there are fewer rows than features.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from sktransfer._records import DenseLayer, TargetSchema

#: Strengths of the L2 penalty, strongest first; features have the size of one together.
STRENGTHS = tuple(float(s) for s in np.logspace(2, -3, 6))
#: What stands for the logarithm of a probability that is nought.
_NEVER = -8.0
#: Not quite at the minimum of a weak penalty is as good.
_OPTIONS = {"maxiter": 100, "gtol": 3e-3, "ftol": 1e-9}
Layer = tuple[np.ndarray, np.ndarray]
#: Scores of some rows, and which → losses, and their derivatives by the scores.
Loss = Callable[[np.ndarray, slice], tuple[np.ndarray, np.ndarray]]
#: Entries from which on features are kept in single precision, and entries of a block.
_LARGE, _BLOCK = 2**18, 2**18
#: Curvature of the loss in units of the penalty's below which a direction is left alone.
_NEGLIGIBLE = 1e-3


def linear_path(
    features: np.ndarray, y: np.ndarray, weight: np.ndarray | None, target: TargetSchema
) -> list[DenseLayer]:
    """Linear models of rising freedom.

    Parameters
    ----------
    features : ndarray of shape (n_samples, n_features)
    y : ndarray of shape (n_samples, n_outputs)
        Indicators of classes, or numbers in the network's unit.
    weight : ndarray of shape (n_samples,) or None
    target : TargetSchema

    Returns
    -------
    list of DenseLayer
        One for each strength, before the output activation.
    """
    weight = np.ones(len(y)) if weight is None else weight.astype(np.float64)
    features = features.astype(np.float64)
    mean = np.average(features, axis=0, weights=weight)
    rows, basis = _in_few_dimensions(features - mean)
    fit = _ridge if target.out_activation == "identity" else _by_likelihood
    path = []
    for coef, intercept in fit(rows, y, weight, target):
        coef = coef if basis is None else basis @ coef
        path.append(DenseLayer(coef, intercept - mean @ coef))
    return path


def _in_few_dimensions(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """(rows, basis) with ``rows @ basis.T`` the given ones, and not more columns than rows.

    No basis where there are no more columns anyway.
    """
    n_samples, n_features = rows.shape
    if n_features <= n_samples:
        return rows, None
    # the penalty is the same for turned coefficients
    values, vectors = np.linalg.eigh(rows @ rows.T)
    kept = values > 1e-10 * max(values[-1], 1e-300)
    size = np.sqrt(values[kept])
    return vectors[:, kept] * size, rows.T @ (vectors[:, kept] / size)


def _ridge(rows, y, weight, target):
    y_mean = np.average(y, axis=0, weights=weight)
    values, vectors = np.linalg.eigh((rows.T * weight) @ rows)
    projected = vectors.T @ (rows.T @ (weight[:, None] * (y - y_mean)))
    for strength in STRENGTHS:
        coef = vectors @ (projected / (np.maximum(values, 0) + strength)[:, None])
        # the features' mean is 0 by weight
        yield coef, y_mean


def _by_likelihood(rows, y, weight, target):
    columns = [y] if target.kind == "multiclass" else [y[:, [i]] for i in range(y.shape[1])]
    basis = _Basis.of(rows, weight)
    paths = [_OUTPUTS[target.out_activation](basis, column, weight) for column in columns]
    for parts in zip(*paths, strict=True):
        yield np.hstack([coef for coef, _ in parts]), np.hstack([bias for _, bias in parts])


@dataclass(frozen=True)
class _Basis:
    """Centered rows turned into their principal directions.

    In these, and in units of the curvature of the penalised loss, all directions are alike, so
    that L-BFGS needs a dozen steps where it would need a hundred.

    Attributes
    ----------
    rows : ndarray of shape (n_samples, n_directions)
    values : ndarray of shape (n_directions,)
        Weighted sums of squares.
    vectors : ndarray of shape (n_features, n_directions)
    """

    rows: np.ndarray
    values: np.ndarray
    vectors: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray, weight: np.ndarray) -> _Basis:
        values, vectors = np.linalg.eigh((rows.T * weight) @ rows)
        # the largest first, so that those that matter for a penalty are the first columns
        values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
        turned = rows @ vectors
        if turned.size > _LARGE:  # reading it takes the time of a step
            turned = turned.astype(np.float32)
        return cls(turned, values, vectors)

    def matter(self, curvature: float, strength: float) -> int:
        """Number of directions that are not shrunk to nothing."""
        return max(1, int(np.sum(curvature * self.values > _NEGLIGIBLE * strength)))


def _labels(basis: _Basis, y: np.ndarray, weight: np.ndarray) -> list[Layer]:
    """Logistic regression of one label."""
    share = np.average(y[:, 0], weights=weight)
    if share in (0.0, 1.0):
        bias = np.array([-_NEVER if share else _NEVER])
        return [(np.zeros((len(basis.vectors), 1)), bias)] * len(STRENGTHS)

    def loss(scores: np.ndarray, block: slice) -> tuple[np.ndarray, np.ndarray]:
        return np.logaddexp(0, scores) - y[block] * scores, expit(scores) - y[block]

    start = np.array([np.log(share / (1 - share))])
    return _minimised(basis, loss, weight, start, share * (1 - share))


def _classes(basis: _Basis, y: np.ndarray, weight: np.ndarray) -> list[Layer]:
    """Multinomial regression; classes that are not there are never predicted."""
    seen = np.flatnonzero(weight @ y)
    n_classes = y.shape[1]
    if len(seen) == 1:
        bias = np.full(n_classes, _NEVER)
        bias[seen] = 0.0
        return [(np.zeros((len(basis.vectors), n_classes)), bias)] * len(STRENGTHS)
    if len(seen) == 2:  # one logit for two classes
        sides = 0.5 * np.array([-1.0, 1.0])
        path = [
            (coef * sides, bias * sides) for coef, bias in _labels(basis, y[:, seen[1:]], weight)
        ]
    else:
        path = _of_seen(basis, y[:, seen], weight)
    whole = []
    for of_seen, bias_of_seen in path:
        coef, bias = np.zeros((len(of_seen), n_classes)), np.full(n_classes, _NEVER)
        coef[:, seen], bias[seen] = of_seen, bias_of_seen
        bias[np.setdiff1d(np.arange(n_classes), seen)] += bias_of_seen.min()
        whole.append((coef, bias))
    return whole


def _of_seen(basis: _Basis, y: np.ndarray, weight: np.ndarray) -> list[Layer]:
    share = np.average(y, axis=0, weights=weight)

    def loss(scores: np.ndarray, block: slice) -> tuple[np.ndarray, np.ndarray]:
        scores -= scores.max(axis=1, keepdims=True)
        slope = np.exp(scores)
        total = slope.sum(axis=1, keepdims=True)
        slope /= total
        losses = np.log(total) - (y[block] * scores).sum(axis=1, keepdims=True)
        slope -= y[block]
        return losses, slope

    return _minimised(basis, loss, weight, np.log(share), float(np.mean(share * (1 - share))))


def _counts(basis: _Basis, y: np.ndarray, weight: np.ndarray) -> list[Layer]:
    """Poisson regression of one count."""
    mean = np.average(y[:, 0], weights=weight)
    if not mean:
        return [(np.zeros((len(basis.vectors), 1)), np.array([_NEVER]))] * len(STRENGTHS)

    def loss(scores: np.ndarray, block: slice) -> tuple[np.ndarray, np.ndarray]:
        rate = np.exp(np.minimum(scores, 700.0))
        return rate - y[block] * scores, rate - y[block]

    return _minimised(basis, loss, weight, np.array([np.log(mean)]), float(mean))


_OUTPUTS = {"logistic": _labels, "softmax": _classes, "exp": _counts}


def _minimised(
    basis: _Basis, loss: Loss, weight: np.ndarray, start: np.ndarray, curvature: float
) -> list[Layer]:
    """The path of linear models with the least penalised loss.

    Parameters
    ----------
    basis : _Basis
    loss : callable
        Scores of shape (n_rows, n_outputs), which it may change, and which rows they are →
        losses, and their derivatives by the scores.
    weight : ndarray of shape (n_samples,)
    start : ndarray of shape (n_outputs,)
        Intercepts without features.
    curvature : float
        Second derivative of a row's loss by a score, about.

    Returns
    -------
    list of (coef, intercept)
    """
    coef, bias, path = np.zeros((len(basis.values), len(start))), start, []
    unit_of_bias = 1 / np.sqrt(curvature * weight.sum())
    for strength in STRENGTHS:
        n = basis.matter(curvature, strength)
        unit = 1 / np.sqrt(curvature * basis.values[:n] + strength)[:, None]
        objective = _objective(basis.rows[:, :n], loss, weight, strength, unit, unit_of_bias)
        begin = np.concatenate([(coef[:n] / unit).ravel(), bias / unit_of_bias])
        found = minimize(objective, begin, jac=True, method="L-BFGS-B", options=_OPTIONS).x
        coef[:n] = found[: -len(bias)].reshape(n, -1) * unit
        bias = found[-len(bias) :] * unit_of_bias
        path.append((basis.vectors @ coef, bias))
    return path


def _objective(
    rows: np.ndarray,
    loss: Loss,
    weight: np.ndarray,
    strength: float,
    unit: np.ndarray,
    unit_of_bias: float,
) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    """Penalised loss as a function of coefficients and intercepts in their units."""
    n_rows = max(1, _BLOCK // rows.shape[1])
    blocks = [slice(at, at + n_rows) for at in range(0, len(rows), n_rows)]

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        n_outputs = len(flat) // (len(unit) + 1)
        coef = flat[:-n_outputs].reshape(-1, n_outputs) * unit
        bias, in_rows_dtype = flat[-n_outputs:] * unit_of_bias, coef.astype(rows.dtype)
        value, by_coef = 0.5 * strength * np.sum(coef * coef), strength * coef
        by_bias = np.zeros(n_outputs)
        for block in blocks:  # small enough to stay in the processor's cache
            losses, slope = loss(rows[block] @ in_rows_dtype + bias, block)
            slope *= weight[block, None]
            value += float(np.sum(weight[block] @ losses))
            by_coef += rows[block].T @ slope.astype(rows.dtype)
            by_bias += slope.sum(axis=0)
        return value, np.concatenate([(by_coef * unit).ravel(), by_bias * unit_of_bias])

    return objective
