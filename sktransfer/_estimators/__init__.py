"""The public estimators."""

from sktransfer._estimators._classifier import TransferMLPClassifier
from sktransfer._estimators._load import load
from sktransfer._estimators._multitask import MultiTaskMLP
from sktransfer._estimators._regressor import TransferMLPRegressor
from sktransfer._estimators._transformer import SharedLayerTransformer

__all__ = [
    "MultiTaskMLP",
    "SharedLayerTransformer",
    "TransferMLPClassifier",
    "TransferMLPRegressor",
    "load",
]
