"""Predictions of several members at once: what they have in common is computed once.

Every distinct encoding of a table is made once for a chunk of rows, and every frozen chain of
layers runs once, whatever number of members reads it.  Center and scale of a linear read-out are
folded into its weights, one matrix for each layer that it reads.  Members that read few features
(trees, other packages' estimators) are given larger blocks of rows: trees stay in the processor's
cache, and calls are few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias, cast
from weakref import WeakKeyDictionary

import numpy as np

from sktransfer._networks._chain import Chain, Layers, Part, parts_of
from sktransfer._networks._closed_form import closed_form_predictions
from sktransfer._networks._foreign import foreign_predictions
from sktransfer._networks._forward import (
    CHUNK_ROWS,
    activate_,
    in_users_unit,
    mixes_logs,
    to_mixing_scale,
    within_range,
)
from sktransfer._networks._given_table import GivenTable, reads_table
from sktransfer._networks._predict import predict_member
from sktransfer._networks._scores import Scores
from sktransfer._networks._source_outputs import mapped_outputs
from sktransfer._networks._trees import TreePredictor
from sktransfer._preprocessing import apply_transformer, apply_transformers, encode_rows
from sktransfer._records import ClosedForm, FittedModel, InputSchema, Member, Reading, Readout
from sktransfer._typing import CheckedTable, Matrix

#: Rows that an estimator of another package is given at once.
_FOREIGN_ROWS = 2**16
#: What looks at encoded columns before they are predicted.
Look: TypeAlias = Callable[[Matrix, InputSchema], None]
#: By model and precision, so that one row is predicted in a fraction of a millisecond.
_PREDICTORS: WeakKeyDictionary[FittedModel, dict[np.dtype, Predictor]] = WeakKeyDictionary()


def predict_members(
    model: FittedModel,
    X: CheckedTable,
    dtype: np.dtype,
    raw: CheckedTable | None = None,
    look: Look | None = None,
) -> np.ndarray:
    """Predictions of a fitted model, in the user's unit: the weighted average of its members'.

    Parameters
    ----------
    model : FittedModel
    X : table of shape (n_samples, n_features)
        Checked.
    dtype : numpy dtype
        The table's precision; a model that needs more computes in its own.
    raw : table of shape (n_samples, n_features), optional
        As the user gave it, for members that read it so.
    look : callable, optional
        Is given the encoded columns and the schema of one of the members.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    known = _PREDICTORS.get(model)
    if known is None:
        known = _PREDICTORS[model] = {}
    asked = np.result_type(dtype, model.dtype)

    def predicted(precision: np.dtype) -> list[np.ndarray]:
        if precision not in known:
            known[precision] = Predictor(model, precision)
        return [known[precision](X, raw, look if precision == asked else None)]

    return within_range(predicted, asked)[0]


