"""Who is who: the columns, layers and classes of a source beside those of a target.

Nothing here looks at data.  The outcome, a :class:`TransferPlan`, says for every layer which
starting weights come from the source, and keeps an account of why.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from sktransfer._records import (
    CarriedLayer,
    ColumnMatch,
    InputSchema,
    LayerNames,
    ReportRow,
    SourceDescription,
    TargetSchema,
    TransferPlan,
)
from sktransfer.exceptions import TransferError, TransferWarning, listed


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
    """

    hidden_layer_sizes: tuple[int, ...] | None
    head_hidden_layer_sizes: tuple[int, ...]
    activation: str | None
    n_shared_layers: int | None
    default_sizes: tuple[int, ...]
    carries_trunk: bool = True
    carries_head: bool = False
    feature_alignment: str = "name"


def align(
    source: SourceDescription | None,
    n_features: int,
    names: tuple[str, ...] | None,
    target: TargetSchema,
    wanted: Wanted,
) -> TransferPlan:
    """Lay a source beside a target.

    Parameters
    ----------
    source : SourceDescription or None
        None gives the empty plan: nothing carried, every layer fresh.
    n_features : int
        Columns of the target's table.
    names : tuple of str or None
        Their names.
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
    columns = match_columns(source, n_features, names, wanted.feature_alignment)
    carries = source is not None and (n_shared > 0 or _head_alone(source, hidden, wanted))
    if carries and columns.entrance == "none":
        _warn_nothing_in_common(source, n_features, names)
        carries, n_shared = False, 0
    if not carries:
        columns, n_shared = _own_columns(n_features, names), 0
    sizes = (len(columns.source_position), *hidden, *wanted.head_hidden_layer_sizes)
    layer_names = LayerNames.of(len(sizes), n_shared)
    carried = {}
    if carries:
        carried = _carried_trunk(source, columns, layer_names.shared)
        head = _carried_head(source, target, columns, n_shared, len(sizes) - 1, wanted)
        if head is not None:
            carried[layer_names.task[-1]] = head
        if not n_shared and head is None:
            columns, carried = _own_columns(n_features, names), {}
    rows = _account(source, target, columns, names, layer_names, carried, wanted)
    return TransferPlan(
        (*sizes, target.n_outputs),
        layer_names,
        activation,
        columns,
        source if carried else None,
        carried,
        tuple(rows),
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


def match_columns(
    source: SourceDescription | None,
    n_features: int,
    names: tuple[str, ...] | None,
    feature_alignment: str = "name",
) -> ColumnMatch:
    """Which of a target's columns are which of the source's.

    A source with a transformer has two entrances.  The raw one is used where the target's
    table has all the columns that the transformer takes (or, without names, as many); else
    the encoded one, behind the transformer.
    """
    if source is None:
        return _own_columns(n_features, names)
    schema: InputSchema = source.inputs  # type: ignore[assignment]
    by_name = feature_alignment == "name" and names is not None
    if schema.transformer is not None:
        raw = _match_raw(schema, n_features, names if by_name else None)
        if raw is not None:
            return raw
    theirs = schema.encoded_names if schema.transformer is not None else schema.names
    if by_name and theirs is not None:
        where = {name: position for position, name in enumerate(theirs)}
        positions = np.array([where.get(name, -1) for name in names], dtype=np.intp)
    elif n_features == schema.n_encoded:
        positions = np.arange(n_features)
    else:
        positions = np.full(n_features, -1)
    entrance = "encoded" if (positions >= 0).any() else "none"
    return ColumnMatch(entrance, positions, encoded_names=names)


def _match_raw(schema: InputSchema, n_features: int, names) -> ColumnMatch | None:
    if names is None or schema.names is None:
        if n_features != schema.n_features:
            return None
        transformed, passed = tuple(range(n_features)), ()
    else:
        if not set(schema.names) <= set(names):
            return None
        where = {name: position for position, name in enumerate(names)}
        transformed = tuple(where[name] for name in schema.names)
        passed = tuple(i for i, name in enumerate(names) if name not in set(schema.names))
    known = np.arange(schema.n_encoded)
    encoded_names = None
    if names is not None and schema.encoded_names is not None:
        encoded_names = (*schema.encoded_names, *(names[i] for i in passed))
    return ColumnMatch(
        "raw",
        np.concatenate([known, np.full(len(passed), -1)]),
        transformed,
        passed,
        encoded_names,
    )


def _own_columns(n_features: int, names: tuple[str, ...] | None) -> ColumnMatch:
    return ColumnMatch("none", np.full(n_features, -1), encoded_names=names)


def _warn_nothing_in_common(source, n_features: int, names) -> None:
    schema = source.inputs
    theirs = "no names" if schema.names is None else f"names such as {listed(schema.names, 3)}"
    ours = "no names" if names is None else f"names such as {listed(names, 3)}"
    warnings.warn(
        f"Nothing was carried over from the source ({source.name}): it has {schema.n_features} "
        f"columns with {theirs}, X has {n_features} with {ours}, and none is the same. Training "
        "from scratch. Give both tables the same column names where the columns mean the same, or "
        "the same number of columns in the same order.",
        TransferWarning,
        stacklevel=4,
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
    """Rows of shared columns; zero for the target's own; the source's own act at their mean."""
    layer = source.layers[0]
    weight = np.zeros((len(columns.source_position), layer.weight.shape[1]), layer.weight.dtype)
    weight[columns.known] = layer.weight[columns.source_position[columns.known]]
    missing = np.setdiff1d(np.arange(len(layer.weight)), columns.source_position)
    absent = source.inputs.absent[missing]  # type: ignore[union-attr]
    bias = layer.bias + (absent @ layer.weight[missing]).astype(layer.bias.dtype)
    return weight, bias


def _carried_head(source, target, columns, n_shared: int, n_hidden: int, wanted: Wanted):
    """The output layer, as far as its outputs mean the same; None if none does."""
    whole = n_shared == n_hidden == len(source.hidden_layer_sizes)
    if not wanted.carries_head or not whole or source.target is None:
        return None
    if (source.target.kind == "regression") != (target.kind == "regression"):
        return None
    layer = source.layers[-1]
    weight, bias = (layer.weight, layer.bias) if n_hidden else _first_layer(source, columns)
    if target.kind == "regression":
        same = (source.target.n_outputs, source.target.loss) == (target.n_outputs, target.loss)
        return CarriedLayer(weight, bias, np.ones(target.n_outputs, bool)) if same else None
    stacked = np.vstack([weight, bias])  # units as columns, the bias as one more row
    units = _class_units(stacked, source.target, target)
    if units is None:
        return None
    values, known = units
    return CarriedLayer(values[:-1], values[-1], known)


def _class_units(units: np.ndarray, source: TargetSchema, target: TargetSchema):
    """Output units of the target's classes, and which of them the source knows."""
    if (source.kind == "multilabel") != (target.kind == "multilabel"):
        return None
    if source.kind == "binary":  # one logit is the difference of two
        units = np.hstack([-0.5 * units, 0.5 * units])[:, : len(source.classes)]
    where = {label: i for i, label in enumerate(source.classes.tolist())}
    positions = np.array([where.get(label, -1) for label in target.classes.tolist()])
    known = positions >= 0
    if target.kind == "binary":
        if len(positions) != 2 or not known.all():
            return None
        difference = units[:, positions[1]] - units[:, positions[0]]
        return difference[:, None], np.array([True])
    if not known.any():
        return None
    values = np.zeros((len(units), len(positions)), units.dtype)
    values[:, known] = units[:, positions[known]]
    return values, known


