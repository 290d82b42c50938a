"""Rows of several other tables in an ensemble: what helps is used, and said."""

from __future__ import annotations

import pickle
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sktransfer import TransferMLPClassifier, TransferMLPRegressor, load
from sktransfer._networks._trees import TreePredictor
from sktransfer._readouts import boost_trees, grow_extra_trees, without_columns
from sktransfer._records import Readout, TargetSchema
from sktransfer.exceptions import SourceRowsError, TransferWarning
from sktransfer.strategies import Joint, WeightedEnsemble

SMALL = {"hidden_layer_sizes": (16,), "random_state": 0}


def table(n, slope=1.0, level=0.0, seed=0, columns=("a", "b", "c")):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=["a", "b", "c"])
    y = level + slope * (2 * X["a"] - X["b"]) + 0.3 * rng.normal(size=n)
    return X[list(columns)], y.to_numpy()


def tables():
    return {"same": table(200, seed=1), "opposite": table(200, slope=-1.0, seed=2)}


def fitted(strategy=None, n=40, classes=False, **params):
    X, y = table(n, seed=3)
    strategy = strategy or WeightedEnsemble(["linear", Joint(tables())], cv=2)
    made = TransferMLPClassifier if classes else TransferMLPRegressor
    return made(strategy=strategy, **SMALL, **params).fit(X, y > 0 if classes else y)


@pytest.mark.slow
def test_a_related_table_helps_and_an_opposite_one_does_not():
    model = fitted()
    gains = model.table_gains_
    assert list(gains) == ["same", "opposite"] and gains["same"] > 0 > gains["opposite"]
    rows = {row.name: row for row in model.transfer_report_.rows if row.part == "table"}
    assert rows["same"].status == "helped" and "200 rows" in rows["same"].reason
    assert rows["opposite"].status == "did not help"
    assert model.member_losses_["joint@same"] < model.member_losses_["joint_alone"]
    X, y = table(500, seed=9)
    assert model.score(X, y) > 0.8


@pytest.mark.slow
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_an_output_without_a_label_in_a_table_has_no_mean_there():
    X, y = table(60, seed=1)
    both, unknown = np.column_stack([y, y]), np.column_stack([y, np.full(60, np.nan)])
    joint = Joint({"one": (X, unknown), "two": (X, both)})
    strategy = WeightedEnsemble(["linear", joint], cv=2)
    model = TransferMLPRegressor(strategy=strategy, **SMALL).fit(X, both)
    assert model.score(X, both) > 0.8


@pytest.mark.slow
def test_the_tables_become_the_source_unless_one_is_given():
    model = fitted(WeightedEnsemble(["l2_sp", Joint({"same": table(200, seed=1)})], cv=2))
    assert model.transfer_report_.source == "the tables"
    X, y = table(100, seed=5)
    source = TransferMLPRegressor(**SMALL).fit(X, y)
    given = fitted(WeightedEnsemble(["l2_sp", Joint(tables())], cv=2), source=source)
    assert given.transfer_report_.source == "TransferMLPRegressor"


@pytest.mark.slow
def test_levels_of_tables_do_not_reach_the_network():
    at_level = {f"t{k}": table(100, level=10.0 * k, seed=k) for k in range(3)}
    model = fitted(WeightedEnsemble(["recalibrate", Joint(at_level)], cv=2))
    X, y = table(500, seed=9)
    assert model.member_losses_["recalibrate"] < 0.2
    assert model.score(X, y) > 0.8


@pytest.mark.slow
def test_columns_that_a_table_lacks_are_missing_there():
    others = {"narrow": table(80, seed=1, columns=("b", "a")), "wide": table(80, seed=2)}
    others["wide"][0]["more"] = "text"
    model = fitted(WeightedEnsemble(["linear", Joint(others)], cv=2))
    X, y = table(300, seed=9)
    assert set(model.table_gains_) == {"narrow", "wide"} and model.score(X, y) > 0.8


