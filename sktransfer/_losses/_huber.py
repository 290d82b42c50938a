"""Huber's loss."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sktransfer._losses._base import OutputLoss, group_quantiles, robust_scale, weighted_quantile

_MOST_STEPS = 100


class Huber(OutputLoss):
    """Half the squared error up to `delta` units, and linear beyond: a mean without outliers.

    With 1.35 units of their standard deviation the efficiency is 95 % where errors are normal;
    scikit-learn's ``HuberRegressor(epsilon=1.35)`` has it.

    References
    ----------
    P. J. Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical Statistics
    35, 1964.
    """

    name = "huber"
    parameter_name: ClassVar[str | None] = "delta"
    default_parameter: ClassVar[float | None] = 1.35
    is_robust = True
    profile = 0.5

    def __init__(self, parameter=1.35):
        if not 0 < parameter < np.inf:
            raise ValueError(f"a width of Huber's loss of {parameter}")
        super().__init__(float(parameter))
        self.delta = float(parameter)

    def entries(self, xp, prediction, y):
        size = abs(y - prediction)
        within = xp.clip(size, None, self.delta)
        return within * (size - 0.5 * within)

    def objective(self, xp, z, y):
        return self.entries(xp, z, y)

    def slope(self, xp, prediction, y):
        return xp.clip(prediction - y, -self.delta, self.delta)

    def curvature(self, prediction, y):
        return np.minimum(1.0, self.delta / np.maximum(abs(prediction - y), 1e-300))

    def constant(self, y, weight=None):
        found = weighted_quantile(y, 0.5, weight)
        share = np.ones(len(y)) if weight is None else weight
        for _ in range(_MOST_STEPS):  # iteratively reweighted means
            weights = share * self.curvature(np.full(len(y), found), y)
            before, found = found, float(np.average(y, weights=weights))
            if abs(found - before) <= 1e-12 * (1 + abs(found)):
                break
        return found

    def constants(self, y, weight, group, n_groups):
        # a step from the median, as in J. H. Friedman, "Greedy function approximation", 2001
        middle = group_quantiles(y, 0.5, weight, group, n_groups)
        step = np.clip(y - middle[group], -self.delta, self.delta)
        return middle + super().constants(step, weight, group, n_groups)

    def unit(self, y, weight=None):
        return weighted_quantile(y, 0.5, weight), robust_scale(y, weight)
