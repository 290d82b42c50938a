"""From a table, and a schema, to the inputs of a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple, cast
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import DTypeLike
from scipy import sparse
from sklearn.utils import assert_all_finite

from sktransfer._preprocessing._fourier import angular, fourier_features
from sktransfer._records import InputColumns, InputSchema, InputStatistics
from sktransfer._typing import CheckedTable, Index, Matrix, SparseMatrix, is_sparse
from sktransfer._warnings import each_once

#: Half-width of the range of soft clipping.
_CLIP = 4.0
_CHUNK_ROWS = 8192
#: Rows whose Fourier features are computed at once: what is between stays in the cache.
_FOURIER_ROWS = 512
#: Entries of a dense block that is made of a wide sparse table.
_BLOCK_ENTRIES = 2**22
#: Inputs up to which their covariance is kept for those that start from this network.
_MOST_CORRELATED = 256


def apply_transformer(X: CheckedTable, columns: InputColumns) -> Matrix:
    """The encoded columns of a table: an array or a sparse matrix of numbers.

    Parameters
    ----------
    X : ndarray, sparse matrix or DataFrame of shape (n_samples, n_features)
    columns : InputColumns

    Returns
    -------
    ndarray or sparse matrix of shape (n_samples, n_encoded)
    """
    encoded = cast("Matrix", X)  # without a transformer it is one of numbers
    if columns.transformer is not None:
        made = columns.transformer.transform(X)
        encoded = made.toarray() if is_sparse(made) else np.asarray(made)
    return encoded if columns.order is None else encoded[:, list(columns.order)]


def apply_transformers(X: CheckedTable, several: Sequence[InputColumns]) -> list[Matrix]:
    """:func:`apply_transformer` for several; what is the same for some is done once."""
    ways = [(id(columns.transformer), columns.order) for columns in several]
    of_way = dict(zip(ways, several, strict=True))
    with each_once():
        encoded = {way: apply_transformer(X, columns) for way, columns in of_way.items()}
    return [encoded[way] for way in ways]


def with_missing_indicators(X: Matrix, columns: InputColumns) -> Matrix:
    """Encoded columns, and behind them the indicators of missing entries."""
    if is_sparse(X):
        return with_sparse_indicators(X, columns)
    at = list(columns.missing_indicators)
    return np.hstack([X, np.isnan(X[:, at])]) if at else X


def with_sparse_indicators(X: SparseMatrix, columns: InputColumns) -> SparseMatrix:
    """:func:`with_missing_indicators` of a sparse table."""
    if not columns.missing_indicators:
        return X
    chosen = X[:, list(columns.missing_indicators)].copy()
    chosen.data = np.isnan(chosen.data).astype(X.dtype)
    return sparse.hstack([X, chosen], format="csr")


def encode(X: Matrix, schema: InputSchema, dtype: DTypeLike) -> np.ndarray:
    """The inputs of a network for encoded columns.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_encoded)
        As :func:`apply_transformer` returns it.
    schema : InputSchema
    dtype : numpy dtype
        Of the result.

    Returns
    -------
    ndarray of shape (n_samples, n_inputs)
        `X` itself where there is nothing to do.

    Raises
    ------
    ValueError
        If an entry is missing and there is no mean to stand for it.
    """
    columns, scaling = schema.columns, schema.scaling
    if columns.transformer is not None and not scaling.is_measured:
        assert_all_finite(X, input_name="X")
    encoding = encoding_of(schema, X.dtype, np.dtype(dtype))
    if encoding is None:
        X = X.toarray() if is_sparse(X) else X
        missing = np.isnan(X) if scaling.is_measured else np.zeros(1, bool)
        X = np.where(missing, scaling.fill_value, X) if missing.any() else X
        return X.astype(dtype, copy=False)
    out = np.empty((X.shape[0], encoding.n_inputs), dtype)
    if is_sparse(X):
        X = with_sparse_indicators(without_repeated_entries(X), columns)
    for at in range(0, X.shape[0], _CHUNK_ROWS):
        rows, chunk = X[at : at + _CHUNK_ROWS], out[at : at + _CHUNK_ROWS]
        if is_sparse(rows):
            encoding.write_sparse(rows, chunk)
        else:
            encoding.write(np.asarray(with_missing_indicators(rows, columns)), chunk)
        for features in encoding.fourier:
            features.write(chunk)
    return out


def rows_at_once(X: Matrix | LateInputs, most: int) -> int:
    """How many rows of a table are encoded at once: fewer of a wide one, so that memory holds."""
    return max(1, min(most, _BLOCK_ENTRIES // max(X.shape[1], 1)))


def without_repeated_entries(X: SparseMatrix) -> SparseMatrix:
    """A sparse matrix whose entries at one place are summed; a copy where there were several."""
    X = X.tocsr()
    if not X.has_canonical_format:
        X = X.copy()  # the user's matrix stays as it is
        X.sum_duplicates()
    return X


class _Fourier(NamedTuple):
    """Neighbouring Fourier features of columns with equally many frequencies."""

    where: slice
    columns: slice | list[int]
    angular: np.ndarray

    def write(self, inputs: np.ndarray) -> None:
        """Fill them in: of each column its cosines, then its sines."""
        if len(inputs) > _FOURIER_ROWS:
            for start in range(0, len(inputs), _FOURIER_ROWS):
                self.write(inputs[start : start + _FOURIER_ROWS])
            return
        n_columns, n = self.angular.shape
        both = fourier_features(inputs[:, self.columns, np.newaxis], self.angular, np)
        # the features of a column are copied as one item: several times as fast
        item = np.dtype((np.void, n * inputs.itemsize))
        features = inputs[:, self.where].view(item).reshape(len(inputs), n_columns, 2)
        for number, values in enumerate(both):
            features[:, :, number] = values.astype(inputs.dtype, copy=False).view(item)[..., 0]


class _Encoding(NamedTuple):
    """What of a schema's encoding is the same for all rows."""

    n_inputs: int
    center: np.ndarray
    factor: np.ndarray
    fill_value: np.ndarray
    soft_clipping: bool
    fourier: list[_Fourier]

    def write(self, rows: np.ndarray, out: np.ndarray) -> None:
        """Fill in the standardised values of dense rows, indicators included."""
        out = out[:, : len(self.center)]
        out[:] = self._scaled(rows, self.center, self.factor)
        missing = np.isnan(rows)
        if missing.any():
            np.copyto(out, self.fill_value, where=missing)

    def write_sparse(self, rows: SparseMatrix, out: np.ndarray) -> None:
        """The same for rows of a CSR matrix."""
        out[:, : len(self.center)], values = self.of_sparse(rows)
        at = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
        out[at, rows.indices] = values

    def of_sparse(self, rows: SparseMatrix) -> tuple[np.ndarray, np.ndarray]:
        """The values of columns where nothing is stored, and those of what is."""
        dtype = self.fill_value.dtype
        zeros = np.zeros(len(self.center), rows.dtype)
        row = self._scaled(zeros, self.center, self.factor).astype(dtype, copy=False)
        column = rows.indices
        values = self._scaled(rows.data, self.center[column], self.factor[column])
        values = np.where(np.isnan(rows.data), self.fill_value[column], values)
        return row, values.astype(dtype, copy=False)

    def _scaled(self, values: np.ndarray, center: np.ndarray, factor: np.ndarray) -> np.ndarray:
        z = np.subtract(values, center, dtype=center.dtype)
        z *= factor
        if self.soft_clipping:
            clip_softly(z)
        return z


