"""Several tables in one training, each with outputs of its own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import narwhals as nw
import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import check_consistent_length

from sktransfer._alignment import Prepared, align, class_map_of, wanted_of
from sktransfer._fitting._rows_below import prepare_above, stacked
from sktransfer._losses import loss_of
from sktransfer._preprocessing import (
    FLOATS,
    Table,
    check_frame,
    has_types,
    in_numbers,
    instead_of_a_table,
    is_frame,
    is_mixed,
    read_as_numbers,
    refuse_mask,
    with_known_types,
    with_truths_read,
    without_repeated_entries,
)
from sktransfer._records import (
    FitOptions,
    ReportRow,
    SourceDescription,
    TargetSchema,
    TransferPlan,
)
from sktransfer._targets import (
    TargetCodec,
    Task,
    as_objects,
    check_are_numbers,
    encode_tasks,
    infer_kind,
    known_values,
    make_task,
    read_tasks,
    with_missing_kept,
)
from sktransfer._typing import CheckedTable, Frame, TableLike, TargetLike, is_sparse, shaped
from sktransfer._warnings import counted, errors_in, listed, silenced, warn
from sktransfer.exceptions import SourceRowsError, TransferWarning
from sktransfer.sources import alike_names, same_names
from sktransfer.strategies import Joint

#: Rows for which the others' count in means and deviations.
STATISTICS_ROWS = 50.0


@dataclass(frozen=True)
class JointRows:
    """The other tasks of a joint training.

    Attributes
    ----------
    table : Table
        Rows of the other tables: encoded columns, and their own targets.
    target : TargetSchema
        The outputs of both, the target's first.
    plan : TransferPlan
        Of the network with both.
    weight : float
        How much these rows count relative to the target's.
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
        X = stacked([upper.numbers, lower.numbers])
        return replace(upper, X=X, y=y, sample_weight=weight, groups=None, precision=None)


def check_joint(options: FitOptions) -> None:
    """Refuse joint training on a stream, or further joint training of a fitted model."""
    if isinstance(options.strategy, Joint) and options.mode != "fit":
        raise SourceRowsError(
            f"strategy={options.strategy!r} with {options.mode}; expected fit. The output layers "
            "of the other tables are not kept, so that training on their rows cannot be resumed. "
            "Use another strategy, such as 'l2_sp'."
        )


def prepare_jointly(
    options: FitOptions,
    target: TargetCodec,
    table: Table,
    source: SourceDescription | None,
    strategy: Joint,
) -> Prepared:
    """Decide what the target's table and the other tables become in one network.

    Columns are chosen and measured on all tables together, as if labels of the others' rows were
    missing.
    """
    others = _other_rows(options, target, table, strategy)
    n, m = table.n_samples, len(others.y)
    called = [f"the table {name!r} of Joint" for name in others.sizes]
    below = dict(zip(called, others.X, strict=True))
    share = np.full(m, STATISTICS_ROWS / m)
    table = replace(table, unlabeled=None)  # these rows count as they are
    ((prepared, encoded),) = prepare_above(
        options, target, table, {"joint": strategy}, {"joint": source}, below, share
    )
    schema = _concatenated(prepared.target, others.tasks)
    with silenced(TransferWarning):  # the target's own plan has said it
        met = prepared.plan.source or source  # with the table's names
        wanted = wanted_of(options, strategy, class_map_of(options, met))
        plan = align(met, prepared.inputs.columns, schema, wanted)
    rows = tuple(
        ReportRow("source", name, "trained on", f"{counted(size, 'row')}, with {n} of the target")
        for name, size in others.sizes.items()
    )
    return replace(
        prepared,
        plan=replace(prepared.plan, report=(*rows, *prepared.plan.report)),
        joint=JointRows(
            replace(table, X=encoded, y=others.y, sample_weight=None, groups=None, precision=None),
            schema,
            plan,
            strategy.source_weight,
        ),
    )


def _concatenated(target: TargetSchema, tasks: dict[str, TargetSchema]) -> TargetSchema:
    ours = dict(target.tasks) if target.kind == "several" else {"": target}
    return TargetSchema.concatenated(ours | {f"source {name}": t for name, t in tasks.items()})


# -- the other tables ---------------------------------------------------------------------


@dataclass(frozen=True)
class _OtherRows:
    """Rows of the other tables, their targets one below another, and what these mean."""

    X: list[CheckedTable]
    y: np.ndarray
    tasks: dict[str, TargetSchema]
    sizes: dict[str, int]


