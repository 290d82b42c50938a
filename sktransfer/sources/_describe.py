"""The index of the kinds of source."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sktransfer._records import SourceDescription
from sktransfer.exceptions import SourceKindError, SourceLayersError
from sktransfer.sources import (
    _pipeline,
    _predictions,
    _protocol,
    _saved,
    _sklearn_mlp,
    _skorch,
    _torch_module,
    _wrappers,
)
from sktransfer.sources._kinds import KINDS, derives_from
from sktransfer.sources._predictor import Predictor
from sktransfer.sources._reader import Reader, Source
from sktransfer.sources._records_of_rows import taking_rows

#: The first reader that recognises an object reads it, so that an object may describe itself
#: whatever else it is.
READERS: tuple[Reader[Any], ...] = (
    _protocol,
    _saved,
    _sklearn_mlp,
    _pipeline,
    _wrappers,
    _skorch,
    _torch_module,
    _predictions,
)


def describe_source(obj: Source) -> SourceDescription:
    """Read a fitted object into a :class:`SourceDescription`.

    The estimators read their `source` by it.  Call it to see what would be carried over, or to
    keep a small copy of what a large object has learned.

    Parameters
    ----------
    obj : object
        A fitted scikit-learn MLP; a fitted ``Pipeline``, ``FrozenEstimator``, search object or
        ``TransformedTargetRegressor`` around a network; a fitted skorch net or a torch module
        whose layers form a dense chain; a directory that an estimator's ``save`` wrote;
        anything with a ``__sktransfer_describe__`` method; or any other fitted estimator that
        predicts, of which the predictions are all that is read.

    Returns
    -------
    SourceDescription
        Read-only copies of its layers, weights of shape (n_inputs, n_outputs), what its
        columns and its target mean, and its predictions.  `obj` itself is left as it is.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If `obj` was never fitted.
    SourceKindError
        If `obj` is of a kind that cannot be read, and does not predict.
    SourceLayersError
        If its layers are not a chain of dense layers.
    SourceFormatError
        If it is a directory without a saved model that can be read.

    See Also
    --------
    SourceDescription : What comes out; make one by hand for what cannot be read.
    sktransfer.model_selection.rank_sources : Puts several sources in order.

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> from sklearn.neural_network import MLPRegressor
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sktransfer.sources import describe_source
    >>> X, y = make_regression(n_features=3, random_state=0)
    >>> model = make_pipeline(
    ...     StandardScaler(),
    ...     MLPRegressor(hidden_layer_sizes=(8, 4), solver="lbfgs", max_iter=5000),
    ... )
    >>> source = describe_source(model.fit(X, y))
    >>> source
    SourceDescription(MLPRegressor: 3 → 8 → 4 → 1, relu, regression)
    >>> bool((source.inputs.scaling.center == model[0].mean_).all())
    True
    """
    obj = taking_rows(obj)
    reader = _reader_of(obj)
    if reader is None:
        if isinstance(obj, type):
            raise SourceKindError(
                f"`source` is the class {obj.__name__}; expected a fitted instance. Give "
                f"{obj.__name__}(...).fit(X_source, y_source)."
            )
        if isinstance(obj, list | tuple | dict) and obj:
            raise SourceKindError(
                f"`source` is a {type(obj).__name__} of several; expected one source here. "
                "Estimators take several and start from the most related one; elsewhere, put "
                "them in order with sktransfer.model_selection.rank_sources(sources, X, y) and "
                "give the first."
            )
        if derives_from(obj, "torch", "Tensor"):
            raise SourceKindError(
                f"`source` is or holds a {type(obj).__name__} of torch, as a state_dict does; "
                "expected the module. Weights alone do not define in which order and with which "
                "activation they are used: load them into a module, "
                "module.load_state_dict(...), and give that."
            )
        cure = "Give the fitted model itself"
        if getattr(obj, "ndim", 0) == 2:
            cure += "; rows to learn from go into strategy=Joint((X_source, y_source))"
        elif type(obj).__module__ != "builtins":
            cure += ", or an object with a predict or a __sktransfer_describe__ method"
        raise SourceKindError(
            f"`source` must be {KINDS}, or a list or dict of these; got {type(obj).__name__}. "
            f"{cure}."
        )
    try:
        source = reader.describe(obj, _describe_inner)
    except (SourceKindError, SourceLayersError) as error:
        # what has no layers that can be read, but predicts, is a source all the same
        if getattr(error, "diverged", False) or not _predictions.predicts(obj):
            raise
        return _predictions.by_predictions(obj, str(error))
    of_one = source.target is None or source.target.kind != "several"
    # what an inner network predicts is not what the whole does
    is_open = source.predictor is None or reader in (_pipeline, _wrappers)
    if is_open and of_one and _predictions.predicts(obj):
        source = replace(source, predictor=Predictor(obj))
    return source


def _describe_inner(wrapper: Source, inner: Source) -> SourceDescription:
    # a text inside a wrapper is a word of scikit-learn's, such as 'passthrough', not a directory
    reader = _reader_of(inner)
    if reader is _predictions:
        raise SourceKindError(
            f"`source` is a {type(wrapper).__name__} around a {type(inner).__name__}, which is no "
            "network; expected one inside."
        )
    if reader in (None, _saved):
        raise SourceKindError(
            f"`source` is a {type(wrapper).__name__} around a {type(inner).__name__}, which does "
            f"not predict. Expected inside: {KINDS}."
        )
    source = describe_source(inner)
    if not source.layers:  # the wrapper's own predictions are then the source
        raise SourceKindError(
            f"`source` is a {type(wrapper).__name__} around a {type(inner).__name__} without "
            "layers that can be read; expected a network inside."
        )
    return source


def _reader_of(obj: Source) -> Reader[Any] | None:
    return next((reader for reader in READERS if reader.reads(obj)), None)
