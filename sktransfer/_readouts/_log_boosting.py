"""Gradient boosting of rates: counts and amounts behind a log link."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from sktransfer._losses import OutputLoss

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
    params: dict[str, Any],
    loss: OutputLoss,
) -> tuple[list[Any], float]:
    """Small trees, each a Newton step on the loss that those before it have left.

    Parameters
    ----------
    features : ndarray of float32, shape (n_samples, n_features)
    y, weight : ndarray of shape (n_samples,)
    params : dict
        As of scikit-learn's gradient boosting.
    loss : OutputLoss
        With a log link.

    Returns
    -------
    trees : list of sklearn.tree._tree.Tree
        Their values add up, times the learning rate.
    start : float
        The logarithm that they are added to.

    References
    ----------
    J. H. Friedman, "Greedy function approximation: a gradient boosting machine", Annals of
    Statistics 29, 2001; T. Chen, C. Guestrin, "XGBoost", KDD 2016, equation 5.
    """
    rng = np.random.RandomState(params["random_state"])
    mean = loss.constant(y, weight)
    start = float(np.log(mean)) if mean > 0 else _NEVER
    score, trees = np.full(len(y), start), []
    n_drawn = max(1, int(params["subsample"] * len(y)))
    for _ in range(params["n_estimators"] if mean > 0 else 0):
        drawn = rng.permutation(len(y))[:n_drawn]
        rate = np.exp(score[drawn])
        slope = loss.slope(np, rate, y[drawn])
        curvature = loss.curvature(rate, y[drawn])
        curvature = np.maximum(curvature, _LEAST_SHARE * curvature.mean())
        tree = DecisionTreeRegressor(
            max_depth=params["max_depth"],
            max_features=params["max_features"],
            min_samples_leaf=params["min_samples_leaf"],
            random_state=rng.randint(2**31 - 1),
        )
        share = weight[drawn] * curvature
        if not share.any():
            break
        # the mean of a leaf, by curvature, is its Newton step
        step = np.clip(-slope / curvature, -_MOST, _MOST)
        tree.fit(features[drawn], step, share, check_input=False)
        score += params["learning_rate"] * tree.tree_.predict(features)[:, 0]
        trees.append(tree.tree_)
    return trees, start
