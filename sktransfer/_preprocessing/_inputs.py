"""A table to network inputs: which columns become what, and in which unit."""

from __future__ import annotations

import zlib
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import sparse

from sktransfer._preprocessing._column_split import SideBySide, take_columns
from sktransfer._preprocessing._encode import flag_missing
from sktransfer._preprocessing._frames import FrameEncoder, fit_frame, is_frame, is_mixed
from sktransfer._preprocessing._mean_std import mix, moments
from sktransfer._records import ColumnMatch, InputSchema

#: Rows of the target at which mixed moments give both tables the same weight.
_MIXING_ROWS = 50
#: Distinct values from which on a numeric column is worth waves.
_DISTINCT = 7
#: Numeric columns up to which each has four frequencies; beyond, two; beyond the second, none.
_FOUR_FREQUENCIES, _TWO_FREQUENCIES = 30, 100
_FREQUENCY_SCALE = 0.15


def choose_columns(
    X: Any,
    names: tuple[str, ...] | None,
    categorical: np.ndarray | None,
    source: InputSchema | None,
    by_name: bool,
    standardize: bool = True,
) -> InputSchema:
    """Decide what the columns of a table become, before anything is measured.

    Where the table has all columns that the source's transformer takes, it enters the source
    there, with the rest of its columns beside; else its columns are encoded as its own, with
    the levels of the source that they share.

    Parameters
    ----------
    X : ndarray, sparse matrix or DataFrame of shape (n_samples, n_features)
    names : tuple of str or None
        Column names.
    categorical : ndarray of bool, shape (n_features,), or None
        Which columns are categories; None leaves that to their types.
    source : InputSchema or None
        The source's.
    by_name : bool
        Whether columns are matched by name.
    standardize : bool, default=True
        Whether missing numbers have a mean to stand for them.

    Returns
    -------
    InputSchema
        Without moments, indicators or waves.
    """
    schema = _own_or_entered(X, names, categorical, source, by_name, standardize)
    if source is None or schema.encoded_names is None or not (by_name or schema.is_entered):
        return schema
    return _by_name(schema)


def _by_name(schema: InputSchema) -> InputSchema:
    """Columns in the order of their names, so that their order in neither table matters."""
    names: tuple[str, ...] = schema.encoded_names  # type: ignore[assignment]
    order = sorted(range(len(names)), key=lambda i: names[i])
    if order == list(range(len(names))):
        return schema
    return replace(schema, order=tuple(order), encoded_names=tuple(names[i] for i in order))


def _own_or_entered(
    X, names, categorical, source: InputSchema | None, by_name: bool, standardize: bool
):
    theirs = source.transformer if source is not None else None
    if source is not None and theirs is not None and not isinstance(theirs, FrameEncoder):
        columns = _taken_columns(X.shape[1], names if by_name else None, source)
        if columns is not None:
            return _enter(X, names, categorical, source, *columns)
    known = theirs if isinstance(theirs, FrameEncoder) else None
    as_theirs = None
    if not by_name or names is None or (source is not None and source.names is None):
        # by position: what stands where a column of the source stood gets its name, and its levels
        if known is not None and X.shape[1] == source.n_features and not sparse.issparse(X):  # type: ignore[union-attr]
            as_theirs = known.feature_names_in_
        else:
            known = None
    if as_theirs is None and not needs_encoder(X, categorical):
        return InputSchema.plain(X.shape[1], names)
    encoder = fit_frame(X, categorical, known, standardize, as_theirs)
    encoded_names = encoder.get_feature_names_out()
    return _unscaled(X, names, encoder, encoded_names, is_entered=as_theirs is not None)


def needs_encoder(X: Any, categorical: np.ndarray | None) -> bool:
    """Whether a table has columns that are not plainly numbers."""
    if categorical is not None and categorical.any():
        return True
    return is_frame(X) and is_mixed(X)


def _unscaled(X: Any, names, transformer, encoded_names, is_entered: bool = False) -> InputSchema:
    return replace(
        InputSchema.plain(len(encoded_names)),
        n_features=X.shape[1],
        names=names,
        encoded_names=tuple(encoded_names),
        transformer=transformer,
        is_entered=is_entered,
    )


def _taken_columns(n_features: int, names, source: InputSchema):
    """Positions of the columns that the source's transformer takes, and of the rest."""
    if names is None or source.names is None:
        return (tuple(range(n_features)), ()) if n_features == source.n_features else None
    if not set(source.names) <= set(names):
        return None
    taken = tuple(names.index(name) for name in source.names)
    return taken, tuple(i for i in range(n_features) if i not in set(taken))


def _enter(X, names, categorical, source: InputSchema, taken, rest) -> InputSchema:
    encoder, rest_names = None, tuple(names[i] for i in rest) if names is not None else ()
    if rest and is_frame(X):
        forced = None if categorical is None else categorical[list(rest)]
        encoder = fit_frame(take_columns(X, rest), forced, None)
        rest_names = encoder.get_feature_names_out()
    takes_types = is_frame(X) or X.dtype == object
    transformer = SideBySide(source.transformer, taken, rest, encoder, takes_types)
    encoded = (*source.named_columns, *rest_names)
    return _unscaled(X, names, transformer, encoded, is_entered=True)


