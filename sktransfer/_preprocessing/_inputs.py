"""A table to network inputs: which columns become what, and in which unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sktransfer._preprocessing._column_split import SplitColumns, take_columns
from sktransfer._preprocessing._encode import apply_transformer, with_missing_indicators
from sktransfer._preprocessing._fourier import choose_fourier
from sktransfer._preprocessing._frames import (
    FrameEncoder,
    fit_frame,
    is_frame,
)
from sktransfer._preprocessing._mean_std import (
    are_indicators,
    indicator_scale,
    measure_columns,
    moved_units,
    rows_of_weight,
)
from sktransfer._records import (
    ColumnMatch,
    InputColumns,
    InputScaling,
    InputSchema,
    NumericColumn,
    Transformer,
)
from sktransfer._typing import CheckedTable, Matrix, is_sparse


def choose_inputs(
    X: CheckedTable,
    names: tuple[str, ...] | None,
    categorical: np.ndarray | None,
    source: InputColumns | None,
    feature_alignment: str,
    standardize: bool = True,
    numeric_embedding: str | None = None,
    parse_text: bool = True,
) -> tuple[InputColumns, Matrix]:
    """Decide what the columns of a table become, before anything is measured.

    Where the table has all columns that the source's transformer takes, it enters the source
    there, followed by the rest of its columns; else its columns are encoded as its own, with
    the levels of the source that they share.

    Parameters
    ----------
    X : ndarray, sparse matrix or DataFrame of shape (n_samples, n_features)
    names : tuple of str or None
        Column names.
    categorical : ndarray of bool, shape (n_features,), or None
        Which columns are categories; None leaves that to their types.
    source : InputColumns or None
        The source's.
    feature_alignment : {'name', 'position'}
        How columns are matched.
    standardize : bool, default=True
        Whether missing numbers have a mean to stand for them.
    numeric_embedding : {'auto', 'fourier'} or None
        Which numeric columns get Fourier features.
    parse_text : bool, default=True
        Whether numbers and datetimes that were read as text are read as what they are.

    Returns
    -------
    columns : InputColumns
    encoded : ndarray or sparse matrix of shape (n_samples, n_encoded)
    """
    by_name = feature_alignment == "name"
    columns = _own_or_entered(X, names, categorical, source, by_name, standardize, parse_text)
    by_position = source is not None and matches_by_position(source, columns, feature_alignment)
    if source is not None and columns.encoded_names and not by_position:
        columns = _ordered_by_name(columns, columns.encoded_names)
    encoded = apply_transformer(X, columns)
    if source is not None and by_position and not stand_alike(source, columns):
        source, by_position = None, False  # nothing in common
    if standardize:
        indicators = _missing_indicators(encoded, columns, source, by_position)
        columns = replace(columns, missing_indicators=indicators)
    everywhere = numeric_embedding == "fourier"
    if everywhere or (numeric_embedding == "auto" and standardize):
        fourier = choose_fourier(encoded, columns, source, by_position, everywhere)
        columns = replace(columns, fourier=fourier)
    return columns, encoded


def matches_by_position(theirs: InputColumns, ours: InputColumns, feature_alignment: str) -> bool:
    """Whether two tables' columns are matched by position: if requested, or without names.

    A table that enters a source has columns of the source's names.
    """
    if ours.named_by_source:
        return False
    no_names = theirs.encoded_names is None or ours.encoded_names is None
    return feature_alignment == "position" or no_names


def stand_alike(theirs: InputColumns, ours: InputColumns) -> bool:
    """Whether encoded columns can be matched by position: as many, and none a category's level."""
    is_transformed = bool(getattr(theirs.transformer, "transformed", ()))
    return theirs.n_encoded == ours.n_encoded and _is_plain(ours) and not is_transformed


def _is_plain(columns: InputColumns) -> bool:
    """Whether every column of a table is one number, however it was written."""
    encoder = columns.transformer
    if encoder is None:
        return True
    if not isinstance(encoder, FrameEncoder) or encoder.transformed:
        return False
    return all(isinstance(column, NumericColumn) for column in encoder.columns)


