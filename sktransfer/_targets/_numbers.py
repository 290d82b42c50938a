"""Numbers: one regression, of one output or of several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.utils import column_or_1d

from sktransfer._losses import NUMBER_LOSSES, loss_of
from sktransfer._records import TargetSchema
from sktransfer._targets._codec import Labels, TargetCodec
from sktransfer._targets._missing import (
    check_are_numbers,
    cure_of_texts,
    put_missing_back,
)
from sktransfer._targets._schemas import regression_schema, rows_that_count
from sktransfer._targets._scores import known_score
from sktransfer._typing import TargetLike
from sktransfer._warnings import warn


@dataclass(frozen=True, eq=False)
class NumberTarget(TargetCodec):
    """The target of a regressor.

    Parameters
    ----------
    loss : str
        As of :func:`sktransfer._losses.loss_of`.
    standardize : bool
        Whether outputs are standardised.
    """

    loss: str = "squared_error"
    standardize: bool = True
    is_numeric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if loss_of(self.loss).name not in NUMBER_LOSSES:
            raise ValueError(f"numbers have no loss {self.loss!r}")

    def known(
        self, y: TargetLike | None, labels: Labels
    ) -> tuple[TargetLike | None, np.ndarray | None]:
        check_are_numbers(y)
        return super().known(y, labels)

    def encode(self, y, missing, sample_weight, labels):
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        y = put_missing_back(y if y.ndim == 2 else y[:, None], missing)
        check_loss_takes(self.loss, y)
        if labels != "known":
            for column in rows_that_count(y, sample_weight).T:
                warn_of_far_value(self.loss, column)
        return y, sample_weight

    def warn_of_chunk(self, y, sample_weight, before):
        for at, column in enumerate(rows_that_count(y, sample_weight).T):
            warn_of_far_value(self.loss, column, before=unit_of(before, at))

    def schema(self, y, sample_weight, kept=None):
        return regression_schema(y, sample_weight, self.loss, self.standardize, kept)

    def check_schema(self, schema: TargetSchema) -> None:
        if (schema.kind, schema.loss) != ("regression", self.loss):
            raise ValueError("the model's outputs are not the numbers of the target")

    def decode(self, outputs):
        return outputs.ravel() if outputs.shape[1] == 1 else outputs

    def score(self, y, outputs, sample_weight):
        # scikit-learn's MLPRegressor validates by R² with its Poisson loss, too
        loss = loss_of("squared_error" if self.loss == "poisson" else self.loss)
        return known_score(loss, y, outputs, np.isnan(y), sample_weight)


#: A value that at most this share of the rows have, and that lies this many standard deviations
#: of all others away from them, at least this many.
_RARE, _FAR, _LEAST_OTHERS = 0.1, 100.0, 8
#: How many times as large a spread is a sign of another unit.
_OTHER_UNIT = 30.0


def unit_of(before: TargetSchema | None, at: int) -> tuple[float, float] | None:
    """Center and scale of an output as they were measured before; None where they were not."""
    if before is None or not before.is_scaled:
        return None
    return float(before.center[at]), float(before.scale[at])


def warn_of_far_value(
    loss: str, y: np.ndarray, what: str = "y", before: tuple[float, float] | None = None
) -> None:
    """Say that a code or a mistake, such as -999, decides what a loss of means learns.

    Parameters
    ----------
    loss : str
    y : ndarray of shape (n_samples,)
        NaN where missing.
    what : str, default='y'
        What the message calls it.
    before : tuple of float, optional
        Mean and standard deviation of earlier rows, with which few rows are compared.
    """
    y = y[~np.isnan(y)].astype(np.float64)
    is_few = len(y) <= _LEAST_OTHERS
    if before is not None and not is_few:
        _warn_of_other_unit(y, what, *before)
    if loss_of(loss).is_robust or not len(y):
        return
    if is_few and before is None:
        return
    middle = before[0] if is_few and before is not None else np.median(y)
    far = y[np.argmax(np.abs(y - middle))]
    others = y[y != far]
    n_far = len(y) - len(others)
    if is_few and before is not None:
        (mean, spread), of = before, "the earlier rows"
    elif n_far > _RARE * len(y) or len(others) < _LEAST_OTHERS:
        return
    else:
        mean, spread, of = others.mean(), others.std(), "all others"
    distance = abs(far - mean)
    if 0 < _FAR * spread < distance:
        warn(
            f"{what} is {far:.6g} in {n_far} of {len(y)} rows, {distance / spread:.0f} standard "
            f"deviations of {of} away from them; expected values of one scale, as loss="
            f"{loss_of(loss).name!r} learns means, which such a value decides. Leave these rows "
            "out if it is a code or a mistake; else use loss='huber' or 'absolute_error'.",
            UserWarning,
        )


def _warn_of_other_unit(y: np.ndarray, what: str, center: float, scale: float) -> None:
    """Say that the next rows of a stream are probably in another unit than the rows before."""
    low, middle, high = np.quantile(y, (0.25, 0.5, 0.75))
    times = (high - low) / 1.349 / scale
    is_smaller = center != 0 and 0 < times < 1 / _OTHER_UNIT
    if is_smaller:  # and no narrow part of the range: the center is smaller by the same factor
        is_smaller = 0.5 < middle / center / times < 2
    if times > _OTHER_UNIT or abs(middle - center) > _FAR * scale or is_smaller:
        warn(
            f"{what} has the median {middle:.6g} and the quartiles {low:.6g} and {high:.6g} in "
            f"these {len(y)} rows, and had the mean {center:.6g} and the standard deviation "
            f"{scale:.6g} before; expected one unit on the whole stream. Convert it before "
            "partial_fit; where values have moved so far, fit a new model.",
            UserWarning,
        )


def check_loss_takes(loss: str, y: np.ndarray, what: str = "") -> None:
    """Refuse targets that a loss is not defined for.

    Raises
    ------
    ValueError
    """
    refusal = loss_of(loss).refuses(y)
    if refusal is not None:
        zeros = "loss='tweedie' with a power below 2 for amounts of which some are 0, "
        raise ValueError(
            f"{what}loss={loss_of(loss).name!r} needs {refusal}. Use "
            f"{'' if (y < 0).any() else zeros}loss='squared_error' for targets that can be "
            "negative."
        )


@dataclass(frozen=True, eq=False)
class NumberTask:
    """The coding of one regression among several tasks.

    Attributes
    ----------
    standardize : bool
    loss : str
        As of :func:`sktransfer._losses.loss_of`.
    """

    standardize: bool = True
    loss: str = "squared_error"
    n_outputs: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if loss_of(self.loss).name not in NUMBER_LOSSES:
            raise ValueError(f"numbers have no loss {self.loss!r}")

    def encode(self, values: np.ndarray, name: str) -> np.ndarray:
        """Numbers in the user's unit, of shape (n_labelled, 1)."""
        try:
            numbers = values.astype(np.float64)
        except (TypeError, ValueError):
            numbers = np.array([np.nan])
        if not np.isfinite(numbers).all():
            cure = cure_of_texts(values, f"y[{name!r}]")
            cure = "Clean the column, or" if cure is None else f"{cure} Or"
            raise ValueError(
                f"Task {name!r} has values such as {values[:3].tolist()}; expected finite "
                f"numbers, as it is a regression. {cure} say that they are classes: "
                f"task_kinds={{{name!r}: 'classification'}}."
            )
        check_loss_takes(self.loss, numbers, f"Task {name!r}: ")
        return numbers[:, None]

    def schema(
        self,
        y: np.ndarray,
        sample_weight: np.ndarray | None = None,
        kept: TargetSchema | None = None,
    ) -> TargetSchema:
        return regression_schema(y, sample_weight, self.loss, self.standardize, kept)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Numbers for outputs of shape (n_samples, 1) in the user's unit."""
        return outputs.ravel()

    def score(
        self, y_true: np.ndarray, y_pred: np.ndarray, sample_weight: np.ndarray | None = None
    ) -> float:
        """R² or D², as of :class:`NumberTarget`."""
        return known_score(loss_of(self.loss), y_true, y_pred, None, sample_weight)
