"""The table of an estimator that has no names of its columns, or that refuses it as it is held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from sktransfer._preprocessing import (
    forms_of,
    in_plain_numbers,
    instead_of_a_table,
    is_frame,
    with_columns,
    with_known_types,
)
from sktransfer._typing import CheckedTable, Frame, TableLike, is_pandas, is_sparse, shaped
from sktransfer._warnings import listed
from sktransfer.exceptions import SourceError

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator


#: Entries up to which a sparse table is made dense.
_MOST_DENSE = 20_000_000


def held_otherwise(
    tables: Sequence[CheckedTable], texts: Sequence[int] = (), is_noted: bool = True
) -> Iterator[CheckedTable]:
    """Tables that an estimator refuses, in other forms.

    Parameters
    ----------
    tables : sequence of ndarray, sparse matrix or DataFrame
    texts : sequence of int
        Positions of columns that stay as they are.
    is_noted : bool
        Whether the estimator notes names or number of its columns; else it may take an array.
    """
    for X in tables:
        if is_sparse(X) and X.shape[0] * X.shape[1] <= _MOST_DENSE:
            yield X.toarray()
        if is_pandas(X):
            read = X
            for form in forms_of(X):
                read = with_columns(form, {form.columns[i]: X.iloc[:, i] for i in texts})
                yield read
            yield from _with_truth_values(read)
        if not is_noted:
            yield in_array(X)


def _with_truth_values(X: pd.DataFrame) -> Iterator[CheckedTable]:
    """A frame of pandas with truth values where a column has zeros and ones alone, if any has.

    Of truth values next to texts or codes scikit-learn makes an array of objects, and what is
    behind it is then fitted to objects.
    """
    truths = {
        name: column.astype(bool)
        for name, column in X.items()
        if getattr(column.dtype, "kind", "O") in "fiu" and column.isin((0, 1)).all()
    }
    if truths:
        yield with_columns(X, truths)


def as_table(X: TableLike, label: str) -> CheckedTable:
    """A user's table, an array where it has no shape.

    Raises
    ------
    SourceError
        If it is none.
    """
    found = shaped(with_known_types(X))
    if len(found.shape) != 2:
        text = instead_of_a_table(X)
        raise SourceError(
            f"The source ({label}) predicts tables. "
            + (text or f"X has the shape {tuple(found.shape)}; expected rows and columns.")
        )
    return found if is_frame(found) or is_sparse(found) else np.asarray(found)


def reads_one_text(first: BaseEstimator) -> bool:
    """Whether the first step of an estimator takes texts, not a table, as CountVectorizer does."""
    return hasattr(first, "build_analyzer")


def only_texts(X: CheckedTable, label: str) -> np.ndarray:
    """The texts of a table, of shape (n_samples,), for an estimator that takes nothing but these.

    Raises
    ------
    SourceError
        If there is no column of texts, or more than one.
    """
    if not is_frame(X):
        table = np.asarray(X)
        if table.shape[1] != 1:
            raise _not_one_text(label, [f"x{i}" for i in range(table.shape[1])])
        return table[:, 0]
    frame = nw.from_native(X, eager_only=True)
    texts = [one for one in frame.iter_columns() if one.dtype in (nw.String, nw.Categorical)]
    texts = texts or [one for one in frame.iter_columns() if one.dtype == nw.Object]
    if len(texts) != 1:
        raise _not_one_text(label, [one.name for one in texts])
    entries = [one if isinstance(one, str) else "" for one in texts[0].to_list()]
    return np.array(entries, dtype=object)


def _not_one_text(label: str, names: list[str]) -> SourceError:
    found = f"the texts {listed(names)}" if names else "none"
    which = names[-1] if names else "text"
    return SourceError(
        f"The source ({label}) was fitted on one column of texts; expected one such column in X, "
        f"and it has {found}. Say which by a step before it, make_pipeline(FunctionTransformer("
        f"operator.itemgetter({which!r})), source), or give X with that column alone."
    )


def as_given(X: CheckedTable) -> CheckedTable:
    """A user's table for an estimator that says neither names nor number of its columns.

    It probably takes its columns by name itself, as functions and classes of one's own do.
    """
    if not is_frame(X):
        return X
    given: Frame = nw.from_native(X, eager_only=True).to_pandas()
    return given


def in_array(X: CheckedTable) -> CheckedTable:
    """A frame as an array, of numbers where its columns are such, however they are written."""
    if not is_frame(X):
        return X
    frame = nw.from_native(X, eager_only=True)
    columns = [in_plain_numbers(one, one.name) for one in frame.iter_columns()]
    return np.column_stack([np.asarray(one) for one in columns])
