"""Columns to network inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.sparsefuncs import incr_mean_variance_axis

from sktransfer._records import ColumnMatch, InputSchema

#: A column of which all training values lie this close together counts as constant.
_SMALLEST_SCALE = 1e-6
#: Rows of the target at which mixed moments give both tables the same weight.
_MIXING_ROWS = 50
#: Half-width of the range that standardised values are bent towards.
_CLIP = 4.0
_CHUNK_ROWS = 8192


def fit_inputs(
    X: Any,
    names: tuple[str, ...] | None,
    sample_weight: np.ndarray | None,
    columns: ColumnMatch,
    source: InputSchema | None,
    scaling: str,
    standardize: bool,
) -> InputSchema:
    """How a target's table will be encoded.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_features)
    names : tuple of str or None
        Column names.
    sample_weight : ndarray of shape (n_samples,) or None
    columns : ColumnMatch
        Which encoded column is which of the source's.
    source : InputSchema or None
        The source's own encoding; None where nothing is carried over from it.
    scaling : {'source', 'target', 'mixed'}
        Whose moments standardise the columns that both have.
    standardize : bool
        Whether columns that only the target has are standardised.

    Returns
    -------
    InputSchema

    Raises
    ------
    ValueError
        If a column's values are too large for their mean or variance to be a number.
    """
    n_samples, n_features = X.shape
    schema = InputSchema.plain(n_features, names)
    if source is not None and columns.entrance == "raw" and source.transformer is not None:
        schema = _with_transformer(schema, source, columns)
    if source is None and not standardize:
        return schema
    center, scale = _moments(_transformed(X, schema), sample_weight)
    if not standardize:
        center, scale = np.zeros_like(center), np.ones_like(scale)
    if source is None:
        return _scaled(schema, center, scale, clip=True, has_moments=True)
    known, at = columns.known, columns.source_position[columns.known]
    # a weight of two is a row seen twice
    n_rows = n_samples if sample_weight is None else float(np.sum(sample_weight))
    share = _target_share(scaling, source.has_moments, n_rows)
    center[known], scale[known] = _mix(
        source.center[at], source.scale[at], center[known], scale[known], share
    )
    return _scaled(schema, center, scale, source.clip, source.has_moments or standardize)


def _scaled(schema: InputSchema, center, scale, clip: bool, has_moments: bool) -> InputSchema:
    return InputSchema(
        schema.n_features,
        center,
        scale,
        np.zeros_like(center),
        names=schema.names,
        encoded_names=schema.encoded_names,
        clip=clip,
        has_moments=has_moments,
        transformer=schema.transformer,
        transformed=schema.transformed,
        passed=schema.passed,
    )


def _with_transformer(schema: InputSchema, source: InputSchema, columns: ColumnMatch):
    n_encoded = len(columns.source_position)
    return InputSchema(
        schema.n_features,
        np.zeros(n_encoded),
        np.ones(n_encoded),
        np.zeros(n_encoded),
        names=schema.names,
        encoded_names=columns.encoded_names,
        transformer=source.transformer,
        transformed=columns.transformed,
        passed=columns.passed,
    )


def _target_share(scaling: str, source_has_moments: bool, n_rows: float) -> float:
    """The weight of the target's moments beside the source's."""
    if scaling == "source" or not source_has_moments:
        # a source that saw raw numbers must go on seeing them
        return 0.0
    return 1.0 if scaling == "target" else n_rows / (n_rows + _MIXING_ROWS)


def _mix(source_center, source_scale, center, scale, share: float):
    """Moments of the pooled table in which the target's rows have weight `share`."""
    if share == 0.0:
        return source_center, source_scale
    mean = share * center + (1 - share) * source_center
    variance = (
        share * (scale**2 + (center - mean) ** 2)
        + (1 - share) * (source_scale**2 + (source_center - mean) ** 2)
    )
    return mean, np.sqrt(variance)


def _moments(X, sample_weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean and standard deviation per column, 1 for the sd of a constant one."""
    with np.errstate(over="ignore", invalid="ignore"):
        if sparse.issparse(X):
            zeros = np.zeros(X.shape[1])
            mean, variance, _ = incr_mean_variance_axis(
                X.astype(np.float64), axis=0, last_mean=zeros, last_var=zeros,
                last_n=zeros, weights=sample_weight,
            )
        else:
            mean, variance = _dense_moments(X, sample_weight)
        scale = np.sqrt(variance)
    bad = ~(np.isfinite(mean) & np.isfinite(scale))
    if bad.any():
        raise ValueError(
            f"Input X has values too large to standardise in column {int(np.argmax(bad))}; their "
            "variance is not a finite number. Rescale the column, or use standardize=False."
        )
    scale[scale <= _SMALLEST_SCALE * np.maximum(1e-6, np.abs(mean))] = 1.0
    return mean, scale


def _dense_moments(X: np.ndarray, sample_weight: np.ndarray | None):
    """Two passes in chunks: no copy of the table, and no cancellation."""
    weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight, np.float64)
    chunks = [slice(at, at + _CHUNK_ROWS) for at in range(0, len(X), _CHUNK_ROWS)]
    total = weight.sum()
    mean = sum(weight[at] @ X[at].astype(np.float64, copy=False) for at in chunks) / total
    variance = sum(weight[at] @ (X[at] - mean) ** 2 for at in chunks) / total
    return np.asarray(mean), np.asarray(variance)


def _transformed(X: Any, schema: InputSchema) -> Any:
    """`X` behind the schema's transformer, before standardisation."""
    if schema.transformer is None:
        return X
    first = X if schema.transformed is None else X[:, list(schema.transformed)]
    if hasattr(schema.transformer, "feature_names_in_") and not hasattr(first, "columns"):
        import pandas as pd

        first = pd.DataFrame(first, columns=schema.transformer.feature_names_in_)
    out = schema.transformer.transform(first)
    out = out.toarray() if sparse.issparse(out) else np.asarray(out)
    if schema.passed:
        rest = X[:, list(schema.passed)]
        out = np.hstack([out, rest.toarray() if sparse.issparse(rest) else rest])
    return out


def encode(X: Any, schema: InputSchema, dtype=None) -> np.ndarray:
    """The inputs of the network for the rows of a table.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_features)
    schema : InputSchema
    dtype : numpy dtype, optional
        Of the result; by default that of `X`.

    Returns
    -------
    ndarray of shape (n_samples, n_encoded)
        `X` itself where there is nothing to do.
    """
    dtype = X.dtype if dtype is None else np.dtype(dtype)
    X = _transformed(X, schema)
    if sparse.issparse(X):
        X = X.toarray()
    if not schema.center.any() and (schema.scale == 1).all() and not schema.clip:
        return X.astype(dtype, copy=False)
    # float32 keeps too few digits of huge columns to subtract their mean
    huge = max(np.abs(schema.center).max(initial=0), schema.scale.max(initial=0)) > 1e15
    work = np.float64 if huge else dtype
    center, factor = schema.center.astype(work), (1.0 / schema.scale).astype(work)
    out = np.empty(X.shape, dtype)
    for at in range(0, len(X), _CHUNK_ROWS):
        z = np.subtract(X[at : at + _CHUNK_ROWS], center, dtype=work)
        z *= factor
        out[at : at + _CHUNK_ROWS] = _bend(z) if schema.clip else z
    return out


def _bend(z: np.ndarray) -> np.ndarray:
    """``z / sqrt(1 + (z / 4)²)`` in place, also for values whose square overflows."""
    np.clip(z, -1e6, 1e6, out=z)
    z /= np.sqrt(1.0 + np.square(z * (1.0 / _CLIP)))
    return z
