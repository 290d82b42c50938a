"""A fitted ``Pipeline``: a network whose inputs were prepared, and the preparation.

Dropping the earlier steps would feed the network columns it never saw.  Scalers right before
the network become part of its schema; all else travels as a fitted transformer.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sktransfer._records import InputColumns, InputScaling, SourceDescription
from sktransfer.exceptions import SourceKindError, unfitted_source
from sktransfer.sources._affine import Affine, affine_of
from sktransfer.sources._chained import ChainedTransformer


def reads(obj: Any) -> bool:
    return isinstance(obj, Pipeline)


def describe(obj: Pipeline, describe_inner) -> SourceDescription:
    try:
        inner = describe_inner(obj, obj.steps[-1][1])
        steps = [step for step in obj.steps[:-1] if _acts(step)]
        for _, transformer in steps:
            _check_fitted(transformer)
    except NotFittedError as error:
        raise unfitted_source(obj) from error
    if not steps:
        return inner
    n_features, names = _entrance(obj, steps[0])
    columns, scaling = inner.inputs.columns, inner.inputs.scaling
    while steps and columns.transformer is None:
        affine = affine_of(steps[-1][1])
        if affine is None:
            break
        scaling = _before(affine, scaling, columns.n_encoded)
        steps.pop()
    if steps:
        columns = _behind(steps, columns, n_features, names)
    else:
        columns = replace(columns, n_features=n_features, names=names, encoded_names=names)
    return replace(inner, inputs=replace(inner.inputs, columns=columns, scaling=scaling))


def _acts(step: tuple[str, Any]) -> bool:
    return step[1] is not None and not isinstance(step[1], str)


def _check_fitted(transformer: Any) -> None:
    # Others' transformers may be stateless without saying so, and would seem unfitted.
    if type(transformer).__module__.startswith("sklearn."):
        check_is_fitted(transformer)


def _entrance(pipeline: Pipeline, step: tuple[str, Any]) -> tuple[int, tuple[str, ...] | None]:
    """Number and names of the columns that enter the first `step`."""
    names = getattr(step[1], "feature_names_in_", None)
    n_features = getattr(step[1], "n_features_in_", None if names is None else len(names))
    if n_features is None:
        raise SourceKindError(
            f"The first step {step[0]!r} of `source`, a {type(step[1]).__name__} in a "
            f"{type(pipeline).__name__}, must take a table with a known number of columns; it "
            "has neither n_features_in_ nor feature_names_in_. It was probably fitted on texts, "
            "or is an own class that does not record them: set them in its fit, or put it into a "
            "ColumnTransformer."
        )
    return int(n_features), None if names is None else tuple(np.asarray(names).tolist())


def _before(affine: Affine, scaling: InputScaling, n_encoded: int) -> InputScaling:
    """The scaling of the columns that `affine` turns into those of `scaling`."""
    plain = bool((scaling.center == 0).all() and (scaling.scale == 1).all())
    # indicators of missing entries come behind the encoded columns, and stay
    center, scale = scaling.center.copy(), scaling.scale.copy()
    fill_value = scaling.fill_value.copy()
    if not scaling.is_measured:
        fill_value[:n_encoded] = (affine.typical - center[:n_encoded]) / scale[:n_encoded]
    center[:n_encoded] = affine.center + affine.scale * center[:n_encoded]
    scale[:n_encoded] *= affine.scale
    return replace(
        scaling,
        center=center,
        scale=scale,
        fill_value=fill_value,
        # Statistics stay statistics under an affine map, but statistics followed by another
        # map are no longer the ones of the data.
        is_measured=scaling.is_measured or (affine.is_measured and plain),
    )


def _behind(
    steps: list, columns: InputColumns, n_features: int, names: tuple[str, ...] | None
) -> InputColumns:
    """The columns that the fitted `steps` turn into others."""
    outer = [(name, deepcopy(transformer)) for name, transformer in steps]
    encoded_names, transformer = columns.encoded_names, _joined(outer)
    if columns.transformer is not None:
        transformer = ChainedTransformer([transformer, columns.transformer])
    else:
        encoded_names = columns.names
        if encoded_names is None and names is not None:
            encoded_names = _names_out(outer, columns.n_encoded)
    return replace(
        columns,
        n_features=n_features,
        names=names,
        encoded_names=encoded_names,
        transformer=transformer,
    )


def _joined(steps: list):
    """One fitted transformer that does what `steps` do."""
    if len(steps) == 1:
        return steps[0][1]
    joined = Pipeline(steps)
    try:
        check_is_fitted(joined)
    except NotFittedError:
        # A last step without any state makes scikit-learn take the whole for unfitted.
        return ChainedTransformer([transformer for _, transformer in steps])
    return joined


def _names_out(steps: list, n_encoded: int) -> tuple[str, ...] | None:
    try:
        names = tuple(np.asarray(Pipeline(steps).get_feature_names_out()).tolist())
    except (AttributeError, NotImplementedError, TypeError, ValueError):
        return None  # some transformer cannot tell
    return names if len(names) == n_encoded else None
