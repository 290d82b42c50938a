"""Say it in numbers: tables to network inputs, labels to network outputs."""

from sktransfer._preprocessing._encode import (
    LateInputs,
    apply_transformer,
    apply_transformers,
    encode,
    with_correlations,
)
from sktransfer._preprocessing._frames import FrameEncoder, is_frame, is_mixed
from sktransfer._preprocessing._inputs import (
    add_indicators,
    add_waves,
    choose_columns,
    measure_columns,
)
from sktransfer._preprocessing._labels import (
    check_are_numbers,
    check_columns_are_labelled,
    missing_entries,
    put_missing_back,
    reading_labels,
    set_missing_aside,
)
from sktransfer._preprocessing._targets import (
    balanced_weight,
    classification_schema,
    count_as_rows,
    decode_labels,
    encode_labels,
    regression_schema,
)
from sktransfer._preprocessing._tasks import (
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
    "FrameEncoder",
    "LabelTask",
    "LateInputs",
    "NoTask",
    "NumberTask",
    "add_indicators",
    "add_waves",
    "apply_transformer",
    "apply_transformers",
    "as_objects",
    "balanced_weight",
    "check_are_numbers",
    "check_columns_are_labelled",
    "choose_columns",
    "classification_schema",
    "count_as_rows",
    "decode_labels",
    "encode",
    "encode_labels",
    "encode_tasks",
    "infer_kind",
    "is_frame",
    "is_mixed",
    "known_values",
    "measure_columns",
    "missing_entries",
    "put_missing_back",
    "read_tasks",
    "reading_labels",
    "regression_schema",
    "set_missing_aside",
    "with_correlations",
    "write_tasks",
]
