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
    Table,
    categorical_mask,
    check_columns,
    check_rows,
    check_table,
    computing_dtype,
    encode_target,
)

__all__ = [
    "TINY",
    "FrameEncoder",
    "LateInputs",
    "Table",
    "add_indicators",
    "add_waves",
    "apply_transformer",
    "apply_transformers",
    "categorical_mask",
    "check_columns",
    "check_rows",
    "check_table",
    "choose_columns",
    "computing_dtype",
    "encode",
    "encode_target",
    "is_frame",
    "measure_columns",
    "with_correlations",
]
