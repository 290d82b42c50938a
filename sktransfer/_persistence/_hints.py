"""Whether a value is of the type that a record's field is annotated with."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin

import numpy as np

from sktransfer._persistence._values import Value


def matches(value: Value, hint: Any) -> bool:
    """Whether `value` is what `hint` says, its entries included.

    Examples
    --------
    >>> matches((1, "a"), tuple[int, str]), matches((1, 2), tuple[str, ...])
    (True, False)
    >>> matches(None, int | None), matches(True, int), matches(1, float)
    (True, False, True)
    """
    origin, args = get_origin(hint), get_args(hint)
    if origin is np.ndarray:
        return _is_array_of(value, get_args(args[1])[0])
    if hint is Any or origin is Union or origin is types.UnionType:
        return hint is Any or any(matches(value, arg) for arg in args)
    if origin is Literal:
        return isinstance(value, str) and value in args
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if args[-1] is Ellipsis:
            return all(matches(item, args[0]) for item in value)
        return len(value) == len(args) and all(map(matches, value, args))
    if origin in (list, Sequence):
        return isinstance(value, list | tuple) and all(matches(item, args[0]) for item in value)
    if origin in (dict, Mapping):
        return isinstance(value, Mapping) and all(
            matches(key, args[0]) and matches(item, args[1]) for key, item in value.items()
        )
    if getattr(hint, "_is_protocol", False) and not getattr(hint, "_is_runtime_protocol", False):
        return True  # the record itself looks whether it is such
    if hint in (int, float):
        wanted = int | float | np.integer | np.floating if hint is float else int | np.integer
        return isinstance(value, wanted) and not isinstance(value, bool)
    return value is None if hint is None else isinstance(value, hint)


def _is_array_of(value: Value, scalar: type) -> bool:
    """Whether `value` is an array of these numbers, as a record makes them itself."""
    if not isinstance(value, np.ndarray) or not np.issubdtype(value.dtype, scalar):
        return False
    return not np.issubdtype(scalar, np.floating) or value.dtype.itemsize >= 4
