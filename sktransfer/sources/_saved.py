"""Directories that an estimator's ``save`` wrote."""

from __future__ import annotations

import os

from sktransfer._persistence import read
from sktransfer._records import SourceDescription
from sktransfer.exceptions import SourceLayersError
from sktransfer.sources._reader import DescribeInner, Source


def reads(obj: Source) -> bool:
    return isinstance(obj, str | os.PathLike)


def describe(obj: str | os.PathLike[str], describe_inner: DescribeInner) -> SourceDescription:
    saved = read(obj)
    if saved.description is None:
        raise SourceLayersError.no_network(saved.estimator)
    return saved.description
