"""The decisions of a fit: what columns become, what is wished, how training proceeds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sktransfer._alignment import Wanted, align, matches_by_position, stand_alike
from sktransfer._preprocessing import (
    add_indicators,
    add_waves,
    choose_columns,
    measure_columns,
)
from sktransfer._recipe import default_hidden
from sktransfer._records import (
    InputSchema,
    Member,
    Phase,
    SourceDescription,
    TargetSchema,
    TrainingSettings,
    TransferPlan,
)
from sktransfer._table import Table, categorical_mask
from sktransfer.augmentation import Augmentation, check_augmentation
from sktransfer.exceptions import TransferWarning, silenced
from sktransfer.strategies import Combined, Scratch, Strategy, check_strategy


def encode_columns(
    estimator: Any, table: Table, source: SourceDescription | None, strategy: Strategy
) -> InputSchema:
    """Which numbers the columns of a table become."""
    return choose_columns(
        table.X,
        table.names,
        categorical_mask(estimator, table.X, table.names),
        _inputs_of(source, strategy),
        by_name=estimator.feature_alignment == "name",
        standardize=estimator.standardize,
    )


def embed_columns(
    estimator: Any,
    table: Table,
    inputs: InputSchema,
    source: SourceDescription | None,
    strategy: Strategy,
) -> InputSchema:
    """What stands beside the numbers: indicators of missing entries, and waves."""
    theirs = _inputs_of(source, strategy)
    by_position = theirs is not None and matches_by_position(
        theirs, inputs, estimator.feature_alignment
    )
    if by_position and not stand_alike(theirs, inputs):  # type: ignore[arg-type]
        theirs, by_position = None, False  # nothing in common
    if estimator.standardize:
        inputs = add_indicators(table.X, inputs, theirs, by_position)
    everywhere = estimator.numeric_embedding == "fourier"
    if everywhere or (estimator.numeric_embedding == "auto" and estimator.standardize):
        inputs = add_waves(table.X, inputs, theirs, by_position, everywhere)
    return inputs


def _inputs_of(source: SourceDescription | None, strategy: Strategy) -> InputSchema | None:
    return None if source is None or not strategy.carries else source.inputs


def wishes(estimator: Any, strategy: Strategy) -> Wanted:
    """The user's wishes about the network."""
    hidden = _sizes(estimator.hidden_layer_sizes)
    head = _sizes(estimator.head_hidden_layer_sizes) or ()
    if hidden is None or strategy.readout is not None:
        hidden = _sizes(strategy.hidden_layer_sizes)
    return Wanted(
        hidden,
        () if strategy.readout is not None else head,
        estimator.activation,
        estimator.n_shared_layers,
        default_hidden(estimator.standardize),
        strategy.carries_trunk,
        strategy.carries_head,
        # of a combination's members some may not apply
        strategy.carries_head and not isinstance(check_strategy(estimator.strategy), Combined),
        estimator.feature_alignment,
        getattr(estimator, "class_map", None),
    )


def _sizes(sizes: Any) -> tuple[int, ...] | None:
    if sizes is None:
        return None
    sizes = tuple(sizes) if hasattr(sizes, "__iter__") else (sizes,)
    if any(size <= 0 for size in sizes):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {list(sizes)}.")
    return tuple(int(size) for size in sizes)


def resumed_plan(
    estimator: Any, network: Member, source: SourceDescription | None, strategy: Strategy
) -> TransferPlan:
    """The plan of a fitted network; what was carried is looked up again after unpickling."""
    plan: TransferPlan = network.plan  # type: ignore[assignment]
    if plan.carried or not plan.layer_names.shared:
        return plan
    with silenced(TransferWarning):  # the first fit has said it
        return align(source, network.inputs, network.target, wishes(estimator, strategy))


def measure(
    estimator: Any, table: Table, inputs: InputSchema, plan: TransferPlan, strategy: Strategy
) -> tuple[InputSchema, TargetSchema]:
    """The unit of every input and output."""
    source = plan.source
    inputs = measure_columns(
        table.X,
        inputs,
        table.sample_weight,
        None if source is None else source.inputs,
        plan.columns,
        strategy.scaling,
        estimator.standardize,
    )
    if strategy.reads == ("columns",):
        inputs = replace(inputs, waves=())
    kept = source.target if source is not None and plan.keeps_head else None
    return inputs, estimator._target_schema(table, kept)


def chosen_augmentation(estimator: Any) -> Augmentation | None:
    """The augmentation, refused where it cannot work."""
    augmentation = check_augmentation(estimator.augmentation)
    if augmentation is not None and estimator.solver == "lbfgs":
        raise ValueError(
            f"augmentation={estimator.augmentation!r} with solver='lbfgs': rows that change at "
            "random give a loss that changes at random, which L-BFGS cannot minimise. Use "
            "solver='adam' or 'sgd', or augmentation=None."
        )
    return augmentation


def schedule(
    estimator: Any,
    strategy: Strategy,
    plan: TransferPlan,
    settings: TrainingSettings,
    one_epoch: bool,
) -> list[Phase]:
    """The phases to train through now."""
    if not plan.carried and not plan.layer_names.shared:
        strategy = Scratch()  # nothing to be careful with
    phases = strategy.phases(plan.layer_names, settings.max_iter)
    are_phases = isinstance(phases, list | tuple) and all(isinstance(p, Phase) for p in phases)
    if not phases or not are_phases:
        raise TypeError(
            f"{type(strategy).__name__}.phases returned {phases!r}; expected a list of at least "
            "one sktransfer.strategies.Phase. Is its `return` missing, or are the brackets?"
        )
    phases = [
        # only what came from the source can be held to it
        replace(phase, pull={k: v for k, v in phase.pull.items() if k in plan.carried})
        for phase in phases
    ]
    if not one_epoch:
        return phases
    # the k-th call is the k-th epoch of the schedule, and the last phase has no end
    epoch = len(getattr(estimator, "loss_curve_", ()))
    for phase in phases[:-1]:
        if epoch < phase.max_iter:
            return [phase]
        epoch -= phase.max_iter
    return [phases[-1]]
