"""JSON and arrays ⇄ the bytes of a safetensors file.

safetensors guards against hostile headers but not against damage: it has no checksum.  So the
header carries a SHA-256 over the JSON and over name, type, shape and content of every array.
Sizes are compared with the file's before anything of that size is made.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import safetensors.numpy

#: Most bytes of a header, and of a file.
MOST_HEADER, MOST_BYTES = 2**26, 2**32
_KEY = "sktransfer"
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


def pack(document: dict[str, Any], arrays: dict[str, np.ndarray]) -> bytes:
    """A file's bytes; the same for the same content."""
    text = json.dumps(document, allow_nan=False, separators=(",", ":"))
    digest = _digest(text, arrays)
    # one entry: safetensors writes several in an order of its own, another one every time
    return safetensors.numpy.save(arrays, metadata={_KEY: f"{digest}\n{text}"})


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The reverse of :func:`pack`.

    Raises
    ------
    ValueError
        If anything is not as :func:`pack` makes it.
    """
    header = _header(data)
    metadata = header.get("__metadata__")
    text = metadata.get(_KEY) if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise ValueError("its header has no entry of sktransfer")
    digest, _, text = text.partition("\n")
    arrays = {name: _array(tensor) for name, tensor in _tensors(data)}
    if digest != _digest(text, arrays):
        raise ValueError("its content does not match its SHA-256")
    document = _parsed(text)
    return document, arrays


def _header(data: bytes) -> dict[str, Any]:
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > len(data) - 8:
        raise ValueError("it is cut off")
    if size > MOST_HEADER:
        raise ValueError(f"its header of {size} bytes is larger than {MOST_HEADER}")
    return _parsed(data[8 : 8 + size].decode("utf-8"))


def _parsed(text: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("its JSON is too deep") from None
    if not isinstance(parsed, dict):
        raise ValueError("its JSON is not an object")
    return parsed


def _without_repeats(pairs: list) -> dict:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("its JSON has a key twice")
    return found


def _refuse(constant: str):
    raise ValueError(f"its JSON has {constant}")


def _tensors(data: bytes) -> list:
    try:
        return safetensors.deserialize(data)
    except safetensors.SafetensorError as error:
        raise ValueError(f"it is no valid safetensors file ({error})") from None


def _array(tensor: dict[str, Any]) -> np.ndarray:
    if tensor["dtype"] not in _DTYPES:
        raise ValueError(f"it has numbers of type {tensor['dtype']}")
    dtype = np.dtype(_DTYPES[tensor["dtype"]]).newbyteorder("<")
    array = np.frombuffer(tensor["data"], dtype).reshape(tensor["shape"])
    array = array.astype(dtype.newbyteorder("="), copy=False)
    array.flags.writeable = False
    return array


def _digest(text: str, arrays: dict[str, np.ndarray]) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass"))
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"\0{name}\0{array.dtype.str}\0{array.shape}\0".encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
