"""scikit-learn's estimators that hold one fitted estimator and predict with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sklearn.compose import TransformedTargetRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.preprocessing import FunctionTransformer

from sktransfer._compat import BaseSearchCV
from sktransfer._records import SourceDescription, TargetSchema
from sktransfer.exceptions import SourceError, unfitted_source
from sktransfer.sources._affine import affine_of
from sktransfer.sources._reader import DescribeInner, Source

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


def reads(obj: Source) -> bool:
    return isinstance(obj, (FrozenEstimator, BaseSearchCV, TransformedTargetRegressor))


def describe(
    obj: FrozenEstimator | BaseSearchCV | TransformedTargetRegressor, describe_inner: DescribeInner
) -> SourceDescription:
    if isinstance(obj, FrozenEstimator):
        return describe_inner(obj, obj.estimator)
    if isinstance(obj, BaseSearchCV):
        return describe_inner(obj, _best(obj))
    if not hasattr(obj, "regressor_"):
        raise unfitted_source(obj)
    inner = describe_inner(obj, obj.regressor_)
    target = _before(obj.transformer_, inner.target)
    if target is None and inner.target is not None:
        return replace(inner, target=None, no_target=_other_unit(obj))
    return replace(inner, target=target)


def _other_unit(obj: TransformedTargetRegressor) -> tuple[str, str]:
    """What the outputs are, and what to do, where the target was transformed for good."""
    how = getattr(obj.transformer_, "func", None)
    name = getattr(how, "__name__", type(obj.transformer_).__name__)
    return (
        f"the source's outputs are {name}(y), by its TransformedTargetRegressor",
        "For a y that is transformed alike, give what is inside of it (source=source.regressor_) "
        "to an estimator in a TransformedTargetRegressor of the same function.",
    )


def _best(search: BaseSearchCV) -> BaseEstimator:
    if hasattr(search, "best_estimator_"):
        return search.best_estimator_
    if hasattr(search, "cv_results_"):
        raise SourceError(
            f"`source` is a {type(search).__name__} without a refitted model; expected its "
            "`best_estimator_`. It was probably made with refit=False: use refit=True, or fit an "
            "estimator with the best parameters and give that."
        )
    raise unfitted_source(search)


def _before(transformer: BaseEstimator, target: TargetSchema | None) -> TargetSchema | None:
    """What the outputs mean for the target before `transformer`, None if not expressible."""
    if target is None or target.kind != "regression":
        return None
    if isinstance(transformer, FunctionTransformer):
        identity = transformer.func is None and transformer.inverse_func is None
        return target if identity else None
    affine = affine_of(transformer)
    if affine is None or target.loss != "squared_error":
        return None
    if affine.center.shape != (target.n_outputs,):
        return None
    return replace(
        target,
        center=affine.center + affine.scale * target.center,
        scale=affine.scale * target.scale,
    )
