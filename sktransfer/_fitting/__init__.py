"""From a checked table to fitted members."""

from typing import TYPE_CHECKING

from sktransfer._lazy import attach

if TYPE_CHECKING:
    from sktransfer._fitting._conformal import intervals, prediction_sets, scores_of_rows
    from sktransfer._fitting._fit import fit_members
    from sktransfer._fitting._network import restored_network
    from sktransfer._fitting._outcome import Fitted
    from sktransfer._fitting._pooled import with_tables
    from sktransfer._fitting._rows import training_data
    from sktransfer._fitting._shift import density_ratio
    from sktransfer._fitting._stream import measured_target, next_chunk

__getattr__, __dir__ = attach(
    __name__,
    {
        "_conformal": ["intervals", "prediction_sets", "scores_of_rows"],
        "_fit": ["fit_members"],
        "_network": ["restored_network"],
        "_outcome": ["Fitted"],
        "_pooled": ["with_tables"],
        "_rows": ["training_data"],
        "_shift": ["density_ratio"],
        "_stream": ["measured_target", "next_chunk"],
    },
)


__all__ = [
    "Fitted",
    "density_ratio",
    "fit_members",
    "intervals",
    "measured_target",
    "next_chunk",
    "prediction_sets",
    "restored_network",
    "scores_of_rows",
    "training_data",
    "with_tables",
]
