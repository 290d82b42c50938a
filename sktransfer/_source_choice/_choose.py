"""Which source each member of a fit starts from: of several, the one most related to the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from sktransfer._compat import safe_indexing
from sktransfer._preprocessing import Table
from sktransfer._records import FitOptions, FittedModel, SourceDescription, TargetSchema
from sktransfer._source_choice._relatedness import score_sources
from sktransfer._targets import TargetCodec
from sktransfer._warnings import listed, warn
from sktransfer.exceptions import TransferWarning
from sktransfer.sources import (
    Predictor,
    by_predictions,
    describe_source,
    describe_sources,
    is_several,
)
from sktransfer.strategies import (
    Strategy,
    WeightedEnsemble,
    members_of,
    prior_weights_of,
    with_each_source,
)


@dataclass(frozen=True, eq=False)
class ChosenSource:
    """The source of a fit, and those that it was chosen from.

    Attributes
    ----------
    best : SourceDescription or None
        None without a source, and where an earlier fit is resumed.
    every : mapping of str to SourceDescription
        Where there are several: each by its name, the best first.
    scores : mapping of str to float
        Their scores, the best first.
    is_given : bool
        Whether there is a source at all.
    """

    best: SourceDescription | None = None
    every: Mapping[str, SourceDescription | None] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    is_given: bool = False


_ONLY_A_PART = (
    "Of the source ({}), an ensemble, only the primary network could be read, not what the "
    "ensemble predicts: without trust_source=True its file gives no more. Give the model: "
    "source=sktransfer.load(directory, trust_source=True)."
)
#: Default prior weight of a network for which the source has no layers: it begins from scratch.
_PRIOR_WITHOUT_LAYERS = 0.6


@dataclass(frozen=True, eq=False)
class MemberSpec:
    """A member before its fit.

    Attributes
    ----------
    name : str
    strategy : Strategy
    source : SourceDescription or None
    prior : float
        Its prior weight; they need not sum to one.
    """

    name: str
    strategy: Strategy
    source: SourceDescription | None
    prior: float = 1.0


def choose_source(
    options: FitOptions, table: Table, target: TargetCodec, before: FittedModel | None = None
) -> ChosenSource:
    """The source of a fit; of several the most related.

    Parameters
    ----------
    options : FitOptions
    table : Table
        The user's, checked, before its columns are encoded.
    target : TargetCodec
    before : FittedModel, optional
        A fit that is resumed: its networks keep what they started from, and its choice stands.

    Returns
    -------
    ChosenSource
    """
    if before is not None:
        scores = before.source_scores
        return ChosenSource(None, dict.fromkeys(scores), scores, options.source is not None)
    if options.source is None:
        return ChosenSource()
    if not is_several(options.source):
        return ChosenSource(describe_source(options.source), is_given=True)
    described: Mapping[str, SourceDescription] = describe_sources(options.source)
    if _needs_layers(options.strategy):
        described = _with_layers(described)
    scores = _scores(options, described, table, target)
    every = {name: renamed(name, described[name]) for name in scores}
    return ChosenSource(next(iter(every.values())), every, scores, is_given=True)


def _needs_layers(strategy: Strategy) -> bool:
    """Whether a strategy has nothing to start from where a source has predictions alone."""
    reads_layers = strategy.trains_network or "hidden" in strategy.reads
    return strategy.carries and reads_layers and not strategy.is_ensemble


def _with_layers(sources: Mapping[str, SourceDescription]) -> Mapping[str, SourceDescription]:
    """Those with layers, if there are any: the others cannot be chosen for some tables alone."""
    having = {name: one for name, one in sources.items() if one.layers}
    others = [name for name in sources if name not in having]
    if not having or not others:
        return sources
    warn(
        f"Of the sources, {listed(others)} have predictions and no layers, which this strategy "
        "needs: the choice is among the others. For all of them use a strategy that takes a "
        "source's predictions, such as 'auto' or 'recalibrate'.",
        TransferWarning,
    )
    return having


def specify_members(strategy: Strategy, source: ChosenSource) -> list[MemberSpec]:
    """The members of a strategy, each with its source: the best one, or one of all."""
    source_of: Mapping[str, str] = {}
    prior: Mapping[str, float] = {}
    if isinstance(strategy, WeightedEnsemble):
        if strategy.sources == "all" and source.every:
            strategy, source_of = with_each_source(strategy, source.every)
        prior = prior_weights_of(strategy)
    has_default_prior = getattr(strategy, "prior", prior) is None
    if strategy.is_ensemble or not strategy.trains_network:
        source = _without_only_layers(source)
    specified = []
    for name, member in members_of(strategy, source.is_given).items():
        own = source.every[source_of[name]] if name in source_of else source.best
        if own is not None and not member.trains_network and "hidden" not in member.reads:
            own = _as_it_predicts(own)
        share = float(prior.get(name, 1.0))
        if has_default_prior and member.trains_network and own is not None and not own.layers:
            share = min(share, _PRIOR_WITHOUT_LAYERS)
        specified.append(MemberSpec(name, member, own, share))
    return specified


def _without_only_layers(source: ChosenSource) -> ChosenSource:
    """Chosen sources, of which linear ones are read by their predictions."""
    given = (source.best, *source.every.values())
    made = {id(one): _without_only_layer(one) for one in given if one is not None}
    every = {name: made.get(id(one)) for name, one in source.every.items()}
    return replace(source, best=made.get(id(source.best)), every=every)


def _without_only_layer(source: SourceDescription) -> SourceDescription:
    """A source of which the output layer is the only one, by its predictions.

    Members of an ensemble and read-outs have nothing else to read of a linear model.  A strategy
    that trains a network on its own may begin with that layer.
    """
    if len(source.layers) != 1 or not isinstance(source.predictor, Predictor):
        return source
    return replace(by_predictions(source.predictor), name=source.name)


def _as_it_predicts(source: SourceDescription) -> SourceDescription:
    """A source by its predictions, where these are not the outputs of its layers.

    Those of a network behind a transformed target are log(y), say, where it predicts y; an
    ensemble predicts more than its network.
    """
    if source.no_target is None and not source.is_average:
        return source
    if not isinstance(source.predictor, Predictor):
        if source.is_average:
            warn(_ONLY_A_PART.format(source.name), TransferWarning)
        return source
    if not source.layers or source.predictor.target is None:
        return source
    return replace(by_predictions(source.predictor), name=source.name)


def renamed(name: str, source: SourceDescription) -> SourceDescription:
    """One of several sources under the name that reports give it."""
    return replace(source, name=f"{name} ({source.name})")


def _scores(
    options: FitOptions,
    sources: Mapping[str, SourceDescription],
    table: Table,
    target: TargetCodec,
) -> dict[str, float]:
    """Score of each source, the best first; several tasks or outputs count equally."""
    total = dict.fromkeys(sources, 0.0)
    weight = 0
    for rows, y, task in _tasks(table, target.schema(table.y, table.sample_weight)):
        X = table.X if len(rows) == table.n_samples else safe_indexing(table.X, rows)
        scores = score_sources(sources, X, y, table.names, task=task, settings=options)
        weight += y.shape[1]
        for name, score in scores.items():
            total[name] += y.shape[1] * score
    best_first = sorted(total.items(), key=lambda item: -item[1])
    return {name: score / max(weight, 1) for name, score in best_first}


def _tasks(table: Table, target: TargetSchema) -> Iterator[tuple[np.ndarray, np.ndarray, str]]:
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
