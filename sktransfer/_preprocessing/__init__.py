"""Say it in numbers: tables to network inputs, labels to network outputs."""

from sktransfer._preprocessing._inputs import encode, fit_inputs
from sktransfer._preprocessing._targets import (
    balanced_weight,
    classification_schema,
    regression_schema,
)

__all__ = [
    "balanced_weight",
    "classification_schema",
    "encode",
    "fit_inputs",
    "regression_schema",
]
