"""Which of the target's outputs mean what outputs of the source mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from sktransfer._preprocessing import level_text, same_levels
from sktransfer._records import ClassMap, DenseLayer, Label, SourceDescription, TargetSchema
from sktransfer._typing import Entry
from sktransfer._warnings import listed
from sktransfer.exceptions import TransferError


def head_units(
    units: np.ndarray, source: TargetSchema, target: TargetSchema, class_map: ClassMap
) -> tuple[np.ndarray, np.ndarray] | None:
    """The target's output units, and which of them the source gives; None if it gives none."""
    if target.kind == "several":
        return _units_by_task(units, source, target, class_map)
    if (source.kind == "regression") != (target.kind == "regression") or source.kind == "several":
        return None
    if target.kind == "regression":
        # numbers mean the same under all losses of one link: a mean, a median, a quantile
        same = (source.n_outputs, source.out_activation) == (
            target.n_outputs,
            target.out_activation,
        )
        return (units, np.ones(target.n_outputs, bool)) if same else None
    return _class_units(units, source, target, class_map)


def _units_by_task(
    units: np.ndarray, source: TargetSchema, target: TargetSchema, class_map: ClassMap
) -> tuple[np.ndarray, np.ndarray] | None:
    """The units of the tasks that both have under one name."""
    theirs, where = dict(source.tasks), source.columns
    values = np.zeros((len(units), target.n_outputs), units.dtype)
    known = np.zeros(target.n_outputs, bool)
    for name, task in target.tasks:
        at = target.columns[name]
        of_task = name in theirs and task.n_outputs and theirs[name].n_outputs
        given = of_task and head_units(units[:, where[name]], theirs[name], task, class_map)
        if given:
            values[:, at], known[at] = given
    return (values, known) if known.any() else None


def _class_units(
    units: np.ndarray, source: TargetSchema, target: TargetSchema, class_map: ClassMap
) -> tuple[np.ndarray, np.ndarray] | None:
    """Output units of the target's classes, and which of them the source has."""
    if (source.kind == "multilabel") != (target.kind == "multilabel"):
        return None
    theirs, ours = source.labels, target.labels
    _check_class_map(class_map, theirs, ours)
    if source.kind == "binary":  # one logit is the difference of two
        units = np.hstack([-0.5 * units, 0.5 * units])[:, : len(theirs)]
    where = {class_map.get(label, label): i for i, label in enumerate(theirs)}
    where |= _respelled_classes(ours, theirs, where, class_map)
    positions = np.array([where.get(label, -1) for label in ours])
    known = positions >= 0
    if target.kind == "binary":
        if len(positions) != 2 or not known.all():
            return None
        difference = units[:, positions[1]] - units[:, positions[0]]
        return difference[:, None], np.array([True])
    if not known.any():
        return None
    values = np.zeros((len(units), len(positions)), units.dtype)
    values[:, known] = units[:, positions[known].tolist()]
    return values, known


def _respelled_classes(
    ours: list[Label], theirs: list[Label], where: Mapping[Label, int], class_map: ClassMap
) -> dict[Label, int]:
    """The target's label → its place in the source, where it is spelled otherwise there."""
    new = {_text(label): label for label in ours if label not in where}
    open_ = {
        _text(label): i
        for i, label in enumerate(theirs)
        if label not in class_map and label not in ours
    }
    same = {text: text for text in new if text in open_}  # 1 and '1'
    same |= same_levels([t for t in new if t not in same], [t for t in open_ if t not in same])
    return {new[one]: open_[other] for one, other in same.items()}


def _text(label: Label) -> str:
    return level_text(cast("Entry", label)) or ""


def _check_class_map(class_map: ClassMap, theirs: list[Label], ours: list[Label]) -> None:
    for what, given, known in (
        ("keys", class_map.keys(), theirs),
        ("values", class_map.values(), ours),
    ):
        unknown = [label for label in given if label not in known]
        if unknown:
            of = "the source" if what == "keys" else "the target"
            raise TransferError(
                f"class_map has {what} {listed(unknown)}, which are not labels of {of}; expected "
                f"some of {listed(known)}. It maps labels of the source to labels of the target."
            )


_MEANINGS = {
    "regression": "numbers",
    "binary": "classes",
    "multiclass": "classes",
    "multilabel": "several labels at once",
    "several": "several tasks",
}


