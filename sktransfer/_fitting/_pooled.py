"""Rows of several tables and the target's as one, and the network that starts from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import check_consistent_length

from sktransfer._alignment import Prepared, prepare
from sktransfer._compat import safe_indexing
from sktransfer._fitting._gain import Gain
from sktransfer._fitting._joint import (
    STATISTICS_ROWS,
    check_names_of_map,
    checked_rows,
    checked_tables,
    errors_of_table,
)
from sktransfer._fitting._network import train_network
from sktransfer._fitting._rows_below import one_below_another, prepare_above, reading
from sktransfer._preprocessing import Table
from sktransfer._records import ClassMap, DenseLayer, FitOptions, ReportRow, SourceDescription
from sktransfer._targets import TargetCodec, missing_entries
from sktransfer._typing import CheckedTable, TableLike, TargetLike, is_sparse, shaped
from sktransfer._warnings import counted, listed, warn
from sktransfer.exceptions import SourceRowsError, TransferWarning
from sktransfer.strategies import Joint, Pooled, Scratch

#: How reports name the network of the tables.
_NAME = "the tables"


@dataclass(frozen=True, eq=False)
class PooledRows:
    """Rows of other tables whose targets mean the target's.

    Attributes
    ----------
    table : Table
        Their encoded columns and targets.
    number : ndarray of int, shape (n_samples,)
        Which table each row is of.
    """

    table: Table
    number: np.ndarray

    def indicators(self, n_own: int) -> np.ndarray:
        """One column for each table: 0 in the target's rows, 1 in its own."""
        tables = np.arange(self.number.max() + 1)
        return np.vstack([np.zeros((n_own, len(tables))), self.number[:, None] == tables])

    def weight(self, own: np.ndarray | None, n_own: int, least_share: float) -> np.ndarray:
        """Weights of the target's rows and of these, where the target's count enough together."""
        own = np.ones(n_own) if own is None else own.astype(np.float64)
        factor = least_share / (1 - least_share) * len(self.number) / max(own.sum(), 1e-12)
        return np.concatenate([own * max(factor, 1.0), np.ones(len(self.number))])

    def at_most(self, n_rows: int, seed: int) -> PooledRows:
        """Some of the rows, at random, where there are more."""
        n = len(self.number)
        if n <= n_rows:
            return self
        some = np.random.RandomState(seed).permutation(n)[:n_rows]
        return PooledRows(self.table.rows(some), self.number[some])


@dataclass(frozen=True, eq=False)
class OtherTables:
    """Tables that stand next to the target's, checked.

    Attributes
    ----------
    X : mapping of str to table
        Their rows, by name.
    y : ndarray of shape (n_samples, n_outputs)
        Encoded targets, one table below another.
    number : ndarray of int, shape (n_samples,)
        Which table each row is of.
    report : tuple of ReportRow
        What became of each table.
    """

    X: Mapping[str, CheckedTable]
    y: np.ndarray
    number: np.ndarray
    report: tuple[ReportRow, ...]

    def rows(self, gains: Mapping[str, Gain]) -> list[ReportRow]:
        """What became of each table, and what its rows were good for."""
        return [
            _with_gain(row, gains[row.name]) if row.name in gains else row for row in self.report
        ]

    def levelled(self, target: TargetCodec) -> np.ndarray:
        """Targets; numbers moved so that every table has the same mean.

        Tables differ in level for reasons that are in no column, and the target's level is
        learned from its own rows.
        """
        if not target.is_numeric:
            return self.y
        y = self.y.astype(np.float64)
        by_factor = target.schema(y, None).loss_function.has_log_link
        level = _mean_of_known(y)
        for one in np.unique(self.number):
            own = self.number == one
            mean = _mean_of_known(y[own])
            y[own] = y[own] * _ratio(level, mean) if by_factor else y[own] + level - mean
        return y


def _with_gain(row: ReportRow, gain: Gain) -> ReportRow:
    """What the rows of a table were good for."""
    status = "helped" if gain.mean > 0 else "did not help"
    if abs(gain.mean) < gain.standard_error:
        status = "made little difference"
    how = f"{abs(gain.mean):.2g} {'lower' if gain.mean > 0 else 'higher'}"
    loss = f"the held-out loss of trees is {how} with them (standard error"
    reason = f"{row.reason}; {loss} {gain.standard_error:.2g})"
    return replace(row, status=status, reason=reason)


