"""How many columns a transformer makes of how many, whatever it is composed of.

Of transformers that consist of others, each must be able to take what the one before it makes,
and every column that is named must be there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sktransfer._persistence._checks import MOST_COLUMNS, is_named, is_real, name_of, need
from sktransfer._persistence._sklearn_state import STATES, check_state
from sktransfer._persistence._values import Made, Picked, Respelled, Split
from sktransfer._records import InputColumns

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


#: Names of columns where they are known.
Names = Sequence[str] | None
#: Columns as a ColumnTransformer is given them, and one of its parts.
Chosen: TypeAlias = slice | Sequence[int] | Sequence[bool] | Sequence[str] | np.ndarray
Triple: TypeAlias = "tuple[str, BaseEstimator, Chosen]"
#: Entries of a table.
_PLAIN = (str, int, float, np.number, np.bool_, np.str_, type(None))


def check_transformer(columns: InputColumns) -> None:
    """Refuse columns whose transformer does not make the encoded ones of the table's.

    Raises
    ------
    ValueError
    """
    transformer: BaseEstimator | None = columns.transformer
    if transformer is None:
        return
    need(columns.n_features <= MOST_COLUMNS, f"a table of {columns.n_features} columns")
    n_encoded = columns_made(transformer, columns.n_features, columns.names)
    need(
        n_encoded == columns.n_encoded,
        f"{name_of(transformer)} makes {n_encoded} columns, not {columns.n_encoded}",
    )
    _check_encoded_names(transformer, columns)


def _check_encoded_names(transformer: BaseEstimator, columns: InputColumns) -> None:
    """Encoded columns are called what a transformer that was fitted to names calls them."""
    if columns.encoded_names is None or not hasattr(transformer, "get_feature_names_out"):
        return
    if name_of(transformer) != "FrameEncoder" and "feature_names_in_" not in vars(transformer):
        return
    made = [str(name) for name in transformer.get_feature_names_out()]
    if columns.order is not None:
        made = [made[i] for i in columns.order]
    is_same = list(columns.encoded_names) == made
    need(is_same, f"{name_of(transformer)} calls its columns otherwise")


def columns_made(transformer: BaseEstimator, n: int, names: Names = None) -> int:
    """How many columns a fitted transformer makes of `n`.

    Parameters
    ----------
    transformer : object
        Of one of the classes that a file may contain.
    n : int
    names : sequence of str, optional
        The columns' own.

    Raises
    ------
    ValueError
        If it can make nothing of them.
    """
    kind = name_of(transformer)
    need(kind in _COMPOSED or kind in STATES, f"{kind} transforms no table")
    own = vars(transformer).get("feature_names_in_") if kind in STATES else None
    if own is not None:
        need(is_named(own, n), f"{kind}.feature_names_in_ are no names of {n} columns")
        need(names is None or own.tolist() == list(names), f"{kind} takes columns of other names")
    composed = _COMPOSED.get(kind)
    n_out = check_state(transformer, n) if composed is None else composed(transformer, n, names)
    need(0 <= n_out <= MOST_COLUMNS, f"{kind} makes {n_out} columns")
    return n_out


def _in_a_row(steps: Sequence[BaseEstimator], n: int, names: Names) -> int:
    for step in steps:
        n, names = columns_made(step, n, names), None
    return n


def _chained(transformer: BaseEstimator, n: int, names: Names) -> int:
    return _in_a_row(transformer.steps, n, names)


def _pipeline(pipeline: BaseEstimator, n: int, names: Names) -> int:
    steps = [step for _, step in named(pipeline.steps)]
    acting = [step for step in steps if step is not None and step != "passthrough"]
    return _in_a_row(acting, n, names)


def named(pairs: list[tuple[str, BaseEstimator]]) -> list[tuple[str, BaseEstimator]]:
    """The steps of a Pipeline or FeatureUnion, which differ by name."""
    need(type(pairs) is list, "the steps are no list")
    for pair in pairs:
        need(type(pair) is tuple and len(pair) == 2 and type(pair[0]) is str, "a step has no name")
    need(len(dict(pairs)) == len(pairs), "two steps have one name")
    return pairs


def _feature_union(union: BaseEstimator, n: int, names: Names) -> int:
    parts = named(union.transformer_list)
    _check_weights(union.transformer_weights, [name for name, _ in parts])
    total = 0
    for _, part in parts:
        if part != "drop":
            total += n if part == "passthrough" else columns_made(part, n, names)
        need(total <= MOST_COLUMNS, f"FeatureUnion makes {total} columns")
    return total


def _check_weights(weights: Mapping[str, float] | None, names: Sequence[str]) -> None:
    for name, weight in (weights or {}).items():
        is_finite = is_real(weight) and np.isfinite(weight)
        need(is_finite and name in names, "a transformer has a weight that is no number")


def _frame_encoder(encoder: BaseEstimator, n: int, names: Names) -> int:
    need(len(encoder.columns) == n, f"FrameEncoder takes {len(encoder.columns)} columns, not {n}")
    known = encoder.feature_names_in_
    need(len(set(known)) == n, "FrameEncoder has two columns of one name")
    for made in encoder.transformed:
        need(name_of(made) == "TransformedColumns", "FrameEncoder has another transformer")
        # what the table lacks gets an entry of `fill`
        are_names = all(type(name) is str for name in made.columns)
        need(are_names, "TransformedColumns takes a column without a name")
        _transformed_columns(made)
    return len(encoder.get_feature_names_out())


def _transformed_columns(made: Made) -> None:
    n, n_out = len(made.columns), len(made.outputs)
    total = columns_made(made.transformer, n)
    need(len(made.fill) == n, "TransformedColumns has no entry for a missing column, or two")
    fills = made.fills_missing
    need(len(fills) == n and {*map(type, fills)} <= {bool}, "fills_missing is not one per column")
    need(all(isinstance(fill, _PLAIN) for fill in made.fill), "a missing column has an odd entry")
    need(all(type(i) is int and 0 <= i < total for i in made.outputs), "there is no such output")
    need(len(made.names) == n_out == len(made.made_of), "TransformedColumns has other outputs")
    need(all(type(name) is str for name in (*made.names, made.label)), "an output has no name")
    for columns in made.made_of:
        is_there = all(type(i) is int and 0 <= i < n for i in columns)
        need(is_there and bool(columns), "an output is made of columns that are not there")


def _picked_columns(picked: Picked, n: int, names: Names) -> int:
    need(type(picked.columns) is tuple, "a column is picked alone")
    is_there = all(type(i) is int and 0 <= i < n for i in picked.columns)
    need(is_there, "columns are picked that are not there")
    is_named_so = picked.names is None or is_named(np.array(picked.names, object), n)
    need(is_named_so, "columns are picked from a table of others")
    return len(picked.columns)


def _respelled(respelled: Respelled, n: int, names: Names) -> int:
    n_out = columns_made(respelled.transformer, n, names)
    known = getattr(respelled.transformer, "feature_names_in_", np.empty(0, object))
    need(is_named(known, n), "levels are respelled of columns without names")
    need(type(respelled.levels) is dict, "the levels are no dict")
    for name, entries in respelled.levels.items():
        need(name in known.tolist(), "levels are respelled of a column that is not there")
        need(type(entries) is dict, "the levels of a column are no dict")
        need(all(type(text) is str for text in entries), "a level has no text")
        need(all(isinstance(e, _PLAIN) for e in entries.values()), "a level has an odd entry")
    return n_out


def _split_columns(split: Split, n: int, names: Names) -> int:
    taken, rest = split.taken, split.rest
    positions = [*taken, *rest]
    need(all(type(i) is int for i in positions), "SplitColumns takes columns by no positions")
    need(sorted(positions) == list(range(n)), "SplitColumns does not take every column once")
    n_out = columns_made(split.transformer, len(taken))
    if split.encoder is None:
        return n_out + len(rest)
    need(name_of(split.encoder) == "FrameEncoder", "SplitColumns has another encoder")
    return n_out + columns_made(split.encoder, len(rest))


def _column_transformer(transformer: BaseEstimator, n: int, names: Names) -> int:
    """Columns of a ColumnTransformer, all of whose notes on who takes what are checked."""
    need(type(transformer.sparse_output_) is bool, "sparse_output_ is no truth value")
    own = vars(transformer).get("feature_names_in_")
    labels = None if own is None else own.tolist()
    given = list(_triples(transformer.transformers))
    fitted = list(_triples(transformer.transformers_))
    n_given = len(given)
    known = [name for name, _, _ in given]
    need(len({*known, "remainder"}) == n_given + 1, "two transformers have one name")
    for part in (
        *(part for _, part, _ in given),
        transformer.remainder,
        transformer._remainder[1],
    ):
        need(is_unfitted(part), "ColumnTransformer was given a transformer that is fitted")
    need(known == [name for name, _, _ in fitted[:n_given]], "transformers_ are others")
    need(
        _are_same(transformer._columns, [c for _, _, c in fitted[:n_given]]), "_columns are others"
    )
    indices = {name: positions(columns, n, labels) for name, _, columns in fitted[:n_given]}
    used = {i for those in indices.values() for i in those}
    indices["remainder"] = [i for i in range(n) if i not in used]
    need(transformer._transformer_to_input_indices == indices, "it takes other columns")
    _check_remainder(transformer, fitted[n_given:], indices["remainder"], n, labels)
    _check_weights(transformer.transformer_weights, known)
    outputs, total = {}, 0
    for name, part, _ in fitted:
        those = indices[name]
        if isinstance(part, str):
            need(part == "drop", f"a part of a ColumnTransformer is {part[:20]!r}")
            continue
        if those:
            theirs = None if labels is None else [labels[i] for i in those]
            width = columns_made(part, len(those), theirs)
            outputs[name] = slice(total, total + width)
            total += width
        need(total <= MOST_COLUMNS, f"ColumnTransformer makes {total} columns")
    outputs |= {name: slice(0, 0) for name in (*known, "remainder") if name not in outputs}
    need(transformer.output_indices_ == outputs, "ColumnTransformer makes other columns")
    _check_notes(transformer, total)
    return total


def is_unfitted(part: BaseEstimator | str | None) -> bool:
    """Whether an object of scikit-learn's, or the name of one, has nothing but parameters."""
    if part is None or isinstance(part, str):
        return True
    inside = getattr(part, "steps", None) or getattr(part, "transformer_list", None) or []
    state = STATES.get(name_of(part))
    fitted = {"n_features_in_", *(() if state is None else (*state.fitted, *state.some))}
    return not fitted & set(vars(part)) and all(is_unfitted(one) for _, one in named(inside))


