"""A checked table, and what its columns are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import cast

import narwhals as nw
import numpy as np
from numpy.typing import DTypeLike

from sktransfer._compat import num_samples, safe_indexing
from sktransfer._preprocessing._columns import fit_column
from sktransfer._preprocessing._encode import apply_transformer
from sktransfer._preprocessing._frames import has_numbers_of_rows, is_frame, is_mixed
from sktransfer._preprocessing._levels import is_number
from sktransfer._preprocessing._series import (
    TIME_TYPES,
    ArrayColumn,
    Series,
    is_missing,
    named_columns,
    plain_numbers,
)
from sktransfer._records import (
    DatetimeColumn,
    InputSchema,
    NumericColumn,
    TableOptions,
    TargetSchema,
    is_rounded,
)
from sktransfer._typing import CheckedTable, Matrix, TableLike

FLOATS = (np.float64, np.float32)


@dataclass
class Table:
    """A checked table.

    Attributes
    ----------
    X : ndarray, sparse matrix or DataFrame of shape (n_samples, n_features)
        Later its encoded columns.
    y : ndarray of shape (n_samples, n_outputs)
        Labels as booleans per output, or numbers in the user's unit; NaN where missing.
    sample_weight : ndarray of shape (n_samples,) or None
        Class weights are multiplied in.
    names : tuple of str or None
    dtype : numpy dtype
        The computing precision: that of an array, float32 for a frame of mixed columns.
    groups : ndarray of shape (n_samples,) or None
        Rows with the same number belong together.
    validation : Table or None
        The user's rows to validate on, with columns and targets checked in the same way.
    raw : table of shape (n_samples, n_features) or None
        As the user gave it, for members that read it so.
    outputs : ndarray of shape (n_samples, n_source_outputs) or None
        Linear outputs of a source that has no layers.
    of_sources : dict of int to ndarray
        Such outputs of all rows, by source, so that each is called once.
    unlabeled : table of shape (n_unlabeled, n_features) or None
        Rows of the same columns without targets.
    precision : ndarray of shape (n_samples,) or None
        What of `sample_weight` says how long a row was observed: the variance of its rate is that
        of an exposure of one, divided by this.  None where no row has an exposure.
    truths : tuple of int
        Positions of columns that hold zeros and ones, or truth values, alone.
    """

    X: CheckedTable
    y: np.ndarray
    sample_weight: np.ndarray | None
    names: tuple[str, ...] | None
    dtype: np.dtype
    groups: np.ndarray | None = None
    validation: Table | None = None
    raw: CheckedTable | None = None
    outputs: np.ndarray | None = None
    of_sources: dict[int, np.ndarray] = field(default_factory=dict)
    unlabeled: CheckedTable | None = None
    precision: np.ndarray | None = None
    truths: tuple[int, ...] = ()

    @property
    def n_samples(self) -> int:
        return len(self.y)

    @property
    def row_weight(self) -> np.ndarray:
        """The weight of each row, 1 where none is given."""
        return np.ones(self.n_samples) if self.sample_weight is None else self.sample_weight

    @property
    def numbers(self) -> Matrix:
        """Its columns, once they are encoded."""
        return cast("Matrix", self.X)

    @property
    def row_precision(self) -> np.ndarray:
        """How precisely the rate of each row is known, 1 for an exposure of one."""
        return np.ones(self.n_samples) if self.precision is None else self.precision

    @property
    def given(self) -> CheckedTable:
        """The table as the user gave it, where that is kept."""
        return cast("CheckedTable", self.raw)

    @property
    def keeps_types(self) -> bool:
        """Whether its columns are read by their types, not as an array of numbers."""
        return can_have_types(self.X)

    def encoded(self, inputs: InputSchema) -> Table:
        """The table with its encoded columns for `X`."""
        return replace(self, X=apply_transformer(self.X, inputs.columns))

    def computed_in(self, dtype: DTypeLike) -> Table:
        """The table, for computing in another precision."""
        weight = None if self.sample_weight is None else self.sample_weight.astype(dtype)
        return replace(self, dtype=np.dtype(dtype), sample_weight=weight)

    def of_rows_that_count(self) -> Table:
        """The same without rows of no weight; itself where no row or every one has none."""
        weight = self.sample_weight
        if weight is None or weight.all() or not weight.any():
            return self
        return self.rows(np.flatnonzero(weight))

    def rows(self, index: np.ndarray) -> Table:
        """Some of the rows of an encoded table."""
        weight, groups, precision = (
            None if of_row is None else of_row[index]
            for of_row in (self.sample_weight, self.groups, self.precision)
        )
        raw = None if self.raw is None else safe_indexing(self.raw, index)
        outputs = None if self.outputs is None else self.outputs[index]
        return replace(
            self,
            X=self.numbers[index],
            y=self.y[index],
            sample_weight=weight,
            groups=groups,
            precision=precision,
            raw=raw,
            outputs=outputs,
        )


def computing_dtype(X: CheckedTable) -> np.dtype:
    """The precision of computing with a checked table: that of numbers, float32 for a mixture."""
    dtype = getattr(X, "dtype", None)
    return dtype if dtype in FLOATS else np.dtype(np.float32)


def needs_digits(y: np.ndarray) -> bool:
    """Whether single precision would round predictions by what their spread is made of."""
    if y.dtype == bool:
        return False
    y = y.reshape(len(y), -1)
    y = y[:, ~np.isnan(y).all(axis=0)]  # numpy warns of columns without an entry
    missing = np.isnan(y)
    with np.errstate(over="ignore", invalid="ignore"):
        spread = np.std(y, axis=0, where=~missing)
    largest = np.max(np.abs(y), axis=0, initial=0, where=~missing)
    return bool((is_rounded(largest, spread) & (spread > 0)).any())


def refuse_mask(X: TableLike) -> None:
    """numpy's conversions drop a mask without a word, and what was masked would count."""
    if isinstance(X, np.ma.MaskedArray) and X.mask.any():
        raise TypeError(
            f"X is a masked array with {int(X.mask.sum())} masked entries; expected missing "
            "entries as NaN. Give X.astype(float).filled(numpy.nan)."
        )


