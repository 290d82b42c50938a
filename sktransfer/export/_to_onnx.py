"""A fitted estimator as an ONNX model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import DTypeLike

from sktransfer._estimators import fitted_model
from sktransfer._networks import mixes_logs
from sktransfer._preprocessing import FrameEncoder, periods_of
from sktransfer._records import (
    CategoricalColumn,
    Column,
    DatetimeColumn,
    Member,
    NumericColumn,
    UnencodedColumn,
)
from sktransfer._warnings import listed
from sktransfer.export._graph import Graph
from sktransfer.export._nodes import encode, predict

if TYPE_CHECKING:
    from onnx import ModelProto
    from sklearn.base import BaseEstimator

#: What the model's outputs are called; columns cannot be.
_OUTPUTS = ("label", "probabilities", "prediction")


def to_onnx(estimator: BaseEstimator) -> ModelProto:
    """Convert a fitted classifier or regressor to ONNX.

    The model does what ``predict`` and ``predict_proba`` do, standardisation, categories and
    missing numbers included, of networks, linear read-outs and trees, a single one or an ensemble.
    Needs the package onnx.

    A table of numbers is one input, ``X``, in the precision of the fitted network.  A table with
    categories or dates has an input of shape (n_samples, 1) for each column, under its name:
    float64 for numbers, text for categories; any text that was not seen in ``fit`` is an unseen
    category, and ``''`` a missing one where the model reads the two differently.  Dates and times
    are float64 too: days since 1970-01-01 (in UTC where the column has a time zone), NaN where
    they are missing.  Durations and times of day are seconds.

    Parameters
    ----------
    estimator : TransferMLPClassifier or TransferMLPRegressor
        Fitted.

    Returns
    -------
    onnx.ModelProto
        Of a classifier with the outputs ``label`` and ``probabilities``, the latter in the order
        of ``classes_``; of a regressor with the output ``prediction`` of shape
        (n_samples, n_outputs).

    Raises
    ------
    ValueError
        Where there is no counterpart in ONNX: members in closed form, estimators of other
        packages and sources without layers (most ensembles of ``strategy='auto'`` have some),
        categories that share buckets, a source's own preprocessing, several tasks, columns under
        the name of an output.
    TypeError
        If the estimator is none of this package, such as a pipeline around one.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    See Also
    --------
    sktransfer.TransferMLPClassifier.save : Writes what can be loaded and trained again.

    Notes
    -----
    Outputs differ from the estimator's by rounding: about 1e-12 in double precision, 1e-6 in
    single precision and where trees are among the members, which the runtime adds in single
    precision.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sktransfer import TransferMLPClassifier
    >>> from sktransfer.export import to_onnx
    >>> X, y = load_iris(return_X_y=True)
    >>> model = TransferMLPClassifier(max_iter=5, random_state=0).fit(X, y)
    >>> data = to_onnx(model).SerializeToString()

    Any runtime for ONNX takes it from here:

    >>> import onnxruntime
    >>> session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    >>> label, probabilities = session.run(None, {"X": X})
    >>> bool(abs(probabilities - model.predict_proba(X)).max() < 1e-9)
    True
    """
    model = fitted_model(estimator)
    target = model.target
    if target.kind == "several":
        raise _not_exportable("a MultiTaskMLP", "ONNX models here have one target")
    graph = Graph()
    weights = zip(model.members, model.weights.tolist(), strict=True)
    members = [(member, weight) for member, weight in weights if weight]
    _check_kinds([member for member, _ in members])
    for member, _ in members:
        if member.inputs.columns.transformer is not None:
            _frame_columns(member.inputs.columns.transformer)  # refuses what cannot be expressed
    if len({member.inputs.columns.transformer is None for member, _ in members}) > 1:
        raise _not_exportable(
            "numbers that the source has as categories",
            "some members take them as they are. Use a single strategy, such as 'l2_sp'",
        )
    dtype = np.result_type(*(member.dtype for member, _ in members))
    columns = _columns(graph, estimator, members[0][0], dtype)
    total, by_logs = "", mixes_logs(target) and len(members) > 1
    encoded: dict[int, str] = {}
    for member, weight in members:
        if id(member.inputs) not in encoded:
            rows = columns(member.inputs.columns.transformer)
            encoded[id(member.inputs)] = encode(graph, rows, member.inputs, dtype)
        values = predict(graph, encoded[id(member.inputs)], member, dtype)
        if by_logs:
            values = graph("Log", values)
        values = graph("Mul", values, graph.constant(np.array(weight, dtype)))
        total = graph("Add", total, values) if total else values
    total = graph("Exp", total) if by_logs else total
    _write_outputs(graph, total, estimator, dtype)
    return graph.model(type(estimator).__name__, f"strategy: {estimator.strategy}")


def _not_exportable(what: str, reason: str) -> ValueError:
    return ValueError(f"This estimator has {what}, which cannot be exported: {reason}.")


def _check_kinds(members: Sequence[Member]) -> None:
    """Refuse members that are no chain of layers and no read-out of one."""
    refused = {one.name: what for one in members if (what := _without_nodes(one)) is not None}
    if refused:
        plural = "s" if len(refused) > 1 else ""
        reasons = "; ".join(f"{name!r} {what}" for name, what in refused.items())
        raise _not_exportable(
            f"the member{plural} {listed(refused)}",
            f"{reasons}. ONNX models here are made of networks, linear read-outs and trees. "
            "Fit with a strategy that trains a network, such as strategy='l2_sp' with a network "
            "as source or strategy='scratch' without, and export that",
        )


def _without_nodes(member: Member) -> str | None:
    """Why a member has no counterpart in ONNX; None if it has one."""
    if member.predictor is not None:
        return f"reads the predictions of its source, {member.predictor.label}, from outside"
    if member.foreign is not None:
        return f"predicts with a {type(member.foreign.estimator).__name__} of another package"
    if member.closed_form is not None:
        return "is fitted in closed form"
    return None


def _columns(graph: Graph, estimator: BaseEstimator, member: Member, precision: np.dtype):
    """Inputs of the model, and for a transformer the encoded columns of them."""
    if member.inputs.columns.transformer is None:
        X = graph.cast(graph.input("X", precision, estimator.n_features_in_), np.float64)
        return lambda transformer: X
    inputs: dict[str, str] = {}
    for column in _frame_columns(member.inputs.columns.transformer):
        if isinstance(column, UnencodedColumn):
            continue
        if column.name in ("", *_OUTPUTS):
            why = "an output of the model has this name" if column.name else "inputs have names"
            raise _not_exportable(f"a column {column.name!r}", f"{why}. Rename it before fit")
        dtype = object if isinstance(column, CategoricalColumn) else np.float64
        inputs[column.name] = graph.input(column.name, dtype, 1)

    def encoded(transformer):
        return graph.concat(
            [
                _encoded(graph, inputs[column.name], column)
                for column in _frame_columns(transformer)
                if not isinstance(column, UnencodedColumn)
            ]
        )

    return encoded


def _frame_columns(transformer: BaseEstimator) -> tuple:
    """Columns of a mixed table, if all of them can be expressed."""
    foreign = [transformer] if not isinstance(transformer, FrameEncoder) else []
    foreign += [made.transformer for made in getattr(transformer, "transformed", ())]
    if foreign:
        raise _not_exportable(
            f"preprocessing by {type(foreign[0]).__name__}",
            "it came with the source, or stands in a pipeline. Convert it with skl2onnx and "
            "join the two models with onnx.compose.merge_models",
        )
    for column in transformer.columns:
        if not isinstance(
            column, NumericColumn | CategoricalColumn | DatetimeColumn | UnencodedColumn
        ):
            raise _not_exportable(
                f"column {column.name!r} of {column.entries}", "ONNX has none. Give numbers in fit"
            )
        if isinstance(column, CategoricalColumn) and column.n_buckets:
            raise _not_exportable(
                f"column {column.name!r} with more levels than have an indicator of their own",
                "ONNX cannot hash text. Merge rare levels before fit",
            )
        if isinstance(column, CategoricalColumn) and column.marks_missing and "" in column.levels:
            raise _not_exportable(
                f"column {column.name!r} with '' as a level next to missing entries",
                "both are '' in ONNX. Give the level a name before fit",
            )
    return transformer.columns


def _encoded(graph: Graph, value: str, column: Column) -> str:
    """A column of a mixed table in numbers, as ``encode_column`` computes it."""
    if isinstance(column, CategoricalColumn):
        return _indicators(graph, value, column)
    if isinstance(column, DatetimeColumn):
        return _cycles(graph, value, column)
    return value


def _cycles(graph: Graph, days: str, column: DatetimeColumn) -> str:
    """Days since 1970, and sine and cosine of the place in the year, the week and the day."""
    parts, quarter = [days], graph.constant(np.array(np.pi / 2))
    for period in periods_of(column):
        place = graph("Mod", days, graph.constant(np.array(period)), fmod=1)
        angle = graph("Mul", place, graph.constant(np.array(2 * np.pi / period)))
        # the runtime has no cosine in double precision
        parts += [graph("Sin", angle), graph("Sin", graph("Add", angle, quarter))]
    return graph.concat(parts)


def _indicators(graph: Graph, texts: str, column: CategoricalColumn) -> str:
    """An indicator per level; of two levels that of the second, missing for any other text."""
    levels = np.arange(len(column.levels))
    at = graph(
        "LabelEncoder",
        texts,
        domain="ai.onnx.ml",
        keys_strings=list(column.levels),
        values_int64s=levels.tolist(),
        default_int64=-1,
    )
    shown = graph.constant(levels[None, int(column.drops_first) :])
    found = graph.cast(graph("Equal", at, shown), np.float64)
    if column.marks_missing:
        is_missing = graph(
            "LabelEncoder",
            texts,
            domain="ai.onnx.ml",
            keys_strings=[""],
            values_int64s=[1],
            default_int64=0,
        )
        found = graph.concat([found, graph.cast(is_missing, np.float64)])
    if not column.drops_first:
        return found
    is_unknown = graph("Less", at, graph.constant(np.array(0)))
    return graph("Where", is_unknown, graph.constant(np.array(np.nan)), found)


def _write_outputs(graph: Graph, values: str, estimator: BaseEstimator, dtype: DTypeLike) -> None:
    target = fitted_model(estimator).target
    if target.kind == "regression":
        graph.output(values, "prediction", dtype, target.n_outputs)
        return
    if len(target.labels) == 1:
        raise _not_exportable("a classifier of a single class", "there is no choice")
    if target.kind == "binary":
        other = graph("Sub", graph.constant(np.array(1, dtype)), values)
        values = graph.concat([other, values])
    if target.kind == "multilabel":
        above = graph("Greater", values, graph.constant(np.array(0.5, dtype)))
        graph.output(graph.cast(above, np.int64), "label", np.int64, target.n_outputs)
    else:
        at = graph("ArgMax", values, axis=1, keepdims=0)
        classes = estimator.classes_
        graph.output(graph("Gather", graph.constant(classes), at), "label", classes.dtype, None)
    graph.output(values, "probabilities", dtype, len(target.labels))
