"""What a table's columns mean in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sktransfer._records._layers import check_unit, frozen_array
from sktransfer._typing import CheckedTable, Matrix

#: What one of a network's inputs is: its column, and which part of it.
InputId = tuple[Any, ...]


@runtime_checkable
class Transformer(Protocol):
    """Turns a table into an array of numbers, as scikit-learn's fitted transformers do."""

    def transform(self, X: CheckedTable, /) -> Matrix: ...


@dataclass(frozen=True, eq=False)
class InputColumns:
    """Which columns a table has, and which inputs of a network are made of them.

    A fitted `transformer`, if there is one, turns the table into *encoded* columns of numbers.
    Behind them stand indicators of missing entries, and behind those the Fourier features of
    some columns: of a standardised value z, ``0.7 cos(2πfz)`` and ``0.7 sin(2πfz)`` for a few
    frequencies f.

    Attributes
    ----------
    n_features : int
        Number of the table's columns.
    n_encoded : int
        Number of encoded columns; a column of categories is encoded as several.
    names : tuple of str or None
        Names of the table's columns, None where it had none.
    encoded_names : tuple of str or None
        Names of the encoded columns.
    transformer : object or None
        Has ``transform(X)`` → array of shape (n_samples, n_encoded).
    order : tuple of int or None
        Positions of the encoded columns behind the transformer, where they are rearranged.
    named_by_source : bool
        Whether the encoded columns have the names of another source's: they come out of its
        transformer, or stand where its columns stood.
    missing_indicators : tuple of int
        Positions of encoded columns with an indicator of missing entries.
    fourier : tuple of (int, tuple of float)
        Positions of encoded columns with Fourier features, and their frequencies.
    truths : tuple of int
        Positions of the table's columns that held zeros and ones, or truth values, alone: words
        for truth values are read in them.

    See Also
    --------
    InputScaling : The unit of each column.
    InputSchema : Both together.

    Examples
    --------
    >>> from sktransfer.sources import InputColumns
    >>> InputColumns(2, 2, names=("age", "member"), missing_indicators=(0,)).n_inputs
    3
    """

    n_features: int
    n_encoded: int
    names: tuple[str, ...] | None = None
    encoded_names: tuple[str, ...] | None = None
    transformer: Transformer | None = None
    order: tuple[int, ...] | None = None
    named_by_source: bool = False
    missing_indicators: tuple[int, ...] = ()
    fourier: tuple[tuple[int, tuple[float, ...]], ...] = ()
    truths: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        problem = self._contradiction()
        if problem is not None:
            raise ValueError(f"The columns of a table contradict themselves: {problem}.")

    def _contradiction(self) -> str | None:
        """What does not go together, None where everything does."""
        if min(self.n_features, self.n_encoded) < 0:
            return "a number of columns below 0"
        if self.names is not None and len(self.names) != self.n_features:
            return f"{len(self.names)} names of {self.n_features} columns"
        if self.encoded_names is not None and len(self.encoded_names) != self.n_encoded:
            return f"{len(self.encoded_names)} names of {self.n_encoded} encoded columns"
        if self.transformer is None and self.n_features != self.n_encoded:
            return f"{self.n_features} columns become {self.n_encoded} without a transformer"
        if self.order is not None and (
            len(self.order) != self.n_encoded or sorted(self.order) != list(range(self.n_encoded))
        ):
            return f"an order that is none of {self.n_encoded} encoded columns"
        for chosen in (self.missing_indicators, tuple(i for i, _ in self.fourier)):
            if len(set(chosen)) < len(chosen) or any(not 0 <= i < self.n_encoded for i in chosen):
                return "positions of columns that are not there, or twice"
        if any(not 0 <= i < self.n_features for i in self.truths):
            return "positions of truth values that are none of the table's"
        if not all(np.isfinite(f) for _, frequencies in self.fourier for f in frequencies):
            return "frequencies that are not finite"
        return None

    @property
    def n_scaled(self) -> int:
        """Number of encoded columns and indicators.

        Each has a unit; Fourier features are made of standardised values.

        See Also
        --------
        InputScaling : Has an entry for each.

        Examples
        --------
        >>> from sktransfer.sources import InputColumns
        >>> InputColumns(2, 2, missing_indicators=(0,), fourier=((1, (0.5,)),)).n_scaled
        3
        """
        return self.n_encoded + len(self.missing_indicators)

    @property
    def n_inputs(self) -> int:
        """Number of the network's inputs.

        Encoded columns, indicators of missing entries, and Fourier features.

        See Also
        --------
        input_ids : What each of them is.

        Examples
        --------
        >>> from sktransfer.sources import InputColumns
        >>> InputColumns(2, 2, fourier=((0, (0.5, 1.0)),)).n_inputs
        6
        """
        return self.n_scaled + 2 * sum(len(frequencies) for _, frequencies in self.fourier)

    @property
    def named_columns(self) -> tuple[str, ...]:
        """Names of the encoded columns, made up from positions where they have none.

        Columns of two tables that have the same name are taken for the same.

        See Also
        --------
        input_ids : What becomes of them.

        Examples
        --------
        >>> from sktransfer.sources import InputColumns
        >>> InputColumns(2, 2).named_columns
        ('x0', 'x1')
        """
        if self.encoded_names is not None:
            return self.encoded_names
        return tuple(f"x{i}" for i in range(self.n_encoded))

    def column_ids(self, by_position: bool = False) -> Sequence[int | str]:
        """What each encoded column is: its name, or its position.

        Columns of two tables are the same where these are equal.

        Parameters
        ----------
        by_position : bool, default=False
            Identify columns by their position in the table, not by their name.

        Returns
        -------
        sequence of int or str
            One of each.

        See Also
        --------
        input_ids : What becomes of them.

        Examples
        --------
        >>> from sktransfer.sources import InputColumns
        >>> InputColumns(2, 2).column_ids()
        ('x0', 'x1')
        """
        if not by_position:
            return self.named_columns
        return range(self.n_encoded) if self.order is None else self.order

    def input_ids(self, by_position: bool = False) -> list[InputId]:
        """What each of the network's inputs is, so that two tables can be compared.

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
        >>> from sktransfer.sources import InputColumns
        >>> InputColumns(1, 1, encoded_names=("age",), missing_indicators=(0,)).input_ids()
        [('age', 'value'), ('age', 'missing')]
        """
        columns = self.column_ids(by_position)
        ids: list[InputId] = [(column, "value") for column in columns]
        ids += [(columns[i], "missing") for i in self.missing_indicators]
        for i, frequencies in self.fourier:
            ids += [(columns[i], "cos", f) for f in frequencies]
            ids += [(columns[i], "sin", f) for f in frequencies]
        return ids


