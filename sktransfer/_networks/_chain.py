"""A frozen chain of layers, and what read-outs make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from sktransfer._activations import activation_of
from sktransfer._records import Member, Reading, Readout

#: A layer of a chain, 0 for its inputs and the last for its linear outputs, and how much of it
#: is read.
Part = tuple[int, int]


def parts_of(member: Member, reads: Sequence[Reading]) -> list[Part]:
    """The layers that a read-out reads, and their widths, in its order.

    Parameters
    ----------
    member : Member
    reads : sequence of {'columns', 'hidden', 'outputs'}

    Returns
    -------
    list of (layer, width)
    """
    widths = [coef.shape[1] for coef in member.coefs]
    layers = list(enumerate(widths, 1))
    of = {
        "columns": [(0, member.inputs.columns.n_scaled)],
        "hidden": layers[:-1],
        "outputs": layers[-1:],
    }
    return [part for what in reads for part in of[what]]


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
    readout = cast("Readout", member.readout)
    weight = np.asarray(readout.weight, np.float64) / readout.scale[:, None]
    bias = np.asarray(readout.bias, np.float64) - readout.center @ weight
    matrices: dict[int, np.ndarray] = {}
    at = 0
    for layer, width in parts_of(member, readout.reads):
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
        The inputs, the hidden layers and the linear outputs, as far as they are needed.
    slopes : list of ndarray of shape (n_rows, width)
        How steep the activations of the hidden layers are there; only where a tangent needs it.
    """

    values: list[np.ndarray]
    slopes: list[np.ndarray]


class Chain:
    """Layers that do not move, run once for all that read them.

    Parameters
    ----------
    member : Member
        One that reads them.
    encoding : int
        Which encoding of the table they take.
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
        The last layer that is needed.
    has_tangent : bool
        Whether slopes are needed, too.
    """

    def __init__(self, member: Member, encoding: int, dtype: np.dtype) -> None:
        self.encoding = encoding
        self._given = (*member.coefs, *member.intercepts)
        self._activation, self._entry = member.activation, activation_of(member.activation)
        self.weights = [coef.astype(dtype, copy=False) for coef in member.coefs]
        self.biases = [bias.astype(dtype, copy=False) for bias in member.intercepts]
        self.products: dict[int, np.ndarray] = {}
        self.scores = slice(0, 0)
        self.depth = 0
        self.has_tangent = False

    def is_of(self, member: Member, encoding: int) -> bool:
        """Whether a member on some encoding reads the same chain."""
        theirs = (*member.coefs, *member.intercepts)
        return (
            (self.encoding, self._activation) == (encoding, member.activation)
            and len(self._given) == len(theirs)
            and all(
                a is b or np.array_equal(a, b) for a, b in zip(self._given, theirs, strict=True)
            )
        )

    def run(self, inputs: np.ndarray) -> Layers:
        """Run the layers for some rows.

        Parameters
        ----------
        inputs : ndarray of shape (n_rows, n_inputs)

        Returns
        -------
        Layers
        """
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
