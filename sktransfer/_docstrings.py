"""A docstring that is written once, where a method is first defined."""

from __future__ import annotations

from types import FunctionType
from typing import Any


class InheritsDocstrings:
    """A public method or property without a docstring has that of the one that it overrides.

    ``help`` finds it anyway; here ``__doc__`` has it too, in a user's subclass as in ours.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, thing in vars(cls).items():
            is_bare = isinstance(thing, FunctionType | property) and not thing.__doc__
            if is_bare and not name.startswith("_"):
                thing.__doc__ = getattr(getattr(super(cls, cls), name, None), "__doc__", None)
