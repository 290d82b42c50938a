"""A frozen chain of layers, and what read-outs make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sktransfer._activations import activation_of
from sktransfer._records import Member, Reading

#: A layer of a chain, 0 for its inputs and the last for its linear outputs, and how much of it
#: is read.
Part = tuple[int, int]


def parts_of(
    coefs: Sequence[np.ndarray], n_columns: int, reads: Sequence[Reading], n_given: int = 0
) -> list[Part]:
    """The layers that a read-out reads, and their widths, in its order.

    Parameters
    ----------
    coefs : sequence of ndarray of shape (n_inputs, n_outputs)
    n_columns : int
        How many of the inputs are columns.
    reads : sequence of {'columns', 'hidden', 'outputs'}
    n_given : int, default=0
        Outputs of a source that has no layers.

    Returns
    -------
    list of (layer, width)
    """
    layers = [(layer, coef.shape[1]) for layer, coef in enumerate(coefs, 1)]
    if n_given and not layers:
        return [(0, n_columns) if what == "columns" else (1, n_given) for what in reads]
    of = {
        "columns": [(0, n_columns)],
        "hidden": layers[:-1],
        "outputs": layers[-1:],
    }
    return [part for what in reads for part in of[what]]


def member_parts(member: Member, reads: Sequence[Reading]) -> list[Part]:
    """What a read-out of a member reads, as of :func:`parts_of`."""
    n_given = 0 if member.predictor is None else member.predictor.target.n_outputs
    return parts_of(member.coefs, member.inputs.columns.n_scaled, reads, n_given)


def folded(member: Member) -> tuple[dict[int, np.ndarray], np.ndarray]:
    """A linear read-out as a matrix for each layer of the chain below it.

    Parameters
    ----------
    member : Member
        With a linear read-out.

    Returns
    -------
    matrices : dict of int to ndarray of float64, shape (width, n_outputs)
        By layer; the outputs of the chain are folded into its last hidden layer.  Of the inputs
        some may be read only, from the first on.
    bias : ndarray of shape (n_outputs,)
    """
    readout: Any = member.readout
    weight = np.asarray(readout.weight, np.float64) / readout.scale[:, None]
    bias = np.asarray(readout.bias, np.float64) - readout.center @ weight
    matrices: dict[int, np.ndarray] = {}
    at = 0
    for layer, width in member_parts(member, readout.reads):
        matrix = weight[at : at + width]
        at += width
        if layer == len(member.coefs) and layer:
            bias = bias + member.intercepts[-1] @ matrix
            layer, matrix = layer - 1, member.coefs[-1] @ matrix
        before = matrices.get(layer, matrix[:0])
        n_rows = max(len(before), len(matrix))
        matrices[layer] = padded(before, n_rows) + padded(matrix, n_rows)
    return matrices, bias


def padded(matrix: np.ndarray, n_rows: int) -> np.ndarray:
    """A matrix with rows of zeros below."""
    return np.pad(matrix, ((0, n_rows - len(matrix)), (0, 0)))


@dataclass(frozen=True)
class Layers:
    """What a chain makes of some rows.

    Attributes
    ----------
    values : list of ndarray of shape (n_rows, width)
        The inputs, the hidden layers and the linear outputs, as far as they are of use.
    slopes : list of ndarray of shape (n_rows, width)
        How steep the activations of the hidden layers are there; only where a tangent asks.
    """

    values: list[np.ndarray]
    slopes: list[np.ndarray]


class Chain:
    """Layers that do not move, run once for all that read them.

    Parameters
    ----------
    coefs, intercepts : sequence of ndarray of shape (n_inputs, n_outputs) and (n_outputs,)
        Input to output; the last layer gives linear outputs.
    activation : str
        Of the hidden layers.
    dtype : numpy dtype

    Attributes
    ----------
    weights, biases : list of ndarray
        Input to output.
    products : dict of int to ndarray of shape (width, n_scores)
        By layer, what its values add to the scores of linear read-outs.
    scores : slice
        Where those are among all scores.
    depth : int
        The last layer that is of use.
    has_tangent : bool
        Whether slopes are of use, too.
    """

    def __init__(
        self,
        coefs: Sequence[np.ndarray],
        intercepts: Sequence[np.ndarray],
        activation: str,
        dtype: Any,
    ) -> None:
        self._given = (*coefs, *intercepts)
        self._activation, self._entry = activation, activation_of(activation)
        self.weights = [coef.astype(dtype, copy=False) for coef in coefs]
        self.biases = [bias.astype(dtype, copy=False) for bias in intercepts]
        self.products: dict[int, np.ndarray] = {}
        self.scores = slice(0, 0)
        self.depth = 0
        self.has_tangent = False

    def is_of(
        self, coefs: Sequence[np.ndarray], intercepts: Sequence[np.ndarray], activation: str
    ) -> bool:
        """Whether these layers are the chain's."""
        theirs = (*coefs, *intercepts)
        return (
            self._activation == activation
            and len(self._given) == len(theirs)
            and all(
                a is b or np.array_equal(a, b) for a, b in zip(self._given, theirs, strict=True)
            )
        )

    def equals(self, other: Chain) -> bool:
        """Whether another chain has the same layers."""
        return self.is_of(other.weights, other.biases, other._activation)

    def run(self, inputs: np.ndarray, given: np.ndarray | None = None) -> Layers:
        """Run the layers for some rows.

        Parameters
        ----------
        inputs : ndarray of shape (n_rows, n_inputs)
        given : ndarray of shape (n_rows, n_outputs), optional
            The outputs of a source that has no layers.

        Returns
        -------
        Layers
        """
        if given is not None and not self.weights:
            return Layers([inputs, given], [])
        layers, slope = Layers([inputs], []), self._entry.slope
        for weight, bias in zip(
            self.weights[: self.depth], self.biases[: self.depth], strict=True
        ):
            z = layers.values[-1] @ weight
            z += bias
            if len(layers.values) < len(self.weights):
                steep = self.has_tangent and slope is not None
                before = z.copy() if steep and self._entry.from_input else z
                z = self._entry.in_place(z)
                if steep:
                    layers.slopes.append(slope(before))  # type: ignore[misc]
            layers.values.append(z)
        return layers

    def add_scores(self, layers: Layers, scores: np.ndarray) -> None:
        """Add the scores of linear read-outs, of shape (n_rows, n_scores)."""
        for layer, product in self.products.items():
            scores[:, self.scores] += layers.values[layer][:, : len(product)] @ product
