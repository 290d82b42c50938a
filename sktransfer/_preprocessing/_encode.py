"""From a table, and a schema, to the inputs of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from scipy import sparse
from sklearn.utils import assert_all_finite

from sktransfer._records import InputSchema

#: Half-width of the range that standardised values are bent towards.
_CLIP = 4.0
_CHUNK_ROWS = 8192
#: Inputs up to which their covariance is kept for those that start from this network.
_MOST_CORRELATED = 256


def apply_transformer(X: Any, schema: InputSchema) -> Any:
    """The encoded columns of a table: an array or a sparse matrix of numbers.

    Parameters
    ----------
    X : ndarray, sparse matrix or DataFrame of shape (n_samples, n_features)
    schema : InputSchema

    Returns
    -------
    ndarray or sparse matrix of shape (n_samples, n_encoded)
    """
    if schema.transformer is not None:
        X = schema.transformer.transform(X)
        X = X.toarray() if sparse.issparse(X) else np.asarray(X)
    return X if schema.order is None else X[:, list(schema.order)]


def apply_transformers(X: Any, schemas: Sequence[InputSchema]) -> list[Any]:
    """:func:`apply_transformer` for several schemas; what is the same for some is done once."""
    ways = [(id(schema.transformer), schema.order) for schema in schemas]
    of_way = dict(zip(ways, schemas, strict=True))
    encoded = {way: apply_transformer(X, schema) for way, schema in of_way.items()}
    return [encoded[way] for way in ways]


def flag_missing(X: Any, schema: InputSchema) -> Any:
    """Encoded columns, and behind them the indicators of missing entries."""
    if not schema.flagged:
        return X
    columns = X[:, list(schema.flagged)]
    if sparse.issparse(X):
        columns = columns.copy()
        columns.data = np.isnan(columns.data).astype(X.dtype)
        return sparse.hstack([X, columns], format="csr")
    return np.hstack([X, np.isnan(columns)])


def encode(X: Any, schema: InputSchema, dtype: Any) -> np.ndarray:
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
    if schema.transformer is not None and not schema.has_moments:
        assert_all_finite(X, input_name="X")
    recipe = _recipe(schema, X.dtype, np.dtype(dtype))
    if recipe is None:
        X = X.toarray() if sparse.issparse(X) else X
        return X.astype(dtype, copy=False)
    out = np.empty((X.shape[0], recipe.n_inputs), dtype)
    n_scaled = len(recipe.center)
    for at in range(0, X.shape[0], _CHUNK_ROWS):
        rows = X[at : at + _CHUNK_ROWS]
        rows = flag_missing(rows.toarray() if sparse.issparse(rows) else rows, schema)
        z = np.subtract(rows, recipe.center, dtype=recipe.center.dtype)
        z *= recipe.factor
        if schema.clip:
            _bend(z)
        chunk = out[at : at + _CHUNK_ROWS]
        chunk[:, :n_scaled] = z
        missing = np.isnan(rows)
        if missing.any():
            np.copyto(chunk[:, :n_scaled], recipe.absent, where=missing)
        for where, columns, factors in recipe.waves:
            _add_waves(chunk, where, columns, factors)
    return out


class _Recipe(NamedTuple):
    """What of a schema's encoding is the same for all rows."""

    n_inputs: int
    center: np.ndarray
    factor: np.ndarray
    absent: np.ndarray
    waves: list[tuple[slice, Any, np.ndarray]]


#: By schema, and by the precisions of columns and inputs: one row is encoded in microseconds.
_RECIPES: WeakKeyDictionary[InputSchema, dict[tuple, _Recipe | None]] = WeakKeyDictionary()


def _recipe(schema: InputSchema, of_columns: np.dtype, of_inputs: np.dtype) -> _Recipe | None:
    """The recipe of a schema; None where there is nothing to do."""
    known = _RECIPES.get(schema)
    if known is None:
        known = _RECIPES.setdefault(schema, {})
    key = of_columns, of_inputs
    if key not in known:
        known[key] = _make_recipe(schema, *key)
    return known[key]


