"""Names of two tables' columns that are the same but for their spelling."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

from sktransfer._preprocessing import without_accents

#: Pairs of names up to which they are compared one by one.
_MOST_PAIRS = 40_000
#: Letters of a word that may have a plural, and share of two longer words' letters that are in
#: both, in the same order, from which on one may be the other misspelled.
_FEWEST_LETTERS, _ALIKE = 3, 0.8
_WORDS = re.compile(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]*|\d+|[^\W\d_]+")


def plain_name(name: str) -> str:
    """A name without case, blanks, accents and marks: ``'Fare_Price'`` is ``'fareprice'``."""
    return re.sub(r"[\W_]+", "", without_accents(name)).casefold()


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name: ``'petalWidth (cm)'`` has ``petal``, ``width`` and ``cm``."""
    return tuple(word.casefold() for word in _WORDS.findall(name))


def same_names(theirs: Sequence[str], ours: Sequence[str]) -> dict[str, str]:
    """Which of a source's columns is which of a table's, where the names are not equal.

    They are the same but for case, blanks and marks, or but for a prefix or suffix that several
    columns have, as far as each can only be one.

    Parameters
    ----------
    theirs, ours : sequence of str
        Names in the source, and in the table.

    Returns
    -------
    dict of str to str
        Name in the source → name in the table.
    """
    found = _by_key(theirs, ours)
    left = [name for name in theirs if name not in found and name not in set(ours)]
    taken = {*theirs, *found.values()}
    there = [name for name in ours if name not in taken]
    if left and there and len(left) * len(there) <= _MOST_PAIRS:
        found |= _by_affix(left, there)
    return found


def _by_key(theirs: Sequence[str], ours: Sequence[str]) -> dict[str, str]:
    found = _of_one_key(theirs, ours, plain_name)
    if any("__" in name for name in (*theirs, *ours)):  # steps put their names before columns
        found = (
            _of_one_key(theirs, ours, lambda name: plain_name(name.rpartition("__")[2])) | found
        )
    return found


def _of_one_key(
    theirs: Sequence[str], ours: Sequence[str], key: Callable[[str], str]
) -> dict[str, str]:
    in_theirs, in_ours = Counter(map(key, theirs)), Counter(map(key, ours))
    name_of = {key(name): name for name in ours}
    found = {}
    for name in theirs:
        own = key(name)
        is_one = in_theirs[own] == 1 and in_ours[own] == 1
        if own and is_one and name_of[own] != name:
            found[name] = name_of[own]
    return found


def _by_affix(theirs: Sequence[str], ours: Sequence[str]) -> dict[str, str]:
    """Names with one prefix, or suffix, more: where several have it, and nothing else fits."""
    pairs: dict[tuple[str, str, bool], list[tuple[str, str]]] = {}
    of_theirs: Counter[str] = Counter()
    of_ours: Counter[str] = Counter()
    for one in theirs:
        for other in ours:
            affix = _affix(one, other)
            if affix is not None:
                pairs.setdefault(affix, []).append((one, other))
                of_theirs[one] += 1
                of_ours[other] += 1
    if not pairs:
        return {}
    best = max(pairs.values(), key=len)
    if len(best) < 2 or 2 * len(best) < min(len(theirs), len(ours)):
        return {}
    return {one: other for one, other in best if of_theirs[one] == 1 and of_ours[other] == 1}


def _affix(one: str, other: str) -> tuple[str, str, bool] | None:
    """The words before or behind one of two names in the other, and in which; else None."""
    of_one, of_other = words_of(one), words_of(other)
    short, long = sorted((of_one, of_other), key=len)
    n = len(short)
    if not n or n == len(long):
        return None
    if long[-n:] == short:
        return ("prefix", " ".join(long[:-n]), long is of_one)
    if long[:n] == short:
        return ("suffix", " ".join(long[n:]), long is of_one)
    return None


def alike_names(theirs: Sequence[str], ours: Sequence[str]) -> list[tuple[str, str]]:
    """Names of which one holds all words of the other at its beginning or end: perhaps the same.

    Parameters
    ----------
    theirs, ours : sequence of str
        Names that are not matched.
    """
    return _pairs(theirs, ours, _is_part)


def misspelled_names(theirs: Sequence[str], ours: Sequence[str]) -> list[tuple[str, str]]:
    """Names that differ in a plural or in a letter or two, ``'age'`` and ``'ages'``, of any two.

    Parameters
    ----------
    theirs, ours : sequence of str
        Names that are not matched.
    """
    return _pairs(theirs, ours, _is_misspelled)


def _pairs(
    theirs: Sequence[str],
    ours: Sequence[str],
    are_alike: Callable[[tuple[str, ...], tuple[str, ...]], bool],
) -> list[tuple[str, str]]:
    if len(theirs) * len(ours) > _MOST_PAIRS:
        return []
    words = {name: words_of(name) for name in (*theirs, *ours)}
    return [
        (one, other) for one in theirs for other in ours if are_alike(words[one], words[other])
    ]


def _is_part(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    short, long = sorted((one, other), key=len)
    is_word = any(len(word) > 1 and not word.isdigit() for word in short)
    return is_word and (long[: len(short)] == short or long[-len(short) :] == short)


def _is_misspelled(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names have the same words but for one, which is spelled alike."""
    if len(one) != len(other):
        return False
    differ = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    return len(differ) == 1 and _is_spelled_alike(*differ[0])


def _is_spelled_alike(one: str, other: str) -> bool:
    """Whether a word is another's plural, or has a letter or two that are other or swapped."""
    short, long = sorted((one, other), key=len)
    if len(short) < _FEWEST_LETTERS or short[0] != long[0] or not one.isalpha():
        return False
    if long in (short + "s", short + "es", short.removesuffix("y") + "ies"):
        return True
    if len(short) < _FEWEST_LETTERS + 2 or len(long) > len(short) + 2:
        return False
    return SequenceMatcher(None, short, long).ratio() > _ALIKE
