"""Packages whose names are imported with their first use.

An estimator can be made without what trains it, and a model that only predicts needs no torch.
A package has its names from here, and modules that use them in functions alone import the
package: ``import sktransfer._fitting as fitting``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def attach(
    package: str, names_of: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """A package's ``__getattr__`` (PEP 562) and ``__dir__``.

    Type checkers find the same names in its imports under ``TYPE_CHECKING``.

    Parameters
    ----------
    package : str
        Its dotted name.
    names_of : dict of str to list of str
        Module in the package → the names that are taken from it.

    Returns
    -------
    tuple of callable
        What imports the module of a name and keeps the name, and what lists names.

    Examples
    --------
    >>> from sktransfer._lazy import attach
    >>> found, listed = attach("sktransfer._networks", {"_dense": ["DenseNetwork"]})
    >>> found("DenseNetwork").__name__, "DenseNetwork" in listed()
    ('DenseNetwork', True)
    """
    module_of = {name: module for module, names in names_of.items() for name in names}

    def __getattr__(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{module_of[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    def __dir__() -> list[str]:
        return sorted({*vars(sys.modules[package]), *module_of})

    return __getattr__, __dir__
