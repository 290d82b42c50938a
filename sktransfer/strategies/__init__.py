"""How to move: from the names of a network's layers to a list of training phases.

A strategy says which layers start from the source, whose scaling the inputs get, and how
training proceeds.  It returns data (:class:`Phase`) and trains nothing itself.

Name a strategy or give an instance, whose parameters a grid search reaches:

>>> from sktransfer.strategies import L2SP, check_strategy
>>> check_strategy("l2_sp")
L2SP()
>>> check_strategy(L2SP(strength=0.5)).get_params()["strength"]
0.5

Your own needs no registration: subclass :class:`Strategy` and pass an instance.
"""

from sktransfer._records import LayerNames, Phase
from sktransfer.strategies._base import Strategy
from sktransfer.strategies._discriminative import Discriminative
from sktransfer.strategies._frozen import Frozen
from sktransfer.strategies._full import Full
from sktransfer.strategies._gradual import Gradual
from sktransfer.strategies._keep_head import KeepHead
from sktransfer.strategies._l2_sp import L2SP
from sktransfer.strategies._lp_ft import LPFT
from sktransfer.strategies._scratch import Scratch

#: Strategies by the name that ``strategy=`` takes.
STRATEGIES: dict[str, type[Strategy]] = {
    "auto": L2SP,
    "full": Full,
    "frozen": Frozen,
    "l2_sp": L2SP,
    "lp_ft": LPFT,
    "gradual": Gradual,
    "discriminative": Discriminative,
    "keep_head": KeepHead,
    "scratch": Scratch,
}

__all__ = [
    "L2SP",
    "LPFT",
    "STRATEGIES",
    "Discriminative",
    "Frozen",
    "Full",
    "Gradual",
    "KeepHead",
    "LayerNames",
    "Phase",
    "Scratch",
    "Strategy",
    "check_strategy",
]


def check_strategy(strategy: str | Strategy) -> Strategy:
    """The strategy object behind a name or an instance.

    Parameters
    ----------
    strategy : str or Strategy

    Returns
    -------
    Strategy

    Raises
    ------
    ValueError
        If the name is not known, the object is not a strategy, or one of its parameters is out
        of range.
    """
    if isinstance(strategy, Strategy):
        strategy._validate_params()
        return strategy
    if isinstance(strategy, str) and strategy in STRATEGIES:
        return STRATEGIES[strategy]()
    raise ValueError(
        f"strategy={strategy!r} is not known; expected one of {sorted(STRATEGIES)} or an instance "
        "of a sktransfer.strategies.Strategy subclass."
    )
