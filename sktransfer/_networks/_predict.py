"""A member's predictions in numpy, whatever kind of member it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sktransfer._networks._closed_form import closed_form_predictions
from sktransfer._networks._foreign import foreign_predictions
from sktransfer._networks._forward import CHUNK_ROWS, activate_, forward, in_users_unit
from sktransfer._networks._source_outputs import as_linear_outputs
from sktransfer._networks._trees import TreePredictor
from sktransfer._records import ClosedForm, ForeignModel, Member


def predict_member(
    member: Member, inputs: np.ndarray, outputs: np.ndarray | None = None
) -> np.ndarray:
    """Predictions of a member, in the user's unit.

    Parameters
    ----------
    member : Member
    inputs : ndarray of shape (n_samples, n_inputs)
        Encoded rows.
    outputs : ndarray of shape (n_samples, n_source_outputs), optional
        Of a source that has no layers.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
        Probabilities, or numbers.
    """
    if member.foreign is not None:
        features = _features(member, member.foreign, inputs, outputs)
        return foreign_predictions(member.foreign, features, member.target).astype(inputs.dtype)
    if member.closed_form is not None:
        return _closed_form(member, member.closed_form, inputs, outputs)
    return in_users_unit(_outputs(member, inputs, outputs), member.target)


def _features(
    member: Member, model: ForeignModel, inputs: np.ndarray, outputs: np.ndarray | None
) -> np.ndarray:
    chain = (member.coefs, member.intercepts, member.activation)
    return read(inputs, *chain, model.parts, member.inputs.columns.n_scaled, outputs)


def _closed_form(
    member: Member, model: ClosedForm, inputs: np.ndarray, outputs: np.ndarray | None
) -> np.ndarray:
    chain = (member.coefs, member.intercepts, member.activation)
    if member.coefs:
        outputs = forward(inputs, *chain, "identity")
    elif outputs is not None and member.output_map is not None:
        outputs = as_linear_outputs(outputs, member.target)
    if outputs is not None and member.output_map is not None:
        outputs = outputs @ member.output_map.weight + member.output_map.bias
    predictions = closed_form_predictions(model, inputs, *chain, outputs=outputs)
    return predictions.astype(inputs.dtype, copy=False)


def _outputs(member: Member, inputs: np.ndarray, given: np.ndarray | None) -> np.ndarray:
    out_activation = member.target.out_activation
    readout = member.readout
    if readout is None:
        return forward(inputs, member.coefs, member.intercepts, member.activation, out_activation)
    features = read(
        inputs,
        member.coefs,
        member.intercepts,
        member.activation,
        readout.reads,
        member.inputs.columns.n_scaled,
        given,
    )
    if readout.trees is not None:
        outputs = TreePredictor(readout)(features).astype(inputs.dtype, copy=False)
        return activate_(outputs, out_activation) if readout.trees.is_linear else outputs
    outputs = (features - readout.center) / readout.scale @ readout.weight + readout.bias
    return activate_(outputs.astype(inputs.dtype, copy=False), out_activation)


def read(
    inputs: np.ndarray,
    coefs: Sequence[np.ndarray],
    intercepts: Sequence[np.ndarray],
    activation: str,
    reads: Sequence[str],
    n_columns: int,
    outputs: np.ndarray | None = None,
) -> np.ndarray:
    """A network's features of rows; few rows at a time, which stay in the cache.

    Parameters
    ----------
    inputs : ndarray of shape (n_samples, n_inputs)
    coefs, intercepts : sequence of ndarray
        The last layer gives the outputs, the others are hidden.
    activation : str
    reads : sequence of {'columns', 'hidden', 'outputs'}
    n_columns : int
        How many of the inputs are columns; Fourier features come behind them.
    outputs : ndarray of shape (n_samples, n_outputs), optional
        Of a source that has no layers, in the place of the last layer's.

    Returns
    -------
    ndarray of shape (n_samples, n_features)
    """
    chain = coefs, intercepts, activation
    parts = []
    for at in range(0, max(len(inputs), 1), CHUNK_ROWS):
        rows = slice(at, at + CHUNK_ROWS)
        given = None if outputs is None else outputs[rows]
        parts.append(_read_chunk(inputs[rows], *chain, reads, n_columns, given))
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _read_chunk(
    inputs: np.ndarray,
    coefs: Sequence[np.ndarray],
    intercepts: Sequence[np.ndarray],
    activation: str,
    reads: Sequence[str],
    n_columns: int,
    outputs: np.ndarray | None,
) -> np.ndarray:
    features = {"columns": [inputs[:, :n_columns]], "hidden": [], "outputs": []}
    if outputs is not None and not len(coefs):
        features["outputs"].append(outputs)
    rows = inputs
    for index, (weight, bias) in enumerate(zip(coefs, intercepts, strict=True)):
        rows = rows @ weight + bias
        if index == len(coefs) - 1:
            features["outputs"].append(rows)
        else:
            rows = activate_(rows, activation)
            features["hidden"].append(rows)
    return np.hstack([part for what in reads for part in features[what]])
