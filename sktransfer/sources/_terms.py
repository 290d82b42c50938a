"""The terms that a pipeline's columns are made of, in the order in which an encoder makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real

import numpy as np
from scipy import sparse

from sktransfer.sources._traced import (
    Knowledge,
    Level,
    Missing,
    Number,
    Output,
    Term,
    TracedColumns,
)

#: Entries of the matrix between terms and columns that are worth unfolding.
_MOST_ENTRIES = 4_000_000


@dataclass(frozen=True)
class SourceTable:
    """The table before the steps.

    Attributes
    ----------
    n_features : int
    names : tuple of str or None
    """

    n_features: int
    names: tuple[str, ...] | None

    def name(self, column: int) -> str:
        return f"x{column}" if self.names is None else str(self.names[column])


@dataclass(frozen=True, eq=False)
class Terms:
    """The terms that columns are made of, in the order in which an encoder makes them.

    Attributes
    ----------
    terms : list of Term
    matrix : ndarray of shape (n_terms, n_columns)
    offset : ndarray of shape (n_columns,)
    known : Knowledge
    """

    terms: list[Term]
    matrix: np.ndarray
    offset: np.ndarray
    known: Knowledge

    @classmethod
    def of(cls, traced: TracedColumns, known: Knowledge) -> Terms | None:
        """None where a column of the table is taken in two ways that do not go together."""
        matrix = sparse.csr_array(traced.matrix)
        used = {
            term: i
            for i, term in enumerate(traced.terms)
            if matrix.indptr[i + 1] > matrix.indptr[i]
        }
        leveled = {term.column for term in used if isinstance(term, Level)}
        numeric = [term.column for term in used if isinstance(term, Number)]
        if leveled & set(numeric) or len(set(numeric)) < len(numeric):
            return None
        if any(
            not isinstance(term.fill, Real | None) for term in used if isinstance(term, Number)
        ):
            return None
        indicated = {term.column for term in used if isinstance(term, Missing)}
        if not indicated <= leveled.union(numeric):
            return None
        if len({_key(term) for term in used if isinstance(term, Output)}) < sum(
            isinstance(term, Output) for term in used
        ):
            return None
        for column in leveled:  # levels that a step drops are inputs without a weight
            for text in known.levels[column]:
                used.setdefault(Level(column, text), -1)
        if len(used) * matrix.shape[1] > _MOST_ENTRIES:
            return None
        texts = {column: {t: i for i, t in enumerate(known.levels[column])} for column in leveled}
        ordered = sorted(used, key=lambda term: _order(term, texts))
        every = np.vstack([matrix.toarray(), np.zeros(matrix.shape[1])])
        rows = every[[used[term] for term in ordered]]
        return cls(ordered, rows, traced.offset, known)

    @property
    def needs_encoder(self) -> bool:
        return any(isinstance(term, Level | Output) for term in self.terms)


def _key(term: Output) -> tuple[int, int]:
    return term.transformed, term.index


def _order(term: Term, texts: Mapping[int, Mapping[str, int]]) -> tuple[int, int, int]:
    """Columns of the table in its order, then outputs of transformers, then missing indicators.

    The levels of a column have the order of its `texts`, and its missing indicator is behind them.
    """
    if isinstance(term, Output):
        return (1, term.transformed, term.index)
    if isinstance(term, Missing):
        behind = texts.get(term.column)
        return (2, term.column, 0) if behind is None else (0, term.column, len(behind))
    if isinstance(term, Number):
        return (0, term.column, 0)
    return (0, term.column, texts[term.column][term.text])
