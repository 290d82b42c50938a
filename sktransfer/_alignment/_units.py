"""Columns of one name and another unit: said, because nothing else would show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sktransfer._alignment._units_of_predicted import has_levels
from sktransfer._preprocessing import ColumnUnits, encode
from sktransfer._records import (
    ColumnMatch,
    InputColumns,
    InputScaling,
    InputSchema,
    NumericColumn,
    SourceDescription,
    TransferPlan,
)
from sktransfer._typing import Matrix, is_sparse
from sktransfer._warnings import warn
from sktransfer.exceptions import TransferWarning
from sktransfer.sources import columns_of_source

#: Rows that are looked at, and that there have to be; columns of a wide table that are.
_MOST_ROWS, _FEWEST_ROWS, _MOST_COLUMNS = 2000, 10, 500
#: Ratio of standard deviations, and distance of means in standard deviations, that is no mere
#: difference of two populations.
_FAR_SCALE, _FAR_MEAN = 10.0, 5.0
#: Standard errors of a mean that chance in few rows makes up, also in columns with a long tail.
_FEW_ERRORS = 5.0
#: The distance of means, in the smaller standard deviation and in units of the other columns'
#: median one, from which on a small factor is no mere difference of two populations.
_APART, _TIMES_OTHERS = 2.5, 2.0
#: The distance of means at which degrees may be of another scale.
_OTHER_DEGREES = 3.0
#: Degrees Fahrenheit of 0 degrees Celsius.
_OFFSET = 32.0
#: Ratio of standard deviations that few rows do not reach where the mean is far from 0.
_BY_NO_CHANCE = 50.0
#: Share of the first layer's units that have the same value in all rows, and size of a column, at
#: which the source was meant for other numbers.
_SAME_SIGN, _LARGE = 0.6, 50.0
#: Factors between usual units.
_FACTORS = {
    1000.0: "1,000",
    1e6: "1,000,000",
    1e9: "1,000,000,000",
    100.0: "100",
    60.0: "60",
    3600.0: "3,600",
    86400.0: "86,400",
    2.54: "2.54 (inches and centimetres)",
    2.2046: "2.2 (kilograms and pounds)",
    1.6093: "1.6 (miles and kilometres)",
    3.2808: "3.3 (metres and feet)",
}
#: How far a ratio may be from a factor, and the ratio that is near none.
_SLACK = {factor: 1.5 if factor >= 60 else 1.4 for factor in _FACTORS}
_NEAR_NONE = min(factor / slack for factor, slack in _SLACK.items())


@dataclass(frozen=True)
class _Unit:
    """Mean and standard deviation of a column here, of how many entries, and there.

    `of_others` is the median of the other columns' distance of means, see `apart`.
    """

    name: str
    mean: float
    deviation: float
    theirs: tuple[float, float]
    n_rows: int
    of_others: float = 0.0

    @property
    def ratio(self) -> float:
        return self.deviation / self.theirs[1]

    @property
    def distance(self) -> float:
        return abs(self.mean - self.theirs[0]) / self.theirs[1]

    @property
    def apart(self) -> float:
        """The distance of means in the smaller of the two standard deviations."""
        return abs(self.mean - self.theirs[0]) / min(self.theirs[1], self.deviation)

    @property
    def stands_out(self) -> bool:
        """Whether neither few rows nor another population would move it so far.

        Where populations differ, columns of amounts often have about the same shape at another
        scale; but then the two overlap, and other columns differ as well.  Distances that say
        by themselves that units differ are enough, as all columns may be in other units.
        """
        far = np.clip(_TIMES_OTHERS * self.of_others, _APART, _FAR_MEAN)
        return bool(self.is_far and self.apart > far)

    @property
    def is_no_chance(self) -> bool:
        """Whether a few rows of the same column, with a long tail perhaps, would not be so."""
        center, scale = self.theirs
        spread = max(scale, self.deviation)
        is_moved = abs(self.mean - center) > _FAR_MEAN * spread
        is_scaled = not 1 / _BY_NO_CHANCE < self.ratio < _BY_NO_CHANCE
        tells = abs(center) > 2 * scale or abs(self.mean) > 2 * self.deviation
        return bool(is_moved or (is_scaled and tells))

    @property
    def is_far(self) -> bool:
        """Whether few rows alone would hardly bring a mean so far from the source's."""
        error = max(self.deviation, self.theirs[1]) / np.sqrt(self.n_rows)
        return bool(abs(self.mean - self.theirs[0]) > _FEW_ERRORS * error)


