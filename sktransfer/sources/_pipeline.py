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

from sktransfer._records import InputSchema, SourceDescription
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
    schema = inner.inputs
    while steps and schema.transformer is None:
        affine = affine_of(steps[-1][1])
        if affine is None:
            break
        schema = _before(affine, schema)
        steps.pop()
    if steps:
        schema = _behind(steps, schema, saw_names=names is not None)
    else:
        schema = replace(schema, encoded_names=names)
    return replace(inner, inputs=replace(schema, n_features=n_features, names=names))


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
        raise SourceKindError.no_table(pipeline, step)
    return int(n_features), None if names is None else tuple(np.asarray(names).tolist())


def _before(affine: Affine, schema: InputSchema) -> InputSchema:
    """The schema of the columns that `affine` turns into those of `schema`."""
    plain = bool((schema.center == 0).all() and (schema.scale == 1).all())
    n_encoded = schema.n_encoded  # indicators of missing entries come behind, and stay
    center, scale = schema.center.copy(), schema.scale.copy()
    absent = schema.absent.copy()
    if not schema.has_moments:
        absent[:n_encoded] = (affine.typical - center[:n_encoded]) / scale[:n_encoded]
    center[:n_encoded] = affine.center + affine.scale * center[:n_encoded]
    scale[:n_encoded] *= affine.scale
    return replace(
        schema,
        center=center,
        scale=scale,
        absent=absent,
        # Moments stay moments under an affine map, but moments followed by another map
        # are no longer the ones of the data.
        has_moments=schema.has_moments or (affine.has_moments and plain),
    )


def _behind(steps: list, schema: InputSchema, saw_names: bool) -> InputSchema:
    """The schema of the columns that the fitted `steps` turn into those of `schema`."""
    outer = [(name, deepcopy(transformer)) for name, transformer in steps]
    if schema.transformer is None:
        encoded_names = schema.names
        if encoded_names is None and saw_names:
            encoded_names = _names_out(outer, schema.n_encoded)
        return replace(schema, encoded_names=encoded_names, transformer=_joined(outer))
    return replace(schema, transformer=ChainedTransformer([_joined(outer), schema.transformer]))


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
