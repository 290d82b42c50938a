"""What frozen layers make of a table, computed once for all members of a fit that read it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sktransfer._alignment import Prepared
from sktransfer._networks import Chain, Layers, encoding_key, parts_of
from sktransfer._preprocessing import encode
from sktransfer._records import Reading

#: Bytes of layers that are kept; those of larger tables are computed where rows of them are read.
_MOST_BYTES = 2**27


class Readings:
    """Layers of the members of one fit, on the rows that they are fitted to."""

    def __init__(self) -> None:
        self._known: list[tuple[tuple, object, Chain, Layers]] = []

    def features(
        self,
        prepared: Prepared,
        layers: tuple[Sequence[np.ndarray], Sequence[np.ndarray]],
        reads: Sequence[Reading],
        rows: np.ndarray | slice = slice(None),
    ) -> np.ndarray:
        """What a read-out reads of some rows of its table.

        Parameters
        ----------
        prepared : Prepared
        layers : (coefs, intercepts)
            Frozen, input to output.
        reads : sequence of {'columns', 'hidden', 'outputs'}
        rows : ndarray of int or slice, default=all

        Returns
        -------
        ndarray of shape (n_rows, n_features)
        """
        outputs = prepared.table.outputs
        n_given = 0 if outputs is None else outputs.shape[1]
        parts = parts_of(layers[0], prepared.inputs.columns.n_scaled, reads, n_given)
        values = self._layers(prepared, layers, rows).values
        return np.hstack([values[layer][:, :width] for layer, width in parts])

    def _layers(
        self,
        prepared: Prepared,
        layers: tuple[Sequence[np.ndarray], Sequence[np.ndarray]],
        rows: np.ndarray | slice,
    ) -> Layers:
        table, n_inputs = prepared.table, prepared.inputs.n_inputs
        coefs, intercepts = layers
        given = None if table.outputs is None or len(coefs) else table.outputs[rows]
        chain = Chain(coefs, intercepts, prepared.plan.activation, table.dtype)
        chain.depth = len(coefs)
        width = n_inputs + sum(coef.shape[1] for coef in coefs)
        if table.n_samples * width * np.dtype(table.dtype).itemsize > _MOST_BYTES:
            return chain.run(encode(table.X[rows], prepared.inputs, table.dtype), given)
        key = (*encoding_key(prepared.inputs), np.dtype(table.dtype))
        every = self._find(key, table.X, chain)
        if every is None:
            every = chain.run(encode(table.X, prepared.inputs, table.dtype))
            self._known.append((key, table.X, chain, every))
        values = [of_layer[rows] for of_layer in every.values]
        return Layers(values if given is None else [*values, given], [])

    def _find(self, key: tuple, X: object, chain: Chain) -> Layers | None:
        for known, table, other, layers in self._known:
            if known == key and table is X and other.equals(chain):
                return layers
        return None
