"""Words of one meaning, such as ``yes`` and ``true``."""

from __future__ import annotations

from collections.abc import Collection, Mapping

#: Words of one meaning, by what they mean; a column is read so where all its levels are such.
VOCABULARIES: tuple[Mapping[str, str], ...] = (
    {
        **dict.fromkeys(("true", "t", "yes", "y", "on", "1", "1.0"), "1"),
        **dict.fromkeys(("false", "f", "no", "n", "off", "0", "0.0"), "0"),
        **dict.fromkeys(("ja", "j", "oui", "si", "sí", "sim", "tak", "evet", "да"), "1"),
        **dict.fromkeys(("nein", "nee", "non", "não", "nao", "nie", "hayır", "нет"), "0"),
        **dict.fromkeys(("wahr", "vrai", "✓", "✔"), "1"),
        **dict.fromkeys(("falsch", "faux", "✗", "✘"), "0"),
    },
    {
        **dict.fromkeys(("male", "m", "man"), "male"),
        **dict.fromkeys(("female", "f", "w", "woman"), "female"),
    },
)


#: Word in lower case → ``'1'`` or ``'0'``.
TRUTHS = VOCABULARIES[0]


def truth_of(levels: Collection[str]) -> dict[str, str] | None:
    """Level → ``'1'`` or ``'0'`` where all of them are words for truth values, else None."""
    return meanings(levels, TRUTHS)


def meanings(levels: Collection[str], words: Mapping[str, str]) -> dict[str, str] | None:
    """What each of some levels means; None where one is no such word, or two mean the same."""
    found = {level: words.get(" ".join(level.split()).casefold(), "") for level in levels}
    if not found or not all(found.values()) or len(set(found.values())) < len(found):
        return None
    return found


def same_meaning(texts: Collection[str], levels: Collection[str]) -> dict[str, str]:
    """Which level has the meaning of each of some texts: ``'yes'`` that of ``'True'``.

    Only where there are two levels, both words of one vocabulary; texts of another meaning are
    left out.

    Parameters
    ----------
    texts, levels : collection of str

    Returns
    -------
    dict of str to str
        Text → level.
    """
    for words in VOCABULARIES:
        own = meanings(levels, words)
        if own is not None and len(own) == 2:
            level_of = {meaning: level for level, meaning in own.items()}
            meant = {text: words.get(" ".join(text.split()).casefold(), "") for text in texts}
            return {text: level_of[what] for text, what in meant.items() if what in level_of}
    return {}
