"""What a file may say, and what may be made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from sktransfer._records import Transformer

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from sklearn.base import BaseEstimator

#: What a text of JSON stands for.
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Document: TypeAlias = dict[str, Json]

#: A single value, and what may be a key.
Plain: TypeAlias = bool | int | float | str | np.generic | None
#: What a file may contain: these, records, and objects with parameters.
Value: TypeAlias = (
    "Plain | slice | type | np.dtype | np.ufunc | np.ndarray | np.random.RandomState"
    " | list[Value] | tuple[Value, ...] | dict[Plain, Value]"
    " | DataclassInstance | BaseEstimator | Transformer"
)
#: The attributes, or parameters, of an object by name.
State: TypeAlias = "dict[str, Value]"


class Split(Protocol):
    """A transformer of some columns, and an encoder of the others."""

    transformer: BaseEstimator
    taken: tuple[int, ...]
    rest: tuple[int, ...]
    encoder: BaseEstimator | None


class Picked(Protocol):
    """Some columns of a table."""

    columns: tuple[int, ...]
    names: tuple[str, ...] | None


class Respelled(Protocol):
    """A transformer of a table that spells some levels otherwise."""

    transformer: BaseEstimator
    levels: dict[str, dict[str, Plain]]


class Packed(Protocol):
    """A predictor as skops writes it."""

    data: np.ndarray


class Made(Protocol):
    """What a transformer makes of some columns of a table."""

    transformer: BaseEstimator
    columns: tuple[str, ...]
    fill: tuple[Plain, ...]
    fills_missing: tuple[bool, ...]
    outputs: tuple[int, ...]
    names: tuple[str, ...]
    made_of: tuple[tuple[int, ...], ...]
    label: str
