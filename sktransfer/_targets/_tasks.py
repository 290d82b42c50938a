"""Several tasks of one table: each column of targets to network outputs and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

import narwhals as nw
import numpy as np
from numpy.typing import ArrayLike

from sktransfer._preprocessing import entries_of, is_frame
from sktransfer._records import TargetSchema
from sktransfer._targets._classes import LabelTask
from sktransfer._targets._missing import missing_entries
from sktransfer._targets._numbers import NumberTask
from sktransfer._typing import CheckedTable, Predictions, TargetLike, is_sparse

#: Whole numbers of more different values than this are amounts, not classes.
MOST_CLASSES = 20
#: The forms in which targets of several tasks come and go: arrays, dicts, and libraries of frames.
FORMS = ("array", "column", "dict", "pandas", "polars", "pyarrow", "modin", "cudf")


def read_tasks(Y: TargetLike) -> tuple[dict[str, np.ndarray], str]:
    """The columns of a table of targets by name, and the form in which they came.

    Parameters
    ----------
    Y : DataFrame, dict of array-like, or array-like of shape (n_samples,) or (n_samples, n_tasks)

    Returns
    -------
    columns : dict of str to ndarray of shape (n_samples,)
        Columns of an array are called 'y0', 'y1', …
    form : {'frame', 'dict', 'array', 'column'} or the name of a library of frames

    Raises
    ------
    ValueError
        If the columns are not of one length, or two of them have one name.
    """
    if isinstance(Y, dict):
        named, form = [(str(k), _entries(v)) for k, v in Y.items()], "dict"
    elif is_frame(Y):
        frame = nw.from_native(Y, eager_only=True)
        # a column of pandas says another name than its frame, where this is a tuple of numbers
        pairs = zip(frame.columns, frame.iter_columns(), strict=True)
        named = [(str(name), _entries(series)) for name, series in pairs]
        form = str(frame.implementation.value)
    else:
        values = np.asarray(Y.toarray() if is_sparse(Y) else Y)
        form = "column" if values.ndim == 1 else "array"
        if values.ndim not in (1, 2):
            raise ValueError(
                f"y has shape {values.shape}; expected one column of targets per task: a frame, a "
                "dict of columns, or an array of shape (n_samples, n_tasks)."
            )
        columns = values.reshape(len(values), -1).T
        named = [(f"y{i}", column) for i, column in enumerate(columns)]
    lengths = {len(column) if column.ndim == 1 else None for _, column in named}
    names = [name for name, _ in named]
    if not named or len(lengths) != 1 or None in lengths or len(set(names)) < len(names):
        raise ValueError(
            f"y has columns {names} of shapes {[c.shape for _, c in named]}; expected at least "
            "one, under different names, each with one entry per row of X. A label that is not "
            "known is NaN or None there."
        )
    return dict(named), form


def _entries(column: ArrayLike | nw.Series) -> np.ndarray:
    """A column in an array; whole numbers stay such where some are missing."""
    series = nw.from_native(column, series_only=True, pass_through=True)
    if not isinstance(series, nw.Series):
        return np.asarray(column)
    values, own = entries_of(series), series.dtype
    if values.dtype.kind == "f" and not (own.is_float() or own.is_decimal()):
        return np.array(series.to_list(), dtype=object)
    return values


def given_names(Y: TargetLike) -> list[str | int]:
    """Names of the columns of a table of targets: numbers as such, any others as texts."""
    if isinstance(Y, dict):
        names = list(Y)
    elif is_frame(Y):
        names = nw.from_native(Y, eager_only=True).columns
    else:
        names = list(read_tasks(Y)[0])
    are_numbers = [isinstance(name, int | np.integer) and type(name) is not bool for name in names]
    return [int(n) if is_int else str(n) for n, is_int in zip(names, are_numbers, strict=True)]


def as_objects(columns: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Columns of any types in one array, None for missing entries, and where these are."""
    missing = np.column_stack([missing_entries(column) for column in columns.values()])
    objects = np.empty(missing.shape, dtype=object)
    for i, column in enumerate(columns.values()):
        objects[:, i] = column
    objects[missing] = None
    return objects, missing


