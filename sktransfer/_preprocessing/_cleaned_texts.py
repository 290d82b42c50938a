"""Texts without what typing and exporting add, and texts that stand for nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from itertools import islice

#: Texts that stand for a missing entry, lower case.
_NOTHING = (
    ". ? - -- --- * ... na n/a n.a. n. a. na. #n/a <na> nan nat nil null none missing unknown inf "
    "-inf +inf infinity -infinity \\n tbd tba n.d. k.a. k.a n.v. unbekannt keine desconocido "
    "inconnu undefined (null) (blank) (empty) blank empty #div/0! #ref! #value! #name? #num! "
    "#null! #error! : .. # ** (d) (na) (x) (z) (s) nd bdl lod <lod <loq <dl n/d s/d unspecified "
    "withheld suppressed redacted refused pending"
)
_PHRASES = (
    "",
    "k. a.",
    "not available",
    "not applicable",
    "not reported",
    "not known",
    "not stated",
    "not specified",
    "not recorded",
    "not provided",
    "not determined",
    "not detected",
    "no answer",
    "no response",
    "no data",
    "keine angabe",
)
NOTHING = frozenset((*_PHRASES, *_NOTHING.split(" ")))
#: Of the entries that are not missing, how many must be read in one way.
MOST_ENTRIES = 0.95
#: A column may have this share of entries that are one or two words for something missing.
_MOST_WORDS = 0.3
#: Texts on which a way to read a column is tried first.
_FIRST = 100
#: Characters of one meaning: minus signs, blanks, apostrophes, digits, and invisible marks.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-"),
        **dict.fromkeys("\u00a0\u2007\u2008\u2009\u202f\u3000", " "),
        **dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'"),
        **{chr(code + 0xFEE0): chr(code) for code in range(33, 127)},  # of full width
        **{chr(zero + i): str(i) for zero in (0x0660, 0x06F0) for i in range(10)},  # Arabic
        **dict(zip("\u066a\u066b\u066c", "%.,", strict=True)),
        **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", None),
    }
)
_QUOTES = ("'", '"')


def cleaned(text: str) -> str:
    """A text with plain characters, without blanks and quotation marks around it."""
    if not text.isascii():
        text = text.translate(_PLAIN)
    text = text.strip()
    if text[:2] == '="':  # how Excel keeps a number a text
        text = text[1:]
    if len(text) > 2 and text[0] in _QUOTES and text[0] == text[-1]:
        text = text[1:-1].strip()
    return text


def is_nothing(text: str) -> bool:
    """Whether a text stands for a missing entry."""
    return cleaned(text).lower() in NOTHING


def seems_read(reads: Callable[[str], bool], counts: Collection[str]) -> bool:
    """Whether some of a column's texts are read in a way, so that it is worth trying on all."""
    some = list(islice(counts, _FIRST))
    return 2 * sum(map(reads, some)) >= len(some)


def enough_read(read: Iterable[str], counts: Counter[str]) -> bool:
    """Whether a way to read a column's texts reads (nearly) all of it."""
    read = set(read)
    total = sum(counts.values())
    left = [text for text in counts if text not in read]
    n_left = sum(counts[text] for text in left)
    if not total or n_left == total:
        return False
    if n_left <= (1 - MOST_ENTRIES) * total:
        return True
    # a word, or "0000-00-00", says that something is missing, "4 or less" does not
    are_words = len(left) <= 2 and not set("".join(left)) & set("123456789")
    return are_words and n_left <= _MOST_WORDS * total and min(counts[t] for t in left) > 1
