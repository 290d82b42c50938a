"""Half Tweedie's deviance with a log link: Poisson, gamma, and what lies between and beyond.

Powers 1 and 2 are Poisson's and gamma's.  Between them the distribution has a mass at 0 and
positive amounts, such as the cost of insurance claims.

References
----------
B. Jørgensen, "Exponential Dispersion Models", Journal of the Royal Statistical Society B 49, 1987.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sktransfer._losses._base import Namespace, OutputLoss, Values


class Tweedie(OutputLoss):
    """Half the unit deviance of a power ``p >= 1``: predicts the mean."""

    name = "tweedie"
    activation = "exp"
    parameter_name: ClassVar[str | None] = "power"
    is_averaged = False
    profile: ClassVar[float | None] = 0.5
    score_name = "D²"

    def __init__(self, parameter=1.5):
        if not 1 <= parameter < np.inf:
            raise ValueError(f"a deviance of power {parameter}")
        super().__init__(float(parameter))

    @property
    def power(self) -> float:
        return float(self.parameter)  # type: ignore[arg-type]

    @property
    def mixes_logs(self):
        return self.power > 1  # Poisson's deviance is convex in the mean, too

    def entries(self, xp, prediction, y):
        p = self.power
        if p == 1:
            # not xlogy(y, y / prediction), whose derivative is 0 / 0 where y is 0
            return _xlogy(xp, y, y) - _xlogy(xp, y, prediction) - y + prediction
        if p == 2:
            ratio = y / prediction
            return ratio - xp.log(_above_zero(xp, ratio)) - 1
        of_y = (_above_zero(xp, y) if p > 2 else y) ** (2 - p) / ((1 - p) * (2 - p))
        return of_y - y * prediction ** (1 - p) / (1 - p) + prediction ** (2 - p) / (2 - p)

    def objective(self, xp, z, y):
        p = self.power
        if p == 1:
            return xp.exp(z) - y * z
        if p == 2:
            return z + y * xp.exp(-z)
        return xp.exp((2 - p) * z) / (2 - p) - y * xp.exp((1 - p) * z) / (1 - p)

    def slope(self, xp, prediction, y):
        p = self.power
        if p == 1:
            return prediction - y
        return 1 - y / prediction if p == 2 else (prediction - y) * prediction ** (1 - p)

    def curvature(self, prediction, y):
        p = self.power
        if p == 1:
            return prediction
        mean, of_y = prediction ** (2 - p), y * prediction ** (1 - p)
        # beyond 2 it can be negative, and the expected one stands for it
        return (2 - p) * mean + (p - 1) * of_y if p <= 2 else mean

    def refuses(self, y):
        if self.power >= 2:
            return "y > 0, and some values of y are not" if (y <= 0).any() else None
        return "y >= 0, and some values of y are negative" if (y < 0).any() else None

    def dispersion(self, y, weight=None):
        share = ~np.isnan(y) * (1.0 if weight is None else weight[:, None])
        total, known = np.maximum(share.sum(axis=0), 1e-300), np.nan_to_num(y)
        mean = (share * known).sum(axis=0) / total
        variance = (share * (known - mean) ** 2).sum(axis=0) / total
        spread = variance / np.maximum(mean, 1e-300) ** self.power
        return max(float(spread[mean > 0].mean()), 1e-12) if (mean > 0).any() else 1.0

    def constant(self, y, weight=None):
        return float(np.average(y, weights=weight))


class Poisson(Tweedie):
    """Half the Poisson deviance, of counts and rates."""

    name = "poisson"
    parameter_name = None
    is_canonical = True
    profile = None

    def __init__(self):
        super().__init__(1.0)


class Gamma(Tweedie):
    """Half the gamma deviance, of amounts whose spread is in proportion to their mean."""

    name = "gamma"
    parameter_name = None

    def __init__(self):
        super().__init__(2.0)


def _above_zero(xp: Namespace, values: Values) -> Values:
    # zeros stand for missing targets, whose loss is multiplied by 0 and must be a number
    return xp.where(values > 0, values, xp.ones_like(values))


def _xlogy(xp: Namespace, x: Values, y: Values) -> Values:
    if xp is not np:
        return xp.xlogy(x, y)
    from scipy.special import xlogy

    return xlogy(x, y)
