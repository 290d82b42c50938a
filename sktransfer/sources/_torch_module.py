"""Torch modules whose layers form a dense chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sktransfer._records import SourceDescription
from sktransfer.sources._kinds import derives_from
from sktransfer.sources._reader import DescribeInner, Source

if TYPE_CHECKING:
    from torch.nn import Module


def reads(obj: Source) -> bool:
    return derives_from(obj, "torch.nn.modules.module", "Module")


def describe(obj: Module, describe_inner: DescribeInner) -> SourceDescription:
    from sktransfer.sources._dense_chain import read_chain  # imports torch

    chain = read_chain(obj)
    # A module does not define what its outputs mean, even where it ends in a softmax.
    return chain.described(type(obj).__name__)
