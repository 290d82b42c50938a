"""Fourier features of numeric columns: which columns get them, and what they are."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from sktransfer._records import InputColumns
from sktransfer._typing import Matrix, is_sparse

#: Their amplitude.
_AMPLITUDE = 0.7
#: Distinct values from which on a numeric column is worth them.
_DISTINCT = 7
#: Rows in which columns are looked at.
_MOST_ROWS = 10_000
#: Numeric columns up to which each has four frequencies; beyond, two; beyond the second, none.
_FOUR_FREQUENCIES, _TWO_FREQUENCIES = 30, 100
_FREQUENCY_SCALE = 0.15
#: How many times as wide as the other one side of the median is, between the quartiles, from
#: which a column's frequencies rise; how many at most count; and rows from which that is known.
_SKEWED, _MOST_SKEWED, _SKEWED_ROWS = 3.0, 10.0, 200


#: Values that are computed: an array, or the name of a node.
V = TypeVar("V")


class Arithmetic(Protocol[V]):
    """What the features are computed with: numpy, or the nodes of a graph."""

    def multiply(self, x: V, y: np.ndarray | float, /) -> V: ...

    def cos(self, x: V, /) -> V: ...

    def sin(self, x: V, /) -> V: ...


def fourier_features(z: V, angular: np.ndarray, using: Arithmetic[V]) -> tuple[V, V]:
    """The cosines and the sines of standardised values.

    Parameters
    ----------
    z : array
        Shaped to broadcast against `angular`.
    angular : array
        As :func:`angular` gives it.
    using : Arithmetic
        The module numpy, or what writes nodes.

    Returns
    -------
    (array, array)
        ``0.7 cos(2πfz)`` and ``0.7 sin(2πfz)``.

    References
    ----------
    Gorishniy, Rubachev and Babenko, "On Embeddings for Numerical Features in Tabular Deep
    Learning", NeurIPS 2022, section 3.3 (periodic activations).
    """
    angle = using.multiply(z, angular)
    return (
        using.multiply(using.cos(angle), _AMPLITUDE),
        using.multiply(using.sin(angle), _AMPLITUDE),
    )


def angular(
    frequencies: Sequence[float] | Sequence[Sequence[float]], dtype: DTypeLike
) -> np.ndarray:
    """The angular frequencies 2πf, rounded to a precision."""
    return (2 * np.pi * np.array(frequencies, dtype)).astype(dtype, copy=False)


def choose_fourier(
    X: Matrix,
    columns: InputColumns,
    source: InputColumns | None,
    by_position: bool,
    everywhere: bool,
) -> tuple[tuple[int, tuple[float, ...]], ...]:
    """Decide which encoded columns get Fourier features (``numeric_embedding='fourier'``).

    A column that the source has gets what it got there.  Others get some if they have more than
    six distinct values, and, unless `everywhere`, the source has any at all.  Frequencies are
    drawn by the column's name, so that two tables agree on them without knowing of each other.
    In very skewed columns, such as log-normal ones, half of them are higher, so that the values on
    the narrow side of the median are distinguished.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_encoded)
        Encoded columns.
    columns : InputColumns
    source : InputColumns or None
        The source's.
    by_position : bool
        Whether columns are matched by position.
    everywhere : bool

    Returns
    -------
    tuple of (position, frequencies)
    """
    names = columns.column_ids(by_position)
    theirs: dict[str | int, tuple[float, ...]] = {}
    if source is not None:
        their_names = source.column_ids(by_position)
        theirs = dict.fromkeys(their_names, ())
        theirs |= {their_names[i]: frequencies for i, frequencies in source.fourier}
    chosen = {i: theirs[name] for i, name in enumerate(names) if theirs.get(name)}
    if source is None or source.fourier or everywhere:
        candidates = [i for i, name in enumerate(names) if name not in theirs]
        # one column beyond those that get any is as good as all
        at_most = max(0, _TWO_FREQUENCIES + 1 - len(chosen))
        own = list(islice(_with_many_values(X, candidates), at_most))
        n_frequencies = _n_frequencies(len(own) + len(chosen))
        for i in own if n_frequencies else ():
            chosen[i] = _rising(_frequencies(names[i], n_frequencies), _skewness(X, i))
    return tuple(sorted(chosen.items()))


def _n_frequencies(n_columns: int) -> int:
    if n_columns > _TWO_FREQUENCIES:
        return 0
    return 4 if n_columns <= _FOUR_FREQUENCIES else 2


def _with_many_values(X: Matrix, columns: Sequence[int]) -> Iterator[int]:
    """Those of some columns that have at least seven distinct values."""
    X = X[:_MOST_ROWS]
    if not is_sparse(X):
        yield from (i for i in columns if _n_distinct(X[:, i]) >= _DISTINCT)
        return
    X = X.tocsc()
    for i in columns:
        stored = X.data[X.indptr[i] : X.indptr[i + 1]]
        # where all rows have an entry, zero is a value only if it is among them
        n_zeros = int(len(stored) < X.shape[0] and not (stored == 0).any())
        if _n_distinct(stored) + n_zeros >= _DISTINCT:
            yield i


def _skewness(X: Matrix, column: int) -> float:
    """How many times as wide as the other one side of the median is, between the quartiles.

    It is 1 where that says nothing: in few rows, in sparse tables and with equal quartiles.
    """
    if is_sparse(X):
        return 1.0
    values = X[:_MOST_ROWS, column]
    values = values[~np.isnan(values)].astype(np.float64)
    if len(values) < _SKEWED_ROWS:
        return 1.0
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    narrow, wide = sorted((middle - low, high - middle))
    return float(wide / narrow) if narrow > 0 else 1.0


def _rising(frequencies: tuple[float, ...], skewness: float) -> tuple[float, ...]:
    """Frequencies for a column: of a skewed one the second half is multiplied."""
    if skewness <= _SKEWED:
        return frequencies
    n = len(frequencies)
    powers = np.maximum(np.arange(n) - n // 2 + 1, 0)  # 0, 0, 1, 2
    factors = min(skewness, _MOST_SKEWED) ** powers
    return tuple((np.array(frequencies) * factors).tolist())


def _n_distinct(values: np.ndarray) -> int:
    return len(np.unique(values[~np.isnan(values)]))


@lru_cache(maxsize=10_000, typed=True)
def _frequencies(name: str | int, n: int) -> tuple[float, ...]:
    # seeding a generator takes as long as two steps of a small network
    rng = np.random.RandomState(zlib.crc32(str(name).encode()))
    return tuple(rng.normal(0.0, _FREQUENCY_SCALE, 4)[:n].tolist())
