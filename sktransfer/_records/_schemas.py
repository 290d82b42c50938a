"""What a target means in numbers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sktransfer._losses import OutputLoss, loss_of
from sktransfer._records._layers import check_unit, frozen_array

TargetKind = Literal["binary", "multiclass", "multilabel", "regression", "several"]
#: An output activation, or for several tasks side by side each one's and its number of outputs.
OutActivation = str | tuple[tuple[str, int], ...]
#: The same for losses, by their names.
OutputLosses = str | tuple[tuple[str, int], ...]


#: A class: text, a number or a truth value.
Label = Hashable
#: From labels of a source to labels of a target.
ClassMap = Mapping[Label, Label]


#: Share of a target's standard deviation by which its predictions may be rounded.
_MOST_ROUNDING = 1e-3


def is_rounded(largest: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Where single precision takes more of numbers than their spread allows."""
    rounding = np.finfo(np.float32).eps * np.abs(largest)
    return np.asarray(rounding > _MOST_ROUNDING * spread)


@dataclass(frozen=True, eq=False)
class TargetSchema:
    """What a network's outputs mean.

    With it an estimator can keep the output layer of a source, unit by unit, and read the source's
    predictions.

    Attributes
    ----------
    kind : {'binary', 'multiclass', 'multilabel', 'regression', 'several'}
        A binary classifier has one output, the logit of ``classes[1]``.
    n_outputs : int
        Number of output units.
    classes : ndarray of shape (n_classes,) or None
        Labels in the order of the outputs; None for regression.
    loss : str
        What the outputs were trained for; it fixes the output activation.  ``'log_loss'`` for
        classes, or a regressor's: ``'squared_error'``, ``'absolute_error'``, ``'huber'``,
        ``'quantile(0.9)'``, ``'poisson'``, ``'gamma'``, ``'tweedie(1.5)'``.
    center, scale : ndarray of shape (n_outputs,)
        Regression outputs are ``(y - center) / scale``.
    tasks : tuple of (str, TargetSchema)
        Of kind 'several': the tasks whose outputs stand side by side, see :meth:`concatenated`.
        A task without a single label has no outputs.

    See Also
    --------
    InputSchema : What the inputs mean.
    SourceDescription : Has one for its target.

    Examples
    --------
    >>> from sktransfer.sources import TargetSchema
    >>> TargetSchema("binary", 1, classes=["no", "yes"]).out_activation
    'logistic'
    >>> TargetSchema("regression", 1, loss="squared_error", center=[20.0], scale=[4.0]).is_scaled
    True
    """

    kind: TargetKind
    n_outputs: int
    classes: np.ndarray | None = None
    loss: str = "log_loss"
    center: NDArray[np.float64] = None  # type: ignore[assignment]
    scale: NDArray[np.float64] = None  # type: ignore[assignment]
    tasks: tuple[tuple[str, TargetSchema], ...] = ()

    @classmethod
    def concatenated(cls, tasks: Mapping[str, TargetSchema]) -> TargetSchema:
        """The outputs of several tasks in one network.

        For a network of several tasks that you describe by hand; a fitted
        :class:`~sktransfer.MultiTaskMLP` describes itself.

        Parameters
        ----------
        tasks : mapping of str to TargetSchema
            What each task's outputs mean, in the order of the outputs.

        Returns
        -------
        TargetSchema
            Of kind 'several'.

        See Also
        --------
        columns : Where the outputs of each task are.

        Examples
        --------
        >>> from sktransfer.sources import TargetSchema
        >>> tasks = {
        ...     "ill": TargetSchema("binary", 1, classes=["no", "yes"]),
        ...     "days": TargetSchema("regression", 1, loss="squared_error"),
        ... }
        >>> TargetSchema.concatenated(tasks).n_outputs
        2
        """
        several = list(tasks.values())
        return cls(
            "several",
            sum(task.n_outputs for task in several),
            center=np.concatenate([task.center for task in several]),
            scale=np.concatenate([task.scale for task in several]),
            tasks=tuple(tasks.items()),
        )

    def __post_init__(self) -> None:
        if self.n_outputs < 0:
            raise ValueError(f"A target cannot have {self.n_outputs} outputs")
        if self.loss != "log_loss" and loss_of(self.loss).name in ("softmax", "logistic"):
            raise ValueError(f"The loss of classes is 'log_loss', not {self.loss!r}")
        for name, default in (("center", 0.0), ("scale", 1.0)):
            values = getattr(self, name)
            filled = np.full(self.n_outputs, default) if values is None else values
            object.__setattr__(self, name, frozen_array(filled, np.float64))
        check_unit(self.center, self.scale)
        if self.center.shape != (self.n_outputs,) or self.scale.shape != (self.n_outputs,):
            raise ValueError(
                f"center and scale must have {self.n_outputs} entries, one per output"
            )
        if self.kind not in ("regression", "several") and self.is_scaled:
            raise ValueError(f"The outputs of a {self.kind} target have no unit to be scaled to")
        self._check_tasks()
        if self.classes is not None:
            object.__setattr__(self, "classes", frozen_array(self.classes))
            self._check_classes()

    def _check_tasks(self) -> None:
        several = [task for _, task in self.tasks]
        if (self.kind == "several") != bool(several):
            raise ValueError(f"A {self.kind} target cannot have {len(several)} tasks")
        if not several:
            return
        if len(dict(self.tasks)) < len(several) or any(t.kind == "several" for t in several):
            raise ValueError("Tasks must differ by name, and none can be several tasks itself")
        for name in ("center", "scale"):
            theirs = np.concatenate([getattr(task, name) for task in several])
            if not np.array_equal(theirs, getattr(self, name)):
                raise ValueError(f"{name} of several tasks must be that of each task in turn")

    def _check_classes(self) -> None:
        n_classes = len(self.labels)
        n_outputs = 1 if self.kind == "binary" else n_classes
        if n_outputs != self.n_outputs or (self.kind == "binary" and n_classes > 2):
            raise ValueError(
                f"A {self.kind} target with {n_classes} classes cannot have "
                f"{self.n_outputs} outputs."
            )
        if self.classes.ndim != 1 or not n_classes:  # type: ignore[union-attr]
            raise ValueError("classes must be one row of labels, at least one")
        if self.kind not in ("binary", "multiclass", "multilabel"):
            raise ValueError(f"A {self.kind} target cannot have classes")
        if len(set(self.labels)) < n_classes:
            raise ValueError("classes must differ from each other")

    @property
    def blocks(self) -> list[TargetSchema]:
        """The tasks that have outputs; of a single task itself.

        A task without any label has none.

        See Also
        --------
        columns : Where they are.

        Examples
        --------
        >>> from sktransfer.sources import TargetSchema
        >>> grade = TargetSchema("multiclass", 3, classes=[1, 2, 3])
        >>> days = TargetSchema("regression", 1, loss="squared_error")
        >>> both = TargetSchema.concatenated({"grade": grade, "days": days})
        >>> [task.kind for task in both.blocks]
        ['multiclass', 'regression']
        """
        tasks = [task for _, task in self.tasks] if self.kind == "several" else [self]
        return [task for task in tasks if task.n_outputs]

    @property
    def labels(self) -> list[Label]:
        """The classes as Python objects; none for regression.

        They are what reports and files name classes by.

        See Also
        --------
        blocks : The tasks, each of which has its own.

        Examples
        --------
        >>> from sktransfer.sources import TargetSchema
        >>> TargetSchema("binary", 1, classes=["no", "yes"]).labels
        ['no', 'yes']
        """
        return [] if self.classes is None else self.classes.tolist()

    @property
    def needs_digits(self) -> bool:
        """Whether outputs in the user's unit are rounded too much in single precision.

        That is so where their spread is tiny against their size.

        See Also
        --------
        is_scaled : Whether they have another unit than the network's.

        Examples
        --------
        >>> from sktransfer.sources import TargetSchema
        >>> TargetSchema("regression", 1, center=[1e8], scale=[1.0]).needs_digits
        True
        """
        is_number = self.kind in ("regression", "several")
        return is_number and bool(is_rounded(self.center, self.scale).any())

    @property
    def is_scaled(self) -> bool:
        """Whether regression outputs are in another unit than the user's.

        Their center and scale bring them back.

        See Also
        --------
        out_activation : What is applied before.

        Examples
        --------
        >>> from sktransfer.sources import TargetSchema
        >>> TargetSchema("regression", 1, loss="squared_error", scale=[4.0]).is_scaled
        True
        """
        return bool(self.center.any() or (self.scale != 1).any())

    @property
    def columns(self) -> dict[str, slice]:
        """Where the outputs of each of several tasks are.

        Empty for a single task, to which all outputs belong.

        See Also
        --------
        blocks : The tasks themselves.

        Examples
        --------
        >>> from sktransfer.sources import TargetSchema
        >>> grade = TargetSchema("multiclass", 3, classes=[1, 2, 3])
        >>> days = TargetSchema("regression", 1, loss="squared_error")
        >>> both = TargetSchema.concatenated({"grade": grade, "days": days})
        >>> both.columns["days"]
        slice(3, 4, None)
        """
        ends = np.cumsum([0, *(task.n_outputs for _, task in self.tasks)]).tolist()
        return {name: slice(*at) for (name, _), at in zip(self.tasks, pairwise(ends), strict=True)}

    @property
    def out_activation(self) -> OutActivation:
        """Name of the activation of the outputs.

        It follows from what the outputs were trained for.  Of several tasks it is a tuple with
        each one's, and its number of outputs.

        See Also
        --------
        is_scaled : What is applied afterwards.

        Examples
        --------
        >>> from sktransfer.sources import TargetSchema
        >>> TargetSchema("regression", 1, loss="poisson").out_activation
        'exp'
        """
        if self.kind == "several":
            return tuple((str(task.out_activation), task.n_outputs) for task in self.blocks)
        return self.loss_function.activation

    @property
    def output_losses(self) -> OutputLosses:
        """Name of the loss of the outputs, as the engine has it.

        Of several tasks it is a tuple with each one's, and its number of outputs.

        See Also
        --------
        loss_function : The loss itself, of a single task.

        Examples
        --------
        >>> from sktransfer.sources import TargetSchema
        >>> TargetSchema("binary", 1, classes=["no", "yes"]).output_losses
        'logistic'
        """
        if self.kind == "several":
            return tuple((str(task.output_losses), task.n_outputs) for task in self.blocks)
        if self.kind == "regression":
            return "squared_error" if self.loss == "log_loss" else self.loss
        return "softmax" if self.kind == "multiclass" else "logistic"

    @property
    def loss_function(self) -> OutputLoss:
        """The loss of the outputs of a single task.

        It says how predictions are compared with targets, and what their link is.

        See Also
        --------
        out_activation : The inverse of its link.

        Examples
        --------
        >>> from sktransfer.sources import TargetSchema
        >>> TargetSchema("regression", 1, loss="gamma").loss_function.has_log_link
        True
        """
        return loss_of(str(self.output_losses))
