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

from collections.abc import Iterable, Mapping
from math import inf
from numbers import Real
from typing import Any

from sktransfer._records import LayerNames, Phase
from sktransfer.exceptions import unknown_name
from sktransfer.strategies._base import Strategy
from sktransfer.strategies._combined import DEFAULT_MEMBERS, Combined
from sktransfer.strategies._discriminative import Discriminative
from sktransfer.strategies._frozen import Frozen
from sktransfer.strategies._full import Full
from sktransfer.strategies._gradual import Gradual
from sktransfer.strategies._joint import Joint
from sktransfer.strategies._keep_head import KeepHead
from sktransfer.strategies._l2_sp import L2SP
from sktransfer.strategies._lp_ft import LPFT
from sktransfer.strategies._readouts import Linear, Probe, Trees
from sktransfer.strategies._scratch import Scratch

#: Strategies by the name that ``strategy=`` takes.
STRATEGIES: dict[str, type[Strategy]] = {
    "auto": Combined,
    "full": Full,
    "frozen": Frozen,
    "l2_sp": L2SP,
    "lp_ft": LPFT,
    "gradual": Gradual,
    "discriminative": Discriminative,
    "keep_head": KeepHead,
    "scratch": Scratch,
}
#: Those that train on the source's rows too, which ``fit`` is then given.
STRATEGIES_WITH_ROWS: dict[str, type[Strategy]] = {"joint": Joint}
#: What only a combination can have as a member, by name.
READOUTS: dict[str, type[Strategy]] = {"linear": Linear, "probe": Probe, "trees": Trees}
_AN_INSTANCE = "an instance of a sktransfer.strategies.Strategy subclass"

__all__ = [
    "L2SP",
    "LPFT",
    "READOUTS",
    "STRATEGIES",
    "STRATEGIES_WITH_ROWS",
    "Combined",
    "Discriminative",
    "Frozen",
    "Full",
    "Gradual",
    "Joint",
    "KeepHead",
    "LayerNames",
    "Linear",
    "Phase",
    "Probe",
    "Scratch",
    "Strategy",
    "Trees",
    "check_strategy",
    "members_of",
    "with_each_source",
]


def check_strategy(strategy: str | Strategy, has_source: bool = True) -> Strategy:
    """The strategy object behind a name or an instance.

    The estimators call it, so that a name that is misspelt is refused before anything is trained.

    Parameters
    ----------
    strategy : str or Strategy
        A name that the estimators' `strategy` takes, or an instance, which is given back when its
        parameters are valid.
    has_source : bool, default=True
        Without one, ``"auto"`` is one network from scratch.

    Returns
    -------
    Strategy
        With its default parameters, where a name was given.

    Raises
    ------
    ValueError
        If the name is not known, the object is not a strategy, or one of its parameters is out
        of range.

    See Also
    --------
    members_of : The members of a combination by name.

    Examples
    --------
    >>> from sktransfer.strategies import check_strategy
    >>> check_strategy("l2_sp")
    L2SP()
    """
    if isinstance(strategy, Strategy):
        strategy._validate_params()
        if strategy.readout is not None:
            raise _is_readout(strategy)
        return strategy
    if strategy == "auto" and not has_source:
        return Scratch()
    known = STRATEGIES | STRATEGIES_WITH_ROWS
    if isinstance(strategy, str) and strategy in known:
        return known[strategy]()
    if isinstance(strategy, str) and strategy in READOUTS:
        raise _is_readout(strategy)
    raise unknown_name(f"strategy={strategy!r}", strategy, known, _AN_INSTANCE)


def _is_readout(strategy: str | Strategy) -> ValueError:
    return ValueError(
        f"strategy={strategy!r} is a read-out, which trains no network; expected a "
        "strategy that does. Give it as a member of a Combined([...]) beside one."
    )