def warn_units(
    source: SourceDescription,
    X: Matrix,
    units: ColumnUnits,
    inputs: InputSchema,
    plan: TransferPlan,
) -> None:
    """Say where a table's numbers differ from those that the source was trained on.

    Parameters
    ----------
    source : SourceDescription
    X : ndarray or sparse matrix of shape (n_samples, n_encoded)
        Encoded columns.
    units : ColumnUnits
        Theirs.
    inputs : InputSchema
    plan : TransferPlan
    """
    if X.shape[0] < _FEWEST_ROWS:
        return
    if source.inputs.scaling.is_measured:
        warn_other_units(source, X, units, inputs.columns, plan.columns)
    else:
        _warn_far_outside(source, X, inputs, plan)


def warn_units_of_rows(of: str, rows: Matrix, X: Matrix, columns: InputColumns) -> None:
    """Say which columns of another table's rows have another unit than a table's.

    Parameters
    ----------
    of : str
        What the message calls the other table.
    rows, X : ndarray or sparse matrix of shape (n_samples, n_encoded)
        Encoded columns of the two.
    columns : InputColumns
        Of both.
    """
    if min(rows.shape[0], X.shape[0]) < _FEWEST_ROWS:
        return
    here, there = (ColumnUnits.of(some[:_MOST_ROWS], columns, None) for some in (X, rows))
    scaling = InputScaling(here.center, here.scale, np.zeros(len(here.center)), soft_clipping=True)
    units = _units(scaling, rows, there, columns, ColumnMatch(np.arange(columns.n_encoded)))
    others = [(unit, how) for unit in units if (how := _difference(unit, "X", of)) is not None]
    if others:
        warn(
            f"Columns of {of} have another unit or another range than X's: {_shown(others)}. "
            "Expected columns of one name to be in one unit. Convert them before fit, or rename "
            "those that are something else.",
            TransferWarning,
        )


def warn_units_of_chunk(inputs: InputSchema, X: Matrix) -> None:
    """Say which columns of a stream's next rows have another unit than the rows before.

    Parameters
    ----------
    inputs : InputSchema
        How the model reads its columns.
    X : ndarray or sparse matrix of shape (n_samples, n_encoded)
        Encoded columns.
    """
    if X.shape[0] < _FEWEST_ROWS or not inputs.scaling.is_measured:
        return
    columns = inputs.columns
    own = ColumnUnits.of(X, columns, None)
    same = ColumnMatch(np.arange(columns.n_encoded))
    every = _units(inputs.scaling, X, own, columns, same)
    units = [unit for unit in every if unit.is_no_chance]
    found = ((unit, _difference(unit, "the rows before", "these rows")) for unit in units)
    others = [(unit, how) for unit, how in found if how is not None]
    if others:
        warn(
            "Columns of these rows have another unit or another range than the rows before: "
            f"{_shown(others)}. Expected a column to be in one unit on the whole stream. Convert "
            "them before partial_fit; where values have moved so far, fit a new model.",
            TransferWarning,
        )


def warn_other_units(
    source: SourceDescription,
    X: Matrix,
    own: ColumnUnits,
    columns: InputColumns,
    match: ColumnMatch,
) -> None:
    """Say which columns have another unit than the source's, as far as that can be seen.

    Parameters
    ----------
    source : SourceDescription
    X : ndarray or sparse matrix of shape (n_samples, n_encoded)
        Encoded columns.
    own : ColumnUnits
        Theirs.
    columns : InputColumns
    match : ColumnMatch
    """
    if X.shape[0] < _FEWEST_ROWS or not source.inputs.scaling.is_measured:
        return
    units = _units(source.inputs.scaling, X, own, columns, match)
    _warn_of(source.name, units, X.shape[0])


def warn_units_of_predictions(source: SourceDescription, X: Matrix, columns: InputColumns) -> None:
    """Say which columns have another unit than a source without layers has noted.

    Parameters
    ----------
    source : SourceDescription
    X : ndarray or sparse matrix of shape (n_samples, n_encoded)
        Encoded columns, which the source does not get.
    columns : InputColumns
    """
    called = () if source.predictor is None else source.predictor.names or ()
    every = zip(called, columns_of_source(source), strict=False)
    noted = {name: one for name, one in every if one.deviation > 0}
    if X.shape[0] < _FEWEST_ROWS or not noted:
        return
    at = {name: i for i, name in enumerate(noted)}
    match = ColumnMatch(np.array([at.get(name, -1) for name in columns.named_columns], np.intp))
    center = np.array([one.mean for one in noted.values()])
    scale = np.array([one.deviation for one in noted.values()])
    nothing = np.zeros(len(match.source_position))
    own = ColumnUnits(nothing, nothing + 1, nothing > 0, nothing)
    theirs = InputScaling(center, scale, np.zeros(len(noted)), is_measured=True)
    _warn_of(source.name, _units(theirs, X, own, columns, match), X.shape[0])


