"""What a source makes of a table: its hidden features and its predictions, nothing trained."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import DTypeLike

from sktransfer._alignment import (
    Spelling,
    Wanted,
    align,
    choose_columns,
    match_inputs,
    source_for_table,
    warn_of_spelling,
    warn_other_types,
    warn_other_units,
)
from sktransfer._compat import safe_indexing
from sktransfer._networks import forward
from sktransfer._preprocessing import (
    ColumnUnits,
    Table,
    apply_transformer,
    computing_dtype,
    encode,
    measure_scaling,
    truth_columns,
)
from sktransfer._records import (
    CarriedLayer,
    InputColumns,
    InputScaling,
    InputSchema,
    SourceDescription,
    TableOptions,
    TablePredictor,
    TargetSchema,
    TransferPlan,
)
from sktransfer._typing import CheckedTable, Matrix
from sktransfer._warnings import silenced
from sktransfer.exceptions import ColumnWarning
from sktransfer.strategies import KeepHead

#: Rows whose units are looked at.
_MOST_ROWS = 2000


@dataclass(frozen=True, eq=False)
class SourceView:
    """A source applied to a table.

    Attributes
    ----------
    inputs : InputSchema
        What the table's columns become.
    layers : tuple of CarriedLayer
        The source's, its first one for these columns; none where table and source have no column
        in common.
    activation : str
    target : TargetSchema or None
        What the source's outputs mean, None where that is unknown.
    predictor : sktransfer.sources.Predictor or None
        Of a source without layers.
    source : SourceDescription or None
        The source with the table's names and levels.
    spelling : Spelling
        How these differ from its own.
    """

    inputs: InputSchema
    layers: tuple[CarriedLayer, ...] = ()
    activation: str = "identity"
    target: TargetSchema | None = None
    predictor: TablePredictor | None = None
    source: SourceDescription | None = None
    spelling: Spelling = field(default_factory=Spelling)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the source is known of this table."""
        return not self.layers and self.predictor is None

    @property
    def n_hidden(self) -> tuple[int, ...]:
        """Widths of the hidden layers."""
        return tuple(len(layer.bias) for layer in self.layers[:-1])

    @property
    def n_outputs(self) -> int:
        if self.predictor is not None:
            return 0 if self.predictor.target is None else self.predictor.target.n_outputs
        return len(self.layers[-1].bias) if self.layers else 0

    def hidden(self, encoded: Matrix, dtype: DTypeLike) -> list[np.ndarray]:
        """Activations of each hidden layer, of shape (n_samples, n_units), for encoded columns."""
        Z = encode(encoded, self.inputs, dtype)
        activations = []
        for layer in self.layers[:-1]:
            weight, bias = layer.weight.astype(dtype), layer.bias.astype(dtype)
            Z = forward(Z, [weight], [bias], self.activation, self.activation)
            activations.append(Z)
        return activations

    def outputs(self, encoded: Matrix, hidden: list[np.ndarray], dtype: DTypeLike) -> np.ndarray:
        """The source's predictions: probabilities, or numbers in the unit of its target."""
        last = hidden[-1] if hidden else encode(encoded, self.inputs, dtype)
        layer, at, parts = self.layers[-1], 0, []
        for task in self.target.blocks if self.target is not None else [_anything(self.n_outputs)]:
            own = slice(at, at + task.n_outputs)
            at += task.n_outputs
            weight, bias = layer.weight[:, own].astype(dtype), layer.bias[own].astype(dtype)
            out = forward(last, [weight], [bias], self.activation, task.out_activation)
            parts.append(out * task.scale + task.center if task.is_scaled else out)
        return np.hstack(parts).astype(dtype, copy=False)


def view_source(
    source: SourceDescription | None,
    X: CheckedTable,
    names: tuple[str, ...] | None,
    settings: TableOptions,
) -> SourceView:
    """Lay a source upon a checked table.

    Parameters
    ----------
    source : SourceDescription or None
    X : ndarray, sparse matrix or DataFrame of shape (n_samples, n_features)
    names : tuple of str or None
    settings : TableOptions

    Returns
    -------
    SourceView
    """
    strategy, spelling = KeepHead(), Spelling()
    if source is not None:
        source, spelling = source_for_table(source, X, names, settings)
    dtype, truths = computing_dtype(X), truth_columns(X)
    table = Table(X, np.empty((X.shape[0], 0)), None, names, dtype, truths=truths)
    table, columns = choose_columns(settings, table, source, strategy)
    # where no layer needs numbers, missing entries stay missing
    as_they_are = replace(InputScaling.none(columns.n_scaled), is_measured=True)
    alone = SourceView(InputSchema(columns, as_they_are), source=source, spelling=spelling)
    if source is None:
        return alone
    if not source.layers:
        tells = source.target is not None
        return replace(alone, target=source.target, predictor=source.predictor if tells else None)
    if not match_inputs(source, columns, settings.feature_alignment).known.any():
        return alone
    plan = _whole_source(source, columns, settings.feature_alignment)
    units = ColumnUnits.of(table.numbers, columns, None)
    scaling = measure_scaling(
        units, columns, source.inputs, plan.columns, "source", settings.standardize
    )
    layers = tuple(plan.carried[name] for name in plan.layer_names)
    inputs = InputSchema(columns, scaling)
    own = source.activation, source.target
    return SourceView(inputs, layers, *own, source=source, spelling=spelling)


def warn_of_view(view: SourceView, X: CheckedTable, feature_alignment: str) -> None:
    """Say which columns of a table are not, or not quite, what the source was fitted on.

    They are of other types, have no level in common, resemble others by name, or have other units.

    Parameters
    ----------
    view : SourceView
    X : ndarray, sparse matrix or DataFrame of shape (n_samples, n_features)
    feature_alignment : str
    """
    source, columns = view.source, view.inputs.columns
    warn_other_types(source, columns, feature_alignment)
    warn_of_spelling(source, view.spelling)
    if source is None or not view.layers:
        return
    with silenced(ColumnWarning):  # of entries, which encoding the whole table has said
        encoded = apply_transformer(safe_indexing(X, slice(0, _MOST_ROWS)), columns)
    units = ColumnUnits.of(encoded, columns, None)
    match = match_inputs(source, columns, feature_alignment)
    warn_other_units(source, encoded, units, columns, match)


def _whole_source(
    source: SourceDescription, inputs: InputColumns, feature_alignment: str
) -> TransferPlan:
    """The plan in which every layer is the source's, the output layer included."""
    # whatever its outputs mean, they are kept
    anything = _anything(len(source.layers[-1].bias))
    wanted = Wanted(
        None, (), None, None, (), carries_head=True, feature_alignment=feature_alignment
    )
    return align(replace(source, target=anything), inputs, anything, wanted)


def _anything(n_outputs: int) -> TargetSchema:
    """Outputs that are numbers as they are."""
    return TargetSchema("regression", n_outputs)
