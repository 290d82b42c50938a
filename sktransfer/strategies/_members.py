"""The members of a strategy: one strategy is an ensemble of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from numbers import Real
from typing import Any

from sktransfer.strategies._base import Strategy
from sktransfer.strategies._joint import Joint
from sktransfer.strategies._names import STRATEGIES, check_strategy, name_of
from sktransfer.strategies._weighted_ensemble import DEFAULT_MEMBERS, WeightedEnsemble


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
    members = _named(DEFAULT_MEMBERS if strategy.members is None else strategy.members)
    _check_prior(strategy.prior_weights, members)
    if not has_source:
        members = {name: one for name, one in members.items() if not one.needs_source}
    if not members:
        raise ValueError(
            f"{strategy!r} has no member{'' if has_source else ' that does without a source'}; "
            "expected at least one, such as 'l2_sp' with a source or 'scratch' without."
        )
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
    names, given = list(sources), strategy.prior_weights
    members: dict[str, Strategy] = {}
    prior: dict[str, float] = {}
    source_of: dict[str, str] = {}
    for name, member in members_of(strategy, True).items():
        own = {f"{name}@{source}": source for source in names} if member.carries else {}
        source_of |= own
        for each in own or (name,):
            members[each] = member
            prior[each] = given.get(name, 1.0) / max(len(own), 1)
    return WeightedEnsemble(members, prior, strategy.cv), source_of


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


def _named(members: Iterable | Mapping) -> dict[str, Strategy]:
    if isinstance(members, Mapping):
        return {str(name): _checked(one) for name, one in members.items()}
    checked: dict[str, Strategy] = {}
    for one in map(_checked, members):
        first = name = name_of(one)
        number = 2
        while name in checked:
            name, number = f"{first}_{number}", number + 1
        checked[name] = one
    return checked


def _checked(member: Any) -> Strategy:
    names = STRATEGIES.keys() - {"auto", "ensemble"}
    what = f"The member {member!r} of an ensemble"
    if member in ("auto", "ensemble"):
        raise ValueError(f"An ensemble cannot be a member of another; got {member!r}.")
    strategy = check_strategy(member, True, what, names)
    if isinstance(strategy, WeightedEnsemble):
        raise ValueError(f"An ensemble cannot be a member of another; got {member!r}.")
    if isinstance(strategy, Joint):
        raise ValueError(
            f"{member!r} cannot be a member of an ensemble: it needs the rows of other tables in "
            "every fold. Expected strategies that start from the source; use it alone."
        )
    return strategy
