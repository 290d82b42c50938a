"""The target of several tasks: columns of classes and numbers, with missing labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sktransfer._losses import NUMBER_LOSSES, loss_id, loss_of
from sktransfer._preprocessing import numbers_of_texts
from sktransfer._records import TargetSchema
from sktransfer._targets._classes import LabelTask, warn_of_spelling
from sktransfer._targets._codec import Labels, TargetCodec, agree
from sktransfer._targets._missing import check_are_labels, cure_of_texts
from sktransfer._targets._numbers import NumberTask, unit_of, warn_of_far_value
from sktransfer._targets._schemas import rows_that_count
from sktransfer._targets._tasks import (
    FORMS,
    NoTask,
    Task,
    as_objects,
    encode_tasks,
    given_names,
    infer_kind,
    known_values,
    make_task,
    read_tasks,
    write_tasks,
)
from sktransfer._typing import TargetLike
from sktransfer._warnings import warn
from sktransfer.exceptions import NoLabelsWarning, OneClassWarning

_KINDS = ("classification", "regression")
#: Parameters of losses that are named without one, as the regressor has them.
_USUAL = {"quantile": 0.5, "power": 1.5, "delta": 1.35}


@dataclass(eq=False)
class TaskTargets(TargetCodec):
    """The targets of several tasks.

    Parameters
    ----------
    kinds : mapping of str to {'classification', 'regression'}
        Of tasks whose kind is not inferred from their values.
    standardize : bool
        Whether regressions are standardised.
    names : list of str or int
        The tasks in the order of the columns of `y`, as `y` has them.
    form : str
        The form in which `y` came, see :func:`read_tasks`.
    losses : mapping of str to str
        Of regressions that have another loss than the squared error.
    tasks : dict of str to Task
        The codec of each, in the order of the outputs.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    standardize: bool = True
    names: list[str | int] = field(default_factory=list)
    form: str = ""
    tasks: dict[str, Task] = field(default_factory=dict)
    losses: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.names and not self.tasks:  # before a fit
            return
        names = self.task_names
        if len(set(names)) < len(names) or set(names) != set(self.tasks):
            raise ValueError(f"the tasks {list(self.tasks)} are not those of {names}")
        if self.form not in FORMS:
            raise ValueError(f"targets cannot come as {self.form!r}")

    @property
    def task_names(self) -> list[str]:
        """The tasks as texts, in the order of the columns of `y`."""
        return [str(name) for name in self.names]

    @property
    def classes(self) -> dict[str, np.ndarray]:
        """Classes of each classification, in the order of the columns of `y`."""
        found = {name: self.tasks[name] for name in self.task_names}
        return {name: task.classes for name, task in found.items() if isinstance(task, LabelTask)}

    @property
    def where(self) -> dict[str, slice]:
        """Positions of each task's outputs."""
        positions, start = {}, 0
        for name, task in self.tasks.items():
            positions[name] = slice(start, start + task.n_outputs)
            start += task.n_outputs
        return positions

    def columns(self, y: TargetLike) -> dict[str, np.ndarray]:
        """The columns of a table of targets, in the order of those that were fitted."""
        columns, _ = read_tasks(y)
        if set(columns) != set(self.task_names):
            raise ValueError(
                f"y has the tasks {sorted(columns)}; expected those that were fitted, "
                f"{sorted(self.task_names)}. A task without labels here is a column of missing "
                "entries."
            )
        return {name: columns[name] for name in self.task_names}

    def known(
        self, y: TargetLike | None, labels: Labels
    ) -> tuple[TargetLike | None, np.ndarray | None]:
        if y is None:
            return y, None
        if labels == "new" or not self.names:
            _, self.form = read_tasks(y)
            self.names = given_names(y)
        return as_objects(self.columns(y))

    def declare(self, y: TargetLike, classes: Mapping[str, ArrayLike]) -> None:
        """Fix what the tasks are, by the classes given in the first call of partial_fit."""
        columns, _ = read_tasks(y)
        if not isinstance(classes, Mapping):
            raise TypeError(
                f"classes is a {type(classes).__name__}; expected a dict, {{task: all labels that "
                "will ever come}, of the tasks that are classifications."
            )
        classes = {str(name): given for name, given in classes.items()}
        unknown = sorted(set(classes) - set(columns))
        objects, missing = as_objects(columns)
        if not len(objects):
            raise ValueError(
                "The first chunk has no rows; expected at least one, because the labels of a "
                "regression in it fix its scale. Begin with a chunk that has rows."
            )
        tasks: dict[str, Task] = {}
        for i, name in enumerate(columns):
            values = known_values(objects[:, i], missing[:, i])
            numbers = len(values) and values.dtype.kind in "iuf"
            if unknown or (name not in classes and not numbers):
                raise ValueError(
                    f"The first partial_fit has classes of {sorted(classes)}, and y has the tasks "
                    f"{list(columns)}; expected the classes of every classification, and numbers "
                    f"in every other task, which fails for {unknown[0] if unknown else name!r}. "
                    "Give classes={task: all labels that will ever come}; the labels of a "
                    "regression in the first chunk fix its scale."
                )
            is_label = name in classes
            tasks[name] = (
                LabelTask.of(classes[name])
                if is_label
                else make_task("regression", values, self.standardize, self._loss_of(name))
            )
        self.tasks = {name: tasks[name] for name in sorted(tasks)}

    def encode(self, y, missing, sample_weight, labels):
        if labels == "new":
            self.tasks = self._learned(y, missing)
        return encode_tasks(self.tasks, self.task_names, y, missing), sample_weight

    def warn_of_chunk(self, y, sample_weight, before):
        counts = rows_that_count(y, sample_weight)
        known = {} if before is None else dict(before.tasks)
        for name, at in self.where.items():
            if isinstance(self.tasks[name], NumberTask):
                unit = unit_of(known.get(name), 0)
                warn_of_far_value(self._loss_of(name), counts[:, at.start], f"Task {name!r}", unit)

    def _learned(self, objects: np.ndarray, missing: np.ndarray) -> dict[str, Task]:
        """What the columns of targets are, in the order of their names."""
        for name, kind in self.kinds.items():
            if name not in self.task_names or kind not in _KINDS:
                raise ValueError(
                    f"task_kinds says {name!r}: {kind!r}; expected tasks among "
                    f"{self.task_names}, and 'classification' or 'regression' for each."
                )
        self._check_losses()
        tasks: dict[str, Task] = {}
        for name in sorted(self.task_names):
            i = self.task_names.index(name)
            values = known_values(objects[:, i], missing[:, i])
            if not len(values):
                tasks[name] = NoTask()
                continue
            usual = "regression" if name in self.losses else infer_kind(values)
            kind = self.kinds.get(name, usual)
            if kind == "classification":
                check_are_labels(values, f"Task {name!r}")
                if name not in self.kinds:
                    _warn_of_amounts(values, name)
            tasks[name] = make_task(kind, values, self.standardize, self._loss_of(name))
            task = tasks[name]
            if isinstance(task, LabelTask):
                warn_of_spelling(task.classes, f"Task {name!r}")
            if kind == "regression" and values.dtype.kind in "iuf":
                warn_of_far_value(self._loss_of(name), values, f"Task {name!r}")
        _check_tasks(tasks)
        return tasks

    def _loss_of(self, name: str) -> str:
        return self.losses.get(name, "squared_error")

    def _check_losses(self) -> None:
        for name, loss in self.losses.items():
            if name not in self.task_names or self.kinds.get(name) == "classification":
                raise ValueError(
                    f"loss says {name!r}: {loss!r}; expected regressions among the tasks "
                    f"{self.task_names}. Classes have the log loss: leave them out."
                )

    def schema(self, y, sample_weight, kept=None):
        theirs = {} if kept is None else dict(kept.tasks)
        schemas = {}
        for name, at in self.where.items():
            same = theirs.get(name)
            kept_task = same if same is not None and same.kind == "regression" else None
            schemas[name] = self.tasks[name].schema(y[:, at], sample_weight, kept_task)
        return TargetSchema.concatenated(schemas)

    def check_schema(self, schema: TargetSchema) -> None:
        expected = {
            name: task.schema(None) if isinstance(task, LabelTask) else task
            for name, task in self.tasks.items()
        }
        if schema.kind != "several" or [name for name, _ in schema.tasks] != list(expected):
            raise ValueError("the tasks of the target are not those of the model's outputs")
        for name, theirs in schema.tasks:
            ours = expected[name]
            if isinstance(ours, TargetSchema):
                is_same = agree(ours, theirs)
            else:
                is_same = (theirs.kind, theirs.n_outputs) == ("regression", ours.n_outputs)
                is_same &= theirs.loss == getattr(ours, "loss", theirs.loss)
            if not is_same:
                raise ValueError(f"the outputs of the task {name!r} are others than its target's")

    def by_task(self, outputs: np.ndarray) -> dict[str, np.ndarray]:
        """Predictions of each task, in the order of the columns of `y`."""
        where = self.where
        return {
            name: np.asarray(self.tasks[name].decode(outputs[:, where[name]]))
            for name in self.task_names
        }

    def decode(self, outputs, like=None):
        """Predictions in the form of `y`; a frame has the index of `like`."""
        return write_tasks(self.by_task(outputs), self.names, self.form, like)

    def probabilities(self, outputs: np.ndarray) -> dict[str, np.ndarray]:
        """Probability of each class of each classification."""
        where, found = self.where, {}
        for name in self.task_names:
            task = self.tasks[name]
            if isinstance(task, LabelTask):
                found[name] = task.probabilities(outputs[:, where[name]])
        return found

    def score_tasks(
        self, y: TargetLike, outputs: np.ndarray, sample_weight: ArrayLike | None
    ) -> dict[str, float]:
        """Score of each task for the user's targets; NaN for one without labels."""
        objects, missing = as_objects(self.columns(y))
        predictions, scores = self.by_task(outputs), {}
        for i, name in enumerate(self.task_names):
            known = ~missing[:, i]
            if not known.any():
                scores[name] = np.nan
                continue
            weight = None if sample_weight is None else np.asarray(sample_weight)[known]
            y_true = known_values(objects[:, i], missing[:, i])
            score = self.tasks[name].score(y_true, predictions[name][known], sample_weight=weight)
            scores[name] = float(score)
        return scores

    def score(self, y, outputs, sample_weight):
        predictions, scores = self.by_task(outputs), []
        for name, at in self.where.items():
            known = ~np.isnan(y[:, at]).any(axis=1)
            if not known.any() or at.start == at.stop:
                continue
            task = self.tasks[name]
            weight = None if sample_weight is None else sample_weight[known]
            y_true = np.asarray(task.decode(y[known, at]))
            scores.append(task.score(y_true, predictions[name][known], sample_weight=weight))
        return mean_of_known(scores)


