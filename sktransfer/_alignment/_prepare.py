"""What a table becomes for a strategy, before anything is trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any, cast

import numpy as np

from sktransfer._alignment._align import align
from sktransfer._alignment._left_behind import warn_other_types
from sktransfer._alignment._output_layer import class_map_of, maps_all_classes, meaning_of_outputs
from sktransfer._alignment._report_rows import (
    NOTHING_IN_COMMON,
    of_outputs_read,
    share_of_columns,
    with_spelling,
)
from sktransfer._alignment._source_for_table import source_for_table
from sktransfer._alignment._spelling import Spelling, known_part
from sktransfer._alignment._units import warn_units, warn_units_of_predictions
from sktransfer._alignment._unknown_levels import warn_of_refused_levels, warn_of_unknown_levels
from sktransfer._alignment._unlike import (
    warn_of_nameless_probabilities,
    warn_of_other_classes,
    warn_of_other_outputs,
    warn_of_spelling,
    warn_of_threshold,
)
from sktransfer._alignment._wanted import Wanted
from sktransfer._networks import source_outputs
from sktransfer._preprocessing import (
    ColumnUnits,
    Table,
    categorical_mask,
    choose_inputs,
    measure_scaling,
)
from sktransfer._records import (
    ClassMap,
    FitOptions,
    InputColumns,
    InputSchema,
    Member,
    OutputMap,
    ReportRow,
    SourceDescription,
    TableOptions,
    TablePredictor,
    TargetSchema,
    TransferPlan,
)
from sktransfer._targets import TargetCodec
from sktransfer._typing import Entry, Matrix
from sktransfer._warnings import counted, listed
from sktransfer.sources import is_several
from sktransfer.strategies import ClosedFormStrategy, Strategy


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
    uses_source : bool
        Whether anything of it comes from a source.
    output_map : DenseLayer, MergedClasses, NumbersOfRates or None
        From the source's linear outputs to the target's, numbers in the user's unit; None where
        they mean other things.
    own_outputs : ndarray of shape (n_source_outputs, n_targets), or None
        What each of the target's outputs means in linear outputs of the source.
    source : SourceDescription or None
        What it uses, layers or predictions.
    share : float
        Of the source's columns that the table has.
    joint : JointRows or None
        The rows of other tables, where it is trained on them too.
    unlabeled : ndarray or sparse matrix of shape (n_unlabeled, n_encoded), or None
        Encoded rows without targets.
    """

    name: str
    strategy: Strategy
    table: Table
    inputs: InputSchema
    target: TargetSchema
    plan: TransferPlan
    uses_source: bool = False
    output_map: OutputMap | None = None
    own_outputs: np.ndarray | None = None
    source: SourceDescription | None = None
    share: float = 1.0
    joint: Any = None
    unlabeled: Matrix | None = None

    @property
    def labels_agree(self) -> bool:
        """Whether the source's outputs mean the target's."""
        return self.output_map is not None

    @property
    def has_same_classes(self) -> bool:
        """Whether they do, and none of them is of a class that the target lacks."""
        theirs = None if self.source is None else self.source.target
        return theirs is not None and maps_all_classes(self.output_map, theirs, self.target)

    @property
    def has_moved_columns(self) -> bool:
        """Whether its layers read a column that both tables have in another unit than theirs."""
        if self.source is None or self.plan.source is None or not self.source.layers:
            return False
        own, theirs = self.inputs.scaling, self.plan.source.inputs.scaling
        position = self.plan.columns.source_position[: len(own.center)]
        known = position >= 0
        has_center = own.center[known] == theirs.center[position[known]]
        has_scale = own.scale[known] == theirs.scale[position[known]]
        return not (has_center & has_scale).all()

    @property
    def predictor(self) -> TablePredictor | None:
        """The source that it reads by its predictions, None where that has layers."""
        return None if self.source is None or self.source.layers else self.source.predictor

    def member(
        self, coefs: Sequence[np.ndarray], intercepts: Sequence[np.ndarray], **more: Any
    ) -> Member:
        """The member with these layers."""
        return Member(
            self.name,
            self.inputs,
            self.target,
            coefs,
            intercepts,
            self.plan.activation,
            self.uses_source,
            predictor=self.predictor,
            **more,
        )


