"""Ridge regression in closed form, for all strengths of the penalty and all folds at once.

With a kernel K, row weights w, W = diag(w), an offset f₀ and a penalty λ it finds
``f(x) = f₀(x) + Σᵢ k(x, xᵢ) aᵢ + b`` with the least ``Σᵢ wᵢ (yᵢ - f(xᵢ))² + λ aᵀ K a``.  Rows of
weight 0 are no part of that system, ``(W^½ K W^½ + λ I) α = W^½ (y - f₀ - b)``, ``a = W^½ α``,
and a free intercept b adds the condition ``Σᵢ aᵢ = 0``.  A row of weight 2 counts as two rows, so
weights should have the size of 1.

One eigendecomposition solves it for every λ.  Where a fold learns from all rows but its own, B,
it also gives the fold's model: with N the inverse of the system's matrix and α = N z its
solution, ``e_B = (N_BB)⁻¹ α_B`` are the residuals of rows B under the model fitted without
them, in units of W^½.  That holds for every right-hand side z, so also for the fold's own offset.
Of any other pair of training and test rows (``TimeSeriesSplit``, a user's pairs) the training
rows are solved for themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.linalg.blas import dsyrk

#: Strengths of the penalty, strongest first, for kernels whose mean diagonal is 1.
STRENGTHS = tuple(float(strength) for strength in np.logspace(2, -3, 11))
#: Of weights this small relative to the largest, residuals are not divided by the square root.
_SMALL_WEIGHT = 1e-6


@dataclass(frozen=True, eq=False)
class RidgeTask:
    """What ridge regression learns, and on which rows it is tested.

    Attributes
    ----------
    y : ndarray of shape (n_samples, n_outputs)
        Numbers, or classes as -1 and 1; an output learns nothing of rows in which it is NaN.
    weight : ndarray of shape (n_samples,) or None
        None for equal weights.
    pairs : tuple of (train, test)
        Row numbers of each fold; none where nothing is held out.
    """

    y: np.ndarray
    weight: np.ndarray | None = None
    pairs: tuple[tuple[np.ndarray, np.ndarray], ...] = ()

    @property
    def tested(self) -> np.ndarray:
        """All test rows, pair after pair."""
        return np.concatenate([np.empty(0, np.intp), *(test for _, test in self.pairs)])


@dataclass(frozen=True, eq=False)
class Offset:
    """A prediction that a model starts from, on the rows of a table.

    Attributes
    ----------
    values : ndarray of shape (n_samples, n_outputs)
        Under the model that is fitted to all rows.
    by_fold : tuple of ndarray of shape (n_samples, n_outputs), or None
        Under the model that is fitted to each fold's training rows, one per pair; None for a
        prediction that does not depend on the targets of these rows.
    """

    values: np.ndarray
    by_fold: tuple[np.ndarray, ...] | None = None

    def of_fold(self, fold: int) -> np.ndarray:
        """The values that a fold starts from."""
        return self.values if self.by_fold is None else self.by_fold[fold]

    def columns(self, at: slice | np.ndarray) -> Offset:
        """The values of some outputs."""
        by_fold = self.by_fold
        return Offset(
            self.values[:, at], None if by_fold is None else tuple(fold[:, at] for fold in by_fold)
        )


@dataclass(frozen=True, eq=False)
class RidgePath:
    """Ridge models of rising freedom, fitted to all rows and tested on the folds.

    Attributes
    ----------
    strengths : tuple of float
    held_out : ndarray of shape (n_strengths, n_tested, n_outputs)
        Predictions for the folds' test rows, pair after pair, by models that were fitted without
        them; the offset is part of them.
    coef : ndarray of shape (n_strengths, n_samples or n_features, n_outputs)
        Of kernels one row per training row, ``k(x, xᵢ) @ coef``, of features one per feature.
    intercept : ndarray of shape (n_strengths, n_outputs)
    """

    strengths: tuple[float, ...]
    held_out: np.ndarray
    coef: np.ndarray
    intercept: np.ndarray


def kernel_ridge_path(
    kernel: np.ndarray,
    task: RidgeTask,
    offsets: Sequence[Offset | None] = (None,),
    strengths: Sequence[float] = STRENGTHS,
    intercept_variance: float | None = None,
) -> list[RidgePath]:
    """Ridge regression on a kernel, from each of several offsets.

    Parameters
    ----------
    kernel : ndarray of shape (n_samples, n_samples)
        Positive semidefinite, with a mean diagonal of about 1.
    task : RidgeTask
    offsets : sequence of Offset or None, default=(None,)
        Paths from several cost little more than from one; None starts from 0.
    strengths : sequence of float, optional
    intercept_variance : float, optional
        By default the intercept is free.  Else it is penalised: a constant of this size is added
        to the kernel.

    Returns
    -------
    list of RidgePath
        One per offset.

    References
    ----------
    C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", MIT Press 2006,
    sections 2.7 and 5.4.2.  T. Pahikkala, J. Boberg, T. Salakoski, "Fast n-Fold Cross-Validation
    for Regularized Least-Squares", Proc. SCAI 2006.
    """
    if np.isnan(task.y).any():
        ridge = partial(
            kernel_ridge_path, kernel, strengths=strengths, intercept_variance=intercept_variance
        )
        return by_output(ridge, task, offsets)
    is_free = intercept_variance is None
    kernel = np.asarray(kernel, np.float64)
    if intercept_variance is not None:
        kernel = kernel + intercept_variance
    weight = np.ones(len(kernel)) if task.weight is None else task.weight.astype(np.float64)
    system = _System(kernel, weight, np.flatnonzero(weight > 0), tuple(strengths), is_free)
    y, starts = stacked(task, offsets)
    coef, intercept = system.solve(y - starts.values)
    held_out = [
        _fold(system, y, starts.of_fold(fold), train, test)
        for fold, (train, test) in enumerate(task.pairs)
    ]
    if intercept_variance is not None:
        intercept = intercept_variance * coef.sum(axis=1)
    tested = np.concatenate([np.empty((len(strengths), 0, y.shape[1])), *held_out], axis=1)
    return paths(strengths, tested, coef, intercept, len(offsets))


def by_output(
    ridge: Callable[[RidgeTask, Sequence[Offset | None]], list[RidgePath]],
    task: RidgeTask,
    offsets: Sequence[Offset | None],
) -> list[RidgePath]:
    """Paths where entries of `y` are missing: each output with the rows in which it is known."""
    weight = np.ones(len(task.y)) if task.weight is None else task.weight
    by_column = []
    for column in range(task.y.shape[1]):
        at = slice(column, column + 1)
        known = ~np.isnan(task.y[:, column])
        alone = RidgeTask(np.nan_to_num(task.y[:, at]), weight * known, task.pairs)
        by_column.append(ridge(alone, [o if o is None else o.columns(at) for o in offsets]))
    return [
        RidgePath(
            parts[0].strengths,
            *(
                np.concatenate([getattr(part, name) for part in parts], axis=-1)
                for name in ("held_out", "coef", "intercept")
            ),
        )
        for parts in zip(*by_column, strict=True)
    ]


def stacked(task: RidgeTask, offsets: Sequence[Offset | None]) -> tuple[np.ndarray, Offset]:
    """Targets and offsets with a column per offset and output, in double precision."""
    nothing = Offset(np.zeros(task.y.shape))
    known = [nothing if offset is None else offset for offset in offsets]
    y = np.tile(task.y.astype(np.float64), len(known))
    values = np.hstack([offset.values for offset in known])
    if all(offset.by_fold is None for offset in known):
        return y, Offset(values)
    by_fold = [np.hstack([o.of_fold(fold) for o in known]) for fold in range(len(task.pairs))]
    return y, Offset(values, tuple(by_fold))


def paths(strengths, held_out, coef, intercept, n_offsets: int) -> list[RidgePath]:
    """The path of each offset, taken apart."""
    parts = (np.split(array, n_offsets, axis=-1) for array in (held_out, coef, intercept))
    return [RidgePath(tuple(strengths), *of_offset) for of_offset in zip(*parts, strict=True)]


def times_each(matrix: np.ndarray, stack: np.ndarray) -> np.ndarray:
    """``matrix @ stack``, whose matrices are narrow, as one product."""
    n_matrices, n_inner, n_columns = stack.shape
    flat = stack.transpose(1, 0, 2).reshape(n_inner, n_matrices * n_columns)
    return (matrix @ flat).reshape(len(matrix), n_matrices, n_columns).transpose(1, 0, 2)


def is_complement(train: np.ndarray, test: np.ndarray, n_samples: int) -> bool:
    """Whether a fold learns once from each row that it is not tested on, and is tested once."""
    if len(train) + len(test) != n_samples:
        return False
    times = np.bincount(train, minlength=n_samples) + np.bincount(test, minlength=n_samples)
    return bool((times == 1).all())


class _System:
    """The equations of some rows, taken apart so that every strength can be solved.

    Parameters
    ----------
    kernel : ndarray of shape (n_samples, n_samples)
    weight : ndarray of shape (n_samples,)
    rows : ndarray of int
        Those that are learned from, each of positive weight.
    strengths : tuple of float
    is_free : bool
        Whether there is an intercept without a penalty.
    """

    def __init__(
        self,
        kernel: np.ndarray,
        weight: np.ndarray,
        rows: np.ndarray,
        strengths: tuple[float, ...],
        is_free: bool,
    ) -> None:
        self.kernel, self.weight, self.rows = kernel, weight, rows
        self.strengths, self.is_free = strengths, is_free
        self.root = np.sqrt(weight[rows])
        size = float(np.linalg.norm(self.root)) or 1.0
        # the direction along which an intercept moves the predictions
        self.unit = self.root / size if is_free else np.zeros(len(rows))
        matrix = kernel[np.ix_(rows, rows)]
        matrix *= self.root
        matrix *= self.root[:, None]
        if is_free:  # its direction taken out on both sides
            across = matrix @ self.unit
            across -= self.unit @ across / 2 * self.unit
            matrix -= np.outer(self.unit, across)
            matrix -= np.outer(across, self.unit)
        values, self.vectors = np.linalg.eigh(matrix)
        # (n_strengths, n_rows)
        self.shrunk = 1 / (np.maximum(values, 0) + np.array(strengths)[:, None])

    def solve(self, residual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients of shape (n_strengths, n_samples, …) and intercepts, of every strength."""
        alpha = self.alpha(residual)
        coef = np.zeros((len(self.strengths), *residual.shape))
        coef[:, self.rows] = self.root[:, None] * alpha
        return coef, self.intercept(residual, coef, self.rows)

    def alpha(self, residual: np.ndarray) -> np.ndarray:
        """The solution in units of W^½, of shape (n_strengths, n_rows, …)."""
        z = self.root[:, None] * residual[self.rows]
        z -= np.outer(self.unit, self.unit @ z)
        alpha = times_each(self.vectors, self.shrunk[:, :, None] * (self.vectors.T @ z))
        return alpha - self.unit[:, None] * (self.unit @ alpha)[:, None]  # to the last digit

    def intercept(self, residual: np.ndarray, coef: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Free intercepts for given coefficients: the mean of what these leave of some rows."""
        if not self.is_free or not len(rows):
            return np.zeros((len(coef), residual.shape[1]))
        share = self.weight[rows] / self.weight[rows].sum()
        return share @ residual[rows] - (share @ self.kernel[rows]) @ coef

    def without(self, at: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        """Residuals of rows under the models that are fitted without them, in units of W^½.

        `at` are positions among the rows that are learned from.
        """
        vectors, unit = self.vectors[at], self.unit[at]
        residuals = np.empty((len(alpha), len(at), alpha.shape[2]))
        if not len(at):
            return residuals
        for i, strength in enumerate(self.strengths):
            # a symmetric product takes half the time; its upper triangle is filled in
            block = dsyrk(1.0, (vectors * np.sqrt(self.shrunk[i])).T, trans=1)
            block -= np.outer(unit, unit) / strength
            factor = cho_factor(block, overwrite_a=True, check_finite=False)
            residuals[i] = cho_solve(factor, alpha[i][at], check_finite=False)
        return residuals

    def coef_without(self, at: np.ndarray, alpha: np.ndarray, residuals: np.ndarray) -> np.ndarray:
        """Coefficients of the models that are fitted without some rows."""
        inner = np.einsum("rn,lro->lno", self.vectors[at], residuals)
        change = times_each(self.vectors, self.shrunk[:, :, None] * inner)
        along = np.einsum("r,lro->lo", self.unit[at], residuals)
        change -= self.unit[:, None] * (along / np.array(self.strengths)[:, None])[:, None]
        rest = self.root[:, None] * (alpha - change)
        rest[:, at] = 0.0
        coef = np.zeros((len(alpha), len(self.weight), alpha.shape[2]))
        coef[:, self.rows] = rest
        return coef


def _fold(
    system: _System, y: np.ndarray, start: np.ndarray, train: np.ndarray, test: np.ndarray
) -> np.ndarray:
    """Predictions for one fold's test rows, of shape (n_strengths, n_test, n_outputs)."""
    times = np.bincount(train, minlength=len(y))  # a user's pairs may repeat rows
    learned = np.flatnonzero(times * system.weight)
    if len(learned) < len(test) or not is_complement(train, test, len(y)):
        return _fold_alone(system, y, start, times, test)
    position = np.full(len(y), -1)
    position[system.rows] = np.arange(len(system.rows))
    at = position[test]
    alpha = system.alpha(y - start)
    try:
        residuals = system.without(at[at >= 0], alpha)
    except LinAlgError:  # by rounding, where weights are huge
        return _fold_alone(system, y, start, times, test)
    predictions = np.empty((len(alpha), len(test), y.shape[1]))
    predictions[:, at >= 0] = y[test[at >= 0]] - residuals / system.root[at[at >= 0], None]
    small = system.weight[test] < _SMALL_WEIGHT * system.weight.max()
    if small.any():  # they are no part of the system, or hardly any
        coef = system.coef_without(at[at >= 0], alpha, residuals)
        intercept = system.intercept(y - start, coef, learned)
        by_model = system.kernel[test[small]] @ coef + intercept[:, None]
        predictions[:, small] = start[test[small]] + by_model
    return predictions


def _fold_alone(
    system: _System, y: np.ndarray, start: np.ndarray, times: np.ndarray, test: np.ndarray
) -> np.ndarray:
    """The same by the equations of the fold's training rows, of which `times` counts copies."""
    weight = system.weight * times
    learned = np.flatnonzero(weight)
    part = _System(system.kernel, weight, learned, system.strengths, system.is_free)
    coef, intercept = part.solve(y - start)
    predictions: np.ndarray = start[test] + system.kernel[test] @ coef + intercept[:, None]
    return predictions
