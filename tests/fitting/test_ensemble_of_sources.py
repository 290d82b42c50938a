"""Several sources in one combination: each member that uses one is there once for each."""

import pickle

import numpy as np
import pandas as pd
import pytest
from fitted import model_of
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import sktransfer
from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import TransferWarning
from sktransfer.inspection import LayerChangeDisplay
from sktransfer.strategies import WeightedEnsemble, with_each_source

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

_rng = np.random.default_rng(0)
X = _rng.normal(size=(400, 4))
PRODUCT, SQUARE = X[:, 0] * X[:, 1], X[:, 2] ** 2  # no linear model of the columns sees them
BOTH = PRODUCT + SQUARE
OLD, NEW = slice(0, 300), slice(300, 400)
MEMBERS = {"near": "l2_sp", "probe": "probe", "linear": "linear", "scratch": "scratch"}


def _source(y, table=X[OLD]):
    model = TransferMLPRegressor(hidden_layer_sizes=24, max_iter=60, random_state=0)
    return model.fit(table, y[OLD])


SOURCES = {"square": _source(SQUARE), "product": _source(PRODUCT)}


def _make(cls=TransferMLPRegressor, source=SOURCES, members=MEMBERS, **params):
    return cls(
        source=source,
        strategy=WeightedEnsemble(members, cv=2, **{"sources": "all", **params}),
        max_iter=5,
        random_state=0,
    )


@pytest.fixture(scope="module")
def of_all():
    """Is changed by no test."""
    return _make().fit(X[NEW], BOTH[NEW])


def test_a_member_that_uses_a_source_is_there_once_for_each(of_all):
    model = of_all
    each = {f"{member}@{source}" for member in ("near", "probe") for source in SOURCES}
    assert set(model.member_losses_) == each | {"linear", "scratch"}
    assert set(model.member_weights_) <= each | {"linear", "scratch"}
    assert sum(model.member_weights_.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("source", "same"),
    [(SOURCES["product"], SOURCES["product"]), ([SOURCES["product"]], [SOURCES["product"]])],
    ids=["given alone", "in a list"],
)
def test_one_source_is_the_length_one_case_bit_for_bit(source, same):
    every = _make(source=source).fit(X[NEW], BOTH[NEW])
    best = _make(source=same, sources="best").fit(X[NEW], BOTH[NEW])
    assert_array_equal(every.predict(X), best.predict(X))


def test_the_order_of_named_sources_changes_no_bit(of_all):
    first, swapped = of_all, dict(reversed(SOURCES.items()))
    second = _make(source=swapped).fit(X[NEW], BOTH[NEW])
    assert_array_equal(first.predict(X), second.predict(X))
    assert first.member_weights_ == second.member_weights_


def test_what_each_source_saw_is_put_together():
    members = {"probe": "probe", "near": "l2_sp"}
    both = _make(members=members).fit(X[NEW], BOTH[NEW])
    alone = [
        _make(source=source, members=members).fit(X[NEW], BOTH[NEW]).score(X[OLD], BOTH[OLD])
        for source in SOURCES.values()
    ]
    assert both.score(X[OLD], BOTH[OLD]) > max(alone)


def test_sources_share_the_prior_weight_of_a_member():
    combined = WeightedEnsemble(
        ["l2_sp", "scratch", "linear"], prior={"l2_sp": 3.0, "linear": 0.5}
    )
    expanded, source_of = with_each_source(combined, "abc")
    assert expanded.prior == pytest.approx(
        {"l2_sp@a": 1.0, "l2_sp@b": 1.0, "l2_sp@c": 1.0, "scratch": 1.0, "linear": 0.5}
    )
    assert source_of == {"l2_sp@a": "a", "l2_sp@b": "b", "l2_sp@c": "c"}
    few = _make(members=["l2_sp", "scratch"]).fit(X[:3], BOTH[:3])  # too few to weigh by
    assert few.member_weights_ == pytest.approx(
        {"l2_sp@square": 0.25, "l2_sp@product": 0.25, "scratch": 0.5}
    )


def test_a_classifier_weighs_sources_of_numbers():
    labels = np.array(["low", "middle", "high"])[np.digitize(BOTH, [0.5, 1.5])]
    model = _make(TransferMLPClassifier).fit(X[NEW], labels[NEW])
    proba = model.predict_proba(X)
    assert_allclose(proba.sum(1), 1, atol=1e-6)
    assert list(model.classes_) == ["high", "low", "middle"]