def _check_notes(transformer: BaseEstimator, n_out: int) -> None:
    """What a ColumnTransformer of some settings and versions stores in addition."""
    names = vars(transformer).get("_transformers_feature_names_out")
    need(names is None or is_named(np.asarray(names, object), n_out), "it has names of others")


def _triples(parts: list[Triple]) -> Iterator[Triple]:
    need(type(parts) is list, "the transformers are no list")
    for part in parts:
        is_triple = type(part) is tuple and len(part) == 3 and type(part[0]) is str
        need(is_triple, "a transformer has no name, or no columns")
        yield part


def _check_remainder(
    transformer: BaseEstimator, last: list, rest: list[int], n: int, labels: Names
) -> None:
    noted = transformer._remainder
    need(type(noted) is tuple and len(noted) == 3, "_remainder is none")
    is_same = type(noted[1]) is type(transformer.remainder) and noted[0] == "remainder"
    need(is_same, "the remainder is another")
    need(not isinstance(noted[1], str) or noted[1] == transformer.remainder, "it has another rest")
    need(positions(noted[2], n, labels) == rest, "the remainder has other columns")
    need(len(last) == bool(noted[2]), "the remainder is missing, or there are two")
    for name, part, columns in last:
        need(name == "remainder" and _are_same([columns], [noted[2]]), "it has another rest")
        need((part == "drop") == (transformer.remainder == "drop"), "it has another rest")


