"""Entries of a column of categories as the encoder of a source takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sktransfer._preprocessing import level_text
from sktransfer._typing import Entry

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class EncoderLevels:
    """What an encoder takes of a column.

    Attributes
    ----------
    of_text : mapping of str to entry
        The text of a category → the category.  What is missing has an empty one, where the
        encoder has a category for it, or a step before it fills it in.
    missing : entry
        What is missing, as the encoder has it.
    refuses_others : bool
        Whether it raises for an entry that is none of these.
    """

    of_text: Mapping[str, Entry]
    missing: Entry
    refuses_others: bool

    def takes(self, value: Entry) -> bool:
        """Whether an entry can be given to the encoder."""
        return not self.refuses_others or (level_text(value) or "") in self.of_text

    def taken(self, values: pd.Series, other: Entry) -> pd.Series:
        """A column of which the encoder takes every entry.

        Parameters
        ----------
        values : Series
        other : entry
            What stands for those that it refuses.
        """
        import pandas as pd

        categories = list(self.of_text.values())
        has_texts = any(isinstance(category, str) for category in categories)
        absent = values.isna().to_numpy()
        are_known = values.isin(categories).to_numpy() & ~absent  # True is 1.0
        given = values.tolist()
        if self.refuses_others and not are_known.all():
            if has_texts and self._are_of_another_kind(given):
                return values  # probably another column: it raises
            entries = [
                value if is_known else self.of_text.get(level_text(value) or "", other)
                for value, is_known in zip(given, are_known.tolist(), strict=True)
            ]
        elif has_texts and absent.any():
            pairs = zip(given, absent.tolist(), strict=True)
            entries = [self.missing if is_absent else value for value, is_absent in pairs]
        else:
            return values
        # a column without any entry would become one of numbers
        return pd.Series(entries, dtype=object if has_texts else None)

    def _are_of_another_kind(self, given: list[Entry]) -> bool:
        """Whether the entries are no texts, nor any of its categories, as numbers may be."""
        texts = [level_text(value) for value in given if not isinstance(value, str)]
        present = [text for text in texts if text is not None]
        return len(texts) == len(given) and bool(present) and not self.of_text.keys() & {*present}
