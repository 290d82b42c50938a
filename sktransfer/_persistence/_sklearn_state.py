"""What the ``fit`` of each of scikit-learn's transformers can have made.

A file says what an object's attributes are, and scikit-learn does not check its own attributes:
a wrong count makes it write beyond the end of its memory.  So each class has a line here with
its fitted attributes and a function that looks whether they go together; it returns how many
columns become how many.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, cast

import numpy as np
from sklearn.base import clone

from sktransfer._persistence._categories import (
    k_bins,
    one_hot,
    ordinal,
    target_encoder,
)
from sktransfer._persistence._checks import (
    MOST_COLUMNS,
    is_real,
    name_of,
    need,
    numbers,
    same,
    whole,
    without_zeros,
)
from sktransfer._persistence._values import State, Value

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator


@dataclass(frozen=True)
class FittedState:
    """The fitted attributes of a class, apart from the names and the number of its columns.

    Attributes
    ----------
    check : callable
        (object, number of columns that go in) → number of columns that come out; raises
        ValueError.  None for objects that are made of others, see ``_composed.py``.
    fitted : tuple of str
        Attributes that every fit gives it.
    some : tuple of str
        Attributes that only some parameters, or versions of scikit-learn, give it.
    """

    check: Callable[[BaseEstimator, int], int] | None
    fitted: tuple[str, ...] = ()
    some: tuple[str, ...] = ()


def _same_number(estimator: BaseEstimator, n: int) -> int:
    return n


def _binarizer(estimator: BaseEstimator, n: int) -> int:
    need(np.isfinite(estimator.threshold), "Binarizer.threshold is not finite")
    return n


def _function_transformer(estimator: BaseEstimator, n: int) -> int:
    """Of functions only those of numpy are made, from one number to one."""
    for name in ("kw_args", "inv_kw_args"):  # such as out=, an array to write into
        need(not getattr(estimator, name), f"FunctionTransformer.{name} has arguments")
    return n


def _standard_scaler(estimator: BaseEstimator, n: int) -> int:
    seen = np.asarray(estimator.n_samples_seen_)
    need(seen.shape in ((), (n,)) and seen.dtype.kind in "iuf", "n_samples_seen_ is no number")
    need(np.isfinite(seen).all() and (seen >= 0).all(), "n_samples_seen_ is no number of rows")
    unseen = np.broadcast_to(seen == 0, (n,))
    if estimator.mean_ is None:
        need(not estimator.with_mean and not estimator.with_std, "StandardScaler has no mean")
    else:
        mean = numbers(estimator, "mean_", (n,), nan=True)
        need(not (np.isnan(mean) & ~unseen).any(), "StandardScaler.mean_ has NaN")
    if not estimator.with_std:
        need(estimator.var_ is None and estimator.scale_ is None, "StandardScaler has a scale")
        return n
    variance = numbers(estimator, "var_", (n,), nan=True, least=0.0)
    need(not (np.isnan(variance) & ~unseen).any(), "StandardScaler.var_ has NaN")
    scale = numbers(estimator, "scale_", (n,), nan=True, above=0.0)
    spread = np.where(scale == 1.0, scale, np.sqrt(variance))  # 1 for a constant column
    same(estimator, "scale_", spread)
    return n


def _min_max_scaler(estimator: BaseEstimator, n: int) -> int:
    low, high = estimator.feature_range
    need(is_real(low) and is_real(high) and -np.inf < low < high < np.inf, "a range has no size")
    least = numbers(estimator, "data_min_", (n,), nan=True)
    most = numbers(estimator, "data_max_", (n,), nan=True)
    numbers(estimator, "data_range_", (n,), nan=True, least=0.0)
    same(estimator, "data_range_", most - least)
    scale = numbers(estimator, "scale_", (n,), nan=True, above=0.0)
    same(estimator, "scale_", (high - low) / without_zeros(estimator.data_range_))
    numbers(estimator, "min_", (n,), nan=True)
    same(estimator, "min_", low - least * scale)
    whole(estimator, "n_samples_seen_")
    return n


def _max_abs_scaler(estimator: BaseEstimator, n: int) -> int:
    most = numbers(estimator, "max_abs_", (n,), nan=True, least=0.0)
    numbers(estimator, "scale_", (n,), nan=True, above=0.0)
    same(estimator, "scale_", without_zeros(most))
    whole(estimator, "n_samples_seen_")
    return n


def _robust_scaler(estimator: BaseEstimator, n: int) -> int:
    missing = np.zeros(n, bool)
    for name, is_there in (
        ("center_", estimator.with_centering),
        ("scale_", estimator.with_scaling),
    ):
        need((getattr(estimator, name) is not None) == is_there, f"RobustScaler.{name} is not so")
        if is_there:
            above = 0.0 if name == "scale_" else None
            missing = np.isnan(numbers(estimator, name, (n,), nan=True, above=above))
    if estimator.with_centering and estimator.with_scaling:
        need((np.isnan(estimator.center_) == missing).all(), "RobustScaler has NaN in one of two")
    return n


def _power_transformer(estimator: BaseEstimator, n: int) -> int:
    lambdas = numbers(estimator, "lambdas_", (n,), nan=True)
    need((np.abs(np.nan_to_num(lambdas)) < 1e3).all(), "PowerTransformer has a power too large")
    scaler = getattr(estimator, "_scaler", None)
    need((scaler is not None) == estimator.standardize, "PowerTransformer has no scaler, or one")
    if scaler is not None:
        need(name_of(scaler) == "StandardScaler", "PowerTransformer has another scaler")
        need(scaler.with_mean and scaler.with_std, "PowerTransformer has another scaler")
        check_state(scaler, n)
    return n


def _quantile_transformer(estimator: BaseEstimator, n: int) -> int:
    n_quantiles = whole(estimator, "n_quantiles_", 1, estimator.n_quantiles)
    numbers(estimator, "references_", (n_quantiles,))
    same(estimator, "references_", np.linspace(0, 1, n_quantiles))
    quantiles = numbers(estimator, "quantiles_", (n_quantiles, n), nan=True)
    missing = np.isnan(quantiles)
    need((missing.all(axis=0) == missing.any(axis=0)).all(), "QuantileTransformer has NaN")
    need(not (np.diff(quantiles, axis=0) < 0).any(), "QuantileTransformer.quantiles_ fall")
    return n


def _polynomial_features(estimator: BaseEstimator, n: int) -> int:
    degree = estimator.degree
    low, high = degree if isinstance(degree, tuple | list) else (0, degree)
    need(type(low) is int and type(high) is int and 0 <= low <= high, "a degree is no number")
    need((estimator._min_degree, estimator._max_degree) == (low, high), "its degree is another")
    counts = [1]  # products of each number of columns
    for size in range(1, min(high, n if estimator.interaction_only else high) + 1):
        free = n - size + 1 if estimator.interaction_only else n + size - 1
        counts.append(counts[-1] * free // size)
        need(counts[-1] <= MOST_COLUMNS and size <= 1000, "PolynomialFeatures makes too many")
    n_all = sum(counts[1:]) + estimator.include_bias
    n_out = sum(counts[max(low, 1) :]) + estimator.include_bias
    need(estimator._n_out_full in (n_all, n_out), "PolynomialFeatures makes other columns")
    need(whole(estimator, "n_output_features_") == n_out, "PolynomialFeatures makes others")
    return n_out


def _pca(estimator: BaseEstimator, n: int) -> int:
    n_out = whole(estimator, "n_components_", 0, n)
    if type(estimator.n_components) is int:
        need(n_out == estimator.n_components, "PCA.n_components_ is another number than requested")
    numbers(estimator, "mean_", (n,))
    numbers(estimator, "components_", (n_out, n))
    for name in ("explained_variance_", "explained_variance_ratio_", "singular_values_"):
        numbers(estimator, name, (n_out,), least=-1e-6)
    need(is_real(estimator.noise_variance_), "PCA.noise_variance_ is no number")
    need(np.isfinite(estimator.noise_variance_), "PCA.noise_variance_ is no number")
    whole(estimator, "n_samples_", 1)
    need(type(getattr(estimator, "_fit_svd_solver", "")) is str, "PCA has no such solver")
    return n_out


def _truncated_svd(estimator: BaseEstimator, n: int) -> int:
    n_out = len(estimator.components_)
    need(n_out == estimator.n_components <= n, "TruncatedSVD has another number of components")
    numbers(estimator, "components_", (n_out, n))
    for name in ("explained_variance_", "explained_variance_ratio_", "singular_values_"):
        numbers(estimator, name, (n_out,), least=-1e-6)
    return n_out


def _variance_threshold(estimator: BaseEstimator, n: int) -> int:
    variances = numbers(estimator, "variances_", (n,), nan=True, least=0.0)
    n_out = int((variances > estimator.threshold).sum())
    need(n_out, "VarianceThreshold leaves no column")
    return n_out


def _simple_imputer(estimator: BaseEstimator, n: int) -> int:
    need(type(estimator.strategy) is str, "SimpleImputer.strategy is no name")
    for name in ("_fit_dtype", "_fill_dtype"):
        kind = getattr(estimator, name)
        need(isinstance(kind, np.dtype) and kind.kind in "fiuO", f"SimpleImputer.{name} is none")
    values, fill = estimator.statistics_, estimator._fill_dtype
    need(isinstance(values, np.ndarray) and values.shape == (n,), "SimpleImputer has no values")
    need(values.dtype.kind in "fiuO", "SimpleImputer.statistics_ has values of another type")
    if values.dtype.kind == "O":
        plain = (str, int, float, np.number, bool, type(None))
        need(all(isinstance(value, plain) for value in values), "SimpleImputer has odd values")
    left_out = np.array([is_real(value) and value != value for value in values], bool)
    if estimator.keep_empty_features:
        left_out[:] = False
    if fill.kind != "O":
        need(is_real(estimator.missing_values), "SimpleImputer.missing_values is no number")
        filled = values[~left_out].astype(fill)  # a text among them raises ValueError
        need(np.isfinite(filled).all(), "SimpleImputer.statistics_ has NaN or infinite numbers")
    indicator = estimator.indicator_
    need((indicator is not None) == estimator.add_indicator, "SimpleImputer has no indicator")
    n_out = int((~left_out).sum())
    if indicator is None:
        return n_out
    need(name_of(indicator) == "MissingIndicator", "SimpleImputer has another indicator")
    need(indicator._precomputed and indicator.features == "missing-only", "it is another")
    need(not indicator.error_on_new, "the indicator of a SimpleImputer is another")
    return n_out + check_state(indicator, n)


def _missing_indicator(estimator: BaseEstimator, n: int) -> int:
    features = estimator.features_
    is_array = isinstance(features, np.ndarray) and features.dtype.kind == "i"
    need(is_array and features.ndim == 1, "MissingIndicator.features_ are no positions")
    need((features >= 0).all() and (features < n).all(), "MissingIndicator has other columns")
    need((np.diff(features) > 0).all(), "MissingIndicator.features_ are not in order")
    need(whole(estimator, "_n_features") == n, "MissingIndicator has other columns")
    need(type(estimator._precomputed) is bool, "MissingIndicator._precomputed is no truth value")
    if estimator.features == "all":
        need(len(features) == n, "MissingIndicator has other columns")
    return len(features)


_CATEGORIES = ("_infrequent_enabled", "categories_")
_GROUPED = ("_default_to_infrequent_mappings", "_infrequent_indices")
_COMPONENTS = (
    "components_",
    "explained_variance_",
    "explained_variance_ratio_",
    "singular_values_",
)
#: The classes by name.
STATES = {
    "Binarizer": FittedState(_binarizer),
    "ColumnTransformer": FittedState(
        None,
        (
            "_columns",
            "_remainder",
            "_transformer_to_input_indices",
            "output_indices_",
            "sparse_output_",
            "transformers_",
        ),
        ("_name_to_fitted_passthrough", "_transformers_feature_names_out"),
    ),
    "FeatureUnion": FittedState(None),
    "FunctionTransformer": FittedState(_function_transformer),
    "KBinsDiscretizer": FittedState(k_bins, ("bin_edges_", "n_bins_"), ("_encoder",)),
    "MaxAbsScaler": FittedState(_max_abs_scaler, ("max_abs_", "n_samples_seen_", "scale_")),
    "MinMaxScaler": FittedState(
        _min_max_scaler,
        ("data_max_", "data_min_", "data_range_", "min_", "n_samples_seen_", "scale_"),
    ),
    "MissingIndicator": FittedState(
        _missing_indicator, ("_n_features", "_precomputed", "features_")
    ),
    "Normalizer": FittedState(_same_number),
    "OneHotEncoder": FittedState(
        one_hot,
        (*_CATEGORIES, "_drop_idx_after_grouping", "_n_features_outs", "drop_idx_"),
        _GROUPED,
    ),
    "OrdinalEncoder": FittedState(ordinal, (*_CATEGORIES, "_missing_indices"), _GROUPED),
    "PCA": FittedState(
        _pca,
        (*_COMPONENTS, "mean_", "n_components_", "n_samples_", "noise_variance_"),
        ("_fit_svd_solver",),
    ),
    "Pipeline": FittedState(None),
    "PolynomialFeatures": FittedState(
        _polynomial_features, ("_max_degree", "_min_degree", "_n_out_full", "n_output_features_")
    ),
    "PowerTransformer": FittedState(_power_transformer, ("lambdas_",), ("_scaler",)),
    "QuantileTransformer": FittedState(
        _quantile_transformer, ("n_quantiles_", "quantiles_", "references_")
    ),
    "RobustScaler": FittedState(_robust_scaler, ("center_", "scale_")),
    "SimpleImputer": FittedState(
        _simple_imputer, ("_fill_dtype", "_fit_dtype", "indicator_", "statistics_")
    ),
    "StandardScaler": FittedState(
        _standard_scaler, ("mean_", "n_samples_seen_", "scale_", "var_")
    ),
    "TargetEncoder": FittedState(
        target_encoder,
        (*_CATEGORIES, "classes_", "encodings_", "target_mean_", "target_type_"),
    ),
    "TruncatedSVD": FittedState(_truncated_svd, _COMPONENTS),
    "VarianceThreshold": FittedState(_variance_threshold, ("variances_",)),
}


def check_state(estimator: BaseEstimator, n: int) -> int:
    """How many columns a fitted object makes of `n`.

    Raises
    ------
    ValueError
        If its attributes are none that its ``fit`` on `n` columns can have made.
    """
    state = STATES[name_of(estimator)]
    missing = [name for name in state.fitted if name not in vars(estimator)]
    need(not missing, f"{name_of(estimator)} has no {', '.join(missing[:3])}: it is not fitted")
    found = vars(estimator).get("n_features_in_", n)
    need(type(found) is int and found == n, f"{name_of(estimator)} takes {found} columns, not {n}")
    return state.check(estimator, n)  # type: ignore[misc]


#: Attributes that objects of all classes may have.
_OF_ALL = ("_sklearn_output_config", "feature_names_in_", "n_features_in_")
#: Parameters that are no matter of a model: how many processes work, where results are kept, and
#: whether a table is written over.  They are saved as this, and nothing else is read.
_SET: dict[str, bool | None] = {"n_jobs": None, "memory": None, "copy": True}
#: Parameters that may be functions, of numpy, or types.
_FUNCTIONS = ("func", "inverse_func", "dtype")
_NAMES_OUT = re.compile(r"([^{}]|\{transformer_name\}|\{feature_name\})*")


def saved_state(value: BaseEstimator) -> State:
    """What is written of an object of scikit-learn's."""
    state = dict(vars(value))
    state |= {name: fixed for name, fixed in _SET.items() if name in state}
    if name_of(value) == "SimpleImputer" and "_fit_dtype" in state:
        state.setdefault("_fill_dtype", state["_fit_dtype"])  # before scikit-learn 1.8
    if name_of(value) == "ColumnTransformer":
        state |= _of_column_transformer(value)
    return dict(sorted(state.items()))  # the same bytes whatever came first


