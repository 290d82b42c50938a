"""Between a network in training and the fitted attributes of an estimator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sktransfer._fitting._report import TransferReport, source_rows
from sktransfer._networks import CHUNK_ROWS, answer, forward, head_masks
from sktransfer._preprocessing import Table, apply_transformers, encode, encode_target
from sktransfer._records import (
    DenseLayer,
    History,
    InputSchema,
    Member,
    TargetSchema,
    TransferPlan,
)

if TYPE_CHECKING:
    from sktransfer._networks import DenseNetwork


def weights_of(network: DenseNetwork) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """``coefs_`` and ``intercepts_``: views of a network's weights, scikit-learn's way round."""
    layers = network.layers
    coefs = [_with_plain_strides(layer.weight.detach().cpu().numpy().T) for layer in layers]
    return coefs, [layer.bias.detach().cpu().numpy() for layer in layers]


def own_weights(
    network: DenseNetwork, plan: TransferPlan
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The weights behind the outputs of a plan; the network may have those of other tasks too.

    Other tasks' units stand behind the plan's own in every layer of the heads.
    """
    coefs, intercepts = weights_of(network)
    if len(intercepts[-1]) == plan.layer_sizes[-1]:
        return coefs, intercepts
    sizes = zip(plan.layer_sizes[:-1], plan.layer_sizes[1:], strict=True)
    coefs = [
        w[:n_inputs, :n_outputs] for w, (n_inputs, n_outputs) in zip(coefs, sizes, strict=True)
    ]
    return coefs, [b[:n] for b, n in zip(intercepts, plan.layer_sizes[1:], strict=True)]


def _with_plain_strides(weight: np.ndarray) -> np.ndarray:
    # an axis of length one has another stride after copying, and joblib's hash looks at strides
    return weight.reshape(-1).reshape(weight.shape) if 1 in weight.shape else weight


def network_of(estimator: Any) -> Member:
    """The network that the attributes of a fitted estimator describe."""
    return Member(
        "",
        estimator._inputs,
        estimator._target,
        estimator.coefs_,
        estimator.intercepts_,
        estimator._activation,
        plan=estimator._plan,
    )


def answering(estimator: Any) -> list[tuple[Member, float]]:
    """What answers for a fitted estimator: members and their weights; a network alone is one."""
    if not hasattr(estimator, "_members"):
        return [(network_of(estimator), 1.0)]
    return [(member, estimator.member_weights_[member.name]) for member in estimator._members]


