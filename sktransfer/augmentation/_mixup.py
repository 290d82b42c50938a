"""Convex combinations of two rows, targets included."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from sktransfer._compat import Interval
from sktransfer.augmentation._base import Augmentation

if TYPE_CHECKING:
    from torch import Tensor


class Mixup(Augmentation):
    """Replace every row by a mixture of itself and another one, targets in the same proportion.

    Makes the network nearly linear between rows, and its predictions smoother.

    Parameters
    ----------
    alpha : float, default=0.2
        Proportions are drawn from Beta(alpha, alpha): small values leave most rows nearly as
        they are, 1 mixes evenly.  Above 0.

    See Also
    --------
    FeatureNoise : Changes the inputs alone.
    FeatureCorruption : Exchanges inputs between rows.

    References
    ----------
    H. Zhang, M. Cisse, Y. N. Dauphin, D. Lopez-Paz, "mixup: Beyond Empirical Risk Minimization",
    ICLR 2018, section 2.

    Examples
    --------
    >>> import numpy as np, torch
    >>> from sktransfer.augmentation import Mixup
    >>> X, y = torch.eye(2), torch.tensor([[0.0], [1.0]])
    >>> mixed, labels = Mixup(alpha=1).augment(X, y, np.random.RandomState(0))
    >>> mixed.sum(1), bool(((labels >= 0) & (labels <= 1)).all())
    (tensor([1., 1.]), True)
    """

    _parameter_constraints = {"alpha": [Interval(Real, 0, None, closed="neither")]}

    def __init__(self, alpha=0.2):
        self.alpha = alpha

    def augment(self, X: Tensor, y: Tensor, rng: np.random.RandomState) -> tuple[Tensor, Tensor]:
        import torch

        share = rng.beta(self.alpha, self.alpha, (len(X), 1))
        own = torch.from_numpy(np.maximum(share, 1 - share)).to(X)
        other = torch.from_numpy(rng.permutation(len(X))).to(X.device)
        return torch.lerp(X[other], X, own), torch.lerp(y[other], y, own)
