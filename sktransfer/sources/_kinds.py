"""Telling what an object is without importing the library it is from."""

from __future__ import annotations

#: What `source` may be.
KINDS = "a fitted estimator that predicts, a torch module, a directory that `save` wrote"


def derives_from(obj: object, module: str, name: str) -> bool:
    """Whether `obj` is an instance of the class `name` of `module`, or of one derived from it.

    Examples
    --------
    >>> from collections import OrderedDict
    >>> derives_from(OrderedDict(), "builtins", "dict")
    True
    >>> derives_from([], "builtins", "dict")
    False
    """
    return any(base.__module__ == module and base.__name__ == name for base in type(obj).__mro__)
