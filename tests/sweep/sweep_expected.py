"""What the sweep expects to be refused, and the faults that are known: each with its reason."""

from __future__ import annotations

import re
from typing import NamedTuple

from sweep_cells import Cell, Trouble
from sweep_sources import TEXT_CHAINS

from sktransfer.exceptions import (
    DivergenceError,
    NotSavableError,
    SourceKindError,
    SourceRowsError,
    TransferError,
)
from sktransfer.strategies import STRATEGIES, NetworkStrategy, WeightedEnsemble

_ANY = None
#: Steps of preprocessing that take no sparse table, and those that take no missing entries.
_DENSE_ONLY = {
    "two",
    "normalizer",
    "power",
    "quantile",
    "polynomial",
    "spline",
    "bins",
    "knn_imputer",
    "pca",
    "union",
    "function",
}
_COMPLETE_ONLY = {
    "two",
    "pipeline_ours",
    "normalizer",
    "polynomial",
    "spline",
    "bins",
    "pca",
    "select",
    "union",
}
#: Strategies without a network, which are fitted to a whole table.
READOUTS = {
    name
    for name, cls in STRATEGIES.items()
    if not issubclass(cls, NetworkStrategy | WeightedEnsemble)
}
#: Strategies that leave the source's columns alone.
_TAKE_NOTHING = {"scratch", "linear"}
_ENTERED = {"same", "more", "order"}


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
    strict: bool = True

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
        "SelectKBest|SplineTransformer|KNNImputer|TableVectorizer",
        "their state is code, or is another package's",
        sources={"select", "spline", "knn_imputer", "table_vectorizer"},
    ),
    Expected(
        {"fit"},
        TransferError,
        "does not take these columns of X",
        "the source's own steps take no sparse table",
        sources=_DENSE_ONLY,
        forms={"sparse"},
        columns={"same", "order"},
        but_strategies=_TAKE_NOTHING,
    ),
    Expected(
        {"fit"},
        TransferError,
        "does not take these columns of X",
        "the source's own steps take no missing entries",
        sources=_COMPLETE_ONLY,
        forms={"missing"},
        columns=_ENTERED,
        but_strategies=_TAKE_NOTHING,
    ),
    Expected(
        {"fit"},
        TransferError,
        "pandas dataframe",
        "skrub's vectorizer takes frames of the library that it was fitted on",
        sources={"table_vectorizer"},
        forms={"polars"},
        columns=_ENTERED,
        but_strategies=_TAKE_NOTHING,
    ),
    Expected(
        {"fit"},
        ValueError,
        "could not convert string to float",
        "text in an array is no number, unless categorical_features names it",
        sources={"ours_text", *TEXT_CHAINS},
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
)
#: Faults that are known, until somebody mends them.
_WITHOUT_ITS_STEPS = (
    "with a column less the source's own preprocessing is left out, and its network is given "
    "columns in another unit"
)
_LEFT_OUT = {"normalizer", "power", "quantile", "polynomial", "make_columns"}
KNOWN_FAULTS = (
    Expected(
        {"predict"},
        Trouble,
        "knows its task",
        _WITHOUT_ITS_STEPS,
        estimators={"untrained"},
        sources=_LEFT_OUT,
        columns={"less"},
    ),
    Expected(
        {"predict"},
        Trouble,
        "not all equal",
        _WITHOUT_ITS_STEPS,
        sources=_LEFT_OUT,
        columns={"less"},
        strict=False,  # some networks learn it anew
    ),
    Expected(
        {"partial_fit", "resume"},
        DivergenceError,
        "non-finite",
        "a member that diverges on a stream is an error of the whole ensemble; fit leaves it out",
        sources={"unscaled_mlp"},
        strategies={"auto"},
        strict=False,
    ),
    Expected(
        {"fit", "partial_fit", "resume", "warm_start"},
        DivergenceError,
        "non-finite",
        _WITHOUT_ITS_STEPS,
        sources=_LEFT_OUT,
        columns={"less"},
        strict=False,
    ),
)
