"""What the sweep expects to be refused, each with its reason."""

from __future__ import annotations

import re
from typing import NamedTuple

from sweep_cells import Cell
from sweep_sources import PREDICTORS, WITH_TEXT

from sktransfer.exceptions import (
    DivergenceError,
    NotSavableError,
    SourceError,
    SourceKindError,
    SourceLayersError,
    SourceRowsError,
)
from sktransfer.strategies import STRATEGIES, NetworkStrategy, WeightedEnsemble

_ANY = None
#: Strategies without a network, which are fitted to a whole table.
READOUTS = {
    name
    for name, cls in STRATEGIES.items()
    if not issubclass(cls, NetworkStrategy | WeightedEnsemble)
}


#: Strategies that begin with a source's layers, and those that take nothing of it.
_ON_LAYERS = {name for name, cls in STRATEGIES.items() if issubclass(cls, NetworkStrategy)}
_ON_LAYERS = (_ON_LAYERS | {"probe", "joint"}) - {"scratch"}
_ON_NOTHING = {name for name, cls in STRATEGIES.items() if not cls.carries_trunk}
_PREDICTS = set(PREDICTORS)


class Expected(NamedTuple):
    """Where a step is expected to fail: sets of parts of a cell, None for any."""

    steps: set[str]
    error: type[Exception]
    words: str
    why: str
    estimators: set[str] | None = _ANY
    sources: set[str] | None = _ANY
    forms: set[str] | None = _ANY
    columns: set[str] | None = _ANY
    strategies: set[str] | None = _ANY
    but_strategies: set[str] = set()
    always: bool = True

    def covers(self, cell: Cell) -> bool:
        """Whether it is about a cell."""
        wanted = (self.estimators, self.sources, self.forms, self.columns, self.strategies)
        parts = zip(cell, wanted, strict=True)
        return cell.strategy not in self.but_strategies and all(
            among is None or part in among for part, among in parts
        )

    def matches(self, error: BaseException) -> bool:
        """Whether an error is the one that is expected."""
        return isinstance(error, self.error) and bool(re.search(self.words, str(error)))


#: Refusals that are documented.
REFUSED = (
    Expected(
        {"partial_fit", "resume", "warm_start"},
        SourceRowsError,
        "expected fit",
        "the source's rows are not kept for a stream",
        strategies={"joint"},
    ),
    Expected(
        {"partial_fit", "resume", "warm_start"},
        ValueError,
        "has no network|none of which trains a network|None of the ensemble's networks",
        "a read-out is fitted to a whole table",
        strategies=READOUTS,
    ),
    Expected(
        {"fit"},
        SourceRowsError,
        "names in common",
        "two tables without names need as many columns",
        forms={"array", "sparse"},
        columns={"more"},
        strategies={"joint"},
    ),
    Expected(
        {"save"},
        NotSavableError,
        "SplineTransformer|KNNImputer",
        "their state is code",
        sources={"spline", "knn_imputer"},
    ),
    Expected(
        {"fit"},
        ValueError,
        "an array with text",
        "text in an array is no number, unless categorical_features names it",
        sources=WITH_TEXT,
        forms={"array"},
    ),
    Expected(
        {"fit"},
        SourceKindError,
        "list of several",
        "a transformer has one source",
        estimators={"transformer"},
        sources={"two"},
    ),
    Expected(
        {"fit"},
        SourceLayersError,
        "has predictions and no layers",
        "a source that only predicts has no layers to start from",
        sources=_PREDICTS,
        strategies=_ON_LAYERS,
    ),
    Expected(
        {"fit"},
        SourceError,
        "columns without names in common",
        "as many columns as the estimator was fitted on, where they have no names",
        sources=_PREDICTS,
        forms={"array", "sparse"},
        columns={"less", "more"},
        but_strategies=_ON_NOTHING | _ON_LAYERS,
    ),
    Expected(
        {"fit"},
        SourceError,
        "columns without names in common|does not take these columns",
        "a sparse table has no column of categories, which these learned",
        sources=_PREDICTS & WITH_TEXT,
        forms={"sparse"},
        but_strategies=_ON_NOTHING | _ON_LAYERS,
    ),
    Expected(
        {"fit", "partial_fit", "resume", "warm_start"},
        DivergenceError,
        "non-finite",
        "what sees numbers in the hundreds may diverge at a rate that suits others",
        sources={"unscaled_mlp", "union", "select"},
        always=False,
    ),
)
