"""How a warning is shown or kept back, and names and counts in the words of a message."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager


def listed(names, most: int = 5) -> str:
    """``'a', 'b' and 3 more``: a list of names short enough for a message."""
    names = list(names)
    shown = ", ".join(repr(name) for name in names[:most])
    rest = len(names) - most
    return f"{shown} and {rest} more" if rest > 0 else shown


def columns(n: int, names: Sequence[str] | None) -> str:
    if names is None:
        return f"{n} columns without names"
    return f"{n} columns such as {listed(names, 3)}"


def of_two_types(types: Mapping[str, tuple[str, str]], most: int = 5) -> str:
    """``'age' (text in X, numbers in the source) and 2 more``."""
    shown = [
        f"{name!r} ({ours} in X, {theirs} in the source)"
        for name, (ours, theirs) in list(types.items())[:most]
    ]
    rest = len(types) - most
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def conversion(types: Mapping[str, tuple[str, str]], lacking: Collection[str] = ()) -> str:
    if lacking:
        return (
            "The source's own steps make these columns what they are, and need all of its table: "
            f"give X also {listed(lacking)}."
        )
    name, (_, theirs) = next(iter(types.items()))
    cure = {
        "numbers": f"pandas.to_numeric(X[{name!r}])",
        "dates": f"pandas.to_datetime(X[{name!r}])",
    }.get(theirs, f"X[{name!r}].astype('category')")
    words = " (words for numbers or truth values by a map of them)" if theirs == "numbers" else ""
    return f"Convert them before fit{words}, such as X[{name!r}] = {cure}."


def names_in_common(theirs, ours, made: Collection[str], prefixed: Collection[str]) -> str:
    """What gives two tables names in common, from the names of either, None where it has none."""
    if made:
        return (
            f"The source's own steps call its columns {listed(made, 3)}, and they need all of its "
            "table. Give X all these columns, or let the steps keep the names "
            "(ColumnTransformer(verbose_feature_names_out=False)), or give what the steps make of "
            "X to the network behind them (source=pipeline[-1])."
        )
    if prefixed:
        return (
            f"A step before it has renamed columns of the source, to {listed(prefixed, 3)}. Let "
            "it keep the names, such as with ColumnTransformer(verbose_feature_names_out=False)."
        )
    if theirs is None:
        return "Give the same columns in the same order, or both tables with names."
    if ours is None:
        return (
            "The names were probably lost on the way: transformers and some meta-estimators "
            "(bagging with max_features, ClassifierChain, RFE) hand over plain arrays. Let "
            "transformers keep names (.set_output(transform='pandas')), or give the source's "
            "columns in its order, which are then matched by position."
        )
    return (
        "Give both tables the same column names where the columns mean the same; where as many "
        "columns stand in the same order, feature_alignment='position' does without."
    )


def likely_cause(learning_rate: float | None) -> str:
    if learning_rate is None:  # of L-BFGS, which has none
        cause, cure = "X or y probably has", ""
    else:
        cause = f"A learning rate of {learning_rate:g} is probably too large, or X or y has"
        cure = f"learning_rate_init={min(learning_rate / 10, 1e-3):g}, or "
    return f"{cause} very large numbers. Try {cure}standardize=True or a scaler before it."


_SILENCE = threading.RLock()
if hasattr(os, "register_at_fork"):

    def _renew() -> None:  # the thread that held it does not exist in a forked child
        global _SILENCE
        _SILENCE = threading.RLock()

    os.register_at_fork(after_in_child=_renew)


@contextmanager
def silenced(category: type[Warning]) -> Iterator[None]:
    """Without warnings of a category, for one thread at a time.

    The filters of warnings belong to the whole process: two threads that change them at once
    would leave them changed.
    """
    with _SILENCE, warnings.catch_warnings():
        warnings.simplefilter("ignore", category)
        yield


#: Packages whose lines a user did not write: this one, and those between which calls go.
_NOT_THE_USERS = {"sktransfer", "sklearn", "skorch", "joblib"}


def warn(message: str | Warning, category: type[Warning] = UserWarning) -> None:
    """Warn, and show the line of the user's that led here."""
    level, frame = 1, sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] in _NOT_THE_USERS:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
