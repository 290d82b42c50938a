"""What a table becomes for a strategy, before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sktransfer._alignment._account import NOTHING_IN_COMMON
from sktransfer._alignment._align import align
from sktransfer._alignment._columns import matches_by_position, stand_alike, warn_other_types
from sktransfer._alignment._wanted import Wanted
from sktransfer._preprocessing import (
    Table,
    add_indicators,
    add_waves,
    categorical_mask,
    choose_columns,
    measure_columns,
)
from sktransfer._records import (
    InputSchema,
    Member,
    ReportRow,
    SourceDescription,
    TargetSchema,
    TransferPlan,
)
from sktransfer._warnings import silenced
from sktransfer.exceptions import TransferWarning
from sktransfer.strategies import Combined, Strategy, check_strategy


@dataclass(frozen=True)
class Prepared:
    """A network before its training.

    Attributes
    ----------
    name : str
        Of a member among several.
    strategy : Strategy
    table : Table
        Its columns encoded.
    inputs : InputSchema
    target : TargetSchema
    plan : TransferPlan
    joint : SourceRows or None
        The source's rows, where it is trained on them too.
    """

    name: str
    strategy: Strategy
    table: Table
    inputs: InputSchema
    target: TargetSchema
    plan: TransferPlan
    joint: Any = None

    def member(self, coefs: Sequence, intercepts: Sequence, **more: Any) -> Member:
        """The member with these layers."""
        return Member(
            self.name,
            self.inputs,
            self.target,
            coefs,
            intercepts,
            self.plan.activation,
            self.plan.source is not None,
            **more,
        )


def prepare(
    estimator: Any,
    table: Table,
    strategies: Mapping[str, Strategy],
    sources: Mapping[str, SourceDescription | None],
) -> list[Prepared]:
    """Decide what a table becomes for each of several strategies, given the source of each.

    Strategies that take from one source share their columns, and so do those that take nothing.

    Returns
    -------
    list of Prepared
    """
    encoded: dict[int | None, tuple[Table, InputSchema]] = {}
    strangers: set[int] = set()
    prepared = []
    for name, strategy in strategies.items():
        source = sources[name]
        is_stranger = id(source) in strangers
        if is_stranger:
            source = None
        key = id(source) if strategy.carries and source is not None else None
        if key not in encoded:
            inputs = encode_columns(estimator, table, source, strategy)  # _preprocessing
            rows = table.encoded(inputs)
            encoded[key] = rows, embed_columns(estimator, rows, inputs, source, strategy)
            if key is not None:
                warn_other_types(source, encoded[key][1], estimator.feature_alignment)
        rows, inputs = encoded[key]
        target = estimator._target_schema(rows)
        plan = align(source, inputs, target, wishes(estimator, strategy))  # _alignment
        if is_stranger:
            plan = replace(plan, report=tuple(map(_of_a_stranger, plan.report)))
        elif strategy.carries_trunk and plan.source is None:
            strangers.add(id(source))  # nothing in common, which has been said
        inputs, target = measure(estimator, rows, inputs, plan, strategy)  # _preprocessing
        prepared.append(Prepared(name, strategy, rows, inputs, target, plan))
    return prepared


def _of_a_stranger(row: ReportRow) -> ReportRow:
    return replace(row, reason=NOTHING_IN_COMMON) if row.part == "layer" else row


#: Hidden layers where neither the user nor a source names any.
DEFAULT_HIDDEN = (256, 256)


SKLEARN_HIDDEN = (100,)


def default_hidden(standardize: bool) -> tuple[int, ...]:
    """Hidden layers of a network that nobody gave a size."""
    return DEFAULT_HIDDEN if standardize else SKLEARN_HIDDEN


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
