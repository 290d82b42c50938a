"""Times of the day and durations that were read as text, as seconds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import numpy as np

from sktransfer._preprocessing._cleaned_texts import NOTHING, cleaned, enough_read, seems_read

_CLOCK = re.compile(
    r"(?:(?P<days>-?\d+)(?: days?,? ?|\.(?=\d+:\d\d:))[+]?)?(?P<sign>-?)"
    r"(?:(?P<hours>\d+):(?P<minutes>\d\d)(?::(?P<seconds>\d\d(?:[.,]\d+)?))?)?"
    r"(?: ?(?P<half>[AaPp])\.? ?[Mm]\.?| Uhr| ?[hH]|Z)?"
)
_HOUR = re.compile(r"(?P<hours>\d{1,2}) ?(?P<half>[AaPp])\.? ?[Mm]\.?")
_MINUTES = re.compile(r"(?P<minutes>\d{1,3}):(?P<seconds>[0-5]\d[.,]\d+)")
_HOUR_BY_LETTER = re.compile(r"(?P<hours>[01]?\d|2[0-4])[hH](?P<minutes>[0-5]\d)")
_TWO_PARTS = re.compile(r"(?P<sign>-?)(?P<first>\d+):(?P<second>\d\d)")
_THREE_PARTS = re.compile(r"(?P<days>.*[ .])?-?(?P<first>\d+):\d\d:\d\d(?:[.,]\d+)?")
_HOURS_OF_A_DAY, _NOON = 24, 12
#: What the two numbers of texts such as "12:30" are.
HOURS, HOURS_OR_MINUTES = "hours and minutes", "hours and minutes, or minutes and seconds"
MINUTES = "minutes and seconds"
#: What columns are without such texts, in which all have seconds too: their two numbers would be
#: hours and minutes of times of the day, minutes and seconds of durations.
TIMES, DURATIONS = "times of the day", "durations"
_UNITS = {
    7 * 86_400: "w wk wks week weeks Woche Wochen",
    86_400: "d D day days Tag Tage Tagen jour jours",
    3_600: "h H hr hrs hour hours Std Stunde Stunden heure heures",
    60: "m M min mins minute minutes Minute Minuten",
    1: "s S sec secs second seconds Sek Sekunde Sekunden seconde secondes",
    1e-3: "ms",
}
_SECONDS = {unit: seconds for seconds, units in _UNITS.items() for unit in units.split(" ")}
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s?([^\W\d_]+)\.?")
_IN_UNITS = re.compile(rf"-?(?:{_PART.pattern}(?:,? ?(?:and |und )?)?)+")
_LONGEST = 40
_ISO = re.compile(
    r"(?P<sign>-?)P(?:(?P<weeks>[\d.]+)W)?(?:(?P<days>[\d.]+)D)?"
    r"(?:T(?:(?P<hours>[\d.]+)H)?(?:(?P<minutes>[\d.]+)M)?(?:(?P<seconds>[\d.]+)S)?)?"
)
_PERIODS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def read_seconds(texts: Iterable[str | None], units: str = "") -> np.ndarray:
    """Times of the day and durations, ``12:30``, ``1 days 00:00:05``, as seconds.

    Parameters
    ----------
    texts : iterable of str or None
    units : str
        Of the column, as of :func:`units_of`.

    Returns
    -------
    ndarray of shape (n_samples,)
        NaN where one is missing or cannot be read.
    """
    known: dict[str | None, float] = {None: np.nan}
    in_minutes = units in (MINUTES, DURATIONS)
    values = []
    for text in texts:
        if text not in known:
            plain = cleaned(text)  # type: ignore[arg-type]
            two = _TWO_PARTS.fullmatch(plain) if in_minutes else None
            known[text] = _seconds(plain) if two is None else _of_minutes(two)
        values.append(known[text])
    return np.array(values, np.float64)


def _of_minutes(match: re.Match[str]) -> float:
    if int(match["second"]) >= 60:
        return np.nan
    value = 60.0 * int(match["first"]) + int(match["second"])
    return -value if match["sign"] else value


def has_two_parts(text: str) -> bool:
    """Whether a text may be hours and minutes as well as minutes and seconds: ``'4:35'``."""
    return _TWO_PARTS.fullmatch(cleaned(text)) is not None


def has_three_parts(text: str) -> bool:
    """Whether a text has hours, minutes and seconds: ``'1:04:35'``."""
    return _THREE_PARTS.fullmatch(cleaned(text)) is not None


def units_of(texts: Iterable[str]) -> str:
    """What the two numbers of times such as ``'12:30'`` are; empty where there is no doubt.

    Alone they are read as hours and minutes; beyond 24 they may as well be minutes and seconds.
    Of a column in which longer times have three numbers, ``'1:04:35'``, or seconds have a
    fraction, ``'4:35.2'``, they are minutes and seconds, but for times on all of a day.
    """
    plain = [cleaned(text) for text in set(texts)]
    two = [int(match["first"]) for text in plain if (match := _TWO_PARTS.fullmatch(text))]
    three = [match for text in plain if (match := _THREE_PARTS.fullmatch(text))]
    if three:
        hours = [int(match["first"]) for match in three]
        of_a_day = not any(match["days"] for match in three) and max(hours) < _HOURS_OF_A_DAY
        of_a_day = of_a_day and max(hours) >= _NOON and max(two, default=0) < _HOURS_OF_A_DAY
        if two:
            return "" if of_a_day else MINUTES
        return TIMES if of_a_day else DURATIONS
    if any(map(_MINUTES.fullmatch, plain)):
        return MINUTES
    if any(first > _HOURS_OF_A_DAY for first in two):
        return HOURS_OR_MINUTES
    return HOURS if two else ""


def units_as_in(source: str, own: str) -> str:
    """The units of texts of two numbers alone, where a source's column shows what they are."""
    if own not in (HOURS, HOURS_OR_MINUTES):
        return own
    if source in (MINUTES, DURATIONS):
        return MINUTES
    return source if source == HOURS_OR_MINUTES else own


