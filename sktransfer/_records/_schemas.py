"""What a table's columns, and its target, mean in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sktransfer._records._layers import frozen_array

_LOSSES = ("log_loss", "squared_error", "poisson")
TargetKind = Literal["binary", "multiclass", "multilabel", "regression", "several"]
#: An output activation, or for several tasks side by side each one's and its number of outputs.
OutActivation = str | tuple[tuple[str, int], ...]


@dataclass(frozen=True, eq=False)
class InputSchema:
    """How the columns of a table become the inputs of a network.

    In four steps: a fitted `transformer`, if there is one, turns the table into *encoded*
    columns of numbers; columns in `flagged` get an indicator of their missing entries beside
    them; every column is standardised, ``z = (x - center) / scale``, with missing entries as
    `absent` and with `clip` bent smoothly towards the range (-4, 4), ``z / sqrt(1 + (z / 4)²)``;
    and columns in `waves` get ``0.7 cos(2πfz)`` and ``0.7 sin(2πfz)`` beside them for a few
    frequencies f.

    Attributes
    ----------
    names : tuple of str or None
        Names of the table's columns, None where it had none.
    n_features : int
        Number of the table's columns.
    encoded_names : tuple of str or None
        Names of the encoded columns.
    center, scale : ndarray of shape (n_encoded + n_flagged,)
        Moments of the encoded columns and indicators; zeros and ones leave them as they are.
    absent : ndarray of shape (n_encoded + n_flagged,)
        The standardised value that stands for a missing entry, and for a column that another
        table lacks: 0 is its mean.
    clip : bool
        Whether standardised values are bent towards (-4, 4).
    has_moments : bool
        Whether `center` and `scale` are moments of training data, so that they may be mixed
        with another table's.
    transformer : object or None
        Has ``transform(X)`` → array of shape (n_samples, n_encoded).
    order : tuple of int or None
        Positions of the encoded columns behind the transformer, where they are rearranged.
    is_entered : bool
        Whether the encoded columns are named as another source's are: by its transformer, or
        because they stand where its columns stood.
    flagged : tuple of int
        Positions of encoded columns with an indicator.
    waves : tuple of (int, tuple of float)
        Positions of encoded columns with waves, and their frequencies.
    input_mean : ndarray of shape (n_inputs,), or None
        Mean of the network's inputs over the training rows.
    input_covariance : ndarray of shape (n_inputs, n_inputs), or None
        Their covariance: what a column that another table lacks can be told from the others.

    See Also
    --------
    TargetSchema : What the outputs mean.
    SourceDescription : Has one for its columns.

    Examples
    --------
    Of two columns, one of which is standardised:

    >>> from sktransfer.sources import InputSchema
    >>> schema = InputSchema(2, [10.0, 0.0], [5.0, 1.0], [0.0, 0.0], names=("age", "member"))
    >>> schema.n_inputs
    2
    """

    n_features: int
    center: NDArray[np.float64]
    scale: NDArray[np.float64]
    absent: NDArray[np.float64]
    names: tuple[str, ...] | None = None
    encoded_names: tuple[str, ...] | None = None
    clip: bool = False
    has_moments: bool = False
    transformer: Any = None
    order: tuple[int, ...] | None = None
    is_entered: bool = False
    flagged: tuple[int, ...] = ()
    waves: tuple[tuple[int, tuple[float, ...]], ...] = ()
    input_mean: NDArray[np.floating] | None = None
    input_covariance: NDArray[np.floating] | None = None

    def __post_init__(self) -> None:
        for name in ("center", "scale", "absent"):
            object.__setattr__(self, name, frozen_array(getattr(self, name), np.float64))
        for name in ("input_mean", "input_covariance"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen_array(getattr(self, name)))
        if not self.center.shape == self.scale.shape == self.absent.shape:
            raise ValueError("center, scale and absent must have one entry per encoded column")
        _check_unit(self.center, self.scale)
        problem = self._contradiction()
        if problem is not None:
            raise ValueError(f"The schema of a table contradicts itself: {problem}.")

    def _contradiction(self) -> str | None:
        """What does not go together, None where everything does."""
        if self.center.ndim != 1 or not np.isfinite(self.absent).all():
            return "absent must be finite numbers, one for each encoded column"
        n_encoded = self.n_encoded
        if self.names is not None and len(self.names) != self.n_features:
            return f"{len(self.names)} names of {self.n_features} columns"
        if self.encoded_names is not None and len(self.encoded_names) != n_encoded:
            return f"{len(self.encoded_names)} names of {n_encoded} encoded columns"
        if self.transformer is None and self.n_features != n_encoded:
            return f"{self.n_features} columns become {n_encoded} without a transformer"
        if self.order is not None and sorted(self.order) != list(range(n_encoded)):
            return f"an order that is none of {n_encoded} encoded columns"
        return self._contradiction_of_inputs()

    def _contradiction_of_inputs(self) -> str | None:
        n_encoded, inputs = self.n_encoded, self.n_inputs
        with_features = [i for i, _ in self.waves]
        for chosen in (list(self.flagged), with_features):
            if len(set(chosen)) < len(chosen) or any(not 0 <= i < n_encoded for i in chosen):
                return "positions of columns that are not there, or twice"
        if not all(map(np.isfinite, (f for _, frequencies in self.waves for f in frequencies))):
            return "frequencies that are not finite"
        if self.input_mean is not None and self.input_mean.shape != (inputs,):
            return f"a mean of shape {self.input_mean.shape} for {inputs} inputs"
        if self.input_covariance is not None and self.input_covariance.shape != (inputs, inputs):
            return f"a covariance of shape {self.input_covariance.shape} for {inputs} inputs"
        return None

    @property
    def n_encoded(self) -> int:
        """Number of encoded columns.

        A column of categories is encoded as several.

        See Also
        --------
        n_inputs : With indicators and waves.

        Examples
        --------
        >>> from sktransfer.sources import InputSchema
        >>> InputSchema.plain(3).n_encoded
        3
        """
        return len(self.center) - len(self.flagged)

    @property
    def n_inputs(self) -> int:
        """Number of the network's inputs.

        Encoded columns, indicators of missing entries, and waves.

        See Also
        --------
        input_ids : What each of them is.

        Examples
        --------
        >>> from sktransfer.sources import InputSchema
        >>> zeros, ones = [0.0, 0.0], [1.0, 1.0]
        >>> InputSchema(2, zeros, ones, zeros, waves=((0, (0.5, 1.0)),)).n_inputs
        6
        """
        return len(self.center) + 2 * sum(len(frequencies) for _, frequencies in self.waves)

    @property
    def named_columns(self) -> tuple[str, ...]:
        """Names of the encoded columns, made up from positions where they have none.

        Columns of two tables that have the same name are taken for the same.

        See Also
        --------
        input_ids : What becomes of them.

        Examples
        --------
        >>> from sktransfer.sources import InputSchema
        >>> InputSchema.plain(2).named_columns
        ('x0', 'x1')
        """
        if self.encoded_names is not None:
            return self.encoded_names
        return tuple(f"x{i}" for i in range(self.n_encoded))

    def input_ids(self, by_position: bool = False) -> list[tuple]:
        """What each of the network's inputs is, so that two tables can be laid side by side.

        A weight of the source starts a weight of the target where the ids of their inputs are
        equal.

        Parameters
        ----------
        by_position : bool, default=False
            Identify columns by their position, not by their name.

        Returns
        -------
        list of (column, part)
            ``column`` is a name or a position, ``part`` says which input of it.

        See Also
        --------
        named_columns : The names that are used.

        Examples
        --------
        >>> from sktransfer.sources import InputSchema
        >>> zeros, ones = [0.0, 0.0], [1.0, 1.0]
        >>> InputSchema(1, zeros, ones, zeros, encoded_names=("age",), flagged=(0,)).input_ids()
        [('age', 'value'), ('age', 'missing')]
        """
        columns: Any = range(self.n_encoded) if by_position else self.named_columns
        ids: list[tuple] = [(column, "value") for column in columns]
        ids += [(columns[i], "missing") for i in self.flagged]
        for i, frequencies in self.waves:
            ids += [(columns[i], "cos", f) for f in frequencies]
            ids += [(columns[i], "sin", f) for f in frequencies]
        return ids

    @property
    def absent_inputs(self) -> np.ndarray:
        """The network's inputs for a row of missing columns.

        The source's layers are given these for a column that the target's table lacks, unless the
        other columns tell more of it.

        See Also
        --------
        input_ids : What each of them is.

        Examples
        --------
        >>> from sktransfer.sources import InputSchema
        >>> InputSchema.plain(2).absent_inputs
        array([0., 0.])
        """
        waves = [self.absent]
        for i, frequencies in self.waves:
            angle = 2 * np.pi * self.absent[i] * np.array(frequencies)
            waves += [0.7 * np.cos(angle), 0.7 * np.sin(angle)]
        return np.concatenate(waves)

    @classmethod
    def plain(cls, n_features: int, names: tuple[str, ...] | None = None) -> InputSchema:
        """Describe columns that go into the network as they are.

        For a network that was trained on a table of numbers without scaling.

        Parameters
        ----------
        n_features : int
            How many there are.
        names : tuple of str, default=None
            What they are called; None for nameless columns.

        Returns
        -------
        InputSchema
            Without scaling or a transformer.

        See Also
        --------
        SourceDescription : Assumes such columns where it is told nothing.

        Examples
        --------
        >>> from sktransfer.sources import InputSchema
        >>> InputSchema.plain(2, names=("age", "height")).n_inputs
        2
        """
        zeros, ones = np.zeros(n_features), np.ones(n_features)
        return cls(n_features, zeros, ones, zeros, names=names, encoded_names=names)


def _check_unit(center: np.ndarray, scale: np.ndarray) -> None:
    if not (np.isfinite(center).all() and np.isfinite(scale).all() and (scale != 0).all()):
        raise ValueError("center and scale must be finite numbers, and scale not 0")


@dataclass(frozen=True, eq=False)
class TargetSchema:
    """What a network's outputs mean.

    With it an estimator can keep the output layer of a source, unit by unit, and read the source's
    answers.

    Attributes
    ----------
    kind : {'binary', 'multiclass', 'multilabel', 'regression', 'several'}
        A binary classifier has one output, the logit of ``classes[1]``.
    n_outputs : int
        Number of output units.
    classes : ndarray of shape (n_classes,) or None
        Labels in the order of the outputs; None for regression.
    loss : {'log_loss', 'squared_error', 'poisson'}
        What the outputs were trained for; it fixes the output activation.
    center, scale : ndarray of shape (n_outputs,)
        Regression outputs are ``(y - center) / scale``.
    tasks : tuple of (str, TargetSchema)
        Of kind 'several': the tasks whose outputs stand side by side, see :meth:`side_by_side`.
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
    def side_by_side(cls, tasks: Mapping[str, TargetSchema]) -> TargetSchema:
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
        >>> TargetSchema.side_by_side(tasks).n_outputs
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
        if self.n_outputs < 0 or self.loss not in _LOSSES:
            raise ValueError(f"A target cannot have {self.n_outputs} outputs and {self.loss!r}")
        for name, default in (("center", 0.0), ("scale", 1.0)):
            values = getattr(self, name)
            filled = np.full(self.n_outputs, default) if values is None else values
            object.__setattr__(self, name, frozen_array(filled, np.float64))
        _check_unit(self.center, self.scale)
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
        >>> both = TargetSchema.side_by_side({"grade": grade, "days": days})
        >>> [task.kind for task in both.blocks]
        ['multiclass', 'regression']
        """
        tasks = [task for _, task in self.tasks] if self.kind == "several" else [self]
        return [task for task in tasks if task.n_outputs]

    @property
    def labels(self) -> list:
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
        >>> both = TargetSchema.side_by_side({"grade": grade, "days": days})
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
        if self.kind == "regression":
            return "exp" if self.loss == "poisson" else "identity"
        return "softmax" if self.kind == "multiclass" else "logistic"
