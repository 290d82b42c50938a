"""Fine-tuning with an L2 penalty towards the source's weights."""

from __future__ import annotations

from numbers import Real

from sktransfer._compat import Interval
from sktransfer._records import LayerNames, Phase
from sktransfer.strategies._base import SCALINGS, NetworkStrategy, Scaling


class L2SP(NetworkStrategy):
    """Fine-tune every layer, with an L2 penalty on how far the shared ones move from the source.

    Adds ``strength / 2 * ||w - w_source||²`` over the shared layers to the loss; the task's own
    layers keep the ordinary L2 penalty `alpha`.  Strength 0 is :class:`Full`, a large strength
    keeps the source's layers.

    Parameters
    ----------
    strength : float, default=0.1
        Strength of the penalty, at least 0.
    scaling : {'mixed', 'source', 'target'}, default='mixed'
        Whose mean and standard deviation standardise the shared columns.  With the source's, a
        target whose columns lie elsewhere starts far outside the source's rows.

    See Also
    --------
    Full : Without the penalty.
    KeepHead : The output layer is kept and penalised, too.

    References
    ----------
    X. Li, Y. Grandvalet, F. Davoine, "Explicit Inductive Bias for Transfer Learning with
    Convolutional Networks", ICML 2018, section 3.

    Examples
    --------
    >>> from sktransfer.strategies import L2SP, LayerNames
    >>> (phase,) = L2SP(0.2).phases(LayerNames(("shared_layers.0",), ("task_layers.0",)), 100)
    >>> phase.l2_to_start
    {'shared_layers.0': 0.2}
    """

    _parameter_constraints = {
        "strength": [Interval(Real, 0, None, closed="left")],
        "scaling": [SCALINGS],
    }

    def __init__(self, strength: float = 0.1, scaling: Scaling = "mixed") -> None:
        self.strength = strength
        self.scaling = scaling

    def phases(self, layer_names: LayerNames, max_iter: int) -> list[Phase]:
        return [Phase(max_iter, l2_to_start=dict.fromkeys(layer_names.shared, self.strength))]
