"""What every strategy declares, and the two kinds that do one thing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import inf
from typing import Literal

import numpy as np
from sklearn.base import BaseEstimator

from sktransfer._compat import StrOptions
from sktransfer._records import DenseLayer, LayerNames, Phase, Reading, TargetSchema, TreeArrays
from sktransfer._typing import Constraints

Scaling = Literal["source", "target", "mixed"]
#: Constraint on the parameter ``scaling`` of the strategies that have it.
SCALINGS = StrOptions({"source", "target", "mixed"})


class Strategy(BaseEstimator, ABC):
    """Base class of the strategies.

    There is a subclass for each way of fitting: a :class:`NetworkStrategy` trains a network, a
    :class:`ReadoutStrategy` fits a model on the features of a network that does not move, a
    :class:`ClosedFormStrategy` is solved in closed form, an :class:`EstimatorMember` is another
    package's, and :class:`WeightedEnsemble` averages several.  Constructor parameters follow
    scikit-learn's conventions, so that a grid search reaches them as ``strategy__<parameter>``.

    Attributes
    ----------
    carries_trunk : bool, default=True
        Whether the shared layers start from the source.
    carries_head : bool, default=False
        Whether the output layer starts from the source, as far as labels coincide.
    scaling : {'source', 'target', 'mixed'}, default='source'
        Whose mean and standard deviation standardise the columns that both tables have.
        ``'mixed'`` takes the target's as far as they differ from the source's by more than chance:
        of a difference of z standard errors ``1 - 4 / z²`` is kept, and nothing below 2.
    hidden_layer_sizes : tuple of int or None, default=None
        Hidden layers of a strategy that carries nothing and prefers sizes of its own where the
        user names none.
    is_ensemble : bool, default=False
        Whether it has members, whose predictions are averaged.
    most_outputs, most_columns : float, default=inf
        Outputs and encoded columns up to which an ensemble has it as a member: for strategies of
        which each output, or class, costs a fit of its own, and those that make sparse tables
        dense.
    fewest_rows : float, default=0
        Rows from which an ensemble has it as a member: for strategies that predict badly from few
        rows and add nothing to the others.
    is_random : bool, default=True
        Whether more is drawn than the rows that it holds out.  One that is not holds out the same
        rows in every fit with ``random_state=None``, and so has the same predictions.

    See Also
    --------
    NetworkStrategy : What one of your own derives from.
    WeightedEnsemble : Several strategies at once, the default where there is a source.

    Examples
    --------
    >>> from sktransfer.strategies import Full, Scratch
    >>> Full().carries, Scratch().carries
    (True, False)
    """

    _parameter_constraints: Constraints = {}
    carries_trunk: bool = True
    carries_head: bool = False
    scaling: Scaling = "source"
    hidden_layer_sizes: Sequence[int] | int | None = None
    is_ensemble: bool = False
    most_outputs: float = inf
    most_columns: float = inf
    fewest_rows: float = 0
    is_random: bool = True
    reads: Sequence[str] = ()

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

        Without a source, an ensemble leaves those of its members out that need one.

        See Also
        --------
        carries : Whether it uses one.

        Examples
        --------
        >>> from sktransfer.strategies import Full, Scratch
        >>> Full().needs_source, Scratch().needs_source
        (True, False)
        """
        return self.carries

    @property
    def trains_network(self) -> bool:
        """Whether it trains a network by gradient steps.

        Such a network is what ``coefs_``, ``net_``, callbacks and `partial_fit` refer to.

        See Also
        --------
        needs_source : Whether it can do without a source.

        Examples
        --------
        >>> from sktransfer.strategies import Full, Linear
        >>> Full().trains_network, Linear().trains_network
        (True, False)
        """
        return False

    def cannot_fit(self, target: TargetSchema) -> str | None:
        """Why it cannot learn a target, in a phrase; None where it can.

        Pairs that cannot work are refused before any work.

        Parameters
        ----------
        target : TargetSchema
            What the outputs mean.

        Returns
        -------
        str or None
            Such as ``"it has several tasks"``.

        See Also
        --------
        needs_source : What else a strategy can need.

        Examples
        --------
        >>> from sktransfer.sources import TargetSchema
        >>> from sktransfer.strategies import Smooth
        >>> cost = TargetSchema("regression", 1, loss="gamma")
        >>> both = TargetSchema.concatenated({"cost": cost, "days": cost})
        >>> Smooth().cannot_fit(cost) is None, Smooth().cannot_fit(both)
        (True, 'it has several tasks')
        """
        return None


