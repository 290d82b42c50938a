"""What each column of a mixed table becomes."""

from __future__ import annotations

from dataclasses import dataclass

#: Far more than there is any use for.
MOST_BUCKETS = 1024


@dataclass(frozen=True)
class NumericColumn:
    """One number as it is; missing entries stay missing.

    Attributes
    ----------
    name : str
    """

    name: str

    @property
    def encoded_names(self) -> tuple[str, ...]:
        return (self.name,)


@dataclass(frozen=True)
class CategoricalColumn:
    """An indicator per level, and for columns of very many levels shared buckets for the rest.

    A column of two levels has one indicator, that of the second; a missing or unseen entry is
    then a missing number.  Elsewhere it is a row without any level.

    Attributes
    ----------
    name : str
    levels : tuple of str
        Levels with an indicator of their own.
    n_buckets : int
        Buckets that other levels share by a hash of their text; 0 where every level seen has
        its own indicator, so that only unseen ones have none.
    drops_first : bool
        Whether the first level has no indicator.
    """

    name: str
    levels: tuple[str, ...]
    n_buckets: int = 0
    drops_first: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.n_buckets <= MOST_BUCKETS:
            raise ValueError(f"n_buckets must be from 0 to {MOST_BUCKETS}, not {self.n_buckets}")
        if len(set(self.levels)) < len(self.levels):
            raise ValueError(f"The levels of column {self.name!r} must differ from each other")
        if self.drops_first and not self.levels:
            raise ValueError(f"Column {self.name!r} has no first level to drop")

    @property
    def encoded_names(self) -> tuple[str, ...]:
        own = tuple(f"{self.name}={level}" for level in self.levels[int(self.drops_first) :])
        return own + tuple(f"{self.name}#{i}" for i in range(self.n_buckets))


@dataclass(frozen=True)
class DatetimeColumn:
    """Days since 1970, and where in the year, the week and the day a moment lies.

    Attributes
    ----------
    name : str
    has_time : bool
        Whether any moment seen lies within a day, not at its start.
    """

    name: str
    has_time: bool

    @property
    def encoded_names(self) -> tuple[str, ...]:
        cycles = ("year", "week", "day") if self.has_time else ("year", "week")
        waves = (f"{self.name} [{wave} {cycle}]" for cycle in cycles for wave in ("sin", "cos"))
        return (f"{self.name} [days]", *waves)


@dataclass(frozen=True)
class UnencodedColumn:
    """A column that is no input of its own: transformers take it, or nothing does.

    Attributes
    ----------
    name : str
    """

    name: str

    @property
    def encoded_names(self) -> tuple[str, ...]:
        return ()


Column = NumericColumn | CategoricalColumn | DatetimeColumn | UnencodedColumn
