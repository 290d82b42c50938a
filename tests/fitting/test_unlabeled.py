"""Rows of the target without labels: what columns are measured on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fitted import lighter
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.strategies import L2SP, Probe, Trees

RNG = np.random.default_rng(0)
X = RNG.uniform(-2, 2, size=(30, 3))
MORE = RNG.uniform(-1, 3, size=(200, 3))  # no outliers, whose part a median would take
Y = X[:, 0] - X[:, 1]
SMALL = {"hidden_layer_sizes": (8,), "max_iter": 3, "random_state": 0}


def scaling(model):
    return model.__sktransfer_fitted__().primary_member.inputs.scaling


def source():
    """A source whose columns stand in other units."""
    rows = RNG.uniform(-10, 10, size=(100, 3))
    return TransferMLPRegressor(**SMALL).fit(rows, rows[:, 0])


def test_columns_are_laid_beside_the_source_by_all_rows():
    start = source()
    theirs = scaling(start)
    model = TransferMLPRegressor(source=start, strategy=L2SP(scaling="target"), random_state=0)
    model.fit(X, Y, X_unlabeled=MORE)
    every = np.vstack([X, MORE])
    assert_allclose(scaling(model).center, every.mean(axis=0))
    assert_allclose(scaling(model).scale, every.std(axis=0))
    mixed = TransferMLPRegressor(source=start, strategy=L2SP(scaling="mixed"), random_state=0)
    mixed.fit(X, Y, X_unlabeled=MORE)
    away = every.mean(axis=0) - theirs.center
    z = away / (theirs.scale / np.sqrt(230))
    assert_allclose(scaling(mixed).center, theirs.center + away * np.maximum(1 - 4 / z**2, 0))


def test_where_a_column_hardly_differs_from_the_sources_its_unit_stands():
    rows = RNG.normal(size=(1000, 3))
    start = TransferMLPRegressor(**SMALL).fit(rows, rows[:, 0])
    strategy, theirs = L2SP(scaling="mixed"), scaling(start)
    few, more = rows[:30], rows[30:].copy()
    more[:, 1] += 3
    model = TransferMLPRegressor(source=start, strategy=strategy, **SMALL)
    model.fit(few, Y, X_unlabeled=more)
    from_theirs = np.abs(scaling(model).center - theirs.center)
    assert from_theirs[1] > 2.5 and (from_theirs[[0, 2]] < 0.01).all()


def test_without_a_source_they_change_nothing():
    alone = TransferMLPRegressor(**SMALL).fit(X, Y)
    model = TransferMLPRegressor(**SMALL).fit(X, Y, X_unlabeled=MORE)
    assert_array_equal(model.predict(MORE), alone.predict(MORE))


def test_categories_and_missing_entries_of_unlabeled_rows_have_their_place():
    frame = pd.DataFrame({"kind": ["a", "b"] * 15, "size": X[:, 0]})
    more = pd.DataFrame({"kind": ["c"] * 20 + ["a"] * 20, "size": [np.nan, 1.0] * 20})
    start = TransferMLPRegressor(**SMALL).fit(frame, Y)
    model = TransferMLPRegressor(source=start, strategy="l2_sp", **SMALL)
    model.fit(frame, Y, X_unlabeled=more)
    names = model.encoded_feature_names_.tolist()
    assert any("c" in name for name in names if name.startswith("kind"))
    assert any(name.startswith("missingindicator") for name in names)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["auto", "probe", "tangent", "trees", "l2_sp"])
def test_every_kind_of_member_takes_them(strategy):
    start = source()
    scaled = {"probe": Probe(scaling="mixed"), "trees": Trees(scaling="mixed")}
    strategy = scaled.get(strategy, lighter(strategy))
    model = TransferMLPRegressor(source=start, strategy=strategy, random_state=0)
    model.fit(X, Y, X_unlabeled=MORE)
    alone = TransferMLPRegressor(source=start, strategy=strategy, random_state=0).fit(X, Y)
    assert np.isfinite(model.predict(MORE)).all()
    assert not np.array_equal(model.predict(MORE), alone.predict(MORE))


def test_several_tasks_take_them():
    tasks = MultiTaskMLP(source=source(), strategy=L2SP(scaling="target"), **SMALL)
    tasks.fit(X, {"a": Y, "b": Y > 0}, X_unlabeled=MORE)
    assert_allclose(scaling(tasks).center, np.vstack([X, MORE]).mean(axis=0))


def test_as_many_rows_as_labeled_ones_have_to_be_wrapped():
    with pytest.raises(ValueError, match="as many as X; expected another number, or a tuple"):
        TransferMLPRegressor(**SMALL).fit(X, Y, X_unlabeled=MORE[:30])
    with pytest.raises(ValueError, match="In X_unlabeled: X has 2 features"):
        TransferMLPRegressor(**SMALL).fit(X, Y, X_unlabeled=MORE[:, :2])


def test_cross_validation_gives_all_of_them_to_every_fit():
    class Recording(TransferMLPClassifier):
        seen: list = []

        def fit(self, X, y, X_unlabeled=None):
            Recording.seen.append(X_unlabeled[0].shape)
            return super().fit(X, y, X_unlabeled=X_unlabeled)

    with config_context(enable_metadata_routing=True):
        model = Recording(**SMALL).set_fit_request(X_unlabeled=True)
        given = {"X_unlabeled": (MORE[:30],)}
        cross_validate(model, X, Y > 0, params=given, cv=3, error_score="raise")
        assert Recording.seen == [(30, 3)] * 3
        plain = TransferMLPClassifier(**SMALL).set_fit_request(X_unlabeled=True)
        with pytest.raises(ValueError, match="splits it into folds"):
            given = {"X_unlabeled": MORE[:30]}
            cross_validate(plain, X, Y > 0, params=given, cv=3, error_score="raise")


@pytest.mark.parametrize("wrap", [False, True])
def test_the_steps_of_a_pipeline_transform_them(wrap):
    scaler = StandardScaler().fit(X)
    expected = TransferMLPRegressor(source=source(), strategy="l2_sp", **SMALL)
    expected.fit(scaler.transform(X), Y, X_unlabeled=scaler.transform(MORE))
    with config_context(enable_metadata_routing=True):
        model = TransferMLPRegressor(source=expected.source, strategy="l2_sp", **SMALL)
        model.set_fit_request(X_unlabeled=True)
        pipeline = make_pipeline(StandardScaler(), model, transform_input=["X_unlabeled"])
        pipeline.fit(X, Y, X_unlabeled=(MORE,) if wrap else MORE)
        assert_array_equal(pipeline.predict(X), expected.predict(scaler.transform(X)))


def test_a_warm_start_refuses_them():
    model = TransferMLPRegressor(warm_start=True, **SMALL).fit(X, Y, X_unlabeled=MORE)
    before = model.predict(X)
    with pytest.raises(ValueError, match="X_unlabeled with warm_start"):
        model.fit(X, Y, X_unlabeled=MORE)
    assert_array_equal(model.predict(X), before)
