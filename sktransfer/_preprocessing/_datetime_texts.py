"""Dates and times that were read as text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

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
    "%d-%m-%y",
    "%m-%d-%y",
    "%y-%m-%d",
    "%y/%m/%d",
    "%d. %m. %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d/%b/%Y",
    "%d%b%Y",
    "%d %b %Y",
    "%d %b %y",
    "%d %b, %Y",
    "%d. %b %Y",
    "%d de %b de %Y",
    "%b %d, %Y",
    "%b %d %Y",
    "%b-%d-%Y",
    "%b/%d/%Y",
    "%Y-%b-%d",
    "%Y %b %d",
    "%Y年%m月%d日",
)
_MONTHS = (
    "%b %Y",
    "%b, %Y",
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
_OTHERS = (
    "%G-W%V-%u",
    "%b %d %H:%M:%S %Y",
    "%Y:%m:%d %H:%M:%S",
    "%Y-%m-%d_%H-%M-%S",
    "%Y%m%d_%H%M%S",
    "%Y%m%d %H:%M",
    "%Y%m%d %H:%M:%S",
    "%d.%m.%Y %H.%M",
)
#: ISO 8601, which Python reads much faster than any other format.
ISO = "ISO 8601"
_QUARTER, _WEEK = "quarter", "ISO week"
#: Digits alone, as many as there are.
_COMPACT = {
    "%Y%m%d": 8,
    "%Y%m%dT%H%M%S": 15,
    "%Y%m%dT%H%M": 13,
    "%Y%m%d%H%M%S": 14,
    "%Y%m": 6,
}
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
    r"|[^\W\d_]{3,9}[-/]\d{1,2}[-/]\d{4}"
    r"|\d{1,2} de [^\W\d_]{3} de \d{4}|[^\W\d_]{3,9} \d{1,2},? \d{2,4}|[^\W\d_]{3,9},?[- ]\d{2,4}$"
    r"|\d{4}[-/]\d{2,3}$|\d{1,2}[-/.]\d{4}$|\d{4}M\d{2}$|\d{4}[- ][^\W\d_]{3}[- ]\d|\d{4}年"
    r"|(?:\d{6}|\d{8}|\d{14})$|\d{8}T\d{4}(?:\d\d)?$|\d{8}[_ ]\d\d|\d{4}:\d\d:\d\d "
    r"|\d{4}[-/: ]?(?:[WQq]|KW|[Ww]eek ?)\d|[Qq]\d[-/ ]?'?\d\d|[1-4]Q[-/ ]?\d\d"
    r"|(?:W|KW|[Ww]eek ?)\d\d?[-/ ]\d{4}$"
)
_QUARTERS = re.compile(
    r"(?P<year>\d{4})[-/: ]?[Qq](?P<part>[1-4])|[Qq](?P<part_>[1-4])[-/ ]?(?P<year_>\d{4})"
    r"|Q(?P<part__>[1-4]) ?'(?P<year__>\d\d)|(?P<part___>[1-4])Q[-/ ]?(?P<year___>\d{4}|\d\d)"
)
_WEEKS = re.compile(
    r"(?P<year>\d{4})[- ]?(?:W|KW|[Ww]eek ?)(?P<part>\d\d?)"
    r"|(?:W|KW|[Ww]eek ?)(?P<part_>\d\d?)[-/ ](?P<year_>\d{4})"
)


def find_datetime_format(texts: Iterable[str], known: str | None = None) -> str | None:
    """The format in which a column of texts is read as datetimes; None where it is not.

    Parameters
    ----------
    texts : iterable of str
    known : str, optional
        The format of a source's column, which counts where several are as likely.
    """
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
    best = _best_forms(likely, counts)
    if not best:
        return _of_two_forms(likely, counts)
    if len(best) == 1 or best[0] == ISO:
        return best[0]
    return known if known in best else min(best, key=lambda form: _unlikely(form, counts))


def _best_forms(likely: list[str], counts: Counter[str]) -> list[str]:
    """The formats that read (nearly) all texts of a column, and most of it."""
    sample = Counter({text: counts[text] for text in likely[:: len(likely) // _SAMPLE + 1]})
    first = list(sample)[:_FIRST]
    best, n_best = list[str](), 0
    for form in _forms_of(first):
        read = _reader(form)
        if not any(read(text) is not None for text in first):
            continue
        if not enough_read((text for text in sample if read(text) is not None), sample):
            continue
        all_read = [text for text in counts if read(text) is not None]
        n_read = sum(counts[text] for text in all_read)
        if n_read < max(n_best, 1) or not enough_read(all_read, counts):
            continue
        if _says_years(form, all_read):
            best = [*best, form] if n_read == n_best else [form]
            n_best = n_read
    return best


def _of_two_forms(likely: list[str], counts: Counter[str]) -> str | None:
    """Two formats that read what none reads alone, as of files put together."""
    shape_of = {text: _shape(text) for text in likely}
    (shape, _), *_ = Counter(shape_of.values()).most_common(1)
    parts = []
    for is_first in (True, False):
        part = Counter({t: counts[t] for t in likely if (shape_of[t] == shape) == is_first})
        best = _best_forms(list(part), part) if part else []
        if not best or is_of_two_orders(part, best[0]):
            return None
        parts.append(min(best, key=lambda form: _unlikely(form, part)))
    both = _AND.join(parts)
    read = _reader(both)
    return both if enough_read((t for t in counts if read(t) is not None), counts) else None


#: Between two formats of one column.
_AND = " | "


def other_order(form: str | None) -> str | None:
    """The format with day and month the other way round; None where none is in use."""
    if form is None or "%d" not in form or "%m" not in form or _AND in form:
        return None
    turned = form.translate(str.maketrans("dm", "md"))
    return turned if turned in _FORMATS and turned != form else None


def first_part(form: str) -> tuple[str, str]:
    """Which of day and month is first in a format of both, and which is second."""
    is_day = form.index("%d") < form.index("%m")
    return ("day", "month") if is_day else ("month", "day")


def is_of_two_orders(texts: Iterable[str], form: str) -> bool:
    """Whether texts may be days and months either way round, and nothing says which."""
    turned = other_order(form)
    if turned is None:
        return False
    as_read, other = _reader(form), _reader(turned)
    plain = dict.fromkeys(plain_date(text).text for text in texts if not is_nothing(text))
    differ = False
    for text in plain:
        read = as_read(text)
        if read is not None:
            also = other(text)
            if also is None:
                return False
            differ = differ or read != also
    return differ and _unlikely(form, plain) == _unlikely(turned, plain)


def _unlikely(form: str, texts: Iterable[str]) -> tuple[bool, int]:
    """How unlikely a format is for texts that others read, too.

    All on the first days of months is likely, and so are few years.
    """
    read = _reader(form)
    dates = [date for text in texts if (date := read(text)) is not None]
    are_firsts = all(date.day == 1 for date in dates) and len({date.month for date in dates}) > 1
    years = [date.year for date in dates]
    return not are_firsts, max(years) - min(years)


def _forms_of(texts: Iterable[str]) -> list[str]:
    """The formats that texts may be in, by the marks that they have."""
    shapes = {_shape(text) for text in texts}
    return [form for form in _FORMATS if form in _ANY_SHAPE or _SHAPES[form] in shapes]


def _shape(text: str) -> str:
    return _LETTERS.sub("a", _NUMBERS.sub("0", text))


_NUMBERS, _LETTERS, _DIRECTIVES = (
    re.compile(pattern) for pattern in (r"\d+", r"[^\W\d_]+", r"(?:%[YmdyHMSfIGVu])+")
)
_ANY_SHAPE = {ISO, _QUARTER, _WEEK, *_COMPACT}
#: Each format as the marks between its numbers and words.
_SHAPES = {
    form: _LETTERS.sub("a", _DIRECTIVES.sub("0", form).replace("%b", "b").replace("%p", "p"))
    for form in _FORMATS
}


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


def zone_of_texts(texts: Iterable[str | None]) -> Literal["none", "UTC", "other"]:
    """Which time zone datetimes name; ``'other'`` where any is not in UTC."""
    known = {text for text in texts if text is not None and not is_nothing(text)}
    return zone_of_offsets({plain_date(text).ahead for text in known})


def zone_of_offsets(offsets: set[timedelta | None]) -> Literal["none", "UTC", "other"]:
    """The time zone of datetimes that are so much ahead of UTC, None where they do not say."""
    if any(offsets):
        return "other"
    return "UTC" if offsets - {None} else "none"


def _in_utc(read: datetime | None, ahead: timedelta | None) -> datetime | None:
    return read if read is None or not ahead else read - ahead


def _reader(form: str) -> Callable[[str], datetime | None]:
    if form == ISO:
        return _iso
    if _AND in form:
        first, second = map(_reader, form.split(_AND))
        return lambda text: first(text) or second(text)
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
    found = _year_and_part(_QUARTERS, text)
    return datetime(found[0], 3 * found[1] - 2, 1) if found is not None else None


def _week(text: str) -> datetime | None:
    found = _year_and_part(_WEEKS, text)
    try:
        return datetime.fromisocalendar(*found, 1) if found is not None else None
    except ValueError:
        return None


def _year_and_part(pattern: re.Pattern[str], text: str) -> tuple[int, int] | None:
    """The year, and which quarter or week of it."""
    match = pattern.fullmatch(text)
    if match is None:
        return None
    said = {name.rstrip("_"): value for name, value in match.groupdict().items() if value}
    year = int(said["year"])
    if len(said["year"]) == 2:  # as Python reads them
        year += 2000 if year < 69 else 1900
    return (year, int(said["part"])) if year else None


def _strptime(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)
    except ValueError:
        return None


def _within_reason(read: datetime | None) -> datetime | None:
    return read if read is not None and 1900 <= read.year <= 2100 else None
