"""Warnings about columns and levels that may be the same, and are not known to be."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from sktransfer._alignment._output_layer import matched_classes
from sktransfer._alignment._spelling import Spelling
from sktransfer._records import Label, SourceDescription, TargetSchema
from sktransfer._warnings import listed, warn
from sktransfer.exceptions import TransferWarning
from sktransfer.sources import Predictor, threshold_of

#: A level that a numeric column was cut into.
_INTERVAL = re.compile(r"[\[(].+, .+[\])]")
#: Columns that a message shows.
_MOST_SHOWN = 3


def warn_of_spelling(source: SourceDescription | None, spelling: Spelling) -> None:
    """Say which columns have no level in common, and which names are perhaps the same."""
    if source is None:
        return
    if spelling.unlike:
        warn(_unlike(source.name, spelling), TransferWarning)
    if spelling.dummies and not source.layers:
        warn(_of_zeros_and_ones(source.name, spelling), TransferWarning)
    if spelling.perhaps:
        warn(_perhaps(source.name, spelling), TransferWarning)


def warn_of_other_outputs(source: SourceDescription, target: TargetSchema) -> None:
    """Say that a source cannot be used as it is, as its outputs mean other things than `y`."""
    if source.target is None:
        reason, cure = source.no_target or (
            "what its outputs mean is not known",
            "Say it with SourceDescription(..., target=TargetSchema(...))",
        )
        warn(
            f"The source ({source.name}) was to be used as it is, and {reason}; expected outputs "
            "that mean the same as y. They are read by ridge regression of these rows instead. "
            f"{cure.rstrip('.')}; else prefer strategy='auto'.",
            TransferWarning,
        )
        return
    cure = "Compare with the source's own predictions by itself"
    if not {source.target.kind, target.kind} & {"regression", "several"}:
        pairs = ", ".join(f"{label!r}: ..." for label in source.target.labels[:2])
        cure = f"If they mean the same, say which are which, class_map={{{pairs}}}"
    warn(
        f"The source ({source.name}) was to be used as it is, and it has {_outputs(source.target)}"
        f", where y has {_outputs(target)}; expected the same. Its outputs are read by ridge "
        f"regression of these rows instead. {cure}; else prefer strategy='auto'.",
        TransferWarning,
    )


def warn_of_other_classes(source: SourceDescription, target: TargetSchema) -> None:
    """Say that as many classes as a target's are not known for these.

    Either none is, or some are, and `y` has the numbers that scikit-learn gives to classes.
    """
    if source.target is None:
        return
    matched = matched_classes(source.target, target)
    theirs, ours = source.target.labels, target.labels
    if matched is None or matched.all() or len(theirs) != len(ours):
        return
    numbers = _numbered(theirs, ours)
    text = (
        f"The source ({source.name}) has the classes {listed(theirs)}, where y has the classes "
        f"{listed(ours)}: "
    )
    by_number = (
        "scikit-learn has numbered y's (StackingClassifier, VotingClassifier, "
        f"BaggingClassifier, cross_val_predict of probabilities), pass class_map={_map(numbers)}"
    )
    if not matched.any():
        which = _map(dict.fromkeys(theirs[:2]))
        text += (
            "none is matched, so that its predictions are not used as they are. If they mean the "
            f"same, say which are which, class_map={which}; "
            f"{f'if {by_number}; ' if numbers else ''}if they do not, pass class_map={{}}."
        )
    elif numbers:
        same = {one: other for one in theirs for other in ours if str(one) == str(other)}
        text += f"equal ones are taken for the same. If {by_number}"
        text += f"; if equal ones are the same, class_map={_map(same)}." if same else "."
    else:
        return
    warn(text, TransferWarning)


def _numbered(theirs: list[Label], ours: list[Label]) -> dict[Label, Label]:
    """A source's classes in their order to a target's that are 0, 1, ...; else nothing."""
    kinds = {isinstance(label, str) for label in theirs}
    if len(kinds) > 1 or isinstance(ours[0], bool) or ours != list(range(len(theirs))):
        return {}
    return dict(zip(sorted(theirs), ours, strict=True))  # type: ignore[type-var]


def _map(labels: Mapping[Label, Label | None]) -> str:
    """``{'no': 0, 'yes': 1}``, an ellipsis for what is not known and for what is too long."""
    known = list(labels.items())
    pairs = [f"{one!r}: {'...' if other is None else repr(other)}" for one, other in known[:5]]
    return f"{{{', '.join(pairs)}{', ...' if len(known) > 5 else ''}}}"


def warn_of_nameless_probabilities(
    source: SourceDescription, outputs: np.ndarray, target: TargetSchema
) -> None:
    """Say that numbers from 0 to 1 are not taken for probabilities of classes."""
    if source.target is None or source.target.kind != "regression" or target.classes is None:
        return
    if not outputs.size or outputs.min() < 0 or outputs.max() > 1 or not np.ptp(outputs):
        return
    warn(
        f"The source ({source.name}) has no classes_ and predicts numbers from 0 to 1. They are "
        "read as numbers, not as probabilities of y's classes. If they are probabilities, give as "
        "source an object with predict_proba, a column for each class, and classes_, the labels "
        "in the order of these columns.",
        TransferWarning,
    )


def warn_of_threshold(source: SourceDescription, target: TargetSchema) -> None:
    """Say that a source's threshold of its own is not taken with its probabilities."""
    if not isinstance(source.predictor, Predictor) or target.classes is None:
        return
    threshold = threshold_of(source.predictor.estimator)
    if threshold is not None:
        warn(
            f"The source ({source.name}) predicts labels by a threshold of its own "
            f"({threshold:.3g}). Its probabilities are read without it, and predict gives the "
            "most probable class. For labels by this threshold, fit sklearn.model_selection."
            f"FixedThresholdClassifier(estimator, threshold={threshold:.3g}) of this estimator.",
            TransferWarning,
        )


