"""Encoded columns that a fitted transformer makes of a table, which may lack some columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

import narwhals as nw
import numpy as np

from sktransfer._preprocessing._as_it_seems import forms_of
from sktransfer._preprocessing._column_values import in_floats, in_plain_types
from sktransfer._preprocessing._record_keys import columns_of_records
from sktransfer._preprocessing._refused_entry import takes
from sktransfer._preprocessing._series import (
    Series,
    entries_of,
    in_pandas,
    level_text,
    with_columns,
)
from sktransfer._preprocessing._source_steps import ABOUT_TABLES, transform_by_source
from sktransfer._records import UnencodedColumn
from sktransfer._typing import CheckedTable, Entry, Frame, Matrix, is_pandas, is_sparse

if TYPE_CHECKING:
    import pandas as pd

    from sktransfer._records import Transformer


class TransformedColumns:
    """What a fitted transformer makes of some columns of a table.

    Parameters
    ----------
    transformer : object
        Has ``transform``; if it has ``feature_names_in_``, it gets a frame with these columns.
    columns : tuple of str
        Names of the columns that it takes, in its order.
    fill : tuple
        Per column the entry that stands for it where a table lacks it; None where it is unknown.
    outputs : tuple of int
        Which of its outputs are encoded columns.
    names : tuple of str
        Of the encoded columns.
    made_of : tuple of tuple of int
        Per encoded column which of `columns` it is made of.
    label : str
        What reports call the transformer.
    fills_missing : tuple of bool
        Per column whether `fill` stands for missing entries too, where the transformer refuses
        them or makes no number of them.
    """

    def __init__(
        self, transformer, columns, fill, outputs, names, made_of, label, fills_missing
    ) -> None:
        self.transformer = transformer
        self.columns, self.fill = tuple(columns), tuple(fill)
        self.fills_missing = tuple(fills_missing)
        self.outputs, self.names = tuple(outputs), tuple(names)
        self.made_of = tuple(tuple(of) for of in made_of)
        self.label = label

    @property
    def numbers(self) -> set[str]:
        """Columns that are certainly numbers to the transformer, whatever a table has in them."""
        if isinstance(getattr(self.transformer, "func", None), np.ufunc):
            return set(self.columns)
        theirs = getattr(self.transformer, "feature_names_in_", self.columns)
        of_records, _ = columns_of_records([self.transformer], theirs)
        return {
            name
            for i, (name, fill) in enumerate(zip(self.columns, self.fill, strict=True))
            # of one that may be missing anything is possible
            if i in of_records or (isinstance(fill, int | float | np.number) and np.isfinite(fill))
        }

    @property
    def label_of_several(self) -> str:
        """What reports call that of which an encoded column of several columns is made."""
        return f"{self.label} of {len(self.columns)} columns"

    @property
    def encoded_columns(self) -> list[tuple[UnencodedColumn, str]]:
        """Of each encoded column the column, or the transformer of several, and its name."""
        several = self.label_of_several
        owners = [self.columns[of[0]] if len(of) == 1 else several for of in self.made_of]
        return [(UnencodedColumn(own), name) for own, name in zip(owners, self.names, strict=True)]

    def for_table(self, names: Sequence[str]) -> TransformedColumns | None:
        """What of it a table with columns of these names has; None where that is nothing.

        An encoded column is there if the table has any of its columns, and the others have an
        entry to stand for them.
        """
        there = [name in names for name in self.columns]
        known = [
            is_there or fill is not None for is_there, fill in zip(there, self.fill, strict=True)
        ]
        kept = [
            i
            for i, of in enumerate(self.made_of)
            if any(there[j] for j in of) and all(known[j] for j in of)
        ]
        if not kept:
            return None
        if len(kept) == len(self.names):
            return self
        return TransformedColumns(
            self.transformer,
            self.columns,
            self.fill,
            [self.outputs[i] for i in kept],
            [self.names[i] for i in kept],
            [self.made_of[i] for i in kept],
            self.label,
            self.fills_missing,
        )

    def takes_missing(self, column: int) -> bool:
        """Whether the transformer takes a missing number here, next to usual entries."""
        row = self._table({self.columns[column]: np.full(1, np.nan)}, 1)
        return takes(self._transformed, row)

    def transform(self, given: Mapping[str, Series | np.ndarray], n_rows: int) -> np.ndarray:
        """The encoded columns, of shape (n_rows, n_encoded).

        Parameters
        ----------
        given : mapping of str to column
            Of the table; columns that are not there get their `fill`.
        n_rows : int

        Raises
        ------
        TransferError
            If the source's transformer does not take its columns.
        """
        given = {
            name: in_floats(given[name], name) if name in self.numbers else given[name]
            for name in self.columns
            if name in given
        }
        with np.errstate(all="ignore"):  # of columns that are not there
            if not any(self.fills_missing):
                return self._numbers(self._table(given, n_rows))
            out = self._tried(self._table(given, n_rows))
            if out is not None:
                is_whole = np.isfinite(out).all(axis=1, keepdims=True)
                if is_whole.all():  # none is missing, or the source's own steps replace it
                    return out
            filled = self._numbers(self._table(given, n_rows, self.fills_missing))
            return filled if out is None else np.where(is_whole, out, filled)

    def _table(
        self, given: Mapping[str, Series | np.ndarray], n_rows: int, fills: Sequence[bool] = ()
    ) -> Frame | np.ndarray:
        """The table that the transformer takes, with entries for missing ones where `fills`."""
        columns: list[SomeColumn] = []
        for i, (name, value) in enumerate(zip(self.columns, self.fill, strict=True)):
            column: SomeColumn = Constant(value)
            if name in given:
                is_filled = bool(fills) and fills[i]
                own = in_plain_types(given[name])
                column = _filled(own, Constant(value)) if is_filled else own
            columns.append(column)
        theirs = getattr(self.transformer, "feature_names_in_", None)
        return table_of_columns(columns, theirs, n_rows)

    def _numbers(self, table: Frame | np.ndarray) -> np.ndarray:
        """The encoded columns of a table; where it is refused, the error says what."""
        out = self._tried(table)
        if out is None:
            return transform_by_source(self.transformer, self._transformed, table)
        return out

    def _tried(self, table: Frame | np.ndarray) -> np.ndarray | None:
        """The encoded columns, read as they seem where they are refused as they are, or None."""
        with suppress(*ABOUT_TABLES):
            return self._transformed(table)
        for other in self._frames(table):
            with suppress(*ABOUT_TABLES):
                return self._transformed(other)
        return None

    def _frames(self, table: Frame | np.ndarray) -> Iterator[Frame]:
        """Other tables of the same entries: a class of the user's may note no names it needs."""
        if is_pandas(table):
            yield from forms_of(table)
            return
        with suppress(ImportError):
            import pandas as pd

            yield pd.DataFrame(table, columns=list(self.columns)).infer_objects()

    def _transformed(self, table: CheckedTable) -> np.ndarray:
        out = self.transformer.transform(table)
        out = out.toarray() if is_sparse(out) else np.asarray(out)
        return out[:, list(self.outputs)].astype(np.float64, copy=False)


