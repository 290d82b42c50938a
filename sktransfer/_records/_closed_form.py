"""Members that are fitted in closed form, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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

    directions: np.ndarray
    direction_of: tuple[int, ...]
    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    head: np.ndarray
    intercept: np.ndarray


@dataclass(frozen=True, eq=False)
class TangentRows:
    """The same model by its kernel, with what it needs of every row that it was fitted to.

    It is smaller where there are fewer rows than a layer has units, or many outputs, and it
    keeps training rows: the values of the first layer are the encoded rows.

    Attributes
    ----------
    directions : ndarray of shape (n_source_outputs, n_directions)
    direction_of : tuple of int, one per target output
    values : tuple of ndarray of shape (n_samples, n_inputs)
        Inputs of every layer.
    gradients : tuple of tuple of ndarray of shape (n_samples, n_units)
        Per direction, the derivative of the combined output by what enters the activation of each
        hidden layer.
    scales : ndarray of shape (n_directions + 1, n_layers)
        Factor of every layer's part of the kernel; the last row is that of outputs without a
        direction.
    coef : ndarray of shape (n_samples, n_targets)
    """

    directions: np.ndarray
    direction_of: tuple[int, ...]
    values: tuple[np.ndarray, ...]
    gradients: tuple[tuple[np.ndarray, ...], ...]
    scales: np.ndarray
    coef: np.ndarray


@dataclass(frozen=True, eq=False)
class Recalibration:
    """An update of a source's outputs, ``slope * f + intercept``.

    Attributes
    ----------
    slope, intercept : ndarray of shape (n_outputs,)
    """

    slope: np.ndarray
    intercept: np.ndarray


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

    position: np.ndarray
    center: np.ndarray
    scale: np.ndarray
    limit: float = 4.0


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

    landmarks: np.ndarray
    weight: np.ndarray
    gamma: float


@dataclass(frozen=True, eq=False)
class ClosedForm:
    """A fitted member: a sum of parts, each linear in what it has learned.

    Attributes
    ----------
    kind : {'binary', 'multiclass', 'number', 'count'}
        What targets are; the sum is a score from -1 to 1 for each class or label.
    intercept : ndarray of shape (n_targets,)
    offset : Recalibration or None
        The source's outputs, updated.
    score_scale : ndarray of shape (n_targets,) or (1,), or None
        Scale of scores that become probabilities; None where they are ``2p - 1`` as they stand.
    columns : ColumnScale or None
        Of the parts that read columns.
    linear : ndarray of shape (n_columns, n_targets), or None
    rbf : RbfArrays or None
    output_scale : ColumnScale or None
        Of the source's outputs as features, where these are read.
    outputs : ndarray of shape (n_source_outputs, n_targets), or None
    tangent : TangentArrays or TangentRows or None
        The latter keeps training rows.
    """

    kind: str
    intercept: np.ndarray
    offset: Recalibration | None = None
    score_scale: np.ndarray | None = None
    columns: ColumnScale | None = None
    linear: np.ndarray | None = None
    rbf: RbfArrays | None = None
    output_scale: ColumnScale | None = None
    outputs: np.ndarray | None = None
    tangent: TangentArrays | TangentRows | None = None
