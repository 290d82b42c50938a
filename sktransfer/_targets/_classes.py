"""Classes: one classification, of one label a row or of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from scipy import sparse
from sklearn.metrics import accuracy_score
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import type_of_target, unique_labels

from sktransfer._records import TargetSchema
from sktransfer._targets._codec import Labels, TargetCodec, agree
from sktransfer._targets._missing import (
    check_are_labels,
    in_their_type,
    put_missing_back,
    reading_labels,
)
from sktransfer._targets._schemas import balanced_weight
from sktransfer._targets._scores import known_accuracy
from sktransfer._typing import Label, Matrix, TargetLike, is_sparse
from sktransfer._warnings import listed, warn
from sktransfer.exceptions import OneClassWarning


@dataclass(frozen=True, eq=False)
class LabelTask:
    """The coding of one classification.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted; of a multilabel target the positions of its columns.
    kind : {'binary', 'multiclass', 'multilabel'}
    is_sparse : bool
        Whether a multilabel target came as a sparse matrix, and predictions go out as one.
    """

    classes: np.ndarray
    kind: Literal["binary", "multiclass", "multilabel"]
    is_sparse: bool = False

    def __post_init__(self) -> None:
        classes = self.classes
        n_classes = len(set(classes.tolist())) if classes.ndim == 1 else 0
        fits = {
            "binary": 1 <= n_classes <= 2,
            "multiclass": n_classes > 2,
            "multilabel": np.array_equal(classes, np.arange(len(classes))),
        }
        if n_classes != classes.size or not fits[self.kind]:
            raise ValueError(f"a {self.kind} target cannot have the classes {classes}")
        if classes.dtype.kind not in "biufOU" or (self.is_sparse and self.kind != "multilabel"):
            raise ValueError(
                f"classes of {classes.dtype} are no labels, or none in sparse columns"
            )

    @classmethod
    def of(cls, labels: TargetLike) -> LabelTask:
        """The coding of labels among which every class comes at least once."""
        check_are_labels(labels)
        kind = type_of_target(labels, input_name="y")
        if kind == "multilabel-indicator":
            return cls(unique_labels(labels), "multilabel", is_sparse(labels))
        if kind not in ("binary", "multiclass"):
            unique_labels(labels)  # raises, and says why these are no labels
        # the type of what is there, as scikit-learn has it: short texts of an array of long ones
        classes = np.asarray(list(np.unique(np.asarray(labels))))
        if not len(classes):
            raise ValueError("y has 0 samples; expected at least one label. Give rows to fit to.")
        return cls(classes, "binary" if len(classes) <= 2 else "multiclass")

    @property
    def n_outputs(self) -> int:
        return 1 if self.kind == "binary" else len(self.classes)

    def encode(self, y: Matrix) -> np.ndarray:
        """Known labels as booleans of shape (n_samples, n_outputs)."""
        if is_sparse(y):
            y = y.toarray()
        if (y.ndim == 2) != (self.kind == "multilabel"):
            fitted = "multilabel" if self.kind == "multilabel" else "binary or multiclass"
            raise ValueError(
                f"y has shape {y.shape}, and the target that was fitted is {fitted}; expected "
                "targets of the same kind. Give y in the form that was fitted."
            )
        if self.kind == "multilabel":
            return y != 0
        if len(self.classes) == 1:
            return np.zeros((len(y), 1), dtype=bool)
        if self.kind == "binary":
            return (y == self.classes[1])[:, np.newaxis]
        return y[:, np.newaxis] == self.classes

    def decode(self, outputs: np.ndarray) -> Matrix:
        """Labels for probabilities of shape (n_samples, n_outputs)."""
        if self.kind == "multilabel":
            indicators = (outputs > 0.5).astype(int)
            return sparse.csr_matrix(indicators) if self.is_sparse else indicators
        if len(self.classes) == 1:
            return np.repeat(self.classes, len(outputs))
        if self.kind == "binary":
            return self.classes[(outputs[:, 0] > 0.5).view(np.int8)]
        return self.classes[outputs.argmax(axis=1)]

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Probability of each class, of shape (n_samples, n_classes)."""
        if self.kind != "binary":
            return outputs
        if len(self.classes) == 1:
            return np.ones_like(outputs)
        return np.hstack([1 - outputs, outputs])

    def schema(
        self,
        y: np.ndarray | None,
        sample_weight: np.ndarray | None = None,
        kept: TargetSchema | None = None,
    ) -> TargetSchema:
        return TargetSchema(self.kind, self.n_outputs, classes=self.classes)

    score = staticmethod(accuracy_score)


