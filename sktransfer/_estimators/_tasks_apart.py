"""A network of several tasks, a task at a time: its layers, its gradients, its labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone

import sktransfer._fitting as fitting
from sktransfer._estimators._table import check_table
from sktransfer._records import DenseLayer, FittedModel, SourceDescription, TableOptions
from sktransfer._targets import TaskTargets
from sktransfer._typing import TableLike, TargetLike

if TYPE_CHECKING:
    from sktransfer._estimators._multitask import MultiTaskMLP


def describe_task(model: FittedModel, kind: str, name: str | None = None) -> SourceDescription:
    """The shared layers and one task's own, as a source; without a task the shared layers alone.

    Raises
    ------
    ValueError
        If there is no such task, or it had no labels.
    """
    member = model.primary_member
    layers = [DenseLayer(*pair) for pair in zip(member.coefs, member.intercepts, strict=True)]
    n_shared = len(layers) - _n_head_layers(model)
    target = None
    if name is None:
        layers = layers[: n_shared + 1]  # an output layer without a meaning
    else:
        layers = [*layers[:n_shared], *_own_layers(model, layers[n_shared:], name)]
        target = dict(model.target.tasks)[name]
    return SourceDescription(layers, member.activation, member.inputs, target, kind)


def has_own_layers(model: FittedModel) -> bool:
    """Whether tasks have hidden layers of their own."""
    return _n_head_layers(model) > 1


def _n_head_layers(model: FittedModel) -> int:
    plan = model.primary_member.plan
    return 1 if plan is None else len(plan.heads[0])


def _own_layers(model: FittedModel, heads: list[DenseLayer], name: str) -> list[DenseLayer]:
    labelled = [task for task, one in model.target.tasks if one.n_outputs]
    if name not in labelled:
        raise ValueError(
            f"There is no task {name!r} with labels in this MultiTaskMLP; expected one of "
            f"{labelled}. Give the name of a column of the y that was fitted."
        )
    at, own, rows = labelled.index(name), [], slice(None)
    for level, layer in enumerate(heads, start=1):
        width = layer.weight.shape[1] // len(labelled)
        columns = slice(at * width, (at + 1) * width)
        if level == len(heads):
            columns = model.target.columns[name]
        own.append(DenseLayer(layer.weight[rows, columns], layer.bias[columns]))
        rows = columns
    return own


def with_tasks_of(multitask: MultiTaskMLP, y: TargetLike) -> MultiTaskMLP:
    """An unfitted estimator whose tasks are those of a fitted one; `y` must have them."""
    codec = multitask._target
    codec.columns(y)
    model = clone(multitask)
    names, form = list(codec.names), codec.form
    model._declared = TaskTargets(
        {}, multitask.standardize, names, form, codec.tasks, codec.losses
    )
    return model


def shared_gradients(
    multitask: MultiTaskMLP, X: TableLike, y: TargetLike, sample_weight: ArrayLike | None
) -> np.ndarray:
    """Gradient of each task's loss on the shared layers, in the order of the outputs."""
    from sktransfer._training import task_gradients

    model, target = multitask._model, multitask._target
    inputs = model.primary_member.inputs
    options = TableOptions(standardize=model.takes_missing)
    table = check_table(
        multitask, options, target, X, y, sample_weight, labels="known", before=model
    )
    data = fitting.training_data(table.encoded(inputs), inputs, model.target, at_once=True)
    net = multitask.net_
    return task_gradients(net.module_, net.criterion_, data, _n_head_layers(model))
