"""What every coding of targets can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

import numpy as np

from sktransfer._records import TargetSchema
from sktransfer._targets._missing import check_columns_are_labelled, set_missing_aside
from sktransfer._typing import Predictions, TargetLike

#: How labels relate to those of an earlier fit: ``'new'`` ones are learned, ``'same'`` ones must
#: be all of them, ``'known'`` ones may be some.
Labels = Literal["new", "same", "known"]


class TargetCodec(ABC):
    """Codes the user's ``y`` as network outputs, and predictions as what the user gave.

    A codec is made for a fit and learns its classes there; later fits that resume it have the
    same one.  Each kind of target is one subclass.

    Attributes
    ----------
    is_numeric : bool
        Whether `y` must be numbers.
    """

    is_numeric: ClassVar[bool] = False

    def known(
        self, y: TargetLike | None, labels: Labels
    ) -> tuple[TargetLike | None, np.ndarray | None]:
        """The user's targets as far as they are known, and a mask of missing entries or None."""
        y, missing = set_missing_aside(y)
        if labels == "new":
            check_columns_are_labelled(missing)
        return y, missing

    @abstractmethod
    def encode(
        self,
        y: np.ndarray,
        missing: np.ndarray | None,
        sample_weight: np.ndarray | None,
        labels: Labels,
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Targets of shape (n_samples, n_outputs), NaN where missing, and weights of the rows.

        Class weights are multiplied in.
        """

    def warn_of_chunk(  # noqa: B027 (classes are known)
        self, y: np.ndarray, sample_weight: np.ndarray | None, before: TargetSchema | None
    ) -> None:
        """Say which encoded targets of a stream's next rows are far from all others."""

    @abstractmethod
    def schema(
        self, y: np.ndarray, sample_weight: np.ndarray | None, kept: TargetSchema | None = None
    ) -> TargetSchema:
        """What the outputs mean; `kept` is the source's, where its output layer is kept."""

    @abstractmethod
    def check_schema(self, schema: TargetSchema) -> None:
        """Refuse a schema of outputs that a fit with this codec cannot have made.

        Raises
        ------
        ValueError
        """

    @abstractmethod
    def decode(self, outputs: np.ndarray) -> Predictions:
        """Predictions for outputs in the user's unit, of shape (n_samples, n_outputs)."""

    @abstractmethod
    def score(self, y: np.ndarray, outputs: np.ndarray, sample_weight: np.ndarray | None) -> float:
        """Accuracy or R² of outputs in the user's unit, for encoded targets."""

    def other_labels(self, y: TargetLike) -> str:
        """What the targets of another table have that these have not; empty if they may mean them.

        Numbers may always mean the same.
        """
        return ""

    def stratifies(self, y: np.ndarray) -> bool:
        """Whether held-out rows are drawn per class."""
        return False


def agree(first: TargetSchema, second: TargetSchema) -> bool:
    """Whether two schemas mean the same, their units apart."""
    same = (first.kind, first.n_outputs, first.loss, first.labels)
    if same != (second.kind, second.n_outputs, second.loss, second.labels):
        return False
    names = [name for name, _ in first.tasks]
    if names != [name for name, _ in second.tasks]:
        return False
    tasks = zip(first.tasks, second.tasks, strict=True)
    return all(agree(ours, theirs) for (_, ours), (_, theirs) in tasks)
