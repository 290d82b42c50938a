"""``X`` in numbers: a table checked, encoded and standardised."""

from sktransfer._preprocessing._as_it_seems import forms_of
from sktransfer._preprocessing._bounded import bounded
from sktransfer._preprocessing._column_values import (
    array_in_numbers,
    differ_in_zone,
    frame_in_numbers,
    in_floats,
    in_plain_numbers,
    in_plain_types,
)
from sktransfer._preprocessing._encode import (
    LateInputs,
    apply_transformer,
    apply_transformers,
    encode,
    fill_inputs,
    measure_statistics,
    rows_at_once,
    without_repeated_entries,
)
from sktransfer._preprocessing._fourier import angular, fourier_features
from sktransfer._preprocessing._frames import FrameEncoder, is_frame, is_mixed, under_names
from sktransfer._preprocessing._inputs import (
    ColumnUnits,
    choose_inputs,
    matches_by_position,
    measure_scaling,
    stand_alike,
)
from sktransfer._preprocessing._kinds import periods_of
from sktransfer._preprocessing._levels import is_number, without_accents
from sktransfer._preprocessing._mean_std import (
    TINY,
    center_and_scale,
    constant_columns,
    rows_of_weight,
)
from sktransfer._preprocessing._no_table import instead_of_a_table
from sktransfer._preprocessing._record_keys import columns_of_records
from sktransfer._preprocessing._refused_entry import (
    Call,
    RefusedEntry,
    about_entry,
    first_row,
    refused_entry,
    takes,
)
from sktransfer._preprocessing._running_units import ChangeOfInputs, distances, follow_rows
from sktransfer._preprocessing._same_types import (
    has_words,
    in_numbers,
    in_own_types,
    in_same_types,
    read_as,
)
from sktransfer._preprocessing._series import (
    entries_of,
    is_dictionary,
    is_missing,
    level_text,
    with_columns,
)
from sktransfer._preprocessing._sparse_inputs import SparseInputs, encode_rows
from sktransfer._preprocessing._spelling import cut_level, same_levels, word_for
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
    needs_digits,
    refuse_mask,
)
from sktransfer._preprocessing._table_columns import (
    TableColumn,
    code_for_numbers,
    numbers_of_texts,
    read_as_datetimes,
    read_as_numbers,
    table_columns,
)
from sktransfer._preprocessing._transformed import (
    Constant,
    RespelledLevels,
    SomeColumn,
    TransformedColumns,
    as_pandas,
    columns_by_name,
    table_of_columns,
)
from sktransfer._preprocessing._truth_columns import (
    truth_columns,
    with_known_types,
    with_truths_read,
)
from sktransfer._preprocessing._words import truth_of

__all__ = [
    "FLOATS",
    "TINY",
    "Call",
    "ChangeOfInputs",
    "ColumnUnits",
    "Constant",
    "FrameEncoder",
    "LateInputs",
    "RefusedEntry",
    "RespelledLevels",
    "SomeColumn",
    "SparseInputs",
    "Table",
    "TableColumn",
    "TransformedColumns",
    "about_entry",
    "angular",
    "apply_transformer",
    "apply_transformers",
    "array_in_numbers",
    "as_pandas",
    "bounded",
    "can_have_types",
    "categorical_mask",
    "center_and_scale",
    "check_frame",
    "choose_inputs",
    "code_for_numbers",
    "columns_by_name",
    "columns_of_records",
    "computing_dtype",
    "constant_columns",
    "count_as_rows",
    "cut_level",
    "differ_in_zone",
    "distances",
    "encode",
    "encode_rows",
    "encode_target",
    "entries_of",
    "fill_inputs",
    "first_row",
    "follow_rows",
    "forms_of",
    "fourier_features",
    "frame_in_numbers",
    "has_types",
    "has_words",
    "in_floats",
    "in_numbers",
    "in_own_types",
    "in_plain_numbers",
    "in_plain_types",
    "in_same_types",
    "instead_of_a_table",
    "is_dictionary",
    "is_frame",
    "is_missing",
    "is_mixed",
    "is_number",
    "level_text",
    "matches_by_position",
    "measure_scaling",
    "measure_statistics",
    "needs_digits",
    "numbers_of_texts",
    "periods_of",
    "read_as",
    "read_as_datetimes",
    "read_as_numbers",
    "refuse_mask",
    "refused_entry",
    "rows_at_once",
    "rows_of_weight",
    "same_levels",
    "stand_alike",
    "table_columns",
    "table_of_columns",
    "takes",
    "truth_columns",
    "truth_of",
    "under_names",
    "with_columns",
    "with_known_types",
    "with_truths_read",
    "without_accents",
    "without_repeated_entries",
    "word_for",
]
