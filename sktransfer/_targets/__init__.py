"""``y`` in numbers and back."""

from sktransfer._targets._missing import (
    check_are_numbers,
    check_columns_are_labelled,
    missing_entries,
    put_missing_back,
    reading_labels,
    set_missing_aside,
)
from sktransfer._targets._schemas import (
    balanced_weight,
    classification_schema,
    decode_labels,
    encode_labels,
    regression_schema,
)
from sktransfer._targets._scores import known_accuracy, known_r2
from sktransfer._targets._tasks import (
    LabelTask,
    NoTask,
    NumberTask,
    as_objects,
    encode_tasks,
    infer_kind,
    known_values,
    read_tasks,
    write_tasks,
)

__all__ = [
    "LabelTask",
    "NoTask",
    "NumberTask",
    "as_objects",
    "balanced_weight",
    "check_are_numbers",
    "check_columns_are_labelled",
    "classification_schema",
    "decode_labels",
    "encode_labels",
    "encode_tasks",
    "infer_kind",
    "known_accuracy",
    "known_r2",
    "known_values",
    "missing_entries",
    "put_missing_back",
    "read_tasks",
    "reading_labels",
    "regression_schema",
    "set_missing_aside",
    "write_tasks",
]
