"""What an adapted trunk has forgotten of the source's task."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import accuracy_score, r2_score

from sktransfer._estimators import (
    BaseTransferMLP,
    SharedLayerTransformer,
    fitted_model,
    read_table,
)
from sktransfer._preprocessing import apply_transformer, computing_dtype
from sktransfer._records import CarriedLayer, TableOptions
from sktransfer._source_choice import SourceView, view_source
from sktransfer._typing import CheckedTable, TableLike
from sktransfer.exceptions import TransferError
from sktransfer.sources import Source, describe_source


def forgetting_score(
    target: BaseTransferMLP, source: Source, X_source: TableLike, y_source: ArrayLike
) -> float:
    """Loss of the source's score with the target's layers below the source's output layer.

    The source's output layer, and whatever hidden layers the two do not share, are put on top of
    the layers that the target has adapted.

    Parameters
    ----------
    target : TransferMLPClassifier or TransferMLPRegressor
        Fitted from `source`.
    source : object
        What it started from.
    X_source : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
        Rows of the source's table, best ones that it was not trained on.  The target's network
        treats them as its own: columns that they lack are missing, others are left out.
    y_source : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their labels or numbers.

    Returns
    -------
    float
        Accuracy, or R² for numbers, of the source less that with the adapted layers: 0 where
        nothing was forgotten.

    Raises
    ------
    TransferError
        If the two share no layer, or what the source's outputs mean is unknown.

    See Also
    --------
    sktransfer.inspection.LayerChangeDisplay : How far each layer has moved.
    transfer_learning_curve : What the source is worth to the target.

    References
    ----------
    A. Chaudhry, P. K. Dokania, T. Ajanthan, P. H. S. Torr, "Riemannian Walk for Incremental
    Learning: Understanding Forgetting and Intransigence", ECCV 2018.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sktransfer import TransferMLPClassifier
    >>> from sktransfer.model_selection import forgetting_score
    >>> X, y = load_digits(return_X_y=True)
    >>> old, new = y < 5, y >= 5
    >>> source = TransferMLPClassifier(hidden_layer_sizes=32, random_state=0)
    >>> source = source.fit(X[old][:500], y[old][:500])
    >>> frozen = TransferMLPClassifier(source=source, strategy="frozen", random_state=0)
    >>> forgetting_score(frozen.fit(X[new], y[new]), source, X[old][500:], y[old][500:])
    0.0
    >>> full = TransferMLPClassifier(source=source, strategy="full", random_state=0)
    >>> forgetting_score(full.fit(X[new], y[new]), source, X[old][500:], y[old][500:]) > 0
    True
    """
    fitted_model(target)
    theirs, ours = describe_source(source), describe_source(target)
    if not theirs.layers:
        raise TransferError(
            f"`source` ({theirs.name}) has predictions and no layers; expected a network, whose "
            "output layer can be put on the target's layers. Compare predictions instead: "
            "source.score(X, y) and target.score(X, y)."
        )
    n_shared = len(target.net_.module_.shared_layers)
    if not n_shared or ours.hidden_layer_sizes[:n_shared] != theirs.hidden_layer_sizes[:n_shared]:
        raise TransferError(
            f"`target` ({ours.name}) shares no layer with `source` ({theirs.name}); expected one "
            "that started from it. It was probably trained with strategy='scratch', or from "
            "another source. Fit it with source=source."
        )
    if theirs.target is None or theirs.target.kind == "several":
        raise TransferError(
            f"`source` ({theirs.name}) does not define what its outputs mean as one task; "
            "expected the labels or numbers of one. Give a SourceDescription with a `target`."
        )
    options = TableOptions()
    X, names = read_table(SharedLayerTransformer(), options, X_source)
    head = tuple(
        CarriedLayer(layer.weight, layer.bias, np.ones(len(layer.bias), bool))
        for layer in theirs.layers[n_shared:]
    )
    before = view_source(theirs, X, names, options)
    adapted = view_source(ours, X, names, options)
    if adapted.layers:
        adapted = SourceView(
            adapted.inputs, (*adapted.layers[:n_shared], *head), theirs.activation, theirs.target
        )
    return _score(before, X, y_source) - _score(adapted, X, y_source)


def _score(view: SourceView, X: CheckedTable, y: ArrayLike) -> float:
    """Accuracy or R² of a view's predictions."""
    if not view.layers:
        raise TransferError(
            "X_source has no column in common with one of the networks; expected the source's "
            "table. Give it with the column names that the source was fitted with."
        )
    dtype = computing_dtype(X)
    encoded = apply_transformer(X, view.inputs.columns)
    out = view.outputs(encoded, view.hidden(encoded, dtype), dtype)
    target = view.target
    assert target is not None
    if target.kind == "regression":
        return float(r2_score(y, out))
    if target.kind == "multilabel":
        return float(accuracy_score(y, (out > 0.5).astype(int)))
    chosen = (out[:, 0] > 0.5).astype(int) if target.kind == "binary" else out.argmax(axis=1)
    return float(accuracy_score(y, np.asarray(target.classes)[chosen]))
