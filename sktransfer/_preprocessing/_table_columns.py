"""What the columns of a user's table hold, as far as another table's are compared with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

import narwhals as nw
import numpy as np

from sktransfer._preprocessing._cleaned_texts import is_nothing
from sktransfer._preprocessing._columns import fit_column
from sktransfer._preprocessing._datetime_texts import find_datetime_format
from sktransfer._preprocessing._kinds import encode_column
from sktransfer._preprocessing._number_texts import find_number_format, read_numbers
from sktransfer._preprocessing._series import (
    ArrayColumn,
    Series,
    has_no_entry,
    named_columns,
    texts_of,
)
from sktransfer._records import Column
from sktransfer._typing import CheckedTable

#: Entries that show what a column holds.
_MOST_ROWS = 5000


class TableColumn:
    """A column of a table; its content is read on first use.

    Parameters
    ----------
    name : str
    series : Series
    forced : bool or None
        Whether it is one of categories; None leaves that to its type.
    parse_text : bool
        Whether texts of numbers and dates are read as what they are.
    """

    def __init__(
        self, name: str, series: Series, forced: bool | None = None, parse_text: bool = True
    ) -> None:
        self.name, self.series = name, series
        self._forced, self._parse_text = forced, parse_text

    @property
    def is_plain_number(self) -> bool:
        """Whether it is a number by its type."""
        dtype = self.series.dtype
        return not self._forced and (dtype.is_numeric() or dtype == nw.Boolean)

    @cached_property
    def kind(self) -> str:
        """``'number'``, ``'category'``, ``'datetime'``, or ``'nothing'`` for one without use."""
        if has_no_entry(self.series):
            return "nothing"
        if self.is_plain_number:
            return "number"
        is_used = self._fitted is not None and bool(self._fitted.encoded_names)
        return self._fitted.kind if self._fitted is not None and is_used else "nothing"

    @cached_property
    def _fitted(self) -> Column | None:
        """What its first entries make of it."""
        series = self.series
        first = (
            ArrayColumn(series.values[:_MOST_ROWS], series.name)
            if isinstance(series, ArrayColumn)
            else series[:_MOST_ROWS]
        )
        try:
            return fit_column(first, self.name, self._forced, None, True, self._parse_text)
        except ValueError:  # a type that nothing is made of, which is reported elsewhere
            return None

    @cached_property
    def levels(self) -> list[str]:
        """Its distinct entries as texts, sorted."""
        series = self.series
        distinct = series.unique() if hasattr(series, "unique") else series
        return sorted({text for text in texts_of(distinct) if text is not None})

    @cached_property
    def values(self) -> np.ndarray:
        """Its numbers, or the first that stands for its dates; missing ones left out."""
        if self._fitted is None or self.kind not in ("number", "datetime"):
            return np.empty(0)
        numbers = encode_column(self.series, self._fitted)[:, 0]
        return numbers[np.isfinite(numbers)]

    @property
    def is_truth(self) -> bool:
        """Whether it is a number that is 0 or 1."""
        if self.kind != "number":
            return False
        if self.series.dtype == nw.Boolean:
            return True
        return bool(len(self.values)) and bool(np.isin(self.values, (0.0, 1.0)).all())


def read_as_numbers(texts: Sequence[str]) -> bool:
    """Whether texts are numbers that are read as such, with a currency or a unit."""
    return find_number_format(texts, True) is not None


def numbers_of_texts(texts: Sequence[str]) -> np.ndarray:
    """Texts as the numbers that a column of them would be; none where they are no numbers."""
    found = find_number_format(texts, True)
    read = np.empty(0) if found is None else read_numbers(texts, found)
    return read[np.isfinite(read)]


def code_for_numbers(texts: Sequence[str], of: str) -> str | None:
    """Code of pandas that makes numbers of texts, as a column of a table would be read.

    Shares are then in percent.

    Parameters
    ----------
    texts : sequence of str
    of : str
        What has them, as a user's code calls it.

    Returns
    -------
    str or None
        None where they are no numbers, or need more than that their marks are taken away.
    """
    found = find_number_format(texts, True)
    if found is None:
        return None
    texts = [text.strip() for text in texts if not is_nothing(text)]
    if all(set(text) <= _PLAIN for text in texts):
        return f"pandas.to_numeric({of}, errors='coerce')"
    read = read_numbers(texts, found)
    taken = _without_marks(texts, found.decimal)
    if not any(np.allclose(read, unit * taken, rtol=1e-9, equal_nan=True) for unit in _SHARES):
        return None
    code = f"pandas.Series({of}).str.replace(r'{_MARKS.pattern}', '', regex=True)"
    if found.decimal == ",":
        code += ".str.replace('.', '', regex=False).str.replace(',', '.', regex=False)"
    else:
        code += ".str.replace(',', '', regex=False)"
    return f"pandas.to_numeric({code}, errors='coerce')"


#: Characters of plain numbers, those that are none of a number's, and units of shares.
_PLAIN = frozenset("0123456789.-+eE")
_MARKS = re.compile("[^0-9.,-]")
_SHARES = (1.0, 1e-2, 1e-3)


def _without_marks(texts: Sequence[str], decimal: str) -> np.ndarray:
    """The numbers that the code of pandas makes of texts; NaN where it makes none."""
    other = "." if decimal == "," else ","
    values = []
    for text in texts:
        left = _MARKS.sub("", text).replace(other, "").replace(",", ".")
        try:
            values.append(float(left))
        except ValueError:
            values.append(np.nan)
    return np.array(values)


def read_as_datetimes(texts: Sequence[str]) -> bool:
    """Whether texts are dates."""
    return find_datetime_format(list(texts)) is not None


def table_columns(
    X: CheckedTable,
    names: Sequence[str],
    categorical: np.ndarray | None = None,
    parse_text: bool = True,
) -> list[TableColumn]:
    """The columns of a table under these names.

    Parameters
    ----------
    X : ndarray or DataFrame of shape (n_samples, n_features)
    names : sequence of str
    categorical : ndarray of bool or None
        Which columns are categories; None leaves that to their types.
    parse_text : bool, default=True
    """
    chosen: Sequence[bool | None] | np.ndarray = (
        [None] * len(names) if categorical is None else categorical
    )
    return [
        TableColumn(name, series, forced, parse_text)
        for name, (_, series), forced in zip(names, named_columns(X), chosen, strict=True)
    ]
