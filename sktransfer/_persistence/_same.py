"""Whether two values are the same in everything that is saved."""

from __future__ import annotations

import dataclasses

import numpy as np

from sktransfer._persistence._values import Value


def are_equal(first: Value, second: Value) -> bool:
    """Whether two records, or what they hold, are equal down to the numbers in arrays.

    Examples
    --------
    >>> are_equal({"a": (np.zeros(2), float("nan"))}, {"a": (np.zeros(2), float("nan"))})
    True
    >>> are_equal(np.zeros(2), np.zeros(2, np.float32))
    False
    """
    if first is second:
        return True
    if type(first) is not type(second):
        return False
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        return _are_equal_arrays(first, second)
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        return len(first) == len(second) and all(map(are_equal, first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        return list(first) == list(second) and all(
            are_equal(value, second[key]) for key, value in first.items()
        )
    if dataclasses.is_dataclass(first) or hasattr(first, "__dict__"):
        return are_equal(vars(first), vars(second))
    return bool(first == second) or (first != first and second != second)


def _are_equal_arrays(first: np.ndarray, second: np.ndarray) -> bool:
    if first.dtype != second.dtype or first.shape != second.shape:
        return False
    if first.dtype == object:
        return are_equal(first.tolist(), second.tolist())
    return np.array_equal(first, second, equal_nan=first.dtype.kind == "f")
