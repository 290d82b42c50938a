"""One network: trained, restored, and described by its arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sktransfer._alignment import Prepared
from sktransfer._fitting._decay import decay_factor, on_stream, sizes_of_losses
from sktransfer._fitting._level_effects import LevelEffects, level_effects
from sktransfer._fitting._listener import FitListener
from sktransfer._fitting._rows import split_table, training_data
from sktransfer._fitting._settings import resolve, schedule
from sktransfer._networks import (
    build_network,
    forward,
    head_masks,
    in_users_unit,
    reference_layers,
    start_at_zero,
)
from sktransfer._preprocessing import (
    Table,
    constant_columns,
    encode,
    encode_target,
    measure_statistics,
)
from sktransfer._records import (
    DenseLayer,
    FitOptions,
    History,
    InputSchema,
    Member,
    Phase,
    TargetSchema,
    TrainingSettings,
    TransferPlan,
)
from sktransfer._targets import TargetCodec, constants

if TYPE_CHECKING:
    from sktransfer._networks import DenseNetwork
    from sktransfer._training import FlatOptimizer, SilentNet, TrainingData, TransferNet

#: The logarithm of a rate of which no row is above 0.
_LEAST_LOG_RATE = -8.0
#: Begins the task that scikit-learn's callbacks see: most epochs, and a network that still trains
#: → the member as if training had stopped there.
Snapshot = Callable[["DenseNetwork"], Member]
Follow = Callable[[int, Snapshot], FitListener | None]


@dataclass(frozen=True, eq=False)
class FittedMember:
    """A member, and what trained it if that was a network.

    Attributes
    ----------
    member : Member
    net : skorch.NeuralNet or None
    optimizer : FlatOptimizer or None
        With its state, for a network that is resumed.
    """

    member: Member
    net: TransferNet | SilentNet | None = None
    optimizer: FlatOptimizer | None = None


def train_network(
    prepared: Prepared,
    options: FitOptions,
    target: TargetCodec,
    table: Table,
    rng: np.random.RandomState,
    follow: Follow,
    *,
    is_part: bool = False,
    is_primary: bool = True,
    before: FittedMember | None = None,
) -> FittedMember:
    """Train one network on the rows of a table.

    Parameters
    ----------
    prepared : Prepared
    options : FitOptions
    target : TargetCodec
    table : Table
        Encoded rows.
    rng : RandomState
    follow : callable
    is_part : bool, default=False
        Whether this is one of many runs whose predictions are averaged.
    is_primary : bool, default=True
        Whether the user's callbacks listen.
    before : FittedMember, optional
        The network that is resumed, on a stream with its optimiser.

    Returns
    -------
    FittedMember
    """
    from sktransfer._training import Loss, Watch, make_net, train  # import torch and skorch

    inputs, plan, joint = prepared.inputs, prepared.plan, prepared.joint
    trained, trained_plan = (
        (prepared.target, plan) if joint is None else (joint.target, joint.plan)
    )
    network = (
        _new_network(prepared, options, table, trained, trained_plan, rng)
        if before is None
        else restored_network(before.member, options.dropout)
    )
    rows, held_out = split_table(options, table, inputs, target, rng)
    if joint is not None:
        rows = joint.below(rows)
    history = _history(before, validates=held_out is not None)
    settings, phases = _how_to_train(prepared, options, rows, trained, history, is_part)
    data = training_data(rows, inputs, trained, at_once=options.solver == "lbfgs")
    if options.standardize and before is None:
        start_at_zero(network, inputs_without_change(rows, inputs), trained_plan)
        prepared = _with_statistics(prepared, data)
    effects = None
    if before is None and joint is None and settings.learning_rate == "cosine":
        effects = level_effects(rows, inputs, data, plan)
    if effects is not None:
        network, data = _wider(network, plan, effects), effects.added_to(data)

    task = follow(
        sum(phase.max_iter for phase in phases),
        lambda network: _member(prepared, network, history, effects, copies=True),
    )
    callbacks = options.callbacks if is_primary or not is_part else None
    sizes = sizes_of_losses(rows, trained) if options.standardize else None
    net = make_net(network, Loss(trained.output_losses, sizes), callbacks)
    optimizer = train(
        net,
        data,
        phases,
        settings,
        rng,
        history,
        Watch(_validator(prepared, target, held_out, effects, sizes), task, is_part),
        start=reference_layers(plan, table.dtype) if any(p.l2_to_start for p in phases) else None,
        augmentation=options.augmentation,
        balancing=options.balancing if len(trained.blocks) > 1 else None,
        n_head_layers=len(plan.heads[0]),
        optimizer=before.optimizer if before is not None and options.one_epoch else None,
        one_epoch=options.one_epoch,
    )
    if joint is not None or effects is not None:
        network, curve = _without_others(network, plan, effects), net.history
        optimizer = None if effects is None else optimizer
        net = make_net(network, prepared.target.output_losses, callbacks)
        net.history = curve
    if is_part and task is not None:
        task.run_ends()
    return FittedMember(_member(prepared, network, history), net, optimizer)


def mean_network(
    prepared: Prepared, options: FitOptions, fitted: Sequence[FittedMember]
) -> FittedMember:
    """The network with the mean weights of networks that began alike.

    M. Wortsman et al., "Model soups: averaging weights of multiple fine-tuned models improves
    accuracy without increasing inference time", ICML 2022, section 2.

    Parameters
    ----------
    prepared : Prepared
        With the table of all rows.
    options : FitOptions
    fitted : sequence of FittedMember
        Trained on parts of the rows, through as many epochs each.

    Returns
    -------
    FittedMember
        Its losses are means, too.
    """
    from sktransfer._training import make_net  # imports torch and skorch

    table = prepared.table.of_rows_that_count()
    if options.standardize:
        data = training_data(table, prepared.inputs, prepared.target, at_once=False)
        prepared = _with_statistics(prepared, data)
    members = [one.member for one in fitted]
    nets = [one.net for one in fitted if one.net is not None]

    def mean(arrays: Sequence[np.ndarray]) -> np.ndarray:
        averaged: np.ndarray = np.mean(arrays, axis=0, dtype=np.float64).astype(table.dtype)
        return averaged

    coefs = [mean(layer) for layer in zip(*(one.coefs for one in members), strict=True)]
    intercepts = [mean(layer) for layer in zip(*(one.intercepts for one in members), strict=True)]
    network = _with_weights(nets[0].module_, prepared.plan, coefs, intercepts)
    net = make_net(network, prepared.target.output_losses)
    # a callback may have stopped one of them
    for epoch in zip(*(one.history for one in nets), strict=False):
        net.history.append(dict(epoch[0]))
        for what in ("train_loss", "train_penalty"):
            net.history[-1][what] = float(np.mean([each[what] for each in epoch]))
    curve = [epoch["train_loss"] for epoch in net.history]
    histories = [one.history for one in members if one.history is not None]
    history = replace(
        min(histories, key=lambda one: one.n_iter),
        loss=curve[-1],
        best_loss=min(curve),
        loss_curve=curve,
    )
    return FittedMember(_member(prepared, network, history), net, fitted[0].optimizer)


def _with_statistics(prepared: Prepared, data: TrainingData) -> Prepared:
    """With how the inputs of the rows that a network learns from vary together."""
    statistics = measure_statistics(data.X, data.sample_weight)
    return replace(prepared, inputs=replace(prepared.inputs, statistics=statistics))


def _new_network(
    prepared: Prepared,
    options: FitOptions,
    table: Table,
    trained: TargetSchema,
    plan: TransferPlan,
    rng: np.random.RandomState,
) -> DenseNetwork:
    """A network before its training; constant numbers are where it starts."""
    every = table if prepared.joint is None else prepared.joint.below(table)
    bias = constant_bias(every, trained) if options.standardize else None
    # on a stream, other numbers may follow
    stays = options.standardize and not options.one_epoch
    is_constant = constant_outputs(table, prepared.target) if stays else None
    return build_network(plan, rng, table.dtype, options.dropout, bias, is_constant)


def _how_to_train(
    prepared: Prepared,
    options: FitOptions,
    rows: Table,
    trained: TargetSchema,
    history: History,
    is_part: bool,
) -> tuple[TrainingSettings, list[Phase]]:
    """The settings of a training run, and its phases."""
    settings = resolve(options, rows.n_samples, is_part)
    automatic = options.alpha == "auto" and options.standardize
    if automatic:
        factor = decay_factor(rows, trained, settings.batch_size)
        settings = replace(settings, alpha=settings.alpha * factor)
    n_before = len(history.loss_curve) if options.one_epoch else None
    phases = schedule(prepared.strategy, prepared.plan, settings, n_before)
    if options.one_epoch and options.standardize:
        return on_stream(settings, phases, history.n_samples_seen, automatic)
    return settings, phases


def constant_bias(table: Table, target: TargetSchema) -> np.ndarray | None:
    """Biases with which outputs behind a log link start at the best constant.

    None where no output has such a link: others are centred.
    """
    losses = [task.loss_function for task in target.blocks for _ in range(task.n_outputs)]
    if not any(loss.has_log_link for loss in losses):
        return None
    weight = table.row_weight
    bias = np.zeros(len(losses))
    for at, loss in enumerate(losses):
        known = ~np.isnan(table.y[:, at]) & (weight > 0)
        if loss.has_log_link and known.any():
            rate = loss.constant(table.y[known, at].astype(np.float64), weight[known])
            bias[at] = np.log(rate) if rate > 0 else _LEAST_LOG_RATE
    return bias


def constant_outputs(table: Table, target: TargetSchema) -> np.ndarray:
    """Which outputs have one number in all rows: the network starts at it, and stays there."""
    is_number = np.repeat(
        [task.kind == "regression" for task in target.blocks],
        [task.n_outputs for task in target.blocks],
    )
    found: np.ndarray = is_number & ~np.isnan(constants(table.y, table.sample_weight))
    return found


def inputs_without_change(table: Table, inputs: InputSchema) -> np.ndarray:
    """Which inputs are 0 in all rows, because their column has one value, or none.

    Nothing is learned of their weights: random ones would count once the column changes.
    """
    at = inputs.columns.missing_indicators
    X, weight = table.numbers, table.sample_weight
    if weight is not None and not weight.all():
        X = X[np.flatnonzero(weight)]
    is_constant, has_gaps = constant_columns(X)
    return np.flatnonzero(np.concatenate([is_constant, ~has_gaps[list(at)]]))


def _history(before: FittedMember | None, validates: bool) -> History:
    """The history to fill: a new one, or that of the network that is resumed."""
    history = History()
    if validates:
        history = History(best_loss=None, validation_scores=[], best_validation_score=-np.inf)
    theirs = None if before is None else before.member.history
    if theirs is None or not theirs.loss_curve:
        return history
    history.n_samples_seen = theirs.n_samples_seen
    history.loss_curve = list(theirs.loss_curve)
    if validates == (theirs.validation_scores is not None):
        history.best_loss = theirs.best_loss
        history.best_validation_score = theirs.best_validation_score
        history.best_validation_loss = theirs.best_validation_loss
        history.no_improvement_count = theirs.no_improvement_count
        if validates:
            history.validation_scores = list(theirs.validation_scores or ())
    return history


def _validator(
    prepared: Prepared,
    target: TargetCodec,
    held_out: Table | None,
    effects: LevelEffects | None,
    sizes: tuple[float, ...] | None,
) -> Callable[[DenseNetwork], tuple[float, float]] | None:
    """Network → (score, loss) on the held-out rows; None where there are none."""
    if held_out is None:
        return None
    from sktransfer._training import mean_loss

    schema, plan, weight = prepared.target, prepared.plan, held_out.sample_weight
    sizes = None if sizes is None else sizes[: schema.n_outputs]  # without other tables' tasks
    X = encode(held_out.numbers, prepared.inputs, held_out.dtype)
    y = encode_target(held_out.y, schema, held_out.dtype)

    def validate(network: DenseNetwork) -> tuple[float, float]:
        weights = own_weights(network, plan, effects)
        out = forward(X, *weights, network.activation, schema.out_activation)
        loss = mean_loss(out, y, weight, schema.output_losses, sizes)
        if not np.isfinite(out).all():
            return float("nan"), loss
        return target.score(held_out.y, in_users_unit(out, schema), weight), loss

    return validate


def _member(
    prepared: Prepared,
    network: DenseNetwork,
    history: History,
    effects: LevelEffects | None = None,
    copies: bool = False,
) -> Member:
    """The member with a network's weights, copied where the network still trains."""
    coefs, intercepts = own_weights(network, prepared.plan, effects)
    if copies:
        coefs, intercepts = [w.copy() for w in coefs], [b.copy() for b in intercepts]
    plan = replace(prepared.plan, source=None, report=())
    return prepared.member(coefs, intercepts, plan=plan, history=history)


