"""Members in closed form: rows and folds in, held-out predictions and a fitted member out.

A member is ridge regression on a sum of kernels: a dense source's tangent, own columns, a Gaussian
kernel at landmarks, the source's outputs.  It starts from nothing or from the source's own
prediction, updated without each fold's rows, and averages over strengths by the likelihood of
held-out rows.  Classes are learned as -1 and 1, each against the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sktransfer._losses import OutputLoss, loss_of
from sktransfer._networks import to_predictions, to_scores
from sktransfer._readouts._kernel_ridge import STRENGTHS, RidgeTask
from sktransfer._readouts._newton_start import mean_logarithms, newton_start
from sktransfer._readouts._parts import FeaturePart, TangentPart, tangent_paths
from sktransfer._readouts._recalibrate import LEAST_PROBABILITY, RecalibrationFit
from sktransfer._readouts._ridge import feature_ridge_path
from sktransfer._readouts._tangent import tangent_arrays
from sktransfer._readouts._to_probability import USUAL_SCALE, fit_score_scale, loss_at_scale
from sktransfer._records import ClosedForm, OutputKind, Recalibration, TargetSchema

#: The strength where no row is held out.
_USUAL_STRENGTH = 0.3
#: The power of the likelihood that strengths are averaged by.
_TEMPER = 0.5


@dataclass(frozen=True, eq=False)
class Learning:
    """What members in closed form learn, and what they are tested on.

    Attributes
    ----------
    kind : {'binary', 'multiclass', 'number', 'count', 'amount'}
    y : ndarray of shape (n_samples, n_targets)
        Indicators of labels or classes (one column of two classes), or numbers; NaN where missing.
    weight : ndarray of shape (n_samples,) or None
    pairs : tuple of (train, test)
        Row numbers of each fold; groups are whole in them.
    outputs : ndarray of shape (n_samples, n_source_outputs), or None
        The source's: logits, logarithms of rates, or numbers in the unit of `y`.
    parts : ndarray of int, shape (n_tested,), or None
        Which tested rows choose strengths together; by default those of a fold.
    target : TargetSchema or None
        Whose loss judges held-out predictions of numbers; None for squared errors.
    """

    kind: OutputKind
    y: np.ndarray
    weight: np.ndarray | None = None
    pairs: tuple[tuple[np.ndarray, np.ndarray], ...] = ()
    outputs: np.ndarray | None = None
    parts: np.ndarray | None = None
    target: TargetSchema | None = None

    @property
    def task(self) -> RidgeTask:
        """The same for ridge regression."""
        y = np.asarray(self.y, np.float64)
        if self.may_be_zero:
            y = 0.0 * y  # what is to be learned is in the starts
        elif self.kind == "amount":
            y = np.log(y)
        return RidgeTask(2 * y - 1 if self.is_classes else y, self.weight, self.pairs)

    @property
    def loss_function(self) -> OutputLoss:
        """The loss of numbers."""
        return (
            loss_of("squared_error")
            if self.target is None or self.kind == "count"
            else self.target.loss_function
        )

    @property
    def may_be_zero(self) -> bool:
        """Whether amounts can be 0, which has no logarithm."""
        if self.kind != "amount" or self.target is None:
            return False
        return float(self.loss_function.power or 0.0) < 2

    @property
    def is_classes(self) -> bool:
        """Whether scores become probabilities."""
        return self.kind in ("binary", "multiclass")

    def scales(self, held_out: np.ndarray) -> np.ndarray | None:
        """The scale at which scores of each strength become probabilities, None of numbers."""
        tested = self.task.tested
        if not (self.kind == "binary" or self.kind == "multiclass"):
            return None
        if not self._known(tested).any():
            return None
        weight = None if self.weight is None else self.weight[tested]
        return fit_score_scale(held_out, self.y[tested], self.kind, weight)[0]

    def average(
        self,
        held_out: np.ndarray,
        strengths: Sequence[float],
        scales: np.ndarray | None,
        rows: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """How much models of several strengths count, by what they predict for held-out rows.

        Their weights are the likelihood of the held-out rows, tempered.  With few rows that errs
        less than to take the best one, and it costs nothing: a mean of models that differ in their
        coefficients is one such model.

        Parameters
        ----------
        held_out : ndarray of shape (n_strengths, n_tested, n_targets)
            Scores of classes, or numbers.
        strengths : sequence of float
            Of the models; a usual one is taken where nothing is held out.
        scales : ndarray or None
            Of scores that become probabilities, see :meth:`scales`.
        rows : ndarray of int, optional
            Which of the tested rows these are; all by default.

        Returns
        -------
        share : ndarray of shape (n_strengths, n_targets)
            Of models, per target; classes of one target have one share.
        scale : ndarray or None
            Of averaged scores that become probabilities.
        """
        tested = self.task.tested if rows is None else self.task.tested[rows]
        y, known = self.y[tested], self._known(tested)
        if not known.any():
            usual = np.argmin(np.abs(np.log(np.array(strengths) / _USUAL_STRENGTH)))
            share = np.zeros((len(strengths), held_out.shape[-1]))
            share[usual] = 1.0
            return share, np.array([USUAL_SCALE]) if self.is_classes else None
        weight = None if self.weight is None else self.weight[tested]
        if self.kind == "binary" or self.kind == "multiclass":
            assert scales is not None
            loss = loss_at_scale(held_out, y, self.kind, weight, scales)
        else:
            error = self._errors(held_out, tested)
            squared = (np.nan_to_num(error) * known).sum(axis=1) / np.maximum(known.sum(0), 1e-300)
            loss = 0.5 * np.log(np.maximum(squared, 1e-300))
        total = known.sum(axis=0) if loss.shape[-1] > 1 else known.max(axis=1).sum()
        share = np.exp(-_TEMPER * total * (loss - loss.min(axis=0)))
        share = np.broadcast_to(share / share.sum(axis=0), (len(loss), held_out.shape[-1]))
        if self.kind == "binary" or self.kind == "multiclass":
            averaged = np.einsum("lo,lno->no", share, held_out)
            return share, fit_score_scale(averaged, y, self.kind, weight)[0]
        return share, None

    def loss(self, held_out: np.ndarray, rows: np.ndarray | None = None) -> float:
        """Mean log loss of probabilities, or the loss of numbers, for held-out rows.

        Parameters
        ----------
        held_out : ndarray of shape (n_tested, n_targets)
        rows : ndarray of int, optional
            Which of the tested rows these are; all by default.

        Returns
        -------
        float
            NaN where nothing is held out.
        """
        losses = self.losses(held_out, rows)
        return float(losses.mean()) if losses.size else np.nan

    def losses(self, held_out: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """The same of each row and output, by its weight; their mean is the mean loss.

        Parameters
        ----------
        held_out : ndarray of shape (n_tested, n_targets)
        rows : ndarray of int, optional
            Which of the tested rows these are; all by default.

        Returns
        -------
        ndarray of shape (n_tested, n_targets)
            0 where an entry is missing; empty where all are.
        """
        tested = self.task.tested if rows is None else self.task.tested[rows]
        y = np.asarray(self.y[tested], np.float64)
        if self.kind == "multiclass":
            losses = -y * np.log(np.maximum(held_out, LEAST_PROBABILITY)) * y.shape[1]
        elif self.kind == "binary":
            p = np.clip(held_out, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
            losses = -y * np.log(p) - (1 - y) * np.log(1 - p)
        elif self.target is None or self.loss_function.name == "squared_error":
            losses = np.square(held_out - y)
        else:
            center, scale = self.target.center, self.target.scale
            p, numbers = (held_out - center) / scale, (y - center) / scale
            losses = self.loss_function.entries(np, p, numbers)
        known = self._known(tested)
        if not known.any():
            return np.empty((0, y.shape[1]))
        return np.asarray(np.nan_to_num(losses) * known / known.mean())

    def rests(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Tested rows of each part, and those that choose strengths for it: all others."""
        parts = self.parts
        if parts is None:
            sizes = [len(test) for _, test in self.pairs]
            parts = np.repeat(np.arange(len(sizes)), sizes)
        numbers = np.unique(parts)
        if len(numbers) < 2:
            return []
        return [(np.flatnonzero(parts == n), np.flatnonzero(parts != n)) for n in numbers]

    def _errors(self, held_out: np.ndarray, tested: np.ndarray) -> np.ndarray:
        """Of numbers, what strengths are averaged by: squares, or deviances of amounts."""
        predictions, y = to_predictions(held_out, None, self.kind), self.y[tested]
        if self.may_be_zero:
            errors: np.ndarray = self.loss_function.entries(np, predictions, y)
        elif self.kind == "amount":
            errors = np.square(held_out - self.task.y[tested])
        else:
            errors = np.square(predictions - y)
        return errors

    def _known(self, tested: np.ndarray) -> np.ndarray:
        """How much each entry of test rows counts, of shape (n_tested, n_targets)."""
        known = 1.0 * ~np.isnan(np.asarray(self.y[tested], np.float64))
        return known if self.weight is None else known * self.weight[tested][:, None]


