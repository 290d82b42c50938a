"""Features for ridge regression: own columns, a Gaussian kernel at landmarks, a source's outputs.

No training row is kept by any of them.  The Gaussian kernel is that of columns at the table's own
unit, ``exp(-|z - z'|² / n_columns)``, approximated from landmarks: each lies between two rows
that are drawn at random, and is moved by noise.  Such landmarks do as well as the rows themselves,
and better than random Fourier features or the means of clusters.

References
----------
C. K. I. Williams, M. Seeger, "Using the Nyström Method to Speed Up Kernel Machines", NeurIPS 2000.
A. Rahimi, B. Recht, "Random Features for Large-Scale Kernel Machines", NeurIPS 2007.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from sktransfer._networks import bumps, rbf_kernel
from sktransfer._records import AdditiveArrays, ColumnScale, RbfArrays

#: The smallest deviation of a column of two values, in units of their difference: few rows of a
#: rare one would else be far from all others.
_LEAST_OF_TWO = 0.3
#: Landmarks of the Gaussian kernel, and the noise that moves them, in standard deviations.
N_LANDMARKS, _NOISE = 256, 0.3
#: A landmark is at least this share of the way from each of its two rows.
_LEAST_SHARE = 0.2
#: Knots of the function of a column, in standard deviations; softly clipped columns end at 4.
_KNOTS = np.linspace(-3.0, 3.0, 9)
#: Directions among landmarks that are this small relative to the largest are left out.
_SMALL = 1e-6


def own_columns(inputs: np.ndarray, weight: np.ndarray | None = None) -> ColumnScale:
    """Standardise columns by themselves, whatever unit they come in.

    Parameters
    ----------
    inputs : ndarray of shape (n_samples, n_columns)
        Without missing entries.
    weight : ndarray of shape (n_samples,), optional

    Returns
    -------
    ColumnScale
        Without columns that are constant on the rows of positive weight.
    """
    rows = inputs.astype(np.float64)
    if weight is not None:
        rows, weight = rows[weight > 0], weight[weight > 0].astype(np.float64)
    center = np.average(rows, axis=0, weights=weight)
    scale = np.sqrt(np.average((rows - center) ** 2, axis=0, weights=weight))
    low, high = rows.min(axis=0), rows.max(axis=0)
    of_two = ((rows == low) | (rows == high)).all(axis=0)
    scale = np.where(of_two, np.maximum(scale, _LEAST_OF_TWO * (high - low)), scale)
    position = np.flatnonzero(scale > 1e-6 * np.maximum(np.abs(center), 1e-6))
    return ColumnScale(position, center[position], scale[position])


def output_scale(outputs: np.ndarray, weight: np.ndarray | None = None) -> ColumnScale:
    """Standardise a source's outputs, so that they can be features.

    Parameters
    ----------
    outputs : ndarray of shape (n_samples, n_source_outputs)
    weight : ndarray of shape (n_samples,), optional

    Returns
    -------
    ColumnScale
    """
    return own_columns(outputs, weight)


class ColumnFunctions(ABC):
    """What makes features of standardised columns.

    Attributes
    ----------
    name : {'rbf', 'additive'}
        Of their part of a kernel, and of the field of a fitted member.
    """

    name: ClassVar[Literal["rbf", "additive"]]

    @abstractmethod
    def features(self, z: np.ndarray) -> np.ndarray:
        """Features of rows.

        Parameters
        ----------
        z : ndarray of shape (n_samples, n_columns)
            Standardised.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
        """

    @abstractmethod
    def arrays(self, coef: np.ndarray) -> RbfArrays | AdditiveArrays:
        """The function with these coefficients of the features.

        Parameters
        ----------
        coef : ndarray of shape (n_features, n_targets)

        Returns
        -------
        RbfArrays or AdditiveArrays
        """


@dataclass(frozen=True, eq=False)
class Landmarks(ColumnFunctions):
    """A Gaussian kernel, approximated from landmarks.

    Attributes
    ----------
    points : ndarray of shape (n_landmarks, n_columns)
    basis : ndarray of shape (n_landmarks, n_features)
        ``kernel(z, points) @ basis`` are features whose products are nearly the kernel.
    gamma : float
    """

    name = "rbf"
    points: np.ndarray
    basis: np.ndarray
    gamma: float

    def features(self, z: np.ndarray) -> np.ndarray:
        return rbf_kernel(z, self.points, self.gamma) @ self.basis

    def arrays(self, coef: np.ndarray) -> RbfArrays:
        return RbfArrays(self.points, self.basis @ coef, self.gamma)


@dataclass(frozen=True, eq=False)
class Curves(ColumnFunctions):
    """A sum of Gaussian kernels of single columns, each approximated from the same knots.

    Attributes
    ----------
    position : ndarray of int, shape (n_curved,)
        Columns of more than two values; of others, the linear part has all there is.
    basis : ndarray of shape (n_knots, n_kept)
    """

    name = "additive"
    position: np.ndarray
    basis: np.ndarray

    def features(self, z: np.ndarray) -> np.ndarray:
        return (bumps(z[:, self.position], _KNOTS) @ self.basis).reshape(len(z), -1)

    def arrays(self, coef: np.ndarray) -> AdditiveArrays:
        of_column = coef.reshape(len(self.position), self.basis.shape[1], coef.shape[1])
        return AdditiveArrays(self.position, _KNOTS, self.basis @ of_column)


def curves_of(z: np.ndarray, weight: np.ndarray | None = None) -> Curves:
    """The columns that are worth a curve.

    Parameters
    ----------
    z : ndarray of shape (n_samples, n_columns)
        Standardised.
    weight : ndarray of shape (n_samples,), optional
        Rows of weight 0 do not count.

    Returns
    -------
    Curves
    """
    rows = z if weight is None else z[weight > 0]
    low, high = rows.min(axis=0), rows.max(axis=0)
    has_more = ((rows > low) & (rows < high)).any(axis=0)
    return Curves(np.flatnonzero(has_more), kernel_basis(bumps(_KNOTS, _KNOTS)))


def draw_landmarks(
    z: np.ndarray, seed: int, weight: np.ndarray | None = None, n_landmarks: int = N_LANDMARKS
) -> Landmarks:
    """Draw landmarks where the rows of a table are.

    Parameters
    ----------
    z : ndarray of shape (n_samples, n_columns)
        Standardised.
    seed : int
    weight : ndarray of shape (n_samples,), optional
        Rows of weight 0 are not drawn.
    n_landmarks : int, default=256

    Returns
    -------
    Landmarks
    """
    rng = np.random.RandomState(seed)
    rows = z if weight is None else z[weight > 0]
    one, other = rng.randint(len(rows), size=(2, n_landmarks))
    share = rng.uniform(_LEAST_SHARE, 1 - _LEAST_SHARE, (n_landmarks, 1))
    points = share * rows[one] + (1 - share) * rows[other]
    points += _NOISE * rng.standard_normal(points.shape)
    gamma = 1 / max(z.shape[1], 1)
    return Landmarks(points, kernel_basis(rbf_kernel(points, points, gamma)), gamma)


def kernel_basis(kernel: np.ndarray) -> np.ndarray:
    """What makes features of a kernel's values at some points, so that products are the kernel.

    Parameters
    ----------
    kernel : ndarray of shape (n_points, n_points)
        Between the points.

    Returns
    -------
    ndarray of shape (n_points, n_features)
    """
    values, vectors = np.linalg.eigh(kernel.astype(np.float64, copy=False))
    kept = values > _SMALL * values[-1]
    return vectors[:, kept] / np.sqrt(values[kept])


def unit_size(features: np.ndarray, weight: np.ndarray | None = None) -> float:
    """The factor that gives features a mean squared norm of 1."""
    squared = np.average(np.einsum("nf,nf->n", features, features), weights=weight)
    return float(1 / np.sqrt(squared)) if squared > 0 else 1.0
