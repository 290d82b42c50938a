"""The gradient of each of several tasks for the layers that they share."""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from torch import nn

from sktransfer._training._data import TrainingData
from sktransfer._training._losses import Loss, split_missing
from sktransfer._typing import Matrix


def task_gradients(
    network: nn.Module, criterion: Loss, data: TrainingData, n_head_layers: int
) -> np.ndarray:
    """Gradient of each task's mean loss with respect to the shared layers.

    Parameters
    ----------
    network : DenseNetwork
    criterion : Loss
    data : TrainingData
        Encoded; missing targets have no gradient.
    n_head_layers : int
        How many layers, from the output, belong to the tasks alone.

    Returns
    -------
    ndarray of shape (n_tasks, n_shared_parameters)
    """
    names = list(network.layer_names)  # type: ignore[arg-type]
    shared = [
        tensor
        for name in names[: len(names) - n_head_layers]
        for tensor in network.get_submodule(name).parameters()
    ]
    X = np.asarray(data.X) if data.encode is None else data.encode(cast("Matrix", data.X))
    y, known = split_missing(torch.from_numpy(data.y))
    weight = torch.ones(len(y)) if data.sample_weight is None else data.sample_weight
    share = known * torch.as_tensor(weight, dtype=y.dtype).unsqueeze(1)
    losses = criterion.objective(network(torch.from_numpy(X)), y) * share
    gradients = []
    for _, where in criterion.blocks:
        parts = torch.autograd.grad(losses[:, where].sum(), shared, retain_graph=True)
        gradients.append(torch.cat([part.reshape(-1) for part in parts]).double().numpy())
    return np.stack(gradients)
