"""The number of the format, and how old files are brought up to it.

When something that is already written would be read otherwise (a record gains, loses or renames
a field, or a field changes its meaning):

1. Raise `PROTOCOL` by one.
2. Add to `UPGRADES`, under the *old* number, a function that changes the JSON of a file of that
   protocol, before anything is made of it, into that of the next.
3. Run ``python tests/persistence/golden_models.py`` and commit the directory that it adds; the
   older ones stay and must keep giving their predictions.

Before the first release step 2 is left out and `OLDEST` is raised instead: older files are
refused.  The place of number and digest in the header is for ever.
"""

from __future__ import annotations

from collections.abc import Callable

from sktransfer._persistence._values import Document

#: The protocol that is written, and the oldest that is read.
PROTOCOL, OLDEST = 7, 7

#: Old protocol → a function from a document of it to one of the next.
UPGRADES: dict[int, Callable[[Document], Document]] = {}


class ProtocolError(ValueError):
    """A file is of a protocol that this version does not read; `found` says which."""

    def __init__(self, found: str) -> None:
        super().__init__(f"protocol {found}")
        self.found = found


def check_protocol(number: str) -> int:
    """The protocol that a header names.

    Raises
    ------
    ProtocolError
        If it is not one of those that are read.
    """
    if len(number) == 64:  # the first had its digest there, and its number elsewhere
        raise ProtocolError("1")
    if not number.isdecimal() or len(number) > 9 or not OLDEST <= int(number) <= PROTOCOL:
        raise ProtocolError(number[:20])
    return int(number)


def upgraded(document: Document, protocol: int) -> Document:
    """A document of a protocol that is read as one of the newest."""
    for number in range(protocol, PROTOCOL):
        document = UPGRADES[number](document)
    return document
