"""Encoders of categories: what the ``fit`` of each can have made."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np

from sktransfer._persistence._checks import MOST_COLUMNS, is_real, name_of, need, numbers
from sktransfer._persistence._values import Plain

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


#: What a category in an array of objects can be.
_PLAIN = (str, int, float, bool, type(None), np.number, np.bool_, np.str_)


def one_hot(estimator: BaseEstimator, n: int) -> int:
    """Columns of a OneHotEncoder.

    Which columns are dropped, and how many remain, is counted once more, by the code that ``fit``
    runs: of a wrong count transforming writes beyond its memory.
    """
    _check_categories(estimator, n)
    _check_groups(estimator, [len(categories) for categories in estimator.categories_])
    _check_dtype(estimator)
    need(estimator.feature_name_combiner == "concat", "OneHotEncoder makes other names")
    again = copy.copy(estimator)
    again._set_drop_idx()
    for name in ("_drop_idx_after_grouping", "drop_idx_"):
        need(
            _are_equal(getattr(estimator, name), getattr(again, name)),
            f"OneHotEncoder.{name} does not follow from its categories",
        )
    counts = again._compute_n_features_outs()
    need(
        type(estimator._n_features_outs) is list and estimator._n_features_outs == counts,
        "OneHotEncoder._n_features_outs does not follow from its categories",
    )
    return int(sum(counts))


def ordinal(estimator: BaseEstimator, n: int) -> int:
    """Columns of an OrdinalEncoder."""
    _check_categories(estimator, n)
    missing = {
        i: len(categories) - 1
        for i, categories in enumerate(estimator.categories_)
        if _is_nan(categories[-1])
    }
    found = estimator._missing_indices
    need(isinstance(found, dict) and found == missing, "OrdinalEncoder has other missing ones")
    sizes = [len(c) - (i in missing) for i, c in enumerate(estimator.categories_)]
    _check_groups(estimator, sizes)
    kind = _check_dtype(estimator)
    knows = estimator.handle_unknown == "use_encoded_value"
    need((estimator.unknown_value is not None) == knows, "OrdinalEncoder.unknown_value is not so")
    for value, is_used in (
        (estimator.unknown_value, knows),
        (estimator.encoded_missing_value, bool(missing)),
    ):
        need(not is_used or _fits(value, kind), "OrdinalEncoder has a value that is no code")
    return n


def _fits(value: Plain, kind: np.dtype) -> bool:
    """Whether a number can stand in an array of a type."""
    if _is_nan(value):
        return kind.kind == "f"
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        return False
    if kind.kind not in "iu":
        return True
    limits = np.iinfo(kind)
    return bool(limits.min <= value <= limits.max)


def target_encoder(estimator: BaseEstimator, n: int) -> int:
    """Columns of a TargetEncoder."""
    _check_categories(estimator, n)
    _check_groups(estimator, [])
    kind, classes = estimator.target_type_, estimator.classes_
    need(kind in ("binary", "multiclass", "continuous"), "TargetEncoder has no such target")
    need(estimator.target_type in ("auto", kind), "TargetEncoder has another target")
    need(estimator.cv is None or type(estimator.cv) is int, "TargetEncoder.cv is no number")
    need((classes is None) == (kind == "continuous"), "TargetEncoder has classes, or none")
    n_means = 1
    if classes is not None:
        is_array = isinstance(classes, np.ndarray) and classes.ndim == 1
        need(is_array and classes.dtype.kind in "biufOU", "TargetEncoder.classes_ are none")
        need(len(classes) == 2 or kind == "multiclass", "TargetEncoder has more classes")
    if kind == "multiclass":
        n_means = len(classes)
        numbers(estimator, "target_mean_", (n_means,))
    else:
        mean = estimator.target_mean_
        need(is_real(mean) and np.isfinite(mean), "TargetEncoder.target_mean_ is no number")
    encodings = estimator.encodings_
    need(type(encodings) is list and len(encodings) == n * n_means, "TargetEncoder has others")
    for i, encoding in enumerate(encodings):
        size = len(estimator.categories_[i // n_means])
        is_array = isinstance(encoding, np.ndarray) and encoding.dtype.kind == "f"
        need(is_array and encoding.shape == (size,), "TargetEncoder has other categories")
        need(np.isfinite(encoding).all(), "TargetEncoder.encodings_ has NaN")
    return n * n_means


def k_bins(estimator: BaseEstimator, n: int) -> int:
    """Columns of a KBinsDiscretizer."""
    counts, edges = estimator.n_bins_, estimator.bin_edges_
    is_array = isinstance(counts, np.ndarray) and counts.dtype.kind == "i"
    need(is_array and counts.shape == (n,) and (counts >= 1).all(), "n_bins_ are no counts")
    need((counts <= estimator.n_bins).all(), "KBinsDiscretizer has more bins than requested")
    is_array = isinstance(edges, np.ndarray) and edges.dtype == object
    need(is_array and edges.shape == (n,), "KBinsDiscretizer.bin_edges_ are none")
    for count, those in zip(counts, edges, strict=True):
        is_array = isinstance(those, np.ndarray) and those.dtype.kind == "f"
        need(is_array and those.shape == (count + 1,), "KBinsDiscretizer has other bins")
        # of a constant column they are the infinities
        need((np.diff(those) >= 0).all(), "KBinsDiscretizer has bins that are not in order")
        need(np.isfinite(those[1:-1]).all(), "KBinsDiscretizer has bins without end")
    encoder = getattr(estimator, "_encoder", None)
    need((encoder is not None) == (estimator.encode != "ordinal"), "KBinsDiscretizer lacks bins")
    if encoder is None:
        return n
    need(name_of(encoder) == "OneHotEncoder", "KBinsDiscretizer has another encoder")
    as_fitted = encoder.drop is None and encoder.handle_unknown == "error"
    dense = encoder.sparse_output == (estimator.encode == "onehot")
    need(as_fitted and dense, "KBinsDiscretizer has another encoder")
    need(not encoder._infrequent_enabled, "KBinsDiscretizer has another encoder")
    n_out = one_hot(encoder, n)
    for count, categories in zip(counts, encoder.categories_, strict=True):
        need(np.array_equal(categories, np.arange(count)), "KBinsDiscretizer has other bins")
    return n_out


def _check_dtype(estimator: BaseEstimator) -> np.dtype:
    kind: np.dtype = np.dtype(estimator.dtype)
    need(kind.kind in "fiub", f"{name_of(estimator)}.dtype is no type of numbers")
    return kind


def _check_categories(estimator: BaseEstimator, n: int) -> None:
    """Categories of each column, in the order that looking them up relies on."""
    found = estimator.categories_
    need(type(found) is list and len(found) == n, f"{name_of(estimator)} has other categories")
    total = 0
    for categories in found:
        is_array = isinstance(categories, np.ndarray) and categories.dtype.kind in "biufOU"
        need(is_array and categories.ndim == 1 and len(categories), "categories are none")
        need(_is_in_order(categories), f"{name_of(estimator)}.categories_ are not in order")
        total += len(categories)
    need(total <= MOST_COLUMNS, f"{name_of(estimator)} has too many categories")


def _is_in_order(values: np.ndarray) -> bool:
    """Whether values differ, numbers rise, and what is missing comes last."""
    if values.dtype.kind in "biuf":
        there = values[:-1] if _is_nan(values[-1]) else values
        return bool((there[:-1] < there[1:]).all()) and not (there != there).any()
    if any(not isinstance(value, _PLAIN) for value in values):
        return False
    return not any(map(_is_nan, values[:-1])) and len(set(values.tolist())) == len(values)


def _check_groups(estimator: BaseEstimator, sizes: list[int]) -> None:
    """Which rare categories of each column are one, and what each category becomes of it."""
    most = getattr(estimator, "max_categories", None)
    groups = most is not None or getattr(estimator, "min_frequency", None) is not None
    name = name_of(estimator)
    need(estimator._infrequent_enabled is groups, f"{name}._infrequent_enabled is not so")
    rare = vars(estimator).get("_infrequent_indices")
    mappings = vars(estimator).get("_default_to_infrequent_mappings")
    if not groups:
        need(rare is None and mappings is None, f"{name} has groups of categories")
        return
    is_list = type(rare) is list and type(mappings) is list
    need(is_list and len(rare) == len(mappings) == len(sizes), f"{name} has other groups")
    for positions, mapping, size in zip(rare, mappings, sizes, strict=True):
        need((positions is None) == (mapping is None), f"{name} has other groups")
        if positions is not None:
            is_array = isinstance(positions, np.ndarray) and positions.dtype.kind == "i"
            need(is_array and positions.ndim == 1 and len(positions), f"{name} has empty groups")
            inside = (positions >= 0).all() and (positions < size).all()
            need(inside and (np.diff(positions) > 0).all(), f"{name} has groups of others")
            need(np.array_equal(mapping, _mapping(positions, size)), f"{name} has other groups")
            need(mapping.dtype.kind == "i", f"{name} has other groups")


def _mapping(rare: np.ndarray, size: int) -> np.ndarray:
    """The number of each category's column, when the rare ones share the last."""
    is_rare = np.zeros(size, bool)
    is_rare[rare] = True
    return np.where(is_rare, size - len(rare), np.cumsum(~is_rare) - 1)


def _are_equal(first: np.ndarray | None, second: np.ndarray | None) -> bool:
    """Whether two are None, or arrays of the same numbers and None."""
    if first is None or second is None:
        return first is second
    if not isinstance(first, np.ndarray) or first.dtype != second.dtype:
        return False
    return first.shape == second.shape and first.tolist() == second.tolist()


def _is_nan(value: Plain) -> bool:
    return isinstance(value, float | np.floating) and bool(value != value)
