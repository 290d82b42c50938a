"""Who is who: the columns, layers and classes of a source beside those of a target.

Nothing here looks at data.  The outcome, a :class:`TransferPlan`, says for every layer which
starting weights come from the source, and keeps an account of why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sktransfer._records import (
    CarriedLayer,
    CategoricalColumn,
    ColumnMatch,
    InputSchema,
    LayerNames,
    ReportRow,
    SourceDescription,
    TargetSchema,
    TransferPlan,
)
from sktransfer.exceptions import TransferError, TransferWarning, listed, warn

#: Shrinkage of the linear predictions of columns that the target lacks, as a share of variance.
_RIDGE = 0.01
#: Why a layer is fresh though there is a source.
NOTHING_IN_COMMON = "source and target have nothing in common"


@dataclass(frozen=True)
class Wanted:
    """The user's wishes about a network, as far as they were expressed.

    Attributes
    ----------
    hidden_layer_sizes : tuple of int or None
    head_hidden_layer_sizes : tuple of int
    activation : str or None
    n_shared_layers : int or None
    default_sizes : tuple of int
        Hidden layers where neither user nor source name any.
    carries_trunk, carries_head : bool
        What the strategy takes from the source.
    feature_alignment : {'name', 'position'}
    class_map : dict or None
        Label in the source → label in the target, for labels of another name there.
    """

    hidden_layer_sizes: tuple[int, ...] | None
    head_hidden_layer_sizes: tuple[int, ...]
    activation: str | None
    n_shared_layers: int | None
    default_sizes: tuple[int, ...]
    carries_trunk: bool = True
    carries_head: bool = False
    feature_alignment: str = "name"
    class_map: dict | None = None


def align(
    source: SourceDescription | None, inputs: InputSchema, target: TargetSchema, wanted: Wanted
) -> TransferPlan:
    """Lay a source beside a target.

    Parameters
    ----------
    source : SourceDescription or None
        None gives the empty plan: nothing carried, every layer fresh.
    inputs : InputSchema
        What the columns of the target's table become.
    target : TargetSchema
    wanted : Wanted

    Returns
    -------
    TransferPlan

    Warns
    -----
    TransferWarning
        If source and target have no column in common: training is then from scratch.

    Raises
    ------
    TransferError
        If what the user wants does not fit the source.
    """
    hidden = _hidden_sizes(source, wanted)
    activation = _activation(source, wanted)
    n_shared = _n_shared(source, hidden, wanted)
    columns = match_inputs(source, inputs, wanted.feature_alignment)
    carries = source is not None and (n_shared > 0 or _head_alone(source, hidden, wanted))
    if carries and not columns.known.any():
        warn_nothing_in_common(source, inputs)
        carries = False
    if not carries:
        columns, n_shared = ColumnMatch.none(inputs.n_inputs), 0
    heads = tuple((*wanted.head_hidden_layer_sizes, task.n_outputs) for task in target.blocks)
    sizes = (inputs.n_inputs, *hidden, *(sum(widths) for widths in zip(*heads, strict=True)))
    layer_names = LayerNames.of(len(sizes) - 1, n_shared)
    carried = {}
    if carries:
        carried = _carried_trunk(source, columns, layer_names.shared)  # type: ignore[arg-type]
        head = _carried_head(source, target, columns, n_shared, len(sizes) - 2, wanted)
        if head is not None:
            carried[layer_names.task[-1]] = head
    return TransferPlan(
        sizes,
        heads,
        layer_names,
        activation,
        columns,
        source if carried else None,
        carried,
        tuple(_account(source, target, columns, inputs, layer_names, carried, wanted)),
    )


# -- architecture -------------------------------------------------------------------------


def _hidden_sizes(source: SourceDescription | None, wanted: Wanted) -> tuple[int, ...]:
    if wanted.hidden_layer_sizes is not None:
        return wanted.hidden_layer_sizes
    return source.hidden_layer_sizes if source is not None else wanted.default_sizes


def _activation(source: SourceDescription | None, wanted: Wanted) -> str:
    if source is None or not wanted.carries_trunk or not source.hidden_layer_sizes:
        return wanted.activation or (source.activation if source is not None else "relu")
    if wanted.activation not in (None, source.activation):
        raise TransferError.activation(wanted.activation, source.activation)
    return source.activation


def _n_shared(source: SourceDescription | None, hidden: tuple[int, ...], wanted: Wanted) -> int:
    if source is None or not wanted.carries_trunk:
        return 0
    common = 0
    for ours, theirs in zip(hidden, source.hidden_layer_sizes, strict=False):
        if ours != theirs:
            break
        common += 1
    if wanted.n_shared_layers is None:
        if common == 0 and source.hidden_layer_sizes:
            raise TransferError.widths(hidden, source.hidden_layer_sizes)
        return common
    if wanted.n_shared_layers > common:
        raise TransferError.too_many_shared(wanted.n_shared_layers, common)
    return wanted.n_shared_layers


def _head_alone(source: SourceDescription, hidden: tuple[int, ...], wanted: Wanted) -> bool:
    """Whether a source without hidden layers still has its output layer to give."""
    return wanted.carries_head and not source.hidden_layer_sizes and not hidden


# -- columns ------------------------------------------------------------------------------


def match_inputs(
    source: SourceDescription | None, inputs: InputSchema, feature_alignment: str = "name"
) -> ColumnMatch:
    """Which of the target's network inputs are which of the source's."""
    if source is None:
        return ColumnMatch.none(inputs.n_inputs)
    theirs: InputSchema = source.inputs
    by_position = matches_by_position(theirs, inputs, feature_alignment)
    if by_position and not stand_alike(theirs, inputs):
        return ColumnMatch.none(inputs.n_inputs)
    where = {ids: position for position, ids in enumerate(theirs.input_ids(by_position))}
    return ColumnMatch(
        np.array([where.get(ids, -1) for ids in inputs.input_ids(by_position)], dtype=np.intp)
    )


def matches_by_position(theirs: InputSchema, ours: InputSchema, feature_alignment: str) -> bool:
    """Whether two tables' columns are matched by position: where asked for, or for want of names.

    A table that enters a source has columns of the source's names.
    """
    if ours.is_entered:
        return False
    no_names = theirs.encoded_names is None or ours.encoded_names is None
    return feature_alignment == "position" or no_names


def stand_alike(theirs: InputSchema, ours: InputSchema) -> bool:
    """Whether encoded columns can be matched by position: as many, and none a category's level."""
    return theirs.n_encoded == ours.n_encoded and ours.transformer is None


