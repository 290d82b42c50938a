"""From a checked table to fitted members."""

from sktransfer._fitting._fit import fit_members
from sktransfer._fitting._network import restored_network
from sktransfer._fitting._outcome import Fitted
from sktransfer._fitting._rows import training_data

__all__ = ["Fitted", "fit_members", "restored_network", "training_data"]
