"""Errors of a source by its predictions, about the table and about what comes out."""

from __future__ import annotations

from collections.abc import Sequence

from sktransfer._warnings import listed
from sktransfer.exceptions import SourceError


def refused_outputs(label: str, n_found: int) -> SourceError:
    """For an estimator of several numbers, of which nothing says how many they are."""
    return SourceError(
        f"The source ({label}) predicts {n_found} numbers a row, and one was expected: how many "
        "there are is stored nowhere, and a row of usual values could not be predicted. Give "
        "Predictor(estimator, X_sample=...) as source, with some rows of its table."
    )


def refused_table(label: str, method: str, error: Exception, is_noted: bool) -> SourceError:
    """For a table that the estimator itself refuses; `is_noted` says if it notes its columns."""
    way_out = "Give X in a DataFrame with their names, of the types that they had."
    if not is_noted:
        way_out = (
            "It stores neither their names nor how many they were, so that it got all of X. Give "
            "as source sklearn.pipeline.make_pipeline(ColumnTransformer([('its', 'passthrough', "
            "[names of its columns])]).fit(X_source), FrozenEstimator(estimator))."
        )
    return SourceError(
        f"The source ({label}) does not take these columns of X; expected columns such as it was "
        f"fitted on. {way_out} The source's {method} raised: {error}"
    )


def refused_entries(label: str, columns: Sequence[str]) -> SourceError:
    """For missing entries that the estimator does not take, and nothing stands for."""
    return SourceError(
        f"X has missing entries in {listed(columns)}, which the source ({label}) does not take; "
        "nothing that it was fitted with says what is usual there. Give "
        "Predictor(estimator, X_sample=...) as source, with some rows of its table, or fill them."
    )
