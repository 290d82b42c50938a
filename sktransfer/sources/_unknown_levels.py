"""Columns of which a source, without a list of its categories, has none of a table's."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np
from sklearn.preprocessing import FunctionTransformer

from sktransfer._preprocessing import is_frame, level_text, with_columns
from sktransfer._typing import CheckedTable, Entry, is_pandas
from sktransfer.sources._fitted_columns import (
    entries_of,
    knowledge_of,
    names_of,
    steps_of,
)
from sktransfer.sources._kinds import is_foreign
from sktransfer.sources._predictor import Predictor

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator

    from sktransfer.sources._traced import Knowledge

#: Rows on which its predictions are compared, and levels up to which they are.
_ROWS, _LEVELS = 200, 50
#: A text that no table has.
_UNSEEN = "\N{NO-BREAK SPACE}no such level"


def columns_of_unknown_levels(predictor: Predictor, X: CheckedTable) -> list[str]:
    """Columns of which every level is predicted as an unseen one, though the source uses them.

    Parameters
    ----------
    predictor : Predictor
    X : DataFrame

    Returns
    -------
    list of str
        Of those that the source reads letter by letter, the table's names.
    """
    if not is_pandas(X):
        return []
    names = [predictor.columns.get(name, name) for name in predictor.read_letter_by_letter]
    used = _importances(predictor)
    return [
        name
        for name in names
        if name in X.columns and used.get(name, 1.0) and _are_all_as_unseen(predictor, X, name)
    ]


def columns_of_levels_in_doubt(predictor: Predictor, X: CheckedTable) -> list[str]:
    """Columns of texts of which every level is predicted as an unseen one.

    Of a source that reads them by a function of the user's, or by a step of another package:
    such a column is spelled otherwise there, or not used at all.

    Parameters
    ----------
    predictor : Predictor
    X : DataFrame

    Returns
    -------
    list of str
    """
    if not is_pandas(X):
        return []
    own = names_of(predictor.estimator) or ()
    known = knowledge_of(predictor.estimator)
    read = _columns_without_lists(steps_of(predictor.estimator)[0], own, known)
    has_list = entries_of(predictor.estimator, known)
    named = {one: predictor.columns.get(one, one) for one in read if one not in has_list}
    texts = [name for name in named.values() if name in X.columns and _has_texts(X[name])]
    found: list[str] = []
    with suppress(Exception):  # whatever a function makes of a text that it has not met
        found = [name for name in texts if _are_all_as_unseen(predictor, X, name)]
    return found


def levels_that_an_encoder_refuses(predictor: Predictor, X: CheckedTable) -> dict[str, list[str]]:
    """Columns with categories for which the source's encoder raises, by their names in a table.

    Parameters
    ----------
    predictor : Predictor
    X : DataFrame

    Returns
    -------
    dict of str to list of str
        Text of these categories; an empty one for what is missing.
    """
    if not is_frame(X) or predictor.names is None:
        return {}
    frame = nw.from_native(X, eager_only=True)
    found: dict[str, list[str]] = {}
    for i, encoder in knowledge_of(predictor.estimator).encoded.items():
        name, own = predictor.names[i], (names_of(predictor.estimator) or ())[i]
        if not encoder.raises or name not in frame.columns:
            continue
        respelled = predictor.levels.get(own, {})
        others = [value for value in frame[name].unique().to_list() if not encoder.has(value)]
        refused = {text for text in map(_text, others) if text not in respelled}
        if refused:
            found[name] = sorted(refused)
    return found


def _text(value: Entry) -> str:
    return level_text(value) or ""


def _columns_without_lists(
    first: BaseEstimator, names: Sequence[str], known: Knowledge
) -> list[str]:
    """Columns that steps without a list of levels read, as far as that is known."""
    if _is_own(first) and not known.transformed:
        return list(names)
    made_by_own = [made for made in known.transformed if any(map(_is_own, made.origin.steps))]
    return [
        name
        for i, name in enumerate(names)
        if any(
            any(i in columns for columns in made.made_of)
            and (made.names is None or any(name in output for output in made.names))
            for made in made_by_own
        )
    ]


def _is_own(step: BaseEstimator) -> bool:
    """Whether a step keeps no list of levels that can be read."""
    is_function = isinstance(step, FunctionTransformer) and step.func is not None
    return is_function or is_foreign(step)


def _has_texts(column: pd.Series) -> bool:
    return any(isinstance(value, str) for value in column.iloc[:_ROWS].tolist())


def _are_all_as_unseen(predictor: Predictor, X: pd.DataFrame, name: str) -> bool:
    """Whether a source predicts the same for every level of a column as for an unseen one."""
    levels = [level for level in X[name].unique() if level_text(level) is not None]
    if not 1 < len(levels) <= _LEVELS:
        return False
    rows = X.iloc[:_ROWS]
    unseen = predictor.outputs(with_columns(rows, {name: _UNSEEN}))
    return all(
        np.array_equal(unseen, predictor.outputs(with_columns(rows, {name: level})))
        for level in levels
    )


def _importances(predictor: Predictor) -> dict[str, float]:
    """The importance of columns to an estimator, or to that behind its steps, where it has one."""
    *before, last = steps_of(predictor.estimator)
    importances = getattr(last, "feature_importances_", None)
    names = predictor.names or ()
    if importances is None:
        return {}
    if not before:
        return dict(zip(names, importances, strict=False))
    arrives = knowledge_of(predictor.estimator).read_as_text
    return {names[i]: float(importances[at]) for i, at in arrives.items() if i < len(names)}
