"""Linear probing, then fine-tuning."""

from __future__ import annotations

from numbers import Real

from sktransfer._compat import Interval
from sktransfer._records import LayerNames, Phase
from sktransfer.strategies._base import (
    SCALINGS,
    NetworkStrategy,
    Scaling,
    probe_scales,
    split_epochs,
)


class LPFT(NetworkStrategy):
    """First train the task's own layers on the frozen source, then everything.

    In plain fine-tuning the gradients of a random head distort the shared layers in the first
    steps; those of a trained head do so less.

    Parameters
    ----------
    probe_fraction : float, default=0.5
        Share of the epochs spent on the first phase, in (0, 1).
    probe_learning_rate_scale : float, default=10.0
        Factor on the learning rate in the first phase, above 0.
    learning_rate_scale : float, default=0.3
        Factor on the learning rate in the second phase, at least 0.
    scaling : {'mixed', 'source', 'target'}, default='mixed'
        Whose mean and standard deviation standardise the shared columns.

    See Also
    --------
    Frozen : The first phase alone.
    Gradual : Frees one layer per phase.

    References
    ----------
    A. Kumar, A. Raghunathan, R. Jones, T. Ma, P. Liang, "Fine-Tuning can Distort Pretrained
    Features and Underperform Out-of-Distribution", ICLR 2022, section 3.

    Examples
    --------
    >>> from sktransfer.strategies import LPFT, LayerNames
    >>> probe, tune = LPFT().phases(LayerNames(("shared_layers.0",), ("task_layers.0",)), 100)
    >>> probe.scale("shared_layers.0"), tune.scale("shared_layers.0")
    (0.0, 0.3)
    """

    _parameter_constraints = {
        "probe_fraction": [Interval(Real, 0, 1, closed="neither")],
        "probe_learning_rate_scale": [Interval(Real, 0, None, closed="neither")],
        "learning_rate_scale": [Interval(Real, 0, None, closed="left")],
        "scaling": [SCALINGS],
    }

    def __init__(
        self,
        probe_fraction: float = 0.5,
        probe_learning_rate_scale: float = 10.0,
        learning_rate_scale: float = 0.3,
        scaling: Scaling = "mixed",
    ) -> None:
        self.probe_fraction = probe_fraction
        self.probe_learning_rate_scale = probe_learning_rate_scale
        self.learning_rate_scale = learning_rate_scale
        self.scaling = scaling

    def phases(self, layer_names: LayerNames, max_iter: int) -> list[Phase]:
        probe, tune = split_epochs(max_iter, (self.probe_fraction, 1 - self.probe_fraction))
        return [
            Phase(probe, probe_scales(layer_names, self.probe_learning_rate_scale)),
            Phase(tune, learning_rate_scale=dict.fromkeys(layer_names, self.learning_rate_scale)),
        ]
