"""What a module that reads a kind of source has."""

from __future__ import annotations

from typing import Any, Protocol

from sktransfer._records import SourceDescription


class DescribeInner(Protocol):
    """Describes what an object holds; errors name both."""

    def __call__(self, wrapper: Any, inner: Any, /) -> SourceDescription: ...


class Reader(Protocol):
    """One kind of source; the modules of ``READERS`` are such."""

    def reads(self, obj: Any, /) -> bool: ...

    def describe(self, obj: Any, describe_inner: DescribeInner, /) -> SourceDescription: ...
