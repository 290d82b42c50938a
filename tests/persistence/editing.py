"""A saved model's file taken apart and put together again, with the digest made right."""

import io

import sktransfer
from sktransfer._persistence._container import as_text, pack, unpack

FILE = "model.safetensors"


def parts(data):
    """The document and the arrays of a file's bytes."""
    found = unpack(io.BytesIO(data), len(data))
    return found.document, found.arrays


def packed(document, arrays):
    """A file's bytes with this content."""
    return pack(as_text(document), arrays)


def load(data, directory):
    """The model of a file's bytes, which are written into a directory."""
    (directory / FILE).write_bytes(data)
    return sktransfer.load(directory)


def kinds_in(value):
    """The classes of a document."""
    if isinstance(value, list):
        return set().union(*map(kinds_in, value))
    if not isinstance(value, dict):
        return set()
    own = {value.get("@"), value.get("of")} - {None}
    return own.union(*map(kinds_in, value.values()))
