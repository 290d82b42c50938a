"""The units of a stream's columns: a mean and a standard deviation that follow its rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sktransfer._preprocessing._encode import clip_softly, without_repeated_entries
from sktransfer._preprocessing._mean_std import TINY
from sktransfer._records import InputSchema, InputStatistics

#: Encoded columns of rows, dense or sparse.
Columns: TypeAlias = Any
#: Earlier rows that count at most, so that the units follow a stream that drifts.
_MEMORY = 500
#: Standard deviations from the mean beyond which a value counts as this far, so that a few
#: outliers, or a code such as -999, do not make the unit.
_WINSORISED = 4.0
#: Rows before which that is not known well enough to cut anything off.
_FEW_ROWS = 30
#: A standard normal distribution by points and weights.
_POINTS = np.linspace(-3.0, 3.0, 25)
_SHARES = np.exp(-0.5 * _POINTS**2) / np.exp(-0.5 * _POINTS**2).sum()


@dataclass(frozen=True, eq=False)
class ChangeOfInputs:
    """What a network's inputs were, of what they are now.

    A standardised value was ``slope * now + shift``, and the cosines and sines of an angle are
    turned by `turn`.

    Attributes
    ----------
    slope, shift : ndarray of shape (n_scaled,)
    turn : ndarray of shape (n_frequencies,)
        Of the Fourier features, in the order of their cosines.
    cosines, sines : ndarray of int, shape (n_frequencies,)
        Their positions among the inputs.

    References
    ----------
    H. van Hasselt, A. Guez, M. Hessel, V. Mnih, D. Silver, "Learning values across many orders of
    magnitude", NeurIPS 2016, section 2.2 (outputs preserved while a running unit changes; here at
    the inputs).
    """

    slope: NDArray[np.float64]
    shift: NDArray[np.float64]
    turn: NDArray[np.float64]
    cosines: NDArray[np.intp]
    sines: NDArray[np.intp]

    def layer(self, weight: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The layer that makes of the new inputs what the given one made of the old ones."""
        n = len(self.slope)
        moved = bias + weight[:n].T.astype(np.float64) @ self.shift
        changed = self._turned(weight.astype(np.float64), weight.ndim)
        changed[:n] *= self.slope[:, None]
        return changed.astype(weight.dtype), moved.astype(bias.dtype)

    def gradient(self, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """The gradient of such a layer's weights, of that of the given one's and its bias'."""
        n = len(self.slope)
        changed = self._turned(weight.astype(np.float64), weight.ndim)
        changed[:n] = (weight[:n] - self.shift[:, None] * bias) / self.slope[:, None]
        return changed.astype(weight.dtype)

    def squared_gradient(self, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """The mean squares of such gradients, of those of the given ones, as if uncorrelated."""
        n = len(self.slope)
        changed = weight.astype(np.float64)
        changed[:n] = (weight[:n] + self.shift[:, None] ** 2 * bias) / self.slope[:, None] ** 2
        c, s = np.cos(self.turn)[:, None] ** 2, np.sin(self.turn)[:, None] ** 2
        changed[self.cosines] = c * weight[self.cosines] + s * weight[self.sines]
        changed[self.sines] = s * weight[self.cosines] + c * weight[self.sines]
        return changed.astype(weight.dtype)

    def statistics(self, before: InputStatistics) -> InputStatistics:
        """How the new inputs vary together, of how the old ones did."""
        n, mean = len(self.slope), self._turned(before.mean.astype(np.float64), 1)
        mean[:n] = (mean[:n] - self.shift) / self.slope
        covariance = before.covariance.astype(np.float64)
        for _ in range(2):
            covariance = self._turned(covariance, 2)
            covariance[:n] /= self.slope[:, None]
            covariance = covariance.T.copy()
        return InputStatistics(mean, covariance.astype(before.covariance.dtype))

    def _turned(self, values: np.ndarray, n_axes: int) -> np.ndarray:
        """A copy whose Fourier features are turned."""
        turn = self.turn.reshape(-1, *[1] * (n_axes - 1))
        c, s, out = np.cos(turn), np.sin(turn), values.copy()
        out[self.cosines] = c * values[self.cosines] + s * values[self.sines]
        out[self.sines] = c * values[self.sines] - s * values[self.cosines]
        return out


def follow_rows(
    schema: InputSchema,
    X: Columns,
    sample_weight: np.ndarray | None,
    n_before: float,
) -> tuple[InputSchema, ChangeOfInputs]:
    """Move the units of a stream's columns with its rows.

    Mean and standard deviation are those of all rows so far, of which the earlier ones count for
    500 at most.  Columns of zeros and ones keep theirs.

    Parameters
    ----------
    schema : InputSchema
        Measured on earlier rows.
    X : ndarray or sparse matrix of shape (n_samples, n_encoded)
        Encoded columns of the new ones.
    sample_weight : ndarray of shape (n_samples,) or None
    n_before : float
        How many earlier rows there are.

    Returns
    -------
    schema : InputSchema
    change : ChangeOfInputs
        Exact where standardised values are not clipped; of clipped ones the closest line, for
        values that are distributed normally in the new unit.
    """
    columns, scaling = schema.columns, schema.scaling
    n, X = columns.n_encoded, without_repeated_entries(X) if sparse.issparse(X) else X
    center, scale = scaling.center.copy(), scaling.scale.copy()
    center[:n], scale[:n] = _moved(X, center[:n], scale[:n], sample_weight, n_before)
    slope, shift = _line(scaling.center, scaling.scale, center, scale, scaling.soft_clipping)
    turn, cosines, fourier, at = [], [], [], columns.n_scaled
    for i, frequencies in columns.fourier:
        turn += [2 * np.pi * f * shift[i] for f in frequencies]
        cosines += [(at + k, at + len(frequencies) + k) for k in range(len(frequencies))]
        fourier.append((i, tuple(float(f * slope[i]) for f in frequencies)))
        at += 2 * len(frequencies)
    where = np.array(cosines, np.intp).reshape(-1, 2)
    change = ChangeOfInputs(slope, shift, np.array(turn, float), where[:, 0], where[:, 1])
    statistics = None if schema.statistics is None else change.statistics(schema.statistics)
    moved = replace(scaling, center=center, scale=scale)
    return InputSchema(replace(columns, fourier=tuple(fourier)), moved, statistics), change


def distances(schema: InputSchema, X: Columns) -> np.ndarray:
    """How far the means of encoded columns are from where they were, in standard deviations."""
    n, scaling = schema.columns.n_encoded, schema.scaling
    if sparse.issparse(X):
        mean = np.asarray(X.mean(axis=0), np.float64).ravel()
    else:
        present = ~np.isnan(X)
        total = np.where(present, X, 0).sum(axis=0, dtype=np.float64)
        mean = np.where(present.any(axis=0), total / np.maximum(present.sum(axis=0), 1), np.nan)
    distance = np.abs(mean - scaling.center[:n]) / scaling.scale[:n]
    return np.nan_to_num(distance, posinf=np.inf)


def _moved(
    X: Columns,
    center: np.ndarray,
    scale: np.ndarray,
    sample_weight: np.ndarray | None,
    n_before: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard deviations after these rows."""
    n_rows, before = X.shape[0], min(n_before, _MEMORY)
    weight = np.ones(n_rows) if sample_weight is None else sample_weight.astype(np.float64)
    weight = weight / max(weight.mean(), np.finfo(float).tiny)
    # a constant column has the scale 1, which is not informative about its values
    spread = np.where(scale == 1.0, 0.0, scale)
    most = np.where((spread > 0) & (n_before >= _FEW_ROWS), _WINSORISED * spread, np.inf)
    with np.errstate(all="ignore"):
        total, first, second = _sums(X, center, most, weight)
        share = total / (before + total)
        step = share * first / total
        variance = (1 - share) * spread**2 + share * second / total - step**2
        new_center, new_scale = center + step, np.sqrt(variance)
        least = np.maximum(TINY, 1e-6 * np.abs(new_center))
    good = np.isfinite(new_center) & np.isfinite(new_scale) & (new_scale > least)
    good &= ~_are_flags(X, center, scale)
    return np.where(good, new_center, center), np.where(good, new_scale, scale)


def _sums(
    X: Columns, center: np.ndarray, most: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights of the entries of columns, and their distances from a center and its squares."""
    if not sparse.issparse(X):
        away = np.clip(X.astype(np.float64) - center, -most, most)
        present = ~np.isnan(away)
        away[~present] = 0.0
        return weight @ present, weight @ away, weight @ away**2
    rows = X.tocoo()
    column, at = rows.col, weight[rows.row]
    away = np.clip(rows.data.astype(np.float64) - center[column], -most[column], most[column])
    present = ~np.isnan(away)
    column, at, away = column[present], at[present], away[present]
    of_zero = np.clip(-center, -most, most)
    n = len(center)
    missing = np.bincount(rows.col[~present], weight[rows.row[~present]], minlength=n)
    total = weight.sum() - missing
    rest = total - np.bincount(column, at, minlength=n)
    first = np.bincount(column, at * away, minlength=n) + rest * of_zero
    return total, first, np.bincount(column, at * away**2, minlength=n) + rest * of_zero**2


def _are_flags(X: Columns, center: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Mask of columns of zeros and ones, such as the levels of categories."""
    could_be = (center >= 0) & (center <= 1) & (scale <= 1)
    if sparse.issparse(X):
        rows = X.tocoo()
        other = ~((rows.data == 0) | (rows.data == 1) | np.isnan(rows.data))
        return could_be & (np.bincount(rows.col[other], minlength=X.shape[1]) == 0)
    flags: np.ndarray = could_be & ((X == 0) | (X == 1) | np.isnan(X)).all(axis=0)
    return flags


def _line(
    center: np.ndarray,
    scale: np.ndarray,
    new_center: np.ndarray,
    new_scale: np.ndarray,
    soft_clipping: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Slope and shift that make old standardised values of new ones."""
    slope, shift = new_scale / scale, (new_center - center) / scale
    if not soft_clipping:
        return slope, shift
    changed = np.flatnonzero((slope != 1) | (shift != 0))
    if not len(changed):
        return slope, shift
    old = _POINTS[:, None] * slope[changed] + shift[changed]
    new = _POINTS.copy()
    clip_softly(old)
    clip_softly(new)
    mean = _SHARES @ old
    slope[changed] = (_SHARES * new) @ (old - mean) / (_SHARES @ new**2)
    shift[changed] = mean  # the new values are symmetric about 0
    return slope, shift
