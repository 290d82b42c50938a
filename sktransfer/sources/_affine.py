"""scikit-learn's scalers as what they are: ``(x - center) / scale`` per column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


@dataclass(frozen=True, eq=False)
class Affine:
    """A fitted scaler.

    Attributes
    ----------
    center, scale : ndarray of shape (n_columns,)
        A column becomes ``(x - center) / scale``.
    typical : ndarray of shape (n_columns,)
        The value before scaling that says least about a row: the mean, as far as it is known.
    unit : (ndarray, ndarray) or None
        Location and spread of the training data.
    """

    center: np.ndarray
    scale: np.ndarray
    typical: np.ndarray
    unit: tuple[np.ndarray, np.ndarray] | None = None


def affine_of(transformer: BaseEstimator) -> Affine | None:
    """Read a fitted scaler, or return None if `transformer` is no plain affine map."""
    # The exact class: a derived one may transform in another way.
    read = _READ.get(type(transformer))
    # Clipped columns are not an affine function of the raw ones.
    if read is None or getattr(transformer, "clip", False):
        return None
    affine = read(transformer)
    # A column that was all missing has a NaN here, which only the scaler itself can handle.
    finite = np.isfinite(affine.center).all() and np.isfinite(affine.scale).all()
    return affine if finite and (affine.scale != 0).all() else None


def _standard(scaler: StandardScaler) -> Affine:
    n = scaler.n_features_in_
    scale = _or(scaler.scale_ if scaler.with_std else None, 1.0, n)
    mean = _or(scaler.mean_, 0.0, n)
    center = mean if scaler.with_mean else np.zeros(n)
    # the mean is known to a scaler that only divides, too
    unit = (mean, scale) if scaler.with_std and scaler.mean_ is not None else None
    return Affine(center, scale, mean, unit)


def _robust(scaler: RobustScaler) -> Affine:
    n = scaler.n_features_in_
    center, scale = _or(scaler.center_, 0.0, n), _or(scaler.scale_, 1.0, n)
    both = scaler.with_centering and scaler.with_scaling
    return Affine(center, scale, center, (center, scale) if both else None)


def _min_max(scaler: MinMaxScaler) -> Affine:
    offset, slope = np.asarray(scaler.min_, np.float64), np.asarray(scaler.scale_, np.float64)
    middle = (np.mean(scaler.feature_range) - offset) / slope
    return Affine(-offset / slope, 1 / slope, middle)


def _max_abs(scaler: MaxAbsScaler) -> Affine:
    zeros = np.zeros(scaler.n_features_in_)
    return Affine(zeros, np.asarray(scaler.scale_, np.float64), zeros)


def _or(values: ArrayLike | None, default: float, n: int) -> np.ndarray:
    return np.full(n, default) if values is None else np.asarray(values, dtype=np.float64)


_READ = {
    StandardScaler: _standard,
    RobustScaler: _robust,
    MinMaxScaler: _min_max,
    MaxAbsScaler: _max_abs,
}
