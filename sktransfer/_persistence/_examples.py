"""A few rows that a saved model must be able to predict, made of what it stores about its columns.

Every transformer stores the values that it was fitted to: categories, means, edges of bins.  They
go back through the transformers before it, as far as these leave columns what they are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sktransfer._persistence._checks import name_of
from sktransfer._persistence._composed import columns_made, named
from sktransfer._persistence._values import Picked, Plain, Split
from sktransfer._records import InputSchema
from sktransfer._typing import Frame

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


#: Values of a column, by row, where nothing is known of it.
_NUMBERS = (1.0, 2.0, 0.5)
N_ROWS = len(_NUMBERS)
#: Values by row and column; None where any number will do.
Rows = np.ndarray | None


def example_table(inputs: InputSchema) -> np.ndarray | Frame | None:
    """Three rows of a table that a model takes.

    Parameters
    ----------
    inputs : InputSchema

    Returns
    -------
    ndarray or DataFrame of shape (3, n_features), or None
        None if it would have to be a frame, and there is no library of frames.
    """
    columns, scaling = inputs.columns, inputs.scaling
    n_encoded = columns.n_encoded
    typical = _around(scaling.center[:n_encoded], scaling.scale[:n_encoded])
    if columns.order is not None:
        typical = typical[:, np.argsort(columns.order)]
    transformer: BaseEstimator | None = columns.transformer
    rows: Rows = typical
    if transformer is not None:
        known = typical if scaling.is_measured else None
        rows = _before(transformer, columns.n_features, known)
    if rows is None:
        rows = _any(columns.n_features)
    return rows if columns.names is None else _frame(rows, columns.names)


def _frame(rows: np.ndarray, names: Sequence[str]) -> Frame | None:
    make = _library_of_frames()
    return make and make(
        {name: _typed(column) for name, column in zip(names, rows.T, strict=True)}
    )


def _library_of_frames() -> Callable[[dict[str, np.ndarray | list]], Frame] | None:
    """The class of frames that is there, or that can be had."""
    if "polars" in sys.modules and "pandas" not in sys.modules:
        import polars

        return polars.DataFrame
    try:
        import pandas
    except ImportError:
        return None
    return pandas.DataFrame


def _typed(column: np.ndarray) -> np.ndarray | list:
    """A column as a frame keeps it: of texts, datetimes or numbers."""
    values = column.tolist()
    if isinstance(values[0], np.datetime64):
        return np.array(values, "datetime64[us]")
    return values if column.dtype == object else column


def _any(n: int) -> np.ndarray:
    return np.repeat(np.array(_NUMBERS)[:, None], n, axis=1)


def _around(center: np.ndarray, scale: np.ndarray | float) -> np.ndarray:
    """Where columns lie, and a little above and below; 1 where that is not known."""
    rows = np.stack([center, center + scale, center - scale]).astype(np.float64)
    return np.where(np.isfinite(rows), rows, 1.0)


def _put(rows: np.ndarray, where: list[int] | np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values in the place of some columns."""
    if values.dtype == object and rows.dtype != object:
        rows = rows.astype(object)
    rows[:, where] = values
    return rows


def _before(transformer: BaseEstimator, n: int, behind: Rows) -> Rows:
    """Rows of `n` columns that a transformer takes, and makes `behind` of if it can."""
    return _BEFORE.get(name_of(transformer), _nothing)(transformer, n, behind)


def _nothing(transformer: BaseEstimator, n: int, behind: Rows) -> Rows:
    return None


def _in_a_row(steps: Sequence[BaseEstimator], n: int, behind: Rows) -> Rows:
    widths = [n]
    for step in steps:
        widths.append(columns_made(step, widths[-1]))
    for step, width in zip(reversed(steps), reversed(widths[:-1]), strict=True):
        behind = _before(step, width, behind)
    return behind


def _pipeline(pipeline: BaseEstimator, n: int, behind: Rows) -> Rows:
    steps = [step for _, step in named(pipeline.steps)]
    acting = [step for step in steps if step is not None and step != "passthrough"]
    return _in_a_row(acting, n, behind)


def _feature_union(union: BaseEstimator, n: int, behind: Rows) -> Rows:
    parts = [part for _, part in named(union.transformer_list) if not isinstance(part, str)]
    found = [_before(part, n, None) for part in parts]
    known = [rows for rows in found if rows is not None]
    return next((rows for rows in known if rows.dtype == object), known[0] if known else None)


def _column_transformer(transformer: BaseEstimator, n: int, behind: Rows) -> Rows:
    rows = _any(n)
    for name, part, _ in transformer.transformers_:
        those = transformer._transformer_to_input_indices[name]
        if isinstance(part, str) or not those:
            continue
        out = transformer.output_indices_[name]
        values = _before(part, len(those), None if behind is None else behind[:, out])
        if values is not None:
            rows = _put(rows, those, values)
    return rows


