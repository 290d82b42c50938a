"""What every augmentation answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator

if TYPE_CHECKING:
    from torch import Tensor


class Augmentation(BaseEstimator, ABC):
    """Base class of the augmentations.

    They see what the network sees: standardised inputs, and targets in the unit of its outputs
    (indicators of the classes, or standardised numbers).
    """

    _parameter_constraints: dict[str, Any] = {}

    @abstractmethod
    def augment(self, X: Tensor, y: Tensor, rng: np.random.RandomState) -> tuple[Tensor, Tensor]:
        """Changed rows.

        Parameters
        ----------
        X : Tensor of shape (n_rows, n_inputs)
        y : Tensor of shape (n_rows, n_outputs)
        rng : RandomState
            The only source of chance.

        Returns
        -------
        X, y : Tensor
            Of the same shapes; the given ones are left as they are.
        """