class RespelledLevels:
    """A source's own steps for a table that spells the levels of some columns otherwise.

    Parameters
    ----------
    transformer : object
        Fitted on a frame.
    levels : mapping of str to mapping
        Its name of a column → the table's text of a level → the entry that it has.
    """

    def __init__(
        self, transformer: Transformer, levels: Mapping[str, Mapping[str, Entry]]
    ) -> None:
        self.transformer = transformer
        self.levels = {name: dict(known) for name, known in levels.items()}

    @property
    def steps(self) -> list[Transformer]:
        return [self.transformer]

    @property
    def feature_names_in_(self) -> Sequence[str] | None:
        return getattr(self.transformer, "feature_names_in_", None)

    def transform(self, X: pd.DataFrame) -> Matrix:
        respelled = {
            name: X[name].astype(object).map(lambda v, known=known: known.get(level_text(v), v))
            for name, known in self.levels.items()
        }
        return self.transformer.transform(with_columns(X, respelled))


def _filled(column: SomeColumn, fill: Constant) -> np.ndarray:
    """A column of numbers or of texts with an entry in the place of missing ones."""
    values = entries_of(column) if isinstance(column, nw.Series) else np.asarray(column)
    if isinstance(fill.value, str):
        return np.array([level_text(value) or fill.value for value in values.tolist()], object)
    values = values.astype(np.float64)
    return np.where(np.isnan(values), np.asarray(fill.value), values)


class Constant:
    """A column of one entry."""

    def __init__(self, value: Entry) -> None:
        self.value = 1.0 if value is None else value  # a number that most functions take


#: A column of a table, or what stands for one that it lacks.
SomeColumn: TypeAlias = "Series | np.ndarray | pd.Series | Constant"


def columns_by_name(X: CheckedTable, names: Sequence[str]) -> dict[str, nw.Series | np.ndarray]:
    """The columns of a table under their names, each a narwhals series or an array."""
    X = X.toarray() if is_sparse(X) else X
    if isinstance(X, np.ndarray):
        return dict(zip(names, X.T, strict=True))
    frame = nw.from_native(X, eager_only=True)
    return dict(zip(names, frame.iter_columns(), strict=True))


def table_of_columns(
    columns: Sequence[SomeColumn], names: Sequence[str] | None, n_rows: int
) -> Frame | np.ndarray:
    """A table as a fitted transformer expects it: a frame where it has names, else an array.

    Parameters
    ----------
    columns : sequence of array, narwhals series or constants
    names : sequence of str or None
    n_rows : int
    """
    if names is not None:
        import pandas as pd  # whoever fitted the transformer on a frame has it

        series = [as_pandas(column, n_rows) for column in columns]
        return pd.DataFrame(dict(enumerate(series))).set_axis(list(names), axis=1)
    arrays = [_as_array(column, n_rows) for column in columns]
    return np.column_stack(arrays) if arrays else np.empty((n_rows, 0))


def as_pandas(column: SomeColumn, n_rows: int = 1) -> pd.Series:
    """A column of any table as a series of pandas; of a constant this many entries."""
    import pandas as pd

    if isinstance(column, Constant):
        return pd.Series([column.value] * n_rows)
    if isinstance(column, nw.Series):
        column = in_pandas(column)
    if isinstance(column, pd.Series):  # with categories of its own
        return column.reset_index(drop=True)
    return pd.Series(np.asarray(column))


def _as_array(column: SomeColumn, n_rows: int) -> np.ndarray:
    if isinstance(column, Constant):
        is_number = isinstance(column.value, int | float | np.number)
        return np.full(n_rows, column.value, dtype=np.float64 if is_number else object)
    if isinstance(column, nw.Series):
        column = entries_of(column)
    return np.asarray(column)