def _ordered_by_name(columns: InputColumns, names: tuple[str, ...]) -> InputColumns:
    """Columns in the order of their names, so that their order in neither table matters."""
    order = sorted(range(len(names)), key=lambda i: names[i])
    if order == list(range(len(names))):
        return columns
    return replace(columns, order=tuple(order), encoded_names=tuple(names[i] for i in order))


def _own_or_entered(
    X: CheckedTable,
    names: tuple[str, ...] | None,
    categorical: np.ndarray | None,
    source: InputColumns | None,
    by_name: bool,
    standardize: bool,
    parse_text: bool,
) -> InputColumns:
    theirs = source.transformer if source is not None else None
    if source is not None and theirs is not None and not isinstance(theirs, FrameEncoder):
        split = _taken_columns(X.shape[1], names if by_name else None, source)
        if split is not None:
            return _enter(X, names, categorical, source, theirs, *split, parse_text)
    known = theirs if isinstance(theirs, FrameEncoder) else None
    as_theirs = None
    if not by_name or names is None or (source is not None and source.names is None):
        # by position: what stands where a column of the source stood gets its name, and its levels
        fits = source is not None and X.shape[1] == source.n_features
        # what transformers take is no sparse table
        is_wide = is_sparse(X) and not getattr(known, "transformed", ())
        if known is not None and fits and not is_wide:
            as_theirs = known.feature_names_in_
        elif fits and theirs is None and names is not None and needs_encoder(X, None):
            known = FrameEncoder([NumericColumn(name) for name in names])  # as the source had
        else:
            known = None
    elif known is None and theirs is None and source is not None and source.names is not None:
        known = FrameEncoder([NumericColumn(name) for name in source.names])
    is_known = known is not None and as_theirs is None and known.knows(names or ())
    if as_theirs is None and not is_known and not needs_encoder(X, categorical):
        return InputColumns(X.shape[1], X.shape[1], names, encoded_names=names)
    encoder = fit_frame(X, categorical, known, standardize, as_theirs or names, parse_text)
    encoded_names = encoder.get_feature_names_out()
    return _encoded(X, names, encoder, encoded_names, named_by_source=as_theirs is not None)


def needs_encoder(X: CheckedTable, categorical: np.ndarray | None) -> bool:
    """Whether a table has columns that are not plainly numbers.

    A table of numbers alone comes as an array; a frame that is one now had others, which are
    numbers in the types of several tables.
    """
    if categorical is not None and categorical.any():
        return True
    return is_frame(X) or X.dtype == object


def _encoded(
    X: CheckedTable,
    names: tuple[str, ...] | None,
    transformer: Transformer,
    encoded_names: Sequence[str],
    named_by_source: bool,
) -> InputColumns:
    return InputColumns(
        X.shape[1],
        len(encoded_names),
        names,
        tuple(encoded_names),
        transformer,
        named_by_source=named_by_source,
    )


