"""What training is given, and what it reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np


@dataclass(frozen=True)
class Phase:
    """A part of training: which layers are trained, at which rate, how long, with which penalty.

    A strategy is a list of these, and nothing else controls the engine.

    Attributes
    ----------
    max_iter : int
        Most epochs this phase may take (iterations for L-BFGS).
    learning_rate_scale : mapping of str to float
        Factor on the learning rate per layer name; 0 freezes a layer.  A layer that is not
        named has 1.
    l2_to_start : mapping of str to float
        Strength of the L2 penalty of a layer towards the weights it started from, that is
        ``strength / 2 * ||w - w_start||²`` is added to the loss.  A layer that has one has no
        other weight decay.

    See Also
    --------
    Strategy : Its `phases` make them.
    LayerNames : The names of a network's layers.

    Examples
    --------
    >>> from sktransfer.strategies import Phase
    >>> phase = Phase(10, learning_rate_scale={"shared_layers.0": 0.1})
    >>> phase.scale("shared_layers.0"), phase.scale("task_layers.0")
    (0.1, 1.0)
    """

    max_iter: int
    learning_rate_scale: Mapping[str, float] = field(default_factory=dict)
    l2_to_start: Mapping[str, float] = field(default_factory=dict)

    def scale(self, layer: str) -> float:
        """Factor on the learning rate of a layer.

        A frozen layer has 0; one that the phase does not name has 1.

        Parameters
        ----------
        layer : str
            Name of the layer.

        Returns
        -------
        float
            At least 0.

        See Also
        --------
        decay : Its penalty.

        Examples
        --------
        >>> from sktransfer.strategies import Phase
        >>> Phase(10, learning_rate_scale={"shared_layers.0": 0.0}).scale("task_layers.0")
        1.0
        """
        return self.learning_rate_scale.get(layer, 1.0)

    def decay(self, layer: str, alpha: float) -> float:
        """Strength of the L2 penalty on a layer's weights where the training has `alpha`.

        A layer that is penalised towards where it started is not penalised towards zero as well.

        Parameters
        ----------
        layer : str
            Name of the layer.
        alpha : float
            Strength of the penalty on layers without an `l2_to_start`.

        Returns
        -------
        float
            `alpha`, or 0 where the layer has an `l2_to_start`.

        See Also
        --------
        scale : Its learning rate.

        Examples
        --------
        >>> from sktransfer.strategies import Phase
        >>> phase = Phase(10, l2_to_start={"shared_layers.0": 0.1})
        >>> phase.decay("shared_layers.0", 0.5), phase.decay("task_layers.0", 0.5)
        (0.0, 0.5)
        """
        return 0.0 if self.l2_to_start.get(layer, 0.0) else alpha


@dataclass(frozen=True)
class TrainingSettings:
    """The training parameters of an estimator, with every default resolved.

    Of an epoch with held-out rows, `judged_by` says which of their score and loss counts.
    """

    solver: str
    alpha: float
    batch_size: int
    learning_rate: str
    learning_rate_init: float
    power_t: float
    max_iter: int
    shuffle: bool
    tol: float
    verbose: int
    momentum: float
    nesterovs_momentum: bool
    beta_1: float
    beta_2: float
    epsilon: float
    n_iter_no_change: float
    max_fun: int
    dropout: float
    device: str = "cpu"
    judged_by: Literal["score", "loss"] = "score"


@dataclass(eq=False)
class History:
    """What happened during training, under scikit-learn's names."""

    n_iter: int = 0
    n_samples_seen: int = 0
    loss: float = np.nan
    best_loss: float | None = np.inf
    best_validation_score: float | None = None
    best_validation_loss: float = np.inf
    no_improvement_count: int = 0
    loss_curve: list[float] = field(default_factory=list)
    validation_scores: list[float] | None = None
    phases: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        if min(self.n_iter, self.n_samples_seen, self.no_improvement_count) < 0:
            raise ValueError("epochs and rows of a training are at least 0")
