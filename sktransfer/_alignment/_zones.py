"""Datetimes of which one of two tables has a time zone: said, as they are matched."""

from __future__ import annotations

from collections.abc import Iterator

from sktransfer._preprocessing import differ_in_zone
from sktransfer._records import ColumnMatch, DatetimeColumn, InputColumns

_OWN, _NONE = "with a time zone", "without one"
#: What to do with a table's column, by whether it has a time zone.
_CURES = {
    True: "{0} = pandas.to_datetime({0}, utc=True).dt.tz_convert(zone).dt.tz_localize(None), with "
    "the zone of the source's hours",
    False: "{0} = pandas.to_datetime({0}).dt.tz_localize(zone), with the zone of X's hours",
}


def other_zones(
    theirs: InputColumns, columns: ColumnMatch, ours: InputColumns
) -> dict[str, tuple[str, str]]:
    """Columns of datetimes that have a time zone in one of two tables: how each has them."""
    return {
        own.name: (_NONE, _OWN) if own.zone == "none" else (_OWN, _NONE)
        for own, other in _matched(theirs, columns, ours)
        if differ_in_zone(own.zone, other.zone)
    }


def in_one_zone(zones: dict[str, tuple[str, str]]) -> str:
    """What to do with the columns of :func:`other_zones`, a line for each of two directions."""
    first = {ours == _OWN: name for name, (ours, _) in reversed(zones.items())}
    lines = [_CURES[has].format(f"X[{name!r}]") for has, name in first.items()]
    return f"Convert them before fit: {'; '.join(lines)}."


def _matched(
    theirs: InputColumns, columns: ColumnMatch, ours: InputColumns
) -> Iterator[tuple[DatetimeColumn, DatetimeColumn]]:
    """The columns of datetimes that both tables have: the target's, and the source's."""
    own, other, called = _datetimes(ours), _datetimes(theirs), theirs.named_columns
    for name, at in zip(ours.named_columns, columns.source_position, strict=False):
        if at >= 0 and name in own and called[at] in other:
            yield own[name], other[called[at]]


def _datetimes(columns: InputColumns) -> dict[str, DatetimeColumn]:
    """Columns of datetimes, by the encoded column that counts their days."""
    every = getattr(columns.transformer, "columns", ())
    return {one.encoded_names[0]: one for one in every if isinstance(one, DatetimeColumn)}
