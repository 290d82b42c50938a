"""What ``"auto"`` means: the training parameters with every default resolved.

Two sets of defaults, chosen by ``standardize``.  Off, the estimators are scikit-learn's MLPs and
take their values.  On, inputs have mean 0 and variance 1, so that one learning rate, annealed to
zero over a bounded number of steps, suits tables of any size.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sktransfer._records import FitOptions, Phase, TrainingSettings, TransferPlan
from sktransfer._warnings import warn
from sktransfer.strategies import NetworkStrategy, Scratch

#: Steps that an automatic `max_iter` aims at: this many epochs, within these bounds.
_EPOCHS, _FEWEST_STEPS, _MOST_STEPS = 30, 200, 1200
_PLAIN = (
    "solver",
    "learning_rate_init",
    "power_t",
    "shuffle",
    "tol",
    "verbose",
    "momentum",
    "nesterovs_momentum",
    "beta_1",
    "beta_2",
    "epsilon",
    "n_iter_no_change",
    "max_fun",
    "dropout",
    "device",
)


def resolve(options: FitOptions, n_samples: int, is_part: bool = False) -> TrainingSettings:
    """The settings of one training run.

    Parameters
    ----------
    options : FitOptions
    n_samples : int
        Rows it trains on.
    is_part : bool, default=False
        Whether this is one of many runs whose predictions are averaged: an automatic `max_iter` is
        then a quarter as long, at four times the learning rate, and its epochs are only printed
        with ``verbose=2``.

    Returns
    -------
    TrainingSettings
    """
    values = {name: getattr(options, name) for name in _PLAIN}
    if is_part:
        values["verbose"] = max(0, int(options.verbose) - 1)
    tabular = _is_tabular(options)
    batch_size = _batch_size(options, n_samples)
    max_iter = options.max_iter
    if max_iter == "auto":
        max_iter = _epochs(n_samples, batch_size) if tabular else 200
        if is_part and tabular and not options.one_epoch:
            max_iter = max(1, max_iter // 4)
            values["learning_rate_init"] *= 4.0
    alpha = options.alpha
    if alpha == "auto":
        alpha = 1.0 if options.standardize else 1e-4
    return TrainingSettings(
        **values,
        alpha=float(alpha),
        batch_size=batch_size,
        learning_rate=learning_rate_of(options),
        max_iter=int(max_iter),
        # the accuracy on few rows is hardly informative, and many epochs share it
        judged_by="loss" if options.standardize else "score",
    )


def learning_rate_of(options: FitOptions) -> str:
    """The schedule of the learning rate, with its default resolved; a stream has no end."""
    learning_rate = options.learning_rate
    if learning_rate == "auto":
        learning_rate = "cosine" if _is_tabular(options) else "constant"
    return "constant" if learning_rate == "cosine" and options.one_epoch else learning_rate


def _is_tabular(options: FitOptions) -> bool:
    """Whether defaults are those for standardised tables."""
    return options.standardize and options.solver == "adam"


def _batch_size(options: FitOptions, n_samples: int) -> int:
    if options.solver == "lbfgs":
        return n_samples
    if options.batch_size == "auto":
        return min(128 if options.standardize else 200, n_samples)
    if int(options.batch_size) > n_samples:
        warn("Got `batch_size` less than 1 or larger than sample size. It is going to be clipped")
    return min(int(options.batch_size), n_samples)


def _epochs(n_samples: int, batch_size: int) -> int:
    steps = -(-n_samples // batch_size)
    wanted = float(np.clip(_EPOCHS * steps, _FEWEST_STEPS, _MOST_STEPS))
    return max(1, round(wanted / steps))


def schedule(
    strategy: NetworkStrategy,
    plan: TransferPlan,
    settings: TrainingSettings,
    epochs_before: int | None = None,
) -> list[Phase]:
    """The phases to train through now; on a stream, the one that follows so many epochs."""
    if not plan.carried and not plan.layer_names.shared:
        strategy = Scratch()  # nothing to be careful with
    phases = strategy.phases(plan.layer_names, settings.max_iter)
    are_phases = isinstance(phases, list | tuple) and all(isinstance(p, Phase) for p in phases)
    if not phases or not are_phases:
        raise TypeError(
            f"{type(strategy).__name__}.phases returned {phases!r}; expected a list of at least "
            "one sktransfer.strategies.Phase. Is its `return` missing, or are the brackets?"
        )
    phases = [
        # only what came from the source can be held to it
        replace(
            phase, l2_to_start={k: v for k, v in phase.l2_to_start.items() if k in plan.carried}
        )
        for phase in phases
    ]
    if epochs_before is None:
        return phases
    # the k-th call is the k-th epoch of the schedule, and the last phase has no end
    for phase in phases[:-1]:
        if epochs_before < phase.max_iter:
            return [phase]
        epochs_before -= phase.max_iter
    return [phases[-1]]
