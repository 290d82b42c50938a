"""Outliers, codes such as -999, long tails and large offsets leave a column what it says."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktransfer import TransferMLPRegressor
from sktransfer._preprocessing import center_and_scale
from sktransfer._preprocessing._mean_std import indicator_scale
from sktransfer.sources import describe_source

_RNG = np.random.default_rng(0)
X = _RNG.normal(size=(600, 3))
Y = 2 * X[:, 0] + X[:, 1] + 0.3 * _RNG.normal(size=600)
TRAIN, TEST = slice(0, 400), slice(400, None)


def _score(column):
    table = np.column_stack([column, X[:, 1:]])
    model = TransferMLPRegressor(hidden_layer_sizes=(64,), learning_rate_init=3e-3, random_state=0)
    return model.fit(table[TRAIN], Y[TRAIN]).score(table[TEST], Y[TEST])


PLAIN = _score(X[:, 0])


@pytest.mark.parametrize(
    "change",
    [
        lambda x: np.where(np.arange(600) == 5, 1e6, x),
        lambda x: np.where(np.isin(np.arange(600), [7, 107, 207, 307]), -999, x),
        lambda x: np.where(np.isin(np.arange(600), [7, 107, 207, 307]), 1e30, x),
        np.exp,
        lambda x: 1.76e9 + 600 * x,
        lambda x: 1.76e12 + 6e5 * x,
        lambda x: 101325 + 0.1 * x,
    ],
    ids=["outlier", "code", "huge", "lognormal", "seconds", "milliseconds", "pascal"],
)
def test_a_column_is_learned_from_as_without(change):
    assert _score(change(X[:, 0])) > PLAIN - 0.04


@pytest.mark.parametrize(("change", "lost"), [(2, 0.08), (-2, 0.08), (3, 0.115)])
def test_the_narrow_side_of_a_very_skewed_column_is_told_apart(change, lost):
    # .10 and .16 where its frequencies are those of any column
    assert _score(np.sign(change) * np.exp(abs(change) * X[:, 0])) > PLAIN - lost


def test_only_very_skewed_columns_of_many_rows_have_higher_frequencies():
    columns = {"normal": X[:, 0], "skewed": np.exp(X[:, 0]), "very": np.exp(3 * X[:, 0])}
    found = {}
    for n in (600, 150):
        for name, column in columns.items():
            table = pd.DataFrame({"v": column[:n]})
            model = TransferMLPRegressor(hidden_layer_sizes=(4,), max_iter=1).fit(table, Y[:n])
            ((_, found[name, n]),) = describe_source(model).inputs.columns.fourier
    usual = found.pop(("normal", 600))
    higher = np.array(found.pop(("very", 600))) / usual
    assert set(found.values()) == {usual}
    assert_allclose(higher[:2], 1)
    assert_allclose(higher[3], higher[2] ** 2)
    assert 3 < higher[2] <= 10


def test_without_outliers_center_and_scale_are_mean_and_standard_deviation():
    columns = np.column_stack([_RNG.random(200), np.arange(200) % 2, np.full(200, 0.1)])
    center, scale = center_and_scale(columns, None)
    assert_allclose(center, columns.mean(axis=0))
    assert_allclose(scale, [*columns[:, :2].std(axis=0), 1.0])


@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e30])
def test_zeros_do_not_make_amounts_outliers_of_each_other(scale):
    amounts = np.where(np.arange(600) % 10 < 7, 0.0, 100 + 10 * X[:, 0]) * scale
    center, deviation = center_and_scale(np.append(amounts, 1e9 * scale)[:, None], None)
    z = (amounts - center) / deviation
    assert abs(z).max() < 4


def test_a_weight_of_two_is_a_row_twice():
    column = np.append(X[:50, 0], 1e6)[:, None]
    weight = np.where(np.arange(51) % 3 == 0, 2.0, 1.0)
    weighted = center_and_scale(column, weight)
    assert_allclose(
        weighted, center_and_scale(np.repeat(column, weight.astype(int), axis=0), None)
    )


def test_a_sparse_table_is_scaled_as_the_dense_one():
    dense = np.where(_RNG.random((300, 4)) < [0.02, 0.3, 0.6, 1.0], X[:300, [0, 1, 2, 0]], 0.0)
    dense[::50] *= 1e5
    assert_allclose(center_and_scale(sparse.csr_array(dense), None), center_and_scale(dense, None))


def test_a_constant_of_many_rows_stays_one():
    for value in (0.1, 1e9 + 0.1, 1 / 3):
        column = np.full((30_000, 1), value)
        assert center_and_scale(column, None)[1] == 1.0
        assert center_and_scale(column.astype(np.float32), None)[1] == 1.0


def test_indicators_of_rare_levels_stay_near_zero_and_one():
    mean = np.array([0.001, 0.5, 0.999, 0.02, 0.3])
    deviation = np.sqrt(mean * (1 - mean))
    deviation[3] = 0.5  # no indicator
    few, many = (indicator_scale(mean, deviation, n) for n in (1000, 1e9))
    assert_allclose(few, [1000 / 1001, 2 / 3, 1000 / 1001, 0.5, 1000 / 1300], rtol=1e-9)
    assert_allclose(many, deviation)


def test_a_column_of_many_names_that_say_nothing_does_little_harm():
    names = [f"n{int(n)}" for n in 50 * _RNG.pareto(0.5, 600)]
    plain = pd.DataFrame(X, columns=list("abc"))
    scores = []
    for table in (plain, plain.assign(name=names)):
        model = TransferMLPRegressor(hidden_layer_sizes=(64,), random_state=0)
        scores.append(model.fit(table[TRAIN], Y[TRAIN]).score(table[TEST], Y[TEST]))
    assert scores[1] > scores[0] - 0.05


@pytest.mark.parametrize("share", [0.3, 0.4, 0.6, 0.8])
@pytest.mark.parametrize("code", [-9999.0, 99999.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_code_that_many_rows_have_leaves_the_others_their_unit(share, code, weighted):
    rng = np.random.default_rng(0)
    values = rng.normal(50, 3, size=1000)
    at = rng.permutation(1000)[: int(1000 * share)]
    weight = np.ones(1000) if weighted else None
    known = np.delete(values, at)
    values[at] = code
    (center,), (scale,) = center_and_scale(values[:, None], weight)
    assert abs(center - np.median(known)) < 0.3 and abs(scale - 3) < 0.5


def test_zeros_of_amounts_are_no_code():
    rng = np.random.default_rng(0)
    amounts = np.where(rng.random(1000) < 0.3, 0, rng.gamma(2, 50, size=1000))
    (center,), (scale,) = center_and_scale(amounts[:, None], None)
    assert_allclose([center, scale], [amounts.mean(), amounts.std()])


@pytest.mark.parametrize("strategy", ["l2_sp", "ensemble"])
@pytest.mark.parametrize("offset", [1e8, 1e12])
def test_a_target_with_a_large_offset_is_predicted_to_its_digits(offset, strategy):
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "word": np.where(X[:, 2] > 0, "u", "v")})
    settings = {"strategy": strategy, "hidden_layer_sizes": (16,), "random_state": 0}
    plain = TransferMLPRegressor(**settings).fit(frame[TRAIN], Y[TRAIN]).predict(frame[TEST])
    model = TransferMLPRegressor(**settings).fit(frame[TRAIN], offset + Y[TRAIN])
    assert_allclose(model.predict(frame[TEST]) - offset, plain, atol=0.1)
    assert plain.dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("days", [[5, 5, 6, 6, 1], [5, 5, 5, 5, 6, 1, 1] * 9, [5, 6, 1] * 40])
def test_what_rounding_leaves_is_no_spread(days, dtype):
    days = np.array(days)
    values = np.cos(2 * np.pi * days / 7).astype(dtype)  # of two days the same but for rounding
    if dtype == np.float32:
        values[days == 6] = np.nextafter(values[days == 6], dtype(1))
    for weight in (None, np.ones(len(days))):
        _, (scale,) = center_and_scale(values[:, None], weight)
        assert scale == pytest.approx(values.std(), rel=1e-6)


DATES = ["2023-07-11", "2022-11-22", "2022-11-23", "2020-12-23", "2021-09-03"]
NOONS = ["2023-07-11", "2022-11-22 12:00", "2022-11-24", "2020-12-27 12:00", "2021-09-03 12:00"]


@pytest.mark.parametrize("dates", [DATES, NOONS])
def test_a_source_that_clips_nothing_predicts_from_five_dates(dates):
    dates = pd.to_datetime(dates, format="ISO8601")
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=200), "b": rng.normal(size=200)})
    old = make_pipeline(
        StandardScaler(), MLPRegressor(hidden_layer_sizes=(8,), max_iter=300, random_state=0)
    )
    y = X["a"] + X["b"]
    old.fit(X, y)
    later = pd.to_timedelta(np.arange(200) // 5 * 18, unit="h")
    X = X.assign(since=dates[np.arange(200) % 5] + later)
    model = TransferMLPRegressor(source=old, strategy="keep_head", random_state=0)
    model.fit(X[:5], y[:5])
    assert np.abs(model.predict(X)).max() < 20
