"""Which columns of a table may be which of a source's, by names, types and distributions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np
from scipy.optimize import linear_sum_assignment

from sktransfer._preprocessing import (
    TableColumn,
    is_frame,
    same_levels,
    table_columns,
    truth_of,
)
from sktransfer._typing import Frame
from sktransfer.exceptions import SourceError
from sktransfer.sources._describe import describe_source
from sktransfer.sources._known_columns import KnownColumn, columns_of_source
from sktransfer.sources._name_similarity import name_similarity
from sktransfer.sources._reader import Source

if TYPE_CHECKING:
    import pandas as pd

#: How much a name counts, the values for the rest; and where only the name is known.
_NAME, _NAME_ALONE = 0.6, 0.85
#: Score of a proposal, likeness of its names, and by how much it must exceed every other.
_LEAST_SCORE, _LEAST_NAME, _MARGIN = 0.5, 0.6, 0.05
#: Common levels, and their share, that suffice without a name; and what they then count.
_FEWEST_LEVELS, _LEAST_SHARE, _LEVELS_ALONE = 3, 0.8, 0.8
#: Pairs of columns up to which they are compared.
_MOST_PAIRS = 250_000


@dataclass(frozen=True)
class _Likeness:
    """How similar two columns are."""

    name: float
    values: float
    score: float


def suggest_columns(source: Source, X: Frame) -> pd.DataFrame:
    """Propose which columns of a table are a source's under another name.

    Names, types, levels, means and standard deviations are compared.  Nothing is applied: read
    the proposals, and give those that are right as ``column_map``.

    Parameters
    ----------
    source : object
        As the estimators take it, see :func:`describe_source`.
    X : DataFrame of shape (n_samples, n_features)
        The target's table; a few dozen rows do.

    Returns
    -------
    pandas.DataFrame
        A row per pair, the surest first, each column at most once: `source` and `target`, the
        names; `score` from 0 to 1, and what it is made of: `name`, how similar the names are, and
        `values`, how similar their entries, NaN where that is not stored.  Columns of
        equal names are left out.

    Raises
    ------
    SourceError
        If the source or the table has columns without names.

    See Also
    --------
    describe_source : What a source stores about its columns.
    sktransfer.model_selection.rank_sources : Which of several sources fits a table.

    Notes
    -----
    Two columns are proposed where words of their names are the same, in any order, or
    abbreviations of each other, and what they hold does not contradict it; or where categories
    have three or more levels in common and hardly any other.  Columns that are merely numbered
    (``f0``, ``x1``) are never proposed for their distribution alone.

    References
    ----------
    E. Rahm and P. A. Bernstein, "A survey of approaches to automatic schema matching", VLDB
    Journal 10, 2001, whose element-level matchers these are.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sktransfer import TransferMLPClassifier
    >>> from sktransfer.sources import suggest_columns
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> source = TransferMLPClassifier(max_iter=2, random_state=0).fit(X, y)
    >>> table = X.set_axis(["SepalLen", "width_sepal", "petal_lngth", "x3"], axis=1)
    >>> pairs = suggest_columns(source, table)
    >>> pairs[["source", "target"]]
                  source       target
    0  sepal length (cm)     SepalLen
    1  petal length (cm)  petal_lngth
    2   sepal width (cm)  width_sepal
    >>> column_map = dict(zip(pairs["source"], pairs["target"]))
    >>> model = TransferMLPClassifier(source=source, column_map=column_map, random_state=0)
    >>> model.fit(table, y).transfer_report_.counts("column")
    {'reused': 3, 'new': 1, 'not in this table': 1}
    """
    import pandas as pd

    theirs = columns_of_source(describe_source(source))
    if not theirs or not is_frame(X):
        which = "The source" if not theirs else "X"
        raise SourceError(
            f"{which} has columns without names, of which none can be proposed; expected names in "
            "both. Give a DataFrame, or match columns by their position, "
            "feature_alignment='position'."
        )
    names = [str(name) for name in nw.from_native(X, eager_only=True).columns]
    ours = table_columns(X, names)
    equal = {column.name for column in theirs} & set(names)
    theirs = [column for column in theirs if column.name not in equal]
    ours = [column for column in ours if column.name not in equal]
    rows = [
        (one.name, other.name, like.score, like.name, like.values)
        for one, other, like in _proposals(theirs, ours)
    ]
    rows.sort(key=lambda row: (-row[2], row[0]))
    return pd.DataFrame(rows, columns=["source", "target", "score", "name", "values"])


def _proposals(
    theirs: Sequence[KnownColumn], ours: Sequence[TableColumn]
) -> list[tuple[KnownColumn, TableColumn, _Likeness]]:
    """Pairs of columns, each once, of which no other is as similar."""
    if not theirs or not ours or len(theirs) * len(ours) > _MOST_PAIRS:
        return []
    alike = [[_likeness(one, other) for other in ours] for one in theirs]
    score = np.array([[like.score for like in row] for row in alike])
    found = []
    for i, j in zip(*linear_sum_assignment(-score), strict=True):
        others = np.concatenate([np.delete(score[i], j), np.delete(score[:, j], i)])
        is_sure = alike[i][j].name == 1.0 or others.max(initial=0) <= score[i, j] - _MARGIN
        if score[i, j] >= _LEAST_SCORE and is_sure:
            found.append((theirs[i], ours[j], alike[i][j]))
    return found


def _likeness(one: KnownColumn, other: TableColumn) -> _Likeness:
    name = name_similarity(one.name, other.name)
    values, is_telling = _values(one, other, name >= _LEAST_NAME)
    if values is None:
        return _Likeness(name, 0.0, 0.0)
    score = 0.0
    if name >= _LEAST_NAME:
        known = not np.isnan(values)
        score = _NAME * name + (1 - _NAME) * values if known else _NAME_ALONE * name
    if is_telling:
        score = max(score, _LEVELS_ALONE * values)
    return _Likeness(name, values, score)


def _values(one: KnownColumn, other: TableColumn, is_named: bool) -> tuple[float | None, bool]:
    """Similarity of two columns' entries, None if they cannot be one; whether it is evidence."""
    if other.kind == "nothing":
        return np.nan, False
    if one.levels and (other.kind == "category" or other.is_truth):
        return _of_levels(list(one.levels), other.levels)
    if one.kind == "number" and other.kind == "category":
        return (0.5 if is_named and truth_of(other.levels) else None), False
    if one.kind not in ("", "transformed", other.kind):
        return None, False
    if not is_named or np.isnan(one.mean):
        return np.nan, False
    return _of_numbers(one, other), False


def _of_levels(theirs: Sequence[str], ours: Sequence[str]) -> tuple[float, bool]:
    common = len(set(theirs) & set(ours)) + len(same_levels(ours, theirs))
    if not common:
        return 0.0, False
    union = len(theirs) + len(ours) - common
    alike = (common / union + common / len(ours)) / 2
    # whole numbers and truth values are levels of many a column
    is_word = not all(level.replace(".", "").isdigit() for level in ours)
    telling = is_word and common >= _FEWEST_LEVELS and common >= _LEAST_SHARE * len(ours)
    return alike, telling and 2 * common >= len(theirs)


def _of_numbers(one: KnownColumn, other: TableColumn) -> float:
    values = other.values
    if not len(values):
        return float("nan")
    mean, deviation = float(values.mean()), float(values.std())
    largest = max(deviation, one.deviation if np.isfinite(one.deviation) else 0.0, 1e-12)
    distance = abs(mean - one.mean) / largest
    smallest = min(deviation, one.deviation) if np.isfinite(one.deviation) else largest
    ratio = np.log(largest / max(smallest, 1e-12))
    return float(np.exp(-distance / 1.5 - ratio))
