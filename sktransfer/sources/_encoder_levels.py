"""Entries of a column of categories as the encoder of a source takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from sktransfer._preprocessing import SomeColumn, level_text, truth_of
from sktransfer._typing import Entry

if TYPE_CHECKING:
    import pandas as pd


#: Rows of which the distinct entries are not worth finding first.
_FEW = 2000


@dataclass(frozen=True, eq=False)
class EncoderLevels:
    """What an encoder stores of a column.

    Attributes
    ----------
    of_text : mapping of str to entry
        The text of a category → the category.  What is missing has an empty one, where the
        encoder has a category for it, or a step before it fills it in.
    missing : entry
        What is missing, as the encoder has it.
    raises : bool
        Whether it raises for an entry that is none of these.
    otherwise : entry
        What stands for such an entry, where it cannot be made to read it; None where it can.
    kind : str
        The kind of their array, as numpy has it; empty where there is none.
    """

    of_text: Mapping[str, Entry]
    missing: Entry
    raises: bool
    otherwise: Entry = None
    kind: str = ""

    @cached_property
    def _present(self) -> frozenset[Entry]:
        return frozenset(value for text, value in self.of_text.items() if text)

    @cached_property
    def _are_truths(self) -> bool:
        of_truth = [isinstance(value, bool | np.bool_) for value in self._present]
        return bool(of_truth) and all(of_truth)

    @cached_property
    def _other_kinds(self) -> str:
        """Kinds of columns that are not compared with the categories as they are.

        scikit-learn compares categories that are objects with objects alone, and its imputers
        take no truth values.  Numbers in the place of texts are left to it to refuse.
        """
        if self.kind == "O":
            return "" if any(isinstance(one, str) for one in self._present) else "biufcmM"
        return "b" if self.kind in ("i", "u", "f") else ""

    def _is_of_kind(self, column: SomeColumn | pd.Series) -> bool:
        """Whether the categories are compared with a column as it is."""
        return getattr(getattr(column, "dtype", None), "kind", "O") not in self._other_kinds

    def reads(self, column: SomeColumn) -> bool:
        """Whether the encoder takes every entry of a column as it is; False where that is unclear.

        It is quick for a few rows, of which :meth:`taken` costs as much as a prediction.
        """
        if isinstance(column, nw.Series):
            if self.otherwise is not None:
                return False  # to a formula the type of a column matters
            if self._are_truths and getattr(column.to_native(), "dtype", None) != np.bool_:
                return False  # of numbers 1 is equal to True, and is no category
            if not self._is_of_kind(column.to_native()):
                return False
            column = column if len(column) <= _FEW else column.unique()
            entries = column.to_list()
        elif isinstance(column, np.ndarray):
            if not self._is_of_kind(column):
                return False
            entries = column.tolist()
        else:
            return False
        try:
            return self._present.issuperset(entries)
        except TypeError:  # lists, which are no categories
            return False

    def has(self, entry: Entry) -> bool:
        """Whether an entry is one of the categories: equal to it, or of its text."""
        text = level_text(entry)
        return (text != "" and (text or "") in self.of_text) or entry in self._present

    def taken(self, values: pd.Series) -> pd.Series:
        """A column with the encoder's categories, whatever type they are of."""
        made = self._taken(values)
        if self._is_of_kind(made):
            return made
        return made.astype(object if self.kind == "O" else np.float64)

    def _taken(self, values: pd.Series) -> pd.Series:
        import pandas as pd

        if self.otherwise is not None and not isinstance(values.dtype, np.dtype):
            values = values.astype(object)  # a formula compares the categories of a type
        if self._are_truths and values.dtype != np.bool_:
            values = values.astype(object).map(_as_truth).infer_objects()
        is_truth = values.dtype == np.bool_
        words = truth_of(sorted(filter(None, self.of_text))) if is_truth else None
        if words is not None:
            of_truth = {truth: self.of_text[word] for word, truth in words.items()}
            values = values.map(lambda truth: of_truth.get(str(int(truth)), truth))
        categories = list(self.of_text.values())
        has_texts = any(isinstance(category, str) for category in categories)
        absent = values.isna().to_numpy()
        is_written_otherwise = ~(absent | values.isin(categories).to_numpy())  # True is 1.0
        if not (absent.any() or is_written_otherwise.any()):
            return values
        # scikit-learn compares truth values with its texts only as objects
        is_typed = has_texts and values.dtype == np.bool_
        entries = values.tolist()
        is_changed = is_typed or ((has_texts or self.otherwise is not None) and bool(absent.any()))
        for i in np.flatnonzero(absent | is_written_otherwise).tolist():
            text, other = level_text(entries[i]) or "", self.otherwise
            is_known = text != "" and text in self.of_text  # a text without letters is not missing
            is_changed |= not absent[i] and (is_known or other is not None)
            if absent[i]:
                entries[i] = self.missing
            elif is_known or other is not None:
                entries[i] = self.of_text[text] if is_known else other
        if not is_changed:
            return values
        # texts without any entry would be numbers, which it does not compare with texts
        return pd.Series(entries, dtype=object if has_texts else None)


class TextEntries(EncoderLevels):
    """Texts that a vectorizer splits into words: a missing one has none."""

    def __init__(self) -> None:
        super().__init__({}, missing="", raises=False)

    def reads(self, column: SomeColumn) -> bool:
        """Whether every entry of a column is a text."""
        entries = column.to_list() if isinstance(column, nw.Series) else []
        return bool(entries) and all(isinstance(entry, str) for entry in entries)

    def taken(self, values: pd.Series) -> pd.Series:
        """A column of texts, whatever its entries are."""
        return values.astype(object).map(lambda entry: level_text(entry) or "")


class FormulaNumbers(EncoderLevels):
    """Numbers in a formula, to which truth values are categories."""

    def __init__(self) -> None:
        super().__init__({}, missing=np.nan, raises=False)

    def reads(self, column: SomeColumn) -> bool:
        """Whether a column has no truth values."""
        is_truth = (
            column.dtype == np.bool_
            if isinstance(column, np.ndarray)
            else (isinstance(column, nw.Series) and column.dtype == nw.Boolean)
        )
        return not is_truth

    def taken(self, values: pd.Series) -> pd.Series:
        """Truth values as zeros and ones."""
        return values.astype(np.float64) if values.dtype == np.bool_ else values


def _as_truth(value: Entry) -> Entry:
    """0 and 1 as truth values, which the categories are."""
    is_number = isinstance(value, int | float | np.number | np.bool_)
    return bool(value) if is_number and value in (0, 1) else value
