"""Fitted estimators whose encoders take categories that they were not fitted on."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

_Held = TypeVar("_Held")
#: Whatever an estimator has as an attribute, or in a list or dict of these.
_Part: TypeAlias = Any
_Encode: TypeAlias = Callable[[BaseEstimator], BaseEstimator]
#: What an ordinal encoder makes of an unknown category: no code of another, and what boosting
#: takes for missing.
_UNKNOWN = -1


def with_lenient_encoders(estimator: _Held, is_saved: bool = False) -> _Held:
    """A fitted estimator that reads an unknown category as none, where it raises for one.

    Steps for an application of their own often keep scikit-learn's ``handle_unknown='error'``.

    Parameters
    ----------
    estimator : object
        Never changed: what holds such an encoder is copied, and shares all else.
    is_saved : bool
        Whether what comes out may be written into a file, so that its encoders have to be such as
        a fit makes them.  Others do not warn of unknown categories either, as those that drop one
        do: what stands for a column that a table lacks may be such.
    """
    encode = _as_a_fit_makes_it if is_saved else _silent
    return cast("_Held", _lenient(estimator, {}, encode))


def _lenient(obj: _Part, met: dict[int, _Part], encode: _Encode) -> _Part:
    if isinstance(obj, str | int | float | np.ndarray):  # a vocabulary has many
        return obj
    if id(obj) not in met:
        met[id(obj)] = obj  # what is met inside itself stays as it is
        met[id(obj)] = _of_kind(obj, met, encode)
    return met[id(obj)]


def _of_kind(obj: _Part, met: dict[int, _Part], encode: _Encode) -> _Part:
    if isinstance(obj, OneHotEncoder | OrdinalEncoder):
        return encode(obj)
    if type(obj) in (list, tuple):
        every = [_lenient(one, met, encode) for one in obj]
        is_same = all(new is old for new, old in zip(every, obj, strict=True))
        return obj if is_same else type(obj)(every)
    is_dict = isinstance(obj, dict)
    if not (is_dict or isinstance(obj, BaseEstimator) or _holds_others(obj)):
        return obj
    # what is private is fitted to what the estimator itself made of a table
    inside = {
        key: one
        for key, one in (obj if is_dict else vars(obj)).items()
        if is_dict or not key.startswith("_")
    }
    made = {key: _lenient(held, met, encode) for key, held in inside.items()}
    changed = {key: one for key, one in made.items() if one is not inside[key]}
    if changed:
        obj = copy.copy(obj)
        held: dict[str, _Part] = obj if is_dict else obj.__dict__
        held.update(changed)
    return obj


def _holds_others(obj: _Part) -> bool:
    """Whether an object without parameters may hold steps, as calibrated classifiers do."""
    is_known = type(obj).__module__.startswith(("sklearn.", "sktransfer."))
    return is_known and hasattr(obj, "__dict__")


def _as_a_fit_makes_it(encoder: BaseEstimator) -> BaseEstimator:
    if encoder.handle_unknown != "error" or not hasattr(encoder, "categories_"):
        return encoder
    made = copy.copy(encoder)
    if isinstance(encoder, OneHotEncoder):
        made.handle_unknown = "ignore"
    elif np.dtype(encoder.dtype).kind in "fiu":
        made.handle_unknown, made.unknown_value = "use_encoded_value", _UNKNOWN
        made.dtype = np.promote_types(encoder.dtype, np.int8)  # unsigned codes have no room for it
    return made


def _silent(encoder: BaseEstimator) -> BaseEstimator:
    made = _as_a_fit_makes_it(encoder)
    if isinstance(made, OneHotEncoder) and made.handle_unknown != "warn":
        made = copy.copy(made)
        made.drop = None  # a transform looks at it to warn, and for nothing else
    return made
