"""How similar two names of columns are: by their words, whatever the order, and abbreviations."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import cache

import numpy as np
from scipy.optimize import linear_sum_assignment

from sktransfer.sources._column_names import plain_name, words_of

#: Words that are hardly informative about a column, and how much they count.
_LITTLE = dict.fromkeys(("of", "the", "in", "per", "a", "an", "and", "for", "by", "no"), 0.2)
_LITTLE |= dict.fromkeys(("cm", "mm", "kg", "km", "usd", "eur", "pct", "num", "value"), 0.4)
#: Words of names that number columns.
_NUMBERED = {
    "f",
    "x",
    "v",
    "c",
    "s",
    "col",
    "column",
    "feature",
    "var",
    "variable",
    "attr",
    "input",
}
#: How much a word counts that is spelled like another, and one that is an abbreviation of it.
_SPELLED_ALIKE, _BEGINNING, _CONSONANTS = 0.9, 0.9, 0.8


@cache
def name_similarity(one: str, other: str) -> float:
    """How similar two names are, from 0 to 1.

    Names that only number columns, such as ``'x3'``, are like no other name.

    Parameters
    ----------
    one, other : str
    """
    if plain_name(one) == plain_name(other) and plain_name(one):
        return 1.0
    a, b = words_of(one), words_of(other)
    if not a or not b or _is_numbered(a) or _is_numbered(b):
        return 0.0
    return max(_of_words(a, b), _glued(a, b), _of_initials(a, b))


def _is_numbered(words: tuple[str, ...]) -> bool:
    return all(word.isdigit() or word in _NUMBERED for word in words)


def _of_words(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """Dice's coefficient of words, each matched with the one that is most like it."""
    alike = np.array([[_of_two_words(one, other) for other in b] for one in a])
    weight_a, weight_b = (np.array([_LITTLE.get(word, 1.0) for word in name]) for name in (a, b))
    both = alike * np.minimum(weight_a[:, None], weight_b[None, :])
    rows, columns = linear_sum_assignment(-both)
    return float(2 * both[rows, columns].sum() / (weight_a.sum() + weight_b.sum()))


@cache
def _of_two_words(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if one.isdigit() or other.isdigit():
        return 0.0
    short, long = sorted((one, other), key=len)
    if len(short) >= 3 and long.startswith(short):
        return _BEGINNING
    if len(short) >= 2 and short[0] == long[0] and _is_within(short, long):
        is_abbreviation = not set(short[1:]) & set("aeiou")
        return _CONSONANTS if is_abbreviation else 0.0
    ratio = SequenceMatcher(None, one, other).ratio()
    return _SPELLED_ALIKE * ratio if min(len(one), len(other)) >= 4 and ratio > 0.8 else 0.0


def _is_within(short: str, long: str) -> bool:
    """Whether the letters of one word stand in another in this order."""
    letters = iter(long)
    return all(letter in letters for letter in short)


def _glued(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """Of names of which one is written without marks between its words."""
    if (len(a) == 1) == (len(b) == 1):
        return 0.0
    one, other = "".join(a), "".join(b)
    ratio = SequenceMatcher(None, one, other).ratio()
    return ratio if min(len(one), len(other)) >= 6 and ratio > 0.85 else 0.0


def _of_initials(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """Of names of which one is made of the first letters of the other's words."""
    for short, long in ((a, b), (b, a)):
        initials = "".join(word[0] for word in long)
        if len(short) == 1 and len(initials) >= 2 and short[0] == initials:
            return _CONSONANTS
    return 0.0
