"""Linear read-outs: models on fixed features that are fitted at once, not by gradient steps.

They are fitted for a whole path of strengths, from which held-out rows choose, and in the space
of the rows where there are fewer rows than features.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, PoissonRegressor

from sktransfer._losses import OutputLoss
from sktransfer._records import DenseLayer, TargetSchema
from sktransfer._warnings import silenced

#: Strengths of the L2 penalty, strongest first; features have the size of one together.
STRENGTHS = tuple(float(s) for s in np.logspace(2, -3, 6))
#: Logarithms of rates are not taken to be further from 0.
_FURTHEST = 100.0
#: Entries of a table up to which Newton's method for two classes is faster than L-BFGS.
_MOST_SOLVED = 100_000
#: Its steps at most; it ends where one gains less than this share of the loss, or must be shorter
#: than this.
_MOST_STEPS, _LEAST_GAIN, _SHORTEST = 50, 1e-10, 1e-6
#: Rates of a smaller mean are fitted in units of it: the solver's tolerance is absolute.
_SMALL_RATE = 0.1
#: What stands for the logarithm of a probability that is nought.
_NEVER = -8.0


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
    centered = features.astype(np.float64)
    mean = np.average(centered, axis=0, weights=weight)
    centered -= mean
    rows, turn = _in_few_dimensions(centered)
    fit = _fit_of(target)
    path = []
    for coef, intercept in fit(rows, y, weight, target):
        coef = coef if turn is None else centered.T @ (turn @ coef)
        path.append(DenseLayer(coef, intercept - mean @ coef))
    return path


def _fit_of(target: TargetSchema):
    if target.kind != "regression" or target.loss == "poisson":
        return _by_likelihood
    return _ridge if target.loss_function.name == "squared_error" else _by_gradients


def _in_few_dimensions(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """(turned, turn) with ``turned = rows @ rows.T @ turn``, and not more columns than rows.

    The coefficients of the given rows are ``rows.T @ turn`` times those of the turned ones; this
    product of a wide table is never made.  No turn where there are no more columns anyway.
    """
    n_samples, n_features = rows.shape
    if n_features <= n_samples:
        return rows, None
    # the penalty is the same for turned coefficients
    values, vectors = np.linalg.eigh(rows @ rows.T)
    kept = values > 1e-10 * max(values[-1], 1e-300)
    size = np.sqrt(values[kept])
    return vectors[:, kept] * size, vectors[:, kept] / size


def _ridge(rows, y, weight, target):
    y_mean = np.average(y, axis=0, weights=weight)
    values, vectors = np.linalg.eigh((rows.T * weight) @ rows)
    projected = vectors.T @ (rows.T @ (weight[:, None] * (y - y_mean)))
    for strength in STRENGTHS:
        coef = vectors @ (projected / (np.maximum(values, 0) + strength)[:, None])
        # the features' mean is 0 by weight
        yield coef, y_mean


def _by_gradients(rows, y, weight, target):
    """Any loss of numbers, by L-BFGS."""
    paths = [list(_descent(rows, column, weight, target.loss_function)) for column in y.T]
    for parts in zip(*paths, strict=True):
        yield np.column_stack([coef for coef, _ in parts]), np.array([bias for _, bias in parts])


def _descent(rows, y, weight, loss: OutputLoss):
    known = weight > 0
    weight = weight / loss.dispersion(y[:, None], weight)
    start = loss.constant(y[known], weight[known])
    if loss.has_log_link:
        start = np.log(start) if start > 0 else _NEVER
    params = np.append(np.zeros(rows.shape[1]), start)

    def value_and_slope(params, strength):
        z = rows @ params[:-1] + params[-1]
        z = np.clip(z, -_FURTHEST, _FURTHEST) if loss.has_log_link else z
        values, slopes = loss.smoothed(z, y)
        along = np.append(rows.T @ (weight * slopes) + strength * params[:-1], weight @ slopes)
        return weight @ values + 0.5 * strength * params[:-1] @ params[:-1], along

    for strength in STRENGTHS:
        found = minimize(value_and_slope, params, (strength,), "L-BFGS-B", jac=True)
        params = found.x if np.isfinite(found.fun) else params
        bias = params[-1]
        if loss.is_robust:  # exactly, where the kink was rounded off
            bias = loss.constant((y - rows @ params[:-1])[known], weight[known])
        yield params[:-1].copy(), float(bias)


def _by_likelihood(rows, y, weight, target):
    columns = [y] if target.kind == "multiclass" else [y[:, [i]] for i in range(y.shape[1])]
    model = _poisson if target.kind == "regression" else _logistic
    paths = [list(model(rows, column, weight)) for column in columns]
    for parts in zip(*paths, strict=True):
        yield np.hstack([coef for coef, _ in parts]), np.hstack([bias for _, bias in parts])


def _logistic(rows, y, weight):
    labels = y.argmax(axis=1) if y.shape[1] > 1 else (y[:, 0] > 0.5).astype(int)
    seen = np.unique(labels[weight > 0])
    n_outputs = y.shape[1]
    if len(seen) == 1:
        bias = np.full(n_outputs, _NEVER)
        bias[seen[0] if n_outputs > 1 else 0] = (
            0.0 if n_outputs > 1 else (2 * seen[0] - 1) * -_NEVER
        )
        yield from [(np.zeros((rows.shape[1], n_outputs)), bias)] * len(STRENGTHS)
        return
    is_solved = len(seen) == 2 and rows.size <= _MOST_SOLVED
    solutions = (
        _by_newton(rows, labels == seen[1], weight)
        if is_solved
        else _by_lbfgs(rows, labels, weight)
    )
    for found, intercept in solutions:
        if n_outputs == 1:
            yield found.T, intercept
            continue
        coef, bias = np.zeros((rows.shape[1], n_outputs)), np.full(n_outputs, _NEVER)
        if len(seen) == 2:  # one logit for two classes
            coef[:, seen] = 0.5 * np.vstack([-found[0], found[0]]).T
            bias[seen] = 0.5 * np.array([-1, 1]) * intercept[0]
        else:
            coef[:, seen], bias[seen] = found.T, intercept
        bias[np.setdiff1d(np.arange(n_outputs), seen)] += bias[seen].min()
        yield coef, bias


def _by_lbfgs(rows, labels, weight):
    """Coefficients (n_scores, n_features) and intercepts, for each strength."""
    model = LogisticRegression(warm_start=True, max_iter=100, tol=1e-4)
    for strength in STRENGTHS:
        model.C = 1.0 / strength
        # not quite at the minimum of a weak penalty is as good
        with silenced(ConvergenceWarning):
            model.fit(rows, labels, weight)
        yield model.coef_.copy(), model.intercept_.copy()


def _by_newton(rows, is_second, weight):
    """The same of two classes, a few steps to the minimum in place of many towards it."""
    design = np.column_stack([rows, np.ones(len(rows))])
    params, y = np.zeros(design.shape[1]), is_second.astype(np.float64)

    def value(params, penalty):
        z = design @ params
        return z, weight @ (np.logaddexp(0, z) - y * z) + 0.5 * penalty @ params**2

    for strength in STRENGTHS:
        penalty = np.append(np.full(rows.shape[1], strength), 0.0)
        z, best = value(params, penalty)
        for _ in range(_MOST_STEPS):
            p = expit(z)
            slope = design.T @ (weight * (p - y)) + penalty * params
            hessian = (design.T * (weight * p * (1 - p))) @ design + np.diag(penalty)
            hessian[-1, -1] += 1e-12 * weight.sum()
            step, length = np.linalg.solve(hessian, slope), 1.0
            z, found = value(params - step, penalty)
            while not found <= best and length > _SHORTEST:
                length /= 2
                z, found = value(params - length * step, penalty)
            if not found <= best:
                break
            params, gain, best = params - length * step, best - found, found
            if gain <= _LEAST_GAIN * best:
                break
        yield params[None, :-1].copy(), params[-1:].copy()


def _poisson(rows, y, weight):
    if not (y[:, 0] * weight).any():
        yield from [(np.zeros((rows.shape[1], 1)), np.array([_NEVER]))] * len(STRENGTHS)
        return
    mean = np.average(y[:, 0], weights=weight)
    unit = mean if mean < _SMALL_RATE else 1.0  # with it as a weight, the loss is the same
    weight = weight * unit
    total = weight.sum()
    model = PoissonRegressor(warm_start=True, max_iter=200)
    for strength in STRENGTHS:
        model.alpha = strength / total
        with silenced(ConvergenceWarning):
            model.fit(rows, y[:, 0] / unit, weight)
        yield model.coef_[:, None].copy(), np.array([model.intercept_ + np.log(unit)])
