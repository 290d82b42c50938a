"""A user's table, checked before anything is done with it.

It is part of the estimators because scikit-learn's ``validate_data`` sets attributes on them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import narwhals as nw
import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils import check_array, check_X_y
from sklearn.utils.validation import (
    check_consistent_length,
    validate_data,
)

from sktransfer._compat import check_sample_weight, num_samples, safe_indexing
from sktransfer._estimators._exposure import check_largest
from sktransfer._preprocessing import (
    FLOATS,
    Table,
    array_in_numbers,
    can_have_types,
    check_frame,
    computing_dtype,
    count_as_rows,
    frame_in_numbers,
    has_types,
    instead_of_a_table,
    is_frame,
    is_mixed,
    needs_digits,
    refuse_mask,
    truth_columns,
    with_known_types,
    with_truths_read,
    without_repeated_entries,
)
from sktransfer._records import FitOptions, FittedModel, TableOptions
from sktransfer._targets import Labels, TargetCodec, with_missing_kept
from sktransfer._typing import CheckedTable, Entry, TableLike, TargetLike, is_sparse
from sktransfer._warnings import counted, errors_in, warn
from sktransfer.exceptions import ColumnWarning

#: Entries of a table up to which it is worth asking whether scikit-learn's check is needed.
_SMALL = 100_000


def check_table(
    estimator: BaseEstimator,
    options: TableOptions,
    target: TargetCodec,
    X: TableLike,
    y: TargetLike | None,
    sample_weight: ArrayLike | None,
    groups: ArrayLike | None = None,
    *,
    labels: Labels = "new",
    before: FittedModel | None = None,
    precision: np.ndarray | None = None,
) -> Table:
    """Check a table and its target as scikit-learn does.

    Parameters
    ----------
    estimator : BaseEstimator
        Gets ``n_features_in_`` and ``feature_names_in_`` where nothing was fitted before.
    options : TableOptions
    target : TargetCodec
        Learns its classes where the labels are new.
    X, y, sample_weight, groups : the user's
    labels : {'new', 'same', 'known'}
        Whether classes are learned, or how they relate to those that are known.
    before : FittedModel, optional
        An earlier fit, whose columns these are.
    precision : ndarray of shape (n_samples,), optional
        Of rates of rows with an exposure.

    Returns
    -------
    Table
    """
    truths = () if before is None else before.primary_member.inputs.columns.truths
    X = with_truths_read(X, truths)
    if before is None:
        _warn_of_target_among_columns(X, y)
    y, missing = target.known(y, labels)
    keeps_types = has_types(options, X) if before is None else before.keeps_types
    takes_missing = options.standardize if before is None else before.takes_missing
    columns, found = check_columns_and_target(
        estimator, X, keeps_types, takes_missing, before is None, y, target
    )
    raw = cast("CheckedTable", X) if hasattr(X, "shape") else columns
    table = _table_of(
        options, target, columns, raw, found, missing, sample_weight, groups, labels,
        None if before is None else before.target.n_outputs, precision,
    )  # fmt: skip
    return replace(table, names=column_names(estimator), truths=truth_columns(table.X))


def _table_of(
    options: TableOptions,
    target: TargetCodec,
    X: CheckedTable,
    raw: CheckedTable | None,
    y: np.ndarray,
    missing: np.ndarray | None,
    sample_weight: ArrayLike | None,
    groups: ArrayLike | None,
    labels: Labels,
    n_outputs: int | None,
    precision: np.ndarray | None = None,
) -> Table:
    """Checked columns with encoded targets, the weights of the rows and their groups."""
    weight, dtype = None, computing_dtype(X)
    if sample_weight is not None:
        weight = check_sample_weight(sample_weight, y, dtype=dtype, ensure_non_negative=True)
        if not weight.any():  # scikit-learn 1.6 does not mind
            raise ValueError("Sample weights must contain at least one non-zero number.")
        check_largest(weight, "sample_weight")
    groups = with_missing_kept(groups)
    if groups is not None:
        _check_groups(groups)
        with errors_in("groups"):
            check_consistent_length(y, groups)
        groups = np.unique(np.asarray(groups), return_inverse=True)[1].ravel()
    if missing is not None and missing.all(axis=1).any():
        # a row without information does not count
        some = np.flatnonzero(~missing.all(axis=1))
        if not len(some) and labels != "new":
            raise ValueError(
                "y has no label in any of these rows; expected at least one. Leave the rows out."
            )
        X = safe_indexing(X, some)
        raw = None if raw is None else safe_indexing(raw, some)
        y, missing = y[some], missing[some]
        weight = None if weight is None else weight[some]
        groups = None if groups is None else groups[some]
        precision = None if precision is None else precision[some]
    y, weight = target.encode(y, missing, weight, labels)
    if n_outputs is not None and y.shape[1] != n_outputs:
        raise ValueError(
            f"y has {counted(y.shape[1], 'column')}; expected {n_outputs}, as in the y that was "
            "fitted. Give the same columns in the same order."
        )
    if needs_digits(y):
        dtype = np.dtype(np.float64)
    if options.standardize:
        weight = count_as_rows(weight)
    if weight is not None:  # class weights come in double precision
        weight = weight.astype(dtype, copy=False)
    return Table(X, y, weight, None, dtype, groups, raw=raw, precision=precision)


def _warn_of_target_among_columns(X: TableLike, y: TargetLike | None) -> None:
    """Say that a target is one of the columns, under its name."""
    if not is_frame(X) or y is None:
        return
    frame = nw.from_native(X, eager_only=True)
    named = getattr(y, "columns", None)
    names = [getattr(y, "name", None)] if named is None else list(named)
    for name in names:
        if not isinstance(name, str) or name not in frame.columns:
            continue
        own = np.asarray(y if named is None else y[name], object)  # type: ignore[index]
        if (
            own.shape == (num_samples(X),)
            and (own == np.asarray(frame[name].to_list(), object)).all()
        ):
            warn(
                f"X has the column {name!r}, which is the target; expected columns that are "
                f"known of rows to predict. Leave it out: X.drop(columns={name!r}).",
                ColumnWarning,
            )


def _check_groups(groups: ArrayLike) -> None:
    """One group per row, all of them known."""
    values = np.asarray(groups)
    if values.ndim != 1:
        raise ValueError(
            f"groups has the shape {values.shape}; expected one entry per row. Of several columns "
            "make one, for instance with frame.groupby(columns).ngroup()."
        )
    if values.dtype == object or values.dtype.kind in "fmM":
        unknown = np.flatnonzero([value is None or value != value for value in values.tolist()])
        if len(unknown):
            raise ValueError(
                f"groups has no entry in row {unknown[0]} and {len(unknown) - 1} others; expected "
                "a group for every row. A row that belongs to no other is a group of its own."
            )


def check_validation(
    estimator: BaseEstimator,
    options: TableOptions,
    target: TargetCodec,
    table: Table,
    X: TableLike | None,
    y: TargetLike | None,
    sample_weight: ArrayLike | None,
) -> Table:
    """The table with the rows to validate on, checked against its columns and classes."""
    if X is None and y is None:
        if sample_weight is not None:
            raise ValueError(
                "sample_weight_val is given without X_val and y_val; expected all three, or none. "
                "Weights of the training rows are sample_weight."
            )
        return table
    if X is None or y is None:
        raise ValueError(
            "X_val and y_val belong together: both or neither must be given; "
            f"{'X_val' if X is None else 'y_val'} is missing."
        )
    with errors_in("X_val and y_val"):
        y, missing = target.known(y, "known")
        takes_missing = options.standardize
        X = with_truths_read(X, table.truths)
        columns, found = check_columns_and_target(
            estimator, X, table.keeps_types, takes_missing, False, y, target
        )
        checked = _table_of(
            options, target, columns, None, found, missing, sample_weight, None, "known",
            table.y.shape[1],
        )  # fmt: skip
    return replace(table, validation=replace(checked, names=table.names, dtype=table.dtype))


def check_unlabeled(
    estimator: BaseEstimator,
    options: FitOptions,
    table: Table,
    X: TableLike | tuple[TableLike] | None,
) -> Table:
    """The table with its rows without targets, checked against its columns.

    Parameters
    ----------
    estimator : BaseEstimator
    options : FitOptions
    table : Table
    X : the user's
        A table, or a tuple of one.
    """
    if X is None:
        return table
    given = X[0] if isinstance(X, tuple) and len(X) == 1 else X
    if given is X and num_samples(X) == table.n_samples:
        raise ValueError(
            f"X_unlabeled has {table.n_samples} rows, as many as X; expected another number, or "
            "a tuple of one table. Cross-validation takes such a table for one that belongs to X "
            "row by row, and splits it into folds: give X_unlabeled=(X_unlabeled,)."
        )
    if options.mode != "fit":
        raise ValueError(
            f"X_unlabeled with {options.mode}; expected it in the first fit alone, in which "
            "columns are measured. Leave it out."
        )
    with errors_in("X_unlabeled"):
        given = with_truths_read(given, table.truths)
        checked = check_columns(estimator, given, table.keeps_types, options.standardize)
    return replace(table, unlabeled=checked)


def column_names(estimator: BaseEstimator) -> tuple[str, ...] | None:
    """The names of the columns that an estimator was fitted on."""
    names = getattr(estimator, "feature_names_in_", None)
    return None if names is None else tuple(names)


def read_table(
    estimator: BaseEstimator, options: TableOptions, X: TableLike
) -> tuple[CheckedTable, tuple[str, ...] | None]:
    """A table without a target, checked, and the names of its columns.

    Parameters
    ----------
    estimator : BaseEstimator
        Gets ``n_features_in_`` and ``feature_names_in_``.
    options : TableOptions
    X : the user's
    """
    X = with_known_types(X)
    checked = check_columns(estimator, X, has_types(options, X), options.standardize, reset=True)
    return checked, column_names(estimator)


def check_columns(
    estimator: BaseEstimator,
    X: TableLike,
    keeps_types: bool,
    takes_missing: bool,
    reset: bool = False,
) -> CheckedTable:
    """Check a table's columns.

    Numbers are checked, and refused where they are not finite, by scikit-learn; a frame with
    other columns keeps its types.

    Parameters
    ----------
    keeps_types : bool
        Whether columns of a frame, or of objects, are read by their types.
    takes_missing : bool
        Whether there is a fill value for missing entries.
    """
    refuse_mask(X)
    if not reset and _is_plain(estimator, X):
        return cast("np.ndarray", X)
    return _checked(estimator, X, keeps_types, takes_missing, reset)[0]


def check_columns_and_target(
    estimator: BaseEstimator,
    X: TableLike,
    keeps_types: bool,
    takes_missing: bool,
    reset: bool,
    y: TargetLike | None,
    target: TargetCodec,
) -> tuple[CheckedTable, np.ndarray]:
    """:func:`check_columns`, and the table's target."""
    refuse_mask(X)
    checked, y = _checked(estimator, X, keeps_types, takes_missing, reset, y, target)
    return checked, cast("np.ndarray", y)


