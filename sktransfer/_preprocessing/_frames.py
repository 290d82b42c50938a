"""Tables of mixed columns to numbers.

Numbers and booleans stay as they are, categories and text become indicators of their levels,
datetimes become days and the place in year, week and day.  Encoded columns are named after column
and level, so that two tables can be matched by name, whatever the order of their columns and
levels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from sktransfer._preprocessing._column_values import in_plain_numbers
from sktransfer._preprocessing._columns import fit_column, holds_numbers
from sktransfer._preprocessing._datetime_texts import first_part, is_of_two_orders
from sktransfer._preprocessing._identifiers import names_rows_by_number, without_identifiers
from sktransfer._preprocessing._kinds import encode_column
from sktransfer._preprocessing._number_texts import currencies_of
from sktransfer._preprocessing._series import Series, named_columns, texts_of
from sktransfer._preprocessing._transformed import TransformedColumns
from sktransfer._records import (
    CategoricalColumn,
    Column,
    DatetimeColumn,
    NumericColumn,
    UnencodedColumn,
)
from sktransfer._typing import CheckedTable, Frame, TableLike, is_pandas
from sktransfer._warnings import listed, warn
from sktransfer.exceptions import ColumnWarning

if TYPE_CHECKING:
    from typing_extensions import TypeIs


#: Texts whose currencies are looked at.
_MOST_TEXTS = 1000


class FrameEncoder:
    """A fitted transformer from a mixed table to an array of numbers.

    Parameters
    ----------
    columns : sequence of Column
        In the order of the table.
    transformed : sequence of TransformedColumns
        What a source's fitted transformers make of some of them, behind the others.

    Attributes
    ----------
    feature_names_in_ : tuple of str
        Names of the table's columns.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        transformed: Sequence[TransformedColumns] = (),
    ) -> None:
        self.columns = tuple(columns)
        self.transformed = tuple(transformed)
        self.feature_names_in_ = tuple(column.name for column in self.columns)

    def transform(self, X: CheckedTable) -> np.ndarray:
        """The table in numbers, NaN where a number or datetime is missing.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_encoded)
        """
        given = list(zip(self.columns, (series for _, series in named_columns(X)), strict=True))
        parts = [encode_column(series, column) for column, series in given]
        if self.transformed:
            by_name = {column.name: series for column, series in given}
            parts += [made.transform(by_name, X.shape[0]) for made in self.transformed]
        return np.hstack(parts)

    def get_feature_names_out(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        return tuple(name for _, name in self.encoded_columns)

    @property
    def encoded_columns(self) -> tuple[tuple[Column, str], ...]:
        """Of each encoded column, the one that it is made of and its name.

        A level whose name another column has says which it is of: ``'town=york of town'``.
        """
        named = [(column, name) for column in self.columns for name in column.encoded_names]
        named += [one for made in self.transformed for one in made.encoded_columns]
        counts = Counter(name for _, name in named)
        return tuple(
            (
                column,
                f"{name} of {column.name}" if counts[name] > 1 and name != column.name else name,
            )
            for column, name in named
        )

    def knows(self, names: Sequence[str]) -> bool:
        """Whether it makes more than the numbers that they are of columns of these names."""
        if any(made.for_table(names) for made in self.transformed):
            return True
        return any(c.name in names for c in self.columns if isinstance(c, CategoricalColumn))

    def __repr__(self) -> str:
        kinds = Counter(type(column).__name__ for column in self.columns)
        return f"FrameEncoder({', '.join(f'{n} {kind}' for kind, n in sorted(kinds.items()))})"


def is_frame(X: object) -> TypeIs[Frame]:
    """Whether `X` is a table with columns of their own types.

    Raises
    ------
    TypeError
        For a lazy table, whose rows are not there yet, and for a part of an arrow table.
    ValueError
        For columns of the same name.
    """
    if not hasattr(X, "columns"):
        return False
    try:
        frame = nw.from_native(X, pass_through=True)
    except nw.exceptions.DuplicateError:
        counts = Counter(X.columns)
        repeated = listed(name for name, n in counts.items() if n > 1)
        raise ValueError(
            f"A table has several columns of the name {repeated}; expected names that differ, as "
            "columns are known by them. Rename them, or leave copies out: "
            "table.loc[:, ~table.columns.duplicated()]."
        ) from None
    if isinstance(frame, nw.LazyFrame):
        raise TypeError(
            f"X is a lazy table ({type(X).__name__}); expected one whose rows are there. Call "
            ".collect() on it."
        )
    if type(X).__name__ == "RecordBatch":
        raise TypeError(
            "X is a RecordBatch of pyarrow; expected a table. Make one of it: "
            "pyarrow.Table.from_batches([X])."
        )
    return isinstance(frame, nw.DataFrame)


def under_names(
    X: TableLike, names: Sequence[str] | None, theirs: Sequence[str] | None
) -> TableLike:
    """A table of an estimator without names, for a source that has some: matched by position.

    Parameters
    ----------
    X : table of shape (n_samples, n_features)
        A frame has other names, numbers for them, or tuples.
    names : sequence of str or None
        Names of the columns in fit.
    theirs : sequence of str or None
        The source's.

    Returns
    -------
    table of shape (n_samples, n_features)
        `X` itself if there were names, or if it is no frame of as many columns under others.
    """
    if names is not None or theirs is None or not is_frame(X):
        return X
    frame = nw.from_native(X, eager_only=True)
    labels = frame.columns
    if len(labels) != len(theirs) or not {*map(str, labels)}.isdisjoint(theirs):
        return X
    if is_pandas(X):  # of which labels may be numbers
        return X.set_axis(list(theirs), axis=1)
    return frame.rename(dict(zip(labels, theirs, strict=True))).to_native()


def is_mixed(X: Frame) -> bool:
    """Whether a table has columns that are not plainly numbers."""
    schema = nw.from_native(X, eager_only=True).schema
    return not all(dtype.is_numeric() or dtype == nw.Boolean for dtype in schema.values())


def has_numbers_of_rows(X: Frame) -> bool:
    """Whether a table of numbers has columns that name rows by numbers."""
    frame = nw.from_native(X, eager_only=True)
    return any(map(names_rows_by_number, frame.iter_columns()))


def fit_frame(
    X: CheckedTable,
    categorical: Sequence[bool] | np.ndarray | None,
    known: FrameEncoder | None,
    takes_missing: bool = True,
    names: Sequence[str] | None = None,
    parse_text: bool = True,
) -> FrameEncoder:
    """How a table will be encoded.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_samples, n_features)
    categorical : sequence or ndarray of bool, or None
        Which columns are categories; None leaves that to their types.
    known : FrameEncoder or None
        A source's: its levels come first, so that levels the target does not have yet are
        understood when they come.
    takes_missing : bool, default=True
        Whether the network takes missing numbers, so that a column of two levels may be one.
    names : sequence of str or None
        What the columns are called; None for their own names.
    parse_text : bool, default=True
        Whether numbers and datetimes that were read as text are read as what they are.

    Returns
    -------
    FrameEncoder

    Warns
    -----
    ColumnWarning
        If a column holds identifiers or free text, and is left out.
    """
    theirs = {column.name: column for column in known.columns} if known is not None else {}
    columns = list(named_columns(X))
    if names is not None:
        columns = [(name, series) for name, (_, series) in zip(names, columns, strict=True)]
    chosen = [None] * len(columns) if categorical is None else categorical
    transformed = [] if known is None else list(_transformed(known, columns, parse_text))
    taken = {name for made in transformed for name in made.columns}
    fitted = [
        UnencodedColumn(name)
        if name in taken and isinstance(theirs.get(name), UnencodedColumn)
        else fit_column(series, name, forced, theirs.get(name), takes_missing, parse_text)
        for (name, series), forced in zip(columns, chosen, strict=True)
    ]
    if transformed or any(column.encoded_names for column in fitted):
        named = [
            column
            if forced or name in taken
            else without_identifiers(series, column, theirs.get(name))
            for (name, series), column, forced in zip(columns, fitted, chosen, strict=True)
        ]
        # what is left of a table of names alone are the names
        fitted = named if transformed or any(one.encoded_names for one in named) else fitted
    if not transformed and not any(column.encoded_names for column in fitted):
        # a table of names alone: they are all that there is to learn from
        known_as = [theirs.get(name) for name, _ in columns]
        fitted = [
            fit_column(series, name, True, own, takes_missing, parse_text)
            for (name, series), own in zip(columns, known_as, strict=True)
        ]
    _warn_of_names(fitted, theirs)
    for (_, series), column in zip(columns, fitted, strict=True):
        _warn_of_orders(series, column, theirs.get(column.name))
        _warn_of_currencies(series, column)
    return FrameEncoder(fitted, transformed)


def _warn_of_names(columns: Sequence[Column], theirs: Mapping[str, Column]) -> None:
    """Name the columns that are left out because (nearly) every row has another entry."""
    names = [column.name for column in columns if getattr(column, "reason", "")]
    if not names:
        return
    there = {name: theirs[name] for name in names if name in theirs}
    other = {n: column.entries for n, column in there.items() if column.encoded_names}
    cure = "split their content into columns, or name them in categorical_features."
    if other:
        name, kind = next(iter(other.items()))
        cure = (
            f"or split their content into columns. The source has {kind} in {name!r}: convert the "
            "column to that, or rename it; until then it counts as one that X lacks."
        )
    elif any("whole numbers" in getattr(column, "reason", "") for column in columns):
        cure = cure.removesuffix(".") + "; rename a column of amounts."
    warn(
        f"Columns of identifiers or free text are left out: {listed(names)}. Nearly every row "
        f"has a different entry, so that nothing can be learned from them. Drop them from X "
        f"unless the source itself reads them, {cure}",
        ColumnWarning,
    )


def _warn_of_orders(series: Series, column: Column, known: Column | None) -> None:
    """Say that dates may have day and month the other way round."""
    form = column.text if isinstance(column, DatetimeColumn) else None
    if form is None or (isinstance(known, DatetimeColumn) and known.text == form):
        return
    texts = [text for text in texts_of(series, with_dates=True) if text is not None]
    if is_of_two_orders(texts, form):
        had, other = first_part(form)
        warn(
            f"Column {column.name!r} has dates such as {texts[0]!r}, which are read with the "
            f"{had} first; the {other} may as well be first in all of them. If so, convert the "
            f"column: pandas.to_datetime(X[{column.name!r}], dayfirst={other == 'day'}).",
            ColumnWarning,
        )


def _warn_of_currencies(series: Series, column: Column) -> None:
    """Say that amounts of several currencies are read as of one."""
    if not isinstance(column, NumericColumn) or column.text is None or column.unit != "number":
        return
    texts = dict.fromkeys(text for text in texts_of(series, with_dates=True) if text is not None)
    found = sorted(currencies_of(list(texts)[:_MOST_TEXTS]))
    if len(found) > 1:
        warn(
            f"Column {column.name!r} has amounts in several currencies ({listed(found)}), which "
            "are read as numbers of one; expected one currency. Convert them to one, or split "
            "amount and currency into two columns.",
            ColumnWarning,
        )


def _transformed(
    known: FrameEncoder, columns: Sequence[tuple[str, Series]], parse_text: bool
) -> Iterator[TransformedColumns]:
    """What a source's transformers make of a table's columns."""
    for made in known.transformed:
        usable = [
            name
            for name, series in columns
            if name not in made.numbers
            or holds_numbers(series)
            or (parse_text and isinstance(in_plain_numbers(series, name), np.ndarray))
        ]
        there = made.for_table(usable)
        if there is not None:
            yield there
