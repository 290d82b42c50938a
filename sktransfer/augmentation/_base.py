"""The interface of every augmentation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import BaseEstimator

from sktransfer._typing import Constraints

if TYPE_CHECKING:
    from torch import Tensor


class Augmentation(BaseEstimator, ABC):
    """Base class of the augmentations.

    They change what the network is given: standardised inputs, and targets in the unit of its
    outputs (indicators of the classes, or standardised numbers).

    See Also
    --------
    Mixup : Mixes rows, targets included.
    FeatureNoise : Adds noise to the inputs.
    FeatureCorruption : Exchanges inputs between rows.

    Examples
    --------
    One of your own, which turns the sign of every input with a probability of one half:

    >>> import torch
    >>> from sktransfer import TransferMLPClassifier
    >>> from sktransfer.augmentation import Augmentation
    >>> class Mirrored(Augmentation):
    ...     def augment(self, X, y, rng):
    ...         signs = rng.choice([-1.0, 1.0], size=tuple(X.shape))
    ...         return X * torch.as_tensor(signs, dtype=X.dtype, device=X.device), y
    >>> X, y = [[-2.0], [-1.0], [0.1], [1.0], [2.0]] * 8, [1, 1, 0, 1, 1] * 8
    >>> model = TransferMLPClassifier(augmentation=Mirrored(), random_state=0).fit(X, y)
    >>> model.predict([[-2.0], [0.0]]).tolist()
    [1, 0]
    """

    _parameter_constraints: Constraints = {}

    @abstractmethod
    def augment(self, X: Tensor, y: Tensor, rng: np.random.RandomState) -> tuple[Tensor, Tensor]:
        """Change training rows.

        It is called anew in every epoch, so that no two epochs see the same rows.

        Parameters
        ----------
        X : Tensor of shape (n_rows, n_inputs)
            Standardised inputs.
        y : Tensor of shape (n_rows, n_outputs)
            Targets in the unit of the outputs.
        rng : RandomState
            The generator of all random numbers.

        Returns
        -------
        X : Tensor of shape (n_rows, n_inputs)
            Inputs to learn from; the given ones are left as they are.
        y : Tensor of shape (n_rows, n_outputs)
            Targets to learn, likewise.

        See Also
        --------
        Mixup.augment : Mixes rows, targets included.

        Examples
        --------
        >>> import numpy as np, torch
        >>> from sktransfer.augmentation import FeatureNoise
        >>> X, y = torch.zeros(4, 2), torch.ones(4, 1)
        >>> noisy, same = FeatureNoise().augment(X, y, np.random.RandomState(0))
        >>> bool((noisy != X).all()), same is y
        (True, True)
        """
