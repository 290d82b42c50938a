"""Whatever predicts: a source by its predictions."""

from __future__ import annotations

from sktransfer._records import InputSchema, SourceDescription
from sktransfer.sources._predictor import Predictor
from sktransfer.sources._reader import DescribeInner, Source
from sktransfer.sources._refusals import refuse_untargeted

_METHODS = ("predict_proba", "decision_function", "predict")


def reads(obj: Source) -> bool:
    return isinstance(obj, Predictor) or (not isinstance(obj, type) and predicts(obj))


def predicts(obj: Source) -> bool:
    """Whether an object has a method that predicts."""
    return any(callable(getattr(obj, name, None)) for name in _METHODS)


def describe(obj: Source, describe_inner: DescribeInner) -> SourceDescription:
    return by_predictions(obj)


def by_predictions(obj: Source, why: str = "") -> SourceDescription:
    """A source without layers; `why` says what kept its layers from being read, if it has any."""
    predictor = obj if isinstance(obj, Predictor) else Predictor(obj)
    refuse_untargeted(predictor.estimator)
    target = predictor.target  # refuses what is not fitted
    names, n_features = predictor.names, predictor.n_features
    inputs = InputSchema.plain(n_features or 0, names)
    return SourceDescription(
        (), inputs=inputs, target=target, name=predictor.label, predictor=predictor, no_layers=why
    )
