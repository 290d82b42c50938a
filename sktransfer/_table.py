"""The door: a user's table, checked before anything is done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import _check_sample_weight, validate_data

from sktransfer._preprocessing import encode
from sktransfer._records import InputSchema, TargetSchema
from sktransfer._training import TrainingData

FLOATS = (np.float64, np.float32)
SPARSE = ("csr", "csc")


@dataclass
class Table:
    """A checked table.

    Attributes
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_features), float32 or float64
    y : ndarray of shape (n_samples, n_outputs)
        Labels as booleans per output, or numbers in the user's unit.
    sample_weight : ndarray of shape (n_samples,) or None
        Class weights are multiplied in.
    names : tuple of str or None
    """

    X: Any
    y: np.ndarray
    sample_weight: np.ndarray | None
    names: tuple[str, ...] | None

    @property
    def n_samples(self) -> int:
        return len(self.y)

    def rows(self, index: np.ndarray) -> Table:
        """Some of the rows."""
        weight = None if self.sample_weight is None else self.sample_weight[index]
        return Table(self.X[index], self.y[index], weight, self.names)


def check_table(
    estimator: Any, X: Any, y: Any, sample_weight: Any, resume: bool, one_epoch: bool
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

    Returns
    -------
    Table
    """
    X, y = validate_data(
        estimator,
        X,
        y,
        accept_sparse=list(SPARSE),
        multi_output=True,
        y_numeric=estimator._y_is_numeric,
        dtype=FLOATS,
        reset=not resume,
    )
    if getattr(X, "format", None) == "csc":
        X = X.tocsr()  # rows are taken in batches
    weight = check_weight(sample_weight, X)
    if one_epoch:
        labels = "known"
    else:
        labels = "same" if resume else "new"
    y, weight = estimator._check_y(y, weight, labels)
    names = getattr(estimator, "feature_names_in_", None)
    return Table(X, y, weight, None if names is None else tuple(names))


def check_weight(sample_weight: Any, X: Any) -> np.ndarray | None:
    """Sample weights of a table, None where there are none."""
    if sample_weight is None:
        return None
    return _check_sample_weight(sample_weight, X, dtype=X.dtype, ensure_non_negative=True)


def check_validation(estimator: Any, validation: tuple, dtype: Any) -> Table:
    """Check a validation set that the user gave beside the training table."""
    X, y, sample_weight = validation
    if X is None or y is None:
        raise ValueError(
            "X_val and y_val belong together: both or neither must be given; "
            f"{'X_val' if X is None else 'y_val'} is missing."
        )
    X, y = validate_data(
        estimator,
        X,
        y,
        accept_sparse="csr",
        multi_output=True,
        y_numeric=estimator._y_is_numeric,
        dtype=dtype,
        reset=False,
    )
    weight = check_weight(sample_weight, X)
    y, weight = estimator._check_y(y, weight, "known")
    return Table(X, y, weight, None)


def split_table(
    estimator: Any, table: Table, validation: tuple | None, rng: np.random.RandomState
) -> tuple[Table, Table | None]:
    """Training rows and held-out rows, the latter None where nothing is held out."""
    if validation is not None:
        return table, check_validation(estimator, validation, table.X.dtype)
    if not estimator.early_stopping or estimator.solver == "lbfgs":
        return table, None
    train, held_out = train_test_split(
        np.arange(table.n_samples),
        random_state=rng,
        test_size=estimator.validation_fraction,
        stratify=table.y if estimator._stratifies(table.y) else None,
    )
    if len(held_out) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' "
            "or the size of your dataset."
        )
    return table.rows(train), table.rows(held_out)


def training_data(
    table: Table, inputs: InputSchema, target: TargetSchema, at_once: bool
) -> TrainingData:
    """A table as the network sees it.

    A sparse table stays sparse and is encoded a block at a time, unless `at_once`.
    """
    dtype = table.X.dtype
    y = encode_target(table.y, target, dtype)
    if isinstance(table.X, np.ndarray) or at_once:
        return TrainingData(encode(table.X, inputs, dtype), y, table.sample_weight)
    return TrainingData(table.X, y, table.sample_weight, lambda rows: encode(rows, inputs, dtype))


def encode_target(y: np.ndarray, target: TargetSchema, dtype: Any) -> np.ndarray:
    """Targets in the unit of the network's outputs."""
    if target.kind == "regression":
        y = (y - target.center) / target.scale if target.is_scaled else y
    return y.astype(dtype)