def _of_column_transformer(value: BaseEstimator) -> State:
    # what it was given it only looks at in the next fit, which there will not be
    is_fitted = hasattr(value, "transformers_")
    chosen = value._columns if is_fitted else [() for _ in value.transformers]
    state = {
        "remainder": _unfitted(value.remainder),
        "transformers": [
            (name, _unfitted(part), _listed(those if callable(columns) else columns))
            for (name, part, columns), those in zip(value.transformers, chosen, strict=True)
        ],
    }
    if is_fitted:
        name, part, columns = value._remainder
        state["_remainder"] = (name, _unfitted(part), _listed(columns))
        state["_columns"] = [_listed(columns) for columns in chosen]
        state["transformers_"] = [(n, part, _listed(c)) for n, part, c in value.transformers_]
    return state


def _unfitted(part: BaseEstimator | str) -> BaseEstimator | str:
    return part if isinstance(part, str) else clone(part)


def _listed(columns: pd.Index | Value) -> Value:
    """Columns in a list, if they were given as an index of pandas."""
    return cast("pd.Index", columns).tolist() if hasattr(columns, "to_list") else columns


def restored_object(cls: type, state: State) -> BaseEstimator:
    """An object of scikit-learn's from its saved state.

    Whether its attributes agree is checked later, where its number of columns is known.

    Raises
    ------
    ValueError
        If it has parameters or attributes that no ``fit`` gives it.
    """
    parameters, known = _parameters(cls), STATES[cls.__name__]
    allowed = {*parameters, *known.fitted, *known.some, *_OF_ALL}
    odd = sorted(set(state) - allowed)
    need(not odd, f"{cls.__name__} has no attribute {', '.join(odd)[:80]!r}")
    made: BaseEstimator = object.__new__(cls)
    vars(made).update(parameters | state)  # a parameter of a newer version has its default
    for name in parameters:
        _check_parameter(cls.__name__, name, getattr(made, name))
    if hasattr(cls, "_parameter_constraints"):
        made._validate_params()
    given = state.get("_sklearn_output_config", {"transform": "default"})
    config = cast("dict[str, str | None]", given)
    is_known = config.get("transform") in ("default", "pandas", "polars", None)
    need(is_known and len(config) <= 1, f"{cls.__name__} gives tables of another kind")
    return made


@cache
def _parameters(cls: type) -> State:
    """The parameters of a class and their defaults, None where there is none."""
    found = inspect.signature(cls).parameters
    return {name: None if p.default is p.empty else p.default for name, p in found.items()}


def _check_parameter(kind: str, name: str, value: Value) -> None:
    if name in _SET:
        need(value is _SET[name] or (name == "n_jobs" and value == 1), f"{kind}.{name} is set")
    if callable(value):
        is_numpys = isinstance(value, np.ufunc | type) and name in _FUNCTIONS
        need(is_numpys, f"{kind}.{name} is a function")
    if name == "verbose_feature_names_out" and isinstance(value, str):
        need(_NAMES_OUT.fullmatch(value), f"{kind}.{name} makes names of something else")