def test_a_table_with_other_labels_is_left_out():
    X, y = table(100, seed=1)
    of_words = X, np.where(y > 0, "yes", "no")
    both = Joint({"words": of_words, "same": (X, y > 0)})
    pooled = WeightedEnsemble(["linear", both], cv=2)
    named = "'words' has labels such as 'no', 'yes', and the target False, True"
    with pytest.warns(TransferWarning, match=f"left out, .*: {named}"):
        model = fitted(pooled, classes=True)
    rows = {row.name: row.status for row in model.transfer_report_.rows if row.part == "table"}
    assert rows["words"] == "left out" and list(model.table_gains_) == ["same"]
    with pytest.raises(SourceRowsError, match=f"None of the tables .*: {named}"):
        fitted(WeightedEnsemble(["linear", Joint({"words": of_words})]), classes=True)
    said, same = (
        fitted(
            WeightedEnsemble(["linear", Joint({"old": old})], cv=2),
            classes=True,
            class_map=class_map,
        )
        for old, class_map in ((of_words, {"yes": True, "no": False}), ((X, y > 0), None))
    )
    np.testing.assert_array_equal(said.predict_proba(X), same.predict_proba(X))
    alone = WeightedEnsemble(["linear", Joint({"numbers": (X, (y > 0) * 2 + 3)})], cv=2)
    with pytest.raises(SourceRowsError, match=r"such as 3, .*has keys '3', which no table"):
        fitted(alone, classes=True, class_map={"3": False, 5: True})


@pytest.mark.parametrize("classes", [True, False])
def test_rows_of_a_table_without_a_label_are_left_out(classes):
    X, y = table(100, seed=1)
    labels = (y > 0 if classes else y).astype(object)
    labels[::4] = None
    known = np.arange(100) % 4 > 0
    kept = X[known], y[known] > 0 if classes else y[known]
    some, every = (
        fitted(WeightedEnsemble(["linear", Joint(pair)], cv=2), classes=classes)
        for pair in ((X, labels), kept)
    )
    (row,) = (row for row in some.transfer_report_.rows if row.part == "table")
    assert row.reason.startswith("75 rows, and 25 without a label are left out")
    np.testing.assert_array_equal(some.predict(X), every.predict(X))


def test_what_is_wrong_with_a_tables_labels_is_said_of_that_table():
    X, y = table(100, seed=1)
    words = Joint({"old": (X, np.where(y > 0, "yes", "no"))})
    with pytest.raises(SourceRowsError, match="In the table 'old' of Joint: y has entries such"):
        fitted(WeightedEnsemble(["linear", words]))
    other = Joint({"first": (X, y), "old": (X.set_axis(["u", "v", "w"], axis=1), y)})
    for strategy in (other, WeightedEnsemble(["linear", other])):
        with pytest.raises(
            SourceRowsError, match="In the table 'old' of Joint: its DataFrame has"
        ):
            fitted(strategy)


def test_targets_of_other_columns_than_the_targets_are_refused():
    X, y = table(100, seed=1)
    two = WeightedEnsemble(["linear", Joint({"old": (X, np.c_[y, y])})])
    with pytest.raises(SourceRowsError, match=r"'old' of Joint: y has 2 columns, and .* has 1;"):
        fitted(two)


@pytest.mark.parametrize("in_ensemble", [False, True])
def test_decimals_are_numbers_and_weights_of_one_are_none(in_ensemble):
    def predictions(y_source, **weight):
        strategy = Joint((X, y_source))
        if in_ensemble:
            strategy = WeightedEnsemble(["linear", strategy], cv=2)
        model = TransferMLPRegressor(strategy=strategy, max_iter=2, **SMALL)
        return model.fit(ours.assign(kind="a"), y_ours, **weight).predict(new.assign(kind="b"))

    X, y = table(100, seed=1)
    X, y = X.assign(kind=["a", "b"] * 50), y.round(3)
    (ours, y_ours), (new, _) = table(24, seed=3), table(9, seed=4)
    expected = predictions(y)
    decimals = [Decimal(str(value)) for value in y]
    np.testing.assert_array_equal(predictions(decimals), expected)
    weighted = predictions(y, sample_weight=np.ones(24))
    np.testing.assert_allclose(weighted, expected, rtol=1e-5)


@pytest.mark.parametrize("given", [3, [1, 2], {"a": 5}])
def test_tables_that_are_no_pairs_are_refused_in_words(given):
    X, y = table(100, seed=1)
    joint = Joint((X, y, y) if given == 3 else given)
    with pytest.raises(SourceRowsError, match=r"expected a tuple \(X, y\)"):
        fitted(joint)
    assert repr(joint) == "Joint(tables=<no tables>)"