def _warn_of(source: str, units: list[_Unit], n_rows: int) -> None:
    standardised = [unit for unit in units if _looks_standardised(unit, n_rows)]
    far = [unit for unit in standardised if _expects_other(unit)]
    if len(units) >= 2 and len(standardised) >= 0.8 * len(units) and 2 * len(far) >= len(units):
        warn(_scaled_twice(source, far), TransferWarning)
        return
    others = [(unit, how) for unit in units if (how := _difference(unit)) is not None]
    if others:
        warn(_other_units(source, others), TransferWarning)


def _units(
    theirs: InputScaling,
    X: Matrix,
    own: ColumnUnits,
    columns: InputColumns,
    match: ColumnMatch,
) -> list[_Unit]:
    """The columns of numbers that both have."""
    shared = np.asarray(_shared_numbers(theirs, columns, match), int)
    rows = X[:_MOST_ROWS]
    block = rows.tocsc()[:, shared].toarray() if is_sparse(rows) else rows[:, shared]
    says = has_levels(block, _FEWEST_ROWS)
    n_known = (~np.isnan(block[:, says])).sum(axis=0)
    shared = shared[says]
    means, deviations = own.center[shared], own.scale[shared]
    if not theirs.soft_clipping:  # a scaler's, which outliers do not leave alone
        block = block[:, says].astype(np.float64)
        means, deviations = np.nanmean(block, axis=0), np.nanstd(block, axis=0)
    found, names = [], columns.named_columns
    for i, mean, deviation, n in zip(shared, means, deviations, n_known, strict=True):
        at = match.source_position[i]
        unit = float(theirs.center[at]), abs(float(theirs.scale[at]))
        if deviation > 0:
            found.append(_Unit(str(names[i]), float(mean), float(deviation), unit, int(n)))
    apart = np.array([one.apart for one in found])
    return [
        replace(one, of_others=float(np.median(np.delete(apart, at))))
        for at, one in enumerate(found)
        if len(found) > 1
    ] or found


