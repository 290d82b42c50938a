"""Columns and categories of LightGBM, XGBoost and CatBoost models, native ones included."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from sktransfer._typing import CheckedTable, Entry
from sktransfer.sources._kinds import derives_from

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator
    from xgboost import DMatrix

#: Of a column of which a model has the texts of its entries alone, not which there are.
ANY_TEXT: tuple[str, ...] = ()


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


def as_booster_takes_it(estimator: BaseEstimator, X: CheckedTable) -> CheckedTable | DMatrix:
    """A table in the form in which such a model predicts it."""
    if not _is_xgboost_booster(estimator):
        return X
    import xgboost

    return xgboost.DMatrix(X, enable_categorical=True)


def boosting_categories(
    estimator: BaseEstimator, names: list[str]
) -> dict[str, Sequence[Entry]] | None:
    """Columns of categories and these in the model's order; None for other packages' models.

    Of CatBoost's, which keep no list of them, :data:`ANY_TEXT`.
    """
    package = type(estimator).__module__.split(".")[0]
    read = {"lightgbm": _of_lightgbm, "xgboost": _of_xgboost, "catboost": _of_catboost}
    return read[package](estimator, names) if package in read else None


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
        return {
            name: values.to_pylist()
            for name, (_, values) in zip(names, found, strict=True)
            if values is not None
        }
    return {}


def _of_catboost(estimator: BaseEstimator, names: list[str]) -> dict[str, Sequence[Entry]]:
    return {names[i]: ANY_TEXT for i in estimator.get_cat_feature_indices()}
