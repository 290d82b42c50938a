"""The absolute error."""

from __future__ import annotations

import numpy as np

from sktransfer._losses._base import (
    KINK,
    OutputLoss,
    group_quantiles,
    robust_scale,
    weighted_quantile,
)


class AbsoluteError(OutputLoss):
    """``|y - p|``: predicts the median."""

    name = "absolute_error"
    is_robust = True
    profile = 1.0

    def entries(self, xp, prediction, y):
        return abs(y - prediction)

    def objective(self, xp, z, y):
        return abs(y - z)

    def slope(self, xp, prediction, y):
        return xp.sign(prediction - y)

    def smoothed(self, z, y):
        size = np.hypot(z - y, KINK)
        return size, (z - y) / size

    def constants(self, y, weight, group, n_groups):
        return group_quantiles(y, 0.5, weight, group, n_groups)

    def constant(self, y, weight=None):
        return weighted_quantile(y, 0.5, weight)

    def unit(self, y, weight=None):
        return weighted_quantile(y, 0.5, weight), robust_scale(y, weight)
