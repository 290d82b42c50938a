"""Inputs of a network for rows of a wide sparse table, which stay sparse."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import DTypeLike
from scipy import sparse

from sktransfer._preprocessing._encode import (
    encode,
    encoding_of,
    with_sparse_indicators,
    without_repeated_entries,
)
from sktransfer._preprocessing._fourier import fourier_features
from sktransfer._records import InputSchema
from sktransfer._typing import Matrix, SparseMatrix, is_sparse

#: Inputs from which on, and share of stored entries up to which, rows stay sparse.
_FEWEST_INPUTS, _MOST_STORED = 256, 0.1


class SparseInputs:
    """Rows that differ from one row in few places: that row, and the differences.

    A standardised column has another value than 0 where nothing is stored, the same in all
    rows.  So the product with a layer's weights is that of this row, plus a sparse product.

    Parameters
    ----------
    row : ndarray of shape (n_inputs,)
        The inputs where nothing is stored.
    difference : CSR matrix of shape (n_rows, n_inputs)
        What is stored, minus that.
    """

    def __init__(self, row: np.ndarray, difference: SparseMatrix) -> None:
        self._row, self._difference = row, difference
        self.shape, self.dtype = difference.shape, row.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __matmul__(self, weight: np.ndarray) -> np.ndarray:
        product = self._row @ weight
        if weight.flags.c_contiguous:
            return self._difference @ weight + product
        # scipy would copy the whole of it into the other order
        return np.stack([self._difference @ column for column in weight.T], axis=1) + product

    def __getitem__(self, at: tuple[slice, slice]) -> SparseInputs:
        """The first columns of all rows."""
        rows, columns = at
        if columns.indices(self.shape[1]) == (0, self.shape[1], 1) and rows == slice(None):
            return self
        return SparseInputs(self._row[columns], self._difference[rows, columns])

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        inputs = self._difference.toarray()
        inputs += self._row
        return inputs if dtype is None else inputs.astype(dtype, copy=False)


def encode_rows(X: Matrix, schema: InputSchema, dtype: DTypeLike) -> np.ndarray:
    """The inputs of a network for encoded columns, sparse where that is less.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_rows, n_encoded)
        As :func:`apply_transformer` returns it.
    schema : InputSchema
    dtype : numpy dtype
        Of the result.

    Returns
    -------
    ndarray or SparseInputs of shape (n_rows, n_inputs)
    """
    columns = schema.columns
    if not is_sparse(X) or X.shape[1] < _FEWEST_INPUTS:
        return encode(X, schema, dtype)
    if X.nnz > _MOST_STORED * X.shape[0] * X.shape[1]:
        return encode(X, schema, dtype)
    X = with_sparse_indicators(without_repeated_entries(X), columns)
    encoding = encoding_of(schema, X.dtype, np.dtype(dtype))
    if encoding is None:
        return _as_array(SparseInputs(np.zeros(X.shape[1], dtype), X.astype(dtype)))
    row, values = encoding.of_sparse(X)
    difference = sparse.csr_array((values - row[X.indices], X.indices, X.indptr), shape=X.shape)
    parts = [(row, difference)]
    for features in encoding.fourier:
        chosen = np.arange(len(row))[features.columns]
        parts.append(_fourier(difference[:, chosen], row[chosen], features.angular))
    rows, differences = zip(*parts, strict=True)
    stacked = sparse.hstack(differences, format="csr")
    return _as_array(SparseInputs(np.concatenate(rows), stacked))


def _as_array(inputs: SparseInputs) -> np.ndarray:
    """To networks they are an array: these multiply it by weights, and take its columns."""
    return cast("np.ndarray", inputs)


def _fourier(
    difference: SparseMatrix, row: np.ndarray, angular: np.ndarray
) -> tuple[np.ndarray, SparseMatrix]:
    """The Fourier features of sparse columns: where nothing is stored, and the differences."""
    of_row = _features(row, angular)
    column, n = difference.indices, of_row.shape[1]
    values = _features(difference.data + row[column], angular[column]) - of_row[column]
    where = column[:, np.newaxis] * n + np.arange(n)
    entries = values.astype(row.dtype, copy=False).ravel(), where.ravel(), difference.indptr * n
    n_rows, n_columns = difference.shape
    return of_row.ravel(), sparse.csr_array(entries, shape=(n_rows, n_columns * n))


def _features(z: np.ndarray, angular: np.ndarray) -> np.ndarray:
    both = fourier_features(z[:, np.newaxis], angular, np)
    return np.concatenate(both, axis=1).astype(z.dtype, copy=False)
