"""Members that are fitted in closed form, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

#: What outputs are: logits of separate labels, logits of classes, numbers, logarithms of counts
#: and of amounts.
OutputKind = Literal["binary", "multiclass", "number", "count", "amount"]


@dataclass(frozen=True, eq=False)
class TangentArrays:
    """How outputs of a dense network change when all its weights move a little.

    A linear model of the network's gradient: target output j is the derivative of the source's
    outputs, combined by ``directions[:, direction_of[j]]``, along a step of the weights.  It has
    the network's size for every output, whatever number of rows it was fitted to, and keeps
    none of them.

    Attributes
    ----------
    directions : ndarray of shape (n_source_outputs, n_directions)
        Combinations of the network's outputs.
    direction_of : tuple of int, one per target output
        -1 for an output that is read off the last hidden layer alone.
    weights : tuple of ndarray of shape (n_moved, n_inputs, n_units)
        Per hidden layer the step of its weight, for the target outputs that have a direction.
    biases : tuple of ndarray of shape (n_moved, n_units)
    head : ndarray of shape (n_last_hidden, n_targets)
        The step of the output layer, for the combined output.
    intercept : ndarray of shape (n_targets,)
    """

    directions: NDArray[np.floating]
    direction_of: tuple[int, ...]
    weights: tuple[NDArray[np.floating], ...]
    biases: tuple[NDArray[np.floating], ...]
    head: NDArray[np.floating]
    intercept: NDArray[np.floating]

    def __post_init__(self) -> None:
        n_targets, n_moved = _targets(self.directions, self.direction_of)
        if self.intercept.shape != (n_targets,) or self.head.shape[1:] != (n_targets,):
            raise ValueError(f"a head of shape {self.head.shape} does not fit {n_targets} targets")
        for weight, bias in zip(self.weights, self.biases, strict=True):
            if weight.ndim != 3 or bias.shape != (n_moved, weight.shape[2]):
                raise ValueError(f"steps of shapes {weight.shape} and {bias.shape} do not fit")
            if len(weight) != n_moved:
                raise ValueError(f"{len(weight)} steps for {n_moved} targets that move layers")

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """Inputs and units of every hidden layer, and of the output layer its inputs alone."""
        hidden = [(weight.shape[1], weight.shape[2]) for weight in self.weights]
        return [*hidden, (len(self.head), -1)]


def _targets(directions: np.ndarray, direction_of: Sequence[int]) -> tuple[int, int]:
    """Number of targets, and of those that move hidden layers."""
    if directions.ndim != 2:
        raise ValueError(f"directions of shape {directions.shape} are no combinations of outputs")
    if any(not -1 <= direction < directions.shape[1] for direction in direction_of):
        raise ValueError("a target has a direction that is not there")
    return len(direction_of), sum(direction >= 0 for direction in direction_of)


@dataclass(frozen=True, eq=False)
class Recalibration:
    """An update of a source's outputs, ``slope * f + intercept``.

    Attributes
    ----------
    slope, intercept : ndarray of shape (n_outputs,)
    """

    slope: NDArray[np.floating]
    intercept: NDArray[np.floating]

    def __post_init__(self) -> None:
        if self.slope.ndim != 1 or self.slope.shape != self.intercept.shape:
            raise ValueError(f"slopes of {self.slope.shape}, intercepts of {self.intercept.shape}")


@dataclass(frozen=True, eq=False)
class ColumnScale:
    """How a table's own columns are standardised, whatever unit they come in.

    Attributes
    ----------
    position : ndarray of int, shape (n_columns,)
        Which of the inputs they are.
    center, scale : ndarray of shape (n_columns,)
        ``z = (x - center) / scale``.
    limit : float
        Soft clipping: z becomes ``z / sqrt(1 + (z / limit)²)``.
    """

    position: NDArray[np.integer]
    center: NDArray[np.floating]
    scale: NDArray[np.floating]
    limit: float = 4.0

    def __post_init__(self) -> None:
        shape = self.position.shape
        if len(shape) != 1 or self.center.shape != shape or self.scale.shape != shape:
            raise ValueError("columns need a position, a center and a scale each")
        if (self.position < 0).any() or not (self.scale > 0).all() or not self.limit > 0:
            raise ValueError("positions must be at least 0, scales and the limit above it")

    @property
    def n_columns(self) -> int:
        """How many columns there are."""
        return len(self.position)

    def fits(self, n_inputs: int) -> bool:
        """Whether all of them are among so many inputs."""
        return bool((self.position < n_inputs).all())


@dataclass(frozen=True, eq=False)
class RbfArrays:
    """A function of columns by its values at landmarks, ``Σ_j exp(-gamma |z - z_j|²) weight_j``.

    Attributes
    ----------
    landmarks : ndarray of shape (n_landmarks, n_columns)
        Drawn at random where the training rows are; none of them is one.
    weight : ndarray of shape (n_landmarks, n_targets)
    gamma : float
    """

    landmarks: NDArray[np.floating]
    weight: NDArray[np.floating]
    gamma: float

    def __post_init__(self) -> None:
        n_landmarks = len(self.landmarks) if self.landmarks.ndim == 2 else -1
        if self.weight.ndim != 2 or len(self.weight) != n_landmarks:
            raise ValueError(
                f"weights of shape {self.weight.shape} for landmarks of {self.landmarks.shape}"
            )
        if not 0 <= self.gamma < np.inf:
            raise ValueError(f"gamma must be at least 0, not {self.gamma}")


@dataclass(frozen=True, eq=False)
class AdditiveArrays:
    """A sum of functions of one column each, ``Σ_jk exp(-(z_j - knot_k)² / 2) weight_jk``.

    Attributes
    ----------
    position : ndarray of int, shape (n_curved,)
        Which of the standardised columns have such a function.
    knots : ndarray of shape (n_knots,)
        The same for all columns; none is taken from a row.
    weight : ndarray of shape (n_curved, n_knots, n_targets)
    """

    position: NDArray[np.integer]
    knots: NDArray[np.floating]
    weight: NDArray[np.floating]

    def __post_init__(self) -> None:
        shape = (*self.position.shape, *self.knots.shape)
        if len(shape) != 2 or self.weight.ndim != 3 or self.weight.shape[:2] != shape:
            raise ValueError(f"weights of shape {self.weight.shape} for columns and knots {shape}")
        if (self.position < 0).any():
            raise ValueError("positions of columns must be at least 0")

    def fits(self, n_columns: int, n_targets: int) -> bool:
        """Whether it reads so many columns, for so many targets."""
        return bool((self.position < n_columns).all()) and self.weight.shape[2] == n_targets


@dataclass(frozen=True, eq=False)
class ClosedForm:
    """A fitted member: a sum of parts, each linear in what it has learned.

    Attributes
    ----------
    kind : {'binary', 'multiclass', 'number', 'count', 'amount'}
        What targets are; the sum is a score from -1 to 1 for each class or label, and the
        logarithm of an amount above 0.
    intercept : ndarray of shape (n_targets,)
    offset : Recalibration or None
        The source's outputs, updated.
    score_scale : ndarray of shape (n_targets,) or (1,), or None
        Scale of scores that become probabilities; None where they are ``2p - 1`` as they stand.
        Of counts the least rate, and of amounts the largest mean, that is predicted; None where
        there is no such bound.
    columns : ColumnScale or None
        Of the parts that read columns.
    linear : ndarray of shape (n_columns, n_targets), or None
    rbf : RbfArrays or None
    additive : AdditiveArrays or None
    output_scale : ColumnScale or None
        Of the source's outputs as features, where these are read.
    outputs : ndarray of shape (n_source_outputs, n_targets), or None
    tangent : TangentArrays or None
    """

    kind: OutputKind
    intercept: NDArray[np.floating]
    offset: Recalibration | None = None
    score_scale: NDArray[np.floating] | None = None
    columns: ColumnScale | None = None
    linear: NDArray[np.floating] | None = None
    rbf: RbfArrays | None = None
    additive: AdditiveArrays | None = None
    output_scale: ColumnScale | None = None
    outputs: NDArray[np.floating] | None = None
    tangent: TangentArrays | None = None

    def __post_init__(self) -> None:
        n_targets = len(self.intercept) if self.intercept.ndim == 1 else -1
        if self.offset is not None and self.offset.slope.shape != (n_targets,):
            raise ValueError(f"an offset of {self.offset.slope.shape} for {n_targets} targets")
        if self.tangent is not None and len(self.tangent.direction_of) != n_targets:
            raise ValueError(f"a tangent of other outputs than {n_targets} targets")
        n_columns = 0 if self.columns is None else self.columns.n_columns
        n_outputs = 0 if self.output_scale is None else self.output_scale.n_columns
        for weight, n in ((self.linear, n_columns), (self.outputs, n_outputs)):
            if weight is not None and weight.shape != (n, n_targets):
                raise ValueError(f"a weight of shape {weight.shape} for {n} columns")
        if (self.outputs is None) != (self.output_scale is None):
            raise ValueError("the source's outputs need a weight and a scale")
        if self.rbf is not None and (
            self.rbf.landmarks.shape[1] != n_columns or self.rbf.weight.shape[1] != n_targets
        ):
            raise ValueError(f"landmarks of {self.rbf.landmarks.shape} for {n_columns} columns")
        if self.additive is not None and not self.additive.fits(n_columns, n_targets):
            raise ValueError(f"functions of other columns than {n_columns}")
        if self.kind in ("binary", "multiclass"):
            self._check_probabilities(n_targets)
        elif self.score_scale is not None:
            bound = self.score_scale
            if bound.shape != (n_targets,) or not (np.isfinite(bound) & (bound > 0)).all():
                raise ValueError(f"bounds of shape {bound.shape} for {n_targets} targets")

    def _check_probabilities(self, n_targets: int) -> None:
        """Scores become probabilities by their scale; the source's alone are such already."""
        if self.score_scale is None:
            if not self.has_offset_alone or self.intercept.any():
                raise ValueError("scores of classes need a scale")
        elif self.score_scale.shape not in ((1,), (n_targets,)):
            raise ValueError(f"a scale of shape {self.score_scale.shape}")

    @property
    def has_offset_alone(self) -> bool:
        """Whether it is the source's own prediction, as it is or updated."""
        parts = (self.linear, self.rbf, self.additive, self.outputs, self.tangent)
        return self.offset is not None and all(part is None for part in parts)

    @property
    def reads_source(self) -> bool:
        """Whether it reads layers or outputs of the source."""
        parts = (self.offset, self.output_scale, self.tangent)
        return any(part is not None for part in parts)
