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
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from unicodedata import numeric

import numpy as np

from sktransfer._preprocessing._cleaned_texts import NOTHING, cleaned, enough_read, seems_read
from sktransfer._preprocessing._measures import are_of_one_quantity, in_unit
from sktransfer._records import NumberFormat

#: Distinct whole numbers from which on they are amounts; fewer may be codes for categories, with a
#: decimal point, too, which codes with missing entries have: as numbers they would lose far more.
_DISTINCT = 7
#: Decimal point and separator of thousands, the likelier first.
_SEPARATORS = (
    (".", ""),
    (".", ","),
    (",", ""),
    (",", "."),
    (",", " "),
    (".", " "),
    (".", "'"),
    (".", "_"),
    (".,", ""),
)
_SIGNS = "$¢£¤¥฿₠-₿＄￡￥"
_CODES = (
    "EUR USD GBP CHF JPY INR CAD AUD CNY SEK NOK DKK PLN RUB BRL MXN KRW TRY ZAR NZD HKD SGD THB "
    "CZK HUF ILS TWD IDR MYR PHP VND AED SAR NGN EGP CLP COP ARS UAH RON BGN kr Kr Rs SFr Fr zł Kč"
).replace(" ", "|")
_CURRENCY = rf"(?:[A-Z]{{0,3}}[{_SIGNS}]|(?:{_CODES})\.?)"
_BOUND = r"(?:[<>]=?|[≤≥~≈±]|ca\.|c\.|approx\.|about|over|under|up to)"
#: Words, degrees, marks of feet; with a number behind it for ``/5``, ``out of 5``, ``L/100km``.
_UNIT = (
    rf"\s?(?:[^\W\d_]|[%‰°\"″′{_SIGNS}])[^\d()<>=!?;:|*]{{0,11}}(?:\^?[23])?(?:/\s?\d{{1,3}}\s?[^\W\d_]{{0,3}})?"
    r"|\s?/\s?\d{1,3}|\s?(?:out of|of|von|sur|de) \d{1,3}"
)
_SHARES = {"%": 1e-2, "percent": 1e-2, "per cent": 1e-2, "pct": 1e-2, "prozent": 1e-2, "‰": 1e-3}
_POWERS = {
    1e3: "k K thousand Tsd. tsd",
    1e5: "lakh Lakh",
    1e6: "M m mn mln million Mio. Mio mio",
    1e7: "crore Crore Cr",
    1e9: "B bn billion Mrd. Mrd",
    1e12: "T tn trillion",
}
_MAGNITUDE = {word: power for power, words in _POWERS.items() for word in words.split(" ")}
#: Scientific notation as people write it, and marks of footnotes and of significance.
_TIMES_TEN = r"\s?[×x*·]\s?10(?:(?:\^|\*\*)[-+]?\d+|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
_NOTE = r"(?:\s?(?:\*{1,3}|[†‡§¶]|\[[\w ]{1,3}\]|\([a-z]\)))?"
_PARTS = re.compile(
    rf"(?P<bound>{_BOUND}?)\s*(?P<sign>[-+(]?)\s*(?P<prefix>{_CURRENCY}?|%)\s*(?P<inner>[-+(]?)"
    r"(?P<number>\d[\d.,'_ ]*|[.,]\d+)(?P<fraction>[½⅓⅔¼¾⅛⅜⅝⅞])?"
    rf"(?P<exponent>[eE][-+]?\d+|{_TIMES_TEN})?"
    rf"(?P<suffix>{_UNIT}|\+?)\)?(?P<after>-?){_NOTE}"
)
_POWER = re.compile(r"(?:\^|\*\*)(?P<plain>[-+]?\d+)$|(?P<raised>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)$")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_MONEY = re.compile(_CURRENCY)
#: A whole number that no one writes as an amount: with a zero in front, or very long.
_CODE = re.compile(r"0\d+|\d{16,}")
#: Digits behind a plus from which on they are a telephone's.
_PHONE = 9
#: What makes a word the plural of another.
_PLURALS = ("s", "es", "e", "n", "en")


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
    counts = Counter(cleaned(text) for text in texts)
    counts = Counter({text: n for text, n in counts.items() if text.lower() not in NOTHING})
    if not seems_read(lambda text: _PARTS.fullmatch(text) is not None, counts):
        return None
    parts = {text: match for text in counts if (match := _PARTS.fullmatch(text))}
    if not enough_read(parts, counts):
        return None
    if _are_open_ends(parts.values()):
        return None
    numbers = {text: match["number"].strip() for text, match in parts.items()}
    has_currency = any(map(_is_of_money, parts.values()))
    decimal, thousands = _separators(numbers, counts, has_currency)
    found = NumberFormat(decimal, thousands, _suffix(parts, counts))
    values = {text: read_number(text, found) for text in counts}
    read = {text: value for text, value in values.items() if value is not None}
    if not enough_read(read, counts) or _are_codes(parts, counts):
        return None
    if _differ_in_bounds(parts, read):
        return None
    plain = found == NumberFormat() and not has_currency
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
            value = read_number(cleaned(text), how)  # type: ignore[arg-type]
            known[text] = np.nan if value is None else value
        values.append(known[text])
    return np.array(values, np.float64)


