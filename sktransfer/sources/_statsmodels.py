"""Results of statsmodels, whose columns and classes stand in their model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sktransfer._typing import is_pandas

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

#: What statsmodels calls the column of ones that ``add_constant`` makes.
_CONSTANT = "const"


def is_results(estimator: BaseEstimator) -> bool:
    """Whether an object is what a model of statsmodels returned from its ``fit``."""
    of_package = any(cls.__module__.startswith("statsmodels.") for cls in type(estimator).__mro__)
    return of_package and hasattr(estimator, "params") and hasattr(estimator, "model")


def results_columns(estimator: BaseEstimator) -> tuple[tuple[str, ...] | None, int | None]:
    """Names and number of the columns of such results; neither behind a formula.

    A formula takes its columns from a frame by itself.
    """
    if hasattr(estimator.model, "formula"):
        return None, None
    exog = estimator.model.data.orig_exog
    names = tuple(map(str, exog.columns)) if is_pandas(exog) else None
    return names, int(np.shape(estimator.model.exog)[1])


def results_classes(estimator: BaseEstimator) -> np.ndarray | None:
    """0 and 1 where the prediction is the probability of 1; None elsewhere."""
    family = type(getattr(estimator.model, "family", None)).__name__
    is_binary = type(estimator.model).__name__ in ("Logit", "Probit") or family == "Binomial"
    return np.arange(2) if is_binary else None


def is_constant(name: str) -> bool:
    """Whether a column of this name is one of ones, which a table need not have."""
    return name == _CONSTANT