class Predictor:
    """What a fitted model predicts, in one precision.

    Networks are read where they are, since they may be trained further; all else is copied.
    Members without weight are left out.

    Parameters
    ----------
    model : FittedModel
    dtype : numpy dtype
    """

    def __init__(self, model: FittedModel, dtype: np.dtype) -> None:
        self._n_outputs, self._dtype = model.target.n_outputs, dtype
        self._target = model.target
        # of a single member the logarithm and back would only round
        self._mixes_logs = mixes_logs(model.target) and np.count_nonzero(model.weights) > 1
        self._schemas: dict[tuple, InputSchema] = {}
        self._chains: list[Chain] = []
        self._networks: list[tuple[int, Member, float]] = []
        self._closed: list[tuple[int, Member, ClosedForm, float]] = []
        self._blockwise: list[_Blockwise] = []
        self._on_predictions: list[tuple[int, Member, float]] = []
        self._of_tables: list[tuple[Member, float]] = []
        linear: list[tuple[Chain, Member, float]] = []
        for member, weight in zip(model.members, model.weights.tolist(), strict=True):
            foreign, readout = member.foreign, member.readout
            if not weight:
                continue
            if member.predictor is not None:
                encoding = self._encoding_of(member.inputs)
                self._on_predictions.append((encoding, member, weight))
            elif reads_table(foreign):
                self._of_tables.append((member, weight))
            elif foreign is not None or (readout is not None and readout.trees is not None):
                self._blockwise.append(_Blockwise.of(member, weight, self._chain_of(member)))
            elif member.closed_form is not None:
                self._take_closed_form(member, member.closed_form, weight)
            elif readout is not None:
                linear.append((self._chains[self._chain_of(member)], member, weight))
            else:
                self._networks.append((self._encoding_of(member.inputs), member, weight))
        #: The network, where there is nothing else.
        self._only: Member | None = None
        if len(model.members) == len(self._networks) == 1 and self._networks[0][2] == 1:
            self._only = self._networks[0][1]
        has_statistics = [one.statistics is not None for one in self._schemas.values()]
        self._looked_at = has_statistics.index(True) if any(has_statistics) else 0
        self._scores = Scores(linear, self._n_outputs, dtype)
        for one in self._blockwise:
            chain = self._chains[one.chain]
            chain.depth = max(chain.depth, *(layer for layer, _ in one.parts))
        self._block_rows = max((one.n_rows for one in self._blockwise), default=CHUNK_ROWS)

    def _take_closed_form(self, member: Member, model: ClosedForm, weight: float) -> None:
        position = self._chain_of(member)
        chain = self._chains[position]
        chain.depth = len(chain.weights)
        chain.has_tangent |= model.tangent is not None
        self._closed.append((position, member, model, weight))

    def _encoding_of(self, schema: InputSchema) -> int:
        """Position of what a schema makes of a table."""
        key = _encoding_key(schema)
        self._schemas.setdefault(key, schema)
        return list(self._schemas).index(key)

    def _chain_of(self, member: Member) -> int:
        """Position of the chain that a member reads."""
        encoding = self._encoding_of(_read_inputs(member))
        for position, chain in enumerate(self._chains):
            if chain.is_of(member, encoding):
                return position
        self._chains.append(Chain(member, encoding, self._dtype))
        return len(self._chains) - 1

    def __call__(
        self, X: CheckedTable, raw: CheckedTable | None = None, look: Look | None = None
    ) -> np.ndarray:
        """Predictions in the user's unit.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
            Checked.
        raw : table of shape (n_samples, n_features), optional
            As the user gave it.
        look : callable, optional
            As of :func:`predict_members`.

        Returns
        -------
        ndarray of shape (n_samples, n_outputs)
        """
        n_rows = X.shape[0]
        if self._only is not None and n_rows <= CHUNK_ROWS:
            columns = apply_transformer(X, self._only.inputs.columns)
            if look is not None:
                look(columns, self._only.inputs)
            encoded = encode_rows(columns, self._only.inputs, self._dtype)
            alone: np.ndarray = predict_member(self._only, encoded)
            return alone.astype(self._dtype, copy=False)
        tables = apply_transformers(X, [schema.columns for schema in self._schemas.values()])
        if look is not None and tables:
            at = self._looked_at
            look(tables[at], list(self._schemas.values())[at])
        mixed = np.zeros((n_rows, self._n_outputs), self._dtype)
        given = GivenTable(X if raw is None else raw)
        self._add_on_predictions(given, tables, mixed)
        for block in _slices(0, n_rows, self._block_rows):
            n_block = block.stop - block.start
            rooms = [one.room(n_block, self._dtype) for one in self._blockwise]
            for rows in _slices(block.start, block.stop, CHUNK_ROWS):
                inputs = [
                    encode_rows(table[rows], schema, self._dtype)
                    for table, schema in zip(tables, self._schemas.values(), strict=True)
                ]
                layers = self._predict_chunk(inputs, mixed[rows])
                here = slice(rows.start - block.start, rows.stop - block.start)
                for one, room in zip(self._blockwise, rooms, strict=True):
                    one.take(layers[one.chain], room[here])
            for one, room in zip(self._blockwise, rooms, strict=True):
                self._add(mixed[block], one.weight, one.predict(room))
        for member, weight in self._of_tables:
            self._add(mixed, weight, given.of_estimator(member))
        return np.exp(mixed) if self._mixes_logs else mixed

    def _add(self, mixed: np.ndarray, weight: float, predictions: np.ndarray) -> None:
        """Add what a member predicts, in the user's unit, to the weighted sum."""
        predictions = predictions.astype(self._dtype, copy=False)
        if self._mixes_logs:
            predictions = to_mixing_scale(predictions, self._target)
        mixed += weight * predictions

    def _add_on_predictions(self, given: GivenTable, tables: list, mixed: np.ndarray) -> None:
        """Add members on sources that have no layers."""
        for encoding, member, weight in self._on_predictions:
            outputs = given.outputs(member)
            assert outputs is not None
            schema = list(self._schemas.values())[encoding]
            for rows in _slices(0, len(mixed), CHUNK_ROWS):
                inputs = encode_rows(tables[encoding][rows], schema, self._dtype)
                found = predict_member(member, inputs, outputs[rows])
                self._add(mixed[rows], weight, found)

    def _predict_chunk(self, inputs: list[np.ndarray], mixed: np.ndarray) -> list[Layers]:
        """Add what all but blockwise members predict; what the chains make of the rows."""
        for encoding, member, weight in self._networks:
            self._add(mixed, weight, predict_member(member, inputs[encoding]))
        layers = [chain.run(inputs[chain.encoding]) for chain in self._chains]
        scores = self._scores.begin(len(mixed))
        for chain, of_chain in zip(self._chains, layers, strict=True):
            chain.add_scores(of_chain, scores)
        self._scores.add_to(mixed, scores, self._add)
        for position, member, model, weight in self._closed:
            found = _closed_form(self._chains[position], layers[position], member, model)
            self._add(mixed, weight, found)
        return layers