def read_number(text: str, how: NumberFormat) -> float | None:
    """One cleaned text as a number; None where it is none."""
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return None
    number, suffix = parts["number"].strip(), _suffix_of(parts)
    thousands = _thousands_of(number, how)
    if thousands is None:
        return None
    factor, is_other = _SHARES.get(suffix.casefold(), 1.0), False
    if how.suffix == "k" and suffix in _MAGNITUDE:
        factor = _MAGNITUDE[suffix]
    elif suffix and not _is_one_unit(suffix, how.suffix):
        is_other = are_of_one_quantity(suffix, how.suffix)
        if not is_other:
            return None
    if thousands:
        number = number.replace(thousands, "")
    for mark in how.decimal:
        number = number.replace(mark, ".")
    value = float(number + _exponent(parts["exponent"])) * factor
    if parts["fraction"]:
        value += numeric(parts["fraction"]) * factor
    if not np.isfinite(value):
        return None
    signs = parts["sign"], parts["inner"], parts["after"]
    value = -value if "-" in signs or "(" in signs else value
    return in_unit(value, suffix, how.suffix) if is_other else value


def _thousands_of(number: str, how: NumberFormat) -> str | None:
    """What separates a number's thousands; None where it is not written so.

    Larger numbers than those of fit may have separators that these did not need.
    """
    if _pattern(how.decimal, how.thousands).fullmatch(number):
        return how.thousands
    if how.thousands or how.decimal not in _LATER:
        return None
    marks = (_LATER[how.decimal], " ", "'")
    return next((mark for mark in marks if _pattern(how.decimal, mark).fullmatch(number)), None)


#: What separates thousands by each decimal point.
_LATER = {".": ",", ",": "."}


def _exponent(written: str | None) -> str:
    """A power of ten as Python reads it."""
    if not written or written[0] in "eE":
        return written or ""
    power = _POWER.search(written)
    assert power is not None
    return f"e{power['plain'] or power['raised'].translate(_RAISED)}"


@cache
def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    whole = r"\d+"
    if thousands:
        mark = re.escape(thousands)
        whole = rf"(?:\d+|[1-9]\d{{0,2}}(?:{mark}\d{{3}})+"
        # lakhs and crores: 12,34,567
        whole += r"|[1-9]\d?(?:,\d\d)+,\d{3})" if thousands == "," else ")"
    point = f"[{decimal}]"
    return re.compile(rf"{whole}(?:{point}\d*)?|{point}\d+")


