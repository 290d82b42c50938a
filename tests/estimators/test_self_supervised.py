"""A source from a table without targets."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sktransfer import SelfSupervisedMLP, TransferMLPClassifier, load
from sktransfer.sources import describe_source

RNG = np.random.default_rng(0)
A = RNG.normal(size=400)
FRAME = pd.DataFrame(
    {
        "a": A,
        "twice": 2 * A + 0.1 * RNG.normal(size=400),
        "kind": np.where(A > 0, "high", "low"),
        "alone": RNG.normal(size=400),
    }
)
FRAME.loc[::10, "alone"] = np.nan
SMALL = {"hidden_layer_sizes": (16, 8), "max_iter": 5, "random_state": 0}


def test_entries_are_restored_from_the_others():
    source = SelfSupervisedMLP(max_iter=60, random_state=0).fit(FRAME)
    assert source.loss_curve_[-1] < 0.8 * source.loss_curve_[0]
    assert source.n_iter_ == len(source.loss_curve_) == 60


def test_its_hidden_layers_are_shared_and_its_output_layer_is_not():
    source = SelfSupervisedMLP(**SMALL).fit(FRAME)
    description = describe_source(source)
    assert description.hidden_layer_sizes == (16, 8) and description.target is None
    target = TransferMLPClassifier(source=source, strategy="frozen", random_state=0)
    target.fit(FRAME[["twice", "kind", "a"]][:40], A[:40] > 0.5)
    assert target.transfer_report_.counts("layer")["reused"] == 2
    assert_array_equal(target.coefs_[1], description.layers[1].weight)
    auto = TransferMLPClassifier(source=source, random_state=0).fit(FRAME[:40], A[:40] > 0.5)
    assert "tangent" in auto.member_losses_ and "as_is" not in auto.member_losses_


def test_it_is_a_transformer():
    source = SelfSupervisedMLP(**SMALL).set_output(transform="pandas")
    out = source.fit_transform(FRAME)
    assert list(out.columns) == source.get_feature_names_out().tolist() and out.shape == (400, 24)
    model = make_pipeline(SelfSupervisedMLP(**SMALL), LogisticRegression())
    assert model.fit(FRAME, A > 0).score(FRAME, A > 0) > 0.9


def test_targets_change_nothing_and_the_same_seed_gives_the_same_bits():
    out = SelfSupervisedMLP(**SMALL).fit(FRAME).transform(FRAME)
    again = clone(SelfSupervisedMLP(**SMALL)).fit(FRAME, A > 0)
    assert_array_equal(again.transform(FRAME), out)
    assert_array_equal(pickle.loads(pickle.dumps(again)).transform(FRAME), out)


def test_a_model_that_starts_from_it_is_saved_with_it(tmp_path):
    source = SelfSupervisedMLP(**SMALL).fit(FRAME)
    model = TransferMLPClassifier(source=source, strategy="l2_sp", max_iter=3, random_state=0)
    model.fit(FRAME[:50], A[:50] > 0).save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert_array_equal(loaded.predict_proba(FRAME), model.predict_proba(FRAME))
    again = loaded.fit(FRAME[:50], A[:50] > 0)
    assert_array_equal(again.predict_proba(FRAME), model.predict_proba(FRAME))


@pytest.mark.parametrize(
    "X", [A[:, None], np.ones((20, 2)), FRAME[["kind"]], FRAME.assign(twice=np.nan, kind=None)]
)
def test_tables_of_one_column_or_of_constants_and_columns_without_entries(X):
    assert np.isfinite(SelfSupervisedMLP(**SMALL).fit(X).transform(X)).all()


def test_a_table_without_entries_is_refused():
    with pytest.raises(ValueError, match="X has no entry at all"):
        SelfSupervisedMLP(**SMALL).fit(FRAME[["a", "kind"]].assign(a=np.nan, kind=None))


def test_what_is_not_fitted_is_no_source():
    with pytest.raises(NotFittedError):
        TransferMLPClassifier(source=SelfSupervisedMLP()).fit(FRAME, A > 0)
    with pytest.raises(NotFittedError):
        SelfSupervisedMLP().transform(FRAME)
