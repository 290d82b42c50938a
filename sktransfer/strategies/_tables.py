"""Tables that stand next to the target's, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from typing import TypeAlias, cast

from sktransfer._typing import TableLike, TargetLike
from sktransfer._warnings import counted
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
    if not isinstance(tables, Mapping | tuple | list):
        raise SourceRowsError(
            f"The first argument of Joint is of type {type(tables).__name__}; expected a tuple "
            "(X, y), or a list or dict of such pairs. Write two pairs of brackets, Joint((X, y))."
        )
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


class _ShownBySize:
    """What scikit-learn prints of tables, where it would print every row."""

    def __repr__(self) -> str:
        try:
            sizes = [
                f"{name}: {counted(_n_rows(pair[0]), 'row')}"
                for name, pair in named_tables(cast("Tables", self)).items()
            ]
        except (TypeError, SourceRowsError):  # no tables, as fit says
            return "<no tables>"
        return f"<{', '.join(sizes) or 'no tables'}>"


class _Pair(_ShownBySize, tuple[TableLike, TargetLike]): ...


class _List(_ShownBySize, list[WithTarget]): ...


class _Named(_ShownBySize, dict[str, WithTarget]): ...


def shown_by_size(tables: Tables | None) -> Tables | None:
    """The same tables in a tuple, list or dict whose ``repr`` has the numbers of their rows."""
    if isinstance(tables, Mapping):
        return _Named(tables)
    if isinstance(tables, tuple):
        return cast("WithTarget", _Pair(tables))
    return _List(tables) if isinstance(tables, list) else tables


def _n_rows(X: TableLike) -> int:
    return int(X.shape[0]) if hasattr(X, "shape") else len(cast("Sized", X))