class NetworkStrategy(Strategy):
    """Base class of strategies that train a network, in phases.

    A subclass sets the class attributes of :class:`Strategy` where it differs and writes
    :meth:`phases`.

    See Also
    --------
    Phase : What `phases` returns.
    LayerNames : What it is given.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sktransfer import TransferMLPClassifier
    >>> from sktransfer.strategies import NetworkStrategy, Phase
    >>> class Gentle(NetworkStrategy):  # the source's layers at a tenth of the learning rate
    ...     def phases(self, layer_names, max_iter):
    ...         slowly = dict.fromkeys(layer_names.shared, 0.1)
    ...         return [Phase(max_iter, learning_rate_scale=slowly)]
    >>> X, y = load_iris(return_X_y=True)
    >>> source = TransferMLPClassifier(random_state=0).fit(X, y > 0)
    >>> target = TransferMLPClassifier(source=source, strategy=Gentle(), random_state=0)
    >>> bool(target.fit(X[::5], y[::5]).score(X, y) > 0.85)
    True
    """

    @property
    def trains_network(self) -> bool:
        return True

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


class ReadoutStrategy(Strategy):
    """Base class of strategies that fit a model on the features of a fixed network, at once.

    A subclass says what it `reads` and writes :meth:`fit_path`.

    Attributes
    ----------
    reads : tuple of {'columns', 'hidden', 'outputs'}
        The features, side by side: the standardised columns, the hidden layers of the source, and
        its linear outputs.
    scales_features : bool, default=False
        Whether features are centred and scaled before.
    n_rows : int, default=20_000
        Rows that it learns from at most.
    starts_from_source : bool, default=False
        Whether :meth:`fit_path` takes the linear model of the features to start from, `start`: the
        source's own prediction, updated.  It is given where the source's outputs mean the
        target's, for classes and squared errors.
    adds_up : bool, default=False
        Whether each model of the path has the trees of the one before it first.

    See Also
    --------
    Linear : One on the columns.
    Probe : One on all layers of the source.

    Examples
    --------
    >>> from sktransfer.strategies import Linear, Probe, ReadoutStrategy
    >>> isinstance(Linear(), ReadoutStrategy), Probe().reads
    (True, ('columns', 'hidden', 'outputs'))
    """

    reads: tuple[Reading, ...] = ("columns",)
    scales_features: bool = False
    n_rows: int = 20_000
    starts_from_source: bool = False
    adds_up: bool = False

    @abstractmethod
    def fit_path(
        self,
        features: np.ndarray,
        y: np.ndarray,
        sample_weight: np.ndarray | None,
        target: TargetSchema,
        seed: int,
    ) -> list[DenseLayer] | list[TreeArrays]:
        """Fit to features, once for each strength of regularisation.

        The models are averaged, weighted by their likelihood of held-out rows.

        Parameters
        ----------
        features : ndarray of shape (n_samples, n_features)
            Centred and scaled, where `scales_features` says so.
        y : ndarray of shape (n_samples, n_outputs)
            Indicators of classes, or numbers in the network's unit.
        sample_weight : ndarray of shape (n_samples,) or None
            Weights of the rows.
        target : TargetSchema
            What the outputs mean.
        seed : int
            For what is drawn at random.

        Returns
        -------
        list of DenseLayer, or list of TreeArrays
            One for each strength, the strongest first.

        See Also
        --------
        Strategy.cannot_fit : Says which targets are refused.

        Examples
        --------
        >>> from sktransfer.strategies import Linear
        >>> callable(Linear().fit_path)
        True
        """


def split_epochs(max_iter: int, fractions: tuple[float, ...]) -> list[int]:
    """Whole epochs per phase, at least one each, in proportion to `fractions`."""
    return [max(1, round(max_iter * fraction)) for fraction in fractions]


def probe_scales(layer_names: LayerNames, scale: float) -> dict[str, float]:
    """Learning-rate scales that freeze the shared layers and train the others at `scale`."""
    return dict.fromkeys(layer_names.shared, 0.0) | dict.fromkeys(layer_names.task, scale)
