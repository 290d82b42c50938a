"""The interface that a record needs of a source without layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from sktransfer._records._schemas import TargetSchema
from sktransfer._typing import Entry, TableLike


class TablePredictor(Protocol):
    """Predicts a user's table, as :class:`sktransfer.sources.Predictor` does."""

    @property
    def label(self) -> str: ...

    @property
    def names(self) -> tuple[str, ...] | None: ...

    @property
    def target(self) -> TargetSchema | None: ...

    def outputs(self, X: TableLike, names: tuple[str, ...] | None = None) -> np.ndarray: ...

    def log_probabilities(
        self, X: TableLike, names: tuple[str, ...] | None = None
    ) -> np.ndarray: ...

    def renamed(
        self, columns: Mapping[str, str], levels: Mapping[str, Mapping[str, Entry]]
    ) -> TablePredictor: ...
