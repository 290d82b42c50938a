"""The quantile loss."""

from __future__ import annotations

import numpy as np

from sktransfer._losses._base import (
    KINK,
    OutputLoss,
    group_quantiles,
    robust_scale,
    weighted_quantile,
)


class Quantile(OutputLoss):
    """The pinball loss, ``q`` times a shortfall and ``1 - q`` times an excess of the prediction.

    References
    ----------
    R. Koenker, G. Bassett, "Regression Quantiles", Econometrica 46, 1978.
    """

    name = "quantile"
    parameter_name = "quantile"
    is_robust = True
    profile = 1.0
    score_name = "D²"

    def __init__(self, parameter=0.5):
        if not 0 < parameter < 1:
            raise ValueError(f"a quantile of level {parameter}")
        super().__init__(float(parameter))
        self.level = float(parameter)

    def entries(self, xp, prediction, y):
        error = y - prediction
        return self.level * error - xp.clip(error, None, 0.0)

    def objective(self, xp, z, y):
        return self.entries(xp, z, y)

    def slope(self, xp, prediction, y):
        return 0.5 * xp.sign(prediction - y) + (0.5 - self.level)

    def smoothed(self, z, y):
        size = np.hypot(z - y, KINK)
        return 0.5 * size + (0.5 - self.level) * (z - y), 0.5 * (z - y) / size + 0.5 - self.level

    def constants(self, y, weight, group, n_groups):
        return group_quantiles(y, self.level, weight, group, n_groups)

    def constant(self, y, weight=None):
        return weighted_quantile(y, self.level, weight)

    def unit(self, y, weight=None):
        return weighted_quantile(y, self.level, weight), robust_scale(y, weight)
