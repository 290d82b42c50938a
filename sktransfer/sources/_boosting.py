"""Columns, categories and classes of models that are not as scikit-learn's, boosting above all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, softmax

from sktransfer._preprocessing import cut_level
from sktransfer._typing import CheckedTable, Entry
from sktransfer.sources._kinds import derives_from
from sktransfer.sources._statsmodels import is_results, results_classes

if TYPE_CHECKING:
    import pyarrow as pa
    from sklearn.base import BaseEstimator

#: Of a column of which a model has the texts of its entries alone, not which there are.
ANY_TEXT: tuple[str, ...] = ()


class Coded(tuple[Entry, ...]):
    """Categories that a model is given by their positions: what it stores of them is damaged.

    It then takes all of its table as an array.
    """

    __slots__ = ()


class AsObjects(tuple[Entry, ...]):
    """Categories that a model compares as objects, a missing one with what was missing in its fit.

    scikit-learn's boosting has None for a category of its own, and takes no truth values or
    numbers in pandas' categories where it was fitted on objects.
    """

    __slots__ = ()


def is_booster(estimator: BaseEstimator) -> bool:
    """Whether an object is a model of LightGBM's or XGBoost's own interface."""
    return derives_from(estimator, "lightgbm.basic", "Booster") or _is_xgboost_booster(estimator)


def _is_xgboost_booster(estimator: BaseEstimator) -> bool:
    return derives_from(estimator, "xgboost.core", "Booster")


def booster_names(estimator: BaseEstimator) -> list[str] | None:
    """Names of the columns of such a model; None where it was given none."""
    if _is_xgboost_booster(estimator):
        names = estimator.feature_names
        return None if names is None else list(names)
    return list(estimator.feature_name())


def booster_columns(estimator: BaseEstimator) -> int:
    """How many columns such a model was fitted on."""
    is_xgboosts = _is_xgboost_booster(estimator)
    return int(estimator.num_features() if is_xgboosts else estimator.num_feature())


#: Objectives of LightGBM whose predictions are the probability of 1, or of each class.
_OF_TWO, _OF_SEVERAL = ("binary", "cross_entropy"), ("multiclass", "multiclassova")
#: Losses of CatBoost's models of several labels at once.
_OF_LABELS = ("MultiLogloss", "MultiCrossEntropy")


def booster_classes(estimator: BaseEstimator) -> np.ndarray | None:
    """Classes of a model of an interface that has no ``predict_proba``; None of a regression's.

    LightGBM's and XGBoost's own take whole numbers from 0 for labels, and keep no others.
    """
    if _is_catboost_model(estimator):
        classes = np.asarray(estimator.classes_)
        return classes if len(classes) else None
    if _is_xgboost_booster(estimator):
        about = json.loads(estimator.save_config())["learner"]
        objective = about["objective"]["name"]
        if objective.startswith("binary:"):
            return np.arange(2)
        n_classes = int(about["learner_model_param"]["num_class"])
        return np.arange(n_classes) if objective.startswith("multi:") else None
    if is_results(estimator):
        return results_classes(estimator)
    if is_booster(estimator):
        objective = str(estimator.dump_model(num_iteration=1).get("objective", "")).split(" ")[0]
        if objective in _OF_TWO:
            return np.arange(2)
        return np.arange(estimator.num_model_per_iteration()) if objective in _OF_SEVERAL else None
    return None


def boosting_labels(estimator: BaseEstimator) -> int:
    """How many labels a model has of which a row has any number; 0 for other models."""
    package = type(estimator).__module__.split(".")[0]
    if package == "catboost" and estimator.is_fitted():
        loss = str(estimator.get_all_params().get("loss_function", ""))
        return len(estimator.classes_) if loss.startswith(_OF_LABELS) else 0
    if package == "xgboost" and hasattr(estimator, "get_booster"):
        estimator = estimator.get_booster()
    if not _is_xgboost_booster(estimator):
        return 0
    about = json.loads(estimator.save_config())["learner"]
    n_targets = int(about["learner_model_param"].get("num_target", 1))
    is_of_labels = n_targets > 1 and about["objective"]["name"].startswith("binary:")
    return n_targets if is_of_labels else 0


def is_native(estimator: BaseEstimator) -> bool:
    """Whether an object is a model of an interface without ``predict_proba``."""
    return is_booster(estimator) or _is_catboost_model(estimator) or is_results(estimator)


def _is_catboost_model(estimator: BaseEstimator) -> bool:
    return type(estimator).__name__ == "CatBoost" and derives_from(
        estimator, "catboost.core", "CatBoost"
    )


def booster_predictions(
    estimator: BaseEstimator, X: CheckedTable, has_classes: bool
) -> np.ndarray:
    """Numbers that such a model predicts, or the probability of each class.

    Parameters
    ----------
    estimator : model
    X : table
        As it was fitted on.
    has_classes : bool
        Whether it is a classifier.
    """
    if _is_catboost_model(estimator):
        kind = "Probability" if has_classes else "RawFormulaVal"
        return np.asarray(estimator.predict(X, prediction_type=kind))
    if not _is_xgboost_booster(estimator):
        predicted = np.asarray(estimator.predict(X))
        if not has_classes or predicted.ndim == 2:
            return predicted
        return np.column_stack([1 - predicted, predicted])
    import xgboost

    of_arrays = {}
    if isinstance(X, np.ndarray):  # whose categories are positions
        of_arrays = {"feature_names": estimator.feature_names}
        of_arrays |= {"feature_types": estimator.feature_types}
    rows = xgboost.DMatrix(X, enable_categorical=True, **of_arrays)
    if not has_classes:
        return np.asarray(estimator.predict(rows))
    # whatever its objective makes of them
    margins = np.asarray(estimator.predict(rows, output_margin=True), np.float64)
    if margins.ndim == 2:
        has_labels = boosting_labels(estimator) > 0
        return np.asarray(expit(margins) if has_labels else softmax(margins, axis=1))
    return np.column_stack([expit(-margins), expit(margins)])


def boosting_categories(
    estimator: BaseEstimator, names: list[str]
) -> dict[str, Sequence[Entry]] | None:
    """Columns of categories and these in the model's order; None for other packages' models.

    Of CatBoost's, which keep no list of them, :data:`ANY_TEXT`.
    """
    package = type(estimator).__module__.split(".")[0]
    read = {"lightgbm": _of_lightgbm, "xgboost": _of_xgboost, "catboost": _of_catboost}
    return read[package](estimator, names) if package in read else None


def central_splits(estimator: BaseEstimator) -> dict[int, float]:
    """The median of a model's splits of each column of numbers, by its position.

    Of LightGBM's and CatBoost's models, of columns that had no missing entries in training: there
    a missing entry is 0 to LightGBM and less than all others to CatBoost.
    """
    splits: dict[int, list[float]] = {}
    package = type(estimator).__module__.split(".")[0]
    if package == "catboost":
        # of few trees none may have a split between missing entries and the others
        theirs, splits = estimator._get_nan_treatments(), estimator.get_borders()
        splits = {i: of for i, of in splits.items() if theirs.get(i, "AsIs") == "AsIs"}
    elif package == "lightgbm":
        booster = getattr(estimator, "booster_", estimator)
        nodes = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
        while nodes:
            node = nodes.pop()
            if "split_feature" not in node:
                continue  # a leaf
            nodes += [node["left_child"], node["right_child"]]
            if node["decision_type"] == "<=":
                seen_none = node["missing_type"] == "None"
                threshold = float(node["threshold"]) if seen_none else -np.inf
                splits.setdefault(node["split_feature"], []).append(threshold)
    return {
        column: float(np.median(of_column))
        for column, of_column in splits.items()
        # below or above all entries is where missing ones are
        if len(of_column) and np.abs(of_column).max() < np.finfo(np.float32).max
    }


def _of_lightgbm(estimator: BaseEstimator, names: list[str]) -> dict[str, Sequence[Entry]]:
    booster = getattr(estimator, "booster_", estimator)
    known = booster.pandas_categorical
    if not known:
        return {}
    about = booster.dump_model(num_iteration=1)["feature_infos"]
    encoded = list(booster.feature_name())  # without blanks, in the table's order
    chosen = [
        name
        for name, inside in zip(names, encoded, strict=True)
        if about.get(inside, {}).get("values")
    ]
    return dict(zip(chosen, known, strict=True)) if len(chosen) == len(known) else {}


def _of_xgboost(estimator: BaseEstimator, names: list[str]) -> dict[str, Sequence[Entry]]:
    booster = estimator if _is_xgboost_booster(estimator) else estimator.get_booster()
    if "c" not in (booster.feature_types or ()):
        return {}
    with suppress(AttributeError, ImportError, TypeError, ValueError):  # older than 3.1
        found = booster.get_categories(export_to_arrow=True).to_arrow()
        levels = {
            name: _levels_of_xgboost(values)
            for name, (_, values) in zip(names, found, strict=True)
            if values is not None
        }
        is_coded = any(isinstance(one, Coded) for one in levels.values())
        return {name: Coded(one) for name, one in levels.items()} if is_coded else levels
    return {}


def _levels_of_xgboost(values: pa.Array) -> Sequence[Entry]:
    """Categories that a model of XGBoost has stored, put together again where it has cut them.

    Releases 3.1 and 3.2 count letters where they cut bytes, so that letters of several bytes move
    all that follows, and the last bytes of all are lost: :func:`cut_level` stands for them.
    """
    if not str(values.type).endswith("string"):
        return list(values.to_pylist())
    stored = [one.as_buffer().to_pybytes() for one in values]
    whole = b"".join(stored)
    if whole.isascii() or not _cuts_by_letters():
        return list(values.to_pylist())
    text, ends = whole.decode(errors="ignore"), np.cumsum([0, *map(len, stored)]).tolist()
    return Coded(
        text[start:end] if end <= len(text) else cut_level(text[start:end], end - start, i)
        for i, (start, end) in enumerate(pairwise(ends))
    )


@cache
def _cuts_by_letters() -> bool:
    import pandas as pd
    import xgboost

    rows = xgboost.DMatrix(pd.DataFrame({"": pd.Categorical(["é"])}), enable_categorical=True)
    (_, stored), *_ = rows.get_categories(export_to_arrow=True).to_arrow()
    return stored is not None and bool(stored[0].as_buffer().to_pybytes() != "é".encode())


def _of_catboost(estimator: BaseEstimator, names: list[str]) -> dict[str, Sequence[Entry]]:
    return {names[i]: ANY_TEXT for i in estimator.get_cat_feature_indices()}
