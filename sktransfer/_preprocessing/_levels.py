"""Columns of categories: their levels, and an indicator for each."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import narwhals as nw
import numpy as np

from sktransfer._preprocessing._cleaned_texts import cleaned
from sktransfer._preprocessing._series import TEXTS, Series, has_no_entry, texts_of
from sktransfer._preprocessing._words import same_meaning
from sktransfer._records import CategoricalColumn, UnencodedColumn

#: Levels of one column that get an indicator of their own in any case; the rest share buckets.
MOST_LEVELS = 256
#: Beyond those, levels of so many rows do too, while the indicators have at most so many entries.
_FEWEST_ROWS, _MOST_ENTRIES, _MOST_OF_ALL = 2, 2 * 10**7, 2048
N_BUCKETS = 32
#: Marks that stand for blanks: of "new_york", not of "A-" or "-1".
_BETWEEN_WORDS = re.compile(r"(?<=[^\W\d_])[-_]+(?=[^\W\d_])")
#: How letters with marks are written where there are none: Köln is Koeln.
_TWO_LETTERS = str.maketrans(
    {letter: f"{plain}e" for letter, plain in zip("äöüøæ", "aouoa", strict=True)}
)
_TWO_LETTERS[ord("å")] = "aa"
#: Entries from which on a column of which nearly all differ is a name for rows.
_FEWEST_NAMED = 50
_DISTINCT_SHARE = 0.9


def fit_levels(
    series: Series,
    name: str,
    known: CategoricalColumn | None,
    takes_missing: bool,
    keeps_names: bool = False,
    named_rows: bool = False,
) -> CategoricalColumn | UnencodedColumn:
    """The levels of a column, those that a source has first.

    Parameters
    ----------
    keeps_names : bool, default=False
        Whether a column of which nearly all entries differ gets levels all the same.
    named_rows : bool, default=False
        Whether nearly all of its entries differed in the source, too.
    """
    texts = [text for text in texts_of(series) if text is not None]
    counts = Counter(texts)
    theirs = known.levels if known is not None else ()
    new = [level for level in counts if level not in set(theirs)]
    if not keeps_names and _are_names(len(new), len(texts), named_rows):
        reason = f"{len(counts)} different texts in {len(texts)} entries"
        return UnencodedColumn(name, reason)
    n_buckets = known.n_buckets if known is not None else 0
    if len(new) > max(0, MOST_LEVELS - len(theirs)):
        kept = _worth_their_own({level: counts[level] for level in new}, len(theirs), len(texts))
        n_buckets = N_BUCKETS if len(kept) < len(new) else n_buckets
        new = kept
    levels = (*theirs, *sorted(new))
    drops_first = known.drops_first if known is not None else takes_missing and len(levels) == 2
    marks_missing = known is not None and known.marks_missing
    return CategoricalColumn(name, levels, n_buckets, drops_first, marks_missing)


def _worth_their_own(counts: Mapping[str, int], n_known: int, n_entries: int) -> list[str]:
    """Levels with an indicator of their own, in addition to those of the source.

    One indicator per level is what a column of 2,000 levels is learned with; a bucket is hardly
    informative where ten levels share it.  A level of one row has nothing to learn from that its
    bucket has not.
    """
    most = min(max(_MOST_ENTRIES // n_entries, MOST_LEVELS), _MOST_OF_ALL) - n_known
    in_any_case = MOST_LEVELS - n_known
    in_order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [
        level
        for at, (level, n_rows) in enumerate(in_order[: max(most, 0)])
        if at < in_any_case or n_rows >= _FEWEST_ROWS
    ]


def names_rows(series: Series) -> bool:
    """Whether (nearly) every row of a column has another entry."""
    texts = [text for text in texts_of(series) if text is not None]
    return _are_names(len(set(texts)), len(texts))


def _are_names(n_new: int, n_entries: int, are_elsewhere: bool = False) -> bool:
    """Whether entries differ in nearly every row, of few rows only where another table says so.

    Few rows of a column of many levels, such as towns, hardly repeat any.
    """
    is_enough = are_elsewhere or n_entries >= _FEWEST_NAMED
    return is_enough and n_new > _DISTINCT_SHARE * n_entries


def encode_levels(series: Series, column: CategoricalColumn) -> tuple[np.ndarray, list[str]]:
    """Indicators of a column's levels, and texts that are none of them."""
    position: dict[str | None, int] = {level: i for i, level in enumerate(column.levels)}
    n_own = len(column.levels)
    texts = texts_of(series)
    unknown = {text for text in texts if text is not None and text not in position}
    if unknown:
        _check_type(series, column, unknown)
        position |= _spelled_otherwise(unknown, column.levels)
        unknown -= position.keys()
        meant = same_meaning(unknown, column.levels)
        position |= {text: position[level] for text, level in meant.items()}
        unknown -= meant.keys()
    if column.n_buckets:
        for text in unknown:
            position[text] = (
                n_own + zlib.crc32(text.encode("utf-8", "surrogatepass")) % column.n_buckets
            )
    at = np.fromiter((position.get(text, -1) for text in texts), np.intp, len(texts))
    out = np.zeros((len(at), n_own + column.n_buckets + column.marks_missing), np.float32)
    known = np.flatnonzero(at >= 0)
    out[known, at[known]] = 1.0
    if column.marks_missing:
        out[[text is None for text in texts], -1] = 1.0
    is_unknown = len(known) == 0 or not (at[known] < n_own).any()
    unknown_levels = sorted(unknown) if unknown and is_unknown else []
    if not column.drops_first:
        return out, unknown_levels
    out[at < 0] = np.nan
    return out[:, 1:], unknown_levels


