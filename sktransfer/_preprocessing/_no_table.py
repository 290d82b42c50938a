"""What is given in the place of a table, and how to make a table of it."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike

import numpy as np

from sktransfer._typing import Entry, TableLike


def instead_of_a_table(X: TableLike | Mapping[str, Entry] | PathLike[str]) -> str | None:
    """A sentence about what is no table of rows and columns; None for arrays of numbers.

    Parameters
    ----------
    X : object
        What a check of numbers has refused.
    """
    first = X[0] if isinstance(X, list | tuple) and X else None
    if isinstance(first, Mapping):
        what, cure = "a list of dicts", "Make one of it, pandas.DataFrame(X)"
    elif isinstance(X, Mapping):
        what = "a dict"
        cure = "Make one of it, pandas.DataFrame([X]) of a row and pandas.DataFrame(X) of columns"
    elif isinstance(X, str | PathLike):
        what, cure = f"the text or path {str(X)[:60]!r}", "Read it first, as pandas.read_csv does"
    elif isinstance(X, np.ndarray) and X.dtype.names:
        what, cure = "an array of records", "Make one of it, pandas.DataFrame(X)"
    elif hasattr(X, "iloc") and getattr(X, "ndim", 2) == 1:
        what = "a Series"
        cure = "Take a row as table.iloc[[0]], and a column as table[['its name']]"
    elif isinstance(first, list | tuple) and any(isinstance(entry, str) for entry in first):
        what = f"a list of rows with text such as {next(e for e in first if isinstance(e, str))!r}"
        cure = "Make a table with names of it, pandas.DataFrame(X, columns=[...])"
    else:
        return None
    return f"X is {what}; expected a table of rows and columns. {cure}."
