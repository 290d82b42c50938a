"""Results of statsmodels, whose columns and classes stand in their model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from sktransfer._preprocessing import level_text
from sktransfer._typing import is_pandas
from sktransfer.sources._encoder_levels import EncoderLevels, FormulaNumbers
from sktransfer.sources._traced import Knowledge

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

#: What statsmodels calls the column of ones that ``add_constant`` makes.
_CONSTANT = "const"
#: Names in a formula: such as they are, and those that are no names of Python.
_NAME = re.compile(r"[^\W\d]\w*")
_QUOTED = re.compile(r"\bQ\(\s*(['\"])(.+?)\1\s*\)")
#: A column that a formula takes as categories, whatever its type.
_CATEGORICAL = r"\bC\(\s*(?:{0}\b|Q\(\s*['\"]{0}['\"])"


def is_results(estimator: BaseEstimator) -> bool:
    """Whether an object is what a model of statsmodels returned from its ``fit``."""
    of_package = any(cls.__module__.startswith("statsmodels.") for cls in type(estimator).__mro__)
    return of_package and hasattr(estimator, "params") and hasattr(estimator, "model")


def results_columns(estimator: BaseEstimator) -> tuple[tuple[str, ...] | None, int | None]:
    """Names and number of the columns of such results; neither where a formula alone is known.

    A formula takes its columns from a frame by itself.
    """
    if hasattr(estimator.model, "formula"):
        named = _columns_of_formula(estimator)
        return (named, len(named)) if named else (None, None)
    exog = estimator.model.data.orig_exog
    names = tuple(map(str, exog.columns)) if is_pandas(exog) else None
    if estimator.model.exog is None:  # the rows were removed before the results were saved
        return None, len(estimator.model.exog_names)
    return names, int(np.shape(estimator.model.exog)[1])


def results_classes(estimator: BaseEstimator) -> np.ndarray | None:
    """The classes of which probabilities are predicted, 0 and 1 of one; None elsewhere."""
    model = estimator.model
    if type(model).__name__ == "OrderedModel":
        return np.asarray(model.labels)
    if type(model).__name__ == "MNLogit":
        texts = [text for _, text in sorted(getattr(model, "_ynames_map", {}).items())]
        are_whole = all(str(text).lstrip("-").isdecimal() for text in texts)
        return np.array([int(text) for text in texts] if are_whole else texts) if texts else None
    family = type(getattr(model, "family", None)).__name__
    is_binary = type(model).__name__ in ("Logit", "Probit") or family == "Binomial"
    return np.arange(2) if is_binary else None


def is_constant(name: str) -> bool:
    """Whether a column of this name is one of ones, which a table need not have."""
    return name == _CONSTANT


def _columns_of_formula(estimator: BaseEstimator) -> tuple[str, ...]:
    """Columns of the table in which the results were fitted that a formula names; or none."""
    frame = getattr(estimator.model.data, "frame", None)
    if frame is None:  # the rows were removed before the results were saved
        return ()
    right = str(estimator.model.formula).split("~", 1)[-1]
    named = {found[1] for found in _QUOTED.findall(right)}
    named |= set(_NAME.findall(_QUOTED.sub(" ", right)))
    return tuple(str(name) for name in frame.columns if name in named)


def knowledge_of_results(estimator: BaseEstimator) -> Knowledge:
    """What such results store of their columns: the rows that they were fitted on."""
    known = Knowledge()
    names = results_columns(estimator)[0] or ()
    if not hasattr(estimator.model, "formula"):
        exog = getattr(estimator.model, "exog", None)  # None where the rows were removed
        means = [] if exog is None else np.asarray(exog, np.float64).mean(axis=0).tolist()
        known.typical.update(enumerate(means))
        known.typical.update({i: 1.0 for i, name in enumerate(names) if is_constant(name)})
        return known
    for i, name in enumerate(names):
        column = estimator.model.data.frame[name].dropna()
        is_categorical = re.search(_CATEGORICAL.format(re.escape(name)), estimator.model.formula)
        kind = getattr(column.dtype, "kind", "O")
        if not len(column):
            continue
        if kind in "fiu" and not is_categorical:
            known.typical[i] = float(column.mean())
            known.encoded[i] = FormulaNumbers()
            continue
        most = column.mode().iloc[0]
        known.typical[i] = most
        if kind != "M":
            of_text = {str(level_text(value)): value for value in column.unique().tolist()}
            known.levels[i] = dict(of_text)
            known.encoded[i] = EncoderLevels(of_text, most, raises=True, otherwise=most)
    return known
