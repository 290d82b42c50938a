"""Strategies are data: phases for every shape of network, parameters as scikit-learn has them."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from sktransfer import TransferMLPClassifier
from sktransfer._losses import _names as losses
from sktransfer._losses._squared_error import SquaredError
from sktransfer._records import TargetSchema
from sktransfer.strategies import (
    L2SP,
    LPFT,
    STRATEGIES,
    Boosting,
    Discriminative,
    Frozen,
    Full,
    Gradual,
    KeepHead,
    LayerNames,
    NetworkStrategy,
    Phase,
    Scratch,
    WeightedEnsemble,
    check_strategy,
)

FEW = settings(max_examples=30, deadline=None, derandomize=True, database=None)
CLASSES = sorted(
    (cls for cls in STRATEGIES.values() if issubclass(cls, NetworkStrategy)),
    key=lambda cls: cls.__name__,
)


def _names(n_shared, n_task):
    return LayerNames.of(n_shared + n_task, n_shared)


@pytest.mark.parametrize("cls", CLASSES)
@given(n_shared=st.integers(0, 5), n_task=st.integers(1, 3), max_iter=st.integers(1, 500))
@FEW
def test_phases_are_possible_for_every_network(cls, n_shared, n_task, max_iter):
    names = _names(n_shared, n_task)
    phases = cls().phases(names, max_iter)
    assert len(phases) >= 1
    assert all(isinstance(phase, Phase) and phase.max_iter >= 1 for phase in phases)
    for phase in phases:
        assert set(phase.learning_rate_scale) <= set(names)
        assert set(phase.l2_to_start) <= set(names)
        assert all(scale >= 0 for scale in phase.learning_rate_scale.values())
        # the task's own layers always learn
        assert all(phase.scale(name) > 0 for name in names.task)


@pytest.mark.parametrize("cls", CLASSES)
@given(n_shared=st.integers(0, 4), max_iter=st.integers(20, 500))
@FEW
def test_phases_share_the_epochs_among_them(cls, n_shared, max_iter):
    phases = cls().phases(_names(n_shared, 1), max_iter)
    assert abs(sum(phase.max_iter for phase in phases) - max_iter) <= len(phases)


@pytest.mark.parametrize("cls", CLASSES)
def test_a_strategy_is_an_estimator_in_its_parameters(cls):
    strategy = cls()
    assert clone(strategy).get_params() == strategy.get_params()
    assert set(cls._parameter_constraints) == set(strategy.get_params())
    assert strategy.scaling in ("source", "target", "mixed")


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_name_stands_for_the_class_with_its_defaults(name):
    assert type(check_strategy(name)) is STRATEGIES[name]
    assert check_strategy(name).get_params() == STRATEGIES[name]().get_params()


def test_auto_is_an_ensemble_and_without_a_source_one_network_from_scratch():
    assert isinstance(check_strategy("auto"), WeightedEnsemble)
    assert isinstance(check_strategy("auto", has_source=False), Scratch)


def test_an_instance_is_taken_as_it_is():
    class Mine(NetworkStrategy):
        def phases(self, layer_names, max_iter):
            return [Phase(max_iter)]

    mine = Mine()
    assert check_strategy(mine) is mine


@pytest.mark.parametrize("bad", [None, [], Phase(1), [3]])
def test_a_strategy_of_no_phases_says_what_is_missing(bad):
    class Mine(NetworkStrategy):
        def phases(self, layer_names, max_iter):
            return bad

    X, y = [[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1]
    source = TransferMLPClassifier((4,), max_iter=1, random_state=0).fit(X, y)
    model = TransferMLPClassifier(source=source, strategy=Mine())
    with pytest.raises(TypeError, match=r"^Mine\.phases returned .*; expected a list of at least"):
        model.fit(X, y)


@pytest.mark.parametrize("bad", ["l2sp", None, 3, L2SP, Phase(1)])
def test_what_is_no_strategy_is_refused(bad):
    with pytest.raises(ValueError, match="is not known; expected one of"):
        check_strategy(bad)


def test_frozen_freezes_the_shared_layers_only():
    (phase, *_) = Frozen().phases(_names(2, 2), 10)
    assert [phase.scale(name) > 0 for name in _names(2, 2)] == [False, False, True, True]


def test_full_moves_everything_alike():
    assert Full().phases(_names(2, 1), 10) == [Phase(10)]


def test_l2_sp_keeps_the_shared_layers_near_and_keep_head_all():
    names = _names(2, 1)
    assert set(L2SP(0.3).phases(names, 10)[0].l2_to_start) == set(names.shared)
    assert set(KeepHead(0.3).phases(names, 10)[0].l2_to_start) == set(names)
    assert KeepHead.carries_head and not L2SP.carries_head


def test_scratch_takes_nothing():
    assert not Scratch.carries_trunk and Scratch.scaling == "target"


def test_linear_probing_comes_before_fine_tuning():
    names = _names(1, 1)
    probe, *_, tune = LPFT(probe_fraction=0.25).phases(names, 40)
    assert probe.max_iter == 10 and probe.scale("shared_layers.0") == 0
    assert tune.scale("shared_layers.0") > 0


@given(n_shared=st.integers(1, 5), n_phases=st.one_of(st.none(), st.integers(1, 8)))
@FEW
def test_gradual_frees_layers_from_the_top_and_in_the_end_all(n_shared, n_phases):
    names = _names(n_shared, 1)
    phases = Gradual(n_phases).phases(names, 80)
    assert len(phases) == (n_shared + 1 if n_phases is None else n_phases)
    frozen = [[phase.scale(name) == 0 for name in names] for phase in phases]
    assert not any(frozen[-1])
    for before, after in pairwise(frozen):
        assert sum(after) <= sum(before)
    for still in frozen:
        assert still == sorted(still, reverse=True)  # from the input upwards


@given(n_shared=st.integers(1, 5), decay=st.floats(1, 10))
@FEW
def test_discriminative_rates_fall_towards_the_input(n_shared, decay):
    names = _names(n_shared, 1)
    (phase,) = Discriminative(decay).phases(names, 10)
    rates = [phase.scale(name) for name in names]
    assert rates[-1] == 1
    for lower, upper in pairwise(rates):
        assert lower * decay == pytest.approx(upper)


def test_the_base_class_cannot_be_made():
    with pytest.raises(TypeError, match="abstract"):
        NetworkStrategy()


def test_boosting_refuses_a_loss_that_scikit_learn_lacks(monkeypatch):
    class Other(SquaredError):
        name = "other"

    monkeypatch.setitem(losses._BY_NAME, "other", Other)
    other = TargetSchema("regression", 1, loss="other")
    assert "'other'" in Boosting().cannot_fit(other)
    for name in ("squared_error", "quantile(0.9)", "tweedie(1.5)", "huber(1.35)", "gamma"):
        assert Boosting().cannot_fit(TargetSchema("regression", 1, loss=name)) is None
