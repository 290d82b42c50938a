"""Exposure: how much of something a row was observed for, years insured or hours counted."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_array
from sklearn.utils.validation import check_consistent_length

from sktransfer._losses import OutputLoss
from sktransfer._typing import CheckedTable, TargetLike
from sktransfer._warnings import errors_in

#: Exposures between this and its inverse can be computed with: weights, and divisors of amounts.
_LEAST = 1e-20
#: Weights smaller than this in all rows, or larger than its inverse, cannot be squared.
_LEAST_WEIGHT = 1e-30


def check_exposure(
    exposure: ArrayLike | None,
    of: TargetLike | CheckedTable,
    loss: OutputLoss,
    name: str = "exposure",
) -> np.ndarray:
    """Exposures as an array of shape (n_samples,), all above 0.

    Parameters
    ----------
    exposure : array-like of shape (n_samples,)
    of : array-like of shape (n_samples, ...)
        What has as many rows.
    loss : OutputLoss
    name : str, default='exposure'
        What messages call it.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    ValueError
    """
    if not loss.has_log_link:
        raise ValueError(
            f"{name} was given with loss={loss.name!r}; expected loss='poisson', 'gamma' or "
            "'tweedie', which predict a rate: amounts per exposure. Choose one of them, or give "
            "the exposure as a column of X."
        )
    values = check_array(exposure, ensure_2d=False, dtype=np.float64, input_name=name)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    with errors_in(name):
        check_consistent_length(of, values)
    if values.ndim != 1 or not (values > 0).all():
        lowest = "" if values.ndim != 1 else f", the lowest is {values.min():g}"
        raise ValueError(
            f"{name} has shape {values.shape}{lowest}; expected one number above 0 per "
            "row. A row that was observed for no time says nothing: leave it out."
        )
    if values.min() < _LEAST or values.max() > 1 / _LEAST:
        raise ValueError(
            f"{name} has values from {values.min():.3g} to {values.max():.3g}; expected values "
            f"between {_LEAST:g} and {1 / _LEAST:g}, with which can be computed. Measure it in "
            f"another unit: divide {name} by its median."
        )
    return values


def per_exposure(
    loss: OutputLoss,
    y: TargetLike,
    sample_weight: ArrayLike | None,
    exposure: ArrayLike | None,
    name: str = "exposure",
) -> tuple[TargetLike, ArrayLike | None]:
    """Rates and weights by which rows with an exposure are learned and scored.

    With a log link a mean in proportion to the exposure is an offset.  Of a deviance of power p,
    ``d(y, e μ) = e^(2 - p) d(y / e, μ)``: an exposure is a weight on a rate.

    Parameters
    ----------
    loss : OutputLoss
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Amounts.
    sample_weight : array-like of shape (n_samples,) or None
    exposure : array-like of shape (n_samples,) or None
    name : str, default='exposure'
        What messages call the exposure.

    Returns
    -------
    y : ndarray
        Amounts per exposure; as given where there is none.
    sample_weight : ndarray of shape (n_samples,) or None

    References
    ----------
    M. Denuit, D. Hainaut, J. Trufin, "Effective Statistical Learning Methods for Actuaries I",
    Springer 2019, section 4.3.7.
    """
    if exposure is None:
        return y, sample_weight
    if y is None:
        raise ValueError(
            f"{name} was given without targets; expected it with the rows' X and y (X_val and "
            "y_val of a validation set). Give all of them, or none."
        )
    exposed = check_exposure(exposure, y, loss, name)
    amounts = check_array(
        y, ensure_2d=False, dtype=np.float64, ensure_all_finite="allow-nan", input_name="y"
    )
    rates = amounts / (exposed if amounts.ndim == 1 else exposed[:, None])
    weight = exposed ** (2.0 - float(loss.power))  # type: ignore[arg-type]
    if sample_weight is None:
        return rates, None if loss.power == 2 else weight
    given = check_array(
        np.full(len(amounts), sample_weight) if np.ndim(sample_weight) == 0 else sample_weight,
        ensure_2d=False,
        dtype=np.float64,
        input_name="sample_weight",
    )
    check_consistent_length(amounts, given)
    given = given if given.ndim == 1 else given.reshape(len(given))
    with np.errstate(over="ignore", under="ignore"):
        product = weight * given
    check_largest(
        product, f"the products of sample_weight and {name} ** {2.0 - float(loss.power or 0.0):g}"
    )
    return rates, product


def check_largest(weight: np.ndarray, name: str) -> None:
    """Refuse weights of a size with which cannot be computed.

    Parameters
    ----------
    weight : ndarray of shape (n_samples,)
    name : str
        What the message calls them.

    Raises
    ------
    ValueError
        If the largest weight is above 0 and cannot be squared.
    """
    largest = float(weight.max())
    if largest > 0 and not _LEAST_WEIGHT <= largest <= 1 / _LEAST_WEIGHT:
        raise ValueError(
            f"The largest of {name} is {largest:.3g}; expected one between {_LEAST_WEIGHT:g} and "
            f"{1 / _LEAST_WEIGHT:g}, with which can be computed. Divide sample_weight by its mean."
        )


def precision_of(loss: OutputLoss, exposure: ArrayLike | None) -> np.ndarray | None:
    """How precisely each row's rate is known, relative to that of an exposure of one.

    The variance of a rate falls with ``e ** (2 - p)``; None where it is the same for all rows.

    Parameters
    ----------
    loss : OutputLoss
        With a power p.
    exposure : array-like of shape (n_samples,) or None
        Checked.

    Returns
    -------
    ndarray of shape (n_samples,) or None
    """
    if exposure is None or loss.power == 2:
        return None
    exposed = np.asarray(exposure, dtype=np.float64).ravel()
    precision: np.ndarray = exposed ** (2.0 - float(loss.power))  # type: ignore[arg-type]
    return precision
