"""Labels and numbers to network outputs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.class_weight import compute_sample_weight

from sktransfer._losses import OutputLoss, loss_of
from sktransfer._preprocessing import TINY, rows_of_weight
from sktransfer._records import TargetSchema
from sktransfer._typing import Matrix, is_sparse


def regression_schema(
    y: np.ndarray,
    sample_weight: np.ndarray | None,
    loss: str,
    standardize: bool,
    kept: TargetSchema | None = None,
) -> TargetSchema:
    """What the outputs of a regressor mean.

    Parameters
    ----------
    y : ndarray of shape (n_samples, n_outputs)
        NaN where missing.
    sample_weight : ndarray of shape (n_samples,) or None
    loss : str
        As of :func:`sktransfer._losses.loss_of`.
    standardize : bool
        Whether outputs are standardised, in the unit that goes with the loss; never behind a log
        link, where outputs are logarithms of rates.
    kept : TargetSchema, optional
        The source's, where its output layer is kept and fixes the scale.

    Returns
    -------
    TargetSchema
    """
    n_outputs = y.shape[1]
    if kept is not None:
        return TargetSchema("regression", n_outputs, None, loss, kept.center, kept.scale)
    function = loss_of(loss)
    if not standardize or function.has_log_link:
        return TargetSchema("regression", n_outputs, None, loss)
    if sample_weight is not None:
        measured = rows_of_weight(sample_weight)
        y, sample_weight = y[measured], sample_weight[measured]
    with np.errstate(over="ignore", invalid="ignore"):
        center, scale = _units(y, sample_weight, function)
    if not (np.isfinite(center) & np.isfinite(scale)).all():
        raise ValueError(
            f"y has values as large as {np.nanmax(np.abs(y)):.3g}; expected some whose variance "
            "is a finite number. Give y in a larger unit."
        )
    scale[scale <= np.maximum(TINY, 1e-12 * np.abs(center))] = 1.0
    center = np.where(np.isnan(constant := constants(y, sample_weight)), center, constant)
    return TargetSchema("regression", n_outputs, None, loss, center, scale)


def rows_that_count(y: np.ndarray, weight: ArrayLike | None) -> np.ndarray:
    """Targets of the rows whose weight is not 0; None stands for equal weights."""
    return y if weight is None else y[np.asarray(weight) > 0]


def constants(y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """The one number of each column that has no other, NaN for columns that have several.

    A mean would differ from it by a rounding error, which optimisers such as Adam make large.
    """
    y = rows_that_count(y, weight)
    found = np.full(y.shape[1], np.nan)
    for at, column in enumerate(y.T):
        known = column[~np.isnan(column)]
        if len(known) and (known == known[0]).all():
            found[at] = known[0]
    return found


def _units(
    y: np.ndarray, weight: np.ndarray | None, loss: OutputLoss
) -> tuple[np.ndarray, np.ndarray]:
    """Center and scale of each column, in the unit of a loss."""
    if not loss.is_robust:
        return _mean_and_std(y, weight)
    units = []
    for column in y.T:
        known = ~np.isnan(column)
        of_known = None if weight is None else weight[known].astype(np.float64)
        units.append(loss.unit(column[known].astype(np.float64), of_known))
    center, scale = np.array(units).T
    return center, scale


def _mean_and_std(y: np.ndarray, weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each column's known entries; 0 and 0 where there are none."""
    missing = np.isnan(y)
    if missing.any():
        weight = ~missing * (1.0 if weight is None else weight[:, None])
        y, weight = np.where(missing, 0.0, y), np.where(weight.any(0), weight, 1.0)
    center = np.average(y, axis=0, weights=weight)
    return center, np.sqrt(np.average((y - center) ** 2, axis=0, weights=weight))


def balanced_weight(class_weight, y: np.ndarray, sample_weight: np.ndarray | None):
    """Sample weights with `class_weight` multiplied in, None if all are one."""
    if class_weight is None:
        return sample_weight
    for one in class_weight if isinstance(class_weight, list) else [class_weight]:
        wrong = (
            {}
            if isinstance(one, str)
            else {label: w for label, w in one.items() if not (np.isfinite(w) and w > 0)}
        )
        if wrong:
            raise ValueError(
                f"class_weight has {wrong}; expected finite numbers above 0. A class that should "
                "not count has to be left out of X and y."
            )
    if sample_weight is None:
        return compute_sample_weight(class_weight, y)
    if isinstance(class_weight, str):
        class_weight = _balanced(y, sample_weight)
    return compute_sample_weight(class_weight, y) * sample_weight


def _balanced(y: Matrix, sample_weight: np.ndarray):
    """Weights that give all classes of an output the same sum, of rows with weights."""
    y = y.toarray() if is_sparse(y) else y
    of_outputs = []
    for column in np.atleast_2d(y.T):
        labels, code = np.unique(column, return_inverse=True)
        counts = np.bincount(code, sample_weight)
        mean = counts.sum() / np.count_nonzero(counts)
        factors = mean / np.where(counts > 0, counts, mean)
        of_outputs.append(dict(zip(labels.tolist(), factors.tolist(), strict=True)))
    return of_outputs[0] if y.ndim == 1 else of_outputs
