"""What holds the weights back: L2 towards zero, and L2 towards where they started."""

from __future__ import annotations

import torch
from torch import Tensor

from sktransfer._records import Phase
from sktransfer._training._flat import FlatParameters


class Penalties:
    """The L2 terms of a phase.

    Weights (not biases) of a layer without a pull get scikit-learn's ``alpha / 2 * ||w||²``
    per batch, divided by the batch's sum of weights.  Weights and biases of a layer with a
    pull get ``strength / 2 * ||w - w_start||²`` instead, not divided by anything.

    Parameters
    ----------
    flat : FlatParameters
    phase : Phase
    alpha : float
    start : Tensor of shape (n_parameters,)
        The weights that a pull pulls towards.
    """

    def __init__(self, flat: FlatParameters, phase: Phase, alpha: float, start: Tensor) -> None:
        decayed = flat.segments(
            lambda name: 0.0 if phase.pull.get(name, 0.0) else alpha, only_weights=True
        )
        self._decay = [(flat.vector[at], flat.gradient[at], alpha) for at, alpha in decayed]
        self._values: list[tuple[Tensor, float]] = []
        pulled = flat.segments(lambda name: phase.pull.get(name, 0.0))
        self._pull = [
            (flat.vector[at], flat.gradient[at], start[at], torch.empty_like(start[at]), strength)
            for at, strength in pulled
        ]

    def add(self, weight_sum: float, n_rows: int) -> None:
        """Add the gradient of the penalties for a batch of rows with this sum of weights."""
        for w, gradient, alpha in self._decay:
            gradient.add_(w, alpha=alpha / weight_sum)
            self._values.append((torch.dot(w, w), 0.5 * alpha / weight_sum * n_rows))
        for w, gradient, start, difference, strength in self._pull:
            torch.sub(w, start, out=difference)
            gradient.add_(difference, alpha=strength)
            self._values.append((torch.dot(difference, difference), 0.5 * strength * n_rows))

    def take_value(self) -> float:
        """Sum over the batches since this was last asked of ``n_rows * penalty``."""
        value = sum(float(norm) * factor for norm, factor in self._values)
        self._values.clear()
        return value
