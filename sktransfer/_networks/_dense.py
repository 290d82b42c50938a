"""A chain of dense layers: a shared trunk under task-specific layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from sktransfer._activations import in_torch
from sktransfer._records import DenseLayer, LayerNames


class DenseNetwork(nn.Module):
    """Dense layers with one activation between them.

    The output is *linear* (logits, or the regression's linear predictor): the loss has its
    own output activation.

    Parameters
    ----------
    layers : sequence of DenseLayer
        Starting weights, input to output; they are copied.
    activation : str
        Activation of the hidden layers, one of ``ACTIVATIONS``.
    n_shared_layers : int, default=0
        How many layers, from the input, are named shared.
    dropout : float, default=0.0
        Probability with which a hidden unit is dropped in training.
    masks : mapping of int to ndarray of bool, shape (n_inputs, n_outputs), optional
        By position, which weights of a layer exist; the others are zero and stay so.

    Shapes
    ------
    input : (n_samples, n_inputs); output : (n_samples, n_outputs)

    Examples
    --------
    >>> import numpy as np, torch
    >>> from sktransfer._activations import in_torch
    >>> from sktransfer._records import DenseLayer
    >>> from sktransfer._networks import DenseNetwork
    >>> hidden, output = DenseLayer(np.ones((3, 4)), [0] * 4), DenseLayer(np.ones((4, 1)), [0])
    >>> network = DenseNetwork([hidden, output], "relu", n_shared_layers=1)
    >>> network(torch.ones(2, 3, dtype=torch.float64)).shape
    torch.Size([2, 1])
    >>> network.layer_names
    LayerNames(shared=('shared_layers.0',), task=('task_layers.0',))
    """

    #: Nothing but the layers, one after the other: the engine has the gradient in closed form.
    is_dense_stack = True

    def __init__(
        self,
        layers: Sequence[DenseLayer],
        activation: str = "relu",
        n_shared_layers: int = 0,
        dropout: float = 0.0,
        masks: Mapping[int, np.ndarray] | None = None,
    ) -> None:
        super().__init__()
        self.activation = activation
        self.dropout = dropout
        self.generator: torch.Generator | None = None  # dropout draws from it
        modules = [_linear(layer) for layer in layers]
        for i, mask in (masks or {}).items():
            like_weight = torch.from_numpy(mask.T).to(modules[i].weight)
            modules[i].register_buffer("mask", like_weight, persistent=False)
        self.shared_layers = nn.ModuleList(modules[:n_shared_layers])
        self.task_layers = nn.ModuleList(modules[n_shared_layers:])

    @property
    def layers(self) -> list[nn.Linear]:
        """All layers, input to output."""
        return [*self.shared_layers, *self.task_layers]

    @property
    def layer_names(self) -> LayerNames:
        """Names of the shared and of the task's own layers, input to output."""
        return LayerNames.of(len(self.layers), len(self.shared_layers))

    def dropout_mask(self, out: Tensor) -> Tensor:
        """Fill `out` with 0 for dropped units and ``1 / (1 - dropout)`` for kept ones."""
        keep = 1.0 - self.dropout
        return out.bernoulli_(keep, generator=self.generator).div_(keep)

    def forward(self, X: Tensor) -> Tensor:
        *hidden, output = self.layers
        activate = in_torch(self.activation).function
        for layer in hidden:
            X = activate(_apply(layer, X))
            if self.dropout and self.training:
                X = X * self.dropout_mask(torch.empty_like(X))
        return _apply(output, X)


def _apply(layer: nn.Linear, X: Tensor) -> Tensor:
    mask = getattr(layer, "mask", None)
    weight = layer.weight if mask is None else layer.weight * mask
    return nn.functional.linear(X, weight, layer.bias)


def _linear(layer: DenseLayer) -> nn.Linear:
    # made without its constructor, which draws weights from torch's global generator
    linear = nn.Linear.__new__(nn.Linear)
    nn.Module.__init__(linear)
    linear.in_features, linear.out_features = layer.weight.shape
    linear.weight = nn.Parameter(torch.tensor(layer.weight.T.copy()))
    linear.bias = nn.Parameter(torch.tensor(layer.bias))
    return linear
