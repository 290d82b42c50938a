"""Directories that an estimator's ``save`` wrote."""

from __future__ import annotations

import os
from typing import Any

from sktransfer._persistence import read
from sktransfer._records import SourceDescription


def reads(obj: Any) -> bool:
    return isinstance(obj, str | os.PathLike)


def describe(obj: Any, describe_inner) -> SourceDescription:
    return read(obj).description
