"""Names that are imported when they are asked for: a model that only predicts needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def attach(package: str, module_of: Mapping[str, str]) -> Callable[[str], Any]:
    """A package's ``__getattr__`` (PEP 562), which imports a name's module with its first use.

    Parameters
    ----------
    package : str
        Its dotted name.
    module_of : dict of str to str
        Name → the module in the package that has it.

    Examples
    --------
    >>> from sktransfer._lazy import attach
    >>> attach("sktransfer._networks", {"DenseNetwork": "_dense"})("DenseNetwork").__name__
    'DenseNetwork'
    """

    def __getattr__(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{module_of[name]}"), name)

    return __getattr__
