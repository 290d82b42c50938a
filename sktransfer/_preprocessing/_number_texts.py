"""Numbers that were read as text: plain, with a currency, a unit, a percent sign, or commas.

The idea is that of skrub's ``TableVectorizer``: a column is converted where its entries can be
read in one way.  This is done on Python's texts, so that it needs no library of frames.

References
----------
skrub, "ToFloat" and "TableVectorizer", https://skrub-data.org/stable/reference/index.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

import numpy as np

from sktransfer._records import NumberFormat

#: Texts that stand for a missing entry, lower case.
_NOTHING = "? . - -- na n/a n.a. #n/a <na> nan nat nil null none missing unknown inf -inf"
NOTHING = frozenset(("", *_NOTHING.split(" ")))
#: Of the entries that are not missing, how many must be read in one way.
MOST_ENTRIES = 0.95
#: A column may have this share of entries that are one or two words for something missing.
_MOST_WORDS = 0.3
#: Distinct whole numbers from which on they are amounts; fewer may be codes for categories.
_DISTINCT = 7
#: Decimal point and separator of thousands, the likelier first.
_SEPARATORS = ((".", ""), (".", ","), (",", ""), (",", "."), (",", " "), (".", " "), (".", "'"))
_CURRENCY = r"(?:[A-Z]{0,3}[$€£¥₹₽₩₺]|Rs\.?|EUR|USD|GBP|CHF|JPY|INR|CAD|AUD|CNY|SEK|NOK|DKK|PLN)"
_MAGNITUDE = {"k": 1e3, "K": 1e3, "M": 1e6, "m": 1e6, "B": 1e9, "bn": 1e9, "T": 1e12}
_PARTS = re.compile(
    rf"(?P<sign>[-+(]?)\s*(?P<prefix>{_CURRENCY}?)\s*(?P<inner>[-+]?)"
    r"(?P<number>\d[\d.,' ]*|[.,]\d+)(?P<exponent>[eE][-+]?\d+)?"
    r"(?P<suffix>\s?[^\d.,()'\s-][^\d()]{0,11}|\+?)\)?"
)
#: A whole number that no one writes as an amount: with a zero in front, or very long.
_CODE = re.compile(r"0\d+|\d{16,}")


def find_number_format(texts: Iterable[str], eager: bool = False) -> NumberFormat | None:
    """How a column of texts is read as numbers; None where it is not.

    Parameters
    ----------
    texts : iterable of str
        Entries that are not missing.
    eager : bool, default=False
        Whether whole numbers of few values are read too: where a source has numbers there.

    Returns
    -------
    NumberFormat or None
    """
    counts = Counter(_cleaned(text) for text in texts)
    counts = Counter({text: n for text, n in counts.items() if text.lower() not in NOTHING})
    parts = {text: match for text in counts if (match := _PARTS.fullmatch(text))}
    if not enough_read(parts, counts):
        return None
    numbers = {text: match["number"].strip() for text, match in parts.items()}
    n_read = {
        separators: sum(
            counts[text] for text, n in numbers.items() if _pattern(*separators).fullmatch(n)
        )
        for separators in _SEPARATORS
    }
    decimal, thousands = max(_SEPARATORS, key=lambda separators: n_read[separators])
    found = NumberFormat(decimal, thousands, _suffix(parts, counts))
    values = {text: read_number(text, found) for text in counts}
    read = {text: value for text, value in values.items() if value is not None}
    if not enough_read(read, counts) or _are_codes(numbers, counts):
        return None
    plain = found == NumberFormat() and not any(match["prefix"] for match in parts.values())
    if not eager and plain and _may_be_levels(read.values()):
        return None
    return found


def read_numbers(texts: Iterable[str | None], how: NumberFormat) -> np.ndarray:
    """Texts as numbers, NaN where one is missing or cannot be read.

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    known: dict[str | None, float] = {None: np.nan}
    values = []
    for text in texts:
        if text not in known:
            value = read_number(_cleaned(text), how)  # type: ignore[arg-type]
            known[text] = np.nan if value is None else value
        values.append(known[text])
    return np.array(values, np.float64)


def read_number(text: str, how: NumberFormat) -> float | None:
    """One cleaned text as a number; None where it is none."""
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return None
    number, suffix = parts["number"].strip(), parts["suffix"].strip()
    if not _pattern(how.decimal, how.thousands).fullmatch(number):
        return None
    factor = 0.01 if suffix == "%" else 1.0
    if how.suffix == "k" and suffix in _MAGNITUDE:
        factor = _MAGNITUDE[suffix]
    elif suffix not in ("", how.suffix):
        return None
    if how.thousands:
        number = number.replace(how.thousands, "")
    value = float(number.replace(how.decimal, ".") + (parts["exponent"] or "")) * factor
    if not np.isfinite(value):
        return None
    return -value if "-" in (parts["sign"], parts["inner"]) or parts["sign"] == "(" else value


def is_nothing(text: str) -> bool:
    """Whether a text stands for a missing entry."""
    return _cleaned(text).lower() in NOTHING


def _cleaned(text: str) -> str:
    for variant, plain in (("\u2212", "-"), ("\u00a0", " "), ("\u202f", " "), ("\u2009", " ")):
        if variant in text:
            text = text.replace(variant, plain)
    return text.strip()


@cache
def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    whole = r"\d+"
    if thousands:
        whole = rf"(?:\d+|\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+)"
    point = re.escape(decimal)
    return re.compile(rf"{whole}(?:{point}\d*)?|{point}\d+")


def enough_read(read: Iterable[str], counts: Counter[str]) -> bool:
    """Whether a way to read a column's texts reads (nearly) all of it."""
    read = set(read)
    total = sum(counts.values())
    left = [text for text in counts if text not in read]
    n_left = sum(counts[text] for text in left)
    if not total or n_left == total:
        return False
    return n_left <= (1 - MOST_ENTRIES) * total or (
        len(left) <= 2 and n_left <= _MOST_WORDS * total and min(counts[t] for t in left) > 1
    )


def _suffix(parts: dict[str, re.Match[str]], counts: Counter[str]) -> str:
    """What stands behind the numbers of a column: a unit, ``'%'``, or nothing."""
    suffixes = Counter[str]()
    for text, match in parts.items():
        suffixes[match["suffix"].strip()] += counts[text]
    if set(suffixes) != {""} and set(suffixes) <= {"", *_MAGNITUDE}:
        return "k"
    named = [suffix for suffix, _ in suffixes.most_common() if suffix]
    return "" if suffixes[""] and named and named[0] not in "%+" else (named or [""])[0]


def _are_codes(numbers: dict[str, str], counts: Counter[str]) -> bool:
    """Whether whole numbers are codes, such as those of post offices and telephones."""
    codes = sum(counts[text] for text, number in numbers.items() if _CODE.fullmatch(number))
    return codes > 0.01 * sum(counts[text] for text in numbers)


def _may_be_levels(values: Iterable[float]) -> bool:
    distinct = set(values)
    return len(distinct) < _DISTINCT and all(value == int(value) for value in distinct)
