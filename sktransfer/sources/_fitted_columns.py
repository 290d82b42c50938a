"""Which columns a fitted estimator takes, and what it stores about one that a table lacks."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from sktransfer._compat import BaseSearchCV
from sktransfer._preprocessing import (
    SomeColumn,
    columns_of_records,
    is_missing,
    level_text,
    table_of_columns,
    with_columns,
)
from sktransfer._typing import CheckedTable, Entry, Frame, is_pandas, is_sparse
from sktransfer.sources._boosting import (
    AsObjects,
    booster_columns,
    booster_names,
    boosting_categories,
    boosting_labels,
    central_splits,
    is_booster,
)
from sktransfer.sources._kinds import acts
from sktransfer.sources._missing import pass_missing_on
from sktransfer.sources._statsmodels import is_results, knowledge_of_results, results_columns
from sktransfer.sources._trace import Untraceable, trace_steps
from sktransfer.sources._traced import Knowledge, Level, Number, TracedColumns

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator


def names_of(estimator: BaseEstimator) -> tuple[str, ...] | None:
    """Names of the columns that an estimator was fitted on; None where they had none."""
    if is_booster(estimator):
        return _unless_made_up(booster_names(estimator) or ())
    if is_results(estimator):
        return results_columns(estimator)[0]
    for attribute in ("feature_names_in_", "feature_names_", "feature_name_"):
        try:
            names = getattr(estimator, attribute, None)
        except (NotFittedError, ValueError):
            names = None
        if names is not None:
            is_noted = type(estimator).__module__.split(".")[0] not in _MAKE_NAMES_UP
            return tuple(map(str, names)) if is_noted else _unless_made_up(names)
    first = steps_of(estimator)[0]  # scikit-learn asks a step that is skipped
    return None if first is estimator else names_of(first)


#: Packages whose estimators have names of columns that they were given without.
_MAKE_NAMES_UP = ("catboost", "lightgbm", "xgboost")


def _unless_made_up(names: Sequence[str]) -> tuple[str, ...] | None:
    """Names, unless CatBoost or LightGBM made them up for columns that have none."""
    found = tuple(str(name) for name in names)
    invented = (tuple(f"{start}{i}" for i in range(len(found))) for start in ("", "Column_"))
    return None if not found or found in invented else found


def n_columns_of(estimator: BaseEstimator) -> int | None:
    """How many columns an estimator was fitted on; None where that is not stored."""
    if is_results(estimator):
        return results_columns(estimator)[1]
    if is_booster(estimator):
        return booster_columns(estimator)
    try:
        n = getattr(estimator, "n_features_in_", None)
    except (NotFittedError, ValueError):
        n = None
    first = steps_of(estimator)[0]
    if n is None and first is not estimator:
        return n_columns_of(first)
    names = names_of(estimator)
    return len(names) if not n and names is not None else n


def steps_of(estimator: BaseEstimator) -> list[BaseEstimator]:
    """The steps of an estimator that is a pipeline, or holds one; of others itself."""
    while True:
        if isinstance(estimator, FrozenEstimator):
            estimator = estimator.estimator
        elif isinstance(estimator, BaseSearchCV) and hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        elif hasattr(estimator, "regressor_"):
            estimator = estimator.regressor_
        else:
            break
    if not isinstance(estimator, Pipeline):
        return [estimator]
    *before, last = [step for _, step in estimator.steps]
    return [*filter(acts, before), *steps_of(last)]


def categories_of(estimator: BaseEstimator, names: Sequence[str]) -> dict[str, Sequence[Entry]]:
    """Columns whose pandas categories an estimator compares, and these as it knew them."""
    *before, last = steps_of(estimator)
    if before:
        return {}
    found: dict[str, Sequence[Entry]] = {}
    for part in _parts_of(last):
        found |= categories_of(part, names)
    if found:
        return found
    of_boosting = boosting_categories(last, list(names))
    if of_boosting is not None:
        return of_boosting
    if getattr(last, "is_categorical_", None) is not None:
        return _of_hist_gradient_boosting(last, names)
    return {}


def separate_labels(estimator: BaseEstimator, classes: np.ndarray) -> np.ndarray | None:
    """Labels of which a row has any number; None where it has one of the classes."""
    last = steps_of(estimator)[-1]
    n_labels = boosting_labels(last)
    if n_labels:
        return np.arange(n_labels)
    binarizer = getattr(last, "_label_binarizer", None)
    y_type = getattr(binarizer, "y_type_", "")
    is_several = getattr(last, "multilabel_", False) or y_type.startswith("multilabel")
    return classes if is_several else None


def n_numbers_of(
    estimator: BaseEstimator,
    usual: Callable[[int, Entry], SomeColumn],
    predict: Callable[[CheckedTable], np.ndarray | list[np.ndarray]],
    sample: Collection[Entry] | None,
) -> int:
    """How many numbers a fitted regressor predicts, if need be by predicting a usual row.

    Parameters
    ----------
    estimator : object
        Fitted.
    usual : callable
        What stands in one row for the column at a position; an entry that it is given where
        nothing is known of it.
    predict : callable
        Of a table of the estimator's columns.
    sample : dict, list or None
        What is usual in each column, by name or in their order: the columns of an estimator that
        notes none.
    """
    last = steps_of(estimator)[-1]
    for one in (estimator, last):
        n = getattr(one, "n_outputs_", None)
        if isinstance(n, int | np.integer):
            return int(n)
    coef = getattr(last, "coef_", None)
    if coef is not None and not is_sparse(coef):
        return len(coef) if np.ndim(coef) == 2 else 1
    if type(last).__name__ in ("MultiOutputRegressor", "RegressorChain"):
        return len(last.estimators_)
    names = names_of(estimator)
    n_columns = n_columns_of(estimator)
    if n_columns is None and sample is not None:
        n_columns = len(sample)
        names = tuple(sample) if isinstance(sample, dict) else None
    for otherwise in (0.0, ""):
        row = [usual(i, otherwise) for i in range(n_columns or 0)]
        with suppress(Exception), warnings.catch_warnings():  # of a foreign estimator
            warnings.simplefilter("ignore")
            return max(int(np.asarray(predict(table_of_columns(row, names, 1))).size), 1)
    return 1


def entries_of(estimator: BaseEstimator, known: Knowledge) -> dict[str, dict[str, Entry]]:
    """Column → the text of each category that an estimator has → the entry that has it."""
    names = names_of(estimator) or ()
    every = {**{i: {} for i in known.read_as_text}, **known.levels}
    found = {names[i]: dict(levels) for i, levels in every.items() if i < len(names)}
    for name, categories in categories_of(estimator, names).items():
        texts = {level_text(value): value for value in categories}
        found[name] = {text: value for text, value in texts.items() if text is not None}
    return found


def _of_hist_gradient_boosting(
    estimator: BaseEstimator, names: Sequence[str]
) -> dict[str, Sequence[Entry]]:
    encode = getattr(estimator, "_preprocessor", None)
    if not isinstance(encode, ColumnTransformer):
        return {}
    encoder = encode.named_transformers_.get("encoder")
    if not hasattr(encoder, "categories_"):
        return {}
    chosen = [
        name for name, is_one in zip(names, estimator.is_categorical_, strict=True) if is_one
    ]
    known = [AsObjects(one) if one.dtype == object else one for one in encoder.categories_]
    return dict(zip(chosen, known, strict=True))


def _parts_of(estimator: BaseEstimator) -> list[BaseEstimator]:
    """The fitted estimators that a meta-estimator hands its table to; of others none."""
    kind = type(estimator).__name__
    if not type(estimator).__module__.startswith("sklearn."):
        return []
    if kind.startswith(("Voting", "Stacking", "OneVs", "MultiOutput")) or kind.endswith("Chain"):
        return [one for one in estimator.estimators_ if not isinstance(one, str)]
    if kind.startswith("Bagging"):  # each on all columns, or on some of them
        n = estimator.n_features_in_
        chosen = map(np.ndarray.tolist, estimator.estimators_features_)
        on_all = all(of == list(range(n)) for of in chosen)
        return list(estimator.estimators_) if on_all else []
    if kind == "CalibratedClassifierCV":
        return [one.estimator for one in estimator.calibrated_classifiers_]
    if kind.endswith("ThresholdClassifierCV") or kind == "FixedThresholdClassifier":
        return [estimator.estimator_]
    return []


def takes_missing(estimator: BaseEstimator, column: int) -> bool:
    """Whether an estimator takes missing entries in the column at this position."""
    *_, last = steps_of(estimator)
    parts = _parts_of(last) if last is estimator else []
    if parts:
        return all(takes_missing(part, column) for part in parts)
    names = names_of(estimator)
    return pass_missing_on(steps_of(estimator), column, None if names is None else list(names))


def knowledge_of(estimator: BaseEstimator) -> Knowledge:
    """What the steps of an estimator have stored about its columns."""
    if is_results(estimator):
        return knowledge_of_results(estimator)
    known = Knowledge()
    *steps, last = steps_of(estimator)
    if not steps and (parts := _parts_of(last)):
        every = [knowledge_of(part) for part in parts]
        return max(every, key=lambda one: len(one.typical) + len(one.levels))
    n = n_columns_of(estimator)
    if not steps:
        known.model = last
    elif n is not None:
        with suppress(Untraceable):  # what was met on the way is known
            table = TracedColumns.table(n, names_of(estimator))
            trace_steps(steps, table, known, levels=_levels_behind(last))
        numbers, levels = columns_of_records(steps, names_of(estimator) or ())
        known.numbers.update(numbers)
        for i, texts in levels.items():
            known.levels.setdefault(i, {text: text for text in texts})
    return known


def splits_of(known: Knowledge) -> dict[int, float]:
    """What stands for columns of a model of boosting, see :func:`central_splits`.

    A large model takes a second.
    """
    return {} if known.model is None else central_splits(known.model)


def _levels_behind(last: BaseEstimator) -> dict[int, Sequence[Entry]]:
    """The categories that an estimator behind some steps compares, by the position of a column."""
    n = n_columns_of(last) or 0
    with suppress(Exception):  # whatever a foreign estimator stores
        positions = [str(i) for i in range(n)]
        return {int(i): levels for i, levels in categories_of(last, positions).items()}
    return {}


def has_numbers(estimator: BaseEstimator, known: Knowledge, column: int) -> bool:
    """Whether an estimator certainly has numbers in a column that is none of its categories."""
    if column in known.levels or column in known.read_as_text:
        return False
    if column in known.numbers:
        return True
    has_steps = _has_steps(estimator) or bool(known.transformed)
    is_usual = isinstance(known.typical.get(column), int | float | np.number)
    return not has_steps or is_usual or Number(column) in known.units


def _has_steps(estimator: BaseEstimator) -> bool:
    *before, last = steps_of(estimator)
    return bool(before) or any(map(_has_steps, _parts_of(last)))


def usual_value(known: Knowledge, column: int) -> Entry:
    """A value that is usual in a column: an imputer's, a mean, the most frequent category."""
    if column in known.typical:
        return known.typical[column]
    levels = known.levels.get(column, {})
    units = {text: known.units.get(Level(column, text)) for text in levels}
    share = {text: unit[0] for text, unit in units.items() if unit is not None}
    return levels[max(share, key=lambda text: share[text])] if share else None


