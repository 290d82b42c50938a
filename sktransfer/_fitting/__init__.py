"""From a checked table to fitted members."""

from sktransfer._fitting._callbacks import FitTask, check_callbacks
from sktransfer._fitting._ensemble import Job, combine, forget_members
from sktransfer._fitting._joint import check_source_rows, prepare_jointly
from sktransfer._fitting._network import (
    State,
    answering,
    answers,
    network_of,
    restored_network,
    without_arrays,
)
from sktransfer._fitting._report import TransferReport
from sktransfer._fitting._resume import begin_stream, go_on
from sktransfer._fitting._rows import split_table, training_data
from sktransfer._fitting._settings import chosen_augmentation, resolve, schedule

__all__ = [
    "FitTask",
    "Job",
    "State",
    "TransferReport",
    "answering",
    "answers",
    "begin_stream",
    "check_callbacks",
    "check_source_rows",
    "chosen_augmentation",
    "combine",
    "forget_members",
    "go_on",
    "network_of",
    "prepare_jointly",
    "resolve",
    "restored_network",
    "schedule",
    "split_table",
    "training_data",
    "without_arrays",
]