def _mean_of_known(y: np.ndarray) -> np.ndarray:
    """The mean of each output over the rows in which it is known; NaN where there are none."""
    n_known = (~np.isnan(y)).sum(axis=0)
    mean: np.ndarray = np.where(n_known, np.nansum(y, axis=0) / np.maximum(n_known, 1), np.nan)
    return mean


def _ratio(level: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return np.where(mean > 0, level / np.where(mean > 0, mean, 1.0), 1.0)


def with_tables(
    options: FitOptions, target: TargetCodec, table: Table, rng: np.random.RandomState
) -> tuple[FitOptions, OtherTables | None]:
    """The tables of an ensemble, None where there are none, and the source that they make.

    A user's source stands; without one, a network is trained on the tables' rows.

    Parameters
    ----------
    options : FitOptions
    target : TargetCodec
    table : Table
        The target's, checked.
    rng : RandomState

    Returns
    -------
    options : FitOptions
    tables : OtherTables or None
    """
    joint = getattr(options.strategy, "joint", None)
    if joint is None:
        return options, None
    tables = read_tables(options, target, table, joint)
    options = replace(options, strategy=options.strategy.with_tables(tables.X))
    if options.source is not None:
        return options, tables
    source = source_of_tables(options, target, table, tables, rng)
    # it has the target's names and labels already; an empty map says something else
    class_map = None if options.class_map else options.class_map
    return replace(options, source=source, column_map=None, class_map=class_map), tables


def read_tables(
    options: FitOptions, target: TargetCodec, table: Table, joint: Joint
) -> OtherTables:
    """The tables of an ensemble whose targets mean the target's.

    Raises
    ------
    SourceRowsError
        If there is none.
    """
    check_names_of_map(options, joint)
    rows, targets, report, left_out = {}, [], [], {}
    for name, given in checked_tables(joint).items():
        X, y, n_unlabelled = _labelled(*given)
        y = _translated(y, options.class_map or {})
        other = target.other_labels(y)
        if other:
            left_out[name] = other
            report.append(ReportRow("table", name, "left out", f"it has {other}"))
            continue
        with errors_of_table(name):
            rows[name] = checked_rows(options, table, X)
            targets.append(_encoded(target, rows[name], y, table.y.shape[1]))
        are = "is" if n_unlabelled == 1 else "are"
        without = f", and {n_unlabelled} without a label {are} left out" if n_unlabelled else ""
        n_rows = counted(len(targets[-1]), "row")
        report.append(ReportRow("table", name, "used", n_rows + without))
    said = "; ".join(f"{name!r} has {other}" for name, other in left_out.items())
    if left_out and options.source is None:
        said += _unknown_keys(joint, options.class_map or {})
    if not rows:
        raise SourceRowsError(
            f"None of the tables of Joint has the target's labels: {said}. Expected one at least "
            "in an ensemble. Say what is the same, class_map={label of a table: label in y}, or "
            "use strategy=Joint(tables) by itself, which trains on labels of any meaning."
        )
    if left_out:
        warn(
            f"Tables of Joint are left out, as labels are not the target's: {said}. Where they "
            "mean the same, say so, class_map={label of a table: label in y}.",
            TransferWarning,
        )
    sizes = [len(y) for y in targets]
    number = np.repeat(np.arange(len(sizes)), sizes)
    return OtherTables(rows, np.vstack(targets), number, tuple(report))


def _labelled(X: TableLike, y: TargetLike) -> tuple[TableLike, TargetLike, int]:
    """The rows of a table that have a label of its only target, and how many have none."""
    if hasattr(y, "toarray"):
        return X, y, 0
    values = np.asarray(y)
    if values.shape[1:] not in ((), (1,)) or values.dtype.kind not in "fO":
        return X, y, 0
    missing = missing_entries(values).ravel()
    n_missing = int(missing.sum())
    if not n_missing or n_missing == len(missing):
        return X, y, 0
    X, known = shaped(X), np.flatnonzero(~missing)
    if X.shape[0] != len(missing):
        return X, y, 0
    return safe_indexing(X, known), values[known], n_missing


def _unknown_keys(joint: Joint, class_map: ClassMap) -> str:
    """Which keys of a map are no label of any table, as '0' where a label is 0."""
    tables = [y for _, y in joint.named_tables.values() if not is_sparse(y)]
    labels = {label for y in tables for label in np.asarray(y).ravel().tolist()}
    unknown = [key for key in class_map if key not in labels]
    return f"; class_map has keys {listed(unknown)}, which no table has" if unknown else ""


def _translated(y: TargetLike, class_map: ClassMap) -> TargetLike:
    """The labels of a table, in the target's words where the user says what is the same."""
    if not class_map or is_sparse(y):
        return y
    labels = np.asarray(y)
    if labels.ndim != 1:
        return y
    return np.array([class_map.get(label, label) for label in labels.tolist()])


def _encoded(target: TargetCodec, X: CheckedTable, y: TargetLike, n_outputs: int) -> np.ndarray:
    known, missing = target.known(y, "known")
    dtype = np.float64 if target.is_numeric else None
    labels = check_array(known, ensure_2d=False, dtype=dtype, input_name="y")
    check_consistent_length(X, labels)
    encoded = target.encode(labels, missing, None, "known")[0]
    if encoded.shape[1] != n_outputs:
        raise ValueError(
            f"y has {counted(encoded.shape[1], 'column')}, and the target's y has {n_outputs}; "
            "expected as many in an ensemble. Give the columns that mean the target's, in its "
            "order, or strategy=Joint(tables) by itself, which trains on targets of any meaning."
        )
    return encoded


def prepare_pooled(
    options: FitOptions,
    target: TargetCodec,
    table: Table,
    members: Mapping[str, Pooled],
    tables: OtherTables,
) -> list[Prepared]:
    """What the target's table and others become for the members that learn from their rows."""
    names, m = list(tables.X), len(tables.y)
    share = np.full(m, STATISTICS_ROWS / m)
    sources = dict.fromkeys(members)
    made = []
    for one, rows in prepare_above(
        options, target, table, members, sources, _called(tables), share
    ):
        strategy: Pooled = one.strategy
        those = [i for i, name in enumerate(names) if name in strategy.names]
        kept = np.isin(tables.number, those)
        if not those:  # the target's rows alone, to compare with
            made.append(one)
            continue
        number = np.unique(tables.number[kept], return_inverse=True)[1]
        X, y = rows[kept], tables.y[kept]
        below = replace(table, X=X, y=y, sample_weight=None, groups=None, precision=None)
        joint = PooledRows(below, number)
        made.append(replace(one, joint=joint, uses_source=True))
    return made


def source_of_tables(
    options: FitOptions,
    target: TargetCodec,
    table: Table,
    tables: OtherTables,
    rng: np.random.RandomState,
) -> SourceDescription:
    """A network of the tables' rows, to start from.

    Parameters
    ----------
    options : FitOptions
    target : TargetCodec
    table : Table
        The target's, checked.
    tables : OtherTables
    rng : RandomState

    Returns
    -------
    SourceDescription
    """
    X, columns = one_below_another(options, table, _called(tables))
    rows = np.arange(table.n_samples, table.n_samples + len(tables.y))
    below = Table(safe_indexing(X, rows), tables.levelled(target), None, table.names, table.dtype)
    options = replace(options, source=None, strategy=Scratch(), callbacks=[], verbose=0)
    (prepared,) = prepare(options, target, below, {_NAME: options.strategy}, {_NAME: None})
    prepared = reading(prepared, columns)
    fitted = train_network(prepared, options, target, prepared.table, rng, lambda *_: None)
    member = fitted.member
    layers = zip(member.coefs, member.intercepts, strict=True)
    return SourceDescription(
        [DenseLayer(weight, bias) for weight, bias in layers],
        member.activation,
        inputs=member.inputs,
        target=member.target,
        name=_NAME,
    )


def _called(tables: OtherTables) -> dict[str, CheckedTable]:
    return {f"the table {name!r} of Joint": X for name, X in tables.X.items()}
