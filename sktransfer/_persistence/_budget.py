"""How much memory and work a file may take: in proportion to its size.

A few bytes of JSON can stand for much: ``[]`` is an object of 56 bytes, one long text in an array
makes room for it in every entry, and a name of an array of a gigabyte has ten letters.  Whoever
makes something of a file's content says first what it will take.
"""

from __future__ import annotations

import json
from typing import NoReturn

from sktransfer._persistence._values import Document

#: Bytes that a file of any size may take, and times its size beyond.
_FREE, _TIMES = 2**26, 2
#: The same for bytes of arrays that are looked at, each time one is named.
_FREE_WORK, _TIMES_WORK = 2**28, 64
#: What CPython takes at most for a token of JSON: an object, a list, a further entry, a key.
_COSTS = {b"{": 200, b"[": 72, b",": 73, b":": 330}


class Budget:
    """What is left of the memory and of the work that a file of a size may take.

    Parameters
    ----------
    size : int
        Bytes of the file.
    """

    def __init__(self, size: int) -> None:
        self._memory = _FREE + _TIMES * size
        self._work = _FREE_WORK + _TIMES_WORK * size

    def take(self, n_bytes: int) -> None:
        """Say that something of this size is going to be made.

        Raises
        ------
        ValueError
            If it is too much for a file of this size.
        """
        self._memory -= n_bytes
        if self._memory < 0:
            raise ValueError("what it says would take many times the memory of the file")

    def look_at(self, n_bytes: int) -> None:
        """Say that an array of this size is going to be looked at."""
        self._work -= n_bytes
        if self._work < 0:
            raise ValueError("it names its arrays too often for a file of its size")


def parse_json(text: bytes, budget: Budget) -> Document:
    """The object that a JSON text stands for.

    Raises
    ------
    ValueError
        If it is no object, has a key twice, a number that is not finite or a letter beyond ASCII,
        or its size is out of proportion.
    """
    if not text.isascii():
        raise ValueError("its JSON has letters that are not escaped")
    # escapes may make a text of one byte a letter into one of four
    budget.take(len(text) * (5 if b"\\" in text else 2))
    budget.take(sum(cost * text.count(token) for token, cost in _COSTS.items()))
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


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"its JSON has {constant}")
