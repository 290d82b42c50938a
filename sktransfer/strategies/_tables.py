"""Tables that stand next to the target's, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

from sktransfer._typing import TableLike, TargetLike

#: One table and its target, or several: in a list, or by name.
WithTarget: TypeAlias = tuple[TableLike, TargetLike]
Tables: TypeAlias = WithTarget | Sequence[WithTarget] | Mapping[str, WithTarget]


def named_tables(tables: Tables | None) -> dict[str, WithTarget]:
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
        return {str(name): cast("WithTarget", tuple(pair)) for name, pair in tables.items()}
    if isinstance(tables, tuple) and len(tables) == 2:
        is_pair = not all(isinstance(one, tuple) and len(one) == 2 for one in tables)
        if is_pair:
            return {"source": cast("WithTarget", tables)}
    several = cast("Sequence[WithTarget]", tables)
    return {f"table{i}": cast("WithTarget", tuple(pair)) for i, pair in enumerate(several)}
