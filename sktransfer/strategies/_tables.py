"""Tables that stand next to the target's, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

from sktransfer._typing import TableLike, TargetLike
from sktransfer.exceptions import SourceRowsError

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

    Raises
    ------
    SourceRowsError
        If they are no pairs.
    """
    if tables is None:
        return {}
    if isinstance(tables, Mapping):
        named = {str(name): pair for name, pair in tables.items()}
    elif (
        isinstance(tables, tuple)
        and len(tables) == 2
        and not all(isinstance(one, tuple) and len(one) == 2 for one in tables)
    ):  # a table and its target, not two of these
        named = {"source": cast("WithTarget", tables)}
    else:
        several = cast("Sequence[WithTarget]", tables)
        named = {f"table{i}": pair for i, pair in enumerate(several)}
    if not all(isinstance(pair, tuple | list) for pair in named.values()):
        kinds = ", ".join(type(one).__name__ for one in named.values())
        raise SourceRowsError(
            f"Joint has a {type(tables).__name__} of {len(named)} parts ({kinds}); expected a "
            "tuple (X, y), the rows of another table and their targets, or a list or dict of "
            "such pairs. Weights of rows cannot be given with them."
        )
    return {name: cast("WithTarget", tuple(pair)) for name, pair in named.items()}