def _outputs(target: TargetSchema) -> str:
    if target.kind == "several":
        return "several tasks"
    if target.kind != "regression":
        kind = "labels" if target.kind == "multilabel" else "classes"
        return f"the {kind} {listed(target.labels)}"
    of = "rates" if target.loss_function.has_log_link else "numbers"
    return f"{of} ({target.n_outputs} a row)"


def _unlike(source: str, spelling: Spelling) -> str:
    shown = list(spelling.unlike.items())[:_MOST_SHOWN]
    columns = [
        f"{spelling.columns.get(name, name)!r} ({listed(ours, 2)} in X, {listed(theirs, 2)} in "
        "the source)"
        for name, (ours, theirs) in shown
    ]
    rest = len(spelling.unlike) - len(shown)
    more = f" and {rest} more" if rest else ""
    name, (ours, theirs) = shown[0]
    column = f"X[{spelling.columns.get(name, name)!r}]"
    blanks = ", ".join(f"{level!r}: ..." for level in ours[:2])
    cure = (
        f"Where levels mean the same, give them the source's text before fit, {column} = "
        f"{column}.replace({{{blanks}}}) with every level and its match there ({listed(theirs)})"
    )
    if all(_INTERVAL.fullmatch(str(level)) for level in (*ours, *theirs)):
        cure = f"Cut {column} at the same edges as the source's ({listed(theirs)})"
    return (
        f"Columns of the source ({source}) have no level in common with X, and are taken for new "
        f"ones: {', '.join(columns)}{more}. {cure}; else rename the column."
    )


def _of_zeros_and_ones(source: str, spelling: Spelling) -> str:
    """For an estimator that takes categories where a table has a column for each."""
    name, levels = next(iter(spelling.dummies.items()))
    columns = list(levels.values())
    first, level = columns[0], next(iter(levels))
    start = first[: len(first) - len(level)]
    texts = f"X[{columns!r}].idxmax(axis=1).str.removeprefix({start!r})"
    return (
        f"The source ({source}) takes a column {name!r} of categories, of which X has columns of "
        f"zeros and ones ({listed(columns, 2)}), and is not given them. Give it one column: "
        f"X[{name!r}] = {texts}."
    )


def _perhaps(source: str, spelling: Spelling) -> str:
    pairs = [f"{one!r} and {other!r}" for one, other in spelling.perhaps[:_MOST_SHOWN]]
    rest = len(spelling.perhaps) - len(pairs)
    more = f" and {rest} more" if rest else ""
    column_map = dict(spelling.perhaps[:_MOST_SHOWN])
    return (
        f"Columns of the source ({source}) that X does not have resemble others that X has: "
        f"{', '.join(pairs)}{more}. They are not matched. Where they are the same, pass "
        f"column_map={column_map}; sktransfer.sources.suggest_columns(source, X) scores the pairs."
    )
