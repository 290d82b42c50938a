"""Two tables in one training: the source's rows beside the target's, each with its own outputs."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np
from scipy import sparse
from sklearn.base import is_regressor
from sklearn.utils.validation import check_consistent_length

from sktransfer._alignment import Prepared, align, prepare, wishes
from sktransfer._preprocessing import Table, check_columns, is_frame
from sktransfer._records import ReportRow, SourceDescription, TargetSchema, TransferPlan
from sktransfer._targets import (
    LabelTask,
    NumberTask,
    as_objects,
    encode_tasks,
    infer_kind,
    known_values,
    read_tasks,
)
from sktransfer._warnings import silenced, warn
from sktransfer.exceptions import SourceRowsError, TransferWarning
from sktransfer.strategies import Strategy

#: Rows for which the source's count where moments are mixed, as in ``scaling='mixed'``.
_MOMENT_ROWS = 50.0


@dataclass(frozen=True)
class SourceRows:
    """The other task of a joint training.

    Attributes
    ----------
    table : Table
        The source's rows: encoded columns, and its own targets.
    target : TargetSchema
        The outputs of both, the target's first.
    plan : TransferPlan
        Of the network with both.
    weight : float
        How much these rows count beside the target's.
    """

    table: Table
    target: TargetSchema
    plan: TransferPlan
    weight: float

    def below(self, rows: Table) -> Table:
        """The target's encoded rows with the source's below, the fewer of them repeated."""
        n, m = self.weight * rows.n_samples, self.table.n_samples
        ours = np.tile(np.arange(rows.n_samples), max(1, round(m / n)))
        theirs = np.tile(np.arange(m), max(1, round(n / m)))
        upper, lower = rows.rows(ours), self.table.rows(theirs)
        weight = upper.sample_weight
        if weight is not None:
            rest = np.full(lower.n_samples, weight.mean(), weight.dtype)
            weight = np.concatenate([weight, rest])
        nowhere = self.target.n_outputs - upper.y.shape[1]
        y = np.vstack(
            [
                np.hstack([upper.y, np.full((upper.n_samples, nowhere), np.nan)]),
                np.hstack([np.full((lower.n_samples, upper.y.shape[1]), np.nan), lower.y]),
            ]
        )
        X = _stacked(upper.X, lower.X)
        return replace(upper, X=X, y=y, sample_weight=weight, groups=None)


def check_source_rows(strategy: Strategy, goes_on: bool, X_source: Any, y_source: Any) -> None:
    """Refuse the absence of source rows where they are needed; say where they are of no use.

    That is no error: one grid search compares strategies that need them with others.
    """
    given = X_source is not None, y_source is not None
    if not strategy.uses_source_rows:
        if any(given):
            warn(
                f"X_source and y_source are left aside: strategy={strategy!r} trains on the "
                "target's rows alone. Use strategy='joint' to train on both, or fit a source on "
                "them and give that as `source`.",
                TransferWarning,
            )
        return
    if goes_on:
        raise SourceRowsError.training_goes_on()
    if not all(given):
        raise SourceRowsError.missing(given)


def prepare_jointly(
    estimator: Any,
    table: Table,
    source: SourceDescription | None,
    strategy: Any,
    X_source: Any,
    y_source: Any,
) -> Prepared:
    """Decide what the target's table and the source's become in one network.

    Columns are chosen and measured on both tables together, as if labels of the source's rows were
    missing.
    """
    X_other = _checked(estimator, table, X_source)
    y_other, tasks = _targets(estimator, y_source, X_other)
    n, m = table.n_samples, len(y_other)
    weight = np.ones(n) if table.sample_weight is None else table.sample_weight
    both = replace(
        table,
        X=_stacked(table.X, X_other),
        y=np.vstack([table.y.astype(np.float64), np.full((m, table.y.shape[1]), np.nan)]),
        sample_weight=np.concatenate([weight, np.full(m, _MOMENT_ROWS / m)]).astype(table.dtype),
        groups=None,
    )
    (prepared,) = prepare(estimator, both, {"": strategy}, {"": source})
    own, other = np.arange(n), np.arange(n, n + m)
    encoded = prepared.table
    target = _beside(prepared.target, tasks)
    with silenced(TransferWarning):  # the target's own plan has said it
        plan = align(source, prepared.inputs, target, wishes(estimator, strategy))
    row = ReportRow("source", "X_source", "trained on", f"{m} rows beside {n} of the target")
    return replace(
        prepared,
        plan=replace(prepared.plan, report=(row, *prepared.plan.report)),
        table=replace(table, X=encoded.X[own]),
        joint=SourceRows(
            replace(encoded, X=encoded.X[other], y=y_other, sample_weight=None),
            target,
            plan,
            strategy.source_weight,
        ),
    )


def _beside(target: TargetSchema, tasks: dict[str, TargetSchema]) -> TargetSchema:
    ours = dict(target.tasks) if target.kind == "several" else {"": target}
    return TargetSchema.side_by_side(ours | {f"source {name}": t for name, t in tasks.items()})


# -- the source's table -------------------------------------------------------------------


def _checked(estimator: Any, table: Table, X_source: Any) -> Any:
    """The source's rows with the columns of a checked table, in its form."""
    by_name = estimator.feature_alignment == "name" and table.names is not None
    if not hasattr(X_source, "shape"):
        X_source = np.asarray(X_source)
    if is_frame(X_source) and by_name:
        X_source = _with_columns(X_source, table)
    elif X_source.shape[1:] != table.X.shape[1:] or is_frame(X_source) < is_frame(table.X):
        raise SourceRowsError.columns(X_source, table.names or table.X.shape[1])
    elif is_frame(X_source) and table.names is not None:
        frame = nw.from_native(X_source, eager_only=True)
        X_source = frame.rename(dict(zip(frame.columns, table.names, strict=True))).to_native()
    reader = copy.copy(estimator)  # learns nothing of these columns
    X = check_columns(reader, X_source, reset=True)
    if is_frame(table.X):
        return X_source
    if is_frame(X) or (X.dtype == object) != (table.X.dtype == object):
        raise SourceRowsError.text()
    return X


