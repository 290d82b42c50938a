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
_MINUTES = re.compile(r"(?P<minutes>[0-5]?\d):(?P<seconds>[0-5]\d[.,]\d+)")
_HOUR_BY_LETTER = re.compile(r"(?P<hours>[01]?\d|2[0-4])[hH](?P<minutes>[0-5]\d)")
_TWO_PARTS = re.compile(r"-?(?P<first>\d+):\d\d")
_HOURS_OF_A_DAY = 24
#: What the two numbers of texts such as "12:30" are.
HOURS, HOURS_OR_MINUTES = "hours and minutes", "hours and minutes, or minutes and seconds"
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


def read_seconds(texts: Iterable[str | None]) -> np.ndarray:
    """Times of the day and durations, ``12:30``, ``1 days 00:00:05``, as seconds.

    Returns
    -------
    ndarray of shape (n_samples,)
        NaN where one is missing or cannot be read.
    """
    known: dict[str | None, float] = {None: np.nan}
    values = []
    for text in texts:
        if text not in known:
            known[text] = _seconds(cleaned(text))  # type: ignore[arg-type]
        values.append(known[text])
    return np.array(values, np.float64)


def is_of_two_units(text: str) -> bool:
    """Whether a text may be hours and minutes as well as minutes and seconds: ``'75:30'``."""
    return units_of([text]) == HOURS_OR_MINUTES


def units_of(texts: Iterable[str]) -> str:
    """What the two numbers of times such as ``'12:30'`` are; empty where there are none of these.

    They are read as hours and minutes; beyond 24 they may as well be minutes and seconds.
    """
    matches = [match for text in set(texts) if (match := _TWO_PARTS.fullmatch(cleaned(text)))]
    if any(int(match["first"]) > _HOURS_OF_A_DAY for match in matches):
        return HOURS_OR_MINUTES
    return HOURS if matches else ""


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
    if "weeks" not in parts and max(values.get("seconds", 0), values.get("minutes", 0)) >= 60:
        return np.nan  # unlike in an ISO duration, PT90M
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