def warn_nothing_in_common(
    source: Any, inputs: InputSchema, instead: str = "Training from scratch"
) -> None:
    """Say that two tables share no column, and what happens `instead`."""
    theirs = source.inputs

    def described(schema: InputSchema) -> str:
        if schema.names is None:
            return f"{schema.n_features} columns without names"
        return f"{schema.n_features} columns such as {listed(schema.names, 3)}"

    ours = set(inputs.names or ())
    made = [name for name in theirs.named_columns if name.partition("__")[2] in ours]
    if made:
        cure = (
            f"The source's own steps call its columns {listed(made, 3)}, and they need all of its "
            "table. Give X all these columns, or let the steps keep the names "
            "(ColumnTransformer(verbose_feature_names_out=False)), or give what the steps make of "
            "X to the network behind them (source=pipeline[-1])."
        )
    elif theirs.names is None or inputs.names is None:
        cure = "Give both tables the same column names, or the same columns in the same order."
    else:
        cure = (
            "Give both tables the same column names where the columns mean the same; where as "
            "many columns stand in the same order, feature_alignment='position' does without."
        )
    warn(
        f"Nothing was carried over from the source ({source.name}): it has {described(theirs)}, X "
        f"has {described(inputs)}, and none is matched. {instead}. {cure}",
        TransferWarning,
    )


# -- layers -------------------------------------------------------------------------------


def _carried_trunk(source: SourceDescription, columns: ColumnMatch, shared) -> dict:
    carried = {}
    for index, name in enumerate(shared):
        layer = source.layers[index]
        weight, bias = (layer.weight, layer.bias) if index else _first_layer(source, columns)
        carried[name] = CarriedLayer(weight, bias, np.ones(len(bias), dtype=bool))
    return carried


def _first_layer(source: SourceDescription, columns: ColumnMatch):
    """Rows of shared columns, zero for the target's own; the source's own are told from the rest.

    Where the source knows how its inputs vary together, an input that the target lacks acts as
    its best linear prediction from the shared ones; else at its mean.
    """
    layer = source.layers[0]
    weight = np.zeros((len(columns.source_position), layer.weight.shape[1]), layer.weight.dtype)
    weight[columns.known] = layer.weight[columns.source_position[columns.known]]
    missing = np.setdiff1d(np.arange(len(layer.weight)), columns.source_position)
    if not len(missing):
        return weight, layer.bias
    at = columns.source_position[columns.known]
    slope, level = _told_from(source.inputs, missing, at)
    weight[columns.known] += (slope @ layer.weight[missing]).astype(weight.dtype)
    return weight, layer.bias + (level @ layer.weight[missing]).astype(layer.bias.dtype)


