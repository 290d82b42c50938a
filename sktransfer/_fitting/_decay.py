"""How large losses are, and with them weight decay where the user leaves that to the package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sktransfer._losses import OutputLoss
from sktransfer._preprocessing import Table
from sktransfer._records import Phase, TargetSchema, TrainingSettings

#: Weight decay behind a log link, where exponentials make more of what is wrong.
_LOG_DECAY = 3.0
#: The least share of the usual weight decay that classes get, however rare one is.
_LEAST_ENTROPY = 0.05
#: Rows of a batch, and of a stream so far for each row that weight decay counts for.
_BATCH, _STREAM_SHARE = 128, 8


def decay_factor(table: Table, target: TargetSchema, batch_size: int) -> float:
    """How many times as strong weight decay is, so that it has the size of the loss.

    Most targets are standardised, so that a loss has the size of 1.  The log loss of classes has
    that of their entropy: where one class is rare, the loss can only fall by little, and a
    penalty as for balanced classes would outweigh it.  For the log link of a single task see
    below.

    Parameters
    ----------
    table : Table
        Rows to learn from.
    target : TargetSchema
    batch_size : int
    """
    blocks, at, factors = target.blocks, 0, []
    if len(blocks) == 1 and blocks[0].loss_function.has_log_link:
        return _of_rates(table, blocks[0].loss_function, batch_size)
    for task in blocks:
        y = table.y[:, at : at + task.n_outputs]
        at += task.n_outputs
        are_classes = task.kind in ("binary", "multiclass")
        factors.append(_entropy(y, table.sample_weight) if are_classes else 1.0)
    return float(np.mean(factors)) if factors else 1.0


def sizes_of_losses(table: Table, target: TargetSchema) -> tuple[float, ...] | None:
    """What the loss of each output is divided by; None where all have one size.

    A deviance is as large as a power of the unit of amounts: one task in cents would outweigh all
    others, whose layers it shares.  Divided by its curvature and its dispersion it is as the loss
    of standardised numbers, of large counts and of rare ones.  Several outputs of one task have
    their mean size together, which weight decay is in proportion to.

    Parameters
    ----------
    table : Table
        Rows to learn from.
    target : TargetSchema
    """
    losses = [task.loss_function for task in target.blocks for _ in range(task.n_outputs)]
    sizes = np.ones(len(losses))
    for at, loss in enumerate(losses):
        y = table.y[:, [at]].astype(np.float64)
        if loss.has_log_link and (y > 0).any():
            sizes[at] = sum(_curvature_and_dispersion(y, table.sample_weight, loss))
    if len(target.blocks) == 1:
        sizes /= sizes.mean()
    return None if (sizes == 1.0).all() else tuple(sizes.tolist())


def on_stream(
    settings: TrainingSettings, phases: Sequence[Phase], n_before: int, is_automatic: bool
) -> tuple[TrainingSettings, list[Phase]]:
    """Penalties of a stream's next epoch: they fall with the rows so far.

    Other than a table's epochs, a stream's have no end: what was learned from earlier chunks
    would be unlearned again.  Automatic weight decay is divided by the rows of a batch, too, which
    are few where chunks are small.

    Parameters
    ----------
    settings : TrainingSettings
    phases : sequence of Phase
    n_before : int
        Rows of earlier chunks.
    is_automatic : bool
        Whether weight decay is not the user's.
    """
    share = _BATCH / max(_BATCH, n_before / _STREAM_SHARE)
    if is_automatic:
        decay = settings.alpha * min(1.0, share * settings.batch_size / _BATCH)
        settings = replace(settings, alpha=decay)
    return settings, [
        replace(
            one, l2_to_start={name: share * strength for name, strength in one.l2_to_start.items()}
        )
        for one in phases
    ]


def _of_rates(table: Table, loss: OutputLoss, batch_size: int) -> float:
    """The factor behind a log link.

    A squared error of standardised targets is as curved in every table, and its noise no larger
    than 1.  A deviance is as curved as a power of the mean, which depends on the unit; and where
    rows are few, its noise is what decay has to hold back.
    """
    y = table.y.astype(np.float64)
    if not (y > 0).any():
        return 1.0
    curvature, dispersion = _curvature_and_dispersion(y, table.sample_weight, loss)
    return _LOG_DECAY * (curvature + dispersion * batch_size / max(table.n_samples, 1))


def _curvature_and_dispersion(
    y: np.ndarray, weight: np.ndarray | None, loss: OutputLoss
) -> tuple[float, float]:
    """Of a loss behind a log link, at the best constant."""
    mean = np.array(
        [
            loss.constant(column[known], None if weight is None else weight[known])
            for column, known in zip(y.T, ~np.isnan(y.T), strict=True)
        ]
    )
    return float(loss.curvature(mean, mean).mean()), loss.dispersion(y, weight)


def _entropy(y: np.ndarray, sample_weight: np.ndarray | None) -> float:
    """That of classes, in units of two even ones; at most 1."""
    known = ~np.isnan(y).any(axis=1)
    weight = None if sample_weight is None else sample_weight[known]
    if not known.any() or (weight is not None and not weight.any()):
        return 1.0
    y = y[known].astype(np.float64)
    share = y.mean(axis=0) if weight is None else np.average(y, axis=0, weights=weight)
    share = np.append(share, 1 - share) if len(share) == 1 else share
    share = share[share > 0]
    return float(np.clip(-(share * np.log2(share)).sum(), _LEAST_ENTROPY, 1.0))
