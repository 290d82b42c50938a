"""Parts of a member's kernel, on the training rows: features, and the tangent of a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from sktransfer._networks import scaled_columns
from sktransfer._readouts._features import ColumnFunctions, kernel_basis, output_scale, unit_size
from sktransfer._readouts._kernel_ridge import Offset, RidgePath, RidgeTask, kernel_ridge_path
from sktransfer._readouts._ridge import feature_ridge_path
from sktransfer._readouts._tangent import Gradients
from sktransfer._records import ColumnScale


@dataclass(frozen=True, eq=False)
class FeaturePart:
    """A part of a member's kernel by its features.

    Attributes
    ----------
    name : {'linear', 'rbf', 'additive', 'outputs'}
    features : ndarray of shape (n_samples, n_features)
        With a mean squared norm of 1 by the rows' weights.
    unit : float
        The factor that they were multiplied by.
    scale : ColumnScale
        Of the columns, or of the source's outputs.
    functions : ColumnFunctions or None
    """

    name: Literal["linear", "rbf", "additive", "outputs"]
    features: np.ndarray
    unit: float
    scale: ColumnScale
    functions: ColumnFunctions | None = None

    def fields(self, coef: np.ndarray) -> dict[str, Any]:
        """What a fitted member with these coefficients holds of this part."""
        coef = self.unit * coef
        if self.name == "outputs":
            return {"output_scale": self.scale, "outputs": coef}
        if self.functions is not None:
            return {"columns": self.scale, self.name: self.functions.arrays(coef)}
        return {"columns": self.scale, "linear": coef}


@dataclass(frozen=True, eq=False)
class TangentPart:
    """The tangent kernel of a dense source, per direction, between all rows or from some of them.

    Attributes
    ----------
    gradients : Gradients
        Of the rows that functions are written by.
    direction_of : tuple of int, one per target output
    kernels : dict of int to ndarray of shape (n_samples, n_rows)
        With a mean diagonal of 1.
    bases : dict of int to ndarray of shape (n_rows, n_features), or None
        Where only some rows are used, ``kernel @ basis`` are features whose products are nearly
        the kernel between all rows.
    """

    gradients: Gradients
    direction_of: tuple[int, ...]
    kernels: dict[int, np.ndarray]
    bases: dict[int, np.ndarray] | None = None

    @property
    def n_rows(self) -> int:
        """How many rows functions are written by."""
        return len(self.gradients.values[0])


def linear_part(
    columns: ColumnScale, inputs: np.ndarray, weight: np.ndarray | None = None
) -> FeaturePart:
    """Own columns as features.

    Parameters
    ----------
    columns : ColumnScale
    inputs : ndarray of shape (n_samples, n_inputs)
    weight : ndarray of shape (n_samples,), optional

    Returns
    -------
    FeaturePart
    """
    return _part("linear", scaled_columns(columns, inputs), columns, weight)


def function_part(
    columns: ColumnScale,
    inputs: np.ndarray,
    functions: ColumnFunctions,
    weight: np.ndarray | None = None,
) -> FeaturePart:
    """A kernel of own columns by the features that functions of them make.

    Parameters
    ----------
    columns : ColumnScale
    inputs : ndarray of shape (n_samples, n_inputs)
    functions : ColumnFunctions
        Of :func:`draw_landmarks` or :func:`curves_of`, for the columns as `columns` scales them.
    weight : ndarray of shape (n_samples,), optional

    Returns
    -------
    FeaturePart
    """
    features = functions.features(scaled_columns(columns, inputs))
    return _part(functions.name, features, columns, weight, functions)


def output_part(outputs: np.ndarray, weight: np.ndarray | None = None) -> FeaturePart:
    """A source's outputs as features, for targets that mean something else.

    Parameters
    ----------
    outputs : ndarray of shape (n_samples, n_source_outputs)
    weight : ndarray of shape (n_samples,), optional

    Returns
    -------
    FeaturePart
    """
    scale = output_scale(outputs, weight)
    return _part("outputs", scaled_columns(scale, outputs), scale, weight)


def _part(name, features, scale, weight, functions=None) -> FeaturePart:
    unit = unit_size(features, weight)
    return FeaturePart(name, unit * features, unit, scale, functions)


def tangent_part(
    gradients: Gradients,
    direction_of: Sequence[int],
    most_rows: int | None = None,
    seed: int = 0,
    weight: np.ndarray | None = None,
) -> TangentPart:
    """The tangent kernel of a dense source.

    Parameters
    ----------
    gradients : Gradients
    direction_of : sequence of int, one per target output
        As of :func:`tangent_directions`.
    most_rows : int, optional
        Of more rows, functions are written by some at random (Nyström's method): time then grows
        with the rows, not with their cube.
    seed : int, default=0
    weight : ndarray of shape (n_samples,), optional
        Rows of weight 0 are not drawn.

    Returns
    -------
    TangentPart

    References
    ----------
    C. K. I. Williams, M. Seeger, "Using the Nyström Method to Speed Up Kernel Machines", NeurIPS
    2000.
    """
    n_samples = len(gradients.values[0])
    directions = sorted(set(direction_of))
    rows = np.arange(n_samples) if weight is None else np.flatnonzero(weight)
    if most_rows is None or len(rows) <= most_rows:
        kernels = {direction: gradients.kernel(direction) for direction in directions}
        return TangentPart(gradients, tuple(direction_of), kernels)
    rows = np.sort(np.random.RandomState(seed).choice(rows, most_rows, replace=False))
    some = gradients.rows(rows)
    kernels = {direction: gradients.kernel(direction, some) for direction in directions}
    bases = {direction: kernel_basis(kernel[rows]) for direction, kernel in kernels.items()}
    return TangentPart(some, tuple(direction_of), kernels, bases)


def tangent_paths(
    part: TangentPart,
    share: float,
    features: np.ndarray,
    task: RidgeTask,
    starts: Sequence[Offset | None],
    strengths: Sequence[float],
) -> list[RidgePath]:
    """Ridge on a tangent and features, every target on the kernel of its direction.

    Parameters
    ----------
    part : TangentPart
    share : float
        Of the tangent in the sum.
    features : ndarray of shape (n_samples, n_features)
        The rest of the sum.
    task : RidgeTask
    starts : sequence of Offset or None
    strengths : sequence of float

    Returns
    -------
    list of RidgePath
        One per start; coefficients are those of the rows that the tangent is written by, then
        those of the features.
    """
    others = features @ features.T if part.bases is None and features.shape[1] else 0.0
    direction_of, by_direction = np.array(part.direction_of), []
    for direction, kernel in part.kernels.items():
        those = np.flatnonzero(direction_of == direction)
        of_those = RidgeTask(task.y[:, those], task.weight, task.pairs)
        begin = [None if start is None else start.columns(those) for start in starts]
        if part.bases is None:
            found = kernel_ridge_path(share * kernel + others, of_those, begin, strengths)
            coefs = [(share * path.coef, features.T @ path.coef) for path in found]
        else:
            basis = np.sqrt(share) * part.bases[direction]
            rows = np.hstack([kernel @ basis, features])
            found = feature_ridge_path(rows, of_those, begin, strengths)
            n = basis.shape[1]
            coefs = [(basis @ path.coef[:, :n], path.coef[:, n:]) for path in found]
        joined = [np.concatenate(of_path, axis=1) for of_path in coefs]
        by_direction.append(
            (those, [replace(p, coef=c) for p, c in zip(found, joined, strict=True)])
        )
    order = np.argsort(np.concatenate([those for those, _ in by_direction]))
    return [
        RidgePath(
            tuple(strengths),
            *(
                np.concatenate([getattr(path, name) for path in of_start], axis=-1)[..., order]
                for name in ("held_out", "coef", "intercept")
            ),
        )
        for of_start in zip(*(found for _, found in by_direction), strict=True)
    ]
