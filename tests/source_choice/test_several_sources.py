"""Several sources in one estimator: the most related is chosen, and the choice stands."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from fitted import ENSEMBLES, FEW_MEMBERS, lighter
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier

import sktransfer
from sktransfer import (
    MultiTaskMLP,
    SharedLayerTransformer,
    TransferMLPClassifier,
    TransferMLPRegressor,
)
from sktransfer.exceptions import SourceLayersError, TransferWarning
from sktransfer.inspection import LayerChangeDisplay
from sktransfer.model_selection import rank_sources, transfer_learning_curve
from sktransfer.sources import SourceDescription
from sktransfer.strategies import STRATEGIES, WeightedEnsemble

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

_rng = np.random.default_rng(0)
X = _rng.normal(size=(400, 4))
PRODUCT, SQUARE = X[:, 0] * X[:, 1], X[:, 2] ** 2  # no linear model of the columns sees them
OLD, NEW = slice(0, 300), slice(300, 400)


def _source(y, cls=TransferMLPRegressor, table=X[OLD]):
    return cls(hidden_layer_sizes=24, max_iter=60, random_state=0).fit(table, y[OLD])


SOURCES = {"square": _source(SQUARE), "product": _source(PRODUCT)}


def _regressor(**params):
    own = {"source": SOURCES, "strategy": "l2_sp", "max_iter": 5, "random_state": 0}
    return TransferMLPRegressor(**{**own, **params})


@pytest.mark.slow
def test_the_source_that_saw_the_same_thing_is_chosen():
    assert next(iter(_regressor().fit(X[NEW], PRODUCT[NEW]).source_scores_)) == "product"
    assert next(iter(_regressor().fit(X[NEW], SQUARE[NEW]).source_scores_)) == "square"
    few_classes = (PRODUCT > 0).astype(int) + (PRODUCT > 1)
    model = TransferMLPClassifier(source=SOURCES, max_iter=5, random_state=0)
    assert next(iter(model.fit(X[NEW], few_classes[NEW]).source_scores_)) == "product"


def test_sources_without_layers_are_no_choice_of_a_strategy_that_needs_them():
    forest = RandomForestRegressor(10, random_state=0).fit(X[OLD], PRODUCT[OLD])
    both = {"forest": forest, "square": SOURCES["square"]}
    for strategy in ("l2_sp", "probe"):
        model = _regressor(source=both, strategy=strategy)
        with pytest.warns(TransferWarning, match=r"'forest' have predictions and no layers"):
            model.fit(X[NEW], PRODUCT[NEW])
        assert list(model.source_scores_) == ["square"]
    taken = _regressor(source=both, strategy="recalibrate").fit(X[NEW], PRODUCT[NEW])
    assert next(iter(taken.source_scores_)) == "forest"
    with pytest.raises(SourceLayersError, match="predictions and no layers"):
        _regressor(source=[forest, forest]).fit(X[NEW], PRODUCT[NEW])


def _labels(y):
    return np.array(["low", "middle", "high"])[np.digitize(y, np.quantile(y, [0.3, 0.6]))]


TARGETS = {
    "number": (TransferMLPRegressor, PRODUCT),
    "two numbers": (TransferMLPRegressor, np.column_stack([PRODUCT, 3 + SQUARE])),
    "two classes": (TransferMLPClassifier, PRODUCT > 0),
    "three classes": (TransferMLPClassifier, _labels(PRODUCT)),
    "two labels": (TransferMLPClassifier, np.column_stack([PRODUCT > 0, SQUARE > 1]).astype(int)),
}


@pytest.mark.parametrize("target", TARGETS)
def test_scores_are_those_of_rank_sources_the_best_first(target):
    cls, y = TARGETS[target]
    model = cls(source=SOURCES, strategy="l2_sp", max_iter=2).fit(X[NEW], y[NEW])
    ranking = rank_sources(SOURCES, X[NEW], y[NEW])
    assert list(model.source_scores_) == ranking["source"].tolist()
    assert list(model.source_scores_.values()) == pytest.approx(ranking["score"].tolist())


@pytest.mark.parametrize("strategy", [*sorted(set(STRATEGIES) - ENSEMBLES), FEW_MEMBERS])
def test_a_fit_is_that_of_the_chosen_source_alone_bit_for_bit(strategy):
    strategy = lighter(strategy)
    several = _regressor(strategy=strategy).fit(X[NEW], PRODUCT[NEW])
    alone = _regressor(strategy=strategy, source=SOURCES["product"]).fit(X[NEW], PRODUCT[NEW])
    assert_array_equal(several.predict(X), alone.predict(X))
    assert not hasattr(alone, "source_scores_")


def test_sources_of_a_list_are_numbered():
    model = _regressor(source=list(SOURCES.values())).fit(X[NEW], PRODUCT[NEW])
    assert list(model.source_scores_) == ["source1", "source0"]
    assert list(_regressor(source=(SOURCES["square"],)).fit(X, SQUARE).source_scores_) == [
        "source0"
    ]


def test_the_report_says_which_was_chosen():
    report = _regressor().fit(X[NEW], PRODUCT[NEW]).transfer_report_
    assert report.source == "product (TransferMLPRegressor)"
    assert report.counts("source") == {"chosen": 1, "not chosen": 1}
    frame = report.to_frame()
    assert frame.query("status == 'chosen'")["name"].item() == "product"
    combined = _regressor(strategy=WeightedEnsemble(["l2_sp", "scratch"], cv=2)).fit(
        X[NEW], PRODUCT[NEW]
    )
    assert combined.transfer_report_.counts("source") == {"chosen": 1, "not chosen": 1}


def test_a_notebook_shows_the_sources_and_their_scores():
    html = _regressor().fit(X[NEW], PRODUCT[NEW])._repr_html_()
    assert "product (TransferMLPRegressor)" in html and "sources: 1 chosen, 1 not chosen" in html
    assert "TransferMLPRegressor" in repr(_regressor())


@pytest.mark.parametrize(
    "table",
    [
        lambda rows: pd.DataFrame(rows, columns=list("abcd")).assign(kind=["u", "v"] * 50),
        lambda rows: pl.DataFrame(dict(zip("abcd", rows.T, strict=True))),
        sparse.csr_array,
        lambda rows: np.where(np.arange(400).reshape(100, 4) % 13 == 0, np.nan, rows),
    ],
    ids=["mixed frame", "polars", "sparse", "missing entries"],
)
def test_tables_of_every_kind_choose(table):
    sources = dict(SOURCES)
    if "a" in getattr(table(X[NEW]), "columns", ()):
        frame = pd.DataFrame(X[OLD], columns=list("abcd"))
        sources = {
            "square": _source(SQUARE, table=frame),
            "product": _source(PRODUCT, table=frame),
        }
    model = _regressor(source=sources).fit(table(X[NEW]), PRODUCT[NEW])
    assert list(model.source_scores_) == ["product", "square"]


# -- what an estimator goes through -------------------------------------------------------


def test_cloning_keeps_every_source_by_identity():
    model = clone(_regressor().fit(X[NEW], PRODUCT[NEW]))
    assert model.source is SOURCES and not hasattr(model, "source_scores_")
    listed = list(SOURCES.values())
    assert clone(_regressor(source=listed)).source is listed


def test_parameters_do_not_explode_into_the_sources():
    names = _regressor().get_params(deep=True)
    assert names["source"] is SOURCES
    assert not [name for name in names if name.startswith("source__")]
    with pytest.raises(ValueError, match="source__product__alpha"):
        _regressor().set_params(source__product__alpha=1.0)
    assert _regressor().set_params(source=None).source is None


def test_fitting_leaves_the_sources_as_they_were():
    before = pickle.dumps(SOURCES)
    _regressor(strategy="full").fit(X[NEW], PRODUCT[NEW])
    assert pickle.dumps(SOURCES) == before


@pytest.mark.slow
def test_a_search_over_lists_and_dicts_of_sources():
    frozen = {name: FrozenEstimator(source) for name, source in SOURCES.items()}
    grid = {"source": [list(frozen.values()), frozen, frozen["square"], [frozen["square"]], None]}
    search = GridSearchCV(
        _regressor(max_iter="auto", hidden_layer_sizes=24), grid, cv=3, error_score="raise"
    )
    search.fit(X[NEW], PRODUCT[NEW])
    scores = search.cv_results_["mean_test_score"]
    assert scores[0] == scores[1] > scores[2] == scores[3]
    best = clone(search.estimator).set_params(**{"source": grid["source"][0]})
    assert list(best.fit(X[NEW], PRODUCT[NEW]).source_scores_) == ["source1", "source0"]


def test_a_raw_list_in_a_grid_is_an_error_that_names_the_way_out():
    search = GridSearchCV(_regressor(), {"source": [list(SOURCES.values())]}, error_score="raise")
    with pytest.raises(NotFittedError, match="FrozenEstimator"):
        search.fit(X[NEW], PRODUCT[NEW])


@pytest.mark.parametrize("between", [lambda m: m, lambda m: pickle.loads(pickle.dumps(m))])
def test_the_choice_stands_while_training_resumes(between):
    model = _regressor().partial_fit(X[NEW], PRODUCT[NEW])
    scores = dict(model.source_scores_)
    model = between(model).partial_fit(X[NEW], SQUARE[NEW])  # for which another would be better
    alone = between(
        _regressor(source=SOURCES["product"]).partial_fit(X[NEW], PRODUCT[NEW])
    ).partial_fit(X[NEW], SQUARE[NEW])
    assert model.source_scores_ == scores
    assert_array_equal(model.predict(X), alone.predict(X))

    warm = between(_regressor(warm_start=True).fit(X[NEW], PRODUCT[NEW])).fit(X[NEW], SQUARE[NEW])
    assert list(warm.source_scores_) == ["product", "square"]
    assert warm.transfer_report_.source == "product (TransferMLPRegressor)"


def test_another_fit_chooses_anew_and_a_failed_one_changes_nothing():
    model = _regressor().fit(X[NEW], PRODUCT[NEW])
    before = dict(model.source_scores_)
    with pytest.raises(ValueError, match="activation"):
        model.set_params(activation="tanh").fit(X[NEW], SQUARE[NEW])
    assert model.source_scores_ == before
    model.set_params(activation=None).fit(X[NEW], SQUARE[NEW])
    assert next(iter(model.source_scores_)) == "square"
    assert not hasattr(
        model.set_params(source=SOURCES["square"]).fit(X[NEW], SQUARE[NEW]), "source_scores_"
    )


@pytest.mark.parametrize("form", [dict, lambda sources: list(sources.values())])
def test_saving_takes_all_sources_along(form, tmp_path):
    model = _regressor(source=form(SOURCES)).fit(X[NEW], PRODUCT[NEW])
    model.save(tmp_path)
    loaded = sktransfer.load(tmp_path)
    assert loaded.source_scores_ == model.source_scores_
    assert_array_equal(loaded.predict(X), model.predict(X))
    assert type(loaded.source) is type(model.source)
    again = clone(loaded).fit(X[NEW], SQUARE[NEW])
    assert_array_equal(again.predict(X), model.fit(X[NEW], SQUARE[NEW]).predict(X))
    assert again.source_scores_ == model.source_scores_


@pytest.mark.slow
def test_displays_and_curves_take_several_sources():
    model = _regressor(strategy="frozen").fit(X[NEW], PRODUCT[NEW])
    assert LayerChangeDisplay.from_estimator(model).change == pytest.approx([0.0], abs=1e-6)
    curve = transfer_learning_curve(
        _regressor(), SOURCES, X[NEW], PRODUCT[NEW], train_sizes=[30], cv=2, random_state=0
    )
    assert np.isfinite(curve.gain).all()


# -- several tasks, missing labels, weights -----------------------------------------------


def test_several_tasks_choose_one_source_for_all():
    hidden = np.random.default_rng(1).random((100, 2)) < 0.4
    Y = pd.DataFrame({"product": PRODUCT[NEW], "big": (PRODUCT > 0.5)[NEW]}).astype(object)
    model = MultiTaskMLP(source=SOURCES, max_iter=5, random_state=0).fit(X[NEW], Y.mask(hidden))
    assert list(model.source_scores_) == ["product", "square"]
    parts = [
        rank_sources(
            SOURCES, X[NEW][~hidden[:, i]], Y.iloc[:, i].to_numpy()[~hidden[:, i]].tolist()
        )
        for i in range(2)
    ]
    mean = np.mean([part.set_index("source")["score"]["product"] for part in parts])
    assert model.source_scores_["product"] == pytest.approx(mean)


def test_a_task_that_nobody_has_labelled_yet_has_no_say():
    first = MultiTaskMLP(source=SOURCES, max_iter=5, random_state=0)
    first.partial_fit(
        X[NEW], {"product": PRODUCT[NEW], "flag": [None] * 100}, classes={"flag": [0, 1]}
    )
    alone = MultiTaskMLP(source=SOURCES, max_iter=5, random_state=0)
    assert (
        first.source_scores_ == alone.partial_fit(X[NEW], {"product": PRODUCT[NEW]}).source_scores_
    )


def test_outputs_with_missing_entries_are_scored_by_their_known_rows():
    Y = np.column_stack([PRODUCT, PRODUCT + SQUARE])[NEW]
    Y[::2, 1] = np.nan
    model = _regressor().fit(X[NEW], Y)
    parts = [
        rank_sources(SOURCES, X[NEW], Y[:, 0]),
        rank_sources(SOURCES, X[NEW][1::2], Y[1::2, 1]),
    ]
    mean = np.mean([part.set_index("source")["score"]["square"] for part in parts])
    assert model.source_scores_["square"] == pytest.approx(mean)


def test_rows_of_no_weight_have_no_say():
    rows, weight = np.arange(300, 400), np.ones(100)
    weight[50:] = 0
    weighted = _regressor().fit(X[rows], PRODUCT[rows], weight)
    without = _regressor().fit(X[rows[:50]], PRODUCT[rows[:50]])
    assert weighted.source_scores_ == pytest.approx(without.source_scores_)


def test_of_many_rows_some_are_scored_and_always_the_same():
    many = np.tile(X, (20, 1))
    first = rank_sources(SOURCES, many, np.tile(PRODUCT, 20))
    assert first.equals(rank_sources(SOURCES, many, np.tile(PRODUCT, 20)))
    assert first["source"].tolist() == ["product", "square"]


def test_a_single_row_takes_the_first():
    assert next(iter(_regressor().fit(X[:1], PRODUCT[:1]).source_scores_)) == "square"


# -- what is refused ----------------------------------------------------------------------


def test_none_of_several_is_refused():
    for empty in ([], {}, ()):
        with pytest.raises(ValueError, match="`source` is an empty"):
            _regressor(source=empty).fit(X, PRODUCT)
        with pytest.raises(ValueError, match="`source` is an empty"):
            rank_sources(empty, X, PRODUCT)


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (MLPClassifier(), NotFittedError, "is not fitted"),
        ([SOURCES["square"]], ValueError, "expected one source here"),
        (None, TypeError, "must be a fitted"),
        ("nowhere", ValueError, "no saved model"),
        (torch.nn.LSTM(4, 2), SourceLayersError, "LSTM"),
    ],
)
def test_an_error_says_which_of_the_sources_it_is(wrong, error, words):
    sources = {"good": SOURCES["square"], "bad": wrong}
    for call in (_regressor(source=sources).fit, lambda *of: rank_sources(sources, *of)):
        with pytest.raises(error, match=rf"^Of the sources, 'bad' cannot be read\..*{words}"):
            call(X, PRODUCT)


def test_where_one_source_is_wanted_several_are_refused():
    with pytest.raises(ValueError, match="rank_sources"):
        SharedLayerTransformer(SOURCES).fit(X)


def test_a_description_is_one_source_whatever_it_is():
    class Several(dict):
        def __sktransfer_describe__(self):
            return SourceDescription([(np.ones((4, 3)), np.zeros(3)), (np.ones((3, 1)), [0.0])])

    model = _regressor(source=Several(a=1)).fit(X[NEW], PRODUCT[NEW])
    assert model.transfer_report_.source == "SourceDescription"