def _make_recipe(schema: InputSchema, of_columns: np.dtype, of_inputs: np.dtype) -> _Recipe | None:
    plain = not schema.center.any() and (schema.scale == 1).all() and not schema.clip
    if plain and not schema.flagged and not schema.waves:
        return None
    # float32 keeps too few digits of huge columns to subtract their mean
    largest = max(np.abs(schema.center).max(initial=0), schema.scale.max(initial=0))
    extreme = largest > 1e15 or schema.scale.min(initial=1) < 1e-15
    work = np.float64 if extreme else np.result_type(of_columns, of_inputs)
    waves, at = [], len(schema.center)
    for n, group in groupby(schema.waves, key=lambda wave: len(wave[1])):
        columns, frequencies = zip(*group, strict=True)
        until = at + 2 * n * len(columns)
        factors = 2 * np.pi * np.array(frequencies, of_inputs)
        beside = columns == tuple(range(columns[0], columns[-1] + 1))
        chosen = slice(columns[0], columns[-1] + 1) if beside else list(columns)
        waves.append((slice(at, until), chosen, factors.astype(of_inputs, copy=False)))
        at = until
    return _Recipe(
        schema.n_inputs,
        schema.center.astype(work),
        (1.0 / schema.scale).astype(work),
        schema.absent.astype(of_inputs),
        waves,
    )


class LateInputs:
    """The inputs of a network, encoded when rows of them are asked for.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_encoded)
    schema : InputSchema
    dtype : numpy dtype
    """

    def __init__(self, X: np.ndarray, schema: InputSchema, dtype: Any) -> None:
        self._X, self._schema, self._dtype = X, schema, dtype

    def __getitem__(self, rows: Any) -> np.ndarray:
        return encode(self._X[rows], self._schema, self._dtype)


def with_correlations(schema: InputSchema, inputs: Any, sample_weight: Any) -> InputSchema:
    """A schema that also knows how the network's inputs vary together.

    Parameters
    ----------
    schema : InputSchema
    inputs : ndarray of shape (n_samples, n_inputs) or LateInputs
        As :func:`encode` returns them; nothing is noted of more than 256.
    sample_weight : ndarray of shape (n_samples,) or None

    Returns
    -------
    InputSchema
    """
    if sparse.issparse(inputs) or schema.n_inputs > _MOST_CORRELATED:
        return schema
    rows = inputs[:_CHUNK_ROWS].astype(np.float64)
    weight = None if sample_weight is None else sample_weight[:_CHUNK_ROWS]
    if len(rows) < 2 or (weight is not None and not weight.any()):
        return schema
    covariance = np.cov(rows, rowvar=False, aweights=weight, ddof=0).reshape(2 * (rows.shape[1],))
    mean = np.average(rows, axis=0, weights=weight)
    return replace(schema, input_mean=mean, input_covariance=covariance.astype(np.float32))


def _bend(z: np.ndarray) -> None:
    """``z / sqrt(1 + (z / 4)²)`` in place, also for values whose square overflows."""
    np.minimum(np.maximum(z, -1e6, out=z), 1e6, out=z)
    z /= np.sqrt(1.0 + np.square(z * (1.0 / _CLIP)))


def _add_waves(inputs: np.ndarray, where: slice, columns: Any, factors: np.ndarray) -> None:
    # the columns of a group side by side: for each, its cosines and then its sines
    n_columns, n = factors.shape
    waves = inputs[:, where].reshape(len(inputs), n_columns, 2, n)
    angle = inputs[:, columns, np.newaxis] * factors
    np.cos(angle, out=waves[:, :, 0])
    np.sin(angle, out=waves[:, :, 1])
    inputs[:, where] *= 0.7
