"""What holds the weights back: L2 towards zero, and L2 towards where they started."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sktransfer._records import Phase
from sktransfer._training._flat import FlatParameters


class Penalties:
    """The L2 terms of a phase.

    Weights (not biases) of a layer without an `l2_to_start` get scikit-learn's
    ``alpha / 2 * ||w||²`` per batch, divided by the batch's sum of weights.  Weights and biases of
    a layer with one get ``strength / 2 * ||w - w_start||²`` instead, not divided by anything.

    The optimisers have the gradient of the first term as their weight decay; L-BFGS needs
    it with :meth:`add_decay`.

    Parameters
    ----------
    flat : FlatParameters
    phase : Phase
    alpha : float
    start : Tensor of shape (n_parameters,)
        The weights that layers are kept near.
    """

    def __init__(self, flat: FlatParameters, phase: Phase, alpha: float, start: Tensor) -> None:
        decayed = flat.segments(lambda name, weights: phase.decay(name, alpha) if weights else 0)
        self._decay = [(flat.vector[at], flat.gradient[at], alpha) for at, alpha in decayed]
        to_start = flat.segments(lambda name, _: phase.l2_to_start.get(name, 0.0))
        self._to_start = [
            (flat.vector[at], flat.gradient[at], start[at], torch.empty_like(start[at]), strength)
            for at, strength in to_start
        ]
        self._norms: list[Tensor] = []
        self._factors: list[float] = []

    def add(self, weight_sum: float, n_rows: int) -> None:
        """Note a batch's penalties for this sum of weights; add gradients towards the start."""
        for w, _, alpha in self._decay:
            self._norms.append(torch.dot(w, w))
            self._factors.append(0.5 * alpha / weight_sum * n_rows)
        for w, gradient, start, difference, strength in self._to_start:
            torch.sub(w, start, out=difference)
            gradient.add_(difference, alpha=strength)
            self._norms.append(torch.dot(difference, difference))
            self._factors.append(0.5 * strength * n_rows)

    def add_decay(self, weight_sum: float) -> None:
        """Add the gradient of the penalty towards zero."""
        for w, gradient, alpha in self._decay:
            gradient.add_(w, alpha=alpha / weight_sum)

    def first(self) -> float:
        """``n_rows * penalty`` of the first batch that was noted."""
        terms = slice(len(self._decay) + len(self._to_start))
        return float(np.dot([float(n) for n in self._norms[terms]], self._factors[terms]))

    def take_value(self) -> float:
        """Sum over the batches since the last call of ``n_rows * penalty``."""
        if not self._norms:
            return 0.0
        value = float(np.dot(torch.stack(self._norms).cpu().numpy().astype(float), self._factors))
        self._norms.clear()
        self._factors.clear()
        return value