def measure_columns(
    X: Any,
    schema: InputSchema,
    sample_weight: np.ndarray | None,
    source: InputSchema | None,
    match: ColumnMatch,
    scaling: str,
    standardize: bool,
) -> InputSchema:
    """Fill in the unit of every column.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_encoded)
        Encoded columns.
    schema : InputSchema
        With its indicators and waves decided.
    sample_weight : ndarray of shape (n_samples,) or None
    source : InputSchema or None
        The source's; None where nothing is carried over from it.
    match : ColumnMatch
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
        If a column's values are too large for their variance to be a number.
    """
    if source is None and not standardize:
        return schema
    n_scaled = len(schema.center)
    center, scale = moments(flag_missing(X, schema), sample_weight)
    absent = np.zeros(n_scaled)
    if not standardize:
        center, scale = np.zeros(n_scaled), np.ones(n_scaled)
    if source is None:
        return replace(
            schema, center=center, scale=scale, absent=absent, clip=True, has_moments=True
        )
    position = match.source_position[:n_scaled]
    known = position >= 0
    at = position[known]
    # a weight of two is a row seen twice
    n_rows = X.shape[0] if sample_weight is None else float(np.sum(sample_weight))
    share = _target_share(scaling, source.has_moments, n_rows)
    center[known], scale[known] = mix(
        source.center[at], source.scale[at], center[known], scale[known], share
    )
    absent[known] = source.absent[at]
    return replace(
        schema,
        center=center,
        scale=scale,
        absent=absent,
        clip=source.clip,
        has_moments=source.has_moments or standardize,
    )


def _target_share(scaling: str, source_has_moments: bool, n_rows: float) -> float:
    """The weight of the target's moments beside the source's."""
    if scaling == "source" or not source_has_moments:
        # a source that saw raw numbers must go on seeing them
        return 0.0
    return 1.0 if scaling == "target" else n_rows / (n_rows + _MIXING_ROWS)


def add_indicators(
    X: Any, schema: InputSchema, source: InputSchema | None, by_position: bool
) -> InputSchema:
    """Decide which encoded columns get an indicator of missing entries.

    Those that have missing entries in the table, and those to which the source gave one.
    """
    missing = _has_missing(X)
    if source is not None and source.flagged:
        theirs = {column for column, *part in source.input_ids(by_position) if part == ["missing"]}
        ours = [column for column, *_ in schema.input_ids(by_position)]
        missing = missing | np.array([name in theirs for name in ours[: len(missing)]])
    flagged = tuple(np.flatnonzero(missing).tolist())
    if not flagged:
        return schema
    n = schema.n_encoded + len(flagged)
    return replace(
        schema, center=np.zeros(n), scale=np.ones(n), absent=np.zeros(n), flagged=flagged
    )


def _has_missing(X: Any) -> np.ndarray:
    if sparse.issparse(X):
        columns = X.tocsc()
        return np.array(
            [
                np.isnan(columns.data[columns.indptr[i] : columns.indptr[i + 1]]).any()
                for i in range(X.shape[1])
            ],
            dtype=bool,
        )
    return np.isnan(X).any(axis=0)


def add_waves(
    X: Any, schema: InputSchema, source: InputSchema | None, by_position: bool, everywhere: bool
) -> InputSchema:
    """Decide which encoded columns get waves (``numeric_embedding='fourier'``).

    A column that the source has gets what it got there.  Others get waves if they have more
    than six distinct values, and, unless `everywhere`, the source has any waves at all.
    Frequencies are drawn by the column's name, so that two tables agree on them without
    knowing of each other.
    """
    names = [column for column, *_ in schema.input_ids(by_position)][: schema.n_encoded]
    theirs: dict = {}
    if source is not None:
        their_names = [column for column, *_ in source.input_ids(by_position)]
        theirs = dict.fromkeys(their_names[: source.n_encoded], ())
        theirs |= {their_names[i]: frequencies for i, frequencies in source.waves}
    waves = {i: theirs[name] for i, name in enumerate(names) if theirs.get(name)}
    if source is None or source.waves or everywhere:
        own = [i for i, name in enumerate(names) if name not in theirs and _many_values(X, i)]
        n_frequencies = _n_frequencies(len(own) + len(waves))
        waves |= {i: _frequencies(names[i], n_frequencies) for i in own if n_frequencies}
    return replace(schema, waves=tuple(sorted(waves.items())))


def _n_frequencies(n_columns: int) -> int:
    if n_columns > _TWO_FREQUENCIES:
        return 0
    return 4 if n_columns <= _FOUR_FREQUENCIES else 2


def _many_values(X: Any, column: int) -> bool:
    values = X[:, [column]]
    values = values.toarray() if sparse.issparse(values) else values
    values = values[:10_000, 0]
    return len(np.unique(values[~np.isnan(values)])) >= _DISTINCT


@lru_cache(maxsize=10_000, typed=True)
def _frequencies(name: Any, n: int) -> tuple[float, ...]:
    # seeding a generator takes as long as two steps of a small network
    rng = np.random.RandomState(zlib.crc32(str(name).encode()))
    return tuple(rng.normal(0.0, _FREQUENCY_SCALE, 4)[:n].tolist())