def test_what_is_shown_of_tables_are_their_rows():
    joint = Joint(tables(), source_weight=2.0)
    own = "Joint(source_weight=2.0, tables=<same: 200 rows, opposite: 200 rows>)"
    assert repr(joint) == own
    for shown in (TransferMLPRegressor(strategy=joint), WeightedEnsemble(["auto", joint])):
        assert "".join(own.split()) in "".join(repr(shown).split())
    same = Joint().set_params(**joint.get_params())
    assert same.named_tables == joint.named_tables and repr(same) == own


@pytest.mark.slow
@pytest.mark.parametrize("form", ["list", "dict"])
def test_tables_are_cloned_by_reference_and_left_out_of_pickles(form, tmp_path):
    joint = Joint(tables())
    members = ["linear", joint] if form == "list" else {"own": "linear", "others": joint}
    model = fitted(WeightedEnsemble(members, cv=2))
    for copied in (clone(model.strategy), deepcopy(model.strategy), clone(model).strategy):
        assert copied.joint.tables is joint.tables
    again = pickle.loads(pickle.dumps(model))
    assert again.strategy.joint.tables is None and model.strategy.joint.tables is joint.tables
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    X, y = table(50, seed=9)
    for one in (again, loaded):
        np.testing.assert_array_equal(one.predict(X), model.predict(X))
        assert one.table_gains_ == model.table_gains_
        with pytest.raises(SourceRowsError, match="has no tables"):
            one.fit(X, y)


def test_gains_that_are_no_numbers_are_refused():
    record = fitted(WeightedEnsemble(["linear"], cv=2)).__sktransfer_fitted__()
    with pytest.raises(ValueError, match="finite numbers"):
        replace(record, table_gains={"same": float("nan")})


@pytest.mark.slow
def test_the_same_fit_gives_the_same_bits():
    X, _ = table(50, seed=9)
    np.testing.assert_array_equal(fitted().predict(X), fitted().predict(X))


@pytest.mark.slow
def test_a_prior_weight_is_that_of_all_tables_together():
    few, many = (
        fitted(WeightedEnsemble(["linear", Joint(tables())], {"joint": prior}, cv=2))
        for prior in (1.0, 100.0)
    )
    assert few.member_weights_["linear"] > many.member_weights_["linear"] > 0.5


@pytest.mark.parametrize("kind", ["regression", "binary", "multiclass"])
@pytest.mark.parametrize("grow", [lambda *args: boost_trees(*args)[-1], grow_extra_trees])
def test_trees_without_columns_predict_as_with_zeros(kind, grow):
    rng = np.random.RandomState(0)
    X, of_table = rng.randn(200, 4), np.eye(4)[rng.randint(4, size=200)][:, 1:]
    s = X[:, 0] + of_table @ [3.0, -3.0, 1.0]
    target, y = {
        "regression": (TargetSchema("regression", 1), s[:, None]),
        "binary": (TargetSchema("binary", 1, classes=np.arange(2)), (s > 0)[:, None] * 1.0),
        "multiclass": (
            TargetSchema("multiclass", 3, classes=np.arange(3)),
            np.eye(3)[np.digitize(s, [-1, 1])],
        ),
    }[kind]
    trees = grow(np.hstack([X, of_table]), y, None, target, 10, 0)
    left = without_columns(trees, 4)
    rows = rng.randn(100, 4)
    expected = predicted(trees, np.hstack([rows, np.zeros((100, 3))]))
    np.testing.assert_array_equal(predicted(left, rows), expected)
    assert left.n_columns <= 4 and left.column.shape[1] < trees.column.shape[1]


def predicted(trees, rows):
    n = rows.shape[1]
    return TreePredictor(Readout(("columns",), np.zeros(n), np.ones(n), trees=trees))(rows)


def test_rows_without_weight_between_others_do_not_change_a_bit():
    X, y = table(40, seed=3)
    more, its_y = (np.insert(of_rows, np.arange(0, 40, 3), 7.0, axis=0) for of_rows in (X, y))
    weight = np.insert(np.ones(40), np.arange(0, 40, 3), 0.0)
    more = pd.DataFrame(more, columns=X.columns)
    strategy = WeightedEnsemble(["trees", Joint({"same": table(60, seed=1)})], cv=2)
    alone, among = (TransferMLPRegressor(strategy=strategy, **SMALL) for _ in range(2))
    expected = alone.fit(X, y).predict(X)
    np.testing.assert_array_equal(
        among.fit(more, its_y, sample_weight=weight).predict(X), expected
    )
