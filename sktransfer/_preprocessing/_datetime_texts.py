"""Dates and times that were read as text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import numpy as np

from sktransfer._preprocessing._number_texts import enough_read, is_nothing

_DATES = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d.%m.%y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%b %Y",
    "%B %Y",
    "%b-%Y",
    "%Y-%m",
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
#: ISO 8601, which Python reads much faster than any other format.
ISO = "ISO 8601"
_COMPACT = "%Y%m%d"
_FORMATS = (ISO, _COMPACT, *(date + time for date in _DATES for time in _TIMES))
#: Distinct texts on which formats are tried; the one that reads them must read the rest.
_SAMPLE = 50
_LIKELY = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}[- ][A-Za-z]{3,9}[- ]\d{2,4}"
    r"|[A-Za-z]{3,9} \d{1,2},? \d{4}|[A-Za-z]{3,9}[- ]\d{4}$|\d{4}-\d{2}$|\d{8}$"
)
_CLOCK = re.compile(r"(?:(-?\d+) days?,? )?(?:(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?)?")


def find_datetime_format(texts: Iterable[str]) -> str | None:
    """The format in which a column of texts is read as datetimes; None where it is not."""
    counts = Counter(text.strip() for text in texts if not is_nothing(text))
    likely = [text for text in counts if len(text) <= 40 and _LIKELY.match(text)]
    if not enough_read(likely, counts):
        return None
    sample = Counter({text: counts[text] for text in likely[:: len(likely) // _SAMPLE + 1]})
    best, n_best = None, 0
    for form in _FORMATS:
        read = _reader(form)
        if not enough_read((text for text in sample if read(text) is not None), sample):
            continue
        all_read = [text for text in counts if read(text) is not None]
        n_read = sum(counts[text] for text in all_read)
        if n_read > n_best and enough_read(all_read, counts):
            best, n_best = form, n_read
    return best


def read_datetimes(texts: Iterable[str | None], form: str) -> np.ndarray:
    """Texts as microseconds since 1970, NaT where one is missing or cannot be read.

    Returns
    -------
    ndarray of datetime64[us], shape (n_samples,)
    """
    read = _reader(form)
    known: dict[str | None, datetime | None] = {None: None}
    values: list[datetime | None] = []
    for text in texts:
        if text not in known:
            known[text] = read(text.strip())  # type: ignore[union-attr]
        values.append(known[text])
    return np.array(values, "datetime64[us]")


def has_zone(texts: Iterable[str], form: str) -> bool:
    """Whether datetimes in a format name their time zone."""
    return form == ISO and any(
        _ZONE.search(text) for text in texts if _reader(form)(text.strip()) is not None
    )


_ZONE = re.compile(r"[T ].*(?:Z|[+-]\d\d:?\d\d)\s*$")


def _reader(form: str) -> Callable[[str], datetime | None]:
    if form == ISO:
        return _iso
    if form == _COMPACT:
        return lambda text: _within_reason(_strptime(text, form)) if len(text) == 8 else None
    return lambda text: _strptime(text, form)


def _iso(text: str) -> datetime | None:
    # Python reads more, such as weeks and dates without hyphens
    if len(text) < 10 or text[4] != "-":
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo is not None else read


def _strptime(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)
    except ValueError:
        return None


def _within_reason(read: datetime | None) -> datetime | None:
    return read if read is not None and 1900 <= read.year <= 2100 else None


def read_seconds(texts: Iterable[str | None]) -> np.ndarray:
    """Times of the day and durations, ``12:30``, ``1 days 00:00:05``, as seconds.

    Returns
    -------
    ndarray of shape (n_samples,)
        NaN where one is missing or cannot be read.
    """
    values = [np.nan if text is None else _seconds(text.strip()) for text in texts]
    return np.array(values, np.float64)


def are_seconds(texts: Iterable[str]) -> bool:
    """Whether a column of texts is read as times of the day, or as durations."""
    counts = Counter(text.strip() for text in texts if not is_nothing(text))
    return enough_read((text for text in counts if not np.isnan(_seconds(text))), counts)


def _seconds(text: str) -> float:
    match = _CLOCK.fullmatch(text)
    if not text or match is None:
        return np.nan
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    if minutes >= 60 or seconds >= 60:
        return np.nan
    return 86400 * days + 3600 * hours + 60 * minutes + seconds
