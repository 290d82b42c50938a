"""Fitted estimators whose encoders take categories that they were not fitted on."""

from __future__ import annotations

import copy
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

_Held = TypeVar("_Held")
#: Whatever an estimator has as an attribute, or in a list or dict of these.
_Part: TypeAlias = Any
#: What an ordinal encoder makes of an unknown category: no code of another, and what boosting
#: takes for missing.
_UNKNOWN = -1


def with_lenient_encoders(estimator: _Held) -> _Held:
    """A fitted estimator that reads an unknown category as none, where it raises for one.

    Steps for an application of their own often keep scikit-learn's ``handle_unknown='error'``.

    Parameters
    ----------
    estimator : object
        Never changed: what holds such an encoder is copied, and shares all else.
    """
    return cast("_Held", _lenient(estimator, {}))


def _lenient(obj: _Part, met: dict[int, _Part]) -> _Part:
    if id(obj) not in met:
        met[id(obj)] = obj  # what is met inside itself stays as it is
        met[id(obj)] = _of_kind(obj, met)
    return met[id(obj)]


def _of_kind(obj: _Part, met: dict[int, _Part]) -> _Part:
    if isinstance(obj, OneHotEncoder | OrdinalEncoder):
        return _encoder(obj)
    if type(obj) in (list, tuple):
        made = [_lenient(one, met) for one in obj]
        return obj if all(map(_is, made, obj)) else type(obj)(made)
    if isinstance(obj, dict):
        inside, put = obj, dict.__setitem__
    elif isinstance(obj, BaseEstimator) or _holds_others(obj):
        inside, put = vars(obj), object.__setattr__
    else:
        return obj
    changed = {
        key: made for key, held in inside.items() if (made := _lenient(held, met)) is not held
    }
    if changed:
        obj = copy.copy(obj)
        for key, made in changed.items():
            put(obj, key, made)
    return obj


def _holds_others(obj: _Part) -> bool:
    """Whether an object without parameters may hold steps, as calibrated classifiers do."""
    is_known = type(obj).__module__.startswith(("sklearn.", "sktransfer."))
    return is_known and hasattr(obj, "__dict__")


def _is(one: _Part, other: _Part) -> bool:
    return one is other


def _encoder(encoder: BaseEstimator) -> BaseEstimator:
    if encoder.handle_unknown != "error" or not hasattr(encoder, "categories_"):
        return encoder
    made = copy.copy(encoder)
    if isinstance(encoder, OneHotEncoder):
        made.handle_unknown = "ignore"
        made.drop = None  # it is read in fit alone, but makes every transform warn
    elif np.dtype(encoder.dtype).kind in "fi":
        made.handle_unknown, made.unknown_value = "use_encoded_value", _UNKNOWN
    return made
