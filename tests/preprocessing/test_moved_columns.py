"""Columns whose mean or scale has moved since the source was fitted."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from sktransfer import TransferMLPRegressor
from sktransfer._preprocessing._mean_std import moved_units
from sktransfer.strategies import Recalibrate, WeightedEnsemble

RNG = np.random.default_rng(0)
X = RNG.normal(size=(600, 3))


def _target(table):
    return 2 * table[:, 0] - table[:, 1] ** 2 + table[:, 2]


SOURCE = TransferMLPRegressor(hidden_layer_sizes=(64,), random_state=0).fit(
    X[:400], _target(X[:400])
)
FEW, TEST = X[400:440], X[440:]


def _units(center, scale, has_scale=True, n_values=100.0):
    """Of a column of which the source has mean 5 and scale 2."""
    own = (np.array([value]) for value in (center, scale, has_scale, n_values))
    (moved,), (scaled,) = moved_units(np.array([5.0]), np.array([2.0]), *own)
    return moved, scaled


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ({"center": 5.3, "scale": 2.1}, (5.0, 2.0)),  # chance explains it
        ({"center": 5.8, "scale": 2.0}, (5.6, 2.0)),  # four standard errors
        ({"center": 5.0, "scale": 20.0}, (5.0, 20 * 10 ** (-2 / (100 * np.log(10) ** 2)))),
        ({"center": 9.0, "scale": 1.0, "has_scale": False}, (8.96, 2.0)),  # a single value
        ({"center": 0.0, "scale": 1.0, "n_values": 0.0}, (5.0, 2.0)),  # all missing
    ],
)
def test_of_a_difference_is_kept_what_chance_does_not_explain(column, expected):
    assert_allclose(_units(**column), expected)


def test_a_source_predicts_for_columns_that_have_moved_as_for_its_own():
    away = np.array([30.0, -20.0, 5.0])
    model = TransferMLPRegressor(source=SOURCE, strategy=Recalibrate(scaling="mixed"))
    model.fit(FEW * 3 + away, _target(FEW))
    assert model.score(TEST * 3 + away, _target(TEST)) > 0.8
    model.set_params(strategy="recalibrate").fit(FEW * 3 + away, _target(FEW))
    assert model.score(TEST * 3 + away, _target(TEST)) < 0.5


@pytest.mark.parametrize("moves", [True, False])
def test_an_ensemble_lays_moved_columns_on_the_sources(moves):
    away = 10.0 if moves else 0.0
    rows = X[:400] + away  # the source's own, unless they have moved
    members = WeightedEnsemble(
        {"aligned": Recalibrate(scaling="mixed"), "recalibrate": "recalibrate", "linear": "linear"}
    )
    model = TransferMLPRegressor(source=SOURCE, strategy=members, random_state=0)
    model.fit(rows, _target(X[:400]))
    assert ("aligned" in model.member_losses_) == moves
    if moves:
        assert model.member_losses_["aligned"] < 0.5 * model.member_losses_["recalibrate"]


def test_an_estimator_without_layers_is_not_aligned():
    from sklearn.ensemble import RandomForestRegressor

    table = pd.DataFrame(X, columns=["a", "b", "c"])
    forest = RandomForestRegressor(20, random_state=0).fit(table[:400], _target(X[:400]))
    model = TransferMLPRegressor(source=forest, random_state=0)
    model.fit(table[400:440] + 10, _target(FEW))
    assert "as_is" in model.member_losses_
    assert "aligned" not in model.member_losses_