def _split_columns(split: Split, n: int, behind: Rows) -> Rows:
    rows, n_taken = _any(n), len(split.taken)
    n_inside = columns_made(split.transformer, n_taken)
    inside = None if behind is None else behind[:, :n_inside]
    outside = None if behind is None else behind[:, n_inside:]
    if split.encoder is not None:
        outside = _frame_encoder(split.encoder, len(split.rest), outside)
    for where, values in (
        (split.taken, _before(split.transformer, n_taken, inside)),
        (split.rest, outside),
    ):
        if values is not None:
            rows = _put(rows, list(where), values)
    return rows


def _frame_encoder(encoder: BaseEstimator, n: int, behind: Rows) -> Rows:
    rows, at = _any(n), 0
    for i, column in enumerate(encoder.columns):
        width = len(column.encoded_names)
        if column.examples is not None:
            rows = _put(rows, [i], _cycled(column.examples)[:, None])
        elif behind is not None:
            rows = _put(rows, [i], behind[:, at : at + 1])
        at += width
    return _put_transformed(rows, encoder)


def _put_transformed(rows: np.ndarray, encoder: BaseEstimator) -> np.ndarray:
    """Columns that a transformer takes, which may store their type."""
    known = encoder.feature_names_in_
    for made in encoder.transformed:
        values = _before(made.transformer, len(made.columns), None)
        for i, name in enumerate(made.columns):
            if values is not None and name in known:  # others get an entry of `fill`
                rows = _put(rows, [known.index(name)], values[:, [i]])
    return rows


def _picked(picked: Picked, n: int, behind: Rows) -> Rows:
    return None if behind is None else _put(_any(n), list(picked.columns), behind)


def _cycled(values: Sequence[Plain] | np.ndarray) -> np.ndarray:
    """The first values, from the beginning again where there are fewer than rows."""
    rows = np.empty(N_ROWS, object)
    for row in range(N_ROWS):
        rows[row] = values[row % len(values)]
    return rows


def _categories(encoder: BaseEstimator, n: int, behind: Rows) -> Rows:
    numeric = all(categories.dtype.kind in "iuf" for categories in encoder.categories_)
    rows = np.column_stack([_cycled(categories) for categories in encoder.categories_])
    return rows.astype(np.float64) if numeric else rows


def _imputer(imputer: BaseEstimator, n: int, behind: Rows) -> Rows:
    fill = imputer.statistics_
    missing = np.array([value != value for value in fill.tolist()], bool)
    usual = [1.0 if value is None or value != value else value for value in fill.tolist()]
    rows = np.tile(np.array(usual, object), (N_ROWS, 1))
    if imputer._fill_dtype.kind != "O":
        rows = rows.astype(np.float64)
    if behind is None:
        return rows
    kept = np.arange(n) if imputer.keep_empty_features else np.flatnonzero(~missing)
    return _put(rows, kept, behind[:, : len(kept)])


def _selected(selector: BaseEstimator, n: int, behind: Rows) -> Rows:
    if behind is None:
        return None
    return _put(_any(n), np.flatnonzero(selector.variances_ > selector.threshold), behind)


def _function(transformer: BaseEstimator, n: int, behind: Rows) -> Rows:
    return behind if transformer.func is None else None


def _bins(transformer: BaseEstimator, n: int, behind: Rows) -> Rows:
    edges = [those[[0, len(those) // 2, -1]] for those in transformer.bin_edges_]
    rows = np.column_stack(edges)
    return np.where(np.isfinite(rows), rows, 1.0)


def _standard(scaler: BaseEstimator, n: int, behind: Rows) -> Rows:
    center = np.zeros(n) if scaler.mean_ is None else scaler.mean_
    return _around(center, np.ones(n) if scaler.scale_ is None else scaler.scale_)


def _robust(scaler: BaseEstimator, n: int, behind: Rows) -> Rows:
    center = np.zeros(n) if scaler.center_ is None else scaler.center_
    return _around(center, np.ones(n) if scaler.scale_ is None else scaler.scale_)


_BEFORE: dict[str, Callable[[BaseEstimator, int, Rows], Rows]] = {
    "Binarizer": lambda t, n, behind: _around(np.full(n, t.threshold), np.ones(n)),
    "ChainedTransformer": lambda t, n, behind: _in_a_row(t.steps, n, behind),
    "ColumnTransformer": _column_transformer,
    "FeatureUnion": _feature_union,
    "FrameEncoder": _frame_encoder,
    "FunctionTransformer": _function,
    "KBinsDiscretizer": _bins,
    "MaxAbsScaler": lambda t, n, behind: _around(np.zeros(n), t.max_abs_),
    "MinMaxScaler": lambda t, n, behind: _around(t.data_min_, t.data_range_),
    "OneHotEncoder": _categories,
    "OrdinalEncoder": _categories,
    "PCA": lambda t, n, behind: _around(t.mean_, np.ones(n)),
    "PickedColumns": _picked,
    "Pipeline": _pipeline,
    "QuantileTransformer": lambda t, n, behind: _around(np.nanmedian(t.quantiles_, axis=0), 0.0),
    "RespelledLevels": lambda t, n, behind: _before(t.transformer, n, behind),
    "RobustScaler": _robust,
    "SplitColumns": _split_columns,
    "SimpleImputer": _imputer,
    "StandardScaler": _standard,
    "TargetEncoder": _categories,
    "VarianceThreshold": _selected,
}