def members_of(combined: Combined, has_source: bool) -> dict[str, Strategy]:
    """The members of a combination by name.

    Members that have no name of their own are called by their strategy's, with a number from the
    second of a kind on.

    Parameters
    ----------
    combined : Combined
        The combination.
    has_source : bool
        Without one, members that cannot do without are left out.

    Returns
    -------
    dict of str to Strategy
        In their order.

    Raises
    ------
    ValueError
        If a member is no strategy, none that trains a network is left, or a prior weight is not
        that of a member or not a finite number above 0.

    See Also
    --------
    with_each_source : The same where there are several sources.
    Combined : The combination.

    Examples
    --------
    >>> from sktransfer.strategies import Combined, members_of
    >>> list(members_of(Combined(["l2_sp", "scratch", "linear"]), has_source=False))
    ['scratch', 'linear']
    """
    members = _named(DEFAULT_MEMBERS if combined.members is None else combined.members)
    _check_prior(combined.prior_weights, members)
    if not has_source:
        members = {name: one for name, one in members.items() if not one.needs_source}
    if all(one.readout is not None for one in members.values()):
        raise ValueError(
            f"{combined!r} has no member that trains a network"
            f"{'' if has_source else ' without a source'}; expected at least one, such as 'l2_sp' "
            "or 'scratch'. It is the one that the fitted attributes describe."
        )
    return members


def with_each_source(
    combined: Combined, sources: Iterable[str]
) -> tuple[Combined, dict[str, str]]:
    """The combination in which every member that uses a source is there once for each.

    It is what ``Combined(sources='all')`` trains: more sources give no member more weight before
    any row was seen.

    Parameters
    ----------
    combined : Combined
        The combination.
    sources : iterable of str
        Their names.

    Returns
    -------
    combined : Combined
        Its members named ``'<member>@<source>'``, each with its share of the prior weight.
    source_of : dict of str to str
        The source of each of these.

    See Also
    --------
    members_of : The members where there is one source.
    Combined : The combination.

    Examples
    --------
    >>> from sktransfer.strategies import Combined, with_each_source
    >>> both, source_of = with_each_source(Combined(["l2_sp", "scratch"]), ["a", "b"])
    >>> list(both.members), both.prior
    (['l2_sp@a', 'l2_sp@b', 'scratch'], {'l2_sp@a': 0.5, 'l2_sp@b': 0.5, 'scratch': 1.0})
    >>> source_of
    {'l2_sp@a': 'a', 'l2_sp@b': 'b'}
    """
    names, given = list(sources), combined.prior_weights
    members: dict[str, Strategy] = {}
    prior: dict[str, float] = {}
    source_of: dict[str, str] = {}
    for name, member in members_of(combined, True).items():
        own = {f"{name}@{source}": source for source in names} if member.carries else {}
        source_of |= own
        for each in own or (name,):
            members[each] = member
            prior[each] = given.get(name, 1.0) / max(len(own), 1)
    return Combined(members, prior, combined.cv), source_of


def _check_prior(prior: Mapping[str, Any], members: Mapping[str, Strategy]) -> None:
    unknown = sorted(set(prior) - set(members))
    if unknown:
        raise ValueError(
            f"prior has a weight for {unknown}, which are no members; expected some of "
            f"{list(members)}."
        )
    for name, weight in prior.items():
        if not isinstance(weight, Real) or not 0 < float(weight) < inf:
            raise ValueError(
                f"prior[{name!r}] is {weight!r}; expected a finite number above 0. Leave a member "
                "that should have no weight out of the members."
            )


def _named(members) -> dict[str, Strategy]:
    if isinstance(members, Mapping):
        return {str(name): _checked(one) for name, one in members.items()}
    checked: dict[str, Strategy] = {}
    for one in map(_checked, members):
        first = name = _name_of(one)
        number = 2
        while name in checked:
            name, number = f"{first}_{number}", number + 1
        checked[name] = one
    return checked


def _checked(member) -> Strategy:
    if isinstance(member, str) and member in READOUTS:
        return READOUTS[member]()
    if isinstance(member, Strategy) and member.readout is not None:
        member._validate_params()
        return member
    named = isinstance(member, str) and member in STRATEGIES | STRATEGIES_WITH_ROWS
    if not named and not isinstance(member, Strategy):
        known = STRATEGIES.keys() - {"auto"} | READOUTS.keys()
        raise unknown_name(f"The member {member!r} of a combination", member, known, _AN_INSTANCE)
    strategy = check_strategy(member)
    if isinstance(strategy, Combined):
        raise ValueError(f"A combination cannot be a member of another; got {member!r}.")
    if strategy.uses_source_rows:
        raise ValueError(
            f"{member!r} cannot be a member of a combination: it needs the source's rows beside "
            "those of every fold. Expected strategies that start from the source; use it alone."
        )
    return strategy


def _name_of(strategy: Strategy) -> str:
    known = {kind: name for name, kind in (STRATEGIES | READOUTS).items()}
    return known.get(type(strategy), type(strategy).__name__)
