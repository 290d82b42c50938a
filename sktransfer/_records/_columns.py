"""What each column of a mixed table becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import ClassVar, Literal

from sktransfer._typing import Entry

#: Far more than there is any use for.
MOST_BUCKETS = 1024


@dataclass(frozen=True)
class NumberFormat:
    """How numbers are written in a column of texts.

    Attributes
    ----------
    decimal : {'.', ',', '.,'}
        The decimal point; either mark where both are used.
    thousands : str
        What separates thousands; empty for nothing.
    suffix : str
        What may follow a number: a unit; ``'%'`` for hundredths; ``'k'`` for thousands,
        millions and so on.  Of times such as ``'12:30'``, what the two numbers are.
    """

    decimal: str = "."
    thousands: str = ""
    suffix: str = ""


@dataclass(frozen=True)
class Column:
    """What one column of a table becomes; each kind of column is one subclass.

    How a kind is recognised and encoded stands in :mod:`sktransfer._preprocessing._kinds`.

    Attributes
    ----------
    name : str
    """

    name: str
    #: As what it is compared with a column of another table, and what messages call its entries.
    kind: ClassVar[str] = "number"
    entries: ClassVar[str] = "numbers"

    @property
    def encoded_names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        return (self.name,)

    @property
    def reading(self) -> tuple[str, str] | None:
        """How the column was read and why, for a report; None where that is obvious."""
        return None

    @property
    def examples(self) -> Sequence[Entry] | None:
        """Entries that it may have had, to try a saved model with; None where numbers will do."""
        return None


@dataclass(frozen=True)
class NumericColumn(Column):
    """One number as it is; missing entries stay missing.

    Attributes
    ----------
    name : str
    unit : {'number', 'second'}
        Durations and times of the day are seconds.
    text : NumberFormat or None
        How the entries were written where they came as text.
    is_empty : bool
        Whether it had no entry in fit, so that its type is not known.
    is_clock : bool
        Whether its entries were times of the day, and no lengths of time, by their type.
    """

    unit: Literal["number", "second"] = "number"
    text: NumberFormat | None = None
    is_empty: bool = False
    is_clock: bool = False

    @property
    def reading(self) -> tuple[str, str] | None:
        if self.is_empty:
            return "no entry", "it had none in fit"
        what = "numbers" if self.unit == "number" else "seconds"
        return None if self.text is None else (f"read as {what}", "its entries were text")

    @property
    def examples(self) -> Sequence[Entry] | None:
        if self.unit == "number":
            return None
        has_two = self.text is not None and "hours and minutes" in self.text.suffix
        return ("12:30", "7:05", "23:59") if has_two else ("12:30:00", "0:00:05", "7:05:10")


def missing_indicator_of(column: str) -> str:
    """The name of the indicator of a column's missing entries, as in scikit-learn."""
    return f"missingindicator_{column}"


#: Levels from which on, and the share of them with digits among other characters, a column may be
#: one of amounts in a format that is not read.
_MANY_LEVELS, _MOST_AMOUNTS = 20, 0.9


@dataclass(frozen=True)
class CategoricalColumn(Column):
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
    marks_missing : bool
        Whether missing entries have an indicator, behind those of levels and buckets, as a source
        needs it that does not read them as it reads unseen levels.
    """

    levels: tuple[str, ...]
    n_buckets: int = 0
    drops_first: bool = False
    marks_missing: bool = False
    kind: ClassVar[str] = "category"
    entries: ClassVar[str] = "text or categories"

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
        buckets = tuple(f"{self.name}#{i}" for i in range(self.n_buckets))
        return own + buckets + (missing_indicator_of(self.name),) * self.marks_missing

    @property
    def reading(self) -> tuple[str, str] | None:
        if len(self.levels) < _MANY_LEVELS:
            return None
        amounts = [one for one in self.levels if any(map(str.isdigit, one)) and not one.isdigit()]
        if len(amounts) < _MOST_AMOUNTS * len(self.levels):
            return None
        return (
            "read as categories",
            f"{len(self.levels)} texts such as {amounts[0]!r} are not numbers or dates in one "
            "format; if they mean amounts, convert them before fit",
        )

    @property
    def examples(self) -> Sequence[Entry]:
        try:  # numbers, if all levels are
            return [float(level) for level in self.levels or "a"]
        except ValueError:
            return self.levels or ("a",)


@dataclass(frozen=True)
class DatetimeColumn(Column):
    """Days since 1970, and where in the year, the week and the day a datetime lies.

    Attributes
    ----------
    name : str
    has_time : bool
        Whether any datetime seen lies within a day, not at its start.
    zone : {'none', 'UTC', 'other'}
        The time zone in fit; those of every zone are counted in UTC.
    text : str or None
        The format of entries that came as text.
    """

    has_time: bool
    zone: Literal["none", "UTC", "other"] = "none"
    text: str | None = None
    kind: ClassVar[str] = "datetime"
    entries: ClassVar[str] = "datetimes"

    @property
    def encoded_names(self) -> tuple[str, ...]:
        cycles = ("year", "week", "day") if self.has_time else ("year", "week")
        places = (f"{self.name} [{part} {cycle}]" for cycle in cycles for part in ("sin", "cos"))
        return (f"{self.name} [days]", *places)

    @property
    def examples(self) -> Sequence[Entry]:
        days = [datetime(2024, 1, 1), datetime(2024, 2, 29), datetime(1999, 12, 31)]
        zone = timezone(timedelta(hours=1)) if self.zone == "other" else None
        return [day.replace(tzinfo=zone) for day in days]

    @property
    def reading(self) -> tuple[str, str] | None:
        how = f"its entries were text, {self.text}"
        return None if self.text is None else ("read as datetimes", how)


@dataclass(frozen=True)
class UnencodedColumn(Column):
    """A column that is no input of its own: transformers take it, or nothing does.

    Attributes
    ----------
    name : str
    reason : str
        Why nothing takes it; empty where transformers do.
    """

    reason: str = ""
    kind: ClassVar[str] = "transformed"

    @property
    def encoded_names(self) -> tuple[str, ...]:
        return ()

    @property
    def reading(self) -> tuple[str, str] | None:
        return ("left out", self.reason) if self.reason else None
