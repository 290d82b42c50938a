"""Dates as people and programs write them, in plain words: no weekdays, months in English."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from sktransfer._preprocessing._cleaned_texts import cleaned

#: What each month is called in English, German, French, Spanish, Italian, Portuguese and Dutch,
#: and how it is abbreviated.
_MONTHS = {
    "Jan": "january januar januari jänner jan janvier janv enero ene gennaio gen janeiro",
    "Feb": "february feb februar februari feber fev février févr febrero febbraio fevereiro",
    "Mar": "march märz maerz mär mrz maart mrt mars marzo mar março marco",
    "Apr": "april avril avr abril abr aprile apr",
    "May": "may mai mei mayo maggio mag maio",
    "Jun": "june juni juin junio jun giugno giu junho",
    "Jul": "july juli juillet juil julio jul luglio lug julho",
    "Aug": "august augustus août aout agosto ago aug",
    "Sep": "september septembre sept septiembre settembre setembro set sep",
    "Oct": "october oktober okt octobre octubre ottobre ott outubro out oct",
    "Nov": "november novembre noviembre novembro nov",
    "Dec": "december dezember dez décembre décem déc diciembre dic dicembre dezembro december dec",
}
_ENGLISH = {word: month for month, words in _MONTHS.items() for word in words.split(" ")}
_WEEKDAY = re.compile(
    r"^(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]*"
    r"|[^\W\d_]{2,10}\.?,) +",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b(?: of\b)?", re.IGNORECASE)
_HALF_OF_DAY = re.compile(r"(?<=\d) ?([ap])\.? ?m\.?(?=$| )", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}\.?")
_ZONE = re.compile(
    r"(?<=\d) ?(?:Z|(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?|UTC|GMT)"
    r"(?: \(?[A-Z]{3,4}\)?)?$"
)
_DIGITS = re.compile(r"[\d\-/.: ]+")
_OF_MICROSOFT = re.compile(r"/Date\((-?\d+)\)/")
_TIME = re.compile(r":\d\d|T\d{4}")


class WrittenDate(NamedTuple):
    """A date in plain words, and how far its time zone is ahead; None where it names none."""

    text: str
    ahead: timedelta | None


def plain_date(text: str) -> WrittenDate:
    """A date in the words that formats are made of."""
    text = cleaned(text)
    if _DIGITS.fullmatch(text) and text.count("-") <= 2:
        return WrittenDate(text, None)
    zone = _ZONE.search(text) if _TIME.search(text) else None
    ahead = None
    if zone is not None:
        text = text[: zone.start()]
        minutes = 60 * int(zone["hours"] or 0) + int(zone["minutes"] or 0)
        ahead = timedelta(minutes=-minutes if zone["sign"] == "-" else minutes)
    if text[:6] == "/Date(" and (stamp := _OF_MICROSOFT.fullmatch(text)) is not None:
        moment = datetime(1970, 1, 1) + timedelta(milliseconds=int(stamp[1]))
        return WrittenDate(moment.isoformat(" ", "milliseconds"), timedelta())
    if any(map(str.isalpha, text)):
        text = _WEEKDAY.sub("", text, count=1) if text[0].isalpha() else text
        text = _HALF_OF_DAY.sub(lambda half: f" {half[1].upper()}M", _ORDINAL.sub("", text))
        text = _WORD.sub(lambda word: _in_english(word[0]), text)
    return WrittenDate(text, ahead)


def _in_english(word: str) -> str:
    return _ENGLISH.get(word.rstrip(".").casefold(), word)