# -- account ------------------------------------------------------------------------------


def _account(source, target, columns, names, layer_names, carried, wanted) -> list[ReportRow]:
    if source is None:
        return [ReportRow("layer", name, "fresh", "no source was given") for name in layer_names]
    rows = [_layer_row(source, name, layer_names, carried, wanted) for name in layer_names]
    if carried:
        rows += _column_rows(source, columns, names)
    if target.classes is not None and source.target is not None:
        rows += _class_rows(target, carried.get(layer_names.task[-1]))
    return rows


def _layer_row(source, name: str, layer_names: LayerNames, carried, wanted: Wanted) -> ReportRow:
    if name in carried:
        layer = carried[name]
        n_parameters = int(layer.outputs.sum()) * (len(layer.weight) + 1)
        status = "carried" if layer.outputs.all() else "partly carried"
        return ReportRow("layer", name, status, f"from {source.name}", n_parameters)
    if not wanted.carries_trunk:
        reason = "the strategy starts from scratch"
    elif name == layer_names.task[-1] and not wanted.carries_head:
        reason = "the strategy trains a new output layer"
    elif not carried:
        reason = "source and target have nothing in common"
    else:
        reason = "a layer of the new task"
    return ReportRow("layer", name, "fresh", reason)


def _column_rows(source, columns: ColumnMatch, names) -> list[ReportRow]:
    ours = columns.encoded_names or [f"column {i}" for i in range(len(columns.source_position))]
    rows = [
        ReportRow("column", str(name), "carried", "in both tables")
        if known
        else ReportRow("column", str(name), "fresh", "only in the target: starts at zero")
        for name, known in zip(ours, columns.known, strict=True)
    ]
    theirs = source.inputs.encoded_names or [f"column {i}" for i in range(source.inputs.n_encoded)]
    missing = np.setdiff1d(np.arange(source.inputs.n_encoded), columns.source_position)
    rows += [
        ReportRow("column", str(theirs[i]), "dropped", "only in the source: acts at its mean")
        for i in missing
    ]
    return rows


def _class_rows(target: TargetSchema, head: CarriedLayer | None) -> list[ReportRow]:
    labels = [str(label) for label in target.classes.tolist()]  # type: ignore[union-attr]
    if head is None:
        return [ReportRow("class", label, "fresh", "a new output layer") for label in labels]
    known = np.broadcast_to(head.outputs, len(labels))
    return [
        ReportRow("class", label, "carried" if is_known else "fresh",
                  "in both tasks" if is_known else "only in the target")
        for label, is_known in zip(labels, known, strict=True)
    ]