@dataclass(frozen=True, eq=False)
class ClosedFormFit:
    """A member, averaged over strengths.

    Attributes
    ----------
    held_out : ndarray of shape (n_tested, n_targets)
        Probabilities or numbers for the folds' test rows, pair after pair.
    loss : float
        Mean log loss or squared error there, NaN where nothing is held out.
    strength : float or None
        The geometric mean; None of an offset alone.
    fields : dict
        Of the fitted member, but for its tangent.
    tangent : TangentPart or None
    coef : ndarray of shape (n_rows, n_targets), or None
        Of the tangent's kernel, for the rows that it is written by.
    cross_fitted : ndarray of shape (n_tested, n_targets), or None
        As `held_out`, with strengths and scale chosen without each fold.
    """

    held_out: np.ndarray
    loss: float
    strength: float | None
    fields: dict[str, Any]
    tangent: TangentPart | None = None
    coef: np.ndarray | None = None
    cross_fitted: np.ndarray | None = None

    @property
    def reads_source(self) -> bool:
        """Whether the fitted member needs the source's layers or outputs."""
        return (
            self.tangent is not None
            or self.fields.get("offset") is not None
            or "outputs" in self.fields
        )

    @property
    def is_source_as_it_is(self) -> bool:
        """Whether it predicts what the source does."""
        offset: Recalibration | None = self.fields.get("offset")
        if offset is None or self.strength is not None:
            return False
        return bool((offset.slope == 1).all() and not offset.intercept.any())

    def model(self) -> ClosedForm:
        """The fitted member; a tangent is a step of the network's weights and keeps no row."""
        if self.tangent is None or self.coef is None:
            return ClosedForm(**self.fields)
        tangent = tangent_arrays(self.tangent.gradients, self.tangent.direction_of, self.coef)
        return ClosedForm(**self.fields, tangent=tangent)


