"""The members of a strategy: one strategy is an ensemble of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from numbers import Real
from typing import cast

from sktransfer._typing import Entry
from sktransfer.strategies._base import Strategy
from sktransfer.strategies._joint import Joint
from sktransfer.strategies._names import STRATEGIES, check_strategy, name_of
from sktransfer.strategies._pooled import members_of_tables
from sktransfer.strategies._weighted_ensemble import (
    DEFAULT_MEMBERS,
    WITHOUT_SOURCE_ONLY,
    Members,
    WeightedEnsemble,
)

#: Prior weight of all members that learn from the rows of other tables, relative to single ones.
_PRIOR_OF_TABLES = 3.0


def members_of(strategy: Strategy, has_source: bool) -> dict[str, Strategy]:
    """The members of a strategy by name.

    Members that have no name of their own are called by their strategy's, with a number from the
    second of a kind on.  A strategy that is no ensemble is its only member.

    Parameters
    ----------
    strategy : Strategy
    has_source : bool
        Without one, members that cannot do without are left out of an ensemble.

    Returns
    -------
    dict of str to Strategy
        In their order.

    Raises
    ------
    ValueError
        If a member is no strategy, none is left, or a prior weight is not that of a member or not
        a finite number above 0.
    """
    if not isinstance(strategy, WeightedEnsemble):
        return {name_of(strategy): strategy}
    members = {name: member for name, (member, _) in _with_prior(strategy, has_source).items()}
    if not has_source:
        members = {name: one for name, one in members.items() if not one.needs_source}
    if not members:
        raise ValueError(
            f"{strategy!r} has no member{'' if has_source else ' that does without a source'}; "
            "expected at least one, such as 'l2_sp' with a source or 'scratch' without."
        )
    return members


def prior_weights_of(strategy: WeightedEnsemble) -> dict[str, float]:
    """The prior weight of every member of an ensemble; they need not sum to one."""
    return {name: prior for name, (_, prior) in _with_prior(strategy).items()}


def _with_prior(
    strategy: WeightedEnsemble, has_source: bool = False
) -> dict[str, tuple[Strategy, float]]:
    """Members and their prior weights; tables stand for several members, which share theirs."""
    named = _named(DEFAULT_MEMBERS if strategy.members is None else strategy.members)
    given = strategy.prior_weights
    _check_prior(given, named)
    if has_source:
        named = {name: one for name, one in named.items() if one is not WITHOUT_SOURCE_ONLY}
    if sum(isinstance(one, Joint) for one in named.values()) > 1:
        raise ValueError(
            "An ensemble has more than one Joint among its members; expected one with all tables. "
            'Give Joint({"one": (X_one, y_one), "other": (X_other, y_other)}).'
        )
    members: dict[str, tuple[Strategy, float]] = {}
    for name, member in named.items():
        prior = float(given.get(name, 1.0))
        if isinstance(member, Joint):
            for each, (one, share) in members_of_tables(name, member.tables).items():
                members[each] = one, _PRIOR_OF_TABLES * prior * share
        else:
            members[name] = member, prior
    return members


def with_each_source(
    strategy: WeightedEnsemble, sources: Iterable[str]
) -> tuple[WeightedEnsemble, dict[str, str]]:
    """The ensemble in which every member that uses a source is there once for each.

    It is what ``sources='all'`` trains: more sources give no member more prior weight.

    Parameters
    ----------
    strategy : WeightedEnsemble
    sources : iterable of str
        Their names.

    Returns
    -------
    strategy : WeightedEnsemble
        Its members named ``'<member>@<source>'``, each with its share of the prior weight.
    source_of : dict of str to str
        The source of each of these.
    """
    names = list(sources)
    members: dict[str, Strategy] = {}
    prior: dict[str, float] = {}
    source_of: dict[str, str] = {}
    for name, (member, weight) in _with_prior(strategy, has_source=True).items():
        own = {f"{name}@{source}": source for source in names} if member.carries else {}
        source_of |= own
        for each in own or (name,):
            members[each] = member
            prior[each] = weight / max(len(own), 1)
    return WeightedEnsemble(members, prior, strategy.cv), source_of


def _is_weight(value: Entry) -> bool:
    is_number = isinstance(value, Real)
    return is_number and 0 < float(cast("float", value)) < inf


def _check_prior(prior: Mapping[str, float], members: Mapping[str, Strategy]) -> None:
    unknown = sorted(set(prior) - set(members))
    if unknown:
        raise ValueError(
            f"prior has a weight for {unknown}, which are no members; expected some of "
            f"{list(members)}."
        )
    for name, weight in prior.items():
        if not _is_weight(weight):
            raise ValueError(
                f"prior[{name!r}] is {weight!r}; expected a finite number above 0. Leave a member "
                "that should have no weight out of the members."
            )


def _named(members: Members) -> dict[str, Strategy]:
    if isinstance(members, Mapping):
        return {str(name): _checked(one) for name, one in members.items()}
    checked: dict[str, Strategy] = {}
    for member in members:
        if isinstance(member, str) and member == "auto":
            checked |= DEFAULT_MEMBERS
            continue
        one = _checked(member)
        first = name = "joint" if isinstance(one, Joint) else name_of(one)
        number = 2
        while name in checked:
            name, number = f"{first}_{number}", number + 1
        checked[name] = one
    return checked


def _checked(member: str | Strategy) -> Strategy:
    names = STRATEGIES.keys() - {"auto", "ensemble"}
    what = f"The member {member!r} of an ensemble"
    if member in ("auto", "ensemble"):
        raise ValueError(f"An ensemble cannot be a member of another; got {member!r}.")
    strategy = check_strategy(member, True, what, names)
    if isinstance(strategy, WeightedEnsemble):
        raise ValueError(f"An ensemble cannot be a member of another; got {member!r}.")
    return strategy