def _other_rows(
    options: FitOptions, target: TargetCodec, table: Table, strategy: Joint
) -> _OtherRows:
    tables = checked_tables(strategy)
    check_names_of_map(options, strategy)
    parts: list[CheckedTable] = []
    targets: list[np.ndarray] = []
    tasks: dict[str, TargetSchema] = {}
    for name, pair in tables.items():
        with errors_of_table(name):
            X = checked_rows(options, table, pair[0])
            y, own = _targets(options, target, pair[1], X)
        prefix = "" if len(tables) == 1 else f"{name} "
        tasks |= {f"{prefix}{task}": schema for task, schema in own.items()}
        parts.append(X)
        targets.append(y)
    n_outputs, at = sum(y.shape[1] for y in targets), 0
    below = []
    for y in targets:
        wide = np.full((len(y), n_outputs), np.nan)
        wide[:, at : at + y.shape[1]] = y
        at += y.shape[1]
        below.append(wide)
    sizes = {name: len(y) for name, y in zip(tables, targets, strict=True)}
    return _OtherRows(parts, np.vstack(below), tasks, sizes)


def errors_of_table(name: str) -> AbstractContextManager[None]:
    """Say of what is wrong with a table which of the tables it is."""
    return errors_in(f"the table {name!r} of Joint", SourceRowsError)


def checked_tables(strategy: Joint) -> dict[str, tuple[TableLike, TargetLike]]:
    """The tables by name, each a pair.

    Raises
    ------
    SourceRowsError
        If there is none, or one is no pair.
    """
    tables = strategy.named_tables
    if not tables:
        raise SourceRowsError(
            f"strategy={strategy!r} has no tables; expected the rows of other tables and their "
            "targets. They are left out of saved and unpickled models: give "
            "Joint((X_other, y_other)) again."
        )
    for name, pair in tables.items():
        if len(pair) != 2 or any(part is None for part in pair):
            raise SourceRowsError(
                f"Table {name!r} of Joint has {len(pair)} parts"
                f"{', one of which is None' if any(part is None for part in pair) else ''}; "
                "expected a pair (X, y): its rows and their targets."
            )
    return {name: (X, with_missing_kept(y)) for name, (X, y) in tables.items()}


def checked_rows(options: FitOptions, table: Table, X_source: TableLike) -> CheckedTable:
    """Rows of another table with the columns of a checked one."""
    by_name = options.feature_alignment == "name" and table.names is not None
    given, X_source = X_source, shaped(with_known_types(X_source))
    if is_frame(X_source) and by_name:
        X_source = _with_columns(X_source, table, options.column_map or {})
    elif X_source.shape[1:] != table.X.shape[1:] or is_frame(X_source) < is_frame(table.X):
        no_table = instead_of_a_table(given)
        if no_table is not None:
            raise SourceRowsError(no_table)
        raise _other_columns(X_source, table.names or table.X.shape[1])
    elif is_frame(X_source) and table.names is not None:
        frame = nw.from_native(X_source, eager_only=True)
        X_source = frame.rename(dict(zip(frame.columns, table.names, strict=True))).to_native()
    X_source = shaped(with_truths_read(X_source, _truths(table, X_source)))
    refuse_mask(X_source)
    if is_frame(table.X):
        check_frame(X_source, "Joint")
        return X_source
    if is_frame(X_source) and is_mixed(X_source):
        X_source = in_numbers(X_source, options.parse_text, "a table of Joint")
    elif has_types(options, X_source):
        check_frame(X_source, "Joint")
        if not table.keeps_types:
            raise _other_types()
        return X_source
    X = check_array(
        X_source,
        accept_sparse=["csr", "csc"],
        dtype=FLOATS,
        ensure_all_finite="allow-nan" if options.standardize else True,
        input_name="X",
    )
    if table.keeps_types:
        raise _other_types()
    return without_repeated_entries(X) if is_sparse(X) else X


def _truths(table: Table, X_source: CheckedTable) -> list[int]:
    """Positions in another table of the columns that are truth values in a checked one."""
    if not is_frame(X_source) or table.names is None:
        return list(table.truths)
    ours = {table.names[i] for i in table.truths}
    columns = nw.from_native(X_source, eager_only=True).columns
    return [i for i, name in enumerate(columns) if name in ours]


def _other_columns(X_source: CheckedTable, ours: tuple[str, ...] | int | None) -> SourceRowsError:
    """For two tables whose columns cannot be matched."""
    theirs = getattr(X_source, "columns", None)
    has = f"shape {X_source.shape}" if theirs is None else f"columns {listed(theirs)}"
    wants = counted(ours, "column") if isinstance(ours, int) else f"columns {listed(ours)}"
    return SourceRowsError(
        f"its {type(X_source).__name__} has {has}, and X has {wants}; expected names "
        "in common in two frames, or as many columns in the same order in two arrays. Give "
        "both tables in the same form, with the same names where columns mean the same."
    )


