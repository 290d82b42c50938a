"""A fitted ``Pipeline``: a network whose inputs were prepared, and the preparation.

Dropping the earlier steps would feed the network columns it never saw.  Scalers right before
the network become part of its schema; all else travels as a fitted transformer.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.validation import check_is_fitted

from sktransfer._records import SourceDescription, Transformer
from sktransfer.exceptions import SourceKindError, unfitted_source
from sktransfer.sources._chained import ChainedTransformer
from sktransfer.sources._input_columns import joined
from sktransfer.sources._kinds import acts
from sktransfer.sources._reader import DescribeInner, Source
from sktransfer.sources._unfold import unfolded

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


def reads(obj: Source) -> bool:
    return isinstance(obj, Pipeline)


def describe(obj: Pipeline, describe_inner: DescribeInner) -> SourceDescription:
    every = _flat(obj)
    try:
        inner = describe_inner(obj, every[-1][1])
        steps = [step for step in every[:-1] if acts(step[1])]
        for _, transformer in steps:
            _check_fitted(transformer)
    except NotFittedError as error:
        raise unfitted_source(obj) from error
    if not steps:
        return inner
    n_features, names = _entrance(obj, steps[0])
    # copies, so that whatever becomes of the pipeline does not change what is read of it
    fitted = [deepcopy(transformer) for _, transformer in steps]
    made = unfolded(fitted, inner, n_features, names)
    if made is None:
        return _at_once(fitted, inner, n_features, names)
    encoded_names = inner.inputs.columns.names or (names and _names_out(fitted, inner))
    if made.inputs.columns.transformer is None and encoded_names in (None, names):
        return made
    return replace(made, behind=_named(inner, encoded_names))


def _flat(pipeline: Pipeline) -> list[tuple[str, BaseEstimator]]:
    """The steps of a pipeline, and of the one that is its last step."""
    *before, (name, last) = pipeline.steps
    inner = last
    while isinstance(inner, FrozenEstimator):
        inner = inner.estimator
    if isinstance(inner, Pipeline):
        return [*before, *_flat(inner)]
    return [*before, (name, last)]


def _check_fitted(transformer: BaseEstimator) -> None:
    # Others' transformers may be stateless without saying so, and would seem unfitted.
    if type(transformer).__module__.startswith("sklearn."):
        check_is_fitted(transformer)


def _entrance(
    pipeline: Pipeline, step: tuple[str, BaseEstimator]
) -> tuple[int, tuple[str, ...] | None]:
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


def _named(source: SourceDescription, names: tuple[str, ...] | None) -> SourceDescription:
    columns = source.inputs.columns
    if columns.names is not None or names is None:
        return source
    columns = replace(columns, names=names, encoded_names=names)
    return replace(source, inputs=replace(source.inputs, columns=columns))


def _at_once(
    steps: list[Transformer],
    inner: SourceDescription,
    n_features: int,
    names: tuple[str, ...] | None,
) -> SourceDescription:
    """The network of the columns that fitted steps turn into others, as a whole."""
    columns, transformer = inner.inputs.columns, joined(steps)
    encoded_names = columns.encoded_names
    if columns.transformer is not None:
        transformer = ChainedTransformer([transformer, columns.transformer])
    else:
        encoded_names = columns.names
        if encoded_names is None and names is not None:
            encoded_names = _names_out(steps, inner)
    columns = replace(
        columns,
        n_features=n_features,
        names=names,
        encoded_names=encoded_names,
        transformer=transformer,
    )
    return replace(inner, inputs=replace(inner.inputs, columns=columns))


def _names_out(steps: list[Transformer], inner: SourceDescription) -> tuple[str, ...] | None:
    try:
        names = tuple(make_pipeline(*steps).get_feature_names_out().tolist())
    except (AttributeError, NotImplementedError, TypeError, ValueError):
        return None  # some transformer does not expose it
    return names if len(names) == inner.inputs.columns.n_encoded else None
