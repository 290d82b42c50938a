"""Half the squared error."""

from __future__ import annotations

import numpy as np

from sktransfer._losses._base import OutputLoss


class SquaredError(OutputLoss):
    """``(y - p)² / 2``: predicts the mean."""

    name = "squared_error"
    is_canonical = True
    profile = 0.5

    @property
    def power(self):
        return 0.0

    def entries(self, xp, prediction, y):
        return 0.5 * xp.square(y - prediction)

    def objective(self, xp, z, y):
        return 0.5 * xp.square(z - y)

    def constant(self, y, weight=None):
        return float(np.average(y, weights=weight))

    def unit(self, y, weight=None):
        center = np.average(y, weights=weight)
        return float(center), float(np.sqrt(np.average((y - center) ** 2, weights=weight)))
