"""What is carried where: the outcome of laying a source beside a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sktransfer._records._layers import LayerNames, frozen_array
from sktransfer._records._source import SourceDescription


@dataclass(frozen=True)
class ReportRow:
    """One line of the account of a transfer: what became of a layer, column or class.

    ``transfer_report_.rows`` holds all of them.

    Attributes
    ----------
    part : {'source', 'member', 'layer', 'column', 'category', 'class'}
        What it is about.
    name : str
        Of the layer, column, ...
    status : str
        What became of it: ``'carried'``, ``'fresh'``, ``'dropped'``, ...
    reason : str
        Why.
    n_parameters : int
        Weights and biases that started from the source.

    See Also
    --------
    sktransfer.inspection.TransferReport : The account as a whole.

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

    source_position: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "source_position", frozen_array(self.source_position, np.intp))

    @property
    def known(self) -> np.ndarray:
        """Boolean mask of the target's inputs that the source knows."""
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

    weight: np.ndarray
    bias: np.ndarray
    outputs: np.ndarray


@dataclass(frozen=True, eq=False)
class TransferPlan:
    """Everything that building a network needs to know.

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
        The account of every layer, column and class.
    """

    layer_sizes: tuple[int, ...]
    heads: tuple[tuple[int, ...], ...]
    layer_names: LayerNames
    activation: str
    columns: ColumnMatch
    source: SourceDescription | None = None
    carried: Mapping[str, CarriedLayer] = field(default_factory=dict)
    report: tuple[ReportRow, ...] = ()

    @property
    def keeps_head(self) -> bool:
        """Whether any output unit starts from the source."""
        return self.layer_names.task[-1] in self.carried
