"""Levels that an encoder of another package keeps of its columns, whatever it calls their list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sktransfer._preprocessing import level_text, table_of_columns
from sktransfer._typing import Entry
from sktransfer._warnings import silenced
from sktransfer.sources._kinds import is_foreign

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

#: Whatever a fitted step has as an attribute.
_Kept: TypeAlias = object
#: Two texts that no table has, which are one to an encoder, and levels that are tried.
_UNSEEN, _MOST_TRIED = ("\N{NO-BREAK SPACE}no such level", "\N{NO-BREAK SPACE}none either"), 50


def kept_levels(step: BaseEstimator, names: Sequence[str]) -> dict[str, list[Entry]]:
    """Levels of columns that a fitted step keeps by their names, and tells from other texts.

    That is tried: a list by the name of a column may be of anything.

    Parameters
    ----------
    step : transformer
        Fitted.
    names : sequence of str
        Of all columns that it takes.
    """
    found: dict[str, list[list[Entry]]] = {}
    own = _attributes(step)
    inside = [_attributes(one) for one in own if hasattr(one, "fit") and is_foreign(one)]
    # an encoder inside has the levels first, of which the outer one may keep codes
    for attribute in chain(*inside, own):
        for name, kept in _by_column(attribute, names):
            levels = [entry for entry in _entries(kept) if level_text(entry) is not None]
            if levels:
                found.setdefault(name, []).append(levels)
    usual = {name: lists[0][0] for name, lists in found.items()}
    return {
        name: levels
        for name, lists in found.items()
        for levels in reversed(lists)  # the first one that passes is the last that is kept
        if _tells(step, names, usual, name, levels)
    }


def _attributes(obj: BaseEstimator) -> list[_Kept]:
    return list(getattr(obj, "__dict__", {}).values())


def _by_column(attribute: _Kept, names: Sequence[str]) -> Iterator[tuple[str, _Kept]]:
    """What an attribute keeps of columns: by their names, or in a record for each."""
    if isinstance(attribute, Mapping):
        yield from ((name, attribute[name]) for name in names if name in attribute)
    elif isinstance(attribute, list) and all(isinstance(one, Mapping) for one in attribute):
        for record in attribute:
            values = list(record.values())
            named = [one for one in values if isinstance(one, str) and one in names]
            yield from ((named[0], one) for one in values if named)


def _entries(kept: _Kept) -> list[Entry]:
    """Keys of a mapping, the index of a series or frame of pandas, entries of a list."""
    if isinstance(kept, Mapping | list | tuple | np.ndarray):
        return list(kept)
    return list(kept.index) if hasattr(kept, "iloc") and hasattr(kept, "index") else []


def _tells(
    step: BaseEstimator,
    names: Sequence[str],
    usual: Mapping[str, Entry],
    name: str,
    levels: Sequence[Entry],
) -> bool:
    """Whether a step takes levels in a column, and makes something else of unseen texts."""

    def made(entries: Sequence[Entry]) -> list[str]:
        n_rows = len(entries)
        columns = [
            _column(entries if one == name else [usual.get(one, 1.0)] * n_rows) for one in names
        ]
        rows = step.transform(table_of_columns(columns, list(names), n_rows))
        return [repr(row) for row in np.asarray(rows, object).tolist()]

    with silenced(Warning):
        try:
            known = made(levels[:_MOST_TRIED])
        except Exception:  # whatever a foreign step makes of such rows
            return False
        with suppress(Exception):
            one, other = made(_UNSEEN)
            return one == other and any(row != one for row in known)
    return True


def _column(entries: Sequence[Entry]) -> np.ndarray:
    has_texts = any(isinstance(entry, str) for entry in entries)
    return np.array(entries, object if has_texts else None)