def can_have_types(X: TableLike) -> bool:
    """Whether columns of a table can be of different types: those of a frame, or of objects."""
    is_table = getattr(X, "ndim", 2) == 2
    return is_frame(X) or (is_table and np.dtype(object) == getattr(X, "dtype", None))


def has_types(options: TableOptions, X: TableLike) -> bool:
    """Whether a table goes to an encoder as it is, not as an array of numbers."""
    if is_frame(X):
        return is_mixed(X) or names_categories(options) or has_numbers_of_rows(X)
    if names_categories(options):
        return can_have_types(X)
    return options.parse_text and isinstance(X, np.ndarray) and _has_written_numbers(X)


def _has_written_numbers(X: np.ndarray) -> bool:
    """Whether an array of objects has entries that numpy takes for no number, but that say some.

    Each of its columns then says numbers or datetimes; of words, an array has none.
    """
    if X.dtype != object or X.ndim != 2:
        return False
    entries = X.ravel().tolist()
    texts = {value for value in entries if isinstance(value, str | bytes)}
    has_times = any(isinstance(value, TIME_TYPES) and not is_missing(value) for value in entries)
    if not has_times and all(isinstance(text, str) and is_number(text) for text in texts):
        return False
    try:
        columns = [
            fit_column(series, name, None, None, takes_missing=True, parse_text=True)
            for name, series in named_columns(X)
        ]
    except ValueError:  # entries of which nothing is made
        return False
    return all(isinstance(column, NumericColumn | DatetimeColumn) for column in columns)


def names_categories(options: TableOptions) -> bool:
    """Whether the user says which columns are categories."""
    named = options.categorical_features
    if named is None or isinstance(named, str) or len(named) == 0:
        return False
    wanted = np.asarray(named)
    return wanted.dtype != bool or bool(wanted.any())


