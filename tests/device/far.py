"""A device that is not the CPU: torch believes it is one, and its numbers are computed on the CPU.

Where a tensor of the CPU meets one of the device, where something is asked for as numpy without
being fetched, or lies on the wrong side, it fails as a GPU does.  Import it in a process of its
own: torch cannot forget a device.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

aten = torch.ops.aten
#: Operations that have been computed on the device.
n_operations = 0


class Far(torch.Tensor):
    """A tensor on the device; `near` is the tensor that it is computed with."""

    near: torch.Tensor

    @staticmethod
    def __new__(cls, near: torch.Tensor) -> Far:
        far = torch.Tensor._make_wrapper_subclass(
            cls,
            near.shape,
            strides=near.stride(),
            storage_offset=near.storage_offset(),
            dtype=near.dtype,
            device="far:0",
        )
        far.near = near
        return far

    @property
    def data(self) -> Far:  # type: ignore[override]
        return Far(self.near)

    @data.setter
    def data(self, other: Far) -> None:
        self.near = other.near
        torch.Tensor.data.__set__(self, other)  # type: ignore[attr-defined]

    def numpy(self) -> Any:  # type: ignore[override]
        raise TypeError("can't convert far:0 device type tensor to numpy")

    __array__ = numpy  # type: ignore[assignment]

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        global n_operations
        n_operations += 1
        kwargs = dict(kwargs or {})
        tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
        if func not in (aten.copy_.default, aten._to_copy.default):
            for tensor in tensors:  # a number may come along, as on CUDA
                if not isinstance(tensor, Far) and tensor.ndim:
                    raise RuntimeError(
                        f"{func}: Expected all tensors to be on the same device, but found at "
                        "least two devices, cpu and far:0!"
                    )
        # what is written into stays the same tensor
        ours = {id(tensor.near): tensor for tensor in tensors if isinstance(tensor, Far)}
        wanted = kwargs.pop("device", None)
        if wanted is not None:
            kwargs["device"] = "cpu"
        args, kwargs = tree_map(lambda x: x.near if isinstance(x, Far) else x, (args, kwargs))
        result = func(*args, **kwargs)
        if wanted is not None and torch.device(wanted).type == "cpu":
            return result
        return tree_map(
            lambda x: (
                (ours[id(x)] if id(x) in ours else Far(x)) if isinstance(x, torch.Tensor) else x
            ),
            result,
        )


class _Near(torch.Generator):
    """A device that only Python knows has no generators."""

    def __new__(cls, device="cpu"):
        return super().__new__(cls)


def _made_far(operation):
    def make(*args, **kwargs):
        kwargs["device"] = "cpu"
        return Far(operation(*args, **kwargs))

    return make


_setup_privateuseone_for_python_backend("far")
torch.Generator = _Near  # type: ignore[misc]
_library = torch.library.Library("aten", "IMPL")
for _name, _operation in {
    "empty.memory_format": aten.empty.memory_format,
    "empty_strided": aten.empty_strided.default,
}.items():
    _library.impl(_name, _made_far(_operation), "PrivateUse1")
