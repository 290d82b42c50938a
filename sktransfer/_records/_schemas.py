"""What a table's columns, and its target, mean in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sktransfer._records._layers import frozen_array

TargetKind = Literal["binary", "multiclass", "multilabel", "regression"]


@dataclass(frozen=True, eq=False)
class InputSchema:
    """How the columns of a table become the inputs of a network.

    A table is encoded in two steps.  First `transformer`, if there is one, is applied to the
    columns `transformed`, and the columns `passed` are appended to its output.  Then each of
    the resulting *encoded* columns is standardised: ``z = (x - center) / scale``, and with
    `clip` bent smoothly towards the range (-4, 4): ``z / sqrt(1 + (z / 4)²)``.

    Attributes
    ----------
    names : tuple of str or None
        Names of the table's columns, None where it had none.
    n_features : int
        Number of the table's columns.
    encoded_names : tuple of str or None
        Names of the encoded columns.
    center, scale : ndarray of shape (n_encoded,)
        Moments of the encoded columns; zeros and ones leave them as they are.
    absent : ndarray of shape (n_encoded,)
        The standardised value that stands for a column which another table lacks: 0 is its mean.
    clip : bool
        Whether standardised values are bent towards (-4, 4).
    has_moments : bool
        Whether `center` and `scale` are moments of training data, so that they may be mixed
        with another table's.
    transformer : object or None
        A fitted scikit-learn transformer.
    transformed : tuple of int or None
        Positions of the columns that `transformer` takes, in its order; None for all.
    passed : tuple of int
        Positions of the columns that go round `transformer`.
    """

    n_features: int
    center: np.ndarray
    scale: np.ndarray
    absent: np.ndarray
    names: tuple[str, ...] | None = None
    encoded_names: tuple[str, ...] | None = None
    clip: bool = False
    has_moments: bool = False
    transformer: Any = None
    transformed: tuple[int, ...] | None = None
    passed: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name in ("center", "scale", "absent"):
            object.__setattr__(self, name, frozen_array(getattr(self, name), np.float64))
        if not self.center.shape == self.scale.shape == self.absent.shape:
            raise ValueError("center, scale and absent must have one entry per encoded column")

    @property
    def n_encoded(self) -> int:
        return len(self.center)

    @classmethod
    def plain(cls, n_features: int, names: tuple[str, ...] | None = None) -> InputSchema:
        """Columns that go into the network as they are."""
        zeros, ones = np.zeros(n_features), np.ones(n_features)
        return cls(n_features, zeros, ones, zeros, names=names, encoded_names=names)


@dataclass(frozen=True, eq=False)
class TargetSchema:
    """What a network's outputs mean.

    Attributes
    ----------
    kind : {'binary', 'multiclass', 'multilabel', 'regression'}
        A binary classifier has one output, the logit of ``classes[1]``.
    n_outputs : int
        Number of output units.
    classes : ndarray of shape (n_classes,) or None
        Labels in the order of the outputs; None for regression.
    loss : {'log_loss', 'squared_error', 'poisson'}
        What the outputs were trained for; it fixes the output activation.
    center, scale : ndarray of shape (n_outputs,)
        Regression outputs are ``(y - center) / scale``.
    """

    kind: TargetKind
    n_outputs: int
    classes: np.ndarray | None = None
    loss: str = "log_loss"
    center: np.ndarray | None = None
    scale: np.ndarray | None = None

    def __post_init__(self) -> None:
        for name, default in (("center", 0.0), ("scale", 1.0)):
            values = getattr(self, name)
            filled = np.full(self.n_outputs, default) if values is None else values
            object.__setattr__(self, name, frozen_array(filled, np.float64))
        if self.classes is not None:
            object.__setattr__(self, "classes", frozen_array(self.classes))

    @property
    def is_scaled(self) -> bool:
        """Whether regression outputs are in another unit than the user's."""
        return bool(self.center.any() or (self.scale != 1).any())  # type: ignore[union-attr]

    @property
    def out_activation(self) -> str:
        if self.kind == "regression":
            return "exp" if self.loss == "poisson" else "identity"
        return "softmax" if self.kind == "multiclass" else "logistic"