def _check_type(series: Series, column: CategoricalColumn, unknown: set[str]) -> None:
    """Refuse a column of another type than levels can be of."""
    dtype = series.dtype
    is_text = dtype in (*TEXTS, nw.Object, nw.Boolean)
    if is_text or not column.levels or has_no_entry(series):
        return
    if unknown <= same_meaning(unknown, column.levels).keys():
        return  # zeros and ones for words that are truth values
    if not dtype.is_numeric() or not any(map(is_number, column.levels)):
        raise ValueError(
            f"Column {column.name!r} held text or categories in fit, such as "
            f"{column.levels[0]!r}, and is of type {dtype} now; expected the same. Convert it as "
            "before fit."
        )


def _spelled_otherwise(texts: set[str], levels: Sequence[str]) -> dict[str | None, int]:
    """Texts that are a level in another spelling, where that can only be one."""
    where: dict[str, int] = {}
    for i, level in enumerate(levels):
        for spelling in spellings(level):
            where[spelling] = -1 if where.get(spelling, i) != i else i
    found: dict[str | None, int] = {}
    for text in texts:
        at = next((where[one] for one in spellings(text) if where.get(one, -1) >= 0), -1)
        if at >= 0:
            found[text] = at
    return found


def spellings(level: str) -> Iterator[str]:
    """What a level can be known by: without case, blanks and marks, and the number that it is.

    Truth values are 0 and 1; numbers are compared in single precision.
    """
    plain = " ".join(level.split()).casefold()
    yield plain
    bare = " ".join(cleaned(level).split()).casefold().rstrip(".,;:!")
    bare = _BETWEEN_WORDS.sub(" ", bare)
    # a key of its own: what differs in case alone is nearer
    yield f"~ {without_accents(bare) or plain}"
    if not bare.isascii() and bare.translate(_TWO_LETTERS) != bare:
        yield f"~ {without_accents(bare.translate(_TWO_LETTERS))}"
    truth = {"true": 1.0, "false": 0.0}.get(plain)
    if truth is not None or is_number(plain):
        with np.errstate(over="ignore"):
            yield f"= {np.float32(plain if truth is None else truth)}"


def without_accents(text: str) -> str:
    """A text in one of the codes that it has, Latin letters without accents."""
    if text.isascii():
        return text
    kept = ""
    for mark in unicodedata.normalize("NFKD", text):
        if not (unicodedata.combining(mark) and kept[-1:].isascii()):
            kept += mark
    return unicodedata.normalize("NFKC", kept)


def is_number(text: str) -> bool:
    """Whether a text is a number as Python writes them."""
    try:
        float(text)
    except ValueError:
        return False
    return True
