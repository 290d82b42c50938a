"""Trees on the rows of several tables."""

from __future__ import annotations

from typing import Literal

import numpy as np

import sktransfer._readouts as readouts
from sktransfer._records import TargetSchema, TreeArrays
from sktransfer.strategies._base import ReadoutStrategy
from sktransfer.strategies._tables import Tables, named_tables


class Pooled(ReadoutStrategy):
    """Trees on the rows of other tables and the target's, with an indicator of each table.

    What :class:`Joint` stands for in an ensemble.  The indicators are 0 in the target's rows, so
    that the fitted trees test columns alone.

    Parameters
    ----------
    tables : as of :class:`Joint`
    only : list of str or None
        Names of tables whose rows it learns from; None for all.
    trees : {'boosting', 'extra'}
    """

    reads = ("columns",)
    carries_trunk = False
    n_rows = 20_000
    #: Share of the target's rows in the weight of all, at least.
    target_share = 0.3

    def __init__(
        self,
        tables: Tables | None,
        only: list[str] | None = None,
        trees: Literal["boosting", "extra"] = "boosting",
    ):
        self.tables = tables
        self.only = only
        self.trees = trees

    @property
    def adds_up(self) -> bool:  # type: ignore[override]
        return self.trees == "boosting"

    @property
    def names(self) -> list[str]:
        """The tables that it learns from."""
        return list(named_tables(self.tables)) if self.only is None else list(self.only)

    def fit_path(
        self,
        features: np.ndarray,
        y: np.ndarray,
        sample_weight: np.ndarray | None,
        target: TargetSchema,
        seed: int,
    ) -> list[TreeArrays]:
        if self.trees == "extra":
            return [readouts.grow_extra_trees(features, y, sample_weight, target, 25, seed)]
        return readouts.boost_trees(features, y, sample_weight, target, 150, seed, max_depth=4)


def members_of_tables(name: str, tables: Tables | None) -> dict[str, tuple[Pooled, float]]:
    """What rows of several tables stand for in an ensemble, with shares of their prior weight.

    Parameters
    ----------
    name : str
        Of all of them together.
    tables : as of :class:`Joint`

    Returns
    -------
    dict of str to (Pooled, float)
        Boosting and trees on all tables, trees on each, ``'<name>@<table>'``, and on the target's
        rows alone, to compare these with.
    """
    names = list(named_tables(tables))
    members = {
        f"{name}_boosting": (Pooled(tables), 0.3),
        f"{name}_trees": (Pooled(tables, None, "extra"), 0.3),
        f"{name}_alone": (Pooled(tables, [], "extra"), 0.1),
    }
    for table in names:
        members[f"{name}@{table}"] = (Pooled(tables, [table], "extra"), 0.3 / len(names))
    return members