def _with_columns(X_source: Any, table: Table) -> Any:
    """A frame with the columns of a table, in its order; ones that it lacks are missing."""
    frame, names = nw.from_native(X_source, eager_only=True), list(table.names or ())
    known = [name for name in names if name in frame.columns]
    if not known:
        raise SourceRowsError.columns(X_source, table.names)
    types: dict[str, Any] = dict.fromkeys(names, nw.Float64)
    if is_frame(table.X):
        like = nw.from_native(table.X, eager_only=True)
        types = {n: nw.Float64 if like[n].dtype.is_numeric() else nw.String for n in names}
        if frame.implementation != like.implementation:
            columns = {name: frame[name].to_list() for name in known}
            frame = nw.from_dict(columns, backend=like.implementation)
    nothing = [nw.lit(None, dtype=types[n]).alias(n) for n in names if n not in known]
    return frame.with_columns(*nothing).select(names).to_native()


def _stacked(upper: Any, lower: Any) -> Any:
    """One table below another with the same columns."""
    if is_frame(upper):
        above, below = (nw.from_native(frame, eager_only=True) for frame in (upper, lower))
        for name in above.columns:
            kinds = above[name].dtype, below[name].dtype
            if kinds[0].is_numeric() != kinds[1].is_numeric():
                raise SourceRowsError.text()
            if kinds[0] != kinds[1]:  # whole numbers beside others, texts beside categories
                common = nw.col(name).cast(nw.Float64 if kinds[0].is_numeric() else nw.String)
                above, below = above.with_columns(common), below.with_columns(common)
        return nw.concat([above, below]).to_native()
    if sparse.issparse(upper) or sparse.issparse(lower):
        return sparse.csr_array(sparse.vstack([upper, lower]))
    return np.concatenate([upper, lower.astype(upper.dtype, copy=False)])


def _targets(estimator: Any, y_source: Any, X: Any) -> tuple[np.ndarray, dict[str, TargetSchema]]:
    """The source's targets as network outputs, NaN where missing, and what they mean."""
    columns, _ = read_tasks(y_source)
    objects, missing = as_objects(columns)
    check_consistent_length(X, objects)
    tasks: dict[str, Any] = {}
    for i, name in enumerate(columns):
        values = known_values(objects[:, i], missing[:, i])
        if not len(values):
            raise SourceRowsError.unlabelled(name)
        is_number = is_regressor(estimator) and values.dtype.kind in "iuf"
        kind = "regression" if is_number else infer_kind(values)
        tasks[name] = NumberTask() if kind == "regression" else LabelTask(values)
    y = encode_tasks(tasks, list(columns), objects, missing)
    schemas, at = {}, 0
    for name, task in tasks.items():
        own = y[:, at : at + task.n_outputs]
        schemas[name] = task.schema(own, None, estimator.standardize, None)
        at += task.n_outputs
    return y, schemas
