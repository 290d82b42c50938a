"""Estimators that were fitted on records, one dict for each row, as sources for tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar, cast

import narwhals as nw
import numpy as np
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from sktransfer._compat import BaseSearchCV
from sktransfer._preprocessing import in_plain_numbers, is_missing, with_columns
from sktransfer._typing import CheckedTable, Entry, Frame, is_pandas, is_sparse
from sktransfer.sources._fitted_columns import steps_of
from sktransfer.sources._kinds import derives_from

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

_Made = TypeVar("_Made")
#: What steps that keep columns apart, and linear models, store of each: 0 of one without entries.
_OF_COLUMNS = ("var_", "max_abs_", "coef_")


def taking_rows(source: _Made) -> _Made:
    """A pipeline that was fitted on records as one that takes the rows of a table.

    Parameters
    ----------
    source : object
        Fitted; other sources than such pipelines are returned as they are.
    """
    if isinstance(source, FrozenEstimator | BaseSearchCV):
        kept = source.estimator if isinstance(source, FrozenEstimator) else None
        held = kept if kept is not None else getattr(source, "best_estimator_", None)
        found = taking_rows(held)
        return source if found is held else cast("_Made", found)
    if not isinstance(source, Pipeline) or not source.steps:
        return source
    first = source.steps[0][1]
    if isinstance(first, Pipeline):
        inner = taking_rows(first)
        made = Pipeline([(source.steps[0][0], inner), *source.steps[1:]])
        return source if inner is first else cast("_Made", made)
    if not _reads_records(first):
        return source
    rows = FunctionTransformer(records_of_rows)
    if isinstance(first, DictVectorizer):
        keys = getattr(first, "feature_names_", [])
        names = list(dict.fromkeys(str(key).split(first.separator)[0] for key in keys))
        if names:
            rows.feature_names_in_ = np.array(names, dtype=object)
            rows.n_features_in_ = len(names)
    taken = [name for name, _ in source.steps]
    own = next(name for name in ("rows", "rows_", "rows__1") if name not in taken)
    return cast("_Made", Pipeline([(own, rows), *source.steps]))


def records_of_rows(X: CheckedTable) -> list[dict[str, Entry]]:
    """The rows of a frame as records, which have no keys of missing entries."""
    frame = nw.from_native(cast("Frame", X), eager_only=True)
    columns = {str(one.name): one.to_list() for one in frame.iter_columns()}
    rows = zip(*columns.values(), strict=True)
    return [
        {name: value for name, value in zip(columns, row, strict=True) if not is_missing(value)}
        for row in rows
    ]


def of_its_types(estimator: BaseEstimator, X: CheckedTable) -> CheckedTable:
    """A table of an estimator's columns, with its numbers of the type that it takes.

    Parameters
    ----------
    estimator : object
        Fitted.
    X : the estimator's
    """
    if derives_from(estimator, "skorch.net", "NeuralNet"):
        return np.asarray(X, dtype=np.float32)  # torch's, whatever the table's
    return _with_hashed_numbers(estimator, X)


def _with_hashed_numbers(estimator: BaseEstimator, X: CheckedTable) -> CheckedTable:
    """A table whose numbers are held as text, in numbers for an estimator that hashes its columns.

    A hash of columns keeps neither their names nor types.  Where what is behind it has stored that
    it never met a number of this name, the text is its level.

    Parameters
    ----------
    estimator : object
        Fitted; others than such pipelines get the table as it is.
    X : the estimator's
    """
    steps = steps_of(estimator)
    kinds = [isinstance(step, FeatureHasher) and _reads_records(step) for step in steps]
    if not any(kinds) or not is_pandas(X):
        return X
    at = kinds.index(True)
    read = {}
    for one in nw.from_native(X, eager_only=True).iter_columns():
        if one.dtype.is_numeric() or not _may_be_number(str(one.name), steps[at:]):
            continue
        values = in_plain_numbers(one, str(one.name))
        if isinstance(values, np.ndarray):
            read[one.name] = values
    made: Frame = with_columns(X, read) if read else X
    return made


def _reads_records(step: BaseEstimator) -> bool:
    if isinstance(step, FeatureHasher):
        return bool(step.input_type == "dict")
    return isinstance(step, DictVectorizer)


def _may_be_number(name: str, steps: Sequence[BaseEstimator]) -> bool:
    """Whether nothing that is stored behind a hash says that it had no number of this name."""
    hasher, *behind = steps
    at = hasher.transform([{name: 1.0}]).indices
    for step in behind:
        for attribute in _OF_COLUMNS:
            stored = getattr(step, attribute, None)
            if stored is not None and not is_sparse(stored):
                values = np.asarray(stored)
                if values.shape[-1:] == (hasher.n_features,):
                    return bool(values[..., at].any())
    return True
