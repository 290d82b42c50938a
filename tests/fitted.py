"""What a fit has made, for tests that look at more than an estimator's public attributes."""

import pytest

from sktransfer.sources import TargetSchema
from sktransfer.strategies import (
    STRATEGIES,
    Boosting,
    NetworkStrategy,
    ReadoutStrategy,
    Trees,
    WeightedEnsemble,
)

#: Names of the strategies that train a network, of those that are fitted at once, and of those
#: among them that are read-outs.
NETWORKS = sorted(
    name for name, cls in STRATEGIES.items() if name == "auto" or issubclass(cls, NetworkStrategy)
)
AT_ONCE = sorted(set(STRATEGIES) - set(NETWORKS))
#: Strategies that fit many members.
ENSEMBLES = {name for name, cls in STRATEGIES.items() if issubclass(cls, WeightedEnsemble)}
#: One of each kind of member: for what an ensemble does whatever its members are.
FEW_MEMBERS = WeightedEnsemble(["l2_sp", "tangent", "probe", "trees"], cv=2)
#: Read-outs, but for those of some targets only.
READOUTS = sorted(
    name
    for name, cls in STRATEGIES.items()
    if issubclass(cls, ReadoutStrategy) and cls().cannot_fit(TargetSchema("regression", 1)) is None
)


def lighter(name):
    """A strategy of fewer folds or trees than its name stands for, else the name."""
    ensembles = dict.fromkeys(ENSEMBLES, WeightedEnsemble(cv=2))
    return {**ensembles, "boosting": Boosting(10), "trees": Trees(5)}.get(name, name)


def one_fast_in(n, values):
    """Values as parameters of a test, all but every n-th marked as slow."""
    slow = pytest.mark.slow
    return [pytest.param(one, marks=slow if i % n else ()) for i, one in enumerate(values)]


def ensembles_are_slow(names):
    """Strategies as parameters of a test, those of many members marked as slow."""
    slow = pytest.mark.slow
    return [pytest.param(name, marks=slow) if name in ENSEMBLES else name for name in names]


def model_of(estimator):
    """The record of an estimator's last fit."""
    return estimator.__sktransfer_fitted__()


def member_of(estimator):
    """The member that its attributes describe."""
    return model_of(estimator).primary_member


def inputs_of(estimator):
    """How that member reads a table."""
    return member_of(estimator).inputs


def optimizer_of(estimator):
    """What trained that member, with its state."""
    return estimator._optimizers[member_of(estimator).name]


def rows_by_input(estimator):
    """First-layer weights of that member, by what their input is."""
    ids, member = inputs_of(estimator).columns.input_ids(), member_of(estimator)
    return dict(zip(ids, member.coefs[0], strict=True))
