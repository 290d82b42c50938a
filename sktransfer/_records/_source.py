"""The one form in which every kind of source reaches the rest of the package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sktransfer._activations import ACTIVATIONS
from sktransfer._records._inputs import InputSchema
from sktransfer._records._layers import DenseLayer
from sktransfer._records._predictor import TablePredictor
from sktransfer._records._schemas import TargetSchema
from sktransfer.exceptions import SourceLayersError


@dataclass(frozen=True, eq=False)
class SourceDescription:
    """What was learned before: a chain of dense layers and what its ends mean.

    Every kind of source is read into this record; make one by hand to use a network that
    this package cannot read.  Its arrays are read-only copies.

    Parameters
    ----------
    layers : sequence of DenseLayer or of (weight, bias) pairs
        Input to output, weights of shape (n_inputs, n_outputs).  The last one is the output
        layer, the others are hidden and can be shared.
    activation : {'relu', 'tanh', 'logistic', 'identity', 'leaky_relu', 'elu', 'gelu', \
            'silu', 'softplus'}
        Activation of the hidden layers.
    inputs : InputSchema, optional
        What the inputs mean; by default nameless columns that are not scaled.
    target : TargetSchema, optional
        What the outputs mean.  None where that is unknown: the hidden layers can then still
        be shared, the output layer cannot be kept.
    name : str, default='SourceDescription'
        How reports name this source.
    behind : SourceDescription, optional
        Of a pipeline the network behind its steps, for a table that has been through them.
    predictor : object, optional
        Predicts for a table, see :class:`~sktransfer.sources.Predictor`.  A source without layers
        has at least this.
    no_layers : str, default=''
        Why a source has no layers.
    no_target : (str, str), optional
        Why it is not known what the outputs of the last layer mean, and what to do.
    is_average : bool, default=False
        Whether the source predicts with several models, of which the layers are one.

    Raises
    ------
    SourceLayersError
        If the layers do not form a chain, are empty or not finite, or the activation is not one
        of these.

    See Also
    --------
    describe_source : Makes one of a fitted object.
    InputSchema : What columns mean.
    TargetSchema : What outputs mean.

    Examples
    --------
    >>> import numpy as np
    >>> from sktransfer.sources import SourceDescription
    >>> rng = np.random.default_rng(0)
    >>> source = SourceDescription(
    ...     layers=[(rng.normal(size=(4, 8)), np.zeros(8)), (np.ones((8, 1)), np.zeros(1))],
    ...     activation="relu",
    ... )
    >>> source.hidden_layer_sizes
    (8,)
    """

    layers: Sequence[DenseLayer]
    activation: str = "relu"
    inputs: InputSchema = None  # type: ignore[assignment]
    target: TargetSchema | None = None
    name: str = "SourceDescription"
    behind: SourceDescription | None = None
    predictor: TablePredictor | None = None
    no_layers: str = ""
    no_target: tuple[str, str] | None = None
    is_average: bool = False

    def __post_init__(self) -> None:
        layers = tuple(
            layer if isinstance(layer, DenseLayer) else DenseLayer(*layer) for layer in self.layers
        )
        object.__setattr__(self, "layers", layers)
        self._check_layers()
        if not layers:
            self._check_predictions()
            return
        if self.inputs is None:
            plain = InputSchema.plain(len(layers[0].weight))  # type: ignore[unreachable]
            object.__setattr__(self, "inputs", plain)
        if self.inputs.n_inputs != layers[0].weight.shape[0]:
            raise SourceLayersError.shapes(
                f"the first layer takes {layers[0].weight.shape[0]} inputs, but the schema of "
                f"the columns makes {self.inputs.n_inputs}"
            )
        if self.target is not None and self.target.n_outputs != layers[-1].weight.shape[1]:
            raise SourceLayersError.shapes(
                f"the last layer has {layers[-1].weight.shape[1]} outputs, but the schema of "
                f"the target has {self.target.n_outputs}"
            )

    def _check_predictions(self) -> None:
        if self.inputs is None:
            object.__setattr__(self, "inputs", InputSchema.plain(0))  # type: ignore[unreachable]

    def _check_layers(self) -> None:
        if self.predictor is not None and not hasattr(type(self.predictor), "outputs"):
            raise SourceLayersError.shapes(f"its predictor is a {type(self.predictor).__name__}")
        if not self.layers and self.predictor is not None:
            return
        if not self.layers:
            raise SourceLayersError.shapes("there are none")
        if self.activation not in ACTIVATIONS:
            raise SourceLayersError.activation(self, repr(self.activation), ACTIVATIONS)
        for index, layer in enumerate(self.layers):
            if not (np.isfinite(layer.weight).all() and np.isfinite(layer.bias).all()):
                raise SourceLayersError.not_finite(index)
            if index and layer.weight.shape[0] != self.layers[index - 1].weight.shape[1]:
                raise SourceLayersError.shapes(
                    f"layer {index - 1} has {self.layers[index - 1].weight.shape[1]} outputs, "
                    f"layer {index} takes {layer.weight.shape[0]} inputs"
                )

    @property
    def hidden_layer_sizes(self) -> tuple[int, ...]:
        """Widths of the hidden layers, the ones that can be shared.

        A target takes them where its own `hidden_layer_sizes` is None.

        See Also
        --------
        describe_source : Reads a fitted object.

        Examples
        --------
        >>> import numpy as np
        >>> from sktransfer.sources import SourceDescription
        >>> layers = [(np.ones((3, 5)), np.zeros(5)), (np.ones((5, 1)), np.zeros(1))]
        >>> SourceDescription(layers).hidden_layer_sizes
        (5,)
        """
        return tuple(layer.weight.shape[1] for layer in self.layers[:-1])

    def __sktransfer_describe__(self) -> SourceDescription:
        return self

    def __sklearn_clone__(self) -> SourceDescription:
        return self  # immutable, so that a grid may search over descriptions

    def __deepcopy__(self, memo: dict[int, Any]) -> SourceDescription:
        return self

    def __repr__(self) -> str:
        if not self.layers:
            meaning = "of unknown meaning" if self.target is None else self.target.kind
            return f"SourceDescription({self.name}: predictions only, {meaning})"
        n_features, n_outputs = self.inputs.columns.n_features, len(self.layers[-1].bias)
        chain = " → ".join(map(str, (n_features, *self.hidden_layer_sizes, n_outputs)))
        kind = self.target.kind if self.target is not None else "outputs of unknown meaning"
        return f"SourceDescription({self.name}: {chain}, {self.activation}, {kind})"