def prepare(
    options: FitOptions,
    target: TargetCodec,
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
    shared = _Shared(options, target, table)
    every = [shared.prepare(name, one, sources[name]) for name, one in strategies.items()]
    for one in every:
        agrees = one.source is None or one.labels_agree or one.target.kind == "several"
        agrees |= len(one.target.labels) == 1  # every prediction is it, whatever the source has
        if one.strategy is options.strategy and _is_as_it_is(one.strategy) and not agrees:
            warn_of_other_outputs(cast("SourceDescription", one.source), one.target)
            return every
    for one in every if options.class_map is None else ():
        if one.source and (isinstance(one.strategy, ClosedFormStrategy) or one.plan.keeps_head):
            warn_of_other_classes(one.source, one.target)
    return every


def _is_as_it_is(strategy: Strategy) -> bool:
    """Whether a strategy changes nothing of what the source predicts."""
    return isinstance(strategy, ClosedFormStrategy) and strategy.needs_agreement


class _Shared:
    """What strategies have in common: a source is read once, columns are measured once for each.

    Parameters
    ----------
    options : FitOptions
    target : TargetCodec
    table : Table
    """

    def __init__(self, options: FitOptions, target: TargetCodec, table: Table) -> None:
        self._options, self._target, self._table = options, target, table
        # by the identity of a source; of columns that are encoded as the table's own, by None
        self._met: dict[int, tuple[SourceDescription | None, Spelling, ClassMap | None]] = {}
        self._encoded: dict[int | None, tuple[Table, InputColumns]] = {}
        self._units: dict[int | None, ColumnUnits] = {}
        self._unmatched: set[int] = set()
        self._looked_at: set[int] = set()

    def prepare(self, name: str, strategy: Strategy, given: SourceDescription | None) -> Prepared:
        """What the table becomes for a strategy and its source."""
        if id(given) not in self._met:
            self._met[id(given)] = _source_for(self._options, given, self._table)
        source, spelling, class_map = self._met[id(given)]
        if _reads_predictions(strategy, source):
            prepared = self._align(name, strategy, None, spelling, class_map)
            warn_of_spelling(source, spelling)
            return _on_predictions(prepared, source, class_map)
        if source is not None and not source.layers and strategy is not self._options.strategy:
            source = None  # of an ensemble's members some start from layers
        return self._align(name, strategy, source, spelling, class_map)

    def _align(
        self,
        name: str,
        strategy: Strategy,
        source: SourceDescription | None,
        spelling: Spelling,
        class_map: ClassMap | None,
    ) -> Prepared:
        options, is_unmatched = self._options, id(source) in self._unmatched
        if is_unmatched:
            source = None
        key = id(source) if strategy.carries and source is not None else None
        if key not in self._encoded:
            self._encoded[key] = choose_columns(options, self._table, source, strategy)
            if key is not None:
                warn_other_types(source, self._encoded[key][1], options.feature_alignment)
                warn_of_spelling(source, spelling)
        rows, columns = self._encoded[key]
        schema = self._target.schema(rows.y, rows.sample_weight)
        plan = align(source, columns, schema, wanted_of(options, strategy, class_map))
        if spelling.differs:
            plan = replace(plan, report=with_spelling(plan.report, spelling))
        if is_unmatched:
            plan = replace(plan, report=tuple(map(_of_unmatched, plan.report)))
        elif source is not None and strategy.carries_trunk and plan.source is None:
            self._unmatched.add(id(source))  # nothing in common, which has been said
        if key not in self._units and (options.standardize or plan.source is not None):
            self._units[key] = ColumnUnits.of(rows.numbers, columns, rows.sample_weight)
        inputs = measure_inputs(options, rows, columns, plan, strategy, self._units.get(key))
        used = None if plan.source is None else source
        if used is not None and id(used) not in self._looked_at:
            self._looked_at.add(id(used))
            warn_units(used, rows.numbers, self._units[key], inputs, plan)
            warn_of_unknown_levels(used, self._table.X)
        if source is not None and plan.keeps_head:
            schema = self._target.schema(rows.y, rows.sample_weight, source.target)
        own, output_map = _meaning(used, schema, class_map)
        if used is not None and _keeps_all_layers(strategy, used, plan):
            agrees = output_map is not None
            rows_of_plan = of_outputs_read(plan.report, used, plan.layer_names, agrees)
            plan = replace(plan, report=rows_of_plan)
        share, is_used = share_of_columns(plan.report), used is not None
        return Prepared(
            name, strategy, rows, inputs, schema, plan, is_used, output_map, own, used, share
        )


def _source_for(
    options: FitOptions, source: SourceDescription | None, table: Table
) -> tuple[SourceDescription | None, Spelling, ClassMap | None]:
    """A source with the table's names, and what of the class map is about it."""
    if source is None:
        return None, Spelling(), options.class_map
    class_map = class_map_of(options, source)
    if is_several(options.source):
        options = replace(options, column_map=known_part(options.column_map, source))
    return *source_for_table(source, table.X, table.names, options), class_map


def _reads_predictions(strategy: Strategy, source: SourceDescription | None) -> bool:
    """Whether a strategy takes the predictions of a source that has no layers."""
    if source is None or source.layers or source.target is None or not strategy.carries_trunk:
        return False
    return not strategy.trains_network and "hidden" not in strategy.reads


def _keeps_all_layers(strategy: Strategy, source: SourceDescription, plan: TransferPlan) -> bool:
    """Whether a strategy reads the outputs of a source's network and trains none."""
    if strategy.trains_network or len(plan.layer_names.shared) != len(source.layers) - 1:
        return False
    reads = getattr(strategy, "features", strategy.reads)
    return isinstance(strategy, ClosedFormStrategy) or "outputs" in reads


def _on_predictions(
    prepared: Prepared, source: SourceDescription | None, class_map: ClassMap | None
) -> Prepared:
    """A member that reads the predictions of a source without layers, called once per table."""
    assert source is not None and source.predictor is not None
    table, predictor = prepared.table, source.predictor
    key = id(predictor)
    known = table.of_sources
    if key not in known:
        known[key] = source_outputs(predictor, table.given, table.names)
        warn_of_unknown_levels(source, table.given)
        warn_of_refused_levels(source, table.given)
        warn_units_of_predictions(source, table.numbers, prepared.inputs.columns)
        warn_of_nameless_probabilities(source, known[key], prepared.target)
        warn_of_threshold(source, prepared.target)
    if (known[key] > 0).all():
        source = _with_link_of(source, prepared.target)
    # it is no network: there is nothing to report about layers
    others = [row for row in prepared.plan.report if row.part != "layer"]
    report = (_predictions_row(source, table.names), *others)
    own, output_map = _meaning(source, prepared.target, class_map)
    return replace(
        prepared,
        table=replace(table, outputs=known[key]),
        plan=replace(prepared.plan, report=report),
        uses_source=True,
        output_map=output_map,
        own_outputs=own,
        source=source,
        share=_share_of_known(source, table.names),
    )


def _with_link_of(source: SourceDescription, target: TargetSchema) -> SourceDescription:
    """A source whose positive predictions are rates, where the target's outputs are such.

    Its logarithm is then what the target starts from.
    """
    theirs = source.target
    if theirs is None or theirs.kind != "regression" or target.kind != "regression":
        return source
    if not target.loss_function.has_log_link:
        return source
    rates = TargetSchema("regression", theirs.n_outputs, None, "poisson")
    return replace(source, target=rates)


def _share_of_known(source: SourceDescription, names: tuple[str, ...] | None) -> float:
    theirs = None if source.predictor is None else source.predictor.names
    return 1.0 if not theirs or names is None else float(np.isin(theirs, names).mean())


def _predictions_row(source: SourceDescription, names: tuple[str, ...] | None) -> ReportRow:
    theirs = None if source.predictor is None else source.predictor.names
    if theirs is None or names is None:
        reason = "its predictions are read; it has no layers"
    else:
        missing = [name for name in theirs if name not in names]
        n_known = len(theirs) - len(missing)
        reach = "reaches" if n_known == 1 else "reach"
        reason = f"{n_known} of {counted(len(theirs), 'column')} {reach} it"
        reason += f", without {listed(missing)}; " if missing else "; "
        reason += "it has no layers"
    by_letter: list[str] = getattr(source.predictor, "read_letter_by_letter", [])
    if by_letter:
        reason += f"; it keeps no list of the levels of {listed(by_letter)}: spell them as it does"
    return ReportRow("source", source.name, "used for its predictions", reason)


def _meaning(
    source: SourceDescription | None, target: TargetSchema, class_map: ClassMap | None
) -> tuple[np.ndarray | None, OutputMap | None]:
    """What the target's outputs mean in those of the source, see :func:`meaning_of_outputs`."""
    if source is None or target.kind == "several":
        return None, None
    return meaning_of_outputs(source, target, class_map)


def _of_unmatched(row: ReportRow) -> ReportRow:
    return replace(row, reason=NOTHING_IN_COMMON) if row.part == "layer" else row


#: Hidden layers where neither the user nor a source names any.
DEFAULT_HIDDEN = (256, 256)
SKLEARN_HIDDEN = (100,)


def default_hidden(standardize: bool) -> tuple[int, ...]:
    """Hidden layers of a network without a given size."""
    return DEFAULT_HIDDEN if standardize else SKLEARN_HIDDEN


def choose_columns(
    options: TableOptions, table: Table, source: SourceDescription | None, strategy: Strategy
) -> tuple[Table, InputColumns]:
    """A table with its columns encoded, and which inputs of a network they become."""
    columns, encoded = choose_inputs(
        table.X,
        table.names,
        categorical_mask(options, table.X, table.names),
        None if source is None or not strategy.carries else source.inputs.columns,
        options.feature_alignment,
        options.standardize,
        options.numeric_embedding,
        options.parse_text,
    )
    return replace(table, X=encoded), replace(columns, truths=table.truths)


def wanted_of(options: FitOptions, strategy: Strategy, class_map: ClassMap | None) -> Wanted:
    """The network that the parameters and the strategy request; the map is about its source."""
    hidden, head = options.hidden_layer_sizes, options.head_hidden_layer_sizes
    if hidden is None or not strategy.trains_network:
        hidden = sizes_of(strategy.hidden_layer_sizes)
    return Wanted(
        hidden,
        head if strategy.trains_network else (),
        options.activation,
        options.n_shared_layers,
        default_hidden(options.standardize),
        strategy.carries_trunk,
        strategy.carries_head,
        # of an ensemble's members some may not apply
        strategy.carries_head and strategy is options.strategy,
        strategy.carries_trunk
        and not strategy.carries_head
        and strategy.trains_network
        and strategy is options.strategy,
        options.feature_alignment,
        class_map,
    )


def _is_whole(value: Entry) -> bool:
    return isinstance(value, Integral)


def sizes_of(sizes: int | Iterable[int] | None) -> tuple[int, ...] | None:
    if sizes is None:
        return None
    sizes = tuple(sizes) if hasattr(sizes, "__iter__") else (sizes,)
    wrong = [one for one in sizes if isinstance(one, bool) or not _is_whole(one)]
    if wrong:
        raise ValueError(
            f"hidden_layer_sizes is {sizes!r}; expected whole numbers of units, as in (256, 256). "
            f"{wrong[0]!r} is a {type(wrong[0]).__name__}: if it is meant, give "
            f"int({wrong[0]!r})."
        )
    if any(size <= 0 for size in sizes):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {list(sizes)}.")
    return tuple(int(size) for size in sizes)


def measure_inputs(
    options: TableOptions,
    table: Table,
    columns: InputColumns,
    plan: TransferPlan,
    strategy: Strategy,
    units: ColumnUnits | None,
) -> InputSchema:
    """The unit of every input."""
    scaling = measure_scaling(
        units,
        columns,
        None if plan.source is None else plan.source.inputs,
        plan.columns,
        strategy.scaling,
        options.standardize,
    )
    if strategy.reads == ("columns",):
        columns = replace(columns, fourier=())
    return InputSchema(columns, scaling)
