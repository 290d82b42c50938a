"""``y`` in numbers and back: one codec for each kind of target."""

from sktransfer._targets._classes import ClassTarget, LabelTask
from sktransfer._targets._codec import Labels, TargetCodec
from sktransfer._targets._missing import (
    check_are_numbers,
    in_their_type,
    missing_entries,
    set_missing_aside,
    with_missing_kept,
)
from sktransfer._targets._numbers import NumberTarget, NumberTask
from sktransfer._targets._schemas import constants
from sktransfer._targets._scores import known_accuracy, known_r2, known_score
from sktransfer._targets._several import TaskTargets, losses_of_tasks, mean_of_known
from sktransfer._targets._tasks import (
    NoTask,
    Task,
    as_objects,
    encode_tasks,
    infer_kind,
    known_values,
    make_task,
    read_tasks,
)

__all__ = [
    "ClassTarget",
    "LabelTask",
    "Labels",
    "NoTask",
    "NumberTarget",
    "NumberTask",
    "TargetCodec",
    "Task",
    "TaskTargets",
    "as_objects",
    "check_are_numbers",
    "constants",
    "encode_tasks",
    "in_their_type",
    "infer_kind",
    "known_accuracy",
    "known_r2",
    "known_score",
    "known_values",
    "losses_of_tasks",
    "make_task",
    "mean_of_known",
    "missing_entries",
    "read_tasks",
    "set_missing_aside",
    "with_missing_kept",
]