def _shared_numbers(theirs: InputScaling, columns: InputColumns, match: ColumnMatch) -> list[int]:
    """Where the columns of numbers are that both have and the source standardises."""
    names = columns.named_columns
    step = -(-len(names) // _MOST_COLUMNS) or 1
    made_of = {
        name: column for column, name in getattr(columns.transformer, "encoded_columns", ())
    }
    number = NumericColumn("")
    shared = []
    for i, name in list(enumerate(names))[::step]:
        at = match.source_position[i]
        if at < 0 or not isinstance(made_of.get(name, number), NumericColumn):
            continue
        if theirs.center[at] != 0.0 or theirs.scale[at] != 1.0:
            shared.append(i)
    return shared


def _looks_standardised(unit: _Unit, n_rows: int) -> bool:
    slack = 2 / np.sqrt(n_rows)
    return bool(abs(unit.mean) < 0.2 + slack) and bool(0.7 - slack < unit.deviation < 1.3 + slack)


def _expects_other(unit: _Unit) -> bool:
    center, scale = unit.theirs
    return not 1 / 3 < scale < 3 or abs(center) > 3


def _difference(unit: _Unit, of: str = "the source", here: str = "X") -> str | None:
    """How a column's unit differs from the source's, None where it may not.

    Parameters
    ----------
    unit : _Unit
    of, here : str
        What the message calls what is compared with, and what is compared.
    """
    if 1 / _NEAR_NONE < unit.ratio < _NEAR_NONE and unit.distance <= _OTHER_DEGREES:
        return None
    center, scale = unit.theirs
    factor = _common_factor(unit, of)
    if factor is not None:
        return factor
    if unit.distance > _OTHER_DEGREES and _is_fahrenheit(unit.mean, unit.deviation, center, scale):
        return f"degrees Fahrenheit in {here}, Celsius in {of}"
    if unit.distance > _OTHER_DEGREES and _is_fahrenheit(center, scale, unit.mean, unit.deviation):
        return f"degrees Celsius in {here}, Fahrenheit in {of}"
    if not 1 / _FAR_SCALE < unit.ratio < _FAR_SCALE:
        times = f"{unit.ratio:,.3g}" if unit.ratio > 1 else f"1/{1 / unit.ratio:,.3g}"
        return f"its standard deviation is {times} times that of {of}"
    if unit.distance > _FAR_MEAN and abs(unit.mean - center) > _FAR_MEAN * unit.deviation:
        return f"its mean is {unit.distance:,.3g} of {of}'s standard deviations away"
    return None


def _is_fahrenheit(mean: float, deviation: float, center: float, scale: float) -> bool:
    """Whether a column is another one times 1.8, plus 32.

    Where numbers differ by more than that 32, this could be any factor of about 1.8.
    """
    is_of_degrees = deviation < _OFFSET
    is_there = abs(mean - (1.8 * center + _OFFSET)) < deviation
    return is_of_degrees and is_there and 1.2 < deviation / scale < 2.7


def _common_factor(unit: _Unit, of: str) -> str | None:
    """The factor by which both mean and standard deviation differ, where it is a usual one."""
    center, scale = unit.theirs
    if 1 / _NEAR_NONE < unit.ratio < _NEAR_NONE:
        return None
    # a mean about 0 is not informative about a factor, and a small factor needs it
    says_much = abs(center) > 2 * scale or abs(unit.mean) > 2 * unit.deviation
    for factor, words in _FACTORS.items():
        is_large = factor >= 60
        for wanted, how in ((factor, f"{words} times"), (1 / factor, f"1/{words} of")):
            if not _is_about(unit.ratio, wanted, _SLACK[factor]):
                continue
            same = center * unit.mean > 0 and _is_about(
                unit.mean / center, wanted, 1.5 if is_large else 1.08
            )
            if (same and (is_large or unit.stands_out)) if says_much else is_large:
                return f"about {how} {of}'s"
    return None


def _is_about(ratio: float, wanted: float, slack: float) -> bool:
    return wanted / slack < ratio < wanted * slack


def _scaled_twice(name: str, far: Sequence[_Unit]) -> str:
    shown = "; ".join(
        f"{unit.name!r} of mean {unit.theirs[0]:.3g} and standard deviation {unit.theirs[1]:.3g}"
        for unit in far[:2]
    )
    return (
        f"The columns of X look standardised already, and the source ({name}) expects {shown}: "
        "its inputs are scaled twice. There is probably a scaler before this estimator: leave it "
        "out, as a source scales its columns by itself; or give a source that was fitted on "
        "columns that were standardised like these."
    )


def _shown(others: Sequence[tuple[_Unit, str]]) -> str:
    shown = "; ".join(f"{unit.name!r}: {how}" for unit, how in others[:3])
    return shown + (f"; and {len(others) - 3} more" if len(others) > 3 else "")


def _other_units(name: str, others: Sequence[tuple[_Unit, str]]) -> str:
    return (
        f"Of the source ({name}), columns have another unit or another range in X: "
        f"{_shown(others)}. "
        "Expected columns of one name to be in one unit. Convert them before fit, or rename "
        "those that are something else."
    )


def _warn_far_outside(
    source: SourceDescription, X: Matrix, inputs: InputSchema, plan: TransferPlan
) -> None:
    """Say that a network without a scaling of its own was trained on other numbers."""
    scaling = source.inputs.scaling
    first = plan.carried.get(next(iter(plan.layer_names)))
    plain = not scaling.center.any() and (scaling.scale == 1).all()
    if first is None or not plain:
        return
    rows = X[:_MOST_ROWS]
    Z = encode(rows, inputs, np.float64)
    known = plan.columns.known
    size = np.sqrt(np.mean(Z**2, axis=0)) * known
    pre = Z @ first.weight + first.bias
    if plan.activation in ("tanh", "logistic"):
        same = (pre > 3).all(axis=0) | (pre < -3).all(axis=0)
    else:
        same = (pre > 0).all(axis=0) | (pre <= 0).all(axis=0)
    if same.mean() < _SAME_SIGN or size.max(initial=0) < _LARGE:
        return
    name = inputs.columns.named_columns[int(np.argmax(size[: inputs.columns.n_encoded]))]
    warn(
        f"{same.mean():.0%} of the units in the first layer of the source ({source.name}) say the "
        f"same of every row of X, which has large numbers (column {name!r}: about "
        f"{size.max():,.3g}), and the source has no scaling of its own. If it was trained behind "
        "a scaler, give both of them as source: sklearn.pipeline.make_pipeline(scaler, network), "
        "as they are fitted. If it was trained on such numbers as they are, train it again "
        "behind a StandardScaler.",
        TransferWarning,
    )
