"""From a checked table to fitted members."""

from sktransfer._fitting._conformal import intervals, prediction_sets, scores_of_rows
from sktransfer._fitting._fit import fit_members
from sktransfer._fitting._network import restored_network
from sktransfer._fitting._outcome import Fitted
from sktransfer._fitting._pooled import with_tables
from sktransfer._fitting._rows import training_data
from sktransfer._fitting._shift import density_ratio

__all__ = [
    "Fitted",
    "density_ratio",
    "fit_members",
    "intervals",
    "prediction_sets",
    "restored_network",
    "scores_of_rows",
    "training_data",
    "with_tables",
]