def _told_from(inputs: InputSchema, missing: np.ndarray, known: np.ndarray):
    """Slope and level of the linear prediction of missing inputs from known ones."""
    if inputs.input_covariance is None or inputs.input_mean is None:
        return np.zeros((len(known), len(missing))), inputs.absent_inputs[missing]
    covariance, mean = inputs.input_covariance.astype(np.float64), inputs.input_mean
    among = covariance[np.ix_(known, known)]
    among = among + np.diag(_RIDGE * among.diagonal() + 1e-8)
    slope = np.linalg.solve(among, covariance[np.ix_(known, missing)])
    return slope, mean[missing] - mean[known] @ slope


def _carried_head(source, target, columns, n_shared: int, n_hidden: int, wanted: Wanted):
    """The output layer, as far as its outputs mean the same; None if none does."""
    whole = n_shared == n_hidden == len(source.hidden_layer_sizes)
    if not wanted.carries_head or not whole or source.target is None:
        return None
    layer = source.layers[-1]
    weight, bias = (layer.weight, layer.bias) if n_hidden else _first_layer(source, columns)
    stacked = np.vstack([weight, bias])  # units as columns, the bias as one more row
    units = _head_units(stacked, source.target, target, wanted.class_map or {})
    if units is None:
        return None
    values, known = units
    return CarriedLayer(values[:-1], values[-1], known)


def _head_units(units: np.ndarray, source: TargetSchema, target: TargetSchema, class_map):
    """The target's output units, and which of them the source gives; None if it gives none."""
    if target.kind == "several":
        return _units_by_task(units, source, target, class_map)
    if (source.kind == "regression") != (target.kind == "regression") or source.kind == "several":
        return None
    if target.kind == "regression":
        same = (source.n_outputs, source.loss) == (target.n_outputs, target.loss)
        return (units, np.ones(target.n_outputs, bool)) if same else None
    return _class_units(units, source, target, class_map)


def _units_by_task(units: np.ndarray, source: TargetSchema, target: TargetSchema, class_map):
    """The units of the tasks that both have under one name."""
    theirs, where = dict(source.tasks), source.columns
    values = np.zeros((len(units), target.n_outputs), units.dtype)
    known = np.zeros(target.n_outputs, bool)
    for name, task in target.tasks:
        at = target.columns[name]
        of_task = name in theirs and task.n_outputs and theirs[name].n_outputs
        given = of_task and _head_units(units[:, where[name]], theirs[name], task, class_map)
        if given:
            values[:, at], known[at] = given
    return (values, known) if known.any() else None


def _class_units(units: np.ndarray, source: TargetSchema, target: TargetSchema, class_map):
    """Output units of the target's classes, and which of them the source knows."""
    if (source.kind == "multilabel") != (target.kind == "multilabel"):
        return None
    theirs, ours = source.labels, target.labels
    _check_class_map(class_map, theirs, ours)
    if source.kind == "binary":  # one logit is the difference of two
        units = np.hstack([-0.5 * units, 0.5 * units])[:, : len(theirs)]
    where = {class_map.get(label, label): i for i, label in enumerate(theirs)}
    positions = np.array([where.get(label, -1) for label in ours])
    known = positions >= 0
    if target.kind == "binary":
        if len(positions) != 2 or not known.all():
            return None
        difference = units[:, positions[1]] - units[:, positions[0]]
        return difference[:, None], np.array([True])
    if not known.any():
        return None
    values = np.zeros((len(units), len(positions)), units.dtype)
    values[:, known] = units[:, positions[known].tolist()]
    return values, known


def _check_class_map(class_map: dict, theirs: list, ours: list) -> None:
    for what, given, known in (
        ("keys", class_map.keys(), theirs),
        ("values", class_map.values(), ours),
    ):
        unknown = [label for label in given if label not in known]
        if unknown:
            of = "the source" if what == "keys" else "the target"
            raise TransferError(
                f"class_map has {what} {listed(unknown)}, which are not labels of {of}; expected "
                f"some of {listed(known)}. It maps labels of the source to labels of the target."
            )


