"""Several tasks in one step: how much each one counts.

Name one (``balancing="uncertainty"``), or give an instance, whose parameters a grid search
reaches as ``balancing__<parameter>``.  Your own is a subclass of :class:`Balancing`.

>>> from sktransfer.balancing import Uncertainty, check_balancing
>>> check_balancing("uncertainty")
Uncertainty()
"""

from sktransfer.balancing._base import Balancing
from sktransfer.balancing._equal import Equal
from sktransfer.balancing._pcgrad import PCGrad
from sktransfer.balancing._uncertainty import Uncertainty

#: Ways of balancing by the name that ``balancing=`` takes.
BALANCINGS: dict[str, type[Balancing]] = {
    "equal": Equal,
    "uncertainty": Uncertainty,
    "pcgrad": PCGrad,
}

__all__ = [
    "BALANCINGS",
    "Balancing",
    "Equal",
    "PCGrad",
    "Uncertainty",
    "check_balancing",
]


def check_balancing(balancing: str | Balancing) -> Balancing:
    """The balancing behind a name or an instance.

    The estimator calls it, so that a name that is misspelt is refused before anything is trained.

    Parameters
    ----------
    balancing : str or Balancing
        What `balancing` of :class:`~sktransfer.MultiTaskMLP` takes; an instance is given back when
        its parameters are valid.

    Returns
    -------
    Balancing
        With its default parameters, where a name was given.

    Raises
    ------
    ValueError
        If the name is not known, the object is no balancing, or one of its parameters is out of
        range.

    See Also
    --------
    Balancing : What one of your own derives from.

    Examples
    --------
    >>> from sktransfer.balancing import check_balancing
    >>> check_balancing("pcgrad")
    PCGrad()
    """
    if isinstance(balancing, str) and balancing in BALANCINGS:
        return BALANCINGS[balancing]()
    if isinstance(balancing, Balancing):
        balancing._validate_params()
        return balancing
    raise ValueError(
        f"balancing={balancing!r} is not known; expected one of {sorted(BALANCINGS)}, or an "
        "instance of a sktransfer.balancing.Balancing subclass."
    )
