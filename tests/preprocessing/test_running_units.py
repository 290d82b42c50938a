"""The units of a stream's columns follow its rows, and its network's function stays."""

import numpy as np
import pytest
from scipy import sparse

from sktransfer import TransferMLPClassifier
from sktransfer._fitting._running_units import RunningUnits
from sktransfer._networks import predict_member
from sktransfer._preprocessing import Table, encode, follow_rows
from sktransfer._records import Phase
from sktransfer.exceptions import TransferWarning
from sktransfer.sources import InputColumns, InputScaling, InputSchema, InputStatistics


def rows_of(n, center=0.0, scale=1.0, seed=0):
    return center + scale * np.random.default_rng(seed).normal(size=(n, 3))


def schema_of(center, scale, soft_clipping=False, n=3):
    columns = InputColumns(n, n, fourier=((1, (0.1, 0.3)),))
    zeros = np.zeros(n)
    scaling = InputScaling(zeros + center, zeros + scale, zeros, soft_clipping, is_measured=True)
    return InputSchema(columns, scaling)


def test_a_layer_makes_of_new_inputs_what_it_made_of_the_old_ones():
    schema = schema_of(0.0, 1.0)
    new, change = follow_rows(schema, rows_of(500, 2.0, 3.0), None, n_before=500)
    rng = np.random.default_rng(1)
    weight, bias = rng.normal(size=(7, 4)), rng.normal(size=4)
    moved_weight, moved_bias = change.layer(weight, bias)
    X = rows_of(20, 5.0, 4.0, seed=2)
    before = encode(X, schema, np.float64) @ weight + bias
    after = encode(X, new, np.float64) @ moved_weight + moved_bias
    np.testing.assert_allclose(after, before, rtol=1e-10)
    assert abs(new.scaling.center - 1.0).max() < 0.3


def test_gradients_and_statistics_change_with_the_inputs():
    schema = schema_of(0.0, 1.0)
    X, rng = rows_of(400, 1.0, 2.0), np.random.default_rng(1)
    old = encode(X, schema, np.float64)
    statistics = InputStatistics(old.mean(axis=0), np.cov(old, rowvar=False, ddof=0))
    schema = InputSchema(schema.columns, schema.scaling, statistics)
    new, change = follow_rows(schema, X, None, n_before=100)
    inputs, delta = encode(X, new, np.float64), rng.normal(size=(400, 4))
    gradient = change.gradient(old.T @ delta, delta.sum(axis=0))
    np.testing.assert_allclose(gradient, inputs.T @ delta, atol=1e-8)
    np.testing.assert_allclose(new.statistics.mean, inputs.mean(axis=0), atol=1e-8)
    np.testing.assert_allclose(
        new.statistics.covariance, np.cov(inputs, rowvar=False, ddof=0), atol=1e-8
    )
    squared = change.squared_gradient(np.ones((7, 4)), np.ones(4))
    assert (squared > 0).all()


def test_units_are_those_of_all_rows_dense_or_sparse_and_missing_entries_left_out():
    first, second = rows_of(300), rows_of(700, 0.5, 1.2, seed=1)
    every = np.vstack([first, second])
    second[::7, 2] = np.nan
    schema = schema_of(first.mean(axis=0), first.std(axis=0))
    for chunk in (second, sparse.csr_array(second)):
        new, _ = follow_rows(schema, chunk, None, n_before=300)
        np.testing.assert_allclose(new.scaling.center, every.mean(axis=0), atol=0.1)
        np.testing.assert_allclose(new.scaling.scale, every.std(axis=0), atol=0.1)


@pytest.mark.parametrize("chunk", [np.array([[0.0, 1.0, 0.0]]), np.full((1, 3), np.nan)])
def test_flags_and_columns_without_entries_keep_their_units(chunk):
    schema = schema_of(0.4, 0.5)
    new, change = follow_rows(schema, chunk, None, n_before=50)
    np.testing.assert_array_equal(new.scaling.center, schema.scaling.center)
    np.testing.assert_array_equal(change.slope, 1.0)


def test_a_code_for_missing_entries_does_not_make_the_unit():
    schema, chunk = schema_of(0.0, 1.1), rows_of(1000)
    chunk[::50] = -999.0
    for _ in range(20):
        schema, _ = follow_rows(schema, chunk, None, n_before=1000)
    assert schema.scaling.scale.max() < 2


def chunk_of(shift, scale=1.0, n=32, seed=0):
    X = np.random.default_rng(seed).normal(size=(n, 4))
    return X * scale + shift, (X[:, 0] + X[:, 1] > 0).astype(int)


def test_predictions_stay_while_units_follow():
    model = TransferMLPClassifier((16,), random_state=0)
    for seed in range(5):
        model.partial_fit(*chunk_of(0.0, seed=seed), classes=[0, 1])
    before = model._before().member("scratch")
    X, y = chunk_of(0.5, seed=9)
    after = RunningUnits(True).follow(
        before, Table(X, y[:, None], None, None, np.dtype(np.float64)), [Phase(1)]
    )
    assert not np.array_equal(after.member.inputs.scaling.center, [0, 0, 0, 0])

    def predict(one):
        return predict_member(one.member, encode(X, one.member.inputs, np.float64))

    # exact but for soft clipping
    np.testing.assert_allclose(predict(after), predict(before), atol=0.02)
    assert len(after.optimizer._memory()) == 2


def test_a_chunk_is_learned_as_if_its_rows_without_weight_were_not_there():
    (X, y), (other, labels) = chunk_of(0.0, seed=1), chunk_of(9.0, n=20, seed=2)
    models = [
        TransferMLPClassifier((16,), random_state=0).partial_fit(X, y, classes=[0, 1])
        for _ in range(2)
    ]
    models[0].partial_fit(X, y)
    weight = np.r_[np.ones(len(y)), np.zeros(20)]
    models[1].partial_fit(np.vstack([X, other]), np.r_[y, labels], weight)
    expected, found = (model.predict_proba(X) for model in models)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.slow
def test_a_stream_is_learned_though_it_drifts_far_from_a_first_chunk_of_three_rows():
    model, hits = TransferMLPClassifier((32,), random_state=0, learning_rate_init=0.005), []
    for k in range(200):
        X, y = chunk_of(8.0 * k / 200, n=3 if k == 0 else 32, seed=k)
        if k > 150:
            hits.append((model.predict(X) == y).mean())
        model.partial_fit(X, y, classes=[0, 1])
    assert np.mean(hits) > 0.85
    assert model._model.primary_member.inputs.scaling.center.min() > 6


def test_drift_away_from_frozen_layers_is_said():
    source = TransferMLPClassifier((8,), max_iter=3, random_state=0).fit(*chunk_of(0.0, n=100))
    model = TransferMLPClassifier(source=source, strategy="frozen", random_state=0)
    model.partial_fit(*chunk_of(0.0), classes=[0, 1])
    with pytest.warns(TransferWarning, match=r"moved by \d+ standard deviations"):
        model.partial_fit(*chunk_of(30.0))
