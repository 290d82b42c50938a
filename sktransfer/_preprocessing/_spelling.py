"""Levels of two columns that mean the same and are spelled otherwise."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sktransfer._preprocessing._levels import spellings
from sktransfer._preprocessing._words import VOCABULARIES, meanings

#: Pairs of levels up to which they are compared one by one.
_MOST_PAIRS = 40_000
#: Letters for private use: each stands for the lost letters at the end of one level.
_FIRST_LOST, _N_LOST = 0xE000, 6400
#: Levels, next to common ones, from which on it is no chance that all begin one of the others.
_ENOUGH_BEGIN = 3


def same_levels(ours: Collection[str], theirs: Sequence[str]) -> dict[str, str]:
    """Which level of one column is which of another's, where it is another text.

    They are the same but for case and blanks, one number, words of one meaning such as ``yes``
    and ``true``, or the beginnings of each other, as far as that can only be one.

    Parameters
    ----------
    ours, theirs : collection of str
        The levels of either.

    Returns
    -------
    dict of str to str
        Level of `ours` → level of `theirs`.
    """
    if any(map(_is_cut, theirs)):
        whole = _of_cut(ours, theirs)
        named = {other: one for one, other in whole.items()}
        known = [
            named.get(level, level) for level in theirs if level in named or not _is_cut(level)
        ]
        rest = same_levels(ours, known)
        return whole | {one: whole.get(other, other) for one, other in rest.items()}
    common = set(ours) & set(theirs)
    left = [level for level in ours if level not in common]
    there = [level for level in theirs if level not in common]
    found = _by_key(left, there)
    if len(found) < len(left):
        found = _by_meaning(ours, theirs, common) or found
    # of months, May is common to names and abbreviations
    if not found and (not common or len(left) >= _ENOUGH_BEGIN):
        found = _by_beginning(left, there)
    return found


def cut_level(start: str, n_letters: int, position: int) -> str:
    """What stands for a level of which a source has lost the end.

    Parameters
    ----------
    start : str
        What is left of it.
    n_letters : int
        Of the whole level.
    position : int
        Of the level among others, so that no two are alike.
    """
    return start + chr(_FIRST_LOST + position % _N_LOST) * (n_letters - len(start))


def _is_cut(level: str) -> bool:
    return level != "" and 0 <= ord(level[-1]) - _FIRST_LOST < _N_LOST


def _of_cut(ours: Collection[str], theirs: Sequence[str]) -> dict[str, str]:
    """Levels that only one with a lost end can be.

    Where there are as many on either side, levels may be in the order of the alphabet: a level of
    which nothing is left is then known by its place.
    """
    pairs = list(zip(sorted(ours), theirs, strict=False))
    if len(ours) == len(theirs) and all(_may_be(one, other) for one, other in pairs):
        return {one: other for one, other in pairs if _is_cut(other)}
    found: dict[str, str] = {}
    for other in filter(_is_cut, theirs):
        fits = [one for one in ours if one not in theirs and _may_be(one, other)]
        if len(fits) == 1 and other[0] != other[-1]:
            found[fits[0]] = other if fits[0] not in found else ""
    return {one: other for one, other in found.items() if other}


def _may_be(one: str, other: str) -> bool:
    """Whether a level may be another, of which the end may be lost, but for case."""
    if not _is_cut(other):
        return one.casefold() == other.casefold()
    start = other.rstrip(other[-1])
    return len(one) == len(other) and one[: len(start)].casefold() == start.casefold()


def _by_key(ours: Sequence[str], theirs: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for where, what in ((ours, theirs), (theirs, ours)):
        keys = _only_ones(what)
        pairs = {}
        for level in where:
            known = [keys[key] for key in spellings(level) if keys.get(key)]
            if known:
                pairs[level] = known[0]
        if what is theirs:
            found = pairs
        else:
            found = {one: other for one, other in found.items() if pairs.get(other) == one}
    return found


def _only_ones(levels: Sequence[str]) -> dict[str, str]:
    """Key → the level that it can only be; an empty text where there are several."""
    only: dict[str, str] = {}
    for level in levels:
        for key in spellings(level):
            only[key] = level if only.get(key, level) == level else ""
    return only


def word_for(truth: str, levels: Collection[str]) -> str:
    """The word that goes with some words for truth values: ``'no'`` with ``'yes'``."""
    pairs = (("false", "true"), ("f", "t"), ("no", "yes"), ("n", "y"), ("off", "on"), ("0", "1"))
    for level in levels:
        for pair in pairs:
            if level.strip().casefold() in pair:
                word = pair[int(truth)]
                plain = level.strip()
                return (
                    word.upper()
                    if plain.isupper()
                    else (word.title() if plain.istitle() else word)
                )
    return truth


def _by_meaning(
    ours: Collection[str], theirs: Sequence[str], common: Collection[str]
) -> dict[str, str]:
    for words in VOCABULARIES:
        here, there = meanings(ours, words), meanings(theirs, words)
        if here is not None and there is not None:
            of_meaning = {meaning: level for level, meaning in there.items()}
            return {
                level: of_meaning[meaning]
                for level, meaning in here.items()
                if meaning in of_meaning and level not in common
            }
    return {}


def _by_beginning(ours: Sequence[str], theirs: Sequence[str]) -> dict[str, str]:
    """Abbreviations, where every level is one of exactly one level there."""
    if len(ours) < 2 or len(ours) * len(theirs) > _MOST_PAIRS:
        return {}
    if not all(level.strip().isalpha() for level in ours):
        return {}
    found = {}
    for level in ours:
        plain = level.strip().casefold()
        fits = [
            other
            for other in theirs
            if other.strip().isalpha() and _begins(plain, other.strip().casefold())
        ]
        if len(fits) != 1:
            return {}
        found[level] = fits[0]
    return found if len(set(found.values())) == len(found) else {}


def _begins(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