def fit_source_alone(learning: Learning, updated: RecalibrationFit) -> ClosedFormFit:
    """The source's own prediction as a member, on one rung of the ladder.

    Parameters
    ----------
    learning : Learning
    updated : RecalibrationFit

    Returns
    -------
    ClosedFormFit
    """
    kind, outputs = learning.kind, _outputs_of(learning)
    scores = to_scores(updated.held_out(outputs, learning.pairs), kind)
    fields = {
        "kind": kind,
        "intercept": np.zeros(outputs.shape[1]),
        "offset": updated.of_all,
    }
    held_out = to_predictions(scores, None, kind)
    return ClosedFormFit(held_out, learning.loss(held_out), None, fields, cross_fitted=held_out)


def fit_closed_form(
    learning: Learning,
    parts: Sequence[tuple[FeaturePart | TangentPart, float]],
    offsets: Sequence[RecalibrationFit | None] = (None,),
    strengths: Sequence[float] = STRENGTHS,
) -> list[ClosedFormFit]:
    """Fit members that differ in what they start from.

    Parameters
    ----------
    learning : Learning
    parts : sequence of (part, share)
        Whose sum is the kernel; at most one tangent.
    offsets : sequence of RecalibrationFit or None, default=(None,)
        The source's prediction, on a rung of the ladder; None starts from nothing.
    strengths : sequence of float, optional

    Returns
    -------
    list of ClosedFormFit
        One per offset.
    """
    total = sum(share for _, share in parts)
    known = [(part, share / total) for part, share in parts if isinstance(part, FeaturePart)]
    features = np.hstack(
        [
            np.empty((len(learning.y), 0)),
            *(np.sqrt(share) * part.features for part, share in known),
        ]
    )
    tangents = [(part, share / total) for part, share in parts if isinstance(part, TangentPart)]
    starts = [
        None if one is None else one.offset(_outputs_of(learning), learning.kind)
        for one in offsets
    ]
    constants = np.zeros(learning.y.shape[1])
    if learning.may_be_zero:
        constants = mean_logarithms(learning, np.arange(len(learning.y)))
        starts = [newton_start(learning, start) for start in starts]
    tangent, at_first = None, 0
    if tangents:
        ((tangent, share),) = tangents
        paths = tangent_paths(tangent, share, features, learning.task, starts, strengths)
        at_first = tangent.n_rows
    else:
        paths = feature_ridge_path(features, learning.task, starts, strengths)
    fits = []
    for path, offset in zip(paths, offsets, strict=True):
        scales = learning.scales(path.held_out)
        share_of, scale = learning.average(path.held_out, strengths, scales)
        coef, scores = (np.einsum("lo,lno->no", share_of, a) for a in (path.coef, path.held_out))
        fields: dict[str, Any] = {
            "kind": learning.kind,
            "intercept": (share_of * path.intercept).sum(axis=0)
            + (constants if offset is None else 0.0),
            "offset": None if offset is None else offset.of_all,
            "score_scale": scale,
        }
        at = at_first
        for part, of_part in known:
            until = at + part.features.shape[1]
            fields |= part.fields(np.sqrt(of_part) * coef[at:until])
            at = until
        held_out = to_predictions(scores, scale, learning.kind)
        loss, mean = learning.loss(held_out), np.exp(np.log(strengths) @ share_of.mean(axis=1))
        cross_fitted = cross_fitted_strengths(learning, path.held_out, strengths, scales, held_out)
        fits.append(
            ClosedFormFit(
                held_out, loss, float(mean), fields, tangent, coef[:at_first], cross_fitted
            )
        )
    return fits


def cross_fitted_strengths(
    learning: Learning,
    by_strength: np.ndarray,
    strengths: Sequence[float],
    scales: np.ndarray | None,
    held_out: np.ndarray,
) -> np.ndarray:
    """Held-out predictions with strengths, and a scale of their average, of the other parts."""
    predictions = held_out.copy()
    for part, rest in learning.rests():
        share, scale = learning.average(by_strength[:, rest], strengths, scales, rest)
        scores = np.einsum("lo,lno->no", share, by_strength[:, part])
        predictions[part] = to_predictions(scores, scale, learning.kind)
    return predictions


def _outputs_of(learning: Learning) -> np.ndarray:
    if learning.outputs is None:
        raise ValueError("An offset is the source's prediction; Learning.outputs has none.")
    return learning.outputs
