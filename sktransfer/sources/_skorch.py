"""Fitted skorch nets around a dense chain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sktransfer._records import DenseLayer, SourceDescription, TargetSchema
from sktransfer.exceptions import unfitted_source
from sktransfer.sources._kinds import derives_from
from sktransfer.sources._reader import DescribeInner, Source

#: The criterion and the activation at the module's end under which what skorch predicts is
#: the softmax, or the logistic function, of the last layer.  Under others, such as a softmax
#: in front of a CrossEntropyLoss, it is not, and the outputs cannot be kept.
_MULTICLASS = {
    ("CrossEntropyLoss", "identity"),
    ("CrossEntropyLoss", "log_softmax"),
    ("NLLLoss", "softmax"),
}
_BINARY = {("BCEWithLogitsLoss", "identity"), ("BCELoss", "logistic")}
_REGRESSION = {(loss, "identity") for loss in ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss")}

if TYPE_CHECKING:
    from torch.nn import Module


class SkorchNet(Protocol):
    """A fitted net of skorch's, as far as it is read."""

    module_: Module
    criterion_: Module


def reads(obj: Source) -> bool:
    return derives_from(obj, "skorch.net", "NeuralNet")


def describe(obj: SkorchNet, describe_inner: DescribeInner) -> SourceDescription:
    from sktransfer.sources._dense_chain import read_chain  # imports torch

    if not hasattr(obj, "module_"):
        raise unfitted_source(obj)
    chain = read_chain(obj.module_)
    source = chain.described(type(obj).__name__)
    ends = (type(getattr(obj, "criterion_", None)).__name__, chain.out_activation)
    return _with_target(source, obj, ends)


def _with_target(
    source: SourceDescription, net: SkorchNet, ends: tuple[str, str]
) -> SourceDescription:
    n_outputs = len(source.layers[-1].bias)
    if getattr(net, "predict_nonlinearity", "auto") != "auto":
        return source  # the user's own reading of the outputs
    if derives_from(net, "skorch.regressor", "NeuralNetRegressor"):
        log_counts = ends == ("PoissonNLLLoss", "identity") and net.criterion_.log_input
        if not log_counts and ends not in _REGRESSION:
            return source
        # of logarithms of counts; skorch's own predict leaves them as they are
        loss = "poisson" if log_counts else "squared_error"
        return replace(source, target=TargetSchema("regression", n_outputs, loss=loss))
    if derives_from(net, "skorch.classifier", "NeuralNetBinaryClassifier"):
        known = ends in _BINARY and n_outputs == 1
        target = TargetSchema("binary", 1, classes=_classes(net, 2)) if known else None
        return replace(source, target=target)
    known = derives_from(net, "skorch.classifier", "NeuralNetClassifier") and ends in _MULTICLASS
    if not known or n_outputs < 2:
        return source
    classes = _classes(net, n_outputs)
    if n_outputs > 2:
        return replace(source, target=TargetSchema("multiclass", n_outputs, classes=classes))
    layers = (*source.layers[:-1], _logit(source.layers[-1]))
    return replace(source, layers=layers, target=TargetSchema("binary", 1, classes=classes))


def _classes(net: SkorchNet, n: int) -> np.ndarray:
    # Output j of a skorch classifier stands for label j.  `classes_` are the labels that were
    # seen, or names given by the user, and missing if the net was loaded or never fitted.
    classes = getattr(net, "classes_", None)
    return np.arange(n) if classes is None or len(classes) != n else np.asarray(classes)


def _logit(layer: DenseLayer) -> DenseLayer:
    """Two outputs of a softmax as the one logit of the second."""
    weight = layer.weight[:, 1:] - layer.weight[:, :1]
    return DenseLayer(weight, layer.bias[1:] - layer.bias[:1])
