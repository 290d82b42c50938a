"""Errors of a source by its predictions, about the table and about what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from sktransfer._compat import kind_of
from sktransfer._preprocessing import (
    Call,
    about_entry,
    first_row,
    refused_entry,
    takes,
    with_columns,
)
from sktransfer._records import TargetSchema
from sktransfer._typing import CheckedTable, is_pandas, is_sparse
from sktransfer._warnings import listed
from sktransfer.exceptions import SourceError, SourceKindError, unfitted_source

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


#: Packages whose own errors, of no class of Python's, are about a table.
_OF_TABLES = ("catboost", "formulaic", "lightgbm", "patsy", "xgboost")

#: Entries of a row that a message shows, and letters of each.
_MOST_SHOWN, _LONGEST = 5, 40
#: What estimators without a target find, and how that becomes a column.
_UNTARGETED = {
    "outlier_detector": ("outliers", "X['unusual'] = source.score_samples(X)"),
    "clusterer": ("clusters", "X['cluster'] = source.predict(X).astype(str)"),
}


def is_about_table(error: Exception) -> bool:
    """Whether an estimator's error is probably about the table that it was given."""
    is_pythons = isinstance(error, TypeError | ValueError | LookupError | AttributeError)
    return is_pythons or type(error).__module__.split(".")[0].strip("_") in _OF_TABLES


def refuse_unfitted(estimator: BaseEstimator) -> bool:
    """Raise if an estimator is not fitted; False where only its first prediction shows that."""
    try:
        check_is_fitted(estimator)
    except NotFittedError as error:
        raise unfitted_source(estimator) from error
    except (AttributeError, TypeError):  # not scikit-learn's kind
        return False
    return True


def refuse_untargeted(estimator: BaseEstimator) -> None:
    """Raise for what finds outliers or clusters, whose predictions are of no target."""
    kind = kind_of(estimator)
    if kind is not None and kind in _UNTARGETED:
        what, column = _UNTARGETED[kind]
        raise SourceKindError(
            f"{type(estimator).__name__} given as `source` finds {what}, and was fitted to no "
            "target; expected a classifier or a regression. To use what it has found, add a "
            f"column to X, {column}, and give no source."
        )


def is_unfitted(estimator: BaseEstimator, predicting: BaseEstimator, error: Exception) -> bool:
    """Whether the error of a prediction says so; `predicting` may be a copy of the estimator."""
    if "notfitted" in type(error).__name__.lower():
        return True
    lacks_its_own = isinstance(error, AttributeError) and error.obj is predicting
    return lacks_its_own and not refuse_unfitted(estimator)


def refused_outputs(label: str, n_found: int) -> SourceError:
    """For an estimator of several numbers, of which nothing says how many they are."""
    return SourceError(
        f"The source ({label}) predicts {n_found} numbers a row, and one was expected: how many "
        "there are is stored nowhere, and a row of usual values could not be predicted. Give "
        "Predictor(estimator, X_sample=...) as source, with some rows of its table."
    )


def refused_columns(label: str, shape: tuple[int, ...], target: TargetSchema) -> SourceError:
    """For a classifier whose probabilities are not one column a class."""
    return SourceError(
        f"The source ({label}) has the classes {listed(target.labels)}, and its predict_proba "
        f"gave the shape {shape}; expected a column for each class. Probably it is a class of "
        "your own, or its rows have several labels each. Give as source an object whose classes_ "
        "are in the order of the columns of its predict_proba."
    )


def refused_labels(label: str, predicted: np.ndarray | list[np.ndarray]) -> SourceError:
    """For an estimator without classes that predicts something else than numbers."""
    entries = np.asarray(predicted, dtype=object).ravel()
    return SourceError(
        f"The source ({label}) predicts entries such as {entries[0]!s:.40} and has no classes_; "
        "expected numbers, or labels and an attribute classes_ that lists them in the order of "
        "predict_proba. Probably it is a class of your own around a classifier: set classes_ "
        "there, and give it predict_proba if the classifier has that."
    )


def refused_numbers(label: str, bad: np.ndarray) -> SourceError:
    """For predictions that are missing or infinite in some rows."""
    return SourceError(
        f"The source ({label}) predicts NaN or an infinite number for {int(bad.sum()):,} of "
        f"{len(bad):,} rows of X, the first at position {int(np.argmax(bad))}; expected finite "
        "numbers. Probably these rows are far from all that it was fitted on. Leave them out, or "
        "give as source an object whose predict replaces such numbers."
    )


def refused_without(label: str, lacking: Sequence[str]) -> SourceError:
    """For a table without columns for which nothing can stand."""
    return SourceError(
        f"X lacks {listed(lacking)}, which the source ({label}) was fitted on; {label} takes no "
        "missing entries, and nothing that it was fitted with says what is usual there. Give "
        "Predictor(estimator, X_sample=...) as source, with some rows of its table, or add the "
        "columns to X."
    )


