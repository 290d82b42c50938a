"""``X`` in numbers: a table checked, encoded and standardised."""

from sktransfer._preprocessing._encode import (
    LateInputs,
    apply_transformer,
    apply_transformers,
    encode,
    with_correlations,
)
from sktransfer._preprocessing._frames import FrameEncoder, is_frame
from sktransfer._preprocessing._inputs import (
    add_indicators,
    add_waves,
    choose_columns,
    measure_columns,
)
from sktransfer._preprocessing._mean_std import TINY
from sktransfer._preprocessing._table import (
    FLOATS,
    Table,
    can_have_types,
    categorical_mask,
    check_frame,
    computing_dtype,
    count_as_rows,
    encode_target,
    has_types,
    refuse_mask,
)

__all__ = [
    "FLOATS",
    "TINY",
    "FrameEncoder",
    "LateInputs",
    "Table",
    "add_indicators",
    "add_waves",
    "apply_transformer",
    "apply_transformers",
    "can_have_types",
    "categorical_mask",
    "check_frame",
    "choose_columns",
    "computing_dtype",
    "count_as_rows",
    "encode",
    "encode_target",
    "has_types",
    "is_frame",
    "measure_columns",
    "refuse_mask",
    "with_correlations",
]
