"""A dense layer, and the names of a network's layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from sktransfer.exceptions import SourceLayersError


def frozen_array(values: ArrayLike, dtype: DTypeLike | None = None) -> np.ndarray:
    """A read-only array that shares nothing with `values`' owner unless it is read-only."""
    array = np.asarray(values, dtype=dtype)
    if array.flags.writeable:
        array = array.copy(order="K")  # sums depend, in their last bits, on the order in memory
        array.flags.writeable = False
    return array


def check_unit(center: np.ndarray, scale: np.ndarray) -> None:
    """Refuse what cannot be a unit, ``(x - center) / scale``."""
    if not (np.isfinite(center).all() and np.isfinite(scale).all() and (scale != 0).all()):
        raise ValueError("center and scale must be finite numbers, and scale not 0")


@dataclass(frozen=True, eq=False)
class DenseLayer:
    """``x @ weight + bias``, with read-only arrays.

    What is given is copied, so that a source that trains further changes nothing here.

    Parameters
    ----------
    weight : array-like of shape (n_inputs, n_outputs)
        In scikit-learn's orientation, the transpose of ``torch.nn.Linear.weight``.
    bias : array-like of shape (n_outputs,)
        Added to the products.

    See Also
    --------
    SourceDescription : A chain of them.

    Examples
    --------
    >>> from sktransfer.sources import DenseLayer
    >>> DenseLayer([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.5]).weight.shape
    (2, 2)
    """

    weight: NDArray[np.floating]
    bias: NDArray[np.floating]

    def __post_init__(self) -> None:
        for name in ("weight", "bias"):
            values = np.asarray(getattr(self, name))
            dtype = values.dtype if values.dtype in (np.float32, np.float64) else np.float64
            object.__setattr__(self, name, frozen_array(values, dtype))
        if self.weight.ndim != 2 or self.bias.shape != (self.weight.shape[1],):
            raise SourceLayersError.shapes(
                f"a weight of shape {self.weight.shape} with a bias of shape {self.bias.shape}"
            )


@dataclass(frozen=True, eq=False)
class MergedClasses:
    """Classes of a target of which some are several of a source's: their probabilities add up.

    Attributes
    ----------
    target_class : ndarray of int, shape (n_source_classes,)
        Per class of the source the position of the target's, -1 for one that the target lacks.
    n_outputs : int
        The target's: 1 for two classes, the logit of the second, else one per class.
    """

    target_class: NDArray[np.intp]
    n_outputs: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "target_class", frozen_array(self.target_class, np.intp))
        found = {-1, *self.target_class.ravel().tolist()}
        n_classes = max(2, self.n_outputs)
        is_each = len(found) == n_classes + 1 and (min(found), max(found)) == (-1, n_classes - 1)
        if self.target_class.ndim != 1 or not is_each:
            raise ValueError(f"classes {sorted(found)} are not those of {self.n_outputs} outputs")

    @property
    def takes_all(self) -> bool:
        """Whether every class of the source is one of the target's."""
        return bool((self.target_class >= 0).all())


@dataclass(frozen=True, eq=False)
class NumbersOfRates:
    """Numbers of a target of which a source's linear outputs are the logarithms.

    Attributes
    ----------
    layer : DenseLayer
        From the source's rates to the target's numbers, in the user's unit.
    """

    layer: DenseLayer


#: From a source's linear outputs to a target's.
OutputMap = DenseLayer | MergedClasses | NumbersOfRates


@dataclass(frozen=True)
class LayerNames:
    """The layers of a network, input to output.

    They go by position: ``shared_layers.0`` is next to the input.

    Attributes
    ----------
    shared : tuple of str
        Layers carried over from the source (the first hidden ones).
    task : tuple of str
        Layers that belong to the task alone; the last one is the output layer.

    See Also
    --------
    Strategy : Its `phases` say what becomes of each.
    Phase : Names layers by these names.

    Examples
    --------
    >>> from sktransfer.strategies import LayerNames
    >>> LayerNames.of(3, n_shared=1)
    LayerNames(shared=('shared_layers.0',), task=('task_layers.0', 'task_layers.1'))
    """

    shared: tuple[str, ...]
    task: tuple[str, ...]

    @classmethod
    def of(cls, n_layers: int, n_shared: int) -> LayerNames:
        """Name `n_layers` layers of which the first `n_shared` are shared.

        To try out a strategy without a network.

        Parameters
        ----------
        n_layers : int
            Hidden layers and the output layer.
        n_shared : int
            Layers shared with the source.

        Returns
        -------
        LayerNames
            Names such as those of a fitted network.

        See Also
        --------
        Strategy.phases : What takes them.

        Examples
        --------
        >>> from sktransfer.strategies import LayerNames
        >>> list(LayerNames.of(2, n_shared=1))
        ['shared_layers.0', 'task_layers.0']
        """
        return cls(
            tuple(f"shared_layers.{i}" for i in range(n_shared)),
            tuple(f"task_layers.{i}" for i in range(n_layers - n_shared)),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self.shared + self.task)

    def __len__(self) -> int:
        return len(self.shared) + len(self.task)