def why_not_kept(
    source: TargetSchema | None,
    target: TargetSchema,
    whole: bool,
    no_target: tuple[str, str] | None = None,
) -> tuple[str, str]:
    """Why the source's output layer is not kept, and what its user can do.

    `whole` says whether all hidden layers are the source's, `no_target` what is known where the
    meaning of the source's outputs is not.
    """
    anew = "use a strategy that trains a new output layer, such as 'l2_sp'"
    if not whole:
        return (
            "not all hidden layers below it are the source's",
            "Leave hidden_layer_sizes, head_hidden_layer_sizes and n_shared_layers at their "
            f"defaults, or {anew}.",
        )
    if source is None and no_target is not None:
        reason, cure = no_target
        return reason, f"{cure.rstrip('.')}, or {anew}."
    if source is None:
        return (
            "what the source's outputs mean is not known",
            f"Say it with SourceDescription(..., target=TargetSchema(...)), or {anew}.",
        )
    theirs, ours = _MEANINGS[source.kind], _MEANINGS[target.kind]
    if theirs != ours:
        of_task = f"Give one of its tasks, source=model.task(name), or {anew}."
        way_out = of_task if source.kind == "several" else f"{anew.capitalize()}."
        return f"the source's outputs are {theirs}, and y's are {ours}", way_out
    if target.kind == "several":
        names = [name for name, _ in source.tasks], [name for name, _ in target.tasks]
        return (
            f"no task means the same: the source's are {listed(names[0])}, y's {listed(names[1])}",
            f"Give tasks that mean the same the same names, or {anew}.",
        )
    if target.kind == "regression" and source.n_outputs != target.n_outputs:
        many = f"the source has {source.n_outputs} outputs, and y has {target.n_outputs}"
        return many, f"{anew.capitalize()}."
    if target.kind == "regression":
        return (
            f"the source was trained with loss={source.loss!r}, and this is loss={target.loss!r}",
            f"Use the same loss, or {anew}.",
        )
    few = "not both" if target.kind == "binary" else "none"
    return (
        f"of y's classes {listed(target.labels)}, {few} are among the source's "
        f"{listed(source.labels)}; class_map can say what is the same",
        "Give class_map={label in the source: label in y, ...}, or " + anew + ".",
    )


def meaning_of_outputs(
    source: SourceDescription, target: TargetSchema, class_map: ClassMap | None
) -> tuple[np.ndarray, DenseLayer | None]:
    """What the target's outputs mean in linear outputs of the source.

    Returns
    -------
    own : ndarray of shape (n_source_outputs, n_targets)
        Per target output its combination of the source's; zeros where it has none.
    layer : DenseLayer or None
        From the source's linear outputs to the target's, numbers in the user's unit; None where
        they mean other things.  They mean the same where all of the target's classes are the
        source's, or both are regressions with one link.  Of more classes than the target's the
        probabilities are restricted to these and sum to one again.
    """
    theirs = source.target
    n_outputs = len(source.layers[-1].bias) if source.layers else theirs.n_outputs  # type: ignore[union-attr]
    nothing = np.zeros((n_outputs, target.n_outputs))
    if theirs is None or (class_map is not None and not class_map and target.classes is not None):
        return nothing, None
    units = head_units(np.eye(n_outputs), theirs, target, class_map or {})
    if units is None:
        return nothing, None
    own, known = units
    if not known.all():
        return own, None
    if not have_same_classes(theirs, target) and not _is_part(theirs, target, class_map or {}):
        return own, None
    scale = theirs.scale if target.kind == "regression" else np.ones(n_outputs)
    center = theirs.center if target.kind == "regression" else np.zeros(n_outputs)
    return own, DenseLayer(own * scale[:, None], center @ own)


def has_other_classes(source: TargetSchema, target: TargetSchema) -> bool:
    """Whether a source has as many classes as a target, and none that is known for one of its."""
    are_classes = {source.kind, target.kind} <= {"binary", "multiclass"}
    if not are_classes or len(source.labels) != len(target.labels):
        return False
    return head_units(np.eye(source.n_outputs), source, target, {}) is None


def have_same_classes(source: TargetSchema, target: TargetSchema) -> bool:
    """Whether a source whose classes are known for a target's has no others."""
    return target.classes is None or len(source.labels) == len(target.labels)


def _is_part(source: TargetSchema, target: TargetSchema, class_map: ClassMap) -> bool:
    """Whether a target's classes are some of a source's, each of them one.

    Of more classes than the target's 0 and 1 are hardly its no and yes.
    """
    if target.kind == "multilabel":
        return False
    theirs = [_plain(class_map.get(label, label)) for label in source.labels]
    is_one = len(set(theirs)) == len(theirs)
    return is_one and set(map(_plain, target.labels)) <= set(theirs)


def _plain(label: Label) -> str:
    return "".join(filter(str.isalnum, _text(label).casefold()))
