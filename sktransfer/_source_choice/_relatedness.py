"""Several sources for one table: which is the most related?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from sktransfer._alignment import known_part, match_inputs
from sktransfer._compat import safe_indexing
from sktransfer._networks import source_outputs
from sktransfer._preprocessing import apply_transformer, under_names
from sktransfer._records import SourceDescription, TableOptions
from sktransfer._source_choice._source_view import SourceView, view_source
from sktransfer._typing import CheckedTable, Matrix, is_sparse
from sktransfer.exceptions import SourceError
from sktransfer.metrics import (
    column_shift_score,
    h_score,
    leep_score,
    logme_score,
    nce_score,
    probe_gain_score,
)

METHODS = ("probe_gain", "logme", "h_score", "leep", "nce", "column_shift")
#: The one that agreed best with what candidate sources were worth, see benchmarks/relatedness.
DEFAULT_METHOD = "probe_gain"
_FURTHEST_SHIFT = -10.0
#: Rows that are scored: more cost time and hardly change the order.
_MOST_ROWS = 2000


def score_sources(
    sources: Mapping[str, SourceDescription],
    X: CheckedTable,
    y: ArrayLike,
    names: tuple[str, ...] | None,
    method: str = DEFAULT_METHOD,
    task: str = "auto",
    settings: TableOptions | None = None,
) -> dict[str, float]:
    """How related each source is to a checked table; the best comes first, ties as given.

    Of more than 2,000 rows 2,000 are drawn, always the same.
    """
    if X.shape[0] > _MOST_ROWS:
        rows = np.random.RandomState(0).permutation(X.shape[0])[:_MOST_ROWS]
        X, y = safe_indexing(X, rows), safe_indexing(y, rows)
    settings = TableOptions() if settings is None else settings
    own = view_source(None, X, names, settings)
    columns = _filled(apply_transformer(X, own.inputs.columns))
    scores = {}
    for name, source in sources.items():
        if len(sources) > 1:
            of_source = replace(settings, column_map=known_part(settings.column_map, source))
        else:
            of_source = settings
        try:
            scores[name] = _score(source, X, columns, y, names, method, task, of_source)
        except SourceError as error:
            if len(sources) == 1:
                raise
            raise SourceError(f"Of the sources, {name!r} cannot be scored. {error}") from error
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


def _score(source, X, columns, y, names, method, task, settings) -> float:
    view = view_source(source, X, names, settings)
    source = view.source
    encoded = apply_transformer(X, view.inputs.columns)
    if method == "column_shift":
        return _shift_score(source, view, encoded, settings)
    hidden: list[np.ndarray] = []
    if view.layers:
        hidden = view.hidden(encoded, np.float64)
    if method in ("leep", "nce"):
        proba = _source_proba(view, X, names, encoded, hidden)
        if method == "leep":
            return leep_score(proba, y, task=task)
        return nce_score(proba.argmax(axis=1), y, task=task)
    # a source with nothing to give has an uninformative feature
    features = hidden[-1] if hidden else np.zeros((X.shape[0], 1))
    if not source.layers and source.target is not None:
        features = source_outputs(source.predictor, X, names)
    if method == "probe_gain":
        return probe_gain_score(features, columns, y, task=task)
    return {"logme": logme_score, "h_score": h_score}[method](features, y, task=task)


def _source_proba(view: SourceView, X, names, encoded, hidden) -> np.ndarray:
    """Probabilities of the source's classes; those of a number are its quantile bins."""
    if view.is_empty:
        return np.ones((encoded.shape[0], 1))
    if view.predictor is not None:
        out = view.predictor.outputs(under_names(X, names, view.predictor.names), names)
    else:
        out = view.outputs(encoded, hidden, np.float64)
    kind = view.target.kind if view.target is not None else "regression"
    if kind == "multiclass":
        return out
    if kind == "binary":
        return np.hstack([1 - out, out])
    first = out[:, 0]
    edges = np.quantile(first, np.linspace(0, 1, 6)[1:-1])
    return np.eye(5)[np.searchsorted(edges, first, side="right")]


def _shift_score(source: SourceDescription, view: SourceView, encoded, settings) -> float:
    theirs = source.inputs.scaling
    if not theirs.is_measured:
        raise SourceError(
            f"method='column_shift' compares means of columns, and the source ({source.name}) has "
            "not recorded its own; it saw columns that it did not standardise. Use another "
            "method, or metrics.column_shift_score on both tables."
        )
    ours = view.inputs.columns
    position = match_inputs(source, ours, settings.feature_alignment).source_position
    position = position[: ours.n_encoded]
    known = position >= 0
    if not view.layers or not known.any():
        return _FURTHEST_SHIFT
    center, scale = theirs.center[position[known]], theirs.scale[position[known]]
    # two rows that have the source's mean and standard deviation
    return column_shift_score(
        np.vstack([center - scale, center + scale]), _filled(encoded)[:, known]
    )


def _filled(encoded: Matrix) -> np.ndarray:
    """Encoded columns with the mean for missing entries."""
    X = encoded.toarray() if is_sparse(encoded) else np.asarray(encoded)
    X = X.astype(np.float64)
    missing = np.isnan(X)
    if missing.any():
        n = np.maximum((~missing).sum(axis=0), 1)
        X = np.where(missing, np.where(missing, 0.0, X).sum(axis=0) / n, X)
    return X
