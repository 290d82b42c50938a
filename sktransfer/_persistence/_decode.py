"""JSON and arrays to records and what they hold: the reverse of ``_encode.py``.

Whatever the JSON says, nothing is made that is not on a list, and nothing that is larger than a
file of its size may ask for.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from functools import cache
from typing import Any, cast, get_type_hints

import numpy as np

from sktransfer._persistence._budget import Budget
from sktransfer._persistence._composed import check_transformer
from sktransfer._persistence._hints import matches
from sktransfer._persistence._same import are_equal
from sktransfer._persistence._types import (
    NUMBERS,
    classes,
    dtype_named,
    is_foreign,
    restored,
    type_named,
    ufunc_named,
)
from sktransfer._persistence._values import Document, Json, Packed, State, Value
from sktransfer._records import InputColumns

#: What an object takes, its attributes apart; what an entry of a list, and of a dict, takes.
_OBJECT, _ENTRY, _PAIR = 400, 18, 120
_RANDOM_STATE = 10_000
#: Types of keys, and whole numbers beyond which Python's dicts can be made slow on purpose.
_KEYS = (str, int, float, np.str_, np.number, np.bool_)
_LARGEST_KEY = 2**53
#: Letters of a text array's type beyond its longest text.
_ROOM = 1024


class Decoder:
    """JSON to values.  Any ValueError or TypeError means that a file is not what it should be.

    Parameters
    ----------
    arrays : dict of str to ndarray
        Read-only; each may be used any number of times and is stored once.
    budget : Budget
        What may be made of them.

    Attributes
    ----------
    used : set of str
        Names of the arrays that were used.
    foreign : set of str
        Names of the classes of other packages that were met.
    """

    def __init__(self, arrays: dict[str, np.ndarray], budget: Budget) -> None:
        self.arrays, self.budget = arrays, budget
        self.used: set[str] = set()
        self.foreign: set[str] = set()
        # a short file may use one large array very often: each is checked once
        self._finite: set[str] = set()
        self._fortran: dict[str, np.ndarray] = {}
        self._predictors: dict[int, Value] = {}

    def decode(self, value: Json, finite: bool = True) -> Value:
        """What `value` stands for."""
        if isinstance(value, list):
            return self._items(value, finite)
        if isinstance(value, float) and not math.isfinite(value):  # 1e999
            raise ValueError("it has a number that is too large")
        if not isinstance(value, dict):
            return value
        kind = value.get("@")
        content = {k: v for k, v in value.items() if k != "@"}
        if kind in _MADE:
            return _MADE[kind](self, finite, **content)
        if kind == "rows":
            return self._rows(**content)
        cls = classes().get(kind) if isinstance(kind, str) else None
        if cls is None or set(content) != {"state"} or not isinstance(content["state"], dict):
            raise ValueError(f"{str(kind)[:80]!r} is no kind of value that a file may contain")
        return self._object(cls, content["state"], finite)

    def _object(self, cls: type, state: Document, finite: bool) -> Value:
        self.budget.take(_OBJECT + _PAIR * len(state))
        if is_foreign(cls):
            self.foreign.add(cls.__name__)
            finite = False
        made = {name: self.decode(item, finite) for name, item in state.items()}
        if dataclasses.is_dataclass(cls):
            return _record(cls, made)
        return self._shared(restored(cls, made))

    def _shared(self, made: Value) -> Value:
        """A predictor that members share is one object, which predicts once for all of them."""
        if type(made).__name__ != "SavedPredictor":
            return made
        # each is compared with one other: comparing all with all would take too long in a file
        # that was made to have many
        known = self._predictors.setdefault(id(cast("Packed", made).data), made)
        return known if are_equal(made, known) else made

    def _rows(self, of, columns) -> tuple:
        """A tuple of records of one class, from a column of each field."""
        cls = classes().get(of) if isinstance(of, str) else None
        if cls is None or not dataclasses.is_dataclass(cls) or not isinstance(columns, dict):
            raise ValueError(f"{str(of)[:80]!r} is no record that a file may contain")
        values = [self._items(column) for column in columns.values()]
        self.budget.take((_OBJECT + _PAIR * len(columns)) * max(map(len, values), default=0))
        rows = zip(*values, strict=True)
        return tuple(_record(cls, dict(zip(columns, row, strict=True))) for row in rows)

    def array(self, finite, name=None, order="C", dtype=None, shape=None, values=None):
        """An array of numbers by its name, or one of texts or objects with its entries."""
        if values is not None:
            return self._texts(values, dtype, shape, finite)
        array = self.arrays[name]
        self.used.add(name)
        self.budget.look_at(array.nbytes)
        if finite and name not in self._finite:
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise ValueError(f"{name} has NaN or infinite numbers")
            self._finite.add(name)
        if order == "F":
            if name not in self._fortran:
                self.budget.take(array.nbytes)
                self._fortran[name] = np.asfortranarray(array)
                self._fortran[name].flags.writeable = False
            array = self._fortran[name]
        return array

    def _texts(self, values: Json, dtype: Json, shape: list[int], finite: bool) -> np.ndarray:
        values = self._items(values, finite)
        kind = dtype_named(dtype, "OU")
        if math.prod(shape) != len(values) or min(shape, default=0) < 0:
            raise ValueError(f"{len(values)} values are no array of shape {shape}")
        if kind.kind == "U" and not all(type(value) is str for value in values):
            raise ValueError("an array of texts has an entry that is none")
        longest = max((len(one) for one in values if isinstance(one, str)), default=0)
        if kind.kind == "U" and kind.itemsize > 4 * max(_ROOM, longest):
            raise ValueError(f"{kind} takes more memory than the texts in an array need")
        self.budget.take(kind.itemsize * len(values))
        array = np.empty(len(values), kind)
        for i, value in enumerate(values):
            array[i] = value
        array = array.reshape(shape)
        array.flags.writeable = False
        return array

    def _items(self, items, finite=True) -> list:
        if not isinstance(items, list):
            raise ValueError("it has something else in the place of a list")
        self.budget.take(_OBJECT // 4 + _ENTRY * len(items))
        return [self.decode(item, finite) for item in items]

    def tuple(self, finite, items) -> tuple:
        """A tuple; a slice, a random state and others are made of one."""
        return tuple(self._items(items, finite))

    def dict(self, finite, items) -> dict:
        """A dict, from pairs of keys and values."""
        pairs = [self._items(pair, finite) for pair in self._checked_pairs(items)]
        made = dict(pairs)
        if len(made) < len(pairs):
            raise ValueError("it has a key twice")
        for key in made:
            if not isinstance(key, _KEYS) or _is_large(key):
                raise ValueError(f"it has the key {str(key)[:80]!r}")
        return made

    def _checked_pairs(self, items: Json) -> list[Json]:
        if not isinstance(items, list):
            raise ValueError("it has something else in the place of a dict")
        self.budget.take(_OBJECT // 4 + _PAIR * len(items))
        return items


def _is_large(key: str | float | np.number | np.bool_) -> bool:
    return not isinstance(key, str) and not abs(cast("float", key)) < _LARGEST_KEY


def _record(cls: type, state: State) -> Value:
    hints = _hints(cls)
    if set(state) != set(hints):
        odd = sorted(set(state) ^ set(hints))[0]
        raise ValueError(f"{cls.__name__}.{odd[:80]} is not there, or is no field of it")
    for name, value in state.items():
        if not matches(value, hints[name]):
            raise ValueError(f"{cls.__name__}.{name[:80]} cannot be {str(value)[:80]}")
    made = cls(**state)
    if isinstance(made, InputColumns):
        check_transformer(made)
    return made


@cache
def _hints(cls: type) -> dict[str, Any]:
    hints = get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def _random_state(decoder: Decoder, finite, items) -> np.random.RandomState:
    name, key, position, has_gauss, cached = decoder.tuple(finite, items)
    decoder.budget.take(_RANDOM_STATE)
    # numpy itself does not look
    if type(position) is not int or not 0 <= position <= len(key) or key.dtype != np.uint32:
        raise ValueError(f"a random state has no position {str(position)[:80]}")
    if has_gauss not in (0, 1) or type(cached) is not float:
        raise ValueError("a random state has no such number in reserve")
    made = np.random.RandomState()
    made.set_state((name, key, position, has_gauss, cached))
    return made


def _float(decoder: Decoder, finite, value) -> float:
    if value not in ("nan", "inf", "-inf"):
        raise ValueError(f"{str(value)[:80]!r} is no number")
    return float(value)


#: What the entry of a scalar must be, by the kind of its type.
_ENTRIES = {"f": float, "i": int, "u": int, "b": bool, "U": str}


def _scalar(decoder: Decoder, finite, dtype, value) -> np.generic:
    kind = dtype_named(dtype, NUMBERS + "U")
    value = decoder.decode(value)
    if type(value) is not _ENTRIES[kind.kind]:
        raise ValueError(f"{str(value)[:80]!r} is no {kind}")
    return kind.type(value)


def _slice(decoder: Decoder, finite, items) -> slice:
    start, stop, step = decoder.tuple(finite, items)
    if any(type(bound) not in (int, str, type(None)) for bound in (start, stop, step)):
        raise ValueError("a slice must lie between positions or names")
    return slice(start, stop, step)


_MADE: dict[Json, Callable[..., Value]] = {
    "tuple": Decoder.tuple,
    "dict": Decoder.dict,
    "slice": _slice,
    "array": Decoder.array,
    "dtype": lambda decoder, finite, value: dtype_named(value, NUMBERS + "OU"),
    "type": lambda decoder, finite, value: type_named(value),
    "float": _float,
    "scalar": _scalar,
    "ufunc": lambda decoder, finite, value: ufunc_named(value),
    "RandomState": _random_state,
}
