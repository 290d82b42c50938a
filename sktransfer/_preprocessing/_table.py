"""The door: a user's table, checked before anything is done with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import check_consistent_length, validate_data

from sktransfer._compat import check_sample_weight, num_samples, safe_indexing
from sktransfer._preprocessing._encode import apply_transformer
from sktransfer._preprocessing._frames import is_frame, is_mixed
from sktransfer._records import InputSchema, TargetSchema

FLOATS = (np.float64, np.float32)
#: Entries of a table up to which it is worth asking whether scikit-learn's check is needed.
_SMALL = 100_000


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
    """

    X: Any
    y: np.ndarray
    sample_weight: np.ndarray | None
    names: tuple[str, ...] | None
    dtype: Any
    groups: np.ndarray | None = None

    @property
    def n_samples(self) -> int:
        return len(self.y)

    def encoded(self, inputs: InputSchema) -> Table:
        """The table with its encoded columns for `X`."""
        return replace(self, X=apply_transformer(self.X, inputs))

    def computed_in(self, dtype: Any) -> Table:
        """The table, for computing in another precision."""
        weight = None if self.sample_weight is None else self.sample_weight.astype(dtype)
        return replace(self, dtype=np.dtype(dtype), sample_weight=weight)

    def rows(self, index: np.ndarray) -> Table:
        """Some of the rows of an encoded table."""
        weight, groups = (
            None if of_row is None else of_row[index]
            for of_row in (self.sample_weight, self.groups)
        )
        return replace(self, X=self.X[index], y=self.y[index], sample_weight=weight, groups=groups)


def check_table(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    resume: bool,
    one_epoch: bool,
    groups: Any = None,
) -> Table:
    """Check a table and its target as scikit-learn does.

    Parameters
    ----------
    estimator : BaseTransferMLP
        Gets ``n_features_in_`` and ``feature_names_in_``, and learns its classes.
    X, y, sample_weight : the user's
    resume : bool
        Whether columns and classes are defined by an earlier fit.
    one_epoch : bool
        Whether this is ``partial_fit``, which was told its classes.
    groups : the user's, optional

    Returns
    -------
    Table
    """
    if one_epoch:
        labels = "known"
    else:
        labels = "same" if resume else "new"
    return check_rows(estimator, X, y, sample_weight, not resume, labels, groups=groups)


def check_rows(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    reset: bool,
    labels: str,
    inputs: InputSchema | None = None,
    groups: Any = None,
) -> Table:
    y, missing = estimator._set_missing_aside(y, labels)
    X, y = check_columns(estimator, X, reset, y, inputs)
    weight, dtype = None, computing_dtype(X)
    if sample_weight is not None:
        weight = check_sample_weight(sample_weight, y, dtype=dtype, ensure_non_negative=True)
        if not weight.any():  # scikit-learn 1.6 does not mind
            raise ValueError("Sample weights must contain at least one non-zero number.")
    if groups is not None:
        check_consistent_length(y, groups)
        groups = np.unique(np.asarray(groups), return_inverse=True)[1].ravel()
    if missing is not None and missing.all(axis=1).any():
        # a row that says nothing is no row
        some = np.flatnonzero(~missing.all(axis=1))
        X, y, missing = safe_indexing(X, some), y[some], missing[some]
        weight = None if weight is None else weight[some]
        groups = None if groups is None else groups[some]
    y, weight = estimator._check_y(y, missing, weight, labels)
    if estimator.standardize:
        weight = count_as_rows(weight)
    if weight is not None:  # class weights come in double precision
        weight = weight.astype(dtype, copy=False)
    names = getattr(estimator, "feature_names_in_", None)
    return Table(X, y, weight, None if names is None else tuple(names), dtype, groups)


def computing_dtype(X: Any) -> np.dtype:
    """The precision of computing with a checked table: that of numbers, float32 for a mixture."""
    dtype = getattr(X, "dtype", None)
    return dtype if dtype in FLOATS else np.dtype(np.float32)


def check_columns(
    estimator: Any,
    X: Any,
    reset: bool,
    y: Any = "no_validation",
    inputs: InputSchema | None = None,
) -> Any:
    """Check a table's columns, and its target if there is one.

    Numbers are checked, and refused where they are not finite, by scikit-learn; a frame with
    other columns keeps its types.  `inputs` are the columns of an earlier fit where that is not
    published yet.

    Returns
    -------
    X, or (X, y) where `y` was given
    """
    only_X = isinstance(y, str)
    _refuse_mask(X)
    if only_X and not reset and _is_plain(estimator, X):
        return X
    inputs = None if reset else inputs or estimator._inputs
    if keeps_types(estimator, X, inputs):
        validate_data(estimator, X, reset=reset, skip_check_array=True)
        _check_frame(X, estimator)
        if only_X:
            return X
        check_consistent_length(X, y)
        dtype = "numeric" if estimator._y_is_numeric else None
        y = check_array(y, ensure_2d=False, input_name="y", dtype=dtype)
        # scikit-learn leaves a list of objects that are numbers, such as decimals, as it is
        return X, y.astype(np.float64) if dtype and y.dtype == object else y
    # a missing entry needs a mean to stand for it
    takes_missing = estimator.standardize if inputs is None else inputs.has_moments
    checked = validate_data(
        estimator,
        X,
        y,
        accept_sparse=["csr", "csc"],
        dtype=FLOATS,
        reset=reset,
        ensure_all_finite="allow-nan" if takes_missing else True,
        **({} if only_X else {"multi_output": True, "y_numeric": estimator._y_is_numeric}),
    )
    X, *rest = (checked,) if only_X else checked
    if getattr(X, "format", None) == "csc":
        X = X.tocsr()  # rows are taken in batches
    return (X, *rest) if rest else X


