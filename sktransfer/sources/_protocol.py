"""Objects that describe themselves."""

from __future__ import annotations

from sktransfer._records import SourceDescription
from sktransfer.exceptions import SourceKindError
from sktransfer.sources._reader import DescribeInner, DescribesItself, Source


def reads(obj: Source) -> bool:
    # Looked up on the class, as Python does for its own dunders: a class object is no source,
    # and a wrapper that forwards attributes does not describe what it wraps.
    return hasattr(type(obj), "__sktransfer_describe__")


def describe(obj: DescribesItself, describe_inner: DescribeInner) -> SourceDescription:
    description = obj.__sktransfer_describe__()
    if not isinstance(description, SourceDescription):
        raise SourceKindError(
            f"The __sktransfer_describe__() of `source`, a {type(obj).__name__}, must return a "
            f"sktransfer.sources.SourceDescription; got {type(description).__name__}. Return "
            "SourceDescription(layers=[(weight, bias), ...], activation=...)."
        )
    return description
