"""What the checks of fitted state have in common: arrays of a shape, numbers of a range."""

from __future__ import annotations

import re
from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np

from sktransfer._persistence._values import Value

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


#: More columns than a table of ours has at any stage.
MOST_COLUMNS = 2**20
#: How far numbers that follow from each other may be apart, of another processor too.
_CLOSE = 1e-5


def need(condition: bool | np.bool_ | int | re.Match | None, what: str) -> None:
    """Refuse what does not meet a condition.

    Raises
    ------
    ValueError
        That `what` is not so.
    """
    if not condition:
        raise ValueError(what)


def name_of(estimator: BaseEstimator) -> str:
    """What messages call an object."""
    return type(estimator).__name__


def numbers(
    estimator: BaseEstimator,
    name: str,
    shape: Sequence[int],
    nan: bool = False,
    above: float | None = None,
    least: float | None = None,
) -> np.ndarray:
    """An attribute that is an array of finite floating-point numbers of a shape.

    Parameters
    ----------
    estimator : object
    name : str
    shape : sequence of int
    nan : bool, default=False
        Whether numbers may be missing.
    above, least : float, optional
        Bounds of all numbers.
    """
    values = getattr(estimator, name)
    at = f"{name_of(estimator)}.{name}"
    need(isinstance(values, np.ndarray) and values.dtype.kind == "f", f"{at} is no array")
    need(values.shape == tuple(shape), f"{at} is of shape {values.shape}, not {tuple(shape)}")
    there = values[~np.isnan(values)] if nan else values
    need(np.isfinite(there).all(), f"{at} has NaN or infinite numbers")
    need(above is None or (there > above).all(), f"{at} has numbers that are not above {above}")
    need(least is None or (there >= least).all(), f"{at} has numbers below {least}")
    result: np.ndarray = values
    return result


def same(estimator: BaseEstimator, name: str, expected: np.ndarray) -> None:
    """Refuse an attribute that is not what it follows from."""
    found = getattr(estimator, name)
    close = np.allclose(found, expected, rtol=_CLOSE, atol=1e-12, equal_nan=True)
    need(close, f"{name_of(estimator)}.{name} does not follow from the others")


def whole(estimator: BaseEstimator, name: str, least: int = 0, most: int = 2**62) -> int:
    """An attribute that is a whole number of a range."""
    value = getattr(estimator, name)
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    need(is_whole and least <= value <= most, f"{name_of(estimator)}.{name} is no number for it")
    return int(value)


def is_real(value: Value) -> bool:
    """Whether a value is a number, NaN included."""
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def without_zeros(scale: np.ndarray) -> np.ndarray:
    """A scale as scikit-learn divides by it: 1 where columns are constant."""
    return np.where(scale < 10 * np.finfo(scale.dtype).eps, 1.0, scale)


def is_named(columns: np.ndarray | None, n: int) -> bool:
    """Whether `columns` are names of `n` columns, as scikit-learn keeps them."""
    if not isinstance(columns, np.ndarray) or columns.dtype != object:
        return False
    return columns.shape == (n,) and all(type(name) is str for name in columns)
