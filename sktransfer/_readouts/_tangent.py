"""Linearised fine-tuning of a dense source: ridge regression on the gradients of its outputs.

Fine-tuning with an L2 penalty towards the source, on few rows, is close to its linearisation at
the source's weights, ``f(x) = f₀(x) + J(x) δ``, where J is the gradient of an output by all
weights and the penalty is ridge on δ.  The kernel of that ridge needs no J: a layer's part is the
product of two inner products, see :func:`sktransfer._networks.tangent_kernel`.

A target output that means what outputs of the source mean has their combination for its own: its
gradient is J.  Any other takes one random combination with weights ±1, which gives on average the
sum of all outputs' kernels at the price of one, or the output layer alone.  Columns that the
source does not have enter the first layer with weight 0: they do not change the source's outputs,
but their weights are moved as all others are.

References
----------
W. Maddox et al., "Fast Adaptation with Linearized Neural Networks", AISTATS 2021.  F. Mu,
Y. Liang, Y. Li, "Gradients as Features for Deep Representation Learning", ICLR 2020.  A. Achille
et al., "LQF: Linear Quadratic Fine-Tuning", CVPR 2021.  A. Jacot, F. Gabriel, C. Hongler, "Neural
Tangent Kernel", NeurIPS 2018.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from sktransfer._networks import layer_gradients, layer_inputs, tangent_kernel
from sktransfer._records import TangentArrays

#: Rows of a kernel that are computed at once.
_BLOCK_ROWS = 256
#: Different own directions up to which outputs have one each; more share one at random.
MOST_OWN = 10
#: A part of the kernel that is this small counts as nothing.
_NOTHING = 1e-12


@dataclass(frozen=True, eq=False)
class Gradients:
    """A dense source's gradients on the rows of a table, layer by layer as outer products.

    Attributes
    ----------
    directions : ndarray of shape (n_source_outputs, n_directions)
        Combinations of the source's outputs.
    values : tuple of ndarray of shape (n_samples, n_inputs), one per layer
        What enters it.
    by_direction : tuple of tuple of ndarray of shape (n_samples, n_units), one per hidden layer
        Derivatives of each combination by what enters the layer's activation.
    scales : ndarray of shape (n_directions + 1, n_layers)
        Factors that give each layer's part of the kernel the same mean diagonal, and their sum 1;
        the last row is that of the output layer alone.
    """

    directions: np.ndarray
    values: tuple[np.ndarray, ...]
    by_direction: tuple[tuple[np.ndarray, ...], ...]
    scales: np.ndarray

    def of(self, direction: int) -> tuple[np.ndarray, ...]:
        """Derivatives of one combination; none for the output layer alone."""
        return self.by_direction[direction] if direction >= 0 else ()

    def rows(self, index: np.ndarray) -> Gradients:
        """The gradients on some of the rows; the parts of the kernel keep their size."""
        return replace(
            self,
            values=tuple(value[index] for value in self.values),
            by_direction=tuple(tuple(d[index] for d in of) for of in self.by_direction),
        )

    def kernel(self, direction: int = 0, others: Gradients | None = None) -> np.ndarray:
        """The tangent kernel of one combination of outputs.

        Parameters
        ----------
        direction : int, default=0
            -1 for the output layer alone.
        others : Gradients, optional
            Of other rows; by default the kernel is that between the rows themselves.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_others)
            With a mean diagonal of 1 by the rows' weights.
        """
        n_samples, gradients = len(self.values[0]), self.of(direction)
        if others is not None:
            theirs, scale = (others.values, others.of(direction)), self.scales[direction]
            return tangent_kernel((self.values, gradients), theirs, scale).astype(np.float64)
        kernel = np.empty((n_samples, n_samples))
        for at in range(0, n_samples, _BLOCK_ROWS):
            rows, until = slice(at, at + _BLOCK_ROWS), slice(at + _BLOCK_ROWS)
            block = tangent_kernel(
                ([v[rows] for v in self.values], [d[rows] for d in gradients]),
                ([v[until] for v in self.values], [d[until] for d in gradients]),
                self.scales[direction],
            )
            kernel[rows, until] = block
            kernel[until, rows] = block.T
        return kernel


def source_gradients(
    inputs: np.ndarray,
    coefs: Sequence[np.ndarray],
    intercepts: Sequence[np.ndarray],
    activation: str,
    directions: np.ndarray,
    weight: np.ndarray | None = None,
) -> Gradients:
    """Compute a dense source's gradients on the rows of a table.

    Parameters
    ----------
    inputs : ndarray of shape (n_samples, n_inputs)
        Encoded rows; everything is computed in their precision.
    coefs, intercepts : sequence of ndarray of shape (n_inputs, n_outputs) and (n_outputs,)
        The source's layers, its output layer last.
    activation : str
    directions : ndarray of shape (n_source_outputs, n_directions)
        As of :func:`tangent_directions`.
    weight : ndarray of shape (n_samples,), optional
        Rows count as much for the size of each part of the kernel.

    Returns
    -------
    Gradients
    """
    coefs = [coef.astype(inputs.dtype, copy=False) for coef in coefs]
    intercepts = [bias.astype(inputs.dtype, copy=False) for bias in intercepts]
    values, slopes = layer_inputs(inputs, coefs, intercepts, activation)
    by_direction = tuple(tuple(layer_gradients(slopes, coefs, c)) for c in directions.T)
    scales = np.zeros((len(by_direction) + 1, len(coefs)))
    size = [1 + np.einsum("ni,ni->n", value, value, dtype=np.float64) for value in values]
    head = np.average(size[-1], weights=weight)
    for scale, gradients in zip(scales, by_direction, strict=False):
        for layer, gradient in enumerate(gradients):
            squared = np.einsum("nu,nu->n", gradient, gradient, dtype=np.float64)
            part = np.average(size[layer] * squared, weights=weight)
            scale[layer] = 1 / part if part > _NOTHING else 0.0
        scale[-1] = 1 / head
        scale /= np.count_nonzero(scale)
    scales[-1, -1] = 1 / head
    return Gradients(np.asarray(directions), tuple(values), by_direction, scales)


def tangent_directions(
    own: np.ndarray,
    seed: int,
    unmatched: Literal["random", "output_layer"] = "random",
    most_own: int = MOST_OWN,
) -> tuple[np.ndarray, tuple[int, ...]]:
    """Which combination of a source's outputs each target output is a tangent of.

    Parameters
    ----------
    own : ndarray of shape (n_source_outputs, n_targets)
        What each target output means in outputs of the source, such as 1 at one of them, or
        -1 and 1 at two classes; a column of zeros where it means nothing that the source has.
    seed : int
        Of the random combination.
    unmatched : {'random', 'output_layer'}, default='random'
        What target outputs of no meaning take: one random combination with weights ±1, the same
        for all of them, or the output layer alone.
    most_own : int, default=10
        If there are more different combinations, matched outputs take the random one too: each one
        costs a kernel and a decomposition.

    Returns
    -------
    directions : ndarray of shape (n_source_outputs, n_directions)
        Without repetitions; two that differ in sign have one kernel.
    direction_of : tuple of int, one per target output
        -1 for the output layer alone.
    """
    n_outputs, n_targets = own.shape
    random = np.random.RandomState(seed).choice([-1.0, 1.0], size=n_outputs)
    is_own: np.ndarray = np.any(own, axis=0)
    if len({_key(column) for column in own.T[is_own]}) > most_own:
        is_own = np.zeros(n_targets, bool)
        unmatched = "random"
    known: dict[bytes, int] = {}
    found: list[np.ndarray] = []
    direction_of: list[int] = []
    for column, matched in zip(own.T, is_own, strict=True):
        if not matched and unmatched == "output_layer":
            direction_of.append(-1)
            continue
        direction = column if matched else random
        at = known.setdefault(_key(direction), len(found))
        if at == len(found):
            found.append(direction)
        direction_of.append(at)
    return np.array(found, float).reshape(-1, n_outputs).T, tuple(direction_of)


def _key(direction: np.ndarray) -> bytes:
    """Equal for combinations of which one is a multiple of the other."""
    unit = direction / direction[np.flatnonzero(direction)[0]]
    return (np.round(unit, 12) + 0.0).tobytes()  # -0 is 0


def tangent_arrays(
    gradients: Gradients, direction_of: Sequence[int], coef: np.ndarray
) -> TangentArrays:
    """The model of coefficients on the tangent kernel, as a step of the network's weights.

    ``ΔW_l = scale_l Σ_i a_i h_l(x_i) d_l(x_i)ᵀ`` of the l-th hidden layer, per target output.

    Parameters
    ----------
    gradients : Gradients
        Of the rows that the model was fitted to.
    direction_of : sequence of int, one per target output
    coef : ndarray of shape (n_samples, n_targets)
        Of the kernel of each output's direction.

    Returns
    -------
    TangentArrays
        In the precision of the gradients; no row is part of it.
    """
    values, dtype = gradients.values, gradients.values[0].dtype
    coef = coef.astype(dtype, copy=False)
    moved = [j for j, direction in enumerate(direction_of) if direction >= 0]
    weights, biases = [], []
    for layer, value in enumerate(values[:-1]):
        shape = len(moved), value.shape[1], values[layer + 1].shape[1]
        weight, bias = np.empty(shape, dtype), np.empty((shape[0], shape[2]), dtype)
        for at, j in enumerate(moved):
            scale = dtype.type(gradients.scales[direction_of[j], layer])
            pulled = gradients.of(direction_of[j])[layer] * (scale * coef[:, [j]])
            weight[at], bias[at] = value.T @ pulled, pulled.sum(axis=0)
        weights.append(weight)
        biases.append(bias)
    of_head = gradients.scales[list(direction_of), -1].astype(dtype) * coef
    return TangentArrays(
        gradients.directions,
        tuple(direction_of),
        tuple(weights),
        tuple(biases),
        values[-1].T @ of_head,
        of_head.sum(axis=0),
    )