def _closed_form(chain: Chain, layers: Layers, member: Member, model: ClosedForm) -> np.ndarray:
    outputs = None
    if chain.weights:
        outputs = layers.values[-1]
        if member.output_map is not None:
            outputs = mapped_outputs(outputs, member.output_map)
    below = layers.values[: len(chain.weights)], layers.slopes
    return closed_form_predictions(
        model, layers.values[0], chain.weights, outputs=outputs, layers=below
    )


@dataclass(frozen=True)
class _Blockwise:
    """A member that predicts for a block of rows at once.

    Attributes
    ----------
    weight : float
    chain : int
        Which chain it reads.
    parts : list of Part
        What of it.
    n_rows : int
        Rows of a block.
    dtype : numpy dtype or None
        Of the features; None for the predictor's.
    predict : callable
        Features → predictions in the user's unit.
    """

    weight: float
    chain: int
    parts: list[Part]
    n_rows: int
    dtype: type[np.float32] | None
    predict: Callable[[np.ndarray], np.ndarray]

    @classmethod
    def of(cls, member: Member, weight: float, chain: int) -> _Blockwise:
        if member.foreign is not None:
            reads = cast("Sequence[Reading]", member.foreign.parts)
            predict = partial(foreign_predictions, member.foreign, target=member.target)
            return cls(weight, chain, parts_of(member, reads), _FOREIGN_ROWS, None, predict)
        readout = cast("Readout", member.readout)
        trees = TreePredictor(readout)
        parts = parts_of(member, readout.reads)
        predict = partial(_trees, trees, readout, member)
        dtype = None if trees.has_slopes else np.float32
        return cls(weight, chain, parts, trees.block_rows, dtype, predict)

    def room(self, n_rows: int, dtype: np.dtype) -> np.ndarray:
        """Memory for the features of some rows."""
        return np.empty((n_rows, sum(width for _, width in self.parts)), self.dtype or dtype)

    def take(self, layers: Layers, room: np.ndarray) -> None:
        """Note the features of some rows."""
        at = 0
        for layer, width in self.parts:
            room[:, at : at + width] = layers.values[layer][:, :width]
            at += width


def _trees(
    predictor: TreePredictor, readout: Readout, member: Member, features: np.ndarray
) -> np.ndarray:
    outputs = predictor(features)
    if readout.trees.is_linear:  # type: ignore[union-attr]
        outputs = activate_(outputs, member.target.out_activation)
    return in_users_unit(outputs, member.target)


def _read_inputs(member: Member) -> InputSchema:
    """A member's inputs; without Fourier features where it has no layers and reads columns."""
    schema, closed_form = member.inputs, member.closed_form
    if member.coefs or not schema.columns.fourier:
        return schema
    scale = None if closed_form is None else closed_form.columns
    if scale is not None and not scale.fits(schema.columns.n_scaled):
        return schema
    return InputSchema(replace(schema.columns, fourier=()), schema.scaling)


def _encoding_key(schema: InputSchema) -> tuple:
    """Equal for schemas that make the same of a table."""
    columns, scaling = schema.columns, schema.scaling
    arrays = (scaling.center, scaling.scale, scaling.fill_value)
    return (
        id(columns.transformer),
        columns.n_encoded,
        columns.order,
        columns.missing_indicators,
        columns.fourier,
        scaling.soft_clipping,
        scaling.is_measured,
        *(array.tobytes() for array in arrays),
    )


def _slices(start: int, stop: int, size: int) -> Iterator[slice]:
    for at in range(start, stop, size):
        yield slice(at, min(at + size, stop))
