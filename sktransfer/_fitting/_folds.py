"""Which rows are held out for which fold."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import check_cv

from sktransfer._preprocessing import Table
from sktransfer._typing import SomeFolds

#: Rows from which on one holdout replaces folds.
_MANY_ROWS = 2000
_HELD_OUT = 4  # one row in this many
#: Enough held-out rows; of still more rows it is a smaller share.
_MOST_HELD_OUT = 10_000
#: Parts that a single set of held-out rows is split into.
_PARTS = 4


@dataclass(frozen=True)
class Folds:
    """Pairs of training and test rows.

    Attributes
    ----------
    pairs : list of (train, test)
        Arrays of row numbers; empty where there are too few rows.
    is_partition : bool
        Whether every row is tested once and trained on in all other pairs.
    """

    pairs: list[tuple[np.ndarray, np.ndarray]]
    is_partition: bool = True

    @property
    def number(self) -> np.ndarray:
        """The pair that tests each of these rows."""
        sizes = [len(test) for _, test in self.pairs]
        return np.repeat(np.arange(len(sizes)), sizes)

    @property
    def tested(self) -> np.ndarray:
        """All test rows, pair after pair."""
        return np.concatenate([test for _, test in self.pairs])

    def units(self, groups: np.ndarray | None) -> np.ndarray:
        """Numbers of the tested rows that are equal where they are one observation.

        They are where a splitter tests a row several times, or in rows of one group.

        Parameters
        ----------
        groups : ndarray of shape (n_tested,) or None

        Returns
        -------
        ndarray of int, shape (n_tested,)
        """
        if groups is not None:
            return groups
        units: np.ndarray = np.unique(self.tested, return_inverse=True)[1]
        return units

    def parts(self, groups: np.ndarray | None) -> np.ndarray:
        """Which part of the tested rows each is in: those of one part share no choice with it.

        The folds, or where one set of rows is held out parts of it.  What several folds test is
        in the part of the first.

        Parameters
        ----------
        groups : ndarray of shape (n_tested,) or None
            Rows of one are in one part.

        Returns
        -------
        ndarray of int, shape (n_tested,)
        """
        units = self.units(groups)
        _, first, at = np.unique(units, return_index=True, return_inverse=True)
        number: np.ndarray = self.number[first][at]
        return number if len(np.unique(number)) > 1 else units % _PARTS


def _split(
    cv: SomeFolds, table: Table, groups: np.ndarray | None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The pairs of a splitter; its errors with what they are about."""
    try:
        return list(check_cv(cv).split(np.zeros(table.n_samples), table.y, groups))
    except ValueError as error:
        raise ValueError(
            f"cv={cv!r} of the ensemble does not split {table.n_samples} rows "
            f"{'without groups' if groups is None else 'with groups'}: {error} Give groups "
            "to fit for a splitter of groups, or another splitter or a number as cv."
        ) from error


