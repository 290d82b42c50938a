"""The number of the format, and how old files are brought up to it.

When something that is already written would be read otherwise (a record loses or renames a
field, or a field changes its meaning):

1. Raise `PROTOCOL` by one.
2. Add to `UPGRADES`, under the *old* number, a function that changes the JSON of a file of that
   protocol, before anything is made of it, into that of the next.
3. Run ``python tests/persistence/make_golden.py`` and commit the directory that it adds; the
   older ones stay and must go on giving their predictions.

A new field with a default, or a new class, needs none of this.  The digest and the place of the
JSON in the header are for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sktransfer.exceptions import SourceFormatError

PROTOCOL = 1

#: Old protocol → a function from a document of it to one of the next.
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def upgraded(document: dict[str, Any], path: Any) -> dict[str, Any]:
    """A document of any protocol so far, read at `path`, as one of the newest.

    Raises
    ------
    SourceFormatError
        If its protocol is not one of those.
    """
    protocol = document.get("protocol")
    if type(protocol) is not int or not 1 <= protocol <= PROTOCOL:
        raise SourceFormatError.protocol(path, protocol, PROTOCOL)
    for number in range(protocol, PROTOCOL):
        document = UPGRADES[number](document)
    return document