#: By schema, and by the precisions of columns and inputs: one row is encoded in microseconds.
_ENCODINGS: WeakKeyDictionary[InputSchema, dict[tuple, _Encoding | None]] = WeakKeyDictionary()


def encoding_of(
    schema: InputSchema, of_columns: np.dtype, of_inputs: np.dtype
) -> _Encoding | None:
    """The encoding of a schema; None where there is nothing to do."""
    known = _ENCODINGS.get(schema)
    if known is None:
        known = _ENCODINGS.setdefault(schema, {})
    key = of_columns, of_inputs
    if key not in known:
        known[key] = _make_encoding(schema, *key)
    return known[key]


def _make_encoding(
    schema: InputSchema, of_columns: np.dtype, of_inputs: np.dtype
) -> _Encoding | None:
    columns, scaling = schema.columns, schema.scaling
    center, scale = scaling.center, scaling.scale
    plain = not center.any() and (scale == 1).all() and not scaling.soft_clipping
    if plain and columns.n_inputs == columns.n_encoded:
        return None
    # float32 keeps too few digits of huge columns to subtract their mean
    largest = max(np.abs(center).max(initial=0), scale.max(initial=0))
    extreme = largest > 1e15 or scale.min(initial=1) < 1e-15
    work = np.float64 if extreme else np.result_type(of_columns, of_inputs)
    return _Encoding(
        columns.n_inputs,
        center.astype(work),
        (1.0 / scale).astype(work),
        scaling.fill_value.astype(of_inputs),
        scaling.soft_clipping,
        list(_fourier_of(columns, of_inputs)),
    )


