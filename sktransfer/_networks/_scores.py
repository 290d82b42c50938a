"""Scores of linear read-outs: one product for each layer of each chain."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sktransfer._networks._chain import Chain, folded, padded
from sktransfer._networks._forward import activate_, in_users_unit
from sktransfer._records import Member


class Scores:
    """What linear read-outs add to the predictions.

    Their products become part of the chains.  Where the activation of the outputs is the
    identity, the weighted scores of all read-outs are one.

    Parameters
    ----------
    readouts : sequence of (chain, member, weight)
    n_outputs : int
    dtype : numpy dtype
    """

    def __init__(
        self, readouts: Sequence[tuple[Chain, Member, float]], n_outputs: int, dtype: np.dtype
    ) -> None:
        self._n_outputs = n_outputs
        self._are_summed = all(m.target.out_activation == "identity" for _, m, _ in readouts)
        self._heads: list[tuple[slice, Member, float]] = []
        self._bias = np.zeros(n_outputs if readouts and self._are_summed else 0)
        for chain in dict.fromkeys(chain for chain, _, _ in readouts):
            of_chain = [(member, weight) for one, member, weight in readouts if one is chain]
            products = self._sum(of_chain) if self._are_summed else self._stack(of_chain)
            chain.products = {layer: p.astype(dtype) for layer, p in products.items()}
            chain.depth = max(chain.depth, *products)
            last = len(self._bias)
            width = n_outputs if self._are_summed else n_outputs * len(of_chain)
            chain.scores = slice(last - width, last)
        self._bias = self._bias.astype(dtype)

    def _sum(self, readouts: Sequence[tuple[Member, float]]) -> dict[int, np.ndarray]:
        """The products of read-outs whose scores add up to predictions in the user's unit."""
        all_matrices = []
        for member, weight in readouts:
            matrices, bias = folded(member)
            unit = weight * member.target.scale
            self._bias += bias * unit + weight * member.target.center
            all_matrices.append({layer: matrix * unit for layer, matrix in matrices.items()})
        return _by_layer(all_matrices, lambda parts: np.sum(parts, axis=0), self._n_outputs)

    def _stack(self, readouts: Sequence[tuple[Member, float]]) -> dict[int, np.ndarray]:
        """The products of read-outs with scores of their own."""
        all_matrices = []
        for member, weight in readouts:
            matrices, bias = folded(member)
            start = len(self._bias)
            self._heads.append((slice(start, start + len(bias)), member, weight))
            self._bias = np.concatenate([self._bias, bias])
            all_matrices.append(matrices)
        return _by_layer(all_matrices, np.hstack, self._n_outputs)

    def begin(self, n_rows: int) -> np.ndarray:
        """Scores of rows before the chains have run."""
        scores = np.empty((n_rows, len(self._bias)), self._bias.dtype)
        scores[:] = self._bias
        return scores

    def add_to(
        self,
        mixed: np.ndarray,
        scores: np.ndarray,
        add: Callable[[np.ndarray, float, np.ndarray], None],
    ) -> None:
        """Add the weighted predictions, in the user's unit; `scores` are used up.

        `add` adds what a member predicts to the sum, times its weight.
        """
        if self._are_summed and len(self._bias):
            mixed += scores
        for where, member, weight in self._heads:
            outputs = activate_(scores[:, where], member.target.out_activation)
            add(mixed, weight, in_users_unit(outputs, member.target))


def _by_layer(
    several: Sequence[dict[int, np.ndarray]],
    join: Callable[[list[np.ndarray]], np.ndarray],
    n_outputs: int,
) -> dict[int, np.ndarray]:
    """Matrices of several read-outs as one for each layer."""
    nothing, products = np.empty((0, n_outputs)), {}
    for layer in {layer for matrices in several for layer in matrices}:
        parts = [matrices.get(layer, nothing) for matrices in several]
        n_rows = max(map(len, parts))
        products[layer] = join([padded(part, n_rows) for part in parts])
    return products
