"""What every strategy answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Literal

from sklearn.base import BaseEstimator

from sktransfer._compat import StrOptions
from sktransfer._records import LayerNames, Phase, Reading

#: Constraint on the parameter ``scaling`` of the strategies that have it.
SCALINGS = StrOptions({"source", "target", "mixed"})


class Strategy(BaseEstimator, ABC):
    """Base class of the strategies.

    A subclass sets the class attributes where it differs and writes :meth:`phases`.  Its
    constructor parameters follow scikit-learn's conventions, so that a grid search reaches
    them as ``strategy__<parameter>``.

    Attributes
    ----------
    carries_trunk : bool, default=True
        Whether the shared layers start from the source.
    carries_head : bool, default=False
        Whether the output layer starts from the source, as far as labels coincide.
    scaling : {'source', 'target', 'mixed'}, default='source'
        Whose moments standardise the columns that both tables have.  ``'mixed'`` weighs the
        target's with ``n / (n + 50)`` for n target rows.
    hidden_layer_sizes : tuple of int or None, default=None
        Hidden layers of a strategy that carries nothing and prefers sizes of its own where the
        user names none.
    readout : {'linear', 'trees'} or None, default=None
        What answers on top of a network that does not move, fitted at once; None where the
        network itself is trained.
    reads : tuple of {'columns', 'hidden', 'outputs'}, default=()
        What the read-out reads.
    uses_source_rows : bool, default=False
        Whether it trains on rows of the source too, which are then given to ``fit``.

    See Also
    --------
    Combined : Several strategies at once, the default where there is a source.
    check_strategy : The strategy behind a name.
    Phase : What `phases` returns.

    Examples
    --------
    One of your own, which trains the layers of the source at a tenth of the learning rate:

    >>> from sklearn.datasets import load_iris
    >>> from sktransfer import TransferMLPClassifier
    >>> from sktransfer.strategies import Phase, Strategy
    >>> class Gentle(Strategy):
    ...     def phases(self, layer_names, max_iter):
    ...         slowly = dict.fromkeys(layer_names.shared, 0.1)
    ...         return [Phase(max_iter, learning_rate_scale=slowly)]
    >>> X, y = load_iris(return_X_y=True)
    >>> source = TransferMLPClassifier(random_state=0).fit(X, y > 0)
    >>> target = TransferMLPClassifier(source=source, strategy=Gentle(), random_state=0)
    >>> bool(target.fit(X[::5], y[::5]).score(X, y) > 0.9)
    True
    """

    _parameter_constraints: dict[str, Any] = {}
    carries_trunk: bool = True
    carries_head: bool = False
    scaling: Literal["source", "target", "mixed"] = "source"
    hidden_layer_sizes: tuple[int, ...] | None = None
    readout: Literal["linear", "trees"] | None = None
    reads: tuple[Reading, ...] = ()
    uses_source_rows: bool = False

    @property
    def carries(self) -> bool:
        """Whether anything starts from the source.

        A strategy that carries nothing trains the same network whatever the source has learned.

        See Also
        --------
        needs_source : Whether it can do without.

        Examples
        --------
        >>> from sktransfer.strategies import Full, Scratch
        >>> Full().carries, Scratch().carries
        (True, False)
        """
        return self.carries_trunk or self.carries_head

    @property
    def needs_source(self) -> bool:
        """Whether there is nothing to do for it without a source.

        Without a source, a combination leaves those of its members out that need one.

        See Also
        --------
        carries : Whether it uses one.

        Examples
        --------
        >>> from sktransfer.strategies import Full, Trees
        >>> Full().needs_source, Trees().needs_source
        (True, False)
        """
        return self.carries

    @abstractmethod
    def phases(self, layer_names: LayerNames, max_iter: int) -> list[Phase]:
        """The stretches of training, in order.

        They are data: the engine runs through them, and what a strategy does can be looked at
        without any training.

        Parameters
        ----------
        layer_names : LayerNames
            Names of the shared and of the task's own layers, input to output.
        max_iter : int
            Epochs to spend in all.

        Returns
        -------
        list of Phase
            At least one, with ``max_iter`` of each at least 1.

        See Also
        --------
        Phase : How long, which layers, how fast and held back by what.
        LayerNames : The names of a network's layers.

        Examples
        --------
        >>> from sktransfer.strategies import LPFT, LayerNames
        >>> names = LayerNames.of(3, n_shared=2)
        >>> [phase.scale("shared_layers.0") for phase in LPFT().phases(names, max_iter=20)]
        [0.0, 0.3]
        """


def split_epochs(max_iter: int, fractions: tuple[float, ...]) -> list[int]:
    """Whole epochs per phase, at least one each, in proportion to `fractions`."""
    return [max(1, round(max_iter * fraction)) for fraction in fractions]


def probe_scales(layer_names: LayerNames, scale: float) -> dict[str, float]:
    """Learning-rate scales that freeze the shared layers and train the others at `scale`."""
    return dict.fromkeys(layer_names.shared, 0.0) | dict.fromkeys(layer_names.task, scale)
