"""A member's answers in numpy: what ``predict`` runs, whatever kind of member it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sktransfer._networks._closed_form import closed_form_predictions
from sktransfer._networks._foreign import foreign_predictions
from sktransfer._networks._forward import CHUNK_ROWS, activate_, forward
from sktransfer._preprocessing import apply_transformers, encode
from sktransfer._records import (
    ClosedForm,
    FittedModel,
    ForeignModel,
    Member,
    TargetSchema,
    TreeArrays,
)


def predict_members(model: FittedModel, X: Any, dtype: Any, raw: Any = None) -> np.ndarray:
    """Predictions of a fitted model, in the user's unit: the weighted average of its members'.

    Parameters
    ----------
    model : FittedModel
    X : table of shape (n_samples, n_features)
        Checked.
    dtype : numpy dtype
    raw : table of shape (n_samples, n_features), optional
        As the user gave it, for members that read it so.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    mixed = np.zeros((X.shape[0], model.target.n_outputs), dtype)
    tables = apply_transformers(X, [member.inputs.columns for member in model.members])
    for member, weight, encoded in zip(model.members, model.weights, tables, strict=True):
        if member.foreign is not None and member.foreign.reads == ("table",):
            given = X if raw is None else raw
            mixed += float(weight) * foreign_predictions(member.foreign, given, member.target)
            continue
        for at in range(0, X.shape[0], CHUNK_ROWS):
            rows = slice(at, at + CHUNK_ROWS)
            inputs = encode(encoded[rows], member.inputs, dtype)
            mixed[rows] += float(weight) * predict_member(member, inputs)
    return mixed


def predict_member(member: Member, inputs: np.ndarray) -> np.ndarray:
    """Predictions of a member, in the user's unit.

    Parameters
    ----------
    member : Member
    inputs : ndarray of shape (n_samples, n_inputs)
        Encoded rows.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
        Probabilities, or numbers.
    """
    if member.foreign is not None:
        features = _features(member, member.foreign, inputs)
        return foreign_predictions(member.foreign, features, member.target).astype(inputs.dtype)
    if member.closed_form is not None:
        return _closed_form(member, member.closed_form, inputs)
    return in_users_unit(_outputs(member, inputs), member.target)


def _features(member: Member, model: ForeignModel, inputs: np.ndarray) -> np.ndarray:
    chain = (member.coefs, member.intercepts, member.activation)
    reads = ["columns" if one == "encoded" else one for one in model.reads]
    return read(inputs, *chain, reads, member.inputs.columns.n_scaled)


def _closed_form(member: Member, model: ClosedForm, inputs: np.ndarray) -> np.ndarray:
    chain, outputs = (member.coefs, member.intercepts, member.activation), None
    if member.coefs:
        outputs = forward(inputs, *chain, "identity")
        if member.output_map is not None:
            outputs = outputs @ member.output_map.weight + member.output_map.bias
    predictions = closed_form_predictions(model, inputs, *chain, outputs=outputs)
    return predictions.astype(inputs.dtype, copy=False)


def in_users_unit(outputs: np.ndarray, target: TargetSchema) -> np.ndarray:
    """Regression outputs in the unit of the `y` that was fitted; others as they are."""
    if not target.is_scaled:
        return outputs
    return outputs * target.scale.astype(outputs.dtype) + target.center.astype(outputs.dtype)


def _outputs(member: Member, inputs: np.ndarray) -> np.ndarray:
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
    )
    features = (features - readout.center) / readout.scale
    if readout.trees is None:
        outputs = features @ readout.weight + readout.bias
    else:
        outputs = add_trees(readout.trees, features)
    outputs = outputs.astype(inputs.dtype, copy=False)
    if readout.trees is not None and not readout.trees.is_linear:
        return outputs
    return activate_(outputs, out_activation)


def read(
    inputs: np.ndarray,
    coefs: Sequence[np.ndarray],
    intercepts: Sequence[np.ndarray],
    activation: str,
    reads: Sequence[str],
    n_columns: int,
) -> np.ndarray:
    """What a network says about rows, as features.

    Parameters
    ----------
    inputs : ndarray of shape (n_samples, n_inputs)
    coefs, intercepts : sequence of ndarray
        The last layer gives the outputs, the others are hidden.
    activation : str
    reads : sequence of {'columns', 'hidden', 'outputs'}
    n_columns : int
        How many of the inputs are columns; Fourier features come behind them.

    Returns
    -------
    ndarray of shape (n_samples, n_features)
    """
    features = {"columns": [inputs[:, :n_columns]], "hidden": [], "outputs": []}
    rows = inputs
    for index, (weight, bias) in enumerate(zip(coefs, intercepts, strict=True)):
        rows = rows @ weight + bias
        if index == len(coefs) - 1:
            features["outputs"].append(rows)
        else:
            rows = activate_(rows, activation)
            features["hidden"].append(rows)
    return np.hstack([part for what in reads for part in features[what]])


def add_trees(trees: TreeArrays, features: np.ndarray) -> np.ndarray:
    """Sums of the trees' answers.

    Parameters
    ----------
    trees : TreeArrays
    features : ndarray of shape (n_samples, n_features)

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    n_trees, n_nodes = trees.column.shape
    first = np.arange(n_trees) * n_nodes  # nodes of all trees in one row, to take from
    column, threshold = trees.column.ravel(), trees.threshold.ravel()
    children = np.stack([trees.right.ravel(), trees.left.ravel()]).ravel()
    base = np.arange(len(features))[:, None] * features.shape[1]
    features = np.ascontiguousarray(features, dtype=np.float32).ravel()
    at = np.tile(first, (len(base), 1))
    for _ in range(trees.depth):
        goes_left = features.take(base + column.take(at)) <= threshold.take(at)
        at = children.take(at + goes_left * column.size) + first
    leaves = trees.value.reshape(n_trees * n_nodes, trees.value.shape[2])
    return trees.start + leaves.take(at.ravel(), axis=0).reshape(*at.shape, leaves.shape[1]).sum(
        axis=1
    )
