"""JSON and arrays ⇄ the bytes of a safetensors file.

safetensors guards against hostile headers but not against damage: it has no checksum.  So the
header carries a SHA-256 over name, type, shape and content of every tensor.  The JSON is one of
them, a text of ASCII in bytes, so that the header stays short.  Sizes are compared with the
file's before anything of that size is read or made.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import BinaryIO, NamedTuple, TypedDict, cast

import numpy as np
import safetensors.numpy

from sktransfer._persistence._budget import Budget, parse_json
from sktransfer._persistence._protocol import PROTOCOL, check_protocol, upgraded
from sktransfer._persistence._values import Document

#: Most bytes of a file.
MOST_BYTES = 2**32
_KEY, _DOCUMENT = "sktransfer", "document"
_DTYPES = {
    "BOOL": np.bool_,
    "F16": np.float16,
    "F32": np.float32,
    "F64": np.float64,
    "I8": np.int8,
    "I16": np.int16,
    "I32": np.int32,
    "I64": np.int64,
    "U8": np.uint8,
    "U16": np.uint16,
    "U32": np.uint32,
    "U64": np.uint64,
}
#: More axes than any array of ours has.
_MOST_AXES = 8


def as_text(document: Document) -> bytes:
    """A document as JSON, all other letters than ASCII's escaped."""
    return json.dumps(document, allow_nan=False, separators=(",", ":")).encode("ascii")


def pack(text: bytes, arrays: dict[str, np.ndarray]) -> bytes:
    """A file's bytes; the same for the same content."""
    tensors = arrays | {_DOCUMENT: np.frombuffer(text, np.uint8)}
    # one entry: safetensors writes several in an order of its own, another one every time
    return safetensors.numpy.save(tensors, metadata={_KEY: f"{PROTOCOL} {_digest(tensors)}"})


class _Tensor(TypedDict):
    """A tensor's entry in the header, if it is one of safetensors."""

    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]


class Unpacked(NamedTuple):
    """What :func:`pack` was given, and the rest of the file's budget."""

    document: Document
    arrays: dict[str, np.ndarray]
    budget: Budget


def unpack(file: BinaryIO, size: int) -> Unpacked:
    """The reverse of :func:`pack`.

    Raises
    ------
    ProtocolError
        If the file is of another protocol.
    ValueError
        If anything is not as :func:`pack` makes it.
    """
    budget = Budget(size)
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > size - 8:
        raise ValueError("it is cut off")
    budget.take(length)
    header = parse_json(file.read(length), budget)
    metadata = header.pop("__metadata__", None)
    entry = metadata.get(_KEY) if isinstance(metadata, dict) else None
    if not isinstance(entry, str):
        raise ValueError("its header has no entry of sktransfer")
    number, _, digest = entry.replace("\n", " ").partition(" ")
    protocol = check_protocol(number)
    tensors = _read(file, cast("dict[str, _Tensor]", header), size - 8 - length)
    if digest != _digest(tensors):
        raise ValueError("its content does not match its SHA-256")
    text = tensors.pop(_DOCUMENT, None)
    if text is None or text.dtype != np.uint8:
        raise ValueError("it has no JSON")
    budget.take(text.nbytes)
    document = upgraded(parse_json(text.tobytes(), budget), protocol)
    return Unpacked(document, tensors, budget)


def _read(file: BinaryIO, header: dict[str, _Tensor], size: int) -> dict[str, np.ndarray]:
    """The tensors, one behind the other to the end of the file."""
    tensors, at = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: _begin(item[1])):
        dtype, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        if dtype not in _DTYPES:
            raise ValueError(f"it has numbers of type {str(dtype)[:20]}")
        kind = np.dtype(_DTYPES[dtype]).newbyteorder("<")
        counts = (*shape, begin, end)
        if any(type(n) is not int or n < 0 for n in counts) or len(shape) > _MOST_AXES:
            raise ValueError(f"it has a tensor of shape {str(shape)[:80]}")
        if begin != at or end - begin != math.prod(shape) * kind.itemsize or end > size:
            raise ValueError("it is no valid safetensors file: its tensors do not fill it")
        tensors[name] = _array(file, kind, shape)
        at = end
    if at != size:
        raise ValueError("it is no valid safetensors file: it has bytes of no tensor")
    return tensors


def _begin(entry: _Tensor) -> tuple[int, int]:
    begin, end = entry["data_offsets"]
    return int(begin), int(end)


def _array(file: BinaryIO, kind: np.dtype, shape: list[int]) -> np.ndarray:
    array = np.empty(shape, kind)
    into = memoryview(array.reshape(-1).view(np.uint8))  # type: ignore[arg-type]
    while into.nbytes:
        n_read = file.readinto(into)  # type: ignore[attr-defined]
        if not n_read:
            raise ValueError("it is cut off")
        into = into[n_read:]
    if kind == np.bool_ and array.size and array.view(np.uint8).max() > 1:
        raise ValueError("it has truth values that are neither true nor false")
    array = array.astype(kind.newbyteorder("="), copy=False)
    array.flags.writeable = False
    return array


def _digest(tensors: dict[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        array = tensors[name]
        digest.update(f"\0{name}\0{array.dtype.str}\0{array.shape}\0".encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
