"""Which of the target's outputs mean what outputs of the source mean."""

from __future__ import annotations

from collections.abc import Container
from typing import cast

import numpy as np

from sktransfer._preprocessing import level_text, same_levels
from sktransfer._records import (
    CarriedLayer,
    ClassMap,
    DenseLayer,
    FitOptions,
    Label,
    MergedClasses,
    NumbersOfRates,
    OutputMap,
    SourceDescription,
    TargetSchema,
)
from sktransfer._typing import Entry
from sktransfer._warnings import listed
from sktransfer.exceptions import TransferError
from sktransfer.sources import describe_sources, is_several


def head_units(
    layer: DenseLayer, source: TargetSchema, target: TargetSchema, class_map: ClassMap
) -> CarriedLayer | None:
    """The target's output units, as far as those of the source's layer give them.

    Parameters
    ----------
    layer : DenseLayer
        Whose outputs are the source's.
    source, target : TargetSchema
    class_map : dict

    Returns
    -------
    CarriedLayer or None
        None where it gives none.  Of several classes of the source that are one of the target's,
        the unit is their mean and the logarithm of their number: linear, as the logarithm of the
        sum of their probabilities is where they are equal.
    """
    if target.kind == "several":
        return _units_by_task(layer, source, target, class_map)
    if (source.kind == "regression") != (target.kind == "regression") or source.kind == "several":
        return None
    if target.kind == "regression":
        # numbers mean the same under all losses of one link: a mean, a median, a quantile
        same = (source.n_outputs, source.out_activation) == (
            target.n_outputs,
            target.out_activation,
        )
        known = np.ones(target.n_outputs, bool)
        return CarriedLayer(layer.weight, layer.bias, known) if same else None
    return _class_units(layer, source, target, class_map)


def _units_by_task(
    layer: DenseLayer, source: TargetSchema, target: TargetSchema, class_map: ClassMap
) -> CarriedLayer | None:
    """The units of the tasks that both have under one name."""
    theirs, where = dict(source.tasks), source.columns
    weight = np.zeros((len(layer.weight), target.n_outputs), layer.weight.dtype)
    bias, known = np.zeros(target.n_outputs, layer.bias.dtype), np.zeros(target.n_outputs, bool)
    for name, task in target.tasks:
        at = target.columns[name]
        if name not in theirs or not task.n_outputs or not theirs[name].n_outputs:
            continue
        own = DenseLayer(layer.weight[:, where[name]], layer.bias[where[name]])
        given = head_units(own, theirs[name], task, class_map)
        if given:
            weight[:, at], bias[at], known[at] = given.weight, given.bias, given.outputs
    return CarriedLayer(weight, bias, known) if known.any() else None


def _class_units(
    layer: DenseLayer, source: TargetSchema, target: TargetSchema, class_map: ClassMap
) -> CarriedLayer | None:
    """Output units of the target's classes, and which of them the source has."""
    if (source.kind == "multilabel") != (target.kind == "multilabel"):
        return None
    at = _target_classes(source, target, class_map)
    units = np.vstack([layer.weight, layer.bias])  # as columns, the bias as one more row
    if source.kind == "binary":  # one logit is the difference of two
        units = np.hstack([-0.5 * units, 0.5 * units])[:, : len(at)]
    is_of = at[:, None] == np.arange(len(target.labels))
    count = is_of.sum(axis=0)
    known = count > 0
    values = units @ (is_of / np.maximum(count, 1)).astype(units.dtype)
    values[-1] += np.log(np.maximum(count, 1))
    if target.kind == "binary":
        if len(known) != 2 or not known.all():
            return None
        values, known = values[:, 1:] - values[:, :1], known[1:]
    return CarriedLayer(values[:-1], values[-1], known) if known.any() else None


def _target_classes(source: TargetSchema, target: TargetSchema, class_map: ClassMap) -> np.ndarray:
    """Per class of the source the position of the target's that it is, -1 where it is none."""
    theirs, ours = source.labels, target.labels
    _check_class_map(class_map, theirs, ours)
    where = {label: k for k, label in enumerate(ours)}
    at = np.array([where.get(class_map.get(label, label), -1) for label in theirs])
    known = {label for label in ours if label in theirs and label not in class_map}
    for label, i in _respelled_classes(ours, theirs, known, class_map).items():
        at[i] = where[label]
    return at


def _respelled_classes(
    ours: list[Label], theirs: list[Label], known: Container[Label], class_map: ClassMap
) -> dict[Label, int]:
    """The target's label → its place in the source, where it is spelled otherwise there."""
    new = {_text(label): label for label in ours if label not in known}
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