def answers(estimator: Any, X: Any, dtype: Any) -> np.ndarray:
    """Answers for a checked table, in the user's unit: probabilities or numbers.

    Parameters
    ----------
    estimator : BaseTransferMLP
    X : table of shape (n_samples, n_features)
    dtype : numpy dtype

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    mixed = np.zeros((X.shape[0], estimator.n_outputs_), dtype)
    those = answering(estimator)
    tables = apply_transformers(X, [member.inputs for member, _ in those])
    for (member, weight), encoded in zip(those, tables, strict=True):
        for at in range(0, X.shape[0], CHUNK_ROWS):
            rows = slice(at, at + CHUNK_ROWS)
            mixed[rows] += weight * answer(member, encode(encoded[rows], member.inputs, dtype))
    return mixed


def restored_network(member: Member, dropout: float = 0.0) -> DenseNetwork:
    """A network that can be trained further, rebuilt from its arrays."""
    from sktransfer._networks import DenseNetwork

    plan: TransferPlan = member.plan  # type: ignore[assignment]
    dtype = member.coefs[0].dtype
    layers = [
        DenseLayer(weight.astype(dtype), bias.astype(dtype))
        for weight, bias in zip(member.coefs, member.intercepts, strict=True)
    ]
    n_shared = len(plan.layer_names.shared)
    return DenseNetwork(layers, member.activation, n_shared, dropout, head_masks(plan))


@dataclass
class State:
    """One fit under way: all that becomes fitted attributes when it is done.

    Attributes
    ----------
    estimator : BaseTransferMLP
    network : DenseNetwork
    inputs : InputSchema
    target : TargetSchema
    plan : TransferPlan
    history : History
    """

    estimator: Any
    network: DenseNetwork
    inputs: InputSchema
    target: TargetSchema
    plan: TransferPlan
    history: History = field(default_factory=History)
    resumed: bool = False

    def begin_history(self, resume: bool, validates: bool) -> History:
        """The history to fill: a new one, or the one that a resumed fit goes on with."""
        if validates:
            self.history = History(
                best_loss=None, validation_scores=[], best_validation_score=-np.inf
            )
        before = self.estimator
        self.resumed = resume
        if resume and hasattr(before, "loss_curve_"):
            self.history.n_samples_seen = before.t_
            self.history.loss_curve = list(before.loss_curve_)
            if validates == (before.validation_scores_ is not None):
                self.history.best_loss = before.best_loss_
                self.history.best_validation_score = before.best_validation_score_
                self.history.best_validation_loss = getattr(
                    before, "_best_validation_loss", np.inf
                )
                self.history.no_improvement_count = before._no_improvement_count
                if validates:
                    self.history.validation_scores = list(before.validation_scores_)
        return self.history

    def validator(self, held_out: Table | None) -> Callable | None:
        """Network → (score, loss) on the held-out rows; None where there are none."""
        if held_out is None:
            return None
        from sktransfer._training import mean_loss

        dtype = held_out.dtype
        X = encode(held_out.X, self.inputs, dtype)
        y = encode_target(held_out.y, self.target, dtype)

        def validate(network: DenseNetwork) -> tuple[float, float]:
            weights = own_weights(network, self.plan)
            out = forward(X, *weights, network.activation, self.target.out_activation)
            loss = mean_loss(out, y, held_out.sample_weight, self.target.out_activation)
            if not np.isfinite(out).all():
                return float("nan"), loss
            return self.estimator._validation_score(held_out, out, self.target), loss

        return validate

    def attributes(self, network: DenseNetwork | None = None) -> dict[str, Any]:
        """Fitted attributes under scikit-learn's names, as if training had stopped now.

        Parameters
        ----------
        network : DenseNetwork, optional
            Given while it still trains: its weights are copied.
        """
        coefs, intercepts = own_weights(self.network if network is None else network, self.plan)
        if network is not None:
            coefs, intercepts = [w.copy() for w in coefs], [b.copy() for b in intercepts]
        history = self.history
        attributes = {
            "coefs_": coefs,
            "intercepts_": intercepts,
            "n_layers_": len(coefs) + 1,
            "n_outputs_": self.target.n_outputs,
            "out_activation_": self.target.out_activation,
            "n_iter_": history.n_iter,
            "t_": history.n_samples_seen,
            "loss_": history.loss,
            "_activation": self.network.activation,
            "_inputs": self.inputs,
            "_target": self.target,
            "_plan": self.plan,
            "transfer_report_": self._report(coefs, intercepts),
        }
        if self.estimator.solver != "lbfgs":
            attributes |= {
                "loss_curve_": history.loss_curve,
                "best_loss_": history.best_loss,
                "validation_scores_": history.validation_scores,
                "best_validation_score_": history.best_validation_score,
                "_best_validation_loss": history.best_validation_loss,
                "_no_improvement_count": history.no_improvement_count,
            }
        return attributes

    def _report(self, coefs, intercepts) -> TransferReport:
        before = getattr(self.estimator, "transfer_report_", None)
        if before is not None and self.resumed:
            return before
        n_parameters = sum(w.size for w in (*coefs, *intercepts))
        source = None if self.plan.source is None else self.plan.source.name
        scores = getattr(self.estimator, "source_scores_", {})
        uses_all = getattr(self.estimator.strategy, "sources", "best") == "all"
        rows = (*source_rows(scores, uses_all), *self.plan.report)
        return TransferReport(rows, source, n_parameters)

    def leave_other_tasks(self) -> DenseNetwork:
        """Go on with the network of the plan's own outputs."""
        from sktransfer._networks import DenseNetwork

        coefs, intercepts = own_weights(self.network, self.plan)
        layers = [DenseLayer(w, b) for w, b in zip(coefs, intercepts, strict=True)]
        whole = self.network
        self.network = DenseNetwork(
            layers,
            whole.activation,
            len(whole.shared_layers),
            whole.dropout,
            head_masks(self.plan),
        )
        return self.network

    def publish(self, net: Any, optimizer: Any) -> None:
        """Make it the estimator's, all at once."""
        self.estimator.__dict__.update(self.attributes(), _optimizer=optimizer, _net=net)


def without_arrays(plan: TransferPlan) -> TransferPlan:
    """The account of a transfer, without the weights: they stand in the source."""
    return replace(plan, carried={}, source=None)
