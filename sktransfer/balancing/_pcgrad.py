"""Gradients without conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sktransfer.balancing._base import Backward, Balancing

if TYPE_CHECKING:
    from torch import Tensor


class PCGrad(Balancing):
    """Project conflicting gradients: no task moves the shared layers against another.

    Where two tasks' gradients on the shared layers point apart, each loses its part along the
    other.  A step costs one backward pass per task.

    See Also
    --------
    Equal : Adds the losses, conflicts included.
    sktransfer.inspection.task_affinity : Whether there are conflicts.

    References
    ----------
    T. Yu et al., "Gradient Surgery for Multi-Task Learning", NeurIPS 2020, algorithm 1.

    Examples
    --------
    >>> import numpy as np, torch
    >>> from sktransfer.balancing import PCGrad
    >>> gradients = torch.tensor([[1.0, 0.0], [-1.0, 1.0]])
    >>> backward = lambda weights: (None, gradients[int(weights.argmax())])
    >>> shared = torch.tensor([True, True])
    >>> PCGrad().step(backward, shared, 2, np.random.RandomState(0))
    tensor([0.5000, 1.5000])
    """

    def begin(self, n_tasks: int) -> int:
        return n_tasks

    def step(
        self, backward: Backward, shared: Tensor, state: Any, rng: np.random.RandomState
    ) -> Tensor | None:
        import torch

        own = [backward(weights)[1].clone() for weights in np.eye(state)]
        total = torch.stack(own).sum(0)
        gradients = [gradient[shared] for gradient in own]
        norms = [torch.dot(gradient, gradient) for gradient in gradients]
        projected = [gradient.clone() for gradient in gradients]
        for i, gradient in enumerate(projected):
            for j in rng.permutation(state):
                along = torch.dot(gradient, gradients[j])
                if j != i and along < 0:
                    gradient.sub_(gradients[j], alpha=float(along / norms[j]))
        total[shared] = torch.stack(projected).sum(0)
        return total