#: Texts that missing labels become where a column is converted to text.
_MISSING = frozenset(("", "nan", "NaN", "None", "<NA>", "NaT"))


def warn_of_spelling(classes: np.ndarray, of: str = "y") -> None:
    """Say which classes are probably one, or none: texts that differ in blanks, and ``'nan'``."""
    texts = [label for label in classes.tolist() if isinstance(label, str)]
    missing = [label for label in texts if label.strip() in _MISSING]
    if missing:
        warn(
            f"{of} has the class {missing[0]!r}, which missing labels become as text; expected "
            "labels. Leave these rows out of X and y, unless it is a class of its own.",
            UserWarning,
        )
    plain: dict[str, str] = {}
    for label in texts:
        # letters alone may be classes of their own: 'a' and 'A'
        key = " ".join(label.split())
        key = key.casefold() if len(key) > 1 else key
        other = plain.setdefault(key, label)
        if other != label:
            warn(
                f"{of} has the classes {other!r} and {label!r}, which differ in case or blanks "
                "alone, and are learned as two. Write them alike if they are one, such as with "
                "y.str.strip().str.lower().",
                UserWarning,
            )
            return


#: The weight of each class, of each output where there are several; or how they follow from `y`.
ClassWeight: TypeAlias = Mapping[Label, float] | Sequence[Mapping[Label, float]] | str | None


@dataclass(eq=False)
class ClassTarget(TargetCodec):
    """The target of a classifier.

    Parameters
    ----------
    class_weight : dict, list, 'balanced' or None
    task : LabelTask or None
        What was learned of the classes.
    """

    class_weight: ClassWeight = None
    task: LabelTask = field(default=None)  # type: ignore[assignment]

    def known(
        self, y: TargetLike | None, labels: Labels
    ) -> tuple[TargetLike | None, np.ndarray | None]:
        y, missing = super().known(in_their_type(y), labels)
        if missing is not None and self.class_weight is not None:
            raise ValueError(
                f"class_weight={self.class_weight!r} with missing labels in y; expected every "
                "label of every row, or class_weight=None. The weight of a row is that of all its "
                "labels together: leave out rows with missing labels, or class_weight."
            )
        return y, missing

    def encode(self, y, missing, sample_weight, labels):
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        with reading_labels(y):
            if labels == "new":
                self.task = LabelTask.of(y)
            else:
                self._check_known(unique_labels(y), labels)
        if labels == "new" and len(self.task.classes) == 1:
            (only,) = self.task.classes.tolist()
            warn(f"y has one class only, {only!r}: every prediction will be it.", OneClassWarning)
        if labels == "new":
            warn_of_spelling(self.task.classes)
        encoded = put_missing_back(self.task.encode(y), missing)
        return encoded, balanced_weight(self.class_weight, y, sample_weight)

    def _check_known(self, classes: np.ndarray, labels: Labels) -> None:
        fitted = self.task.classes
        if labels == "same" and set(classes) != set(fitted):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous "
                f"call to fit. Previously got {fitted}, `y` has {classes}"
            )
        if len(np.setdiff1d(classes, fitted, assume_unique=True)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {fitted}. "
                f"'y' has {classes}."
            )

    def schema(self, y, sample_weight, kept=None):
        return self.task.schema(y)

    def check_schema(self, schema: TargetSchema) -> None:
        if not isinstance(self.task, LabelTask) or not agree(self.task.schema(None), schema):
            raise ValueError("the classes of the target are not those of the model's outputs")

    def decode(self, outputs):
        return self.task.decode(outputs)

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Probability of each class, of shape (n_samples, n_classes)."""
        return self.task.probabilities(outputs)

    def score(self, y, outputs, sample_weight):
        missing = np.isnan(y)
        y_true = self.task.decode(np.where(missing, 0.0, y))
        return known_accuracy(y_true, self.task.decode(outputs), missing, sample_weight)

    def other_labels(self, y):
        if self.task.kind == "multilabel":
            ours, theirs = len(self.task.classes), np.shape(y)[1] if np.ndim(y) == 2 else 1
            return "" if ours == theirs else f"{theirs} labels a row, and the target {ours}"
        ours = self.task.classes.tolist()
        unknown = set(np.asarray(y).ravel().tolist()) - set(ours)
        named = listed(sorted(unknown, key=str), 3)
        return f"labels such as {named}, and the target {listed(ours, 3)}" if unknown else ""

    def stratifies(self, y):
        return y.shape[1] == 1