def _separators(
    numbers: Mapping[str, str], counts: Counter[str], has_currency: bool
) -> tuple[str, str]:
    """Decimal point and separator of thousands with which most numbers are read."""
    n_read = {
        separators: sum(
            counts[text] for text, n in numbers.items() if _pattern(*separators).fullmatch(n)
        )
        for separators in _SEPARATORS
    }
    best = max(_SEPARATORS, key=lambda separators: n_read[separators])
    as_thousands = (",", ".")
    if best != (".", "") or n_read[as_thousands] < n_read[best]:
        return best
    # "7.070" and "812", but no "7.07" and no "0.812": decimals would end in zeros at times
    dotted = [n for n in numbers.values() if "." in n]
    whole = [n for n in numbers.values() if "." not in n]
    are_thousands = dotted and all(_THOUSANDS.fullmatch(n) for n in dotted)
    are_small = has_currency or (any(n.strip("0") for n in whole))
    fit = are_thousands and are_small and all(len(n) <= 3 for n in whole)
    return as_thousands if fit else best


_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")


def _is_of_money(match: re.Match[str]) -> bool:
    return bool(match["prefix"]) or _MONEY.fullmatch(match["suffix"].strip()) is not None


def _suffix_of(match: re.Match[str]) -> str:
    return "%" if match["prefix"] == "%" else match["suffix"].strip()


def _suffix(parts: dict[str, re.Match[str]], counts: Counter[str]) -> str:
    """What follows the numbers of a column: a unit, ``'%'``, or nothing."""
    suffixes = Counter[str]()
    for text, match in parts.items():
        suffixes[_suffix_of(match)] += counts[text]
    has_metres = set(suffixes) == {"m"} and not any(map(_is_of_money, parts.values()))
    if set(suffixes) != {""} and set(suffixes) <= {"", *_MAGNITUDE} and not has_metres:
        return "k"
    named = [suffix for suffix, _ in suffixes.most_common() if suffix]
    return "" if suffixes[""] and named and named[0] not in "%+" else (named or [""])[0]


def _is_one_unit(one: str, other: str) -> bool:
    """Whether two units are the same, but for the plural: ``'1 year'`` and ``'2 years'``."""
    if one == other:
        return True
    short, long = sorted((one.rstrip("."), other.rstrip(".")), key=len)
    return len(short) > 1 and long.startswith(short) and long[len(short) :] in ("", *_PLURALS)


def _differ_in_bounds(parts: dict[str, re.Match[str]], read: Mapping[str, float]) -> bool:
    """Whether what precedes equal numbers distinguishes them: ``'<5'`` and ``'>5'``.

    So it does where few values are bounds alone: these are the names of classes.
    """
    bounds = {text: parts[text]["bound"] for text in read if parts[text]["bound"]}
    if not bounds:
        return False
    of_value: dict[float, set[str]] = {}
    for text, bound in bounds.items():
        of_value.setdefault(read[text], set()).add(bound[0])
    return any(len(kinds) > 1 for kinds in of_value.values()) or _may_be_levels(read.values())


def _are_open_ends(parts: Collection[re.Match[str]]) -> bool:
    """Whether a minus behind numbers is no sign: ``'50-'`` alone, or ``'24-'`` and ``'25+'``."""
    behind = [bool(match["after"]) for match in parts]
    return all(behind) or (any(behind) and any(match["suffix"] == "+" for match in parts))


def _are_codes(parts: Mapping[str, re.Match[str]], counts: Counter[str]) -> bool:
    """Whether whole numbers are codes, such as those of post offices and telephones."""
    codes = sum(
        counts[text]
        for text, match in parts.items()
        if _CODE.fullmatch(number := match["number"].strip())
        or (match["sign"] == "+" and len(number) >= _PHONE and number.isdigit())
    )
    return codes > 0.01 * sum(counts[text] for text in parts)


def currencies_of(texts: Iterable[str]) -> list[str]:
    """The currencies that numbers of a column have, in the order of their texts."""
    found = dict[str, None]()
    for text in texts:
        match = _PARTS.fullmatch(cleaned(text))
        if match is not None:
            suffix = match["suffix"].strip()
            behind = suffix if suffix and _MONEY.fullmatch(suffix) else ""
            sign = (match["prefix"] if match["prefix"] != "%" else "") or behind
            found[sign.rstrip(".").removeprefix("US" if sign == "US$" else "")] = None
    found.pop("", None)
    return list(found)


def _may_be_levels(values: Iterable[float]) -> bool:
    distinct = set(values)
    return len(distinct) < _DISTINCT and all(value == int(value) for value in distinct)
