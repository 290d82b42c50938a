"""The proof that a network of a table is the network behind the steps: both compute the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from sktransfer._preprocessing import apply_transformer, encode
from sktransfer._records import InputSchema, SourceDescription
from sktransfer._typing import CheckedTable, Frame, is_sparse
from sktransfer.sources._traced import Knowledge, Number

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


_N_ROWS = 16
_TOLERANCE = 1e-5


def is_same(
    made: SourceDescription,
    inner: SourceDescription,
    steps: Sequence[BaseEstimator],
    known: Knowledge,
) -> bool:
    """Whether the first layers agree on rows like those that the steps were fitted to.

    Rows are made up of what the steps have stored; where they have not stored what a column
    holds, there is nothing to compute with, and the steps' own word is taken.
    """
    table = _rows(made.inputs, known)
    if table is None:
        return True
    X: CheckedTable = table
    for step in steps:
        X = step.transform(X)
    X = X.toarray() if is_sparse(X) else np.asarray(X, dtype=np.float64)
    theirs = encode(X, inner.inputs, np.float64)
    if made.inputs.columns.transformer is None:
        table = np.asarray(table, dtype=np.float64)
    ours = encode(apply_transformer(table, made.inputs.columns), made.inputs, np.float64)
    expected = _linear(theirs, inner)
    found = _linear(ours, made)
    scale = max(1.0, float(np.abs(expected).max()))
    return bool(np.abs(found - expected).max() <= _TOLERANCE * scale)


def _linear(inputs: np.ndarray, source: SourceDescription) -> np.ndarray:
    out: np.ndarray = inputs @ source.layers[0].weight.astype(np.float64) + source.layers[0].bias
    return out


def _rows(schema: InputSchema, known: Knowledge) -> CheckedTable | None:
    """Rows of every level that is known, and of numbers about the usual ones."""
    rng = np.random.default_rng(0)
    columns = schema.columns
    spread = {t.column: unit for t, unit in known.units.items() if isinstance(t, Number)}
    made: list[np.ndarray] = []
    for i in range(columns.n_features):
        levels = list(known.levels.get(i, {}).values())
        if levels:
            column = np.empty(_N_ROWS, dtype=object)
            column[:] = [levels[j] for j in rng.integers(len(levels), size=_N_ROWS)]
        elif i in spread or isinstance(known.typical.get(i), int | float):
            typical = cast("float", known.typical.get(i, 0.0))
            mean, deviation = spread[i] if i in spread else (float(typical), 1.0)
            column = mean + deviation * rng.normal(size=_N_ROWS)
        else:
            return None
        made.append(column)
    if columns.names is not None:
        import pandas as pd  # whoever fitted the steps on a frame has it

        objects = {i for i, one in known.encoded.items() if one.kind == "O"}
        every = {i: pd.Series(column) for i, column in enumerate(made)}
        typed = {i: c if i in objects else c.infer_objects() for i, c in every.items()}
        frame = pd.DataFrame(typed)
        named: Frame = frame.set_axis(list(columns.names), axis=1)
        return named
    is_mixed = any(column.dtype == object for column in made)
    return np.column_stack([c.astype(object) for c in made] if is_mixed else made)