# -- account ------------------------------------------------------------------------------


def _account(source, target, columns, inputs, layer_names, carried, wanted) -> list[ReportRow]:
    if source is None:
        return [ReportRow("layer", name, "fresh", "no source was given") for name in layer_names]
    rows = [
        _layer_row(source, name, layer_names, carried, wanted, columns) for name in layer_names
    ]
    if carried:
        rows += _column_rows(source.inputs, columns, inputs)
    if target.classes is not None and source.target is not None:
        rows += _class_rows(target, carried.get(layer_names.task[-1]))
    return rows


def _layer_row(
    source, name: str, layer_names: LayerNames, carried, wanted: Wanted, columns: ColumnMatch
) -> ReportRow:
    if name in carried:
        layer = carried[name]
        is_first = name == next(iter(layer_names))
        n_inputs = int(columns.known.sum()) if is_first else len(layer.weight)
        n_parameters = int(layer.outputs.sum()) * (n_inputs + 1)
        status = "carried" if layer.outputs.all() else "partly carried"
        return ReportRow("layer", name, status, f"from {source.name}", n_parameters)
    if not wanted.carries_trunk:
        reason = "the strategy starts from scratch"
    elif name == layer_names.task[-1] and not wanted.carries_head:
        reason = "the strategy trains a new output layer"
    elif not carried:
        reason = NOTHING_IN_COMMON
    elif name == layer_names.task[-1] and source.target is not None:
        reason = "the source's outputs mean something else; class_map can say what is the same"
    else:
        reason = "a layer of the new task"
    return ReportRow("layer", name, "fresh", reason)


def _column_rows(theirs: InputSchema, columns: ColumnMatch, ours: InputSchema):
    """A row per column of either table, and one per category of those that have some."""
    used = set(columns.source_position.tolist())
    our_columns = _encoded_of_columns(ours, columns.known)
    their_columns = _encoded_of_columns(theirs, [i in used for i in range(theirs.n_encoded)])
    told = theirs.input_covariance is not None
    stand_in = f"acts {'as told from the shared ones' if told else 'at its mean'}"
    rows = []
    for column, (part, encoded) in our_columns.items():
        n_known = sum(encoded.values())
        new = why = "only in the target: starts at zero"
        if n_known:
            why = "in both tables"
        elif column in their_columns:
            both = {part, their_columns[column][0]} == {"category"}
            what = "without a category in common with" if both else "of another type in"
            new = why = f"{what} the source: starts at zero"
        rows.append(ReportRow("column", column, "carried" if n_known else "fresh", why))
        if part == "category":
            rows += [
                ReportRow(part, name, "carried", "known to the source")
                if known
                else ReportRow(part, name, "fresh", new)
                for name, known in encoded.items()
            ]
    for column, (part, encoded) in their_columns.items():
        reason = f"only in the source: {stand_in}"
        if column not in our_columns and not any(encoded.values()):
            rows.append(ReportRow("column", column, "dropped", reason))
        if part == "category":
            left = [name for name, is_used in encoded.items() if not is_used]
            rows += [ReportRow(part, name, "dropped", reason) for name in left]
    return rows


def _encoded_of_columns(
    schema: InputSchema, flags: Iterable[Any]
) -> dict[str, tuple[str, dict[str, bool]]]:
    """Column → whether it is one or has categories, and the encoded columns, each with a flag."""
    made_of = {name: column for column, name in getattr(schema.transformer, "encoded_columns", ())}
    found: dict[str, tuple[str, dict[str, bool]]] = {}
    for name, flag in zip(schema.named_columns, flags, strict=False):
        column = made_of.get(name)
        part = "category" if isinstance(column, CategoricalColumn) else "column"
        encoded = found.setdefault(name if column is None else column.name, (part, {}))[1]
        encoded[name] = bool(flag)
    return found


def _class_rows(target: TargetSchema, head: CarriedLayer | None) -> list[ReportRow]:
    labels = [str(label) for label in target.labels]
    if head is None:
        return [ReportRow("class", label, "fresh", "a new output layer") for label in labels]
    known = np.broadcast_to(head.outputs, len(labels))
    return [
        ReportRow(
            "class",
            label,
            "carried" if is_known else "fresh",
            "in both tasks" if is_known else "only in the target",
        )
        for label, is_known in zip(labels, known, strict=True)
    ]
