"""The interface of every way of balancing tasks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator

from sktransfer._typing import Constraints

if TYPE_CHECKING:
    from torch import Tensor

#: Weights of the tasks → their losses over the batch, and the gradient of the weighted sum.
Backward = Callable[[np.ndarray], "tuple[np.ndarray, Tensor]"]


class Balancing(BaseEstimator, ABC):
    """Base class: how the tasks' losses become one step.

    A balancing with a memory keeps it in what :meth:`begin` returns, never in itself.

    See Also
    --------
    Equal : Every task counts the same.
    sktransfer.MultiTaskMLP : The estimator that takes one.

    Examples
    --------
    One of your own, in which the first task counts twice:

    >>> import numpy as np
    >>> from sktransfer import MultiTaskMLP
    >>> from sktransfer.balancing import Balancing
    >>> class FirstTwice(Balancing):
    ...     def step(self, backward, shared, state, rng):
    ...         losses, _ = backward(np.array([1.0, 1.0]))
    ...         weights = np.ones(len(losses))
    ...         weights[0] = 2.0
    ...         backward(weights)
    >>> X = np.arange(40.0).reshape(20, 2)
    >>> y = {"is_late": X[:, 0] > 20, "minutes": X[:, 0] / 2}
    >>> model = MultiTaskMLP(balancing=FirstTwice(), random_state=0).fit(X, y)
    >>> model.predict(X[-1:])["is_late"].tolist()
    [True]
    """

    _parameter_constraints: Constraints = {}

    def begin(self, n_tasks: int) -> Any:
        """What this balancing stores before the first step.

        Every step is then given it, as `state`.

        Parameters
        ----------
        n_tasks : int
            How many tasks there are.

        Returns
        -------
        object
            None where it keeps no state.

        See Also
        --------
        step : One batch.

        Examples
        --------
        >>> from sktransfer.balancing import Uncertainty
        >>> Uncertainty().begin(3)
        array([0., 0., 0.])
        """
        return None

    @abstractmethod
    def step(
        self, backward: Backward, shared: Tensor, state: Any, rng: np.random.RandomState
    ) -> Tensor | None:
        """The gradient of a batch.

        A balancing calls `backward` as often as it needs to: once with weights, or once for each
        task.

        Parameters
        ----------
        backward : callable
            Weights of shape (n_tasks,) → losses of shape (n_tasks,), NaN for a task without labels
            in the batch, and the gradient of their weighted sum, a vector of shape
            (n_parameters,) that the next call overwrites.
        shared : Tensor of bool, shape (n_parameters,)
            Which parameters the tasks share.
        state : object
            What :meth:`begin` returned; may be changed in place.
        rng : RandomState
            The generator of all random numbers.

        Returns
        -------
        Tensor of shape (n_parameters,), or None
            None stands for the gradient of the last call of `backward`.

        See Also
        --------
        begin : What `state` is at first.

        Examples
        --------
        >>> import numpy as np, torch
        >>> from sktransfer.balancing import Equal
        >>> asked = []
        >>> backward = lambda weights: asked.append(weights.tolist())
        >>> Equal().step(backward, torch.tensor([True]), Equal().begin(2), None)
        >>> asked
        [[1.0, 1.0]]
        """
