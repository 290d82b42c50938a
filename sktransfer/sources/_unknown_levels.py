"""Columns of which a source, without a list of its categories, has none of a table's."""

from __future__ import annotations

import numpy as np

from sktransfer._preprocessing import level_text
from sktransfer._typing import CheckedTable, is_pandas
from sktransfer.sources._fitted_columns import knowledge_of, steps_of
from sktransfer.sources._predictor import Predictor

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
    rows = X.iloc[:_ROWS]
    found = []
    for name in names:
        if name not in X.columns or not used.get(name, 1.0):
            continue
        levels = [level for level in X[name].unique() if level_text(level) is not None]
        if not 1 < len(levels) <= _LEVELS:
            continue
        unseen = predictor.outputs(rows.assign(**{name: _UNSEEN}))
        if all(
            np.array_equal(unseen, predictor.outputs(rows.assign(**{name: level})))
            for level in levels
        ):
            found.append(name)
    return found


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
