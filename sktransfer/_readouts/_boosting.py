"""Gradient boosting of numbers and of classes."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.special import expit, logit, softmax

from sktransfer._readouts._small_trees import BoostingSettings, SmallTree, grower

#: What a score becomes: a number, the probability of the second of two classes, or of each of
#: several.
Link = Literal["identity", "logistic", "softmax"]
#: A leaf of less curvature stays where it is.
_LEAST_CURVATURE = 1e-150
#: How far a leaf moves a score that starts elsewhere than at the best constant, before the rate.
#: Where a source is sure and wrong, a step of Newton's would be as long as 1 / p.
_LONGEST_STEP = 4.0


def boost_scores(
    features: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray | None,
    settings: BoostingSettings,
    link: Link,
    offset: np.ndarray | None = None,
) -> tuple[list[SmallTree], list[np.ndarray], np.ndarray]:
    """Small trees, each on what those before it have left.

    It is scikit-learn's gradient boosting, with its trees on columns in bins.

    Parameters
    ----------
    features : ndarray of float32, shape (n_samples, n_features)
    y : ndarray of shape (n_samples, n_scores)
        Numbers, or indicators of classes, each of which has rows if there is no offset.
    weight : ndarray of shape (n_samples,) or None
    settings : BoostingSettings
    link : {'identity', 'logistic', 'softmax'}
    offset : ndarray of shape (n_samples, n_scores), optional
        What every row starts from; by default the constant of least loss.

    Returns
    -------
    trees : list of SmallTree
        Of every stage one for each score.
    values : list of ndarray of shape (n_nodes,)
        What they add to that score.
    start : ndarray of shape (n_scores,)
        The constant that they are added to, 0 where there is an offset.

    References
    ----------
    J. H. Friedman, "Greedy function approximation: a gradient boosting machine", Annals of
    Statistics 29, 2001; J. Friedman, T. Hastie, R. Tibshirani, "Additive logistic regression: a
    statistical view of boosting", Annals of Statistics 28, 2000 (the longest step).
    """
    if weight is not None:
        rows = np.flatnonzero(weight)
        features, y, weight = features[rows], y[rows], weight[rows].astype(np.float64)
        offset = None if offset is None else offset[rows]
    rng = np.random.RandomState(settings.random_state)
    grow = grower(features, settings, int(rng.randint(2**31 - 1))).grow
    n_samples, n_scores = y.shape
    start = _start(y, weight, link) if offset is None else np.zeros(n_scores)
    score = np.tile(start, (n_samples, 1)) if offset is None else offset.astype(np.float64)
    trees, values = [], []
    n_drawn = max(1, int(settings.subsample * n_samples))
    rate = settings.learning_rate * (1 - 1 / n_scores if link == "softmax" else 1.0)
    for _ in range(settings.n_estimators):
        drawn = np.sort(rng.permutation(n_samples)[:n_drawn])
        share = None if weight is None else weight[drawn]
        residual = y - _predicted(score, link)
        for k in range(n_scores):
            step = residual[drawn, k]
            tree = grow(drawn, step, share)
            curvature = _curvature(y[drawn, k] - step, link)
            value = _newton(tree.leaf[drawn], tree.node_count, step, curvature, share)
            if link != "identity" and offset is not None:
                value = np.clip(value, -_LONGEST_STEP, _LONGEST_STEP)
            value = rate * value
            score[:, k] += value[tree.leaf]
            trees.append(tree)
            values.append(value)
    return trees, values, start


def _start(y: np.ndarray, weight: np.ndarray | None, link: Link) -> np.ndarray:
    mean = np.average(y, axis=0, weights=weight)
    if link == "identity":
        return mean
    tiny = np.finfo(np.float64).eps
    p = np.clip(mean, tiny, 1 - tiny)
    start: np.ndarray = logit(p) if link == "logistic" else np.log(p) - np.log(p).mean()
    return start


def _predicted(score: np.ndarray, link: Link) -> np.ndarray:
    if link == "identity":
        return score
    predicted: np.ndarray = expit(score) if link == "logistic" else softmax(score, axis=1)
    return predicted


def _curvature(predicted: np.ndarray, link: Link) -> np.ndarray:
    return np.ones_like(predicted) if link == "identity" else predicted * (1 - predicted)


def _newton(
    leaf: np.ndarray,
    n_nodes: int,
    step: np.ndarray,
    curvature: np.ndarray,
    weight: np.ndarray | None,
) -> np.ndarray:
    """One of Newton's steps in every leaf."""
    if weight is not None:
        step, curvature = weight * step, weight * curvature
    total = np.bincount(leaf, curvature, n_nodes)
    is_curved = total > _LEAST_CURVATURE
    return np.bincount(leaf, step, n_nodes) * is_curved / np.where(is_curved, total, 1.0)