def _taken_columns(
    n_features: int, names: tuple[str, ...] | None, source: InputColumns
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Positions of the columns that the source's transformer takes, and of the rest."""
    if names is None or source.names is None:
        return (tuple(range(n_features)), ()) if n_features == source.n_features else None
    if not set(source.names) <= set(names):
        return None
    taken = tuple(names.index(name) for name in source.names)
    return taken, tuple(i for i in range(n_features) if i not in set(taken))


def _enter(
    X: CheckedTable,
    names: tuple[str, ...] | None,
    categorical: np.ndarray | None,
    source: InputColumns,
    transformer: Transformer,
    taken: tuple[int, ...],
    rest: tuple[int, ...],
    parse_text: bool,
) -> InputColumns:
    encoder, rest_names = None, tuple(names[i] for i in rest) if names is not None else ()
    if rest and is_frame(X):
        forced = None if categorical is None else categorical[list(rest)]
        encoder = fit_frame(take_columns(X, rest), forced, None, parse_text=parse_text)
        rest_names = encoder.get_feature_names_out()
    split = SplitColumns(transformer, taken, rest, encoder)
    return _encoded(X, names, split, (*source.named_columns, *rest_names), named_by_source=True)


def _missing_indicators(
    X: Matrix, columns: InputColumns, source: InputColumns | None, by_position: bool
) -> tuple[int, ...]:
    """Encoded columns that get an indicator of missing entries.

    Those that have missing entries in the table, and those to which the source gave one.
    """
    missing = _has_missing(X)
    if source is not None and source.missing_indicators:
        theirs = {name for name, *part in source.input_ids(by_position) if part == ["missing"]}
        ours = [name for name, *_ in columns.input_ids(by_position)]
        missing = missing | np.array([name in theirs for name in ours[: len(missing)]])
    return tuple(np.flatnonzero(missing).tolist())


def _has_missing(X: Matrix) -> np.ndarray:
    if is_sparse(X):
        X = X.tocsr()
        return np.bincount(X.indices[np.isnan(X.data)], minlength=X.shape[1]) > 0
    return np.asarray(np.isnan(X).any(axis=0))


class ColumnUnits(NamedTuple):
    """How a table measures its own encoded columns and indicators."""

    center: np.ndarray
    scale: np.ndarray
    #: Whether the scale says how widely values are spread: not of a single one, nor of indicators,
    #: whose scale grows with the rows.
    has_scale: np.ndarray
    #: Entries that are there, or the sum of their weights: one of weight two counts as two.
    n_values: np.ndarray

    @classmethod
    def of(cls, X: Matrix, columns: InputColumns, sample_weight: np.ndarray | None) -> ColumnUnits:
        """The units of encoded columns.

        Raises
        ------
        ValueError
            If a column's values are too large for their variance to be a number.
        """
        if sample_weight is not None and not sample_weight.all():
            measured = rows_of_weight(sample_weight)
            X, sample_weight = X[measured], sample_weight[measured]
        X = with_missing_indicators(X, columns)
        center, scale, n_values = measure_columns(
            X, sample_weight, columns.encoded_names or columns.names
        )
        n_rows = X.shape[0] if sample_weight is None else float(np.sum(sample_weight))
        has_scale = (scale != 1.0) & ~are_indicators(center, scale)
        return cls(center, indicator_scale(center, scale, n_rows), has_scale, n_values)


def measure_scaling(
    units: ColumnUnits | None,
    columns: InputColumns,
    source: InputSchema | None,
    match: ColumnMatch,
    scaling: str,
    standardize: bool,
) -> InputScaling:
    """The unit of every encoded column and indicator.

    Parameters
    ----------
    units : ColumnUnits or None
        The table's own; needed with `standardize` or a source.
    columns : InputColumns
    source : InputSchema or None
        The source's; None where nothing is carried over from it.
    match : ColumnMatch
    scaling : {'source', 'target', 'mixed'}
        Whose mean and scale standardise the columns that both have.
    standardize : bool
        Whether columns that only the target has are standardised.

    Returns
    -------
    InputScaling
    """
    n_scaled = columns.n_scaled
    if units is None or (source is None and not standardize):
        return InputScaling.none(n_scaled)
    fill_value = np.zeros(n_scaled)
    center, scale = units.center.copy(), units.scale.copy()
    if not standardize:
        center[:], scale[:] = 0.0, 1.0
    if source is None:
        return InputScaling(center, scale, fill_value, soft_clipping=True, is_measured=True)
    theirs = source.scaling
    position = match.source_position[:n_scaled]
    known = position >= 0
    at = position[known]
    if scaling == "source" or not theirs.is_measured:
        # a source that saw raw numbers must keep seeing them
        center[known], scale[known] = theirs.center[at], theirs.scale[at]
    elif scaling == "mixed":
        own = (array[known] for array in units)
        center[known], scale[known] = moved_units(theirs.center[at], theirs.scale[at], *own)
    fill_value[known] = theirs.fill_value[at]
    is_measured = theirs.is_measured or standardize
    return InputScaling(center, scale, fill_value, theirs.soft_clipping, is_measured)
