"""The neck of the hourglass: frozen, numpy-only records that the steps hand to each other.

A record checks itself when it is made and does nothing else.  Every step of a fit is a
function from records to records::

    SourceDescription, InputSchema, TargetSchema ─▶ TransferPlan ─▶ [Phase, …] ─▶ History
"""

from sktransfer._activations import ACTIVATIONS
from sktransfer._records._closed_form import (
    AdditiveArrays,
    ClosedForm,
    ColumnScale,
    OutputKind,
    RbfArrays,
    Recalibration,
    TangentArrays,
)
from sktransfer._records._columns import (
    CategoricalColumn,
    Column,
    DatetimeColumn,
    NumberFormat,
    NumericColumn,
    UnencodedColumn,
    missing_indicator_of,
)
from sktransfer._records._fitted import FittedModel
from sktransfer._records._held_out import HeldOutScores, Origin, n_scores
from sktransfer._records._inputs import (
    InputColumns,
    InputId,
    InputScaling,
    InputSchema,
    InputStatistics,
    Transformer,
)
from sktransfer._records._layers import (
    DenseLayer,
    LayerNames,
    MergedClasses,
    NumbersOfRates,
    OutputMap,
)
from sktransfer._records._member import (
    ForeignModel,
    Member,
    Reading,
    Readout,
    TreeArrays,
    output_kind,
)
from sktransfer._records._options import FitOptions, Mode, TableOptions
from sktransfer._records._plan import CarriedLayer, ColumnMatch, ReportRow, TransferPlan
from sktransfer._records._predictor import TablePredictor
from sktransfer._records._saved import SavedModel
from sktransfer._records._schemas import (
    ClassMap,
    Label,
    OutActivation,
    OutputLosses,
    TargetSchema,
    is_rounded,
)
from sktransfer._records._source import SourceDescription
from sktransfer._records._training import History, Phase, TrainingSettings

__all__ = [
    "ACTIVATIONS",
    "AdditiveArrays",
    "CarriedLayer",
    "CategoricalColumn",
    "ClassMap",
    "ClosedForm",
    "Column",
    "ColumnMatch",
    "ColumnScale",
    "DatetimeColumn",
    "DenseLayer",
    "FitOptions",
    "FittedModel",
    "ForeignModel",
    "HeldOutScores",
    "History",
    "InputColumns",
    "InputId",
    "InputScaling",
    "InputSchema",
    "InputStatistics",
    "Label",
    "LayerNames",
    "Member",
    "MergedClasses",
    "Mode",
    "NumberFormat",
    "NumbersOfRates",
    "NumericColumn",
    "Origin",
    "OutActivation",
    "OutputKind",
    "OutputLosses",
    "OutputMap",
    "Phase",
    "RbfArrays",
    "Reading",
    "Readout",
    "Recalibration",
    "ReportRow",
    "SavedModel",
    "SourceDescription",
    "TableOptions",
    "TablePredictor",
    "TangentArrays",
    "TargetSchema",
    "TrainingSettings",
    "TransferPlan",
    "Transformer",
    "TreeArrays",
    "UnencodedColumn",
    "is_rounded",
    "missing_indicator_of",
    "n_scores",
    "output_kind",
]