def refused_targets(estimator: BaseEstimator) -> SourceKindError:
    """For a classifier of several targets of several classes each."""
    way_out = "Fit one estimator a target and give that of a related target."
    if len(getattr(estimator, "estimators_", ())) == len(getattr(estimator, "classes_", ())):
        way_out = "Give that of one target: source=source.estimators_[0] for the first."
    return SourceKindError(
        f"{type(estimator).__name__} given as `source` predicts several targets of several "
        f"classes each; expected one target, or labels that are 0 or 1. {way_out}"
    )


def refused_table(
    label: str,
    method: str,
    error: Exception,
    table: CheckedTable,
    names: Sequence[str] | None,
    is_noted: bool,
    call: Call,
) -> SourceError:
    """For a table that the estimator itself refuses.

    Parameters
    ----------
    label, method : str
        What messages call the source, and what it predicts with.
    error : Exception
        Its own.
    table : ndarray, sparse matrix or DataFrame
        What it was given.
    names : sequence of str or None
        What the user's table calls the columns of this one.
    is_noted : bool
        Whether the estimator notes its columns.
    call : callable
        What predicted the table.
    """
    raised = f"The source's {method} raised: {error}"
    if "too large" in str(error):
        return SourceError(
            f"X has values too large for the source ({label}); expected numbers such as "
            f"those that it was fitted on. Correct or clip these values first. {raised}"
        )
    entry = refused_entry(call, table)
    if entry is not None:
        return SourceError(f"The source ({label}) {about_entry(entry, names)} {raised}")
    words = _words_named(error, table, names, call)
    if not is_noted:
        way_out = (
            "It stores neither their names nor how many they were, so that it got all of X. Give "
            "as source sklearn.pipeline.make_pipeline(ColumnTransformer([('its', 'passthrough', "
            "[names of its columns])]).fit(X_source), FrozenEstimator(estimator)) where it is "
            "scikit-learn's, else an object whose predict takes its columns out of X."
        )
    elif words is not None:
        column, word = words
        way_out = (
            f"X[{column!r}] has words, such as {word!r}. Give them the numbers that the source "
            f"means before fit, X[{column!r}] = X[{column!r}].map({{{word!r}: ...}}) with every "
            "word and its number, or rename the column if it is something else."
        )
    else:
        way_out = (
            f"It got rows such as {_first_row(table, names)}. Give X in a DataFrame with their "
            "names, of the types that they had, and with the entries that it knew."
        )
    return SourceError(
        f"The source ({label}) does not take these columns of X; expected columns such as it was "
        f"fitted on. {way_out} {raised}"
    )


def refused_method(label: str, method: str, error: Exception) -> SourceError:
    """For a source with a method that raises where another one predicts the same rows."""
    return SourceError(
        f"The source ({label}) has {method}, which raises although its predict takes the same "
        f"rows; expected {method} to work. Fit it anew as its error says, or give as source an "
        f"object that has predict and classes_ alone. The source's {method} raised: {error}"
    )


def _first_row(table: CheckedTable, names: Sequence[str] | None) -> str:
    """The first entries of a table, with the names of their columns where they have some."""
    if is_sparse(table) or not table.shape[0]:
        return f"of {table.shape[1]:,} columns"
    entries = first_row(table)[:_MOST_SHOWN]
    shown = [repr(entry)[:_LONGEST] for entry in entries]
    if names is not None:
        shown = [f"{name!r}: {one}" for name, one in zip(names, shown, strict=False)]
    more = ", ..." if table.shape[1] > _MOST_SHOWN else ""
    return f"{{{', '.join(shown)}{more}}}" if names is not None else f"[{', '.join(shown)}{more}]"


def _words_named(
    error: Exception, table: CheckedTable, names: Sequence[str] | None, call: Call
) -> tuple[str, str] | None:
    """The first column whose words an estimator's error quotes, and the first of these.

    None where it does not take numbers in their place.
    """
    if not is_pandas(table):
        return None
    quoted = str(error)
    words = {
        own: [one for one in table.iloc[:, i].dropna().unique() if isinstance(one, str)]
        for i, own in enumerate(table.columns)
    }
    for own, name in zip(table.columns, names or table.columns, strict=True):
        is_meant = any(repr(one) in quoted for one in words[own]) or f"{own}: " in quoted
        if words[own] and is_meant:
            every = [[own], [other for other in table.columns if words[other]]]
            rows = (with_columns(table.iloc[:1], dict.fromkeys(some, 0.0)) for some in every)
            return (name, words[own][0]) if any(takes(call, row) for row in rows) else None
    return None


def refused_entries(label: str, columns: Sequence[str]) -> SourceError:
    """For missing entries that the estimator does not take, and nothing stands for."""
    return SourceError(
        f"X has missing entries in {listed(columns)}, which the source ({label}) does not take; "
        "nothing that it was fitted with says what is usual there. Give "
        "Predictor(estimator, X_sample=...) as source, with some rows of its table, or fill them."
    )


def refused_number(label: str, n_expected: int, n_found: int) -> SourceError:
    """The error about another number of columns than a source without names has."""
    return SourceError(
        f"The source ({label}) was fitted on {n_expected} columns without names in common with "
        f"X, which has {n_found}; expected as many, in the same order. Fit it on a DataFrame, or "
        "give X the source's columns."
    )
