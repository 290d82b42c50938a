"""The unit in which a column or a target is measured changes nothing."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sktransfer import TransferMLPRegressor

_rng = np.random.default_rng(0)
X = _rng.normal(size=(60, 4))
y = 3 * X[:, 0] + 1
SETTINGS = {"strategy": "l2_sp", "hidden_layer_sizes": (8,), "max_iter": 20, "random_state": 0}
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def _answers(table, target):
    return TransferMLPRegressor(**SETTINGS).fit(table, target).predict(table)


@pytest.mark.parametrize("unit", [1e-100, 1e-30, 1e-15, 1e15, 1e30, 1e100])
def test_tables_in_very_small_and_very_large_units_are_learned_from(unit):
    assert_allclose(_answers(X * unit, y), _answers(X, y), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("unit", [1e-30, 1e-15, 1e15, 1e30])
def test_units_near_the_ends_of_single_precision_are_learned_from(unit):
    single = X.astype(np.float32)
    told = _answers((single * unit).astype(np.float32), y)
    assert_allclose(told, _answers(single, y), rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("unit", [1e-100, 1e-30, 1e-15, 1e15, 1e30, 1e100])
def test_predictions_come_in_the_unit_of_the_target(unit):
    assert_allclose(_answers(X, y * unit) / unit, _answers(X, y), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("value", [0.0, 1e-30, 3.7])
def test_constant_columns_and_targets_have_no_unit(value):
    table, without = X.copy(), X.copy()
    table[:, 1], without[:, 1] = value, 0.0
    assert_allclose(_answers(table, y), _answers(without, y), rtol=1e-9)
    assert np.isfinite(_answers(X, np.full(60, value))).all()
