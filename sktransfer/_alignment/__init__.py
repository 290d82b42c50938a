"""Which column, layer and class of a source is which of the target's."""

from typing import TYPE_CHECKING

from sktransfer._lazy import attach

if TYPE_CHECKING:
    from sktransfer._alignment._align import align
    from sktransfer._alignment._columns import match_inputs
    from sktransfer._alignment._left_behind import warn_nothing_in_common, warn_other_types
    from sktransfer._alignment._output_layer import class_map_of
    from sktransfer._alignment._positions import warn_of_positions
    from sktransfer._alignment._prepare import (
        Prepared,
        choose_columns,
        prepare,
        sizes_of,
        wanted_of,
    )
    from sktransfer._alignment._source_for_table import source_for_table
    from sktransfer._alignment._spelling import Spelling, check_column_map, known_part
    from sktransfer._alignment._units import (
        warn_other_units,
        warn_units_of_chunk,
        warn_units_of_rows,
    )
    from sktransfer._alignment._units_of_predicted import warn_units_of_predicted
    from sktransfer._alignment._unlike import warn_of_spelling
    from sktransfer._alignment._wanted import Wanted

__getattr__, __dir__ = attach(
    __name__,
    {
        "_align": ["align"],
        "_columns": ["match_inputs"],
        "_left_behind": ["warn_nothing_in_common", "warn_other_types"],
        "_output_layer": ["class_map_of"],
        "_positions": ["warn_of_positions"],
        "_prepare": ["Prepared", "choose_columns", "prepare", "sizes_of", "wanted_of"],
        "_source_for_table": ["source_for_table"],
        "_spelling": ["Spelling", "check_column_map", "known_part"],
        "_units": ["warn_other_units", "warn_units_of_chunk", "warn_units_of_rows"],
        "_units_of_predicted": ["warn_units_of_predicted"],
        "_unlike": ["warn_of_spelling"],
        "_wanted": ["Wanted"],
    },
)


__all__ = [
    "Prepared",
    "Spelling",
    "Wanted",
    "align",
    "check_column_map",
    "choose_columns",
    "class_map_of",
    "known_part",
    "match_inputs",
    "prepare",
    "sizes_of",
    "source_for_table",
    "wanted_of",
    "warn_nothing_in_common",
    "warn_of_positions",
    "warn_of_spelling",
    "warn_other_types",
    "warn_other_units",
    "warn_units_of_chunk",
    "warn_units_of_predicted",
    "warn_units_of_rows",
]
