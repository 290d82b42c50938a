"""What a table becomes for a strategy, before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sktransfer._alignment import NOTHING_IN_COMMON, align, warn_other_types
from sktransfer._planning import embed_columns, encode_columns, measure, wishes
from sktransfer._records import (
    InputSchema,
    Member,
    ReportRow,
    SourceDescription,
    TargetSchema,
    TransferPlan,
)
from sktransfer._table import Table
from sktransfer.strategies import Strategy


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
