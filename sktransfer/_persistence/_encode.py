"""Records and what they hold to JSON and arrays; ``_decode.py`` does the reverse.

JSON's own values stand for themselves.  Everything else is an object with a member ``"@"``, which
names its kind: a class of ``_types.py`` with its ``state``, or one of the few kinds below.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeGuard, cast

import numpy as np

from sktransfer._compat import RemainderColumns
from sktransfer._persistence._types import (
    NUMBERS,
    classes,
    is_foreign,
    name_of_type,
    name_of_ufunc,
    state_of,
)
from sktransfer._persistence._values import Json, Value
from sktransfer.exceptions import NotSavableError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

#: Records of one class from which on a tuple of them is written as columns.
_ROWS = 4


class Encoder:
    """Values to JSON; the arrays among them are collected, equal ones once.

    Attributes
    ----------
    arrays : dict of str to ndarray
    """

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        self._names: dict[bytes, str] = {}

    def encode(self, value: Value, at: str, finite: bool = True) -> Json:
        """`value`, found at `at`, as JSON; with `finite`, numbers of arrays must be that."""
        if value is None or type(value) in (bool, int, str):
            return cast("Json", value)
        if type(value) is float:
            return value if math.isfinite(value) else {"@": "float", "value": str(value)}
        if type(value) is RemainderColumns:
            value = cast("RemainderColumns", value).data
        if type(value) is list:
            return self._items(value, at, finite)
        if _are_rows(value):
            return self._rows(value, at)
        for kind, isa, content in _KINDS:
            if isa(value):
                return {"@": kind} | content(self, value, at, finite)
        cls: type = type(value)
        if classes().get(cls.__name__) is not cls:
            raise _not_a_known_kind(at, value)
        finite = finite and not is_foreign(cls)
        state = {k: self.encode(v, f"{at}.{k}", finite) for k, v in state_of(value).items()}
        return {"@": cls.__name__, "state": state}

    def _items(self, values: Iterable[Value], at: str, finite: bool) -> list:
        return [self.encode(value, f"{at}[{i}]", finite) for i, value in enumerate(values)]

    def _rows(self, values: tuple, at: str) -> dict:
        columns: dict[str, list] = {name: [] for name in state_of(values[0])}
        for i, value in enumerate(values):
            for name, column in columns.items():
                column.append(self.encode(getattr(value, name), f"{at}[{i}].{name}"))
        return {"@": "rows", "of": type(values[0]).__name__, "columns": columns}

    def _dict(self, value: dict, at: str, finite: bool) -> dict:
        return {
            "items": [
                [self.encode(k, f"a key of {at}"), self.encode(v, f"{at}[{k!a}]", finite)]
                for k, v in value.items()
            ]
        }

    def _array(self, value: np.ndarray, at: str, finite: bool) -> dict:
        if value.dtype.kind not in NUMBERS or value.dtype.itemsize > 8:
            if value.dtype.kind not in "OU":
                raise _not_a_known_kind(at, value)
            texts = {"dtype": value.dtype.str, "shape": list(value.shape)}
            return texts | {"values": self._items(value.ravel().tolist(), at, finite)}
        if finite and value.dtype.kind == "f" and not np.isfinite(value).all():
            raise NotSavableError(
                f"{at} has NaN or infinite numbers; expected finite ones. Its training probably "
                "diverged: retrain it with a smaller learning rate or scaled inputs."
            )
        flat = np.ascontiguousarray(value, value.dtype.newbyteorder("="))
        key = hashlib.sha256(f"{flat.dtype}{flat.shape}".encode() + flat.tobytes()).digest()
        while key not in self._names and at in self.arrays:
            at += "'"  # the name of another array
        name = self._names.setdefault(key, at)
        self.arrays.setdefault(name, flat.reshape(value.shape))
        # products of matrices depend, in their last bits, on the order in memory
        plain = value.flags.c_contiguous or not value.flags.f_contiguous
        return {"name": name} if plain else {"name": name, "order": "F"}


def _not_a_known_kind(at: str, value: Value) -> NotSavableError:
    """For a value of a type that is not written."""
    cure = "Set the parameter to another value, such as source=None or strategy='l2_sp'."
    if not at.startswith("params"):
        cure = (
            "Fit the source to a table that is transformed before, or keep the whole estimator "
            "with joblib.dump, and load such a file only where you trust who wrote it."
        )
    return NotSavableError(
        f"{at} is of type {type(value).__module__}.{type(value).__qualname__}; expected "
        "numbers, texts, records of this package, or one of the scikit-learn transformers "
        "that are written without pickle: scalers, encoders, SimpleImputer, PCA, and "
        "Pipeline, ColumnTransformer and FeatureUnion of these. Functions and classes of "
        f"your own would have to be pickled, which is not safe to load. {cure}"
    )


def _are_rows(value: Value) -> TypeGuard[tuple[DataclassInstance, ...]]:
    """Whether a tuple is long and of records of one class."""
    if type(value) is not tuple or len(value) < _ROWS or not dataclasses.is_dataclass(value[0]):
        return False
    cls = type(value[0])
    return classes().get(cls.__name__) is cls and all(type(one) is cls for one in value)


def _is(*kinds: type):
    return lambda value: type(value) in kinds


#: (kind, whether a value is of it, its content); decoded under the same names.
_KINDS: tuple = (
    ("tuple", _is(tuple), lambda e, v, at, f: {"items": e._items(v, at, f)}),
    ("dict", _is(dict), Encoder._dict),
    (
        "slice",
        _is(slice),
        lambda e, v, at, f: {"items": e._items((v.start, v.stop, v.step), at, f)},
    ),
    ("array", _is(np.ndarray), Encoder._array),
    ("dtype", lambda v: isinstance(v, np.dtype), lambda e, v, at, f: {"value": v.str}),
    ("type", name_of_type, lambda e, v, at, f: {"value": name_of_type(v)}),
    (
        "scalar",
        lambda v: isinstance(v, np.number | np.bool_ | np.str_),
        lambda e, v, at, f: {"dtype": v.dtype.str, "value": e.encode(v.item(), at)},
    ),
    # of numpy, as in FunctionTransformer(numpy.log1p)
    ("ufunc", name_of_ufunc, lambda e, v, at, f: {"value": v.__name__}),
    (
        "RandomState",
        _is(np.random.RandomState),
        lambda e, v, at, f: {"items": e._items(v.get_state(), at, f)},
    ),
)
