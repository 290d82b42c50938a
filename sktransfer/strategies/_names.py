"""Strategies by name."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from sktransfer.strategies._additive import Additive
from sktransfer.strategies._base import Strategy
from sktransfer.strategies._boosting import Boosting
from sktransfer.strategies._discriminative import Discriminative
from sktransfer.strategies._frozen import Frozen
from sktransfer.strategies._full import Full
from sktransfer.strategies._gradual import Gradual
from sktransfer.strategies._keep_head import KeepHead
from sktransfer.strategies._l2_sp import L2SP
from sktransfer.strategies._linear import Linear
from sktransfer.strategies._lp_ft import LPFT
from sktransfer.strategies._probe import Probe
from sktransfer.strategies._recalibrate import Recalibrate
from sktransfer.strategies._scratch import Scratch
from sktransfer.strategies._smooth import Smooth
from sktransfer.strategies._tangent import Tangent
from sktransfer.strategies._trees import Trees
from sktransfer.strategies._weighted_ensemble import WeightedEnsemble

#: Strategies by the name that ``strategy=`` takes.
STRATEGIES: dict[str, type[Strategy]] = {
    "auto": WeightedEnsemble,
    "ensemble": WeightedEnsemble,
    "full": Full,
    "frozen": Frozen,
    "l2_sp": L2SP,
    "lp_ft": LPFT,
    "gradual": Gradual,
    "discriminative": Discriminative,
    "keep_head": KeepHead,
    "scratch": Scratch,
    "tangent": Tangent,
    "recalibrate": Recalibrate,
    "smooth": Smooth,
    "additive": Additive,
    "linear": Linear,
    "probe": Probe,
    "trees": Trees,
    "boosting": Boosting,
}
_AN_INSTANCE = "an instance of a sktransfer.strategies.Strategy subclass"


def check_strategy(
    strategy: str | Strategy,
    has_source: bool = True,
    what: str = "",
    names: Collection[str] = STRATEGIES,
) -> Strategy:
    """The strategy behind a name or an instance.

    Without a source, ``'auto'`` is one network from scratch.

    Raises
    ------
    ValueError
        If the name is not known, the object is not a strategy, or one of its parameters is out
        of range.
    """
    if isinstance(strategy, Strategy):
        strategy._validate_params()
        return strategy
    if isinstance(strategy, str) and strategy == "auto" and not has_source:
        return Scratch()
    if isinstance(strategy, str) and strategy in names:
        return STRATEGIES[strategy]()
    instance = _AN_INSTANCE
    if strategy == "joint":
        instance = "strategy=Joint(tables), with the rows of the other tables"
    raise ValueError(
        f"{what or f'strategy={strategy!r}'} is not known; expected one of {sorted(names)} or "
        f"{instance}.{_hint(strategy, names)}"
    )


def _hint(strategy: str | Strategy | type[Strategy], names: Collection[str]) -> str:
    """What was probably meant."""
    if isinstance(strategy, str):
        close = get_close_matches(strategy, names, n=1)
        return f" Did you mean {close[0]!r}?" if close else ""
    if isinstance(strategy, type) and issubclass(strategy, Strategy):
        return f" Give an instance, {strategy.__name__}()."
    if hasattr(strategy, "fit"):
        return " Wrap an estimator, EstimatorMember(estimator)."
    return ""


def name_of(strategy: Strategy) -> str:
    """The name of a strategy, of one of the user's that of its class."""
    known = {kind: name for name, kind in STRATEGIES.items()}
    return known.get(type(strategy), type(strategy).__name__)
