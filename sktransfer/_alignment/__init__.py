"""Who is who: the columns, layers and classes of a source beside those of a target."""

from sktransfer._alignment._account import NOTHING_IN_COMMON
from sktransfer._alignment._align import align
from sktransfer._alignment._columns import (
    match_inputs,
    matches_by_position,
    stand_alike,
    warn_nothing_in_common,
    warn_other_types,
)
from sktransfer._alignment._wanted import Wanted

__all__ = [
    "NOTHING_IN_COMMON",
    "Wanted",
    "align",
    "match_inputs",
    "matches_by_position",
    "stand_alike",
    "warn_nothing_in_common",
    "warn_other_types",
]