def with_missing_numbers(X: CheckedTable) -> list[int]:
    """Positions of the columns of numbers or truth values that have missing entries."""
    if is_sparse(X):
        return []
    columns = X.iloc if is_pandas(X) else np.asarray(X)
    missing = _are_missing(X)
    there = np.flatnonzero(missing.any(axis=0)).tolist()
    return [i for i in there if _has_numbers_alone(columns[:, i], ~missing[:, i])]


def _are_missing(X: CheckedTable) -> np.ndarray:
    if is_pandas(X):
        return np.asarray(X.isna())
    dense = np.asarray(X)
    if dense.dtype.kind == "O":
        return np.asarray(np.vectorize(is_missing, otypes=[bool])(dense))
    return np.isnan(dense) if dense.dtype.kind == "f" else np.zeros(dense.shape, bool)


def _has_numbers_alone(column: pd.Series | np.ndarray, present: np.ndarray) -> bool:
    """Whether the entries of a column that are present are numbers or truth values."""
    kind = getattr(column.dtype, "kind", "O")
    if kind != "O" or str(column.dtype) != "object":
        return kind in "fiub"
    return all(isinstance(value, int | float | np.number | np.bool_) for value in column[present])


def without_missing(X: CheckedTable, values: Mapping[int, float | np.number]) -> CheckedTable:
    """A table with numbers, by the position of a column, in the place of what is missing in it.

    Parameters
    ----------
    X : ndarray or DataFrame
    values : mapping of int to float
    """
    if not values:
        return X
    if is_pandas(X):
        columns = {X.columns[i]: _filled(X.iloc[:, i], value) for i, value in values.items()}
        filled: Frame = with_columns(X, columns)
        return filled
    usual = np.full(X.shape[1], np.nan)
    usual[list(values)] = list(values.values())
    dense = np.asarray(X)
    return np.where(_are_missing(dense), usual, dense).astype(dense.dtype, copy=False)


def _filled(column: pd.Series, value: float | np.number) -> pd.Series:
    """A column without missing entries; truth values next to a number are numbers."""
    is_of_truth = getattr(column.dtype, "kind", "O") == "b" and not isinstance(value, bool)
    if not is_of_truth:
        return column.fillna(value)
    return column.astype(object).fillna(value).astype(np.float64)


def value_in_sample(column: np.ndarray) -> Entry:
    """What stands for a column, of a sample of it: the mean of numbers, else the most frequent."""
    values = np.asarray(column)
    if values.dtype.kind in "fiu":
        values = values.astype(np.float64)
        return float(np.nanmean(values)) if np.isfinite(values).any() else None
    present = [value for value in values.tolist() if value is not None and value == value]
    distinct = list(dict.fromkeys(present))
    return max(distinct, key=present.count) if distinct else None