def test_each_source_has_its_own_columns():
    frame = pd.DataFrame(X, columns=list("abcd"))
    sources = {
        "ab": _source(PRODUCT, frame[["a", "b"]][OLD]),
        "cd": _source(SQUARE, frame[["c", "d"]][OLD]),
    }
    members = ["probe", "l2_sp"]
    model = _make(source=sources, members=members).fit(frame[NEW], BOTH[NEW])
    shuffled = frame[["d", "b", "a", "c"]]
    again = _make(source=sources, members=members).fit(shuffled[NEW], BOTH[NEW])
    assert_array_equal(model.predict(frame), again.predict(shuffled))
    assert np.isfinite(model.predict(frame)).all()


def test_a_source_with_nothing_in_common_earns_nothing_and_harms_nobody():
    frame = pd.DataFrame(X, columns=list("abcd"))
    good = _source(PRODUCT, frame[OLD])
    sources = {
        "stranger": _source(SQUARE, frame[OLD].set_axis(list("vwxy"), axis=1)),
        "good": good,
    }
    with pytest.warns(TransferWarning):
        model = _make(source=sources).fit(frame[NEW], BOTH[NEW])
    alone = _make(source={"good": good}).fit(frame[NEW], BOTH[NEW])
    used = {name for name in model.member_losses_ if "@" in name}
    assert used == {"near@good", "probe@good"}
    assert np.abs(model.predict(frame) - alone.predict(frame)).mean() < 0.1 * BOTH.std()


def test_the_report_lists_every_source_and_member(of_all):
    model = of_all
    report = model.transfer_report_
    assert report.counts("source") == {"used": 2}
    assert report.counts("member") == {"with source": 4, "without source": 2}
    assert report.source in {f"{name} (TransferMLPRegressor)" for name in SOURCES}
    assert "near@square" in model._repr_html_()


@pytest.mark.slow
def test_the_display_compares_the_primary_network_with_its_own_source():
    model = _make(members={"still": "frozen", "linear": "linear"}).fit(X[NEW], BOTH[NEW])
    assert LayerChangeDisplay.from_estimator(model).change == pytest.approx([0.0], abs=1e-6)
    loaded = pickle.loads(pickle.dumps(model))
    assert LayerChangeDisplay.from_estimator(loaded).change == pytest.approx([0.0], abs=1e-6)


def test_cloning_pickling_and_saving(of_all, tmp_path):
    model = of_all
    again = clone(model).fit(X[NEW], BOTH[NEW])
    assert_array_equal(again.predict(X), model.predict(X))
    assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))
    model.save(tmp_path)
    loaded = sktransfer.load(tmp_path)
    assert_array_equal(loaded.predict(X), model.predict(X))
    assert_array_equal(clone(loaded).fit(X[NEW], BOTH[NEW]).predict(X), model.predict(X))


def test_every_network_resumes_from_its_own_source(of_all):
    model = of_all
    networks = {member.name for member in model_of(model).members if member.is_network}
    assert networks & {"near@square", "near@product"}
    scores = dict(model.source_scores_)
    before = {member.name: member.coefs[0].copy() for member in model_of(model).members}
    model = pickle.loads(pickle.dumps(model)).partial_fit(X[NEW], SQUARE[NEW])
    assert model.source_scores_ == scores
    moved = {m.name: np.abs(m.coefs[0] - before[m.name]).max() for m in model_of(model).members}
    assert {name for name, change in moved.items() if change > 0} == networks
    warm = _make().set_params(warm_start=True).fit(X[NEW], BOTH[NEW])
    kept = set(warm.member_weights_)
    assert set(warm.fit(X[NEW], BOTH[NEW]).member_weights_) == kept
    assert warm.transfer_report_.counts("source") == {"used": 2}


def test_a_search_chooses_between_the_best_source_and_all():
    model = _make(members={"probe": "probe", "near": "l2_sp"})
    grid = {"strategy__sources": ["best", "all"]}
    search = GridSearchCV(model, grid, cv=3, error_score="raise").fit(X[NEW], BOTH[NEW])
    assert search.best_params_ == {"strategy__sources": "all"}


def test_an_unknown_way_is_refused():
    with pytest.raises(ValueError, match="sources"):
        _make(sources="some").fit(X[NEW], BOTH[NEW])
