"""The only place that uses private parts of dependencies, or checks which version is installed.

Each is imported under a public name. Where plain code does the same for this package's purposes,
it stands in if a later version has moved or dropped the private part; the others belong to how
scikit-learn checks parameters, for which there is no other way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Sized
from functools import wraps
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.utils import check_array, get_tags
from sklearn.utils._param_validation import HasMethods, Interval, Options, StrOptions
from sklearn.utils.multiclass import unique_labels

from sktransfer._typing import CheckedTable, Matrix, TableLike, is_pandas

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult
    from sklearn.base import BaseEstimator
    from sklearn.tree._tree import Tree
    from torch import Tensor

try:  # scikit-learn 1.9 and later
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # pragma: no cover

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands in where scikit-learn has no callbacks."""


try:  # scikit-learn before 1.9, which may warn of an entry that is read
    from sklearn.compose._column_transformer import _RemainderColsList as RemainderColumns
except ImportError:  # pragma: no cover

    class RemainderColumns:  # type: ignore[no-redef]
        """Used where a ColumnTransformer has its remaining columns in a plain list."""


try:  # scikit-learn 1.8 and later
    from sklearn.utils._repr_html.estimator import _VisualBlock as VisualBlock
except ImportError:  # pragma: no cover
    from sklearn.utils._estimator_html_repr import _VisualBlock as VisualBlock

try:
    from sklearn.base import _fit_context as fit_context
except ImportError:

    def fit_context(*, prefer_skip_nested_validation: bool) -> Callable:
        """A decorator of ``fit`` that checks the estimator's parameters first."""

        def decorated(method):
            @wraps(method)
            def checked(estimator, *args, **kwargs):
                estimator._validate_params()
                return method(estimator, *args, **kwargs)

            return checked

        return decorated


try:
    from sklearn.model_selection._search import BaseSearchCV
except ImportError:
    BaseSearchCV = (GridSearchCV, RandomizedSearchCV)

try:
    from sklearn.utils import _safe_indexing as safe_indexing
except ImportError:

    def safe_indexing(X: CheckedTable, indices: np.ndarray) -> CheckedTable:
        """Rows of an array, a sparse matrix, a frame or a series of pandas or polars."""
        return X.iloc[indices] if is_pandas(X) else cast("Matrix", X)[indices]


try:
    from sklearn.utils.validation import _num_samples as num_samples
except ImportError:

    def num_samples(X: TableLike) -> int:
        """The number of rows of anything that a table can be."""
        return X.shape[0] if hasattr(X, "shape") else len(cast("Sized", X))


try:
    from sklearn.utils.validation import _check_sample_weight as check_sample_weight
except ImportError:

    def check_sample_weight(
        sample_weight: ArrayLike, X: TableLike, *, dtype: DTypeLike, ensure_non_negative: bool
    ) -> np.ndarray:
        """Weights as an array of floats, one a row."""
        n = num_samples(X)
        if np.ndim(sample_weight) == 0:
            sample_weight = np.full(n, sample_weight)
        weight = check_array(
            sample_weight, ensure_2d=False, dtype=dtype, order="C", input_name="sample_weight"
        )
        if weight.ndim != 1:
            raise ValueError(f"Sample weights must be 1D array or scalar, got {weight.ndim}D.")
        if len(weight) != n:
            raise ValueError(f"sample_weight.shape == {weight.shape}, expected {(n,)}!")
        if ensure_non_negative and (weight < 0).any():
            raise ValueError("Negative values in data passed to `sample_weight`.")
        return weight


try:
    from sklearn.utils.validation import _check_feature_names_in as check_feature_names_in
except ImportError:

    def check_feature_names_in(
        estimator: BaseEstimator, input_features: ArrayLike | None = None
    ) -> np.ndarray:
        """The names of a fitted estimator's columns; made up where its table had none."""
        known, n = getattr(estimator, "feature_names_in_", None), estimator.n_features_in_
        if input_features is None:
            made_up = np.asarray([f"x{i}" for i in range(n)], dtype=object)
            return made_up if known is None else known
        names = np.asarray(input_features, dtype=object)
        if known is not None and not np.array_equal(known, names):
            raise ValueError("input_features is not equal to feature_names_in_")
        if len(names) != n:
            raise ValueError(
                "input_features should have length equal to number of features "
                f"({n}), got {len(names)}"
            )
        return names


try:
    from sklearn.utils.multiclass import (
        _check_partial_fit_first_call as check_partial_fit_first_call,
    )
except ImportError:

    def check_partial_fit_first_call(
        estimator: BaseEstimator, classes: ArrayLike | None = None
    ) -> bool:
        """Whether this is a stream's first chunk; then `classes` become the estimator's."""
        known = getattr(estimator, "classes_", None)
        if classes is None:
            if known is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
            return False
        if known is None:
            estimator.classes_ = unique_labels(classes)
            return True
        if not np.array_equal(known, unique_labels(classes)):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, "
                f"was: {known!r}"
            )
        return False


try:
    from sklearn.utils.optimize import _check_optimize_result as check_optimize_result
except ImportError:

    def check_optimize_result(solver: str, result: OptimizeResult, max_iter: int) -> int:
        """The number of iterations that a minimiser took; warns where it was not at the end."""
        from warnings import warn

        from sklearn.exceptions import ConvergenceWarning

        n_iter = min(result.nit, max_iter)
        if result.status != 0:
            warn(
                f"{solver} failed to converge after {n_iter} iteration(s) "
                f"(status={result.status}):\n{result.message}",
                ConvergenceWarning,
                stacklevel=2,
            )
        return n_iter


def kind_of(estimator: BaseEstimator) -> str | None:
    """What scikit-learn calls its kind, None where it is not known."""
    try:
        kind: str | None = get_tags(estimator).estimator_type
    except (AttributeError, TypeError):  # not scikit-learn's kind
        return None
    return kind


