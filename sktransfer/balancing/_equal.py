"""Equal weights for all labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sktransfer.balancing._base import Backward, Balancing

if TYPE_CHECKING:
    from torch import Tensor


class Equal(Balancing):
    """Every label has the same weight: the losses are added.

    The default.  With standardised regressions and cross-entropies the losses are of one order,
    and no other way was better in our measurements.

    See Also
    --------
    Uncertainty : Weights by how well a task can be fitted.
    PCGrad : No task works against another.

    References
    ----------
    D. Xin et al., "Do Current Multi-Task Optimization Methods in Deep Learning Even Help?",
    NeurIPS 2022, where tuned constant weights were not beaten.

    Examples
    --------
    >>> from sktransfer.balancing import check_balancing
    >>> check_balancing("equal")
    Equal()
    """

    def begin(self, n_tasks: int) -> int:
        return n_tasks

    def step(
        self, backward: Backward, shared: Tensor, state: Any, rng: np.random.RandomState
    ) -> Tensor | None:
        backward(np.ones(state))
        return None
