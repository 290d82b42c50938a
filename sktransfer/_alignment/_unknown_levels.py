"""Warnings about categories of a table that a source does not have."""

from __future__ import annotations

from sktransfer._records import SourceDescription
from sktransfer._typing import CheckedTable
from sktransfer._warnings import listed, warn
from sktransfer.exceptions import TransferWarning
from sktransfer.sources import (
    Predictor,
    columns_of_levels_in_doubt,
    columns_of_unknown_levels,
    levels_that_an_encoder_refuses,
)


def warn_of_unknown_levels(source: SourceDescription, X: CheckedTable) -> None:
    """Warn of columns of which a source without a list of its levels has none of the table's."""
    if not isinstance(source.predictor, Predictor):
        return
    columns = columns_of_unknown_levels(source.predictor, X)
    if columns:
        warn(
            f"The source ({source.name}) predicts the same for every level of {listed(columns)} "
            "in X as for an unseen level; expected levels of its training. They are probably "
            "spelled otherwise there, and it has no list of them: spell them as it does.",
            TransferWarning,
        )
    in_doubt = columns_of_levels_in_doubt(source.predictor, X)
    if in_doubt:
        warn(
            f"The source ({source.name}) predicts the same for every level of {listed(in_doubt)} "
            "in X as for any other text; expected levels of its training, if it uses the column "
            "at all. A function or a step of another package reads it, which has no list of "
            "them: compare them with the table that it was fitted on, and spell them as there; "
            "what are numbers there, give as numbers, X[column].astype(float).",
            TransferWarning,
        )


def warn_of_refused_levels(source: SourceDescription, X: CheckedTable) -> None:
    """Warn of categories for which the encoder of a source raises by itself."""
    if not isinstance(source.predictor, Predictor):
        return
    refused = levels_that_an_encoder_refuses(source.predictor, X)
    if refused:
        levels = [
            f"{name!r} ({listed((text or 'NaN' for text in texts), 3)})"
            for name, texts in refused.items()
        ]
        rest = f" and {len(levels) - 3} more" if len(levels) > 3 else ""
        warn(
            f"X has categories that the source ({source.name}) was not fitted on, in "
            f"{', '.join(levels[:3])}{rest}; its encoder raises for such, and is made to read "
            "them as none of its own, a formula as its most frequent. Where they mean the same as "
            "one of these, write it into X; else a OneHotEncoder ignores them after "
            "set_params(handle_unknown='ignore').",
            TransferWarning,
        )
