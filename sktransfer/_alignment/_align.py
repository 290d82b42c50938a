"""How the columns, layers and classes of a source correspond to those of a target.

Nothing here looks at data.  The outcome, a :class:`TransferPlan`, says for every layer which
starting weights come from the source, and notes why for the report.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sktransfer._alignment._columns import match_inputs
from sktransfer._alignment._left_behind import warn_nothing_in_common
from sktransfer._alignment._output_layer import head_units, why_not_kept
from sktransfer._alignment._report_rows import report_rows
from sktransfer._alignment._wanted import Wanted
from sktransfer._preprocessing import fill_inputs
from sktransfer._records import (
    CarriedLayer,
    ColumnMatch,
    DenseLayer,
    InputColumns,
    InputSchema,
    LayerNames,
    SourceDescription,
    TargetSchema,
    TransferPlan,
)
from sktransfer._warnings import warn
from sktransfer.exceptions import SourceLayersError, TransferError, TransferWarning

#: Shrinkage of the linear predictions of columns that the target lacks, as a share of variance.
_RIDGE = 0.01


def align(
    source: SourceDescription | None, inputs: InputColumns, target: TargetSchema, wanted: Wanted
) -> TransferPlan:
    """Match a source with a target.

    Parameters
    ----------
    source : SourceDescription or None
        None gives the empty plan: nothing carried, every layer fresh.
    inputs : InputColumns
        What the columns of the target's table become.
    target : TargetSchema
    wanted : Wanted

    Returns
    -------
    TransferPlan

    Warns
    -----
    TransferWarning
        If source and target have no column in common: training is then from scratch.  If the
        output layer is insisted on and cannot be kept, or is all that the source has.

    Raises
    ------
    SourceLayersError
        If the source has no layers to start from.
    TransferError
        If the user's parameters contradict the source.
    """
    if source is not None and not source.layers and (wanted.carries_trunk or wanted.carries_head):
        raise _no_layers(source, target)
    hidden = _hidden_sizes(source, wanted)
    activation = _activation(source, wanted)
    n_shared = _n_shared(source, hidden, wanted)
    columns = match_inputs(source, inputs, wanted.feature_alignment)
    carries = source is not None and (n_shared > 0 or _head_alone(source, hidden, wanted))
    nothing_in_common = carries and not columns.known.any()
    if source is not None and nothing_in_common:
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
    not_kept = None
    if source is not None and wanted.carries_head and not nothing_in_common:
        whole = n_shared == len(sizes) - 2 == len(source.hidden_layer_sizes)
        head = _carried_head(source, target, columns, wanted) if whole else None
        if head is not None:
            carried[layer_names.task[-1]] = head
        else:
            not_kept = why_not_kept(source.target, target, whole, source.no_target)
            if wanted.insists_on_head:
                _warn_not_kept(source, *not_kept)
    if source is not None and wanted.is_alone and not carried and not nothing_in_common:
        _warn_only_output_layer(source)
    return TransferPlan(
        sizes,
        heads,
        layer_names,
        activation,
        columns,
        source if carried else None,
        carried,
        tuple(
            report_rows(source, target, columns, inputs, layer_names, carried, wanted, not_kept)
        ),
    )


def _no_layers(source: SourceDescription, target: TargetSchema) -> SourceLayersError:
    """For a strategy that starts from the layers of a source that has none."""
    if source.target is None:
        return SourceLayersError(
            f"The source ({source.name}) was fitted on a single class, and predicts it for every "
            "row; expected two or more, as nothing can be carried over. Give another source, or "
            "source=None."
        )
    instead = "Use a strategy that takes a source's predictions, such as 'auto' or 'recalibrate'"
    if target.kind == "several":
        instead = (
            "For several tasks use one TransferMLPClassifier or TransferMLPRegressor per task, "
            "which take predictions"
        )
    why = f" Its layers could not be read: {source.no_layers}" if source.no_layers else ""
    return SourceLayersError(
        f"The source ({source.name}) has predictions and no layers, and this strategy needs "
        f"layers. {instead}, or give a network as source.{why}"
    )


def _warn_only_output_layer(source: SourceDescription) -> None:
    if len(source.layers) > 1:
        return
    warn(
        f"Nothing was carried over from the source ({source.name}): its output layer is its only "
        "one, and the strategy trains a new one. Use a strategy that takes a source's "
        "predictions, such as 'auto' or 'recalibrate', or 'keep_head', which keeps that layer.",
        TransferWarning,
    )


def _warn_not_kept(source: SourceDescription, reason: str, cure: str) -> None:
    warn(
        f"The output layer of the source ({source.name}), which the strategy keeps, is not kept: "
        f"{reason}. A new one is trained. {cure}",
        TransferWarning,
    )


# -- architecture -------------------------------------------------------------------------


def _hidden_sizes(source: SourceDescription | None, wanted: Wanted) -> tuple[int, ...]:
    if wanted.hidden_layer_sizes is not None:
        return wanted.hidden_layer_sizes
    if source is None or not source.layers:
        return wanted.default_sizes
    return source.hidden_layer_sizes


def _activation(source: SourceDescription | None, wanted: Wanted) -> str:
    if source is None or not wanted.carries_trunk or not source.hidden_layer_sizes:
        return wanted.activation or (source.activation if source is not None else "relu")
    if wanted.activation not in (None, source.activation):
        raise TransferError(
            f"activation={wanted.activation!r} differs from the source's {source.activation!r}: "
            "layers trained with one activation mean nothing under another. Leave "
            "activation=None to take the source's, or use source=None."
        )
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
            raise TransferError(
                f"hidden_layer_sizes={tuple(hidden)} does not begin with the source's hidden "
                f"layers {tuple(source.hidden_layer_sizes)}, so none of them can be carried over. "
                "Leave hidden_layer_sizes=None to take the source's, begin with them, or lower "
                "n_shared_layers; layers of the new task go into head_hidden_layer_sizes."
            )
        return common
    if wanted.n_shared_layers > common:
        raise TransferError(
            f"n_shared_layers={wanted.n_shared_layers}, but source and target have {common} "
            f"hidden layers in common. Use a value from 0 to {common}, or None for all of them."
        )
    return wanted.n_shared_layers


def _head_alone(source: SourceDescription, hidden: tuple[int, ...], wanted: Wanted) -> bool:
    """Whether a source without hidden layers still has its output layer to give."""
    return wanted.carries_head and not source.hidden_layer_sizes and not hidden


# -- layers -------------------------------------------------------------------------------


def _carried_trunk(
    source: SourceDescription, columns: ColumnMatch, shared: Sequence[str]
) -> dict[str, CarriedLayer]:
    carried = {}
    for index, name in enumerate(shared):
        layer = source.layers[index]
        weight, bias = (layer.weight, layer.bias) if index else _first_layer(source, columns)
        carried[name] = CarriedLayer(weight, bias, np.ones(len(bias), dtype=bool))
    return carried


def _first_layer(source: SourceDescription, columns: ColumnMatch) -> tuple[np.ndarray, np.ndarray]:
    """Rows of shared columns, zero for the target's own; the source's own from a regression.

    Where the source stores how its inputs vary together, an input that the target lacks acts as
    its best linear prediction from the shared ones; else at its mean.
    """
    layer = source.layers[0]
    weight = np.zeros((len(columns.source_position), layer.weight.shape[1]), layer.weight.dtype)
    weight[columns.known] = layer.weight[columns.source_position[columns.known]]
    missing = np.setdiff1d(np.arange(len(layer.weight)), columns.source_position)
    if not len(missing):
        return weight, layer.bias
    at = columns.source_position[columns.known]
    slope, level = _regression_on(source.inputs, missing, at)
    weight[columns.known] += (slope @ layer.weight[missing]).astype(weight.dtype)
    return weight, layer.bias + (level @ layer.weight[missing]).astype(layer.bias.dtype)


def _regression_on(
    inputs: InputSchema, missing: np.ndarray, known: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Slope and level of the linear prediction of missing inputs from known ones."""
    if inputs.statistics is None:
        return np.zeros((len(known), len(missing))), fill_inputs(inputs)[missing]
    covariance, mean = inputs.statistics.covariance.astype(np.float64), inputs.statistics.mean
    among = covariance[np.ix_(known, known)]
    # an input that hardly varies, such as a cosine of a low frequency, must not get a huge slope
    spread = np.maximum(among.diagonal(), among.diagonal().mean())
    among = among + np.diag(_RIDGE * spread + 1e-8)
    slope = np.linalg.solve(among, covariance[np.ix_(known, missing)])
    return slope, mean[missing] - mean[known] @ slope


def _carried_head(
    source: SourceDescription, target: TargetSchema, columns: ColumnMatch, wanted: Wanted
) -> CarriedLayer | None:
    """The output layer, as far as its outputs mean the same; None if none does."""
    if source.target is None:
        return None
    layer = source.layers[-1]
    weight, bias = (
        (layer.weight, layer.bias) if source.hidden_layer_sizes else _first_layer(source, columns)
    )
    return head_units(DenseLayer(weight, bias), source.target, target, wanted.class_map or {})
