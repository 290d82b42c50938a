"""Rows of the target without labels: what columns are measured on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.strategies import Joint

RNG = np.random.default_rng(0)
X = RNG.uniform(-2, 2, size=(30, 3))
MORE = RNG.uniform(-1, 3, size=(200, 3))  # no outliers, whose part a median would take
Y = X[:, 0] - X[:, 1]
SMALL = {"hidden_layer_sizes": (8,), "max_iter": 3, "random_state": 0}


def scaling(model):
    return model.__sktransfer_fitted__().primary_member.inputs.scaling


def test_columns_are_measured_on_all_rows():
    model = TransferMLPRegressor(**SMALL).fit(X, Y, X_unlabeled=MORE)
    every = np.vstack([X, MORE])
    assert_allclose(scaling(model).center, every.mean(axis=0))
    assert_allclose(scaling(model).scale, every.std(axis=0))


def test_rows_that_are_there_anyway_change_nothing_but_rounding():
    alone = TransferMLPRegressor(**SMALL).fit(X, Y)
    model = TransferMLPRegressor(**SMALL).fit(X, Y, X_unlabeled=(X,))
    assert_allclose(model.predict(MORE), alone.predict(MORE), rtol=1e-6)


def test_categories_and_missing_entries_of_unlabeled_rows_have_their_place():
    frame = pd.DataFrame({"kind": ["a", "b"] * 15, "size": X[:, 0]})
    more = pd.DataFrame({"kind": ["c"] * 20 + ["a"] * 20, "size": [np.nan, 1.0] * 20})
    model = TransferMLPRegressor(**SMALL).fit(frame, Y, X_unlabeled=more)
    names = model.encoded_feature_names_.tolist()
    assert any("c" in name for name in names if name.startswith("kind"))
    assert any(name.startswith("missingindicator") for name in names)
    one = pd.DataFrame({"kind": ["a", "c"], "size": [0.0, 0.0]})
    assert len(np.unique(model.predict(one))) == 2


@pytest.mark.parametrize("strategy", ["auto", "linear", "probe", "smooth", "l2_sp"])
def test_every_kind_of_member_takes_them(strategy):
    source = TransferMLPRegressor(**SMALL).fit(MORE, MORE[:, 0])
    model = TransferMLPRegressor(source=source, strategy=strategy, random_state=0)
    model.fit(X, Y, X_unlabeled=MORE)
    alone = TransferMLPRegressor(source=source, strategy=strategy, random_state=0).fit(X, Y)
    assert np.isfinite(model.predict(MORE)).all()
    assert not np.array_equal(model.predict(MORE), alone.predict(MORE))


def test_joint_training_and_several_tasks_take_them():
    joint = TransferMLPRegressor(strategy=Joint((MORE[:50], MORE[:50, 0])), **SMALL)
    assert joint.fit(X, Y, X_unlabeled=MORE).predict(X).shape == (30,)
    tasks = MultiTaskMLP(**SMALL).fit(X, {"a": Y, "b": Y > 0}, X_unlabeled=MORE)
    assert_allclose(scaling(tasks).center, np.vstack([X, MORE]).mean(axis=0))


def test_as_many_rows_as_labeled_ones_have_to_be_wrapped():
    with pytest.raises(ValueError, match="as many as X; expected another number, or a tuple"):
        TransferMLPRegressor(**SMALL).fit(X, Y, X_unlabeled=MORE[:30])
    with pytest.raises(ValueError, match="X has 2 features"):
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
        with pytest.raises(ValueError, match="deals it to the folds"):
            given = {"X_unlabeled": MORE[:30]}
            cross_validate(plain, X, Y > 0, params=given, cv=3, error_score="raise")


@pytest.mark.parametrize("wrap", [False, True])
def test_the_steps_of_a_pipeline_transform_them(wrap):
    scaler = StandardScaler().fit(X)
    expected = TransferMLPRegressor(**SMALL)
    expected.fit(scaler.transform(X), Y, X_unlabeled=scaler.transform(MORE))
    with config_context(enable_metadata_routing=True):
        model = TransferMLPRegressor(**SMALL).set_fit_request(X_unlabeled=True)
        pipeline = make_pipeline(StandardScaler(), model, transform_input=["X_unlabeled"])
        pipeline.fit(X, Y, X_unlabeled=(MORE,) if wrap else MORE)
        assert_array_equal(pipeline.predict(X), expected.predict(scaler.transform(X)))


def test_a_warm_start_refuses_them():
    model = TransferMLPRegressor(warm_start=True, **SMALL).fit(X, Y, X_unlabeled=MORE)
    before = model.predict(X)
    with pytest.raises(ValueError, match="X_unlabeled with warm_start"):
        model.fit(X, Y, X_unlabeled=MORE)
    assert_array_equal(model.predict(X), before)
