"""A graph of ONNX under construction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from sktransfer._activations import NodeAttribute

#: Opsets that onnxruntime has known since 2022.
OPSETS = {"": 17, "ai.onnx.ml": 3}
#: Before the names of values inside, so that they are not those of columns.
_OWN = "sktransfer/"

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto


class Graph:
    """Nodes and constants, written one after the other; each call adds a node.

    Values go by their names.
    """

    def __init__(self) -> None:
        try:
            import onnx
        except ImportError as error:
            raise ImportError(
                "to_onnx requires onnx. You can install it with `pip install onnx`."
            ) from error
        self._onnx = onnx
        self._nodes: list[NodeProto] = []
        self._constants: dict[str, TensorProto] = {}
        self._inputs: list[ValueInfoProto] = []
        self._outputs: list[ValueInfoProto] = []

    def input(self, name: str, dtype: DTypeLike, n_columns: int) -> str:
        """A table that the user gives, of any number of rows."""
        self._inputs.append(self._value(name, dtype, n_columns))
        return name

    def output(self, value: str, name: str, dtype: DTypeLike, n_columns: int | None) -> None:
        """Something that the user gets; None columns for a vector."""
        self._nodes.append(self._onnx.helper.make_node("Identity", [value], [name], name=name))
        self._outputs.append(self._value(name, dtype, n_columns))

    def _value(self, name: str, dtype: DTypeLike, n_columns: int | None) -> ValueInfoProto:
        shape = [None] if n_columns is None else [None, n_columns]
        return self._onnx.helper.make_tensor_value_info(name, self.type_of(dtype), shape)

    def type_of(self, dtype: DTypeLike) -> int:
        """ONNX's number for a type of numpy's; texts are objects there."""
        dtype = np.dtype(dtype)
        text = dtype.kind in "OU"
        return self._onnx.helper.np_dtype_to_tensor_dtype(np.dtype(object) if text else dtype)

    def constant(self, values: ArrayLike) -> str:
        """A constant."""
        array = np.asarray(values)
        if array.dtype.kind == "U":
            array = array.astype(object)
        name = f"{_OWN}c{len(self._constants)}"
        self._constants[name] = self._onnx.numpy_helper.from_array(array, name)
        return name

    def __call__(
        self, op: str, *inputs: str, domain: str = "", **attributes: NodeAttribute
    ) -> str:
        name = f"{_OWN}n{len(self._nodes)}"
        make: Callable[..., NodeProto] = self._onnx.helper.make_node
        # onnxruntime 1.18 names the nodes that it fuses after theirs, and requires unique names
        self._nodes.append(make(op, list(inputs), [name], name=name, domain=domain, **attributes))
        return name

    def cast(self, value: str, dtype: DTypeLike) -> str:
        """A value in another type."""
        return self("Cast", value, to=self.type_of(dtype))

    def concat(self, values: list[str]) -> str:
        """Tables side by side."""
        return values[0] if len(values) == 1 else self("Concat", *values, axis=1)

    def model(self, name: str, doc: str) -> ModelProto:
        """The finished ``onnx.ModelProto``, checked."""
        helper, version = self._onnx.helper, self._onnx.helper.make_opsetid
        graph = helper.make_graph(
            self._nodes, name, self._inputs, self._outputs, list(self._constants.values())
        )
        domains = {node.domain for node in self._nodes}
        opsets = [version(d, n) for d, n in OPSETS.items() if d in domains]
        model = helper.make_model(graph, opset_imports=opsets, doc_string=doc)
        model.ir_version = 8  # what goes with these opsets, for older runtimes
        self._onnx.checker.check_model(model, full_check=True)
        return model
