"""Public fitted attributes, derived from the one record of a fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sktransfer._estimators._encoded_features import input_names, input_order
from sktransfer._estimators._report import TransferReport
from sktransfer._records import FittedModel, History, Member, OutActivation, ReportRow
from sktransfer._targets import TargetCodec

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


#: What a fitted attribute may be.
Attribute: TypeAlias = (
    "np.ndarray | Sequence[np.ndarray] | Sequence[float] | Sequence[str] | Mapping[str, float]"
    " | Mapping[str, np.ndarray] | float | str | OutActivation | TransferReport | FittedModel"
    " | TargetCodec | None"
)
#: Attributes that a fit may leave; what an earlier one left and this one does not is taken away.
PUBLIC = (
    "coefs_",
    "encoded_feature_names_",
    "intercepts_",
    "n_layers_",
    "n_outputs_",
    "out_activation_",
    "n_iter_",
    "t_",
    "loss_",
    "loss_curve_",
    "best_loss_",
    "validation_scores_",
    "best_validation_score_",
    "transfer_report_",
    "source_scores_",
    "member_weights_",
    "member_losses_",
    "transfer_gain_",
    "transfer_gain_error_",
    "table_gains_",
)


def public_attributes(model: FittedModel, solver: str) -> dict[str, Attribute]:
    """The fitted attributes of an estimator, under scikit-learn's names where it has one."""
    attributes = member_attributes(model.primary_member, solver, model.report, model.source)
    if model.source_scores:
        attributes["source_scores_"] = dict(model.source_scores)
    if model.is_ensemble:
        weights = zip(model.members, model.weights.tolist(), strict=True)
        attributes |= {
            "member_weights_": {member.name: weight for member, weight in weights},
            "member_losses_": dict(model.losses),
            "transfer_gain_": model.gain,
            "transfer_gain_error_": model.gain_error,
            "table_gains_": dict(model.table_gains),
        }
    return attributes


def member_attributes(
    member: Member, solver: str, report: tuple[ReportRow, ...] = (), source: str | None = None
) -> dict[str, Attribute]:
    """Those that describe the primary member: of a read-out on other layers, only its outputs."""
    coefs, intercepts, target = list(member.coefs), list(member.intercepts), member.target
    n_parameters = sum(w.size for w in (*coefs, *intercepts))
    attributes: dict[str, Attribute] = {
        "n_outputs_": target.n_outputs,
        "out_activation_": target.out_activation,
        "transfer_report_": TransferReport(report, source, n_parameters),
    }
    if member.readout is None:
        attributes |= {"coefs_": coefs, "intercepts_": intercepts, "n_layers_": len(coefs) + 1}
    if member.readout is None and coefs:
        columns = member.inputs.columns
        attributes["encoded_feature_names_"] = input_names(columns)
        order = input_order(columns)
        if order != sorted(order):
            coefs[0] = coefs[0][order]
    if member.history is not None:
        attributes |= _curves(member.history, solver)
    return attributes


def _curves(history: History, solver: str) -> dict[str, Attribute]:
    attributes: dict[str, Attribute] = {
        "n_iter_": history.n_iter,
        "t_": history.n_samples_seen,
        "loss_": history.loss,
    }
    if solver != "lbfgs":
        attributes |= {
            "loss_curve_": history.loss_curve,
            "best_loss_": history.best_loss,
            "validation_scores_": history.validation_scores,
            "best_validation_score_": history.best_validation_score,
        }
    return attributes


def fitted_model(estimator: BaseEstimator) -> FittedModel:
    """The record of an estimator's last fit.

    Raises
    ------
    TypeError
        If it is none of this package, such as a pipeline around one.
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    """
    if not hasattr(estimator, "__sktransfer_fitted__"):
        raise TypeError(
            f"The estimator is a {type(estimator).__name__}; expected one of sktransfer. Give it "
            "without what is around it: the last step of a pipeline, pipeline[-1], or the "
            "best_estimator_ of a search."
        )
    return estimator.__sktransfer_fitted__()