def are_seconds(texts: Iterable[str]) -> bool:
    """Whether a column of texts is read as times of the day, or as durations.

    Numbers with one unit, the same for all, are numbers.
    """
    counts = Counter(cleaned(text) for text in texts)
    counts = Counter({text: n for text, n in counts.items() if text.lower() not in NOTHING})
    if not seems_read(_is_time, counts) or not enough_read(filter(_is_time, counts), counts):
        return False
    counts = Counter({text: n for text, n in counts.items() if _is_time(text)})
    units = {tuple(_PART.sub(r"\2", text).split(" ")) for text in counts}
    has_form = any(":" in text or _ISO.fullmatch(text) for text in counts)
    return has_form or len(units) > 1 or _has_several(counts)


def _has_several(texts: Iterable[str]) -> bool:
    return any(len(re.findall(r"\d+", text)) > 1 and "." not in text for text in texts)


def _is_time(text: str) -> bool:
    return not np.isnan(_seconds(text))


def _seconds(text: str) -> float:
    if not text or len(text) > _LONGEST:
        return np.nan
    for pattern in (_CLOCK, _HOUR, _MINUTES, _HOUR_BY_LETTER, _ISO):
        match = pattern.fullmatch(text)
        if match is not None and any(map(str.isdigit, text)):
            return _of_clock(match.groupdict())
    return _in_units(text)


def _of_clock(parts: dict[str, str | None]) -> float:
    values = {
        name: float((parts.get(name) or "0").replace(",", "."))
        for name in _PERIODS
        if name in parts
    }
    has_hours = "hours" in parts and "weeks" not in parts  # unlike an ISO duration, PT90M
    if has_hours and max(values.get("seconds", 0), values.get("minutes", 0)) >= 60:
        return np.nan
    half = (parts.get("half") or "").lower()
    if half:
        if not 1 <= values["hours"] <= 12:
            return np.nan
        values["hours"] = values["hours"] % 12 + (12 if half == "p" else 0)
    # of "-1 days +23:59" the days alone are negative
    days = _PERIODS["days"] * values.pop("days", 0)
    rest = sum(_PERIODS[name] * value for name, value in values.items())
    if not parts.get("sign"):
        return days + rest
    return -days - rest if "weeks" in parts else days - rest


def _in_units(text: str) -> float:
    if _IN_UNITS.fullmatch(text) is None:
        return np.nan
    total = 0.0
    for number, unit in _PART.findall(text):
        if unit not in _SECONDS:
            return np.nan
        total += float(number.replace(",", ".")) * _SECONDS[unit]
    return -total if text[0] == "-" else total