def _is_plain(estimator: Any, X: Any) -> bool:
    """Whether scikit-learn's check, which takes longer than a prediction, would pass `X` on."""
    return (
        type(X) is np.ndarray
        and X.dtype in FLOATS
        and X.ndim == 2
        and 0 < X.size <= _SMALL
        and X.shape[1] == estimator.n_features_in_
        and not hasattr(estimator, "feature_names_in_")
        and bool(np.isfinite(X).all())
    )


def _refuse_mask(X: Any) -> None:
    """numpy's conversions drop a mask without a word, and what was masked would count."""
    if isinstance(X, np.ma.MaskedArray) and X.mask.any():
        raise TypeError(
            f"X is a masked array with {int(X.mask.sum())} masked entries; expected missing "
            "entries as NaN. Give X.astype(float).filled(numpy.nan)."
        )


def keeps_types(estimator: Any, X: Any, inputs: InputSchema | None) -> bool:
    """Whether a table goes to an encoder as it is, not as an array of numbers."""
    is_object = np.dtype(object) == getattr(X, "dtype", None)
    if inputs is not None:
        # numbers in a frame are an array for every member, as they were in fit
        takes_types = getattr(inputs.transformer, "takes_types", False)
        return (is_frame(X) or is_object) and takes_types
    if is_frame(X):
        return is_mixed(X) or names_categories(estimator)
    return names_categories(estimator) and is_object


def names_categories(estimator: Any) -> bool:
    """Whether the user says which columns are categories."""
    wanted = estimator.categorical_features
    if wanted is None or isinstance(wanted, str) or len(wanted) == 0:
        return False
    wanted = np.asarray(wanted)
    return wanted.dtype != bool or bool(wanted.any())


def _check_frame(X: Any, estimator: Any) -> None:
    n_samples = num_samples(X)
    if n_samples == 0 or X.shape[1] == 0:
        raise ValueError(
            f"Found array with {n_samples} sample(s) and {X.shape[1]} feature(s) (shape="
            f"{tuple(X.shape)}) while a minimum of 1 is required by {type(estimator).__name__}."
        )
    if is_frame(X):
        for series in nw.from_native(X, eager_only=True).iter_columns():
            if series.dtype.is_float() and np.isinf(series.drop_nulls().to_numpy()).any():
                raise ValueError(
                    f"Input X contains infinity or a value too large in column {series.name!r}; "
                    "expected finite numbers or missing entries. Clean the column first."
                )


def categorical_mask(estimator: Any, X: Any, names: tuple[str, ...] | None) -> np.ndarray | None:
    """Which columns are categories, None where that is left to their types.

    Raises
    ------
    ValueError
        If ``categorical_features`` names or numbers a column that is not there.
    """
    wanted = estimator.categorical_features
    if isinstance(wanted, str):
        return None
    mask = np.zeros(X.shape[1], dtype=bool)
    if wanted is None or len(wanted) == 0:
        return mask
    wanted = np.asarray(wanted)
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
        wanted = [names.index(name) for name in wanted.tolist()]  # type: ignore[union-attr]
    elif wanted.dtype != bool and not _are_positions(wanted, len(mask)):
        raise ValueError(
            f"categorical_features has positions {wanted.tolist()}; expected positions from 0 to "
            f"{len(mask) - 1}, as X has {len(mask)} columns."
        )
    mask[wanted] = True
    return mask


def _are_positions(wanted: np.ndarray, n_columns: int) -> bool:
    return wanted.dtype.kind in "iu" and bool(((wanted >= 0) & (wanted < n_columns)).all())


def encode_target(y: np.ndarray, target: TargetSchema, dtype: Any) -> np.ndarray:
    """Targets in the unit of the network's outputs."""
    if target.is_scaled:
        y = (y - target.center) / target.scale
    return y.astype(dtype)


def count_as_rows(weight: np.ndarray | None) -> np.ndarray | None:
    """Weights scaled up, where needed, until they add up to as many rows as they stand for.

    What few rows need more of (weight decay, the source's moments) is measured by the sum of
    weights, so that a row of weight two is a row seen twice.  Weights that sum to one, as
    boosting gives them, would then stand for a single row: they count for their effective
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