def choose_folds(cv: SomeFolds, table: Table, rng: np.random.RandomState) -> Folds:
    """The folds of a table.

    Parameters
    ----------
    cv : int, splitter or iterable
    table : Table
        Rows of one of its groups are tested together.
    rng : RandomState

    Returns
    -------
    Folds
        By positions among the rows of positive weight; a splitter is given all rows.

    Raises
    ------
    ValueError
        If `cv` tests no row of positive weight, or one that is not there.
    """
    groups = table.groups
    if groups is not None:  # without those of rows that do not count
        groups = np.unique(groups, return_inverse=True)[1]
    if not isinstance(cv, Integral):
        split = _split(cv, table, groups)
        pairs = [(_positions(train, table), _positions(test, table)) for train, test in split]
        _check_positions(np.concatenate([rows for pair in pairs for rows in pair]), table)
        counts = table.row_weight > 0
        position = np.cumsum(counts) - 1
        pairs = [(position[one[counts[one]]], position[two[counts[two]]]) for one, two in pairs]
        of = "" if counts.all() else " of positive weight"
        if not any(len(test) for _, test in pairs):
            raise ValueError(f"cv={cv!r} leaves no row{of} out; expected at least one test row.")
        if not all(len(train) for train, _ in pairs):
            raise ValueError(
                f"cv={cv!r} has a pair without training rows{of}; expected some in each."
            )
        return Folds(pairs, is_partition=False)
    n_folds = int(cv)
    n_units = table.n_samples if groups is None else groups.max() + 1
    n_folds = min(n_folds, n_units // 2)
    if n_folds < 2:
        return Folds([])
    if table.n_samples > _MANY_ROWS:
        n_parts = min(n_units, max(_HELD_OUT, table.n_samples // _MOST_HELD_OUT))
        fold = _assigned(table.y, groups, n_parts, rng)
        return Folds([(np.flatnonzero(fold != 0), np.flatnonzero(fold == 0))], is_partition=False)
    fold = _assigned(table.y, groups, n_folds, rng)
    return Folds([(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(n_folds)])


def _positions(rows: ArrayLike, table: Table) -> np.ndarray:
    """Positions of rows, which a pair may also give as a mask."""
    given = np.asarray(rows)
    if not given.size:
        return np.empty(0, np.intp)
    if given.dtype != bool:
        return given
    if given.shape != (table.n_samples,):
        raise ValueError(
            f"cv has a mask of shape {given.shape}; expected ({table.n_samples},), one entry per "
            "row of X. Give a splitter, or pairs made from this table."
        )
    return np.flatnonzero(given)


def _check_positions(rows: np.ndarray, table: Table) -> None:
    outside = rows[(rows < 0) | (rows >= table.n_samples)]
    if len(outside):
        raise ValueError(
            f"cv has a row {outside[0]}; expected rows from 0 to {table.n_samples - 1}, as X has "
            f"{table.n_samples}. Give a splitter, or pairs made from this table."
        )


def _assigned(
    y: np.ndarray, groups: np.ndarray | None, n_folds: int, rng: np.random.RandomState
) -> np.ndarray:
    """A fold per row: of each `n_folds` rows, or groups, in the order of their target one.

    Unlike scikit-learn's stratified folds this has no class that is too rare, and it balances
    numbers as well as labels.
    """
    if groups is not None and y.dtype == bool and y.shape[1] > 1:
        return _by_group(y, groups, n_folds, rng)
    if groups is not None:
        sizes = np.bincount(groups)[:, None]
        y = np.stack([np.bincount(groups, column) for column in y.T.astype(float)], 1) / sizes
    order = rng.permutation(len(y))
    y = y if y.dtype == bool else np.nan_to_num(y)
    keys = y[order].argmax(axis=1) if y.dtype == bool and y.shape[1] > 1 else y[order, 0]
    order = order[np.argsort(keys, kind="stable")]
    fold = np.empty(len(y), dtype=np.intp)
    for at in range(0, len(y), n_folds):
        neighbours = order[at : at + n_folds]
        fold[neighbours] = rng.permutation(n_folds)[: len(neighbours)]
    return fold if groups is None else fold[groups]


def _by_group(
    y: np.ndarray, groups: np.ndarray, n_folds: int, rng: np.random.RandomState
) -> np.ndarray:
    """A fold per row, so that all folds have about the same share of the rows of every class.

    As scikit-learn's ``StratifiedGroupKFold`` does it: groups that are most of one class come
    first, each into the fold with the fewest rows of its classes.  A class may be rarer than the
    folds are many.
    """
    columns = np.column_stack([y, ~y.any(axis=1)]).T.astype(np.float64)
    counts = np.stack([np.bincount(groups, column) for column in columns], axis=1)
    share = counts / np.maximum(counts.sum(axis=0), 1)
    n_rows, rows_in = np.bincount(groups), np.zeros(n_folds, int)
    filled, fold_of = np.zeros((n_folds, share.shape[1])), np.empty(len(counts), np.intp)
    shuffled = rng.permutation(len(counts))
    spread = counts[shuffled].std(axis=1)
    for group in shuffled[np.lexsort((-n_rows[shuffled], -spread))]:
        # the variance of a class's rows between folds grows by this product
        fold = np.lexsort((rows_in, (filled @ share[group]).round(12)))[0]
        fold_of[group] = fold
        filled[fold] += share[group]
        rows_in[fold] += n_rows[group]
    return np.asarray(rng.permutation(n_folds)[fold_of][groups])
