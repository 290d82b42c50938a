"""Records and what they hold ⇄ JSON and arrays.

JSON's own values stand for themselves.  Everything else is an object with a member ``"@"``, which
names its kind: a class of ``_types.py`` with its ``state``, or one of the few kinds below.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from functools import cache
from typing import Any, get_type_hints

import numpy as np

from sktransfer._compat import RemainderColumns
from sktransfer._persistence._hints import matches
from sktransfer._persistence._types import classes, is_foreign, name_of_type, state_of, type_named
from sktransfer.exceptions import NotSavableError

#: Kinds of array that are stored as they are; of the others the entries are written out.
_NUMBERS = "fiub"
#: Most bytes that an array of texts may take; the file says how long they are.
_MOST_TEXT = 2**28


class Encoder:
    """Values to JSON; the arrays among them are collected, equal ones once.

    Attributes
    ----------
    arrays : dict of str to ndarray
    """

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        self._names: dict[bytes, str] = {}

    def encode(self, value: Any, at: str, finite: bool = True) -> Any:
        """`value`, found at `at`, as JSON; with `finite`, numbers of arrays must be that."""
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"@": "float", "value": str(value)}
        if type(value) is RemainderColumns:
            value = value.data
        if type(value) is list:
            return self._items(value, at, finite)
        for kind, isa, content in _KINDS:
            if isa(value):
                return {"@": kind} | content(self, value, at, finite)
        cls = type(value)
        if classes().get(cls.__name__) is not cls:
            raise NotSavableError.kind(at, value)
        finite = finite and not is_foreign(cls)
        state = {k: self.encode(v, f"{at}.{k}", finite) for k, v in state_of(value).items()}
        return {"@": cls.__name__, "state": state}

    def _items(self, values: Any, at: str, finite: bool) -> list:
        return [self.encode(value, f"{at}[{i}]", finite) for i, value in enumerate(values)]

    def _dict(self, value: dict, at: str, finite: bool) -> dict:
        return {
            "items": [
                [self.encode(k, f"a key of {at}"), self.encode(v, f"{at}[{k!r}]", finite)]
                for k, v in value.items()
            ]
        }

    def _array(self, value: np.ndarray, at: str, finite: bool) -> dict:
        if value.dtype.kind not in _NUMBERS or value.dtype.itemsize > 8:
            if value.dtype.kind not in "OU":
                raise NotSavableError.kind(at, value)
            texts = {"dtype": value.dtype.str, "shape": list(value.shape)}
            return texts | {"values": self._items(value.ravel().tolist(), at, finite)}
        if finite and value.dtype.kind == "f" and not np.isfinite(value).all():
            raise NotSavableError.not_finite(at)
        flat = np.ascontiguousarray(value, value.dtype.newbyteorder("="))
        key = hashlib.sha256(f"{flat.dtype}{flat.shape}".encode() + flat.tobytes()).digest()
        name = self._names.setdefault(key, at)
        self.arrays.setdefault(name, flat.reshape(value.shape))
        # products of matrices depend, in their last bits, on the order in memory
        plain = value.flags.c_contiguous or not value.flags.f_contiguous
        return {"name": name} if plain else {"name": name, "order": "F"}


def _is(*kinds: type):
    return lambda value: type(value) in kinds


#: (kind, whether a value is of it, its content); decoded by ``Decoder`` under the same names.
_KINDS: tuple = (
    ("tuple", _is(tuple), lambda e, v, at, f: {"items": e._items(v, at, f)}),
    ("dict", _is(dict), Encoder._dict),
    ("set", _is(set, frozenset), lambda e, v, at, f: {"items": e._items(sorted(v), at, f)}),
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
    (
        "ufunc",  # of numpy, as in FunctionTransformer(numpy.log1p)
        lambda v: isinstance(v, np.ufunc) and getattr(np, v.__name__, None) is v,
        lambda e, v, at, f: {"value": v.__name__},
    ),
    (
        "RandomState",
        _is(np.random.RandomState),
        lambda e, v, at, f: {"items": e._items(v.get_state(), at, f)},
    ),
)


class Decoder:
    """JSON to values.  Any ValueError or TypeError means that a file is not what it should be.

    Parameters
    ----------
    arrays : dict of str to ndarray
        Read-only; each may be asked for any number of times and is there once.

    Attributes
    ----------
    used : set of str
        Names of the arrays that were asked for.
    foreign : set of str
        Names of the classes of other packages that were met.
    """

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        self.arrays = arrays
        self.used: set[str] = set()
        self.foreign: set[str] = set()
        # a short file may ask for one large array very often: each is looked at once
        self._finite: set[str] = set()
        self._fortran: dict[str, np.ndarray] = {}

    def decode(self, value: Any, finite: bool = True) -> Any:
        """What `value` stands for."""
        if isinstance(value, list):
            return [self.decode(item, finite) for item in value]
        if not isinstance(value, dict):
            return value
        kind = value.get("@")
        content = {k: v for k, v in value.items() if k != "@"}
        if kind in _MADE:
            return _MADE[kind](self, finite=finite, **content)
        cls = classes().get(kind) if isinstance(kind, str) else None
        if cls is None or set(content) != {"state"} or not isinstance(content["state"], dict):
            raise ValueError(f"{str(kind)[:80]!r} is no kind of value that a file may contain")
        if is_foreign(cls):
            self.foreign.add(cls.__name__)
            finite = False
        state = {name: self.decode(item, finite) for name, item in content["state"].items()}
        if dataclasses.is_dataclass(cls):
            return self._record(cls, state)
        made: Any = object.__new__(cls)
        for name in state:
            if not name.isidentifier() or name.startswith("__") or callable(getattr(cls, name, 0)):
                raise ValueError(f"{kind} has no attribute {name[:80]!r}")
        vars(made).update(state)
        return made

    def _record(self, cls: type, state: dict[str, Any]) -> Any:
        hints = _hints(cls)
        for name, value in state.items():
            if name not in hints or not matches(value, hints[name]):
                raise ValueError(f"{cls.__name__}.{name[:80]} cannot be {str(value)[:80]}")
        return cls(**state)

    def _array(self, finite, name=None, order="C", dtype=None, shape=None, values=None):
        if values is not None:
            return _texts(self.decode(values), dtype, shape)
        array = self.arrays[name]
        self.used.add(name)
        if finite and name not in self._finite:
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise ValueError(f"{name} has NaN or infinite numbers")
            self._finite.add(name)
        if order == "F":
            if name not in self._fortran:
                self._fortran[name] = np.asfortranarray(array)
                self._fortran[name].flags.writeable = False
            array = self._fortran[name]
        return array

    def _items(self, finite, items):
        return [self.decode(item, finite) for item in items]

    def _dict(self, finite, items):
        return {self.decode(key): self.decode(item, finite) for key, item in items}


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _texts(values: list, dtype: Any, shape: Any) -> np.ndarray:
    kind = np.dtype(dtype)
    if kind.kind not in "OU" or math.prod(shape) != len(values) or min(shape, default=0) < 0:
        raise ValueError(f"{len(values)} values are no array of shape {shape}")
    if kind.str != dtype:  # numpy 1 lets a length overflow
        raise ValueError(f"{str(dtype)[:80]!r} is no type of texts")
    if kind.itemsize * len(values) > _MOST_TEXT:
        raise ValueError(f"{len(values)} texts of {kind.itemsize} bytes are too many")
    array = np.empty(len(values), kind)
    for i, value in enumerate(values):
        array[i] = value
    array = array.reshape(shape)
    array.flags.writeable = False
    return array


def _random_state(decoder: Decoder, finite, items) -> np.random.RandomState:
    name, key, position, *rest = decoder._items(finite, items)
    if not 0 <= position <= len(key):  # numpy itself does not look
        raise ValueError(f"a random state has no position {position}")
    made = np.random.RandomState()
    made.set_state((name, key, position, *rest))
    return made


def _float(decoder: Decoder, finite, value) -> float:
    if value not in ("nan", "inf", "-inf"):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def _scalar(decoder: Decoder, finite, dtype, value) -> Any:
    kind = np.dtype(dtype)
    if kind.kind not in _NUMBERS + "U":
        raise ValueError(f"{kind} is no number")
    return kind.type(decoder.decode(value))


def _ufunc(decoder: Decoder, finite, value) -> np.ufunc:
    found = getattr(np, value)
    if not isinstance(found, np.ufunc):
        raise ValueError(f"{value!r} is no function of numpy on numbers")
    return found


_MADE: dict[str, Any] = {
    "tuple": lambda d, finite, items: tuple(d._items(finite, items)),
    "dict": Decoder._dict,
    "set": lambda d, finite, items: set(d._items(finite, items)),
    "slice": lambda d, finite, items: slice(*d._items(finite, items)),
    "array": Decoder._array,
    "dtype": lambda d, finite, value: np.dtype(str(value)),
    "type": lambda d, finite, value: type_named(value),
    "float": _float,
    "scalar": _scalar,
    "ufunc": _ufunc,
    "RandomState": _random_state,
}
