"""Warnings about columns that stay behind, and what to do about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sktransfer._alignment._columns import encoded_of_columns, match_inputs
from sktransfer._alignment._conversions import column_of, conversion
from sktransfer._alignment._respelled import OF_SOURCE
from sktransfer._alignment._zones import in_one_zone, other_zones
from sktransfer._records import (
    ColumnMatch,
    InputColumns,
    NumericColumn,
    SourceDescription,
)
from sktransfer._warnings import counted, listed, warn
from sktransfer.exceptions import TransferWarning


def warn_nothing_in_common(
    source: SourceDescription, inputs: InputColumns, instead: str = "Training from scratch"
) -> None:
    """Say that two tables share no column, and what happens `instead`."""
    theirs: InputColumns = source.inputs.columns
    types = _other_types(theirs, ColumnMatch.none(inputs.n_inputs), inputs)
    if types:
        cure = _conversion(theirs, inputs, types, _lacking(theirs, inputs))
    else:
        cure = _names_in_common(theirs, inputs)
    how = "it needs them all" if _needed_together(theirs, inputs)[0] else "none is matched"
    warn(
        f"Nothing was carried over from the source ({source.name}): it has "
        f"{_columns(theirs.n_features, _own_names(theirs))}, X has "
        f"{_columns(inputs.n_features, inputs.names)}, and {how}. {instead}. {cure}",
        TransferWarning,
    )


def _needed_together(theirs: InputColumns, ours: InputColumns) -> tuple[list[str], list[str]]:
    """Columns that the source's own steps need together: those that a table has, and lacks."""
    needed = {
        name for made in getattr(theirs.transformer, "transformed", ()) for name in made.columns
    }
    shared = [name for name in ours.names or () if name in needed]
    return shared, sorted(needed - set(shared))


def _behind_prefix(name: str, names: Collection[str]) -> str | None:
    """Which of some names follows a step's prefix, as ``'age'`` does in ``'num__age'``."""
    while "__" in name:
        name = name.partition("__")[2]
        if name in names:
            return name
    return None


def warn_other_types(
    source: SourceDescription | None, inputs: InputColumns, feature_alignment: str
) -> None:
    """Say which columns stay behind because they are of another type than the source's.

    Where nothing else is shared either, another warning says so.  Datetimes that have a time zone
    in one table alone do not stay behind, and are named too.
    """
    if source is None or not (_has_types(source.inputs.columns) or _has_types(inputs)):
        return  # numbers on both sides
    columns = match_inputs(source, inputs, feature_alignment)
    if not source.layers or not columns.known.any():
        return  # what predicts alone is handed all of its columns, as it knew them
    others = _other_types(source.inputs.columns, columns, inputs)
    if others:
        lacking = _lacking(source.inputs.columns, inputs)
        # with those that are lacking, the source's own steps would take them
        warn(
            f"Of the source ({source.name}), columns that are of another type in X are not "
            f"carried over: {_of_two_types(others)}. Expected columns of one name to be of one "
            f"type. {_conversion(source.inputs.columns, inputs, others, lacking)}",
            TransferWarning,
        )
    zones = other_zones(source.inputs.columns, columns, inputs)
    if zones:
        warn(
            f"Of the source ({source.name}), columns of datetimes are matched with others in X: "
            f"{_of_two_types(zones)}. Expected a time zone in both or in neither: those with one "
            "count by their hours in UTC, the others by their own, so that one hour would mean "
            f"two. {in_one_zone(zones)}",
            TransferWarning,
        )


def _has_types(columns: InputColumns) -> bool:
    """Whether there may be other columns than numbers."""
    return bool(getattr(columns.transformer, "encoded_columns", ()))


def _lacking(theirs: InputColumns, ours: InputColumns) -> list[str]:
    """Columns that the source's own steps need, and that the target's table does not have."""
    if theirs.transformer is None or hasattr(theirs.transformer, "encoded_columns"):
        return []
    return [name for name in theirs.names or () if name not in (ours.names or ())]


