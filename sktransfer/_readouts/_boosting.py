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
#: Rows without a step that every leaf of several classes has more, of the mean curvature.
_ROWS_AT_REST = 2.0


def boost_scores(
    features: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray | None,
    settings: BoostingSettings,
    link: Link,
    offset: np.ndarray | None = None,
) -> tuple[list[SmallTree], list[np.ndarray], np.ndarray]:
    """Small trees, each on what those before it have left.

    Of numbers and two classes it is scikit-learn's gradient boosting, with its trees on columns in
    bins. Several classes share each tree, as in CatBoost, and steps of their leaves are shrunk.

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
        One for each stage.
    values : list of ndarray of shape (n_nodes, n_scores)
        What they add to the scores.
    start : ndarray of shape (n_scores,)
        The constant that they are added to, 0 where there is an offset.

    References
    ----------
    J. H. Friedman, "Greedy function approximation: a gradient boosting machine", Annals of
    Statistics 29, 2001; J. Friedman, T. Hastie, R. Tibshirani, "Additive logistic regression: a
    statistical view of boosting", Annals of Statistics 28, 2000 (the longest step); T. Chen, C.
    Guestrin, "XGBoost", KDD 2016, equation 5 (shrunk leaves).
    """
    if weight is not None:
        rows = np.flatnonzero(weight)
        features, y, weight = features[rows], y[rows], weight[rows].astype(np.float64)
        offset = None if offset is None else offset[rows]
    rng = np.random.RandomState(settings.random_state)
    n_samples, n_scores = y.shape
    grow = grower(features, settings, int(rng.randint(2**31 - 1)), n_scores).grow
    start = _start(y, weight, link) if offset is None else np.zeros(n_scores)
    score = np.tile(start, (n_samples, 1)) if offset is None else offset.astype(np.float64)
    trees, values = [], []
    n_drawn = max(1, int(settings.subsample * n_samples))
    is_softmax = link == "softmax"
    rate = settings.learning_rate * (1 - 1 / n_scores if is_softmax else 1.0)
    for _ in range(settings.n_estimators):
        drawn = np.sort(rng.permutation(n_samples)[:n_drawn])
        share = None if weight is None else weight[drawn]
        predicted = _predicted(score[drawn], link)
        step, curvature = y[drawn] - predicted, _curvature(predicted, link)
        tree = grow(drawn, step, share)
        at_rest = _ROWS_AT_REST if is_softmax else 0.0
        value = _newton(tree.leaf[drawn], tree.node_count, step, curvature, share, at_rest)
        if link != "identity" and offset is not None:
            value = np.clip(value, -_LONGEST_STEP, _LONGEST_STEP)
        value = rate * value
        score += value[tree.leaf]
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
    at_rest: float,
) -> np.ndarray:
    """One of Newton's steps in every leaf, to which rows without a step are added."""
    if weight is not None:
        step, curvature = weight[:, None] * step, weight[:, None] * curvature
    total = _sums(leaf, curvature, n_nodes)
    is_curved = total > _LEAST_CURVATURE
    least = at_rest * curvature.mean(axis=0)
    return _sums(leaf, step, n_nodes) * is_curved / np.where(is_curved, total + least, 1.0)


def _sums(leaf: np.ndarray, of_rows: np.ndarray, n_nodes: int) -> np.ndarray:
    return np.column_stack([np.bincount(leaf, column, n_nodes) for column in of_rows.T])