class CompiledTree(NamedTuple):
    """The attributes of a tree that scikit-learn's loop over boosted trees reads."""

    tree_: Tree


def compiled_trees(
    left: np.ndarray,
    right: np.ndarray,
    features: np.ndarray,
    thresholds: np.ndarray,
    values: np.ndarray,
    sizes: Sequence[int],
    n_features: int,
) -> list[CompiledTree] | None:
    """Regression trees that scikit-learn's compiled loop walks down.

    The loop checks nothing: children must come after their node, and features must exist.

    Parameters
    ----------
    left, right : ndarray of int, shape (n_nodes,)
        Children of the nodes, counted in their tree, -1 in a leaf; tree after tree.
    features, thresholds, values : ndarray of shape (n_nodes,)
    sizes : sequence of int
        Number of nodes of each tree.
    n_features : int

    Returns
    -------
    list or None
        For :func:`add_compiled_trees`; None where this scikit-learn has no such loop.
    """
    try:
        from sklearn.ensemble._gradient_boosting import predict_stages  # noqa: F401
        from sklearn.tree._tree import NODE_DTYPE, Tree
    except ImportError:
        return None
    nodes = np.zeros(len(values), NODE_DTYPE)
    nodes["left_child"], nodes["right_child"] = left, right
    nodes["feature"], nodes["threshold"] = features, thresholds
    values = np.asarray(values, np.float64).reshape(-1, 1, 1)
    one_class, trees, begin = np.ones(1, np.intp), [], 0
    for size in map(int, sizes):
        tree, here = Tree(n_features, one_class, 1), slice(begin, begin + size)
        tree.__setstate__(
            {"max_depth": 0, "node_count": size, "nodes": nodes[here], "values": values[here]}
        )
        trees.append(CompiledTree(tree))
        begin += size
    return trees


def add_compiled_trees(stages: np.ndarray, rows: np.ndarray, out: np.ndarray) -> None:
    """Add the values of trees to outputs.

    Parameters
    ----------
    stages : ndarray of object, shape (n_stages, n_outputs)
        Of :func:`compiled_trees`.
    rows : ndarray of float32, shape (n_rows, n_features)
        In C order.
    out : ndarray of float64, shape (n_rows, n_outputs)
        Is added to.
    """
    from sklearn.ensemble._gradient_boosting import predict_stages

    predict_stages(stages, rows, 1.0, out)


class BinnedTree(Protocol):
    """A tree of scikit-learn's on columns in bins."""

    nodes: np.ndarray

    def predict_binned(
        self, X: np.ndarray, missing_values_bin_idx: int, n_threads: int
    ) -> np.ndarray:
        """The value of each row."""


class GrowingTree(Protocol):
    """What grows such a tree."""

    def grow(self) -> None:
        """Split nodes until there is nothing to gain."""

    def make_predictor(self, binning_thresholds: list[np.ndarray]) -> BinnedTree:
        """The tree that has been built."""


def histogram_tree_grower() -> Callable[..., GrowingTree] | None:
    """scikit-learn's class that grows one tree on columns in bins; None where it is not known.

    Returns
    -------
    callable or None
        Takes bins, gradients and hessians of float32.
    """
    try:
        from sklearn.ensemble._hist_gradient_boosting.grower import TreeGrower
    except ImportError:
        return None
    return cast("Callable[..., GrowingTree]", TreeGrower)


def torch_kernel(name: str) -> Callable[..., Tensor] | None:
    """One of torch's kernels that work in place on a gradient; None where there is none.

    Parameters
    ----------
    name : str
        Its name among ``torch.ops.aten``.

    Returns
    -------
    callable or None
        Takes `grad_input`, which may be the gradient itself in addition to its arguments.
    """
    import torch

    return getattr(getattr(torch.ops.aten, name, None), "grad_input", None)


def fused_adam() -> Callable[..., None]:
    """torch's step of Adam in one kernel, or the same step in plain torch."""
    import torch

    return getattr(torch, "_fused_adam_", _plain_adam)


def _plain_adam(
    parameters: list[Tensor], gradients: list[Tensor], m: list[Tensor], v: list[Tensor],
    *counts: list[Tensor], lr: float, beta1: float, beta2: float, weight_decay: float, eps: float,
    **switches: bool,
) -> None:  # fmt: skip
    """A step of Adam whose correction of both averages is part of `lr`."""
    for vector, gradient, first, second in zip(parameters, gradients, m, v, strict=True):
        move = gradient.add(vector, alpha=weight_decay)
        first.lerp_(move, 1 - beta1)
        second.mul_(beta2).addcmul_(move, move, value=1 - beta2)
        vector.addcdiv_(first, second.sqrt().add_(eps), value=-lr)


def copy_all(into: list[Tensor], values: tuple[Tensor, ...]) -> None:
    """Copy tensors into others, in one kernel where torch has it."""
    import torch

    copy = getattr(torch, "_foreach_copy_", None)
    if copy is not None:
        copy(into, values)
        return
    for target, value in zip(into, values, strict=True):
        target.copy_(value)


__all__ = [
    "BaseSearchCV",
    "CallbackSupportMixin",
    "CompiledTree",
    "HasMethods",
    "Interval",
    "Options",
    "RemainderColumns",
    "StrOptions",
    "VisualBlock",
    "add_compiled_trees",
    "check_feature_names_in",
    "check_optimize_result",
    "check_partial_fit_first_call",
    "check_sample_weight",
    "compiled_trees",
    "copy_all",
    "fit_context",
    "fused_adam",
    "histogram_tree_grower",
    "num_samples",
    "safe_indexing",
    "torch_kernel",
]
