"""Ridge regression on features: the models of their kernel, by whichever side is smaller."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from sktransfer._readouts._kernel_ridge import (
    STRENGTHS,
    Offset,
    RidgePath,
    RidgeTask,
    by_output,
    is_complement,
    kernel_ridge_path,
    paths,
    stacked,
    times_each,
)


def feature_ridge_path(
    features: np.ndarray,
    task: RidgeTask,
    offsets: Sequence[Offset | None] = (None,),
    strengths: Sequence[float] = STRENGTHS,
    intercept_variance: float | None = None,
) -> list[RidgePath]:
    """Ridge regression on features, from each of several offsets.

    Parameters
    ----------
    features : ndarray of shape (n_samples, n_features)
        With a mean squared norm of about 1; with a free intercept their mean does not matter.
    task, offsets, strengths, intercept_variance
        As of :func:`kernel_ridge_path`.

    Returns
    -------
    list of RidgePath
        One per offset, with a coefficient per feature.
    """
    if np.isnan(task.y).any():
        ridge = partial(
            feature_ridge_path,
            features,
            strengths=strengths,
            intercept_variance=intercept_variance,
        )
        return by_output(ridge, task, offsets)
    features = np.asarray(features, np.float64)
    weight = np.ones(len(features)) if task.weight is None else task.weight.astype(np.float64)
    center = np.zeros(features.shape[1])
    if intercept_variance is None and weight.any():
        center = np.average(features, axis=0, weights=weight)
    rows = features - center
    if features.shape[1] < np.count_nonzero(weight):
        found = _primal(rows, weight, task, offsets, tuple(strengths), intercept_variance)
    else:
        found = [
            RidgePath(path.strengths, path.held_out, rows.T @ path.coef, path.intercept)
            for path in kernel_ridge_path(
                rows @ rows.T, task, offsets, strengths, intercept_variance
            )
        ]
    return [
        RidgePath(path.strengths, path.held_out, path.coef, path.intercept - center @ path.coef)
        for path in found
    ]


def _primal(
    rows: np.ndarray,
    weight: np.ndarray,
    task: RidgeTask,
    offsets: Sequence[Offset | None],
    strengths: tuple[float, ...],
    intercept_variance: float | None,
) -> list[RidgePath]:
    is_free, at_strengths = intercept_variance is None, np.array(strengths)
    if intercept_variance is not None:  # one more feature
        rows = np.hstack([rows, np.full((len(rows), 1), np.sqrt(intercept_variance))])
    y, starts = stacked(task, offsets)
    of_all = _sums(rows, weight)
    held_out = [np.empty((len(strengths), 0, y.shape[1]))]
    for fold, (train, test) in enumerate(task.pairs):
        start = starts.of_fold(fold)
        counted = weight * np.bincount(train, minlength=len(y))
        if len(test) < len(train) and is_complement(train, test, len(y)):
            out = _sums(rows[test], weight[test])
            sums = tuple(total - part for total, part in zip(of_all, out, strict=True))
        else:
            sums = _sums(rows, counted)
        coef, intercept = _solve(sums, rows, counted, y - start, at_strengths, is_free)
        held_out.append(start[test] + rows[test] @ coef + intercept[:, None])
    coef, intercept = _solve(of_all, rows, weight, y - starts.values, at_strengths, is_free)
    if intercept_variance is not None:
        intercept = np.sqrt(intercept_variance) * coef[:, -1]
        coef = coef[:, :-1]
    return paths(strengths, np.concatenate(held_out, axis=1), coef, intercept, len(offsets))


def _sums(rows: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, ...]:
    """Sums of weights, of features and of their products; differences leave rows out."""
    return weight.sum(), weight @ rows, (rows.T * weight) @ rows


def _solve(
    sums: tuple[np.ndarray, ...],
    rows: np.ndarray,
    weight: np.ndarray,
    residual: np.ndarray,
    strengths: np.ndarray,
    is_free: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and intercepts of every strength."""
    total, first, second = sums
    weighted = weight[:, None] * residual
    right = rows.T @ weighted
    size = float(total) if weight.any() else np.inf
    if is_free:
        second = second - np.outer(first, first) / size
        right = right - np.outer(first, weighted.sum(axis=0)) / size
    values, vectors = np.linalg.eigh(second)
    shrunk = 1 / (np.maximum(values, 0) + strengths[:, None])
    coef = times_each(vectors, shrunk[:, :, None] * (vectors.T @ right))
    if not is_free:
        return coef, np.zeros((len(strengths), residual.shape[1]))
    return coef, (weighted.sum(axis=0) - first @ coef) / size