def check_frame(X: CheckedTable, name: str) -> None:
    n_samples = num_samples(X)
    if n_samples == 0 or X.shape[1] == 0:
        raise ValueError(
            f"Found array with {n_samples} sample(s) and {X.shape[1]} feature(s) (shape="
            f"{tuple(X.shape)}) while a minimum of 1 is required by {name}."
        )
    if is_frame(X):
        for series in nw.from_native(X, eager_only=True).iter_columns():
            if _has_infinity(series):
                raise ValueError(
                    f"Input X contains infinity or a value too large in column {series.name!r}; "
                    "expected finite numbers or missing entries. Clean the column first."
                )


def _has_infinity(series: Series) -> bool:
    plain = plain_numbers(series)
    if plain is not None:
        return bool(np.isinf(plain).any())
    if not isinstance(series, ArrayColumn) and series.dtype.is_float():
        return bool(np.isinf(series.drop_nulls().to_numpy()).any())
    if series.dtype != nw.Object:
        return False
    return any(isinstance(v, float | Decimal) and abs(v) == np.inf for v in series.to_list())


def categorical_mask(
    options: TableOptions, X: CheckedTable, names: tuple[str, ...] | None
) -> np.ndarray | None:
    """Which columns are categories, None where that is left to their types.

    Raises
    ------
    ValueError
        If ``categorical_features`` names or numbers a column that is not there.
    """
    named = options.categorical_features
    if isinstance(named, str):
        return None
    mask = np.zeros(X.shape[1], dtype=bool)
    if named is None or len(named) == 0:
        return mask
    wanted = np.asarray(named)
    if wanted.dtype == bool and wanted.shape != mask.shape:
        raise ValueError(
            f"categorical_features is a mask of shape {wanted.shape}; expected one entry for each "
            f"of the {X.shape[1]} columns of X. Give a mask of that length, names or positions."
        )
    if wanted.dtype.kind in "OUT":
        missing = [name for name in wanted.tolist() if name not in (names or ())]
        if missing:
            raise ValueError(
                f"categorical_features names {missing}, which are not columns of X. Its columns "
                f"are {list(names) if names else 'nameless: give positions or a mask'}."
            )
        mask[[(names or ()).index(name) for name in wanted.tolist()]] = True
        return mask
    if wanted.dtype != bool and not _are_positions(wanted, len(mask)):
        raise ValueError(
            f"categorical_features has positions {wanted.tolist()}; expected positions from 0 to "
            f"{len(mask) - 1}, as X has {len(mask)} columns."
        )
    mask[wanted] = True
    return mask


def _are_positions(wanted: np.ndarray, n_columns: int) -> bool:
    return wanted.dtype.kind in "iu" and bool(((wanted >= 0) & (wanted < n_columns)).all())


def encode_target(y: np.ndarray, target: TargetSchema, dtype: DTypeLike) -> np.ndarray:
    """Targets in the unit of the network's outputs."""
    if target.is_scaled:
        y = (y - target.center) / target.scale
    return y.astype(dtype)


def count_as_rows(weight: np.ndarray | None) -> np.ndarray | None:
    """Weights scaled up, where needed, until they add up to as many rows as they stand for.

    What few rows need more of (weight decay, the source's mean and standard deviation) is measured
    by the sum of weights, so that a row of weight two counts as two rows.  Weights that sum to
    one, as boosting gives them, would then stand for a single row: they count for their effective
    number, ``(Σw)² / Σw²``.

    References
    ----------
    L. Kish, "Survey Sampling", Wiley 1965, section 11.7.
    """
    if weight is None or not weight.any():
        return weight
    total = float(np.sum(weight, dtype=np.float64))
    n_effective = total**2 / float(np.sum(np.square(weight, dtype=np.float64)))
    return weight * weight.dtype.type(n_effective / total) if total < n_effective else weight
