"""What ``"auto"`` means: the training parameters with every default resolved.

Two recipes, chosen by ``standardize``.  Off, the estimators are scikit-learn's MLPs and take
their values.  On, inputs have known moments, so that one learning rate, annealed to zero over
a bounded number of steps, suits tables of any size.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sktransfer._records import TrainingSettings
from sktransfer.exceptions import warn

#: Hidden layers where neither the user nor a source names any.
DEFAULT_HIDDEN = (256, 256)
SKLEARN_HIDDEN = (100,)
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


def default_hidden(standardize: bool) -> tuple[int, ...]:
    """Hidden layers of a network that nobody gave a size."""
    return DEFAULT_HIDDEN if standardize else SKLEARN_HIDDEN


def resolve(
    estimator: Any, n_samples: int, one_epoch: bool = False, is_part: bool = False
) -> TrainingSettings:
    """The settings of one training run.

    Parameters
    ----------
    estimator : BaseTransferMLP
    n_samples : int
        Rows it trains on.
    one_epoch : bool, default=False
        Whether this is one epoch of a stream without an end (``partial_fit``), over which no
        schedule can anneal.
    is_part : bool, default=False
        Whether this is one of many runs whose answers are mixed: an automatic `max_iter` is then
        a quarter as long, at four times the learning rate, and its epochs are only printed with
        ``verbose=2``.

    Returns
    -------
    TrainingSettings
    """
    values = {name: getattr(estimator, name) for name in _PLAIN}
    if is_part:
        values["verbose"] = max(0, int(estimator.verbose) - 1)
    tabular = estimator.standardize and estimator.solver == "adam"
    batch_size = _batch_size(estimator, n_samples)
    learning_rate = estimator.learning_rate
    if learning_rate == "auto":
        learning_rate = "cosine" if tabular else "constant"
    if learning_rate == "cosine" and one_epoch:
        learning_rate = "constant"
    max_iter = estimator.max_iter
    if max_iter == "auto":
        max_iter = _epochs(n_samples, batch_size) if tabular else 200
        if is_part and tabular and not one_epoch:
            max_iter = max(1, max_iter // 4)
            values["learning_rate_init"] *= 4.0
    alpha = estimator.alpha
    if alpha == "auto":
        alpha = 1.0 if estimator.standardize else 1e-4
    return TrainingSettings(
        **values,
        alpha=alpha,
        batch_size=batch_size,
        learning_rate=learning_rate,
        max_iter=max_iter,
        # of few rows the share that is right says little, and many epochs share it
        judged_by="loss" if estimator.standardize else "score",
    )


def _batch_size(estimator: Any, n_samples: int) -> int:
    if estimator.solver == "lbfgs":
        return n_samples
    if estimator.batch_size == "auto":
        return min(128 if estimator.standardize else 200, n_samples)
    if estimator.batch_size > n_samples:
        warn("Got `batch_size` less than 1 or larger than sample size. It is going to be clipped")
    return min(int(estimator.batch_size), n_samples)


def _epochs(n_samples: int, batch_size: int) -> int:
    steps = -(-n_samples // batch_size)
    wanted = float(np.clip(_EPOCHS * steps, _FEWEST_STEPS, _MOST_STEPS))
    return max(1, round(wanted / steps))
