"""Dates and times that were read as text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from sktransfer._preprocessing._cleaned_texts import enough_read, is_nothing, seems_read
from sktransfer._preprocessing._written_dates import plain_date

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
    "%d. %m. %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d/%b/%Y",
    "%d%b%Y",
    "%d %b %Y",
    "%d %b, %Y",
    "%d. %b %Y",
    "%d de %b de %Y",
    "%b %d, %Y",
    "%b %d %Y",
    "%Y-%b-%d",
    "%Y %b %d",
    "%Y年%m月%d日",
)
_MONTHS = (
    "%b %Y",
    "%b-%Y",
    "%b-%y",
    "%Y-%m",
    "%Y/%m",
    "%m/%Y",
    "%m-%Y",
    "%m.%Y",
    "%YM%m",
)
_TIMES = (
    "",
    " %H:%M",
    " %H:%M:%S",
    " %H:%M:%S.%f",
    " %H:%M:%S,%f",
    " %I:%M %p",
    " %I:%M:%S %p",
    ", %H:%M",
    ", %H:%M:%S",
    ", %I:%M %p",
    ", %I:%M:%S %p",
    ":%H:%M:%S",
    "T%H:%M:%S",
)
_OTHERS = ("%G-W%V-%u", "%b %d %H:%M:%S %Y")
#: ISO 8601, which Python reads much faster than any other format.
ISO = "ISO 8601"
_QUARTER, _WEEK = "quarter", "ISO week"
#: Digits alone, as many as there are.
_COMPACT = {"%Y%m%d": 8, "%Y%m%dT%H%M%S": 15, "%Y%m%d%H%M%S": 14, "%Y%m": 6}
_FORMATS = (
    ISO,
    *_COMPACT,
    *(date + time for date in _DATES for time in _TIMES),
    *_MONTHS,
    _QUARTER,
    _WEEK,
    *_OTHERS,
)
#: Distinct texts on which formats are tried; the one that reads them must read the rest.
_SAMPLE = 50
#: Of these, how many are tried first: most formats read none.
_FIRST = 5
_LONGEST = 40
_LIKELY = re.compile(
    r"\d{1,4}(?:[-/.]|\. )\d{1,2}(?:[-/.]|\. )\d{1,4}"
    r"|\d{1,2}\.?[-/ ]?[^\W\d_]{3,9}[-/, ]{0,2}\d{2,4}"
    r"|\d{1,2} de [^\W\d_]{3} de \d{4}|[^\W\d_]{3,9} \d{1,2},? \d{2,4}|[^\W\d_]{3,9}[- ]\d{2,4}$"
    r"|\d{4}[-/]\d{2,3}$|\d{1,2}[-/.]\d{4}$|\d{4}M\d{2}$|\d{4}[- ][^\W\d_]{3}[- ]\d|\d{4}年"
    r"|(?:\d{6}|\d{8}|\d{14})$|\d{8}T\d{6}$|\d{4}[- ]?[WQ]\d|Q\d[-/ ]?\d{4}$"
)
_QUARTERS = re.compile(r"(\d{4})[-/ ]?Q([1-4])|Q([1-4])[-/ ]?(\d{4})")
_WEEKS = re.compile(r"(\d{4})-?W(\d\d)")


def find_datetime_format(texts: Iterable[str]) -> str | None:
    """The format in which a column of texts is read as datetimes; None where it is not."""
    raw = Counter(texts)
    if not seems_read(_may_be_date, raw):
        return None
    counts = Counter[str]()
    for text, n in raw.items():
        if not is_nothing(text):
            counts[plain_date(text).text] += n
    likely = [text for text in counts if len(text) <= _LONGEST and _LIKELY.match(text)]
    if not enough_read(likely, counts):
        return None
    sample = Counter({text: counts[text] for text in likely[:: len(likely) // _SAMPLE + 1]})
    first = list(sample)[:_FIRST]
    best, n_best = None, 0
    for form in _FORMATS:
        read = _reader(form)
        if not any(read(text) is not None for text in first):
            continue
        if not enough_read((text for text in sample if read(text) is not None), sample):
            continue
        all_read = [text for text in counts if read(text) is not None]
        n_read = sum(counts[text] for text in all_read)
        if n_read > n_best and enough_read(all_read, counts) and _says_years(form, all_read):
            best, n_best = form, n_read
    return best


def _may_be_date(text: str) -> bool:
    return is_nothing(text) or _LIKELY.match(plain_date(text).text) is not None


def _says_years(form: str, texts: Sequence[str]) -> bool:
    """Whether what a format reads as years of two digits is no day of the month."""
    if form != "%b-%y":
        return True
    years = {int(text[-2:]) for text in texts}
    return len(years) <= _MOST_YEARS or bool(years - set(range(1, 32)))


#: Days of the month may be as many.
_MOST_YEARS = 15


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
            written = plain_date(text)  # type: ignore[arg-type]
            known[text] = _in_utc(read(written.text), written.ahead)
        values.append(known[text])
    return np.array(values, "datetime64[us]")


def has_zone(texts: Iterable[str], form: str) -> bool:
    """Whether datetimes in a format name their time zone."""
    return any(plain_date(text).ahead is not None for text in texts if not is_nothing(text))


def _in_utc(read: datetime | None, ahead: timedelta | None) -> datetime | None:
    return read if read is None or not ahead else read - ahead


def _reader(form: str) -> Callable[[str], datetime | None]:
    if form == ISO:
        return _iso
    if form == _QUARTER:
        return _quarter
    if form == _WEEK:
        return _week
    if form in _COMPACT:
        n = _COMPACT[form]
        return lambda text: _within_reason(_strptime(text, form)) if len(text) == n else None
    return lambda text: _strptime(text, form)


def _iso(text: str) -> datetime | None:
    # Python reads more, such as weeks and dates without hyphens
    if len(text) < 10 or text[4] != "-" or text[7] != "-":
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo is not None else read


def _quarter(text: str) -> datetime | None:
    found = _QUARTERS.fullmatch(text)
    if found is None:
        return None
    year, quarter = int(found[1] or found[4]), int(found[2] or found[3])
    return datetime(year, 3 * quarter - 2, 1) if year else None


def _week(text: str) -> datetime | None:
    found = _WEEKS.fullmatch(text)
    try:
        return datetime.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        return None


def _strptime(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)
    except ValueError:
        return None


def _within_reason(read: datetime | None) -> datetime | None:
    return read if read is not None and 1900 <= read.year <= 2100 else None