def _wider(network: DenseNetwork, plan: TransferPlan, effects: LevelEffects) -> DenseNetwork:
    """A network with inputs for effects of levels, too."""
    coefs, intercepts = weights_of(network)
    return _with_weights(network, plan, [effects.wider(coefs[0]), *coefs[1:]], intercepts)


def _without_others(
    network: DenseNetwork, plan: TransferPlan, effects: LevelEffects | None
) -> DenseNetwork:
    """The network of the plan's own inputs and outputs."""
    return _with_weights(network, plan, *own_weights(network, plan, effects))


def _with_weights(
    network: DenseNetwork,
    plan: TransferPlan,
    coefs: Sequence[np.ndarray],
    intercepts: Sequence[np.ndarray],
) -> DenseNetwork:
    from sktransfer._networks import DenseNetwork

    layers = [DenseLayer(weight, bias) for weight, bias in zip(coefs, intercepts, strict=True)]
    n_shared = len(network.shared_layers)
    return DenseNetwork(layers, network.activation, n_shared, network.dropout, head_masks(plan))


def weights_of(network: DenseNetwork) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """``coefs_`` and ``intercepts_``: views of a network's weights, scikit-learn's way round."""
    layers = network.layers
    coefs = [_with_plain_strides(layer.weight.detach().cpu().numpy().T) for layer in layers]
    return coefs, [layer.bias.detach().cpu().numpy() for layer in layers]


def own_weights(
    network: DenseNetwork, plan: TransferPlan, effects: LevelEffects | None = None
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The weights behind the outputs of a plan; the network may have those of other tasks too.

    Other tasks' units follow the plan's own in every layer of the heads.  The first layer takes in
    the effects of levels.
    """
    coefs, intercepts = weights_of(network)
    if effects is not None:
        first = effects.taken_in(coefs[0], intercepts[0])
        coefs, intercepts = [first[0], *coefs[1:]], [first[1], *intercepts[1:]]
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