def _other_types(
    theirs: InputColumns, columns: ColumnMatch, ours: InputColumns
) -> dict[str, tuple[str, str]]:
    """Columns that both tables have, but of two types: the target's and the source's.

    A column that only transformers take has an unknown type.
    """
    their_columns = encoded_of_columns(theirs, ())
    return {
        column: (kind.entries, their_columns[column][0].entries)
        for column, (kind, encoded) in encoded_of_columns(ours, columns.known).items()
        if column in their_columns
        and their_columns[column][0] is not kind
        and not any(encoded.values())
        and not getattr(column_of(theirs, column), "is_empty", False)  # it has no type
    }


def _own_names(theirs: InputColumns) -> tuple[str, ...] | None:
    """A source's names of its columns, those without a level in common with X among them."""
    names = theirs.names
    return None if names is None else tuple(name.removesuffix(OF_SOURCE) for name in names)


def _columns(n: int, names: Sequence[str] | None) -> str:
    if names is None:
        return f"{counted(n, 'column')} without names"
    return f"{counted(n, 'column')} such as {listed(names, 3)}"


def _of_two_types(types: Mapping[str, tuple[str, str]], most: int = 5) -> str:
    """``'age' (text in X, numbers in the source) and 2 more``."""
    shown = [
        f"{name!r} ({ours} in X, {theirs} in the source)"
        for name, (ours, theirs) in list(types.items())[:most]
    ]
    rest = len(types) - most
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def _conversion(
    theirs: InputColumns, ours: InputColumns, types: Collection[str], lacking: Collection[str]
) -> str:
    if lacking:
        return (
            "The source's own steps make these columns what they are, and need all of its table: "
            f"give X also {listed(lacking)}."
        )
    name = next(iter(types))
    cure = conversion(column_of(ours, name), column_of(theirs, name))
    return cure if len(types) == 1 else f"Of {name!r}: {cure}"


def _names_in_common(theirs: InputColumns, ours: InputColumns) -> str:
    """What gives two tables names in common."""
    made_of, known = set(ours.names or ()), {*(theirs.names or ()), *theirs.named_columns}
    made = [name for name in theirs.named_columns if _behind_prefix(name, made_of)]
    prefixed = [name for name in ours.names or () if _behind_prefix(name, known)]
    if made:
        return (
            f"The source's own steps call its columns {listed(made, 3)}, and they need all of its "
            "table. Give X all these columns, or let the steps keep the names "
            "(ColumnTransformer(verbose_feature_names_out=False)), or give what the steps make of "
            "X to the network behind them (source=pipeline[-1])."
        )
    if prefixed:
        return (
            f"A step before it has renamed columns of the source, to {listed(prefixed, 3)}. Let "
            "it keep the names, such as with ColumnTransformer(verbose_feature_names_out=False)."
        )
    if any(name.endswith(OF_SOURCE) for name in theirs.names or ()):
        return "Columns of the same names have other levels, as another warning says."
    shared, lacking = _needed_together(theirs, ours)
    if shared:
        return (
            "The source's own steps make its inputs of all columns at once, and X lacks "
            f"{listed(lacking, 3)}, for which nothing that they store can stand. Add it to X, "
            "with the value that is usual in the source's table."
        )
    if theirs.names is None:
        other = [
            column.name
            for column in getattr(ours.transformer, "columns", ())
            if not isinstance(column, NumericColumn)
        ]
        if other and len(ours.names or ()) == len(theirs.named_columns):
            return (
                f"The source has numbers in all its columns, X has something else in "
                f"{listed(other, 3)}: give the numbers that stood there, in the same order, or "
                "both tables with names."
            )
        return "Give the same columns in the same order, or both tables with names."
    if ours.names is None:
        return (
            "The names were probably lost on the way: transformers and some meta-estimators "
            "(bagging with max_features, ClassifierChain, RFE) hand over plain arrays. Let "
            "transformers keep names (.set_output(transform='pandas')), or give the source's "
            "columns in its order, which are then matched by position."
        )
    if known & made_of and len(ours.names) != len(theirs.names):
        return (
            "They have names in common; feature_alignment='position' needs as many columns in "
            "both tables. Use feature_alignment='name'."
        )
    return (
        "Say which columns mean the same, column_map={column of the source: column of X}; "
        "sktransfer.sources.suggest_columns(source, X) proposes pairs. Where as many columns "
        "stand in the same order, feature_alignment='position' does without."
    )
