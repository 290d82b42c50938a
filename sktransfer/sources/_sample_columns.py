"""Columns in the form that an estimator takes, and what is usual in a sample of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import narwhals as nw
import numpy as np

from sktransfer._preprocessing import entries_of, is_frame, level_text, same_levels
from sktransfer._typing import Entry, Frame, TableLike, is_pandas, is_sparse, shaped
from sktransfer.exceptions import SourceError
from sktransfer.sources._boosting import ANY_TEXT, AsObjects, Coded
from sktransfer.sources._fitted_columns import value_in_sample

if TYPE_CHECKING:
    import pandas as pd
    from typing_extensions import TypeIs

#: What is usual in each column of the sample: by name, or in their order.
Sample: TypeAlias = dict[str, Entry] | list[Entry]


def is_number(value: Entry) -> TypeIs[int | float | np.number]:
    """Whether an entry is a finite number."""
    return isinstance(value, int | float | np.number) and bool(np.isfinite(value))


def of_categories(values: pd.Series, categories: Sequence[Entry]) -> pd.Series:
    """A column of pandas with an estimator's categories, whatever type its entries are of."""
    import pandas as pd

    if categories is ANY_TEXT:
        return values.map(lambda value: level_text(value) or "nan").astype(object)
    present = [value for value in categories if level_text(value) is not None]
    of_text: dict[str | None, Entry] = {level_text(value): value for value in present}
    entries = values.tolist()
    if any(isinstance(one, bool) for one in entries):
        texts = [text for text in of_text if text is not None]
        words = {"False": "0", "True": "1"} | same_levels(["False", "True"], texts)
        for own, word in words.items():
            of_text.setdefault(own, of_text.get(word))
    if isinstance(categories, AsObjects):
        missing = next((value for value in categories if level_text(value) is None), np.nan)
        every = map(level_text, entries)
        known = [missing if one is None else of_text.get(one, np.nan) for one in every]
        return pd.Series(known, dtype=object)
    known = [of_text.get(level_text(value)) for value in entries]
    found = pd.Categorical(known, categories=present)
    if isinstance(categories, Coded):
        return pd.Series(np.where(found.codes < 0, np.nan, found.codes))
    return pd.Series(found)


def as_coded(
    table: Frame | np.ndarray, categories: Mapping[str, Sequence[Entry]]
) -> Frame | np.ndarray:
    """A table as an array, where an estimator is given its categories by their positions."""
    if not is_pandas(table) or not any(isinstance(one, Coded) for one in categories.values()):
        return table
    return np.asarray(table.to_numpy(np.float64, na_value=np.nan))


def usual_values(X: TableLike, label: str) -> Sample:
    """Of each column of a table what is usual in it, by name where it has names."""
    X = shaped(X)
    if len(X.shape) != 2 or not X.shape[0]:
        raise SourceError(
            f"X_sample of {label} has the shape {tuple(X.shape)}; expected a table of rows that "
            "it was fitted on."
        )
    if not is_frame(X):
        dense = X.toarray() if is_sparse(X) else np.asarray(X)
        return [value_in_sample(column) for column in dense.T]
    columns = nw.from_native(X, eager_only=True).iter_columns()
    return {str(column.name): value_in_sample(entries_of(column)) for column in columns}


def of_sample(sample: Sample | None, column: int, names: Sequence[str] | None) -> Entry:
    """What is usual in the column at a position; None where the sample does not have it.

    Parameters
    ----------
    sample : dict, list or None
    column : int
    names : sequence of str or None
        Of the estimator's columns.
    """
    if sample is None:
        return None
    if isinstance(sample, dict) and names is not None:
        return sample.get(names[column])
    values = list(sample.values()) if isinstance(sample, dict) else sample
    return values[column] if column < len(values) else None