@dataclass(frozen=True, eq=False)
class InputScaling:
    """The unit of every encoded column: ``z = (x - center) / scale``.

    What enters the network is this z, and in place of a missing entry a fill value.

    Attributes
    ----------
    center, scale : ndarray of shape (n_scaled,)
        Of the encoded columns and, behind them, of the indicators of missing entries; zeros and
        ones leave them as they are.
    fill_value : ndarray of shape (n_scaled,)
        The standardised value that stands for a missing entry, and for a column that another
        table lacks: 0 is the center.
    soft_clipping : bool
        Whether standardised values are clipped smoothly towards the range (-4, 4),
        ``z / sqrt(1 + (z / 4)²)``.
    is_measured : bool
        Whether `center` and `scale` are statistics of training data.  They may then be mixed with
        another table's, and missing entries have a value to stand for them.

    See Also
    --------
    InputColumns : What is scaled.
    InputSchema.scaled : Makes both for a table of numbers.

    Examples
    --------
    >>> from sktransfer.sources import InputScaling
    >>> InputScaling([10.0, 0.0], [5.0, 1.0], [0.0, 0.0]).scale
    array([5., 1.])
    """

    center: NDArray[np.float64]
    scale: NDArray[np.float64]
    fill_value: NDArray[np.float64]
    soft_clipping: bool = False
    is_measured: bool = False

    def __post_init__(self) -> None:
        for name in ("center", "scale", "fill_value"):
            object.__setattr__(self, name, frozen_array(getattr(self, name), np.float64))
        shapes = self.center.shape, self.scale.shape, self.fill_value.shape
        if len(set(shapes)) > 1 or len(shapes[0]) != 1:
            raise ValueError(
                "center, scale and fill_value must have one entry per encoded column and "
                f"indicator; they have the shapes {shapes}"
            )
        check_unit(self.center, self.scale)
        if not np.isfinite(self.fill_value).all():
            raise ValueError("fill_value must be finite numbers")

    @classmethod
    def none(cls, n_scaled: int) -> InputScaling:
        """Leave columns as they are.

        For inputs that the network takes in the table's own unit.

        Parameters
        ----------
        n_scaled : int
            How many there are.

        Returns
        -------
        InputScaling
            With 0 as the center and 1 as the scale of each.

        See Also
        --------
        InputSchema.plain : Such columns as a whole.

        Examples
        --------
        >>> from sktransfer.sources import InputScaling
        >>> InputScaling.none(2).scale
        array([1., 1.])
        """
        zeros = np.zeros(n_scaled)
        return cls(zeros, np.ones(n_scaled), zeros)