def _checked(
    estimator: BaseEstimator,
    X: TableLike,
    keeps_types: bool,
    takes_missing: bool,
    reset: bool,
    y: TargetLike | None = "no_validation",
    target: TargetCodec | None = None,
) -> tuple[CheckedTable, np.ndarray | None]:
    if keeps_types and can_have_types(X):
        validate_data(estimator, X, reset=reset, skip_check_array=True)
        X = cast("CheckedTable", X)
        check_frame(X, type(estimator).__name__)
        if target is None:
            return X, None
        check_consistent_length(X, y)
        dtype = "numeric" if target.is_numeric else None
        labels = check_array(y, ensure_2d=False, input_name="y", dtype=dtype)
        # scikit-learn leaves a list of objects that are numbers, such as decimals, as it is
        return X, labels.astype(np.float64) if dtype and labels.dtype == object else labels
    of_target = {} if target is None else {"multi_output": True, "y_numeric": target.is_numeric}
    checked = _check_numbers(
        estimator,
        X,
        y,
        reset,
        accept_sparse=["csr", "csc"],
        dtype=FLOATS,
        ensure_all_finite="allow-nan" if takes_missing else True,
        **of_target,
    )
    numbers, labels = (checked, None) if target is None else checked
    if isinstance(numbers, np.ndarray) and min(numbers.strides) < 0:
        numbers = numbers.copy()  # a reversed view, which torch refuses
    if is_sparse(numbers):
        numbers = without_repeated_entries(numbers)  # by rows, as they are taken in batches
    return numbers, labels


