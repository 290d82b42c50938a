"""Columns behind the steps of a pipeline, as linear functions of the table before it.

Most steps of a usual preprocessing are linear, if not in the columns of the table then in the
indicators of their categories: scalers, imputers, encoders, selections and projections.  What is
not becomes the output of a fitted transformer.  So every column behind the steps is a sum of
*terms*, each of which is known by what it is made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from sktransfer._typing import Entry
from sktransfer.sources._encoder_levels import EncoderLevels

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


@dataclass(frozen=True)
class Number:
    """A column of the table as it is; `fill` stands for a missing entry."""

    column: int
    fill: Entry = None


@dataclass(frozen=True)
class Level:
    """1 where a column of the table has an entry of this text."""

    column: int
    text: str


@dataclass(frozen=True)
class Missing:
    """1 where a column of the table has no entry."""

    column: int


@dataclass(frozen=True)
class Output:
    """An output of a fitted transformer, counted from 0; `fill` stands for a missing one."""

    transformed: int
    index: int
    fill: Entry = None


Term = Number | Level | Missing | Output


@dataclass(frozen=True, eq=False)
class Origin:
    """How columns are computed: fitted steps, one after the other, on columns of the table."""

    columns: tuple[int, ...]
    steps: tuple[BaseEstimator, ...] = ()


@dataclass(frozen=True, eq=False)
class Transformed:
    """A fitted transformer that is no linear function.

    Attributes
    ----------
    origin : Origin
    made_of : tuple of tuple of int
        Per output the columns of the table that it is made of.
    names : tuple of str or None
        Of the outputs, where the transformer exposes it.
    """

    origin: Origin
    made_of: tuple[tuple[int, ...], ...]
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class TracedColumns:
    """Columns as sums of terms: ``terms @ matrix + offset``.

    Attributes
    ----------
    terms : tuple of Term
    matrix : sparse matrix of shape (n_terms, n_columns)
    offset : ndarray of shape (n_columns,)
    origin : Origin
    names : tuple of str or None
        What the columns are called, where that is known.
    """

    terms: tuple[Term, ...]
    matrix: sparse.csc_array
    offset: np.ndarray
    origin: Origin
    names: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return int(self.matrix.shape[1])

    @classmethod
    def of_terms(
        cls, terms: Sequence[Term], origin: Origin, names: tuple[str, ...] | None = None
    ) -> TracedColumns:
        """One column per term."""
        n = len(terms)
        return cls(tuple(terms), sparse.csc_array(sparse.eye_array(n)), np.zeros(n), origin, names)

    @classmethod
    def table(cls, n_columns: int, names: tuple[str, ...] | None) -> TracedColumns:
        """The columns of a table before any step."""
        terms = [Number(i) for i in range(n_columns)]
        return cls.of_terms(terms, Origin(tuple(range(n_columns))), names)

    def only(self, column: int) -> tuple[Term, float] | None:
        """The single term that a column is made of, and its factor; None where it is a sum."""
        start, stop = self.matrix.indptr[column : column + 2]
        if stop - start != 1:
            return None
        return self.terms[self.matrix.indices[start]], float(self.matrix.data[start])

    def raw(self, column: int) -> Number | None:
        """The column of the table that a column is, unchanged but for missing entries."""
        only = self.only(column)
        if only is None or only[1] != 1.0 or self.offset[column] != 0.0:
            return None
        return only[0] if isinstance(only[0], Number) else None

    def terms_of(self, column: int) -> list[Term]:
        """Every term that a column is made of."""
        start, stop = self.matrix.indptr[column : column + 2]
        return [self.terms[i] for i in self.matrix.indices[start:stop]]

    def take(self, columns: Sequence[int]) -> TracedColumns:
        """Some of the columns, in this order; where they come from stays."""
        at = list(columns)
        names = None if self.names is None else tuple(self.names[i] for i in at)
        return replace(self, matrix=self.matrix[:, at], offset=self.offset[at], names=names)

    def scaled(self, factor: np.ndarray, shift: np.ndarray) -> TracedColumns:
        """Every column times a factor, plus a shift."""
        matrix = sparse.csc_array(self.matrix @ sparse.diags_array(np.asarray(factor, float)))
        return replace(self, matrix=matrix, offset=self.offset * factor + shift)

    def projected(self, weight: np.ndarray, shift: np.ndarray) -> TracedColumns:
        """Sums of the columns."""
        matrix = sparse.csc_array(self.matrix @ weight)
        return replace(self, matrix=matrix, offset=self.offset @ weight + shift, names=None)

    def after(self, step: BaseEstimator, names: Iterable[str] | None = None) -> TracedColumns:
        """The same columns, computed by one step more."""
        origin = replace(self.origin, steps=(*self.origin.steps, step))
        known = None if names is None else tuple(names)
        return replace(self, origin=origin, names=known)


def concatenated(parts: Sequence[TracedColumns], origin: Origin) -> TracedColumns:
    """The columns of several parts, equal terms counted once."""
    position: dict[Term, int] = {}
    for part in parts:
        for term in part.terms:
            position.setdefault(term, len(position))
    blocks = []
    for part in parts:
        rows = [position[term] for term in part.terms]
        coo = part.matrix.tocoo()
        at = np.array(rows, dtype=np.intp)[coo.row] if len(rows) else coo.row
        shape = (len(position), len(part))
        blocks.append(sparse.csc_array((coo.data, (at, coo.col)), shape=shape))
    matrix = sparse.hstack(blocks, format="csc") if blocks else sparse.csc_array((0, 0))
    offset = np.concatenate([part.offset for part in parts]) if parts else np.zeros(0)
    return TracedColumns(tuple(position), sparse.csc_array(matrix), offset, origin)


@dataclass(eq=False)
class Knowledge:
    """What the steps of a pipeline have stored about the columns of its table.

    Attributes
    ----------
    transformed : list of Transformed
    levels : dict
        Column → the levels of its categories: their text, and an entry that has it.
    encoded : dict
        Column → what the encoder of its categories stores; of several one that raises for others.
    typical : dict
        Column → a value that stands for it where another table lacks it.
    units : dict
        Term → its mean and standard deviation.
    covariances : list of (terms, array)
        Of terms whose covariance is known.
    supposed : dict
        Output of a first step that may be any function → the column of its name, which it may have
        passed through.
    values : dict
        Such a column → a value that stands for it, or all of its categories, if the step does pass
        it through.
    numbers : set of int
        Columns of which some step says that they are numbers.
    read_as_text : dict
        Column of categories that an estimator reads as text, and of which it keeps no list → where
        it is behind the steps.
    model : estimator or None
        The estimator, where no steps are before it.
    """

    transformed: list[Transformed] = field(default_factory=list)
    levels: dict[int, dict[str, Entry]] = field(default_factory=dict)
    encoded: dict[int, EncoderLevels] = field(default_factory=dict)
    typical: dict[int, Entry] = field(default_factory=dict)
    units: dict[Term, tuple[float, float]] = field(default_factory=dict)
    covariances: list[tuple[tuple[Term, ...], np.ndarray]] = field(default_factory=list)
    supposed: dict[Term, int] = field(default_factory=dict)
    values: dict[int, list[Entry]] = field(default_factory=dict)
    numbers: set[int] = field(default_factory=set)
    read_as_text: dict[int, int] = field(default_factory=dict)
    model: BaseEstimator | None = None

    def columns_of(self, terms: Iterable[Term]) -> tuple[int, ...]:
        """The columns of the table that terms are made of."""
        found: set[int] = set()
        for term in terms:
            if isinstance(term, Output):
                found |= set(self.transformed[term.transformed].made_of[term.index])
            else:
                found.add(term.column)
        return tuple(sorted(found))

    def note_value(self, columns: TracedColumns, column: int, value: float) -> None:
        """Remember that a value of a column is typical; what is known already stays."""
        term, factor = columns.only(column) or (None, 1.0)
        value = (value - columns.offset[column]) / factor
        if term in self.supposed and np.isfinite(value):
            self.values.setdefault(self.supposed[term], [value])
        if isinstance(term, Number) and np.isfinite(value):
            self.typical.setdefault(term.column, value)

    def note_unit(
        self, columns: TracedColumns, column: int, mean: float, deviation: float
    ) -> None:
        """Remember the mean and standard deviation of a column; what is known already stays."""
        only = columns.only(column)
        if only is None or not (np.isfinite(mean) and np.isfinite(deviation) and deviation > 0):
            return
        term, factor = only
        unit = (mean - columns.offset[column]) / factor, deviation / abs(factor)
        self.units.setdefault(term, unit)
