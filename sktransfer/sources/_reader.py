"""What a module that reads a kind of source has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from sktransfer._records import SourceDescription

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator
    from torch.nn import Module

    from sktransfer.sources._predictor import Predictor


class DescribesItself(Protocol):
    """An object of a user's class that is a source."""

    def __sktransfer_describe__(self) -> SourceDescription: ...


#: What can be given as a source, and several of them.
Source: TypeAlias = (
    "BaseEstimator | Module | Predictor | SourceDescription | DescribesItself | str"
    " | PathLike[str]"
)
Sources: TypeAlias = "Sequence[Source] | Mapping[str, Source]"

#: The sources of one kind.
S_contra = TypeVar("S_contra", contravariant=True)


class DescribeInner(Protocol):
    """Describes what an object holds; errors name both."""

    def __call__(self, wrapper: Source, inner: Source, /) -> SourceDescription: ...


class Reader(Protocol[S_contra]):
    """One kind of source; the modules of ``READERS`` are such."""

    def reads(self, obj: Source, /) -> bool: ...

    def describe(self, obj: S_contra, describe_inner: DescribeInner, /) -> SourceDescription: ...
