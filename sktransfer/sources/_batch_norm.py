"""Batch normalisation in prediction: a scale and a shift, part of a neighbouring layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from sktransfer._records import DenseLayer

#: What of normalisation is the same for every row, in prediction.
FOLDED = (nn.BatchNorm1d,)


def scale_and_shift(norm: nn.BatchNorm1d) -> tuple[np.ndarray, np.ndarray]:
    """What it does to a column: ``scale * x + shift``."""
    mean, deviation = unit_of(norm)
    gain = np.ones(len(mean)) if norm.weight is None else to_numpy(norm.weight)
    shift = np.zeros(len(mean)) if norm.bias is None else to_numpy(norm.bias)
    scale = gain.astype(np.float64) / deviation
    return scale, shift - mean * scale


def unit_of(norm: nn.BatchNorm1d) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the columns that it was trained on."""
    assert norm.running_mean is not None and norm.running_var is not None
    mean = to_numpy(norm.running_mean).astype(np.float64)
    return mean, np.sqrt(to_numpy(norm.running_var).astype(np.float64) + norm.eps)


def is_foldable(norm: nn.Module) -> bool:
    """Whether it keeps statistics of its training, and does not measure each batch anew."""
    return isinstance(norm, FOLDED) and norm.running_mean is not None


def folded(modules: Sequence[nn.Module], into_next: bool) -> list[DenseLayer] | None:
    """Linear layers, with what normalises their inputs or outputs in them; None where none fits.

    Parameters
    ----------
    modules : sequence of torch.nn.Linear and torch.nn.BatchNorm1d
        In the order in which they are applied.
    into_next : bool
        Whether a normalisation between two layers follows the activation, and belongs to
        the second.
    """
    try:
        return _folded(modules, into_next)
    except ValueError:  # widths that do not go together
        return None


def _folded(modules: Sequence[nn.Module], into_next: bool) -> list[DenseLayer]:
    layers: list[DenseLayer] = []
    waiting: list[tuple[np.ndarray, np.ndarray]] = []
    for module in modules:
        if isinstance(module, nn.Linear):
            layers.append(_after(waiting, dense_layer(module)))
            waiting = []
        elif layers and not into_next:
            layers[-1] = _before(layers[-1], *scale_and_shift(module))  # type: ignore[arg-type]
        else:
            waiting.append(scale_and_shift(module))  # type: ignore[arg-type]
    for scale, shift in waiting:  # behind the last layer
        layers[-1] = _before(layers[-1], scale, shift)
    return layers


def _before(layer: DenseLayer, scale: np.ndarray, shift: np.ndarray) -> DenseLayer:
    weight, bias = layer.weight * scale, layer.bias * scale + shift
    return DenseLayer(weight.astype(layer.weight.dtype), bias.astype(layer.bias.dtype))


def _after(waiting: list[tuple[np.ndarray, np.ndarray]], layer: DenseLayer) -> DenseLayer:
    weight, bias = layer.weight.astype(np.float64), layer.bias.astype(np.float64)
    for scale, shift in reversed(waiting):
        bias, weight = bias + shift @ weight, scale[:, None] * weight
    return DenseLayer(weight.astype(layer.weight.dtype), bias.astype(layer.bias.dtype))


def dense_layer(linear: nn.Linear) -> DenseLayer:
    """The weights of a Linear layer, copied."""
    weight = to_numpy(linear.weight)
    bias = np.zeros(len(weight), weight.dtype) if linear.bias is None else to_numpy(linear.bias)
    return DenseLayer(weight.T, bias)


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    """A tensor's numbers, copied."""
    tensor = tensor.detach().cpu()
    # numpy has no bfloat16, and half precision is too coarse to train from.
    tensor = tensor if tensor.dtype == torch.float64 else tensor.float()
    return tensor.numpy().copy()
