"""A member's predictions in numpy, whatever kind of member it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sktransfer._networks._closed_form import closed_form_predictions
from sktransfer._networks._foreign import foreign_predictions
from sktransfer._networks._forward import CHUNK_ROWS, activate_, forward, in_users_unit
from sktransfer._networks._source_outputs import as_linear_outputs, mapped_outputs
from sktransfer._networks._trees import TreePredictor
from sktransfer._records import ClosedForm, ForeignModel, Member, Readout


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
    (scores,) = scores_of_path([member], inputs, outputs)
    return predictions_from_scores(member, scores)


def scores_of_path(
    path: Sequence[Member], inputs: np.ndarray, outputs: np.ndarray | None = None
) -> list[np.ndarray]:
    """What networks, or read-outs of one network, give before their output function.

    Parameters
    ----------
    path : sequence of Member
        Models of the same features, which are read once.
    inputs, outputs : as of :func:`predict_member`

    Returns
    -------
    list of ndarray of shape (n_samples, n_outputs)
    """
    first = path[0]
    if first.readout is None:
        return [forward(inputs, one.coefs, one.intercepts, one.activation) for one in path]
    chain = first.coefs, first.intercepts, first.activation
    n_columns = first.inputs.columns.n_scaled
    features = read(inputs, *chain, first.readout.reads, n_columns, outputs)
    readouts = [one.readout for one in path if one.readout is not None]
    return [_score(each, features).astype(inputs.dtype, copy=False) for each in readouts]


def _score(readout: Readout, features: np.ndarray) -> np.ndarray:
    if readout.trees is not None:
        return TreePredictor(readout)(features)
    scores: np.ndarray = (features - readout.center) / readout.scale @ readout.weight
    return scores + readout.bias


def predictions_from_scores(member: Member, scores: np.ndarray) -> np.ndarray:
    """Predictions of a network or a read-out, in the user's unit.

    Parameters
    ----------
    member : Member
    scores : ndarray of shape (n_samples, n_outputs)
        What it gives before its output function; may be written over.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    trees = None if member.readout is None else member.readout.trees
    if trees is None or trees.is_linear:
        scores = activate_(scores, member.target.out_activation)
    return in_users_unit(scores, member.target)


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
        outputs = mapped_outputs(outputs, member.output_map)
    predictions = closed_form_predictions(model, inputs, *chain, outputs=outputs)
    return predictions.astype(inputs.dtype, copy=False)


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
