"""What a kind of column is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, NamedTuple, TypeVar

import narwhals as nw
import numpy as np

from sktransfer._preprocessing._series import Series, kind_of_objects
from sktransfer._records import Column

C = TypeVar("C", bound=Column)


class Unread(NamedTuple):
    """A column that has some entry, before it is known what it becomes.

    Attributes
    ----------
    series : Series
    name : str
    forced : bool or None
        Whether it is one of categories; None leaves that to its type.
    known : Column or None
        A source's column of this name.
    takes_missing : bool
        Whether the network takes missing numbers.
    """

    series: Series
    name: str
    forced: bool | None = None
    known: Column | None = None
    takes_missing: bool = True

    @property
    def objects(self) -> str | None:
        """What the entries are where they are objects; None where their type shows it."""
        return kind_of_objects(self.series) if self.series.dtype == nw.Object else None


class ColumnKind(ABC, Generic[C]):
    """One kind of column: how it is recognised, fitted and encoded.

    What it is called, its encoded names and what a report says are its record's.

    Attributes
    ----------
    record : type of Column
        What is fitted of such a column: a frozen dataclass, which is saved.
    """

    record: ClassVar[type[Column]]

    def of_type(self, unread: Unread) -> C | None:
        """What a column becomes, by the type of its entries; None where it is of no such type."""
        return None

    def of_texts(self, unread: Unread, texts: list[str]) -> C | None:
        """What a column of texts becomes, by its entries that are there; None for other texts."""
        return None

    @abstractmethod
    def encode(self, series: Series, column: C) -> np.ndarray:
        """A column in numbers of shape (n_samples, n_encoded), NaN where one is missing."""