def _other_types() -> SourceRowsError:
    """For columns of one name that are text in one table and numbers in the other."""
    return SourceRowsError(
        "it and X have columns that are text or categories in one and numbers in the other; "
        "expected columns of one name to be of one type. Convert them, or rename those "
        "that mean other things."
    )


def check_names_of_map(options: FitOptions, strategy: Joint) -> None:
    """Refuse a `column_map` of columns that no table has, where it can be about nothing else."""
    if options.source is not None or not options.column_map:
        return
    frames = [X for X, _ in strategy.named_tables.values() if is_frame(X)]
    names = {name for X in frames for name in nw.from_native(X, eager_only=True).columns}
    unknown = [name for name in options.column_map if name not in names]
    if unknown:
        raise SourceRowsError(
            f"column_map has keys {listed(unknown)}, which no table of Joint has; expected "
            f"{{column of a table: column of X}}, and the tables have columns {listed(names)}."
        )


def _with_columns(X_source: Frame, table: Table, column_map: Mapping[str, str]) -> Frame:
    """A frame with those of a table's columns that it has; for an array, ones it lacks are NaN.

    Names may be spelled otherwise, as those of a source.
    """
    frame, names = nw.from_native(X_source, eager_only=True), list(table.names or ())
    given = {one: other for one, other in column_map.items() if one in frame.columns}
    frame = frame.drop([name for name in given.values() if name not in given], strict=False)
    frame = frame.rename(given)
    theirs = [name for name in frame.columns if isinstance(name, str) and name not in names]
    lacking = [name for name in names if name not in frame.columns]
    found = same_names(theirs, lacking)
    frame = frame.rename(found)
    perhaps = alike_names(
        [name for name in theirs if name not in found],
        [name for name in lacking if name not in found.values()],
    )
    if perhaps:
        shown = "; ".join(f"{one!r} and X's {other!r}" for one, other in perhaps[:3])
        warn(
            f"Columns of a table of Joint resemble others that X has: {shown}. They are not "
            "matched. Where they are the same, say so, column_map={column of the table: column of "
            "X}, or give them one name.",
            TransferWarning,
        )
    known = [name for name in names if name in frame.columns]
    if not known:
        raise _other_columns(X_source, table.names)
    if is_frame(table.X):
        return frame.select(known).to_native()
    nothing = [nw.lit(None, dtype=nw.Float64).alias(n) for n in names if n not in known]
    return frame.with_columns(*nothing).select(names).to_native()


def _targets(
    options: FitOptions, target: TargetCodec, y_source: TargetLike, X: CheckedTable
) -> tuple[np.ndarray, dict[str, TargetSchema]]:
    """Targets of another table as network outputs, NaN where missing, and what they mean."""
    columns, _ = read_tasks(y_source)
    objects, missing = as_objects(columns)
    check_consistent_length(X, objects)
    tasks: dict[str, Task] = {}
    for i, name in enumerate(columns):
        values = known_values(objects[:, i], missing[:, i])
        if not len(values):
            raise SourceRowsError(
                f"y has no label at all in {name!r}; expected at least one. There is "
                "nothing to learn from it: leave the column out."
            )
        values = _checked(values, name, target.is_numeric)
        # next to a regression, whole numbers are numbers
        is_number = target.is_numeric and values.dtype.kind in "iuf"
        kind = "regression" if is_number else infer_kind(values)
        loss = getattr(target, "loss", "squared_error") if is_number else "squared_error"
        if is_number and loss_of(loss).refuses(values) is not None:
            loss = "squared_error"
        tasks[name] = make_task(kind, values, options.standardize, loss)
        objects[~missing[:, i], i] = values
    y = encode_tasks(tasks, list(columns), objects, missing)
    schemas, at = {}, 0
    for name, task in tasks.items():
        schemas[name] = task.schema(y[:, at : at + task.n_outputs])
        at += task.n_outputs
    return y, schemas


def _checked(values: np.ndarray, name: str, is_numeric: bool) -> np.ndarray:
    """Known labels of another table; next to a regression, texts that are numbers as numbers."""
    kind = values.dtype.kind
    if is_numeric and (kind in "mM" or (kind == "U" and read_as_numbers(values.tolist()))):
        check_are_numbers(values.astype(object))
        values = values.astype(np.float64)
    if values.dtype.kind == "f" and np.isinf(values).any():
        raise SourceRowsError(
            f"y has infinity in {name!r}; expected finite numbers, and NaN where a label is "
            "missing. Clean the column first."
        )
    return values
