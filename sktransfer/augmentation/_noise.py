"""Gaussian noise on the inputs."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from sktransfer._compat import Interval
from sktransfer.augmentation._base import Augmentation

if TYPE_CHECKING:
    from torch import Tensor


class FeatureNoise(Augmentation):
    """Add Gaussian noise to every input.

    For a small scale it is a penalty on how steep the network is around the training rows.

    Parameters
    ----------
    scale : float, default=0.1
        Standard deviation of the noise, in the unit of the standardised inputs (their own is
        about 1).  At least 0.

    See Also
    --------
    FeatureCorruption : Exchanges inputs between rows.
    Mixup : Mixtures of two rows.

    References
    ----------
    C. M. Bishop, "Training with Noise is Equivalent to Tikhonov Regularization", Neural
    Computation 7(1), 1995.

    Examples
    --------
    >>> import numpy as np, torch
    >>> from sktransfer.augmentation import FeatureNoise
    >>> X, y = torch.zeros(3, 2), torch.zeros(3, 1)
    >>> noisy, _ = FeatureNoise(scale=0.5).augment(X, y, np.random.RandomState(0))
    >>> noisy.shape, bool((noisy != 0).all())
    (torch.Size([3, 2]), True)
    """

    _parameter_constraints = {"scale": [Interval(Real, 0, None, closed="left")]}

    def __init__(self, scale=0.1):
        self.scale = scale

    def augment(self, X: Tensor, y: Tensor, rng: np.random.RandomState) -> tuple[Tensor, Tensor]:
        import torch

        noise = torch.from_numpy(rng.standard_normal(tuple(X.shape))).to(X)
        return X + noise * self.scale, y