def losses_of_tasks(given: Mapping[str, str]) -> dict[str, str]:
    """The user's losses by task, with their parameters.

    Raises
    ------
    ValueError
        If one is not the name of a loss of numbers.
    """
    losses = {}
    for name, loss in given.items():
        written = loss_id(loss, **_USUAL) if loss in NUMBER_LOSSES else str(loss)
        try:
            is_known = loss_of(written).name in NUMBER_LOSSES
        except ValueError:
            is_known = False
        if not is_known:
            raise ValueError(
                f"loss says {name!r}: {loss!r}; expected one of {list(NUMBER_LOSSES)}, a quantile "
                "or a power behind it in brackets: 'quantile(0.9)', 'tweedie(1.2)'."
            )
        losses[str(name)] = written
    return losses


def _warn_of_amounts(values: np.ndarray, name: str) -> None:
    """Say that a task of texts is learned as classes, and would be a regression as numbers."""
    texts = values.tolist() if values.dtype.kind == "U" else []
    numbers = numbers_of_texts(texts)
    if len(numbers) and infer_kind(numbers) == "regression":
        warn(
            f"Task {name!r} has texts such as {texts[0]!r}, which are learned as "
            f"{len(set(texts))} classes; expected numbers of a regression. "
            f"{cure_of_texts(values, f'y[{name!r}]')} If they are classes, say so: "
            f"task_kinds={{{name!r}: 'classification'}}.",
            UserWarning,
        )


def _check_tasks(tasks: Mapping[str, Task]) -> None:
    empty = [name for name, task in tasks.items() if isinstance(task, NoTask)]
    if len(empty) == len(tasks):
        raise ValueError(
            f"y has no label in any of the tasks {empty}; expected at least one. Missing "
            "entries say that a label is not known."
        )
    if empty:
        warn(
            f"y has no label of the tasks {empty}: their predictions will be missing.",
            NoLabelsWarning,
        )
    for name, task in tasks.items():
        if isinstance(task, LabelTask) and len(task.classes) == 1:
            warn(
                f"Task {name!r} has one class only, {task.classes.tolist()[0]!r}: every "
                "prediction will be it.",
                OneClassWarning,
            )


def mean_of_known(scores: Iterable[float]) -> float:
    """Mean of the scores that are numbers."""
    known = [score for score in scores if not np.isnan(score)]
    return float(np.mean(known)) if known else np.nan
