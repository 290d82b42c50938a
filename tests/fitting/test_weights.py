"""Weights of members and of strengths follow what held-out rows say, no further."""

from types import SimpleNamespace

import numpy as np
import pytest

from sktransfer._fitting._gain import Doubt, mean_gain
from sktransfer._fitting._prior import prior_of
from sktransfer._fitting._weights import (
    evenness,
    member_weights,
    mix_losses,
    prior_rows,
    shares_of_path,
)
from sktransfer._preprocessing import Table
from sktransfer._records import TargetSchema

rng = np.random.default_rng(0)


def test_a_prior_weight_falls_the_further_the_clearer_the_harm():
    gains = rng.normal(size=40)
    gains -= gains.mean()
    error = gains.std(ddof=1) / np.sqrt(40)
    rows = np.arange(40)
    assert mean_gain(gains + 0.1, rows).doubt == 1
    assert mean_gain(gains - error, rows).doubt == pytest.approx(np.exp(-1))
    assert mean_gain(gains - 3 * error, rows).doubt == pytest.approx(np.exp(-3))
    assert mean_gain(np.full(2, -1.0), np.zeros(2)).doubt == 1  # one group is no evidence
    copies = mean_gain(np.tile(gains - error, 4), np.tile(rows, 4))  # nor are copies of a row
    assert copies.doubt == pytest.approx(np.exp(-1))


def _table(n):
    return Table(np.zeros((n, 1)), np.zeros((n, 1)), None, None, np.dtype(np.float64))


@pytest.mark.parametrize(("share", "even"), [(0.5, 1.0), (0.1, 0.36), (0.005, 0.05)])
def test_a_prior_weight_falls_less_where_a_class_is_rare(share, even):
    y = (np.arange(200) < 200 * share).astype(float)[:, None]
    table = Table(np.zeros((200, 1)), y, None, None, np.dtype(np.float64))
    classes = TargetSchema("binary", 1, np.arange(2))
    assert evenness(table, classes) == pytest.approx(even)
    assert evenness(table, TargetSchema("regression", 1)) == 1
    prepared = SimpleNamespace(share=1.0, table=table, target=classes, source=None)
    member = SimpleNamespace(
        prepared=prepared, prior=1.0, skill=None, uses_source=True, is_source_alone=False
    )
    trials = [
        SimpleNamespace(doubt=Doubt(known=factor), fitted=[], losses=None)
        for factor in (1.0, np.exp(-2))
    ]
    first, second = prior_of([member, member], trials)
    assert second / first == pytest.approx(np.exp(-2 * even))


def test_strengths_count_by_their_likelihood_and_those_far_behind_not_at_all():
    classes = TargetSchema("binary", 1, np.arange(2))
    losses = np.full((3, 50), 0.5)
    losses[1] += 0.02
    losses[2] += 1.0
    shares = shares_of_path(losses, _table(50), classes)
    assert shares[0] / shares[1] == pytest.approx(np.exp(0.5 * 50 * 0.02))
    assert shares[2] == 0 and shares.sum() == pytest.approx(1)
    numbers = TargetSchema("regression", 1, None, "squared_error")
    unit = shares_of_path(1e6 * losses, _table(50), numbers)
    np.testing.assert_allclose(unit, shares_of_path(losses, _table(50), numbers))


def test_the_prior_of_the_source_s_own_prediction_counts_for_more_of_few_rows():
    numbers = TargetSchema("regression", 1, None, "squared_error")
    assert prior_rows(_table(20), numbers, False) == 3
    assert prior_rows(_table(20), numbers, True) == pytest.approx(4.5)
    assert prior_rows(_table(1000), numbers, True) == pytest.approx(3, rel=0.02)
    y = rng.normal(size=(20, 1))
    table = Table(np.zeros((20, 1)), y, None, None, np.dtype(np.float64))
    predictions = np.stack([np.zeros_like(y), y + rng.normal(size=y.shape)], axis=-1)
    prior = np.array([0.9, 0.1])
    weights = [member_weights(predictions, table, numbers, prior, r)[0][0] for r in (3, 4.5, 1e9)]
    assert weights[0] < weights[1] < weights[2] == pytest.approx(0.9)


def test_weights_depend_neither_on_the_unit_nor_on_a_row_that_hardly_counts():
    numbers = TargetSchema("regression", 1, None, "squared_error")
    y = np.random.default_rng(0).normal(size=(30, 1))
    errors = np.random.default_rng(1).normal(size=(30, 1, 2)) * [0.3, 0.6]
    even, dtype = np.array([0.5, 0.5]), np.dtype(np.float64)

    def weights_of(y, predictions, weight=None):
        table = Table(np.zeros((len(y), 1)), y, weight, None, dtype)
        return member_weights(predictions, table, numbers, even)[0]

    plain = weights_of(y, y[..., None] + errors)
    for unit in (1e-100, 1e-20, 1e20):
        np.testing.assert_allclose(weights_of(unit * y, unit * (y[..., None] + errors)), plain)
    y, errors = np.vstack([y, [[100.0]]]), np.concatenate([errors, np.zeros((1, 1, 2))])
    weight = np.append(np.ones(30), 1e-9)
    np.testing.assert_allclose(weights_of(y, y[..., None] + errors, weight), plain, rtol=1e-3)


@pytest.mark.parametrize("loss", ["tweedie(1.5)", "absolute_error"])
def test_rows_without_any_amount_choose_weights(loss):
    numbers = TargetSchema("regression", 1, None, loss)
    table = Table(np.zeros((8, 1)), np.zeros((8, 1)), None, None, np.dtype(np.float64))
    predictions = np.stack([np.full((8, 1), 0.1), np.full((8, 1), 3.0)], axis=-1)
    weights, _ = member_weights(predictions, table, numbers, np.array([0.5, 0.5]))
    assert weights[0] > 0.6  # the smaller one is better
    assert np.isfinite(mix_losses(predictions, table, numbers)).all()