def _check_numbers(
    estimator: BaseEstimator, X: TableLike, y: TargetLike | None, reset: bool, **checks: Any
) -> Any:
    """scikit-learn's check of a table of numbers, for every form in which these come.

    What it returns is its own: the table, or table and target.
    """
    if not reset and is_frame(X) and is_mixed(X):
        # names are those of the frame; what its columns mean in numbers may be certain
        validate_data(estimator, X, reset=False, skip_check_array=True)
        X = frame_in_numbers(X)
        return check_array(X, **checks) if isinstance(y, str) else check_X_y(X, y, **checks)
    if isinstance(X, np.ndarray):
        X = array_in_numbers(X)
    try:
        return validate_data(estimator, X, y, reset=reset, **checks)
    except (ValueError, TypeError) as error:
        if isinstance(X, np.ndarray) and X.dtype.kind in "OUT":
            _refuse_objects(X, error)
        text = instead_of_a_table(X)
        if text is not None:
            raise type(error)(f"{text} ({error})") from error
        raise


def _refuse_objects(X: np.ndarray, cause: Exception) -> None:
    """Say which column of an array has entries that are no number, if that is what is wrong."""
    for i, column in enumerate(X.T if X.ndim == 2 else ()):
        value = next((value for value in column.tolist() if not _reads(value)), None)
        if value is None or np.ndim(value):
            continue
        what, cure = f"entries such as {value!r}", ""
        if isinstance(value, str | bytes):
            what, cure = f"text such as {value!r}", ", or name the column in categorical_features"
        text = (
            f"X is an array with {what} in column {i}; expected numbers. Give a DataFrame, "
            f"whose columns are of types of their own{cure}."
        )
        if isinstance(cause, TypeError):  # as scikit-learn's check of objects wants it
            raise TypeError(f"{text} ({cause})") from cause
        raise ValueError(text) from cause


def _reads(value: Entry) -> bool:
    try:
        float(value)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return value is None
    return True


def _is_plain(estimator: BaseEstimator, X: TableLike) -> bool:
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
