"""Members in closed form: all strengths, kernels and folds of a member at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sktransfer._alignment import Prepared
from sktransfer._fitting._folds import Folds, choose_folds
from sktransfer._fitting._gain import Doubt
from sktransfer._fitting._readout import whole_network
from sktransfer._networks import (
    as_linear_outputs,
    forward,
    mapped_outputs,
    predict_member,
    scaled_columns,
)
from sktransfer._preprocessing import Table, encode
from sktransfer._readouts import (
    LADDER,
    ClosedFormFit,
    FeaturePart,
    Learning,
    RecalibrationFit,
    TangentPart,
    curves_of,
    draw_landmarks,
    fit_closed_form,
    fit_source_alone,
    function_part,
    linear_part,
    located,
    output_part,
    own_columns,
    recalibration_ladder,
    source_gradients,
    tangent_directions,
    tangent_part,
)
from sktransfer._records import Member, OutputMap, output_kind
from sktransfer.strategies import ClosedFormStrategy

#: The rung that is taken where no row is held out.
_USUAL_RUNG = "intercept_strong"
#: The rung that the source as it is is compared with.
_BEST_UPDATE = "slope_strong"
#: Folds among the rows that are learned from, where these are some of many.
_FOLDS = 4


@dataclass(frozen=True, eq=False)
class Solved:
    """A member in closed form, and its held-out predictions.

    Attributes
    ----------
    member : Member
    held_out : ndarray of shape (n_tested, n_outputs)
        In the order of ``folds.tested``; probabilities, or numbers in the user's unit.
    doubt : Doubt
        Its prior weight falls where they are worse than the training rows' mean, and for the
        source as it is where they are worse than the source with slope and intercept updated.
    cross_fitted : ndarray of shape (n_tested, n_outputs)
        As `held_out`, with kernel, strengths and scale chosen without each fold.
    """

    member: Member
    held_out: np.ndarray
    doubt: Doubt
    cross_fitted: np.ndarray


@dataclass(frozen=True, eq=False)
class _Rows:
    """What a member learns from, in numbers.

    Attributes
    ----------
    inputs : ndarray of shape (n_samples, n_inputs)
    coefs, intercepts : list of ndarray
        The source's layers, its output layer last; none where they are not all shared.
    output_map : DenseLayer, MergedClasses, NumbersOfRates or None
        From the source's linear outputs to the target's; None where they mean other things.
    own : ndarray of shape (n_source_outputs, n_targets)
        What each target output means in outputs of the source.
    learning : Learning
    weight : ndarray of shape (n_samples,) or None
        Weights of the rows, exposures as they are.
    units : ndarray of int, shape (n_tested,), or None
        See :meth:`Folds.units`; None where no row is tested.
    """

    inputs: np.ndarray
    coefs: list[np.ndarray]
    intercepts: list[np.ndarray]
    output_map: OutputMap | None
    own: np.ndarray
    learning: Learning
    weight: np.ndarray | None
    units: np.ndarray | None

    @property
    def has_outputs(self) -> bool:
        return self.learning.outputs is not None


def fit_in_closed_form(prepared: Prepared, folds: Folds, seed: int) -> Solved:
    """A fitted member and its held-out predictions, at a cost that many rows do not raise.

    Of many rows a sample is used, with folds of its own; the model then predicts the test rows,
    none of which are in it.

    Parameters and return value as of :func:`solve`.
    """
    strategy: ClosedFormStrategy = prepared.strategy
    table = prepared.table
    if table.n_samples <= 2 * strategy.n_rows:
        return solve(prepared, folds, seed)
    solved, held_out = [], []
    for train, test in folds.pairs:
        solved.append(_solve_some(prepared, train, seed))
        inputs = encode(table.numbers[test], prepared.inputs, table.dtype)
        given = None if table.outputs is None else table.outputs[test]
        held_out.append(predict_member(solved[-1].member, inputs, given))
    if len(solved) != 1:
        solved.append(_solve_some(prepared, np.arange(table.n_samples), seed))
    empty = np.empty((0, prepared.target.n_outputs))
    predictions = np.concatenate([empty, *held_out])
    doubt = Doubt(known=solved[-1].doubt.factor())  # as the rows tell that it was fitted to
    return Solved(solved[-1].member, predictions, doubt, predictions)


def _solve_some(prepared: Prepared, rows: np.ndarray, seed: int) -> Solved:
    rng = np.random.RandomState(seed)
    some = np.sort(rng.permutation(rows)[: prepared.strategy.n_rows])
    part = replace(prepared, table=prepared.table.rows(some))
    return solve(part, choose_folds(_FOLDS, part.table, rng), seed)


def solve(prepared: Prepared, folds: Folds, seed: int) -> Solved:
    """Fit a member in closed form to all rows, and without each fold's test rows.

    Parameters
    ----------
    prepared : Prepared
    folds : Folds
    seed : int
        For landmarks, random directions, and the rows that are learned from where there are many.

    Returns
    -------
    Solved
    """
    strategy: ClosedFormStrategy = prepared.strategy
    rows = _rows(prepared, _enough(prepared.table, strategy.n_rows, seed), folds)
    updated = _updated(rows, strategy.starts)
    fits: list[ClosedFormFit] = []
    parts: dict[str, FeaturePart | TangentPart] = {}
    for kernel in strategy.kernels(
        rows.has_outputs, rows.output_map is not None, bool(rows.coefs)
    ):
        for name in kernel:
            if name not in parts:
                parts[name] = _part(name, prepared, rows, seed)
        if kernel:
            shares = [(parts[name], share) for name, share in kernel.items()]
            fits += fit_closed_form(rows.learning, shares, updated or [None])
        else:
            fits += _ladder(rows.learning, updated)
    if strategy.reads_instead and rows.output_map is not None and not prepared.has_same_classes:
        part = _part("outputs", prepared, rows, seed)  # labels of one name may mean other things
        fits += fit_closed_form(rows.learning, [(part, 1.0)])
    fits = [located(rows.learning, one) for one in fits]
    best = _best(fits)
    member = prepared.member(
        rows.coefs if best.reads_source else [],
        rows.intercepts if best.reads_source else [],
        closed_form=best.model(),
        output_map=rows.output_map if best.reads_source else None,
    )
    return Solved(
        member,
        best.held_out,
        _doubt(rows, best, strategy.needs_agreement),
        _cross_fitted(rows.learning, fits, best),
    )


def _enough(table: Table, n_rows: int, seed: int) -> Table:
    """The table, of many rows some at random: the others get no weight."""
    n = table.n_samples
    if n <= n_rows:
        return table
    weight = table.row_weight.copy()
    left_out = np.random.RandomState(seed).permutation(n)[n_rows:]
    weight[left_out] = 0.0
    return replace(table, sample_weight=weight)


def _rows(prepared: Prepared, table: Table, folds: Folds) -> _Rows:
    inputs = encode(table.numbers, prepared.inputs, table.dtype)
    coefs, intercepts = whole_network(prepared)
    target = prepared.target
    outputs, own, output_map = table.outputs, prepared.own_outputs, prepared.output_map
    if coefs:
        outputs = forward(inputs, coefs, intercepts, prepared.plan.activation, "identity")
    if outputs is None or own is None:
        own, output_map = np.zeros((0, target.n_outputs)), None
    elif output_map is not None:
        if prepared.predictor is not None:
            outputs = as_linear_outputs(outputs, target)
        outputs = mapped_outputs(outputs, output_map)
    parts = units = None
    if folds.pairs:
        groups = None if table.groups is None else table.groups[folds.tested]
        parts, units = folds.parts(groups), folds.units(groups)
    learning = Learning(
        output_kind(target),
        table.y.astype(np.float64),
        _count_of_rows(table),
        tuple(folds.pairs),
        outputs,
        parts,
        target if target.kind == "regression" else None,
    )
    return _Rows(inputs, coefs, intercepts, output_map, own, learning, table.sample_weight, units)


def _count_of_rows(table: Table) -> np.ndarray | None:
    """Weights that count rows: ridge regression does not depend on the unit of an exposure."""
    weight = table.sample_weight
    if weight is None or table.precision is None:
        return weight
    n_rows = (weight / table.precision).sum(dtype=np.float64)
    return np.asarray(weight * min(1.0, n_rows / weight.sum(dtype=np.float64)), weight.dtype)


def _updated(rows: _Rows, rungs: Sequence[str]) -> list[RecalibrationFit]:
    """The source's prediction on some rungs of the ladder, where it means the target's."""
    learning = rows.learning
    if learning.outputs is None or rows.output_map is None or not rungs:
        return []
    ladder = [rung for rung in LADDER if rung.name in rungs]
    return recalibration_ladder(
        learning.outputs,
        learning.y,
        learning.kind,
        rows.weight,
        learning.pairs,
        ladder,
        learning.loss_function,
    )


def _part(name: str, prepared: Prepared, rows: _Rows, seed: int) -> FeaturePart | TangentPart:
    weight = rows.learning.weight
    if name == "tangent":
        directions, direction_of = tangent_directions(rows.own, seed)
        gradients = source_gradients(
            rows.inputs,
            rows.coefs,
            rows.intercepts,
            prepared.plan.activation,
            directions,
            weight,
        )
        return tangent_part(gradients, direction_of)
    if name == "outputs" and rows.learning.outputs is not None:
        return output_part(rows.learning.outputs, weight)
    columns = own_columns(rows.inputs[:, : prepared.inputs.columns.n_scaled], weight)
    if name == "linear":
        return linear_part(columns, rows.inputs, weight)
    z = scaled_columns(columns, rows.inputs)
    functions = curves_of(z, weight) if name == "additive" else draw_landmarks(z, seed, weight)
    return function_part(columns, rows.inputs, functions, weight)


def _ladder(learning: Learning, updated: Sequence[RecalibrationFit]) -> list[ClosedFormFit]:
    usual = [one for one in updated if one.rung.name == _USUAL_RUNG]
    if not learning.pairs and usual:
        updated = usual
    return [fit_source_alone(learning, one) for one in updated]


def _best(fits: Sequence[ClosedFormFit]) -> ClosedFormFit:
    losses = np.array([one.loss for one in fits])
    return fits[0 if np.isnan(losses).all() else int(np.nanargmin(losses))]


def _cross_fitted(
    learning: Learning, fits: Sequence[ClosedFormFit], best: ClosedFormFit
) -> np.ndarray:
    """Held-out predictions of the fit that does best on all parts but a row's own."""
    chosen = np.array(best.held_out if best.cross_fitted is None else best.cross_fitted)
    for part, rest in learning.rests() if len(fits) > 1 else []:
        losses = [learning.loss(one.held_out[rest], rest) for one in fits]
        one = best if np.isnan(losses).all() else fits[int(np.nanargmin(losses))]
        if one.cross_fitted is not None:
            chosen[part] = one.cross_fitted[part]
    return chosen


def _doubt(rows: _Rows, best: ClosedFormFit, is_as_it_is: bool) -> Doubt:
    """How far held-out predictions are worse than the mean of the training rows.

    Those of the source as it is also than those of the source with slope and intercept updated.
    """
    learning = rows.learning
    if rows.units is None:
        return Doubt()
    weight = np.ones(len(learning.y)) if learning.weight is None else learning.weight
    known = ~np.isnan(learning.y) * weight[:, None]
    y, constant = np.nan_to_num(learning.y), []
    for train, test in learning.pairs:
        columns = zip(y[train].T, known[train].T, strict=True)
        best_ones = [
            learning.loss_function.constant(column[share > 0], share[share > 0])
            if share.any()
            else 0.0
            for column, share in columns
        ]
        constant.append(np.tile(best_ones, (len(test), 1)))
    others = [np.concatenate(constant)]
    for one in _updated(rows, [_BEST_UPDATE]) if is_as_it_is else []:
        others.append(located(learning, fit_source_alone(learning, one)).held_out)
    losses = learning.losses(best.held_out)
    advantages = [(learning.losses(other) - losses).mean(axis=1) for other in others]
    return Doubt(advantages, rows.units)
