"""Telling what an object is without importing the library it is from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

#: What `source` may be.
KINDS = "a fitted estimator that predicts, a torch module, a directory that `save` wrote"


def derives_from(obj: object, module: str, name: str) -> bool:
    """Whether `obj` is an instance of the class `name` of `module`, or of one derived from it.

    Examples
    --------
    >>> from collections import OrderedDict
    >>> derives_from(OrderedDict(), "builtins", "dict")
    True
    >>> derives_from([], "builtins", "dict")
    False
    """
    return any(base.__module__ == module and base.__name__ == name for base in type(obj).__mro__)


def acts(step: BaseEstimator | str | None) -> bool:
    """Whether a step of a fitted pipeline does anything to the rows that it predicts.

    One that is skipped does not, nor does one that resamples the rows of a fit, as
    imbalanced-learn's do.

    Examples
    --------
    >>> acts("passthrough")
    False
    """
    if step is None or isinstance(step, str):
        return False
    return hasattr(step, "transform") or not hasattr(step, "fit_resample")


def is_foreign(step: BaseEstimator) -> bool:
    """Whether a step, or an estimator, is neither scikit-learn's nor of this package.

    Examples
    --------
    >>> from sklearn.preprocessing import StandardScaler
    >>> is_foreign(StandardScaler())
    False
    """
    return type(step).__module__.split(".")[0] not in ("sklearn", "sktransfer")
