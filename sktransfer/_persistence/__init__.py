"""Saved models: a directory with one safetensors file, and nothing in it that can run.

``model.safetensors`` holds everything: numbers as tensors, all else as JSON in one more, under
a SHA-256 of all.  ``README.md`` next to it is a model card for people and hubs, and is
not read.  What a file may contain is a list of records and of scikit-learn's transformers
(``_types.py``); a name that is not on it is refused before anything is made.
"""

from typing import TYPE_CHECKING

from sktransfer._lazy import attach

if TYPE_CHECKING:
    from sktransfer._persistence._examples import N_ROWS, example_table
    from sktransfer._persistence._files import CARD, MODEL, read, write
    from sktransfer._persistence._protocol import PROTOCOL
    from sktransfer._persistence._same import are_equal
    from sktransfer._persistence._types import names_in_skops

__getattr__, __dir__ = attach(
    __name__,
    {
        "_examples": ["N_ROWS", "example_table"],
        "_files": ["CARD", "MODEL", "read", "write"],
        "_protocol": ["PROTOCOL"],
        "_same": ["are_equal"],
        "_types": ["names_in_skops"],
    },
)


__all__ = [
    "CARD",
    "MODEL",
    "N_ROWS",
    "PROTOCOL",
    "are_equal",
    "example_table",
    "names_in_skops",
    "read",
    "write",
]
