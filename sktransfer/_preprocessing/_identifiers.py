"""Columns that name rows: by what they are called, or by how their entries look.

In few rows, that all entries differ does not show it: they do in a column of towns, and in one of
amounts.  In many rows it does for texts, see :mod:`sktransfer._preprocessing._levels`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from sktransfer._preprocessing._series import Series, texts_of
from sktransfer._records import CategoricalColumn, Column, NumericColumn, UnencodedColumn
from sktransfer._typing import Entry

#: What identifiers are called: ``customer_id``, ``PassengerId``, ``uuid``, ``ID number``.
_NAMED = re.compile(
    r"(?:.*[\W_])?(?:id|ids|uuid|guid)|id[\W_].*|.*[a-z](?:Id|ID|Uuid|UUID)", re.DOTALL
)
#: What a count of the rows is called, also by programs that write tables.
_COUNTS = re.compile(
    r"unnamed: ?\d+|index|level_0|__index_level_\d+__|row[ _.]?(?:names?|num(?:ber)?|id|no\.?)"
    r"|s(?:r|l)?[ _.]*no\.?|serial[ _]?(?:no\.?|number)"
)
#: Entries below which nothing is said, and from which on some may come twice.
_FEWEST, _ENOUGH, _DISTINCT_SHARE = 10, 50, 0.9
#: Digits of a code, characters of a free text, and of a hash.
_DIGITS, _FREE_TEXT, _HASH = 4, 40, 16
_LOOKS = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[^@\s]+@[^@\s]+\.\w+|\w+://\S+"
    rf"|(?=\D*\d)[0-9a-f]{{{_HASH},}}",
    re.IGNORECASE,
)


def without_identifiers(series: Series, column: Column, known: Column | None) -> Column:
    """A column as it was fitted, or one that is left out as it names rows.

    Parameters
    ----------
    series : Series
    column : Column
        What it becomes by its entries.
    known : Column or None
        A source's column of this name: what the source has learned from is kept.
    """
    if known is not None and known.encoded_names:
        return column
    if isinstance(column, NumericColumn):
        counts = column.unit == "number" and is_called_identifier(column.name)
        found = _reason_of_numbers(series) if counts else ""
    elif isinstance(column, CategoricalColumn):
        found = _reason_of_texts(series, column.name)
    else:
        found = ""
    return UnencodedColumn(column.name, found) if found else column


def is_called_identifier(name: str) -> bool:
    """Whether a column is called as identifiers or counts of rows are."""
    name = name.strip()
    plain = name.casefold()
    return bool(_NAMED.fullmatch(name) or _NAMED.fullmatch(plain) or _COUNTS.fullmatch(plain))


def names_rows_by_number(series: Series) -> bool:
    """Whether a column of numbers is called an identifier, and its numbers are."""
    return is_called_identifier(str(series.name)) and bool(_reason_of_numbers(series))


def _reason_of_numbers(series: Series) -> str:
    values = np.asarray(series.to_list(), object)
    known = [value for value in values.tolist() if value is not None and value == value]
    try:
        whole = all(float(value).is_integer() for value in known)
    except (TypeError, ValueError):
        return ""
    if not whole or not _differ(known):
        return ""
    return f"{len(set(known))} different whole numbers in {len(known)} entries"


def _reason_of_texts(series: Series, name: str) -> str:
    texts = [text for text in texts_of(series) if text is not None]
    if len(texts) >= _ENOUGH or not _differ(texts):
        return ""  # by the entries alone, or not at all
    if not (is_called_identifier(name) or _look_like_names(texts)):
        return ""
    return f"{len(set(texts))} different texts in {len(texts)} entries"


def _differ(entries: Sequence[Entry]) -> bool:
    n = len(entries)
    if n < _FEWEST:
        return False
    n_distinct = len(set(entries))
    return n_distinct == n if n < _ENOUGH else n_distinct > _DISTINCT_SHARE * n


def _look_like_names(texts: Sequence[str]) -> bool:
    """Whether texts are hashes, addresses, codes of one form with many digits, or sentences."""
    plain = [text.strip() for text in texts]
    if all(map(_LOOKS.fullmatch, plain)):
        return True
    if np.mean([len(text) for text in plain]) >= _FREE_TEXT and all(" " in text for text in plain):
        return True
    ((form, n_same),) = Counter(map(_form, plain)).most_common(1)
    return n_same == len(plain) and form.count("0") >= _DIGITS and not form.isdigit()


def _form(text: str) -> str:
    """The form of a code: ``'C-000123'`` is ``'a-000000'``."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "0", text))
