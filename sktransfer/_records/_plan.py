"""What is carried where: the outcome of matching a source with a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sktransfer._records._layers import LayerNames, frozen_array
from sktransfer._records._source import SourceDescription


@dataclass(frozen=True)
class ReportRow:
    """One line of the report of a transfer: what became of a layer, column or class.

    ``transfer_report_.rows`` holds all of them.

    Attributes
    ----------
    part : {'table', 'source', 'member', 'layer', 'column', 'category', 'class', 'reading'}
        What it is about.
    name : str
        Of the layer, column, ...
    status : str
        What became of it: ``'reused'``, ``'new'``, ``'not in this table'``, ...
    reason : str
        Why.
    n_parameters : int
        Weights and biases that started from the source.

    See Also
    --------
    sktransfer.inspection.TransferReport : The report as a whole.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sktransfer import TransferMLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> source = TransferMLPClassifier(max_iter=5, random_state=0).fit(X, y)
    >>> target = TransferMLPClassifier(source=source, max_iter=5, random_state=0).fit(X, y)
    >>> [row.name for row in target.transfer_report_.rows if row.part == "layer"][:2]
    ['shared_layers.0', 'shared_layers.1']
    """

    part: str
    name: str
    status: str
    reason: str
    n_parameters: int = 0


@dataclass(frozen=True, eq=False)
class ColumnMatch:
    """Which input of the target's network is which of the source's.

    Attributes
    ----------
    source_position : ndarray of int, shape (n_inputs,)
        Per input of the target its position in the source, -1 for one that the source lacks.
    """

    source_position: NDArray[np.intp]

    def __post_init__(self) -> None:
        object.__setattr__(self, "source_position", frozen_array(self.source_position, np.intp))
        if self.source_position.ndim != 1 or (self.source_position < -1).any():
            raise ValueError("source_position must be positions, and -1 for columns without one")

    @property
    def known(self) -> np.ndarray:
        """Boolean mask of the target's inputs that the source has."""
        return self.source_position >= 0

    @classmethod
    def none(cls, n_inputs: int) -> ColumnMatch:
        """Nothing in common."""
        return cls(np.full(n_inputs, -1))


@dataclass(frozen=True, eq=False)
class CarriedLayer:
    """The starting weights of a layer, as far as the source gives them.

    Attributes
    ----------
    weight, bias : ndarray of shape (n_inputs, n_outputs) and (n_outputs,)
    outputs : ndarray of bool, shape (n_outputs,)
        Units that the source gives; the others start at zero.
    """

    weight: NDArray[np.floating]
    bias: NDArray[np.floating]
    outputs: NDArray[np.bool_]

    def __post_init__(self) -> None:
        n_outputs = self.weight.shape[-1] if self.weight.ndim == 2 else -1
        if self.bias.shape != (n_outputs,) or self.outputs.shape != (n_outputs,):
            raise ValueError(
                f"A weight of shape {self.weight.shape} cannot have a bias of {self.bias.shape} "
                f"and {self.outputs.shape} outputs"
            )


@dataclass(frozen=True, eq=False)
class TransferPlan:
    """Everything that is needed to build a network.

    Attributes
    ----------
    layer_sizes : tuple of int
        Widths from the encoded inputs to the outputs.
    heads : tuple of tuple of int
        Per task the widths of its own layers, outputs last.  Side by side they are the network's
        last layers.
    layer_names : LayerNames
        Which of the layers are shared with the source.
    activation : str
        Activation of the hidden layers.
    columns : ColumnMatch
        Which of the network's inputs is which of the source's.
    source : SourceDescription or None
        Where the carried weights come from; None where nothing is carried.
    carried : mapping of str to CarriedLayer
        Starting weights by layer name.  A layer that is not in it starts at random, but a new
        output layer on top of carried layers starts at zero: random outputs would only have to
        be unlearned, from few rows.
    report : tuple of ReportRow
        The report on every layer, column and class.
    """

    layer_sizes: tuple[int, ...]
    heads: tuple[tuple[int, ...], ...]
    layer_names: LayerNames
    activation: str
    columns: ColumnMatch
    source: SourceDescription | None = None
    carried: Mapping[str, CarriedLayer] = field(default_factory=dict)
    report: tuple[ReportRow, ...] = ()

    def __post_init__(self) -> None:
        n_layers, n_shared = len(self.layer_sizes) - 1, len(self.layer_names.shared)
        if n_shared > n_layers or self.layer_names != LayerNames.of(n_layers, n_shared):
            raise ValueError(f"{self.layer_names} do not name layers of sizes {self.layer_sizes}")
        if min(self.layer_sizes) < 0 or len(self.columns.source_position) != self.layer_sizes[0]:
            raise ValueError(
                f"{len(self.columns.source_position)} columns do not fit {self.layer_sizes}"
            )
        for name, layer in self.carried.items():
            self._check_carried(name, layer)
        depths = {len(head) for head in self.heads}
        if len(depths) != 1 or not 1 <= depths.pop() <= len(self.layer_names.task):
            raise ValueError(f"Heads of sizes {self.heads} do not fit {self.layer_names}")
        if sum(head[-1] for head in self.heads) != self.layer_sizes[-1]:
            raise ValueError(
                f"Heads of sizes {self.heads} do not fit {self.layer_sizes[-1]} outputs"
            )

    def _check_carried(self, name: str, layer: CarriedLayer) -> None:
        names = list(self.layer_names)
        at = names.index(name) if name in names else -1
        if at < 0 or layer.weight.shape != self.layer_sizes[at : at + 2]:
            raise ValueError(
                f"Weights of shape {layer.weight.shape} are none of the layer {name!r} in a "
                f"network of {self.layer_sizes}"
            )

    @property
    def keeps_head(self) -> bool:
        """Whether any output unit starts from the source."""
        return self.layer_names.task[-1] in self.carried
