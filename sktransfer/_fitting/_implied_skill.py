"""The skill that a network's own predictions imply, without any label of the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import entr, expit, softmax

from sktransfer._fitting._readout import whole_network
from sktransfer._networks import forward
from sktransfer._preprocessing import encode

if TYPE_CHECKING:
    from sktransfer._alignment import Prepared
    from sktransfer._records import TargetSchema

#: Of a source with this skill the prior weight is halved; below it its predictions are flat.
_LEAST_SKILL = 0.01
#: Rows that show it, and rows that are enough.
_FEWEST, _ENOUGH = 10, 1000


def prior_factor(skill: float | None) -> float:
    """Factor on the prior weight of a member by the skill that its source's predictions imply.

    A network that could learn nothing, because the labels of its table had nothing to do with the
    columns, predicts nearly the same for all rows.

    Parameters
    ----------
    skill : float or None
        Of :func:`implied_skill`.

    Returns
    -------
    float
        ``s / (s + .01)`` of a skill s; 1 where it is not known.
    """
    return 1.0 if skill is None else max(skill, 1e-6) / (max(skill, 1e-6) + _LEAST_SKILL)


def is_flat(skill: float) -> bool:
    """Whether a source's predictions hardly differ between rows."""
    return skill < _LEAST_SKILL


def implied_skill(prepared: Prepared) -> float | None:
    """The skill that a source would have on the target's rows if its predictions are calibrated.

    Parameters
    ----------
    prepared : Prepared

    Returns
    -------
    float or None
        Of classes the share by which the entropy of the probabilities is below that of their mean,
        averaged over outputs; of numbers the variance of the predictions as a share of that of
        the source's targets; of several tasks the mean over those of which it is known.  None of
        fewer than ten rows, and where the outputs or the unit of the source are not known.
        Sources without layers are not asked: a regularised linear model can rank rows well by
        nearly equal predictions, and trees that have learned noise do not show it.

    References
    ----------
    T. Gneiting, A. E. Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation",
    Journal of the American Statistical Association 102, 2007, section 2.2: what a calibrated
    prediction scores on average is its entropy.
    """
    source = prepared.source
    if source is None or source.target is None or not prepared.uses_source:
        return None
    if prepared.table.n_samples < _FEWEST:
        return None
    tasks = source.target.blocks
    is_known = [task.kind != "regression" or task.is_scaled for task in tasks]
    outputs = _outputs(prepared) if any(is_known) else None
    if outputs is None:
        return None
    of_tasks = np.split(outputs, np.cumsum([task.n_outputs for task in tasks])[:-1], axis=1)
    with np.errstate(over="ignore", invalid="ignore"):
        skills = [
            _skill(out, task)
            for out, task, known in zip(of_tasks, tasks, is_known, strict=True)
            if known
        ]
    skill = float(np.mean(skills))
    return skill if np.isfinite(skill) else None


def _skill(outputs: np.ndarray, task: TargetSchema) -> float:
    if task.kind == "regression":
        return float(outputs.var(axis=0).mean())
    return _entropy_gained(outputs, task)


def _outputs(prepared: Prepared) -> np.ndarray | None:
    """Linear outputs of the source's network for the target's rows, of many some."""
    coefs, intercepts = whole_network(prepared)
    if not coefs:
        return None
    some = slice(None, None, max(-(-prepared.table.n_samples // _ENOUGH), 1))
    inputs = encode(prepared.table.numbers[some], prepared.inputs, prepared.table.dtype)
    outputs = forward(inputs, coefs, intercepts, prepared.plan.activation, "identity")
    return np.asarray(outputs, np.float64)


def _entropy_gained(outputs: np.ndarray, target: TargetSchema) -> float:
    if target.kind == "multiclass":
        chances = softmax(outputs, axis=1)[..., None]
    else:
        chances = np.stack([expit(-outputs), expit(outputs)], axis=1)
    of_mean = entr(chances.mean(axis=0)).sum(axis=0)
    left = entr(chances).sum(axis=1).mean(axis=0)
    return float((1 - left / np.maximum(of_mean, 1e-12)).mean())
