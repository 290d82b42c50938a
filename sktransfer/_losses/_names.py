"""Losses by name.  A loss with a parameter is written with it: ``'quantile(0.9)'``."""

from __future__ import annotations

import re
from functools import lru_cache

from sktransfer._losses._absolute_error import AbsoluteError
from sktransfer._losses._base import OutputLoss
from sktransfer._losses._huber import Huber
from sktransfer._losses._log_loss import LogisticLogLoss, SoftmaxLogLoss
from sktransfer._losses._quantile import Quantile
from sktransfer._losses._squared_error import SquaredError
from sktransfer._losses._tweedie import Gamma, Poisson, Tweedie

#: Losses of numbers: those that a regressor's ``loss=`` takes.
_NUMBERS: tuple[type[OutputLoss], ...] = (
    SquaredError,
    AbsoluteError,
    Huber,
    Quantile,
    Poisson,
    Gamma,
    Tweedie,
)
_CLASSES: tuple[type[OutputLoss], ...] = (SoftmaxLogLoss, LogisticLogLoss)
_BY_NAME = {kind.name: kind for kind in _NUMBERS + _CLASSES}
NUMBER_LOSSES: tuple[str, ...] = tuple(kind.name for kind in _NUMBERS)


def loss_id(name: str, **parameters: float) -> str:
    """The name of a loss with its parameter, as records have it.

    Parameters
    ----------
    name : str
    **parameters : float
        By the names that estimators give them; only the loss's own is used.

    Returns
    -------
    str

    Examples
    --------
    >>> loss_id("quantile", quantile=0.9, power=1.5)
    'quantile(0.9)'
    >>> loss_id("squared_error", quantile=0.9)
    'squared_error'
    >>> loss_id("huber", delta=1.35), loss_id("huber", delta=2)
    ('huber', 'huber(2.0)')
    """
    kind = _BY_NAME[name]
    if kind.parameter_name is None:
        return name
    given = parameters.get(kind.parameter_name, kind.default_parameter)
    if given is None:
        raise ValueError(f"the loss {name!r} needs its {kind.parameter_name}")
    value = float(given)
    return name if value == kind.default_parameter else f"{name}({value!r})"


@lru_cache(maxsize=256)
def loss_of(written: str) -> OutputLoss:
    """The loss that a name stands for.

    Parameters
    ----------
    written : str
        As of :func:`loss_id`.

    Returns
    -------
    OutputLoss

    Raises
    ------
    ValueError
        If there is no such loss, or its parameter is out of range.

    Examples
    --------
    >>> loss_of("tweedie(1.5)").power
    1.5
    """
    found = re.fullmatch(r"(\w+)(?:\(([0-9.e+-]+)\))?", written)
    kind = None if found is None else _BY_NAME.get(found[1])
    if found is None or kind is None or not _fits(kind, found[2]):
        raise ValueError(f"there is no loss {written[:80]!r}; expected one of {list(_BY_NAME)}")
    return kind() if found[2] is None else kind(float(found[2]))


def _fits(kind: type[OutputLoss], parameter: str | None) -> bool:
    """Whether a loss can be written with, or without, a parameter."""
    if parameter is None:
        return kind.parameter_name is None or kind.default_parameter is not None
    return kind.parameter_name is not None