def infer_kind(values: np.ndarray) -> str:
    """'classification' for text, booleans, and whole numbers of few values; else 'regression'.

    Few are at most 20, and no more than half as many as labels: amounts seldom come twice.

    Parameters
    ----------
    values : ndarray of shape (n_labelled,)
    """
    if values.dtype.kind not in "iuf":
        return "classification"
    is_whole = values.dtype.kind in "iu" or bool((values == np.round(values)).all())
    few = len(np.unique(values)) <= max(2, min(MOST_CLASSES, len(values) // 2))
    return "classification" if is_whole and few else "regression"


def known_values(column: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """The known entries of a column of objects, of the type that they have in common."""
    values = np.array(column[~missing].tolist())
    if values.dtype != object or not all(isinstance(v, Decimal | Fraction) for v in values):
        return values
    numbers = values.astype(np.float64)
    are_whole = (numbers == np.round(numbers)).all()  # maybe labels, which are not of such types
    return values if are_whole else numbers


@dataclass(frozen=True, eq=False)
class NoTask:
    """A task without any label: it has no outputs, and its predictions are missing."""

    n_outputs: ClassVar[int] = 0

    def encode(self, values: np.ndarray, name: str) -> np.ndarray:
        if len(values):
            raise ValueError(
                f"Task {name!r} has labels now and had none when it was first fitted, so that the "
                "network has no output for it. Call fit, or give its classes in the first call."
            )
        return np.empty((0, 0))

    def schema(
        self,
        y: np.ndarray,
        sample_weight: np.ndarray | None = None,
        kept: TargetSchema | None = None,
    ) -> TargetSchema:
        return TargetSchema("regression", 0, loss="squared_error")

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        return np.full(len(outputs), np.nan)

    def score(
        self, y_true: np.ndarray, y_pred: np.ndarray, sample_weight: ArrayLike | None = None
    ) -> float:
        return np.nan


Task = LabelTask | NumberTask | NoTask


def make_task(
    kind: str, values: np.ndarray, standardize: bool, loss: str = "squared_error"
) -> Task:
    """The coding of a column of labels; `kind` is ``'classification'`` or ``'regression'``."""
    return NumberTask(standardize, loss) if kind == "regression" else LabelTask.of(values)


def encode_task(task: Task, values: np.ndarray, name: str) -> np.ndarray:
    """Known labels of a task as network outputs, of shape (n_labelled, n_outputs)."""
    if not isinstance(task, LabelTask):
        return task.encode(values, name)
    unknown = np.setdiff1d(values, task.classes)
    if len(unknown):
        raise ValueError(
            f"Task {name!r} has labels {unknown.tolist()} which are not among its classes "
            f"{task.classes.tolist()}. Give all that will ever come when it is first fitted."
        )
    if not len(values):  # a chunk without any label of this task
        return np.empty((0, task.n_outputs))
    return task.encode(values).astype(np.float64)


def encode_tasks(
    tasks: Mapping[str, Task], names: Sequence[str], objects: np.ndarray, missing: np.ndarray
) -> np.ndarray:
    """Targets as network outputs, NaN where missing.

    Parameters
    ----------
    tasks : mapping of str to Task
        In the order of the outputs.
    names : sequence of str
        In the order of the columns of `objects`.
    objects : ndarray of object, shape (n_samples, n_tasks)
    missing : ndarray of bool, shape (n_samples, n_tasks)

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    parts = []
    for name, task in tasks.items():
        i = list(names).index(name)
        part = np.full((len(objects), task.n_outputs), np.nan)
        known = encode_task(task, known_values(objects[:, i], missing[:, i]), name)
        if len(known):
            part[~missing[:, i]] = known
        parts.append(part)
    return np.hstack(parts)


def write_tasks(
    predictions: dict[str, np.ndarray],
    names: Sequence[str | int],
    form: str,
    X: CheckedTable | None,
) -> Predictions:
    """Predictions in the form in which the targets came; see :func:`read_tasks`."""
    if form == "dict":
        return dict(zip(names, predictions.values(), strict=True))
    if form == "column":
        return next(iter(predictions.values()))
    if form == "array":
        columns = list(predictions.values())
        if len({column.dtype.kind in "US" for column in columns}) == 2:  # text and numbers
            columns = [column.astype(object) for column in columns]
        return np.column_stack(columns)
    native = nw.from_dict(predictions, backend=form).to_native()  # type: ignore[arg-type]
    if form == "pandas":
        native.columns = names
        if X is not None and hasattr(X, "index"):
            native.index = X.index
    return native
