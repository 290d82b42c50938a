"""Columns of records, as a fitted :class:`~sklearn.feature_extraction.DictVectorizer` has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from sklearn.feature_extraction import DictVectorizer

    from sktransfer._records import Transformer

#: The kind of step that makes records of a table.
_FUNCTION = "FunctionTransformer"


def columns_of_records(
    steps: Sequence[Transformer], names: Sequence[str]
) -> tuple[list[int], dict[int, list[str]]]:
    """Which columns are numbers of records that steps make of a table, and the levels of others.

    A number's key is its column's name, that of a text ``'name=level'``.  The functions that make
    records of a table have no list of either.

    Parameters
    ----------
    steps : sequence of transformers
        Fitted.
    names : sequence of str
        Of the columns of their table.

    Returns
    -------
    numbers : list of int
        Positions of columns that are numbers in all records.
    levels : dict of int to list of str
        Position of a column that is text in all records → its levels.
    """
    numbers, levels = [], {}
    every = list(_flat(steps))
    kinds = [type(step).__name__ for step in every]
    if "DictVectorizer" not in kinds:
        return [], {}
    at = kinds.index("DictVectorizer")
    if set(kinds[:at]) - {_FUNCTION}:
        return [], {}
    vectorizer = cast("DictVectorizer", every[at])
    keys, separator = vectorizer.feature_names_, vectorizer.separator
    for i, name in enumerate(names):
        start = f"{name}{separator}"
        known = [key.removeprefix(start) for key in keys if key.startswith(start)]
        if name in keys and not known:
            numbers.append(i)
        elif known and name not in keys:
            levels[i] = known
    return numbers, levels


def _flat(steps: Sequence[Transformer]) -> Iterator[Transformer]:
    for step in steps:
        inner = getattr(step, "steps", None)
        if inner is None:
            yield step
        else:
            yield from _flat([one[1] if isinstance(one, tuple) else one for one in inner])
