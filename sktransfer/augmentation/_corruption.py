"""Entries exchanged for the same column's entries of other rows."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from sktransfer._compat import Interval
from sktransfer.augmentation._base import Augmentation

if TYPE_CHECKING:
    from torch import Tensor


class FeatureCorruption(Augmentation):
    """Replace a share of the inputs by the same input of a random other row.

    Every column keeps its distribution, skewed or discrete as it may be, which noise does not
    respect.

    Parameters
    ----------
    rate : float, default=0.1
        Probability with which an entry is replaced, in [0, 1].

    See Also
    --------
    FeatureNoise : Small changes of every input.
    Mixup : Mixtures of two rows.

    References
    ----------
    D. Bahri, H. Jiang, Y. Tay, D. Metzler, "SCARF: Self-Supervised Contrastive Learning using
    Random Feature Corruption", ICLR 2022, section 3 (the corruption alone).

    Examples
    --------
    >>> import numpy as np, torch
    >>> from sktransfer.augmentation import FeatureCorruption
    >>> X, y = torch.arange(6.0).reshape(3, 2), torch.zeros(3, 1)
    >>> changed, _ = FeatureCorruption(rate=0.5).augment(X, y, np.random.RandomState(0))
    >>> bool((changed[:, 0] % 2 == 0).all()), bool((changed[:, 1] % 2 == 1).all())
    (True, True)
    """

    _parameter_constraints = {"rate": [Interval(Real, 0, 1, closed="both")]}

    def __init__(self, rate=0.1):
        self.rate = rate

    def augment(self, X: Tensor, y: Tensor, rng: np.random.RandomState) -> tuple[Tensor, Tensor]:
        import torch

        shape = tuple(X.shape)
        other = torch.from_numpy(rng.randint(len(X), size=shape)).to(X.device)
        replaced = torch.from_numpy(rng.uniform(size=shape) < self.rate).to(X.device)
        return torch.where(replaced, X.gather(0, other), X), y
