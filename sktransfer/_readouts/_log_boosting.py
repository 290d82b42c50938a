"""Gradient boosting of rates: counts and amounts behind a log link."""

from __future__ import annotations

import numpy as np

from sktransfer._losses import OutputLoss
from sktransfer._readouts._small_trees import BoostingSettings, SmallTree, grower

#: The logarithm of a rate of which no row is above 0.
_NEVER = -8.0
#: A leaf moves the logarithm of a rate no further.
_MOST = 4.0
#: Curvatures are not taken to be less than this share of their mean.
_LEAST_SHARE = 1e-3


def boost_rates(
    features: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    settings: BoostingSettings,
    loss: OutputLoss,
) -> tuple[list[SmallTree], list[np.ndarray], float]:
    """Small trees, each a Newton step on the loss that those before it have left.

    Parameters
    ----------
    features : ndarray of float32, shape (n_samples, n_features)
    y, weight : ndarray of shape (n_samples,)
    settings : BoostingSettings
    loss : OutputLoss
        With a log link.

    Returns
    -------
    trees : list of SmallTree
    values : list of ndarray of shape (n_nodes,)
        What they add to the logarithm of a rate.
    start : float
        The logarithm that they are added to.

    References
    ----------
    J. H. Friedman, "Greedy function approximation: a gradient boosting machine", Annals of
    Statistics 29, 2001; T. Chen, C. Guestrin, "XGBoost", KDD 2016, equation 5.
    """
    rng = np.random.RandomState(settings.random_state)
    mean = loss.constant(y, weight)
    start = float(np.log(mean)) if mean > 0 else _NEVER
    score, trees, values = np.full(len(y), start), [], []
    grow = grower(features, settings, int(rng.randint(2**31 - 1))).grow
    n_drawn = max(1, int(settings.subsample * len(y)))
    for _ in range(settings.n_estimators if mean > 0 else 0):
        drawn = np.sort(rng.permutation(len(y))[:n_drawn])
        rate = np.exp(score[drawn])
        slope = loss.slope(np, rate, y[drawn])
        curvature = loss.curvature(rate, y[drawn])
        curvature = np.maximum(curvature, _LEAST_SHARE * curvature.mean())
        share = weight[drawn] * curvature
        if not share.any():
            break
        step = np.clip(-slope / curvature, -_MOST, _MOST)
        tree = grow(drawn, step[:, None], share)
        # the mean of a leaf, by curvature, is its Newton step
        leaf, n_nodes = tree.leaf[drawn], tree.node_count
        total = np.bincount(leaf, share, n_nodes)
        mean_step = np.bincount(leaf, share * step, n_nodes) / np.where(total > 0, total, 1.0)
        values.append(settings.learning_rate * mean_step)
        score += values[-1][tree.leaf]
        trees.append(tree)
    return trees, values, start
