"""Dates as people and programs write them, in plain words: no weekdays, months in English."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from sktransfer._preprocessing._cleaned_texts import cleaned

#: What each month is called in English, German, French, Spanish, Italian, Portuguese, Dutch,
#: Swedish, Danish, Polish, Czech, Turkish and Russian, and how it is abbreviated.
_MONTHS = {
    "Jan": "january januar januari jänner jan janvier janv enero ene gennaio gen janeiro ledna "
    "stycznia styczeń sty leden led ocak oca января январь янв",
    "Feb": "february feb februar februari feber fev février févr fév febrero febbraio fevereiro "
    "lutego luty lut února únor úno şubat şub февраля февраль фев",
    "Mar": "march märz maerz mär mrz maart mrt mars marzo mar março marco marts marca marzec "
    "března březen bře mart марта март мар",
    "Apr": "april avril avr abril abr aprile apr kwietnia kwiecień kwi dubna duben dub nisan nis "
    "апреля апрель апр",
    "May": "may mai mei mayo maggio mag maio maj maja května květen kvě mayıs мая май",
    "Jun": "june juni juin junio jun giugno giu junho czerwca czerwiec cze června červen haziran "
    "haz июня июнь июн",
    "Jul": "july juli juillet juil julio jul luglio lug julho lipca lipiec lip července červenec "
    "temmuz tem июля июль июл",
    "Aug": "august augustus août aout agosto ago aug augusti sierpnia sierpień srpna srpen "
    "srp ağustos ağu августа август авг",
    "Sep": "september septembre sept septiembre settembre setembro set sep września wrzesień wrz "
    "září zář eylül eyl сентября сентябрь сен сент",
    "Oct": "october oktober okt octobre octubre ottobre ott outubro out oct października "
    "październik paź října říjen říj ekim eki октября октябрь окт",
    "Nov": "november novembre noviembre novembro nov listopada listopad lis listopadu kasım kas "
    "ноября ноябрь ноя нояб",
    "Dec": "december dezember dez décembre décem déc diciembre dic dicembre dezembro dec "
    "grudnia grudzień gru prosince prosinec pro aralık ara декабря декабрь дек",
}
#: How many hours time zones are ahead.  Letters of several zones mean one of them in a column.
_ZONES = {
    "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "IST": 5.5, "SGT": 8, "HKT": 8, "JST": 9, "KST": 9, "AEST": 10,
    "AEDT": 11, "EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7,
    "PST": -8,
}  # fmt: skip
_ENGLISH = {word: month for month, words in _MONTHS.items() for word in words.split()}
_WEEKDAY = re.compile(
    r"^(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]*"
    r"|[^\W\d_]{2,10}\.?,(?! \d{4}$)) +",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b(?: of\b)?", re.IGNORECASE)
_HALF_OF_DAY = re.compile(r"(?<=\d) ?([ap])\.? ?m\.?(?=$| )", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}\.?")
_ZONE = re.compile(
    r"(?<=\d) ?(?:Z|(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?"
    rf"|(?P<name>{'|'.join(_ZONES)}))(?: \(?[A-Z]{{3,4}}\)?)?(?:\[[\w/+-]+\])?$"
)
#: A zone in front of the year, and a zone's place alone: of Java and of Twitter.
_ZONE_INSIDE = re.compile(rf"(:\d\d) ((?:{'|'.join(_ZONES)}|[+-]\d{{4}})) (\d{{4}})$")
_PLACE = re.compile(r"\[UTC\]$")
#: What is said between date and time, and behind a time.
_FILLER = re.compile(r",? (?:at|um)(?= \d)| (?:Uhr|hrs\.?|o'clock)$")
_DIGITS = re.compile(r"[\d\-/.: ]+")
_OF_MICROSOFT = re.compile(r"/Date\((-?\d+)\)/")
_TIME = re.compile(r":\d\d|T\d{4}")


class WrittenDate(NamedTuple):
    """A date in plain words, and how far its time zone is ahead; None where it names none."""

    text: str
    ahead: timedelta | None


def plain_date(text: str) -> WrittenDate:
    """A date in the words that formats are made of."""
    text = " ".join(cleaned(text).split())
    if _DIGITS.fullmatch(text) and text.count("-") <= 2:
        return WrittenDate(text, None)
    if text.isascii() and ":" in text:
        text = _PLACE.sub("Z", _ZONE_INSIDE.sub(r"\1 \3 \2", text))
    zone = _ZONE.search(text) if _TIME.search(text) else None
    ahead = None
    if zone is not None:
        text = text[: zone.start()]
        hours = _ZONES[zone["name"]] if zone["name"] else int(zone["hours"] or 0)
        minutes = 60 * hours + int(zone["minutes"] or 0)
        ahead = timedelta(minutes=-minutes if zone["sign"] == "-" else minutes)
    if text[:6] == "/Date(" and (stamp := _OF_MICROSOFT.fullmatch(text)) is not None:
        moment = datetime(1970, 1, 1) + timedelta(milliseconds=int(stamp[1]))
        return WrittenDate(moment.isoformat(" ", "milliseconds"), timedelta())
    if any(map(str.isalpha, text)):
        text = _WEEKDAY.sub("", text, count=1) if text[0].isalpha() else text
        text = _FILLER.sub("", text)
        text = _HALF_OF_DAY.sub(lambda half: f" {half[1].upper()}M", _ORDINAL.sub("", text))
        text = _WORD.sub(lambda word: _in_english(word[0]), text)
    return WrittenDate(text, ahead)


def _in_english(word: str) -> str:
    return _ENGLISH.get(word.rstrip(".").casefold(), word)
