"""Tables that stand next to the target's, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: One table and its target, or several: in a list, or by name.
Tables = tuple[Any, Any] | Sequence[tuple[Any, Any]] | Mapping[str, tuple[Any, Any]]


def named_tables(tables: Tables | None) -> dict[str, tuple[Any, Any]]:
    """Tables by name: keys of a dict, numbers of a list, ``'source'`` for a single one.

    Parameters
    ----------
    tables : (X, y), or list or dict of (X, y), or None

    Returns
    -------
    dict of str to (X, y)
    """
    if tables is None:
        return {}
    if isinstance(tables, Mapping):
        return {str(name): tuple(pair) for name, pair in tables.items()}
    if isinstance(tables, tuple) and len(tables) == 2:
        is_pair = not all(isinstance(one, tuple) and len(one) == 2 for one in tables)
        if is_pair:
            return {"source": tables}
    return {f"table{i}": tuple(pair) for i, pair in enumerate(tables)}
