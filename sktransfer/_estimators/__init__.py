"""The public estimators."""

from sktransfer._estimators._base import BaseTransferMLP
from sktransfer._estimators._classifier import TransferMLPClassifier
from sktransfer._estimators._fitted import fitted_model
from sktransfer._estimators._load import load
from sktransfer._estimators._multitask import MultiTaskMLP
from sktransfer._estimators._regressor import TransferMLPRegressor
from sktransfer._estimators._report import TransferReport
from sktransfer._estimators._self_supervised import SelfSupervisedMLP
from sktransfer._estimators._table import read_table
from sktransfer._estimators._tasks_apart import shared_gradients, with_tasks_of
from sktransfer._estimators._transformer import SharedLayerTransformer

__all__ = [
    "BaseTransferMLP",
    "MultiTaskMLP",
    "SelfSupervisedMLP",
    "SharedLayerTransformer",
    "TransferMLPClassifier",
    "TransferMLPRegressor",
    "TransferReport",
    "fitted_model",
    "load",
    "read_table",
    "shared_gradients",
    "with_tasks_of",
]