@dataclass(frozen=True, eq=False)
class InputStatistics:
    """How a network's inputs vary together over the rows that it was trained on.

    What a column that another table lacks would have been is predicted from the others.

    Attributes
    ----------
    mean : ndarray of shape (n_inputs,)
        Mean of the inputs.
    covariance : ndarray of shape (n_inputs, n_inputs)
        Their covariance.

    See Also
    --------
    InputSchema : Has them where they are known.

    Examples
    --------
    >>> import numpy as np
    >>> from sktransfer.sources import InputStatistics
    >>> InputStatistics(np.zeros(2), np.eye(2)).covariance.shape
    (2, 2)
    """

    mean: NDArray[np.floating]
    covariance: NDArray[np.floating]

    def __post_init__(self) -> None:
        for name in ("mean", "covariance"):
            object.__setattr__(self, name, frozen_array(getattr(self, name)))
        n_inputs = len(self.mean) if self.mean.ndim == 1 else -1
        if self.covariance.shape != (n_inputs, n_inputs):
            raise ValueError(
                f"a covariance of shape {self.covariance.shape} does not fit a mean of shape "
                f"{self.mean.shape}"
            )


@dataclass(frozen=True, eq=False)
class InputSchema:
    """How the columns of a table become the inputs of a network.

    A table of numbers is described by :meth:`plain` or :meth:`scaled`; a fitted estimator
    describes its own.

    Attributes
    ----------
    columns : InputColumns
        Which inputs are made of which column.
    scaling : InputScaling
        The unit of each.
    statistics : InputStatistics or None
        How the inputs vary together; None where that is not known.

    See Also
    --------
    TargetSchema : What the outputs mean.
    SourceDescription : Has one for its columns.

    Examples
    --------
    Of two columns, the first of which was standardised:

    >>> from sktransfer.sources import InputSchema
    >>> schema = InputSchema.scaled([10.0, 0.0], [5.0, 1.0], names=("age", "member"))
    >>> schema.n_inputs
    2
    """

    columns: InputColumns
    scaling: InputScaling
    statistics: InputStatistics | None = None

    def __post_init__(self) -> None:
        n_scaled, n_inputs = self.columns.n_scaled, self.columns.n_inputs
        if len(self.scaling.center) != n_scaled:
            raise ValueError(
                f"{n_scaled} encoded columns and indicators do not fit a scaling of "
                f"{len(self.scaling.center)}"
            )
        if self.statistics is not None and len(self.statistics.mean) != n_inputs:
            raise ValueError(
                f"{n_inputs} inputs do not fit statistics of {len(self.statistics.mean)}"
            )

    @property
    def n_inputs(self) -> int:
        """Number of the network's inputs.

        Encoded columns, indicators of missing entries, and Fourier features.

        See Also
        --------
        InputColumns.input_ids : What each of them is.

        Examples
        --------
        >>> from sktransfer.sources import InputSchema
        >>> InputSchema.plain(3).n_inputs
        3
        """
        return self.columns.n_inputs

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
        scaled : Columns that were scaled.
        SourceDescription : Assumes such columns where it is given nothing.

        Examples
        --------
        >>> from sktransfer.sources import InputSchema
        >>> InputSchema.plain(2, names=("age", "height")).n_inputs
        2
        """
        columns = InputColumns(n_features, n_features, names, encoded_names=names)
        return cls(columns, InputScaling.none(n_features))

    @classmethod
    def scaled(
        cls,
        center: ArrayLike,
        scale: ArrayLike,
        names: tuple[str, ...] | None = None,
        fill_value: ArrayLike | None = None,
    ) -> InputSchema:
        """Describe columns that go into the network as ``(x - center) / scale``.

        For a network that was trained on a table of numbers behind a scaler.

        Parameters
        ----------
        center, scale : array-like of shape (n_features,)
            Of each column, such as its mean and standard deviation.
        names : tuple of str, default=None
            What the columns are called; None for nameless columns.
        fill_value : array-like of shape (n_features,), default=None
            The scaled value of a column that another table lacks; None for 0, the center.

        Returns
        -------
        InputSchema
            Without a transformer.

        See Also
        --------
        plain : Columns that were not scaled.

        Examples
        --------
        >>> from sktransfer.sources import InputSchema
        >>> InputSchema.scaled([40.0, 170.0], [12.0, 9.0], names=("age", "height")).scaling.center
        array([ 40., 170.])
        """
        center = frozen_array(center, np.float64)
        filled = np.zeros(len(center)) if fill_value is None else fill_value
        columns = InputColumns(len(center), len(center), names, encoded_names=names)
        return cls(columns, InputScaling(center, scale, filled))  # type: ignore[arg-type]
