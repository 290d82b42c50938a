"""Whether fitted steps take missing entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags

from sktransfer.sources._kinds import derives_from
from sktransfer.sources._trace import positions_of

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


#: Packages whose estimators take missing entries wherever they were in training.
_TAKE_MISSING = ("catboost", "lightgbm", "xgboost")


def pass_missing_on(
    steps: Sequence[BaseEstimator], column: int | None = None, names: list[str] | None = None
) -> bool:
    """Whether every step passes missing entries on, until one replaces them.

    Parameters
    ----------
    steps : sequence of fitted transformers, an estimator last or not
    column : int or None
        Where the column is among those of the first; None where that is not known.
    names : list of str or None
        Of these columns.
    """
    for i, step in enumerate(steps):
        if isinstance(step, str) or step is None:
            continue
        if (
            isinstance(step, SimpleImputer | KNNImputer)
            or type(step).__name__ == "IterativeImputer"
        ):
            return True
        if isinstance(step, ColumnTransformer):
            if column is None:
                return False
            inner = _branch(step, column, names)
            if inner is None or (isinstance(inner, str) and inner == "drop"):
                return True  # the column goes no further
            return pass_missing_on([inner, *steps[i + 1 :]], None, None)
        if isinstance(step, FeatureUnion):
            parts = [part for _, part in step.transformer_list if not isinstance(part, str)]
            after = steps[i + 1 :]
            return all(pass_missing_on([part, *after], column, names) for part in parts)
        if isinstance(step, Pipeline):
            inner = [each for _, each in step.steps]
            return pass_missing_on([*inner, *steps[i + 1 :]], column, names)
        if not _takes(step):
            return False
    return True


def _branch(
    step: ColumnTransformer, column: int, names: list[str] | None
) -> BaseEstimator | str | None:
    """What takes a column: a step, ``'passthrough'``, ``'drop'``; None where nothing does."""
    n = step.n_features_in_
    for _, inner, chosen in step.transformers_:
        if column in positions_of(chosen, n, names):
            return inner
    return None


def _takes(step: BaseEstimator) -> bool:
    if type(step).__module__.split(".")[0] in _TAKE_MISSING:
        return True
    if derives_from(step, "skrub._table_vectorizer", "TableVectorizer"):
        return True
    if type(step).__name__ in ("OneHotEncoder", "OrdinalEncoder"):
        return False  # for a missing entry they have a category, or none
    if isinstance(step, FunctionTransformer) and not step.validate:
        # what a ColumnTransformer passes through, or such as numpy.log1p
        return step.func is None or isinstance(step.func, np.ufunc)
    if type(step).__name__ in ("DummyClassifier", "DummyRegressor"):
        return True  # they read no column
    try:
        return bool(get_tags(step).input_tags.allow_nan)
    except (AttributeError, TypeError):
        return False
