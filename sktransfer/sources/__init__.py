"""What have you got?  Every kind of source is read into one record.

:func:`describe_source` is the only entrance; of several sources each goes through it.  Each kind
has one file with two functions,

``reads(obj) -> bool``
    Whether `obj` is of this kind, fitted or not.
``describe(obj, describe_inner) -> SourceDescription``
    Read it; ``describe_inner(obj, inner)`` reads the estimator that a wrapper holds.

and one line in the index in ``_describe.py``.  A reader looks and copies; it never changes
what it reads.
"""

from typing import TYPE_CHECKING

from sktransfer._lazy import attach
from sktransfer._records import (
    DenseLayer,
    InputColumns,
    InputScaling,
    InputSchema,
    InputStatistics,
    SourceDescription,
    TargetSchema,
)

if TYPE_CHECKING:
    from sktransfer.sources._as_probabilities import threshold_of as threshold_of
    from sktransfer.sources._column_names import alike_names as alike_names
    from sktransfer.sources._column_names import misspelled_names as misspelled_names
    from sktransfer.sources._column_names import plain_name as plain_name
    from sktransfer.sources._column_names import same_names as same_names
    from sktransfer.sources._describe import describe_source
    from sktransfer.sources._known_columns import KnownColumn as KnownColumn
    from sktransfer.sources._known_columns import columns_of_source as columns_of_source
    from sktransfer.sources._known_columns import encoder_of as encoder_of
    from sktransfer.sources._known_columns import entries_of_predictor as entries_of_predictor
    from sktransfer.sources._predictions import by_predictions as by_predictions
    from sktransfer.sources._predictor import Predictor
    from sktransfer.sources._reader import Source as Source
    from sktransfer.sources._reader import Sources as Sources
    from sktransfer.sources._saved_predictor import not_trusted as not_trusted
    from sktransfer.sources._saved_predictor import packed as packed
    from sktransfer.sources._saved_predictor import savable as savable
    from sktransfer.sources._saved_predictor import trust as trust
    from sktransfer.sources._several import describe_sources as describe_sources
    from sktransfer.sources._several import is_several as is_several
    from sktransfer.sources._several import named_sources as named_sources
    from sktransfer.sources._suggest import suggest_columns
    from sktransfer.sources._unknown_levels import (
        columns_of_levels_in_doubt as columns_of_levels_in_doubt,
    )
    from sktransfer.sources._unknown_levels import (
        columns_of_unknown_levels as columns_of_unknown_levels,
    )
    from sktransfer.sources._unknown_levels import (
        levels_that_an_encoder_refuses as levels_that_an_encoder_refuses,
    )

__getattr__, __dir__ = attach(
    __name__,
    {
        "_as_probabilities": ["threshold_of"],
        "_column_names": ["alike_names", "misspelled_names", "plain_name", "same_names"],
        "_describe": ["describe_source"],
        "_known_columns": [
            "KnownColumn",
            "columns_of_source",
            "encoder_of",
            "entries_of_predictor",
        ],
        "_predictions": ["by_predictions"],
        "_predictor": ["Predictor"],
        "_reader": ["Source", "Sources"],
        "_saved_predictor": ["not_trusted", "packed", "savable", "trust"],
        "_several": ["describe_sources", "is_several", "named_sources"],
        "_suggest": ["suggest_columns"],
        "_unknown_levels": [
            "columns_of_levels_in_doubt",
            "columns_of_unknown_levels",
            "levels_that_an_encoder_refuses",
        ],
    },
)


__all__ = [
    "DenseLayer",
    "InputColumns",
    "InputScaling",
    "InputSchema",
    "InputStatistics",
    "Predictor",
    "SourceDescription",
    "TargetSchema",
    "describe_source",
    "suggest_columns",
]
