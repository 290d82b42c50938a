"""What every loss says: of predictions, of linear outputs, and of targets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

import numpy as np

#: Width, in units of the target, over which the kink of a loss is rounded off for methods that
#: need derivatives.
KINK = 0.02
#: Values in numpy or in torch; a loss is written once for both.
Values = Any
#: The module numpy or torch, whose functions a formula uses.
Namespace = Any


class OutputLoss(ABC):
    """A loss of one output, as a function of its prediction or of the linear output.

    Methods with the argument `xp` work on numpy's arrays and torch's tensors; `xp` is the module.

    Attributes
    ----------
    name : str
        What the parameter ``loss`` calls it.
    activation : str
        From the linear output to the prediction: its inverse link.
    parameter : float or None
        The quantile's level, the power of Tweedie's deviance, …; None where there is none.
    default_parameter : float or None
        What a name without a parameter stands for; None where it must have one.
    is_canonical : bool
        Whether the derivative by the linear output is ``prediction - y``.
    is_averaged : bool
        Whether the loss of a row is the mean over its outputs, not their sum.
    is_robust : bool
        Whether the unit of targets is measured by quantiles, not by mean and standard deviation.
    profile : float or None
        The log likelihood of a row is ``-profile * log(mean loss)``, for a scale of errors that
        is not known; None where the mean loss is a log likelihood itself.
    score_name : {'R²', 'D²'}
        What ``score`` compares with the best constant: squared errors, or this loss.
    """

    name: ClassVar[str]
    activation: ClassVar[str] = "identity"
    parameter_name: ClassVar[str | None] = None
    default_parameter: ClassVar[float | None] = None
    is_canonical: ClassVar[bool] = False
    is_averaged: ClassVar[bool] = True
    is_robust: ClassVar[bool] = False
    profile: ClassVar[float | None] = None
    score_name: ClassVar[Literal["R²", "D²"]] = "R²"

    def __init__(self, parameter: float | None = None) -> None:
        self.parameter = parameter

    @property
    def has_log_link(self) -> bool:
        """Whether the linear output is the logarithm of what is predicted."""
        return self.activation == "exp"

    @property
    def mixes_logs(self) -> bool:
        """Whether predictions are averaged by their logarithms, where the loss is convex."""
        return False

    @property
    def power(self) -> float | None:
        """The power of Tweedie's deviance that this loss is; None for another loss."""
        return None

    @abstractmethod
    def entries(self, xp: Namespace, prediction: Values, y: Values) -> Values:
        """The loss that is reported, 0 for a perfect prediction."""

    @abstractmethod
    def objective(self, xp: Namespace, z: Values, y: Values) -> Values:
        """What is minimised, as a function of linear outputs; the loss but for constants."""

    def slope(self, xp: Namespace, prediction: Values, y: Values) -> Values:
        """Derivative of the objective by the linear output."""
        return prediction - y

    def curvature(self, prediction: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Second derivative of the objective by the linear output, or what stands for it."""
        return np.ones_like(prediction)

    def smoothed(self, z: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The objective and its derivative by the linear output, without a kink."""
        prediction = np.exp(z) if self.has_log_link else z
        return self.objective(np, z, y), self.slope(np, prediction, y)

    def refuses(self, y: np.ndarray) -> str | None:
        """What is expected of `y` and not so, in the form "y >= 0, and …"; None if all is well."""
        return None

    @abstractmethod
    def constant(self, y: np.ndarray, weight: np.ndarray | None = None) -> float:
        """The constant prediction of least loss, for targets of shape (n_samples,)."""

    def constants(
        self, y: np.ndarray, weight: np.ndarray | None, group: np.ndarray, n_groups: int
    ) -> np.ndarray:
        """The constant of each group of rows, such as the leaves of a tree; 0 for an empty one."""
        share = np.ones(len(y)) if weight is None else weight
        total = np.bincount(group, share, n_groups)
        return np.bincount(group, share * y, n_groups) / np.maximum(total, 1e-300)

    def dispersion(self, y: np.ndarray, weight: np.ndarray | None = None) -> float:
        """How many times as large the variance around the mean is as a deviance takes it to be.

        Divided by it, a deviance is a log likelihood, whatever the unit of amounts.  1 for losses
        whose targets have a unit of their own.

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_outputs)
            NaN where missing.
        weight : ndarray of shape (n_samples,) or None
        """
        return 1.0

    def unit(self, y: np.ndarray, weight: np.ndarray | None = None) -> tuple[float, float]:
        """Center and scale of the network's outputs, for targets of shape (n_samples,)."""
        return 0.0, 1.0


def weighted_quantile(y: np.ndarray, level: float, weight: np.ndarray | None) -> float:
    """A quantile of numbers with weights; the middle of two where both are one.

    Examples
    --------
    >>> weighted_quantile(np.array([1.0, 2.0, 10.0]), 0.5, None)
    2.0
    >>> weighted_quantile(np.array([1.0, 2.0]), 0.5, np.array([1.0, 3.0]))
    2.0
    """
    order = np.argsort(y, kind="stable")
    share = np.ones(len(y)) if weight is None else np.asarray(weight, np.float64)[order]
    y, order = y[order][share > 0], order
    below = np.cumsum(share[share > 0])
    if not len(y):
        return 0.0
    # rounding of the sum must not decide between two neighbours
    wanted, room = level * below[-1], 1e-12 * below[-1]
    first = min(int(np.searchsorted(below, wanted - room)), len(y) - 1)
    last = min(int(np.searchsorted(below, wanted + room)), len(y) - 1)
    return float(0.5 * (y[first] + y[last]))


def group_quantiles(
    y: np.ndarray, level: float, weight: np.ndarray | None, group: np.ndarray, n_groups: int
) -> np.ndarray:
    """The lower weighted quantile of each group of numbers; 0 of an empty group.

    Examples
    --------
    >>> group_quantiles(np.array([5.0, 1.0, 2.0, 3.0]), 0.5, None, np.array([2, 0, 0, 0]), 3)
    array([2., 0., 5.])
    """
    order = np.lexsort((y, group))
    share = np.ones(len(y)) if weight is None else np.asarray(weight, np.float64)[order]
    below, group = np.cumsum(share), group[order]
    total = np.bincount(group, share, n_groups)
    before = np.cumsum(total) - total
    wanted = before + level * total - 1e-12 * (total + before)
    last = np.cumsum(np.bincount(group, minlength=n_groups)) - 1
    at = np.minimum(np.searchsorted(below, wanted), np.maximum(last, 0))
    return np.where(total > 0, y[order][at], 0.0)


def robust_scale(y: np.ndarray, weight: np.ndarray | None) -> float:
    """The interquartile range as a standard deviation; that itself where the range is nothing.

    Examples
    --------
    >>> float(round(robust_scale(np.array([0.0, 1.0, 2.0, 3.0, 1000.0]), None), 3))
    1.483
    >>> robust_scale(np.array([0.0, 0.0, 0.0, 0.0, 5.0]), None)
    2.0
    """
    ends = [weighted_quantile(y, level, weight) for level in (0.25, 0.75)]
    scale = (ends[1] - ends[0]) / 1.349
    least = 1e-12 * max(abs(end) for end in ends)
    if scale > least or not len(y):
        return scale
    mean = np.average(y, weights=weight)
    return float(np.sqrt(np.average((y - mean) ** 2, weights=weight)))
