"""Activations, one entry each: in numpy, in torch, in ONNX, and how steep they are.

The names of the first nine are what ``activation=`` takes; the others follow outputs only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import DTypeLike
from scipy.special import expit, ndtr

from sktransfer._compat import torch_kernel

if TYPE_CHECKING:
    from torch import Tensor

InNumpy = Callable[[np.ndarray], np.ndarray]
InTorch = Callable[["Tensor"], "Tensor"]

#: What a node of an ONNX graph is given in addition to its inputs.
NodeAttribute: TypeAlias = int | float | str | Sequence[int] | Sequence[float] | Sequence[str]

#: Slope of the leaky ReLU below zero, torch's and everybody's default.
_LEAK = 0.01


class Graph(Protocol):
    """What an activation needs of an ONNX graph under construction."""

    def __call__(
        self, op: str, *inputs: str, domain: str = "", **attributes: NodeAttribute
    ) -> str: ...

    def constant(self, values: np.ndarray) -> str: ...

    def cast(self, value: str, dtype: DTypeLike) -> str: ...


@dataclass(frozen=True)
class Activation:
    """One activation.

    Attributes
    ----------
    in_place : callable
        numpy array → the same array, with the activation's values.
    torch : callable
        The module torch → the function for autograd, and the one that writes over its input
        (None where there is none).
    onnx : callable
        (graph, name of a value, its dtype) → name of the activated value.
    slope : callable or None
        Values or, where `from_input`, what was activated → derivatives, in numpy.  None for what
        follows outputs only.
    backward : tuple of (str, callable) or None
        A kernel of torch's that multiplies a gradient in place by the derivative, and its
        arguments for (gradient, values or inputs).  None where the derivative is 1.
    from_input : bool
        Whether the derivative is a function of what is activated, not of the activation's value.
    module : str or None
        The class in ``torch.nn`` that applies it.
    """

    in_place: InNumpy
    torch: Callable[[ModuleType], tuple[InTorch, InTorch | None]]
    onnx: Callable[[Graph, str, np.dtype], str]
    slope: InNumpy | None = None
    backward: tuple[str, Callable[[Tensor, Tensor], tuple]] | None = None
    from_input: bool = False
    module: str | None = None


def _gelu(z: np.ndarray) -> np.ndarray:
    # D. Hendrycks, K. Gimpel, "Gaussian Error Linear Units", 2016: z Φ(z), not its approximation
    z *= ndtr(z)
    return z


def _gelu_slope(z: np.ndarray) -> np.ndarray:
    density = np.exp(-0.5 * z * z) * (1 / np.sqrt(2 * np.pi)).astype(z.dtype)
    return ndtr(z) + z * density


def _gelu_in_onnx(graph: Graph, z: str, dtype: np.dtype) -> str:
    scaled = graph("Mul", z, _number(graph, np.sqrt(0.5), dtype))
    # runtimes have the error function in single precision only
    error = graph.cast(graph("Erf", graph.cast(scaled, np.float32)), dtype)
    both = graph("Add", error, _number(graph, 1.0, dtype))
    return graph("Mul", z, graph("Mul", both, _number(graph, 0.5, dtype)))


def _elu_in_onnx(graph: Graph, z: str, dtype: np.dtype) -> str:
    zero, one = _number(graph, 0.0, dtype), _number(graph, 1.0, dtype)
    below = graph("Sub", graph("Exp", graph("Min", z, zero)), one)
    return graph("Add", graph("Max", z, zero), below)


def _softplus_in_onnx(graph: Graph, z: str, dtype: np.dtype) -> str:
    size = graph("Exp", graph("Neg", graph("Abs", z)))
    rest = graph("Log", graph("Add", size, _number(graph, 1.0, dtype)))
    return graph("Add", graph("Max", z, _number(graph, 0.0, dtype)), rest)


def _number(graph: Graph, value: float, dtype: np.dtype) -> str:
    return graph.constant(np.array(value, dtype))


def _silu(z: np.ndarray) -> np.ndarray:
    z *= expit(z)
    return z


def _silu_slope(z: np.ndarray) -> np.ndarray:
    share = expit(z)
    return share * (1.0 + z * (1.0 - share))


def _elu(z: np.ndarray) -> np.ndarray:
    np.expm1(z, out=z, where=z < 0)
    return z


def _softmax(z: np.ndarray) -> np.ndarray:
    z -= z.max(axis=1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    return z


_ENTRIES: dict[str, Activation] = {
    "identity": Activation(
        in_place=lambda z: z,
        torch=lambda torch: (lambda z: z, lambda z: z),
        onnx=lambda graph, z, _: z,
        slope=np.ones_like,
    ),
    "logistic": Activation(
        in_place=lambda z: expit(z, out=z),
        torch=lambda torch: (torch.sigmoid, torch.sigmoid_),
        onnx=lambda graph, z, _: graph("Sigmoid", z),
        slope=lambda a: a * (1 - a),
        backward=("sigmoid_backward", lambda grad, a: (grad, a)),
        module="Sigmoid",
    ),
    "tanh": Activation(
        in_place=lambda z: np.tanh(z, out=z),
        torch=lambda torch: (torch.tanh, torch.tanh_),
        onnx=lambda graph, z, _: graph("Tanh", z),
        slope=lambda a: 1 - a * a,
        backward=("tanh_backward", lambda grad, a: (grad, a)),
        module="Tanh",
    ),
    "relu": Activation(
        in_place=lambda z: np.maximum(z, 0, out=z),
        torch=lambda torch: (torch.relu, torch.relu_),
        onnx=lambda graph, z, _: graph("Relu", z),
        slope=lambda a: (a > 0).astype(a.dtype),
        backward=("threshold_backward", lambda grad, a: (grad, a, 0)),
        module="ReLU",
    ),
    "leaky_relu": Activation(
        in_place=lambda z: np.maximum(z, z * z.dtype.type(_LEAK), out=z),
        torch=lambda torch: (torch.nn.functional.leaky_relu, torch.nn.functional.leaky_relu_),
        onnx=lambda graph, z, _: graph("LeakyRelu", z, alpha=_LEAK),
        slope=lambda a: np.where(a > 0, a.dtype.type(1), a.dtype.type(_LEAK)),
        backward=("leaky_relu_backward", lambda grad, a: (grad, a, _LEAK, True)),
        module="LeakyReLU",
    ),
    "elu": Activation(
        in_place=_elu,
        torch=lambda torch: (torch.nn.functional.elu, torch.nn.functional.elu_),
        onnx=_elu_in_onnx,
        slope=lambda a: np.minimum(a, 0) + 1,
        backward=("elu_backward", lambda grad, a: (grad, 1.0, 1.0, 1.0, True, a)),
        module="ELU",
    ),
    "gelu": Activation(
        in_place=_gelu,
        torch=lambda torch: (torch.nn.functional.gelu, None),
        onnx=_gelu_in_onnx,
        slope=_gelu_slope,
        backward=("gelu_backward", lambda grad, z: (grad, z)),
        from_input=True,
        module="GELU",
    ),
    "silu": Activation(
        in_place=_silu,
        torch=lambda torch: (torch.nn.functional.silu, None),
        onnx=lambda graph, z, _: graph("Mul", z, graph("Sigmoid", z)),
        slope=_silu_slope,
        backward=("silu_backward", lambda grad, z: (grad, z)),
        from_input=True,
        module="SiLU",
    ),
    "softplus": Activation(
        in_place=lambda z: np.logaddexp(z, z.dtype.type(0), out=z),
        torch=lambda torch: (torch.nn.functional.softplus, None),
        onnx=_softplus_in_onnx,
        slope=expit,
        backward=("softplus_backward", lambda grad, z: (grad, z, 1.0, 20.0)),
        from_input=True,
        module="Softplus",
    ),
    "softmax": Activation(
        in_place=_softmax,
        torch=lambda torch: (
            lambda z: torch.softmax(z, 1),
            lambda z: torch.softmax(z, 1, out=z),
        ),
        onnx=lambda graph, z, _: graph("Softmax", z, axis=1),
    ),
    "exp": Activation(
        in_place=lambda z: np.exp(z, out=z),
        torch=lambda torch: (torch.exp, torch.exp_),
        onnx=lambda graph, z, _: graph("Exp", z),
    ),
}
#: The names that hidden layers may have.
ACTIVATIONS = tuple(name for name, entry in _ENTRIES.items() if entry.slope is not None)


#: The class in ``torch.nn`` → the name of the activation that it applies.
TORCH_MODULES = {entry.module: name for name, entry in _ENTRIES.items() if entry.module}


def activation_of(name: str) -> Activation:
    """The entry of an activation.

    Parameters
    ----------
    name : str

    Returns
    -------
    Activation

    Examples
    --------
    >>> import numpy as np
    >>> from sktransfer._activations import activation_of
    >>> activation_of("relu").in_place(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    return _ENTRIES[name]


class TorchFunctions(NamedTuple):
    """An activation in torch.

    Attributes
    ----------
    function : callable
        Tensor → values in new memory, known to autograd.
    in_place : callable or None
        Tensor → the same tensor with the values.
    backward : callable or None
        (gradient, values or inputs) → the gradient, times the derivative in place.  None where
        this torch has no such kernel.
    """

    function: InTorch
    in_place: InTorch | None
    backward: Callable[[Tensor, Tensor], Tensor] | None


@cache
def in_torch(name: str) -> TorchFunctions:
    """An activation's functions in torch, which is imported with the first of them.

    Parameters
    ----------
    name : str

    Returns
    -------
    TorchFunctions
    """
    import torch

    entry = _ENTRIES[name]
    function, in_place = entry.torch(torch)
    return TorchFunctions(function, in_place, _backward(entry))


def _backward(entry: Activation) -> Callable[[Tensor, Tensor], Tensor] | None:
    if entry.backward is None:
        return None if entry.slope is None else lambda grad, a: grad
    kernel_name, arguments = entry.backward
    kernel = torch_kernel(kernel_name)
    if kernel is None:
        return None
    return lambda grad, a: kernel(*arguments(grad, a), grad_input=grad)
