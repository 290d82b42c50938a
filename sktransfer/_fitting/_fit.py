"""From members and a checked table to a fitted model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

import numpy as np
from sklearn.utils import check_random_state

from sktransfer._alignment import Prepared, prepare, warn_of_positions
from sktransfer._compat import num_samples
from sktransfer._fitting._blas_threads import one_blas_thread
from sktransfer._fitting._conformal import held_out_scores
from sktransfer._fitting._ensemble import fit_ensemble, refuse_stream
from sktransfer._fitting._folds import Folds, choose_folds
from sktransfer._fitting._joint import check_joint, prepare_jointly
from sktransfer._fitting._members import MemberFit, Run, Trial, member_fit
from sktransfer._fitting._outcome import Fitted, Weighted
from sktransfer._fitting._pooled import OtherTables, prepare_pooled
from sktransfer._fitting._resume import resume
from sktransfer._fitting._rows_below import prepare_above
from sktransfer._fitting._shift import ratio_of_tested
from sktransfer._preprocessing import Table, apply_transformers
from sktransfer._records import FitOptions, FittedModel, ReportRow, SourceDescription
from sktransfer._source_choice import ChosenSource, MemberSpec
from sktransfer._targets import TargetCodec
from sktransfer._typing import CheckedTable
from sktransfer._warnings import warn
from sktransfer.exceptions import TransferWarning
from sktransfer.strategies import EstimatorMember, Joint, Pooled, Recalibrate, Strategy

#: Folds by which a read-out alone chooses its strength.
_FOLDS = 4


def fit_members(
    members: Sequence[MemberSpec],
    source: ChosenSource,
    table: Table,
    options: FitOptions,
    target: TargetCodec,
    rng: np.random.RandomState,
    before: Fitted | None = None,
    tables: OtherTables | None = None,
) -> Fitted:
    """Fit the members of a strategy to a table.

    Parameters
    ----------
    members : sequence of MemberSpec
        One strategy is an ensemble of one.
    source : ChosenSource
        What their sources were chosen from.
    table : Table
    options : FitOptions
    target : TargetCodec
    rng : RandomState
    before : Fitted, optional
        What an earlier fit has made, where it is resumed.
    tables : OtherTables, optional
        Whose rows members of an ensemble learn from.

    Returns
    -------
    Fitted
    """
    check_joint(options)
    is_ensemble = options.strategy.is_ensemble
    run = Run(options, target, is_ensemble)
    if before is not None:
        is_ensemble = is_ensemble and before.model.is_ensemble
        weighted = resume(run, members, table, rng, before)
        return _fitted(weighted, source, table, before.model.report, options, is_ensemble, before)
    if is_ensemble or not options.strategy.trains_network:
        _check_labelled(table)
    for one in {id(spec.source): spec.source for spec in members}.values():
        warn_of_positions(one, table, options)
    if not any(_reads_the_users_table(spec) for spec in members):
        table = replace(table, raw=None)
    prepared = _prepared(members, table, options, target, tables)
    fits = [member_fit(one, spec.prior) for one, spec in zip(prepared, members, strict=True)]
    _check_target(fits, is_ensemble)
    if isinstance(options.strategy, Recalibrate) and members[0].source is None:
        _warn_of_nothing_to_update(options.strategy)
    with one_blas_thread():
        if not is_ensemble:
            weighted = _fit_alone(run, fits[0], rng)
        else:
            weighted = fit_ensemble(run, fits, options.strategy.cv, rng)
    at = [one.name for one in prepared].index(weighted.primary)
    report, primary_source = _report_rows(prepared[at], prepared, members[at].source)
    uses_all = getattr(options.strategy, "sources", "best") == "all"
    of_tables = () if tables is None else tables.rows(weighted.table_gains)
    rows = (*of_tables, *source_rows(source, uses_all), *report)
    name = None if primary_source is None else primary_source.name
    return _fitted(weighted, source, table, rows, options, is_ensemble, None, name)


def _report_rows(
    primary: Prepared, prepared: Sequence[Prepared], given: SourceDescription | None
) -> tuple[tuple[ReportRow, ...], SourceDescription | None]:
    """The report of a fit, and the source that it describes."""
    report = primary.plan.report
    if primary.source is None and not primary.strategy.trains_network:
        report = _without_layers(primary, given)
    on_predictions = [one for one in prepared if one.predictor is not None]
    if primary.source is not None or not on_predictions:
        return report, primary.source
    # the network starts from scratch, and other members read the source's predictions
    source = on_predictions[0].source
    of_source = [row for row in on_predictions[0].plan.report if row.part == "source"]
    layers = [
        replace(row, reason="the source has no layers") if row.part == "layer" else row
        for row in report
    ]
    return (*of_source, *layers), source


def _without_layers(primary: Prepared, given: SourceDescription | None) -> tuple[ReportRow, ...]:
    """Rows of a model that is no network: why it uses no source, instead of new layers."""
    rows = primary.plan.report
    why = next((row.reason for row in rows if row.part == "layer"), "")
    if not primary.strategy.carries:
        why = "the strategy uses no source"
    unused = [] if given is None else [ReportRow("source", given.name, "not used", why)]
    return (*unused, *(row for row in rows if row.part not in ("layer", "class")))


def _reads_the_users_table(spec: MemberSpec) -> bool:
    has_layers = spec.source is None or bool(spec.source.layers)
    return getattr(spec.strategy, "reads", ()) == "table" or not has_layers


def _prepared(
    members: Sequence[MemberSpec],
    table: Table,
    options: FitOptions,
    target: TargetCodec,
    tables: OtherTables | None,
) -> list[Prepared]:
    if isinstance(options.strategy, Joint):
        (spec,) = members
        return [prepare_jointly(options, target, table, spec.source, options.strategy)]
    on_tables = {s.name: s.strategy for s in members if isinstance(s.strategy, Pooled)}
    strategies = {s.name: s.strategy for s in members if s.name not in on_tables}
    sources = {s.name: s.source for s in members if s.name not in on_tables}
    if table.unlabeled is None:
        prepared = prepare(options, target, table, strategies, sources)
    else:
        prepared = _with_unlabeled(options, target, table, strategies, sources)
    if on_tables and tables is not None:
        prepared += prepare_pooled(options, target, table, on_tables, tables)
    of_name = {one.name: one for one in prepared}
    return [of_name[spec.name] for spec in members]


def _with_unlabeled(
    options: FitOptions,
    target: TargetCodec,
    table: Table,
    strategies: Mapping[str, Strategy],
    sources: Mapping[str, SourceDescription | None],
) -> list[Prepared]:
    """What a table becomes, its columns measured on rows without labels too.

    Without a source to align the table with, they are not: nothing is gained by it.
    """
    starts = {name for name, one in strategies.items() if one.carries and sources[name]}
    of = {name: one for name, one in strategies.items() if name in starts}
    alone = {name: one for name, one in strategies.items() if name not in starts}
    given = cast("CheckedTable", table.unlabeled)
    made = prepare(options, target, table, alone, {name: sources[name] for name in alone})
    encoded = apply_transformers(given, [one.inputs.columns for one in made])
    prepared = [replace(one, unlabeled=X) for one, X in zip(made, encoded, strict=True)]
    if of:
        weight = np.ones(num_samples(given))
        theirs = {name: sources[name] for name in of}
        below = {"X_unlabeled": given}
        prepared += [
            replace(one, unlabeled=X)
            for one, X in prepare_above(options, target, table, of, theirs, below, weight)
        ]
    return prepared


def _check_labelled(table: Table) -> None:
    """Refuse outputs without a label that counts: no member of an ensemble can be compared."""
    known = ~np.isnan(table.y) if table.y.dtype.kind == "f" else np.ones(table.y.shape, bool)
    empty = np.flatnonzero(~known[table.row_weight > 0].any(axis=0)).tolist()
    if empty:
        raise ValueError(
            f"y has no label in column {', '.join(map(str, empty))} in any row of positive "
            "weight; expected at least one in each, as members are compared by them. Leave the "
            "column out, begin a stream with rows that have some, or use a strategy that trains "
            "one network, such as 'l2_sp'."
        )


def _check_target(fits: Sequence[MemberFit], is_ensemble: bool) -> None:
    """Refuse a pair of strategy and target that cannot work."""
    target, strategy = fits[0].prepared.target, fits[0].prepared.strategy
    if target.kind == "several" and (is_ensemble or not fits[0].is_network):
        what = "an ensemble" if is_ensemble else f"{strategy!r}"
        raise ValueError(
            f"strategy is {what} in a MultiTaskMLP; expected a strategy that trains one network, "
            "such as 'l2_sp'. Members are weighted by one task's loss: use one "
            "TransferMLPClassifier or TransferMLPRegressor per task."
        )
    for one in fits:
        is_of_user = isinstance(one.prepared.strategy, EstimatorMember)
        reason = one.refusal if is_of_user or not is_ensemble else None
        if reason is not None:
            what = f"The member {one.name!r}" if is_ensemble else f"strategy={strategy!r}"
            cure = (
                "Give another estimator"
                if is_of_user
                else "Use another strategy, such as 'l2_sp' or 'auto'"
            )
            raise ValueError(f"{what} cannot learn this target: {reason}. {cure}.")


def _warn_of_nothing_to_update(strategy: Recalibrate) -> None:
    warn(
        f"strategy={strategy!r} updates the predictions of a source, and there is none; expected "
        "one. A linear model of the columns is fitted instead. Give `source`; for a model "
        "without a source prefer strategy='ensemble'.",
        TransferWarning,
    )


def _fit_alone(run: Run, one: MemberFit, rng: np.random.RandomState) -> Weighted:
    """One strategy, on all rows; a read-out chooses its strength by folds."""
    folds, trial = Folds([]), Trial(None)
    if not one.is_network:
        if run.options.one_epoch:
            refuse_stream([one])
        if not one.prepared.strategy.is_random and rng is check_random_state(None):
            rng = np.random.RandomState(0)
        one = one.of_rows_that_count()
        folds = choose_folds(_FOLDS, one.prepared.table, rng)
        run.options.listener.begin(one.n_runs(run, folds))
        trial = one.try_on(run, folds, int(rng.randint(2**31)))
    fitted = one.finish(run, folds, trial, rng)
    held_out = None
    if trial.cross_fitted is not None and folds.pairs:
        rows = one.prepared.table.rows(folds.tested)
        ratio = ratio_of_tested(one.prepared, folds.tested)
        held_out = held_out_scores(trial.cross_fitted, rows, one.prepared.target, folds, ratio)
    return Weighted([fitted], np.ones(1), one.name, held_out=held_out)


def _fitted(
    weighted: Weighted,
    source: ChosenSource,
    table: Table,
    report: Sequence[ReportRow],
    options: FitOptions,
    is_ensemble: bool,
    before: Fitted | None,
    source_name: str | None = None,
) -> Fitted:
    """The record of a fit, and what belongs to this process."""
    if is_ensemble:
        rows = weighted.report()
        if options.verbose:
            print("\n".join(f"Member {row.name}, {row.status}: {row.reason}" for row in rows))
        report = (*rows, *(row for row in report if row.part != "member"))
    (primary,) = [one for one in weighted.fitted if one.member.name == weighted.primary]
    model = FittedModel(
        weighted.members,
        weighted.weights,
        weighted.primary,
        primary.member.target,
        weighted.n_weighed,
        weighted.losses,
        None if weighted.gain is None else weighted.gain.mean,
        None if weighted.gain is None else weighted.gain.standard_error,
        tuple(report),
        source_name if before is None else before.model.source,
        source.scores,
        is_ensemble,
        table.keeps_types if before is None else before.model.keeps_types,
        options.standardize if before is None else before.model.takes_missing,
        weighted.held_out,
        {name: gain.mean for name, gain in weighted.table_gains.items()}
        if before is None
        else before.model.table_gains,
    )
    optimizers = {one.member.name: one.optimizer for one in weighted.fitted if one.optimizer}
    return Fitted(model, primary.net, optimizers)


def source_rows(source: ChosenSource, uses_all: bool = False) -> list[ReportRow]:
    """What became of the sources to choose from, the best of which comes first."""
    n_scores = len(source.scores)
    statuses = ["used"] * n_scores if uses_all else ["chosen"] + ["not chosen"] * n_scores
    return [
        ReportRow("source", name, status, f"score {score:.3f}")
        for (name, score), status in zip(source.scores.items(), statuses, strict=False)
    ]