def positions(columns: Chosen, n: int, names: Names) -> list[int]:
    """Positions of the columns that a ColumnTransformer was given to take.

    Raises
    ------
    ValueError
        If they are not there, or given in a way of which scikit-learn makes one dimension.
    """
    if isinstance(columns, slice):
        return list(range(n)[_by_position(columns, names)])
    need(isinstance(columns, list | tuple | np.ndarray), "columns are chosen in another way")
    chosen: list = columns.tolist() if isinstance(columns, np.ndarray) else list(columns)
    kinds = {type(column) for column in chosen}
    need(len(kinds) <= 1 and kinds <= {int, bool, str}, "columns are chosen in several ways")
    if kinds == {bool}:
        need(len(chosen) == n, "columns are chosen by truth values of others")
        return [i for i, is_chosen in enumerate(chosen) if is_chosen]
    if kinds == {str}:
        need(names is not None, "columns without names are chosen by name")
        where = {name: i for i, name in enumerate(names or ())}
        need(set(chosen) <= set(where), "columns are chosen that are not there")
        return [where[name] for name in chosen]
    need(all(-n <= i < n for i in chosen), "columns are chosen that are not there")
    return [i % n for i in chosen]


def _by_position(columns: slice, names: Names) -> slice:
    """A slice by position; by name it includes its end."""
    bounds = (columns.start, columns.stop)
    if not any(isinstance(bound, str) for bound in bounds):
        return columns
    need(names is not None and columns.step in (None, 1), "columns without names are chosen so")
    known = list(names or ())
    start = None if columns.start is None else known.index(columns.start)
    stop = None if columns.stop is None else known.index(columns.stop) + 1
    return slice(start, stop)


def _are_same(first: list[Chosen], second: list[Chosen]) -> bool:
    """Whether two lists of choices of columns are equal, arrays among them."""
    plain = [
        [c.tolist() if isinstance(c, np.ndarray) else c for c in those]
        for those in (first, second)
    ]
    return type(first) is list and plain[0] == plain[1]


_COMPOSED: dict[str, Callable[[BaseEstimator, int, Names], int]] = {
    "ChainedTransformer": _chained,
    "ColumnTransformer": _column_transformer,
    "FeatureUnion": _feature_union,
    "FrameEncoder": _frame_encoder,
    "PickedColumns": _picked_columns,
    "Pipeline": _pipeline,
    "RespelledLevels": _respelled,
    "SplitColumns": _split_columns,
}