def class_map_of(options: FitOptions, source: SourceDescription | None) -> ClassMap | None:
    """The user's `class_map`; of several sources the part that is about this one.

    What is about none of them stays, and is refused.
    """
    class_map: ClassMap | None = options.class_map
    if not class_map or not is_several(options.source) or source is None or source.target is None:
        return class_map
    theirs = source.target.labels
    others = {
        label
        for one in describe_sources(options.source).values()
        if one.target is not None
        for label in one.target.labels
        if label not in theirs
    }
    return {one: other for one, other in class_map.items() if one not in others} or None


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
) -> tuple[np.ndarray, OutputMap | None]:
    """What the target's outputs mean in linear outputs of the source.

    Returns
    -------
    own : ndarray of shape (n_source_outputs, n_targets)
        Per target output its combination of the source's; zeros where it has none.
    output_map : DenseLayer, MergedClasses, NumbersOfRates or None
        From the source's linear outputs to the target's, numbers in the user's unit; None where
        they mean other things.  They mean the same where all of the target's classes are the
        source's, both are regressions with one link, or the source predicts rates and the target
        numbers.  Of more classes than the target's the probabilities are restricted to these and
        sum to one again.
    """
    theirs = source.target
    n_outputs = len(source.layers[-1].bias) if source.layers else theirs.n_outputs  # type: ignore[union-attr]
    nothing = np.zeros((n_outputs, target.n_outputs))
    if theirs is None or (class_map is not None and not class_map and target.classes is not None):
        return nothing, None
    class_map = class_map or {}
    if _are_rates_of_numbers(theirs, target):
        return np.eye(n_outputs), NumbersOfRates(DenseLayer(np.diag(theirs.scale), theirs.center))
    units = head_units(_as_they_are(n_outputs), theirs, target, class_map)
    if units is None:
        return nothing, None
    own: np.ndarray = units.weight
    if not units.outputs.all():
        return own, None
    if not _have_same_classes(theirs, target) and not _is_part(theirs, target, class_map):
        return own, None
    if target.kind == "regression":
        return own, DenseLayer(own * theirs.scale[:, None], theirs.center @ own)
    at = _target_classes(theirs, target, class_map)
    if len(np.unique(at[at >= 0])) < (at >= 0).sum():
        return own, MergedClasses(at, target.n_outputs)
    return own, DenseLayer(own, units.bias)


def _are_rates_of_numbers(source: TargetSchema, target: TargetSchema) -> bool:
    """Whether a source gives logarithms of what a target has as numbers."""
    links = (source.out_activation, target.out_activation)
    are_numbers = source.kind == target.kind == "regression"
    return are_numbers and source.n_outputs == target.n_outputs and links == ("exp", "identity")


def _as_they_are(n_outputs: int) -> DenseLayer:
    return DenseLayer(np.eye(n_outputs), np.zeros(n_outputs))


def matched_classes(source: TargetSchema, target: TargetSchema) -> np.ndarray | None:
    """Which of a target's classes are a source's; None where one of them has no classes."""
    if not {source.kind, target.kind} <= {"binary", "multiclass"}:
        return None
    units = head_units(_as_they_are(source.n_outputs), source, target, {})
    return np.zeros(len(target.labels), bool) if units is None else units.outputs


def maps_all_classes(
    output_map: OutputMap | None, source: TargetSchema, target: TargetSchema
) -> bool:
    """Whether a source's outputs mean a target's, and it has no class that the target lacks."""
    if isinstance(output_map, MergedClasses):
        return output_map.takes_all
    return output_map is not None and _have_same_classes(source, target)


def _have_same_classes(source: TargetSchema, target: TargetSchema) -> bool:
    """Whether a source whose classes are known for a target's has no others."""
    return target.classes is None or len(source.labels) == len(target.labels)


def _is_part(source: TargetSchema, target: TargetSchema, class_map: ClassMap) -> bool:
    """Whether a target's classes are some of a source's, several of which only a map makes one.

    Of more classes than the target's 0 and 1 are hardly its no and yes.
    """
    if target.kind == "multilabel":
        return False
    own = [_plain(label) for label in source.labels if label not in class_map]
    theirs = {*own, *map(_plain, class_map.values())}
    return len(set(own)) == len(own) and set(map(_plain, target.labels)) <= theirs


def _plain(label: Label) -> str:
    return "".join(filter(str.isalnum, _text(label).casefold()))