def _fourier_of(columns: InputColumns, dtype: np.dtype) -> Iterator[_Fourier]:
    at = columns.n_scaled
    for n, group in groupby(columns.fourier, key=lambda one: len(one[1])):
        positions, frequencies = zip(*group, strict=True)
        until = at + 2 * n * len(positions)
        is_slice = positions == tuple(range(positions[0], positions[-1] + 1))
        chosen = slice(positions[0], positions[-1] + 1) if is_slice else list(positions)
        yield _Fourier(slice(at, until), chosen, angular(frequencies, dtype))
        at = until


def fill_inputs(schema: InputSchema) -> np.ndarray:
    """The inputs of a network for a row of columns that are not there.

    The source's layers are given these for a column that the target's table lacks, unless the
    other columns predict it.

    Parameters
    ----------
    schema : InputSchema

    Returns
    -------
    ndarray of shape (n_inputs,)
    """
    fill_value = schema.scaling.fill_value
    inputs = np.empty((1, schema.n_inputs))
    inputs[0, : len(fill_value)] = fill_value
    for features in _fourier_of(schema.columns, inputs.dtype):
        features.write(inputs)
    return inputs[0]


class LateInputs:
    """The inputs of a network, encoded when rows of them are used.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_encoded)
    schema : InputSchema
    dtype : numpy dtype
    """

    def __init__(self, X: np.ndarray, schema: InputSchema, dtype: DTypeLike) -> None:
        self._X, self._schema, self._dtype = X, schema, dtype
        self.shape = len(X), schema.n_inputs

    def __getitem__(self, rows: Index) -> np.ndarray:
        return encode(self._X[rows], self._schema, self._dtype)


def measure_statistics(
    inputs: Matrix | LateInputs, sample_weight: np.ndarray | None
) -> InputStatistics | None:
    """How the inputs of a network vary together.

    Parameters
    ----------
    inputs : ndarray of shape (n_samples, n_inputs), LateInputs or sparse matrix
        As :func:`encode` returns them.
    sample_weight : ndarray of shape (n_samples,) or None

    Returns
    -------
    InputStatistics or None
        None for sparse tables and for more than 256 inputs.
    """
    if is_sparse(inputs) or inputs.shape[1] > _MOST_CORRELATED:
        return None
    rows = inputs[:_CHUNK_ROWS].astype(np.float64)
    weight = None if sample_weight is None else sample_weight[:_CHUNK_ROWS]
    if len(rows) < 2 or (weight is not None and not weight.any()):
        return None
    covariance = np.cov(rows, rowvar=False, aweights=weight, ddof=0).reshape(2 * (rows.shape[1],))
    mean = np.average(rows, axis=0, weights=weight)
    return InputStatistics(mean, covariance.astype(np.float32))


def clip_softly(z: np.ndarray) -> None:
    """``z / sqrt(1 + (z / 4)²)`` in place, also for values whose square overflows."""
    np.minimum(np.maximum(z, -1e6, out=z), 1e6, out=z)
    z /= np.sqrt(1.0 + np.square(z * (1.0 / _CLIP)))
