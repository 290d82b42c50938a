"""The parameters of one fit, checked once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sktransfer._records._schemas import ClassMap
from sktransfer._typing import Callback

#: A whole table, one epoch of a stream, or a network trained through again.
Mode = Literal["fit", "partial_fit", "warm_start"]


@dataclass(frozen=True, eq=False, kw_only=True)
class TableOptions:
    """How a table is read, under the names that the estimators' parameters have.

    Attributes
    ----------
    categorical_features : str, sequence or None
    parse_text : bool
    feature_alignment : {'name', 'position'}
    column_map : mapping or None
        The source's name of a column → the table's.
    standardize : bool
    numeric_embedding : {'auto', 'fourier'} or None
    """

    categorical_features: str | Sequence[str | int | bool] | None = "from_dtype"
    parse_text: bool = True
    feature_alignment: str = "name"
    column_map: Mapping[str, str] | None = None
    standardize: bool = True
    numeric_embedding: str | None = "auto"


@dataclass(frozen=True, eq=False, kw_only=True)
class FitOptions(TableOptions):
    """Every parameter that a fit depends on, under the names that the estimators' have.

    The estimators make it; no step below them is given an estimator.

    Attributes
    ----------
    mode : {'fit', 'partial_fit', 'warm_start'}
        What is done with the table.
    strategy : Strategy
        An instance; a name has been resolved.
    source : object
        The user's, or None.
    hidden_layer_sizes, head_hidden_layer_sizes : tuple of int
        The former None for the source's.
    augmentation : Augmentation or None
    balancing : Balancing or None
        None where the losses of several tasks are added.
    callbacks : list
        skorch's.
    listener : object
        Is notified of the fit, its parts and their epochs; see ``FitListener``.
    fits_whole_stream : bool
        Whether the table is all of a stream so far, which is fitted through as a table is.
    """

    mode: Mode
    strategy: Any
    source: Any
    n_shared_layers: int | None
    hidden_layer_sizes: tuple[int, ...] | None
    head_hidden_layer_sizes: tuple[int, ...]
    class_map: ClassMap | None
    activation: str | None
    dropout: float
    solver: str
    alpha: float | str
    batch_size: int | str
    learning_rate: str
    learning_rate_init: float
    power_t: float
    max_iter: int | str
    shuffle: bool
    tol: float
    verbose: int
    momentum: float
    nesterovs_momentum: bool
    early_stopping: bool
    validation_fraction: float
    beta_1: float
    beta_2: float
    epsilon: float
    n_iter_no_change: float
    max_fun: int
    device: str
    augmentation: Any
    balancing: Any
    callbacks: Sequence[Callback | tuple[str, Callback]]
    listener: Any
    fits_whole_stream: bool = False

    @property
    def one_epoch(self) -> bool:
        """Whether this is one epoch of a stream without an end, over which no schedule anneals."""
        return self.mode == "partial_fit" and not self.fits_whole_stream
