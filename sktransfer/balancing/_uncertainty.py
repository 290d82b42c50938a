"""Weights by each task's noise."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from sktransfer._compat import Interval
from sktransfer.balancing._base import Backward, Balancing

if TYPE_CHECKING:
    from torch import Tensor


class Uncertainty(Balancing):
    """Learn each task's noise, and weight its loss by the inverse.

    What is minimised is ``Σ exp(-s) loss + s / 2``, over the network and over the logarithms of
    the variances s, one per task, which start at 0.  Tasks that cannot be fitted well count less.

    Parameters
    ----------
    learning_rate : float, default=0.01
        Of plain gradient descent on s, one step per batch.

    See Also
    --------
    Equal : Every label has the same weight.
    PCGrad : No task works against another.

    References
    ----------
    A. Kendall, Y. Gal, R. Cipolla, "Multi-Task Learning Using Uncertainty to Weigh Losses for
    Scene Geometry and Semantics", CVPR 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from sktransfer.balancing import Uncertainty
    >>> balancing = Uncertainty(learning_rate=0.5)
    >>> log_variance = balancing.begin(2)
    >>> backward = lambda weights: (np.array([2.0, 0.1]), None)
    >>> balancing.step(backward, None, log_variance, None)
    >>> log_variance
    array([ 0.75, -0.2 ])
    """

    _parameter_constraints = {"learning_rate": [Interval(Real, 0, None, closed="neither")]}

    def __init__(self, learning_rate=0.01):
        self.learning_rate = learning_rate

    def begin(self, n_tasks: int) -> np.ndarray:
        return np.zeros(n_tasks)

    def step(
        self, backward: Backward, shared: Tensor, state: Any, rng: np.random.RandomState
    ) -> Tensor | None:
        weights = np.exp(-state)
        losses, _ = backward(weights)
        # a batch without labels of a task is not informative about its noise
        state -= self.learning_rate * np.nan_to_num(0.5 - weights * losses)
        return None
