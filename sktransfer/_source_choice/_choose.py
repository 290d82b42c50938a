"""Which of several sources a fit starts from: the one that is most related to its table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from sktransfer._compat import safe_indexing
from sktransfer._preprocessing import Table
from sktransfer._records import SourceDescription, TargetSchema
from sktransfer._source_choice._relatedness import score_sources
from sktransfer.sources import describe_source, describe_sources, is_several, named_sources
from sktransfer.strategies import Combined, Strategy, members_of, with_each_source


def choose_source(estimator: Any, table: Table, resume: bool) -> SourceDescription | None:
    """The source of a fit; of several the most related, by scores that are published.

    Parameters
    ----------
    estimator : BaseTransferMLP
        Gets ``source_scores_`` where its `source` is several.
    table : Table
        The user's, checked, before its columns are encoded.
    resume : bool
        Whether an earlier fit goes on, whose choice stands.

    Returns
    -------
    SourceDescription or None
    """
    if resume or not is_several(estimator.source):
        if not resume:
            vars(estimator).pop("source_scores_", None)
        return source_of(estimator)
    described = describe_sources(estimator.source)
    estimator.source_scores_ = _scores(estimator, described, table)
    best = next(iter(estimator.source_scores_))
    return renamed(best, described[best])


def sources_of_members(
    estimator: Any, strategy: Combined, best: SourceDescription | None
) -> tuple[Combined, dict[str, Strategy], dict[str, SourceDescription | None]]:
    """A combination, its members, and the source of each of them: `best`, or one of all."""
    every: dict[str, SourceDescription] = {}
    if strategy.sources == "all" and is_several(estimator.source):
        described = describe_sources(estimator.source)
        best_first = [name for name in estimator.source_scores_ if name in described]
        every = {name: renamed(name, described[name]) for name in best_first}
        strategy, source_of = with_each_source(strategy, every)
        every = {member: every[name] for member, name in source_of.items()}
    members = members_of(strategy, best is not None)
    return strategy, members, {name: every.get(name, best) for name in members}


def source_of(estimator: Any) -> SourceDescription | None:
    """The source that a fitted estimator started from; of several the best."""
    if estimator.source is None:
        return None
    if not is_several(estimator.source):
        return describe_source(estimator.source)
    best = next(iter(getattr(estimator, "source_scores_", {})), None)
    named = named_sources(estimator.source)
    return None if best not in named else renamed(best, describe_source(named[best]))


def renamed(name: str, source: SourceDescription) -> SourceDescription:
    """One of several sources under the name that reports give it."""
    return replace(source, name=f"{name} ({source.name})")


def _scores(estimator: Any, sources: dict[str, SourceDescription], table: Table):
    """Score of each source, the best first; several tasks or outputs count equally."""
    total = dict.fromkeys(sources, 0.0)
    weight = 0
    for rows, y, task in _questions(table, estimator._target_schema(table)):
        X = table.X if len(rows) == table.n_samples else safe_indexing(table.X, rows)
        scores = score_sources(sources, X, y, table.names, task=task, settings=estimator)
        weight += y.shape[1]
        for name, score in scores.items():
            total[name] += y.shape[1] * score
    best_first = sorted(total.items(), key=lambda item: -item[1])
    return {name: score / max(weight, 1) for name, score in best_first}


def _questions(table: Table, target: TargetSchema) -> Iterator[tuple[np.ndarray, np.ndarray, str]]:
    """Rows that are labelled, their labels of shape (n_rows, n_outputs), and what these are."""
    weighs = np.ones(table.n_samples, bool)
    if table.sample_weight is not None and table.sample_weight.any():
        weighs = table.sample_weight > 0
    at = 0
    for block in target.blocks:
        y = table.y[:, at : at + block.n_outputs]
        at += block.n_outputs
        missing = np.isnan(y)
        if block.kind == "multiclass":
            y, missing = y.argmax(axis=1)[:, None], missing[:, :1]
        task = "regression" if block.kind == "regression" else "classification"
        columns = [slice(None)] if not missing.any() else [[i] for i in range(y.shape[1])]
        for column in columns:
            rows = np.flatnonzero(weighs & ~missing[:, column].any(axis=1))
            if len(rows):
                yield rows, y[rows][:, column], task
