"""Columns of another unit, scaled twice, or far outside: said in a warning that names them."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from fitted import FEW_MEMBERS
from sklearn.datasets import load_diabetes, load_wine
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktransfer import (
    MultiTaskMLP,
    SharedLayerTransformer,
    TransferMLPClassifier,
    TransferMLPRegressor,
)
from sktransfer.exceptions import ColumnWarning, TransferWarning
from sktransfer.model_selection import rank_sources

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def _rows(n, seed):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "celsius": rng.normal(20, 8, n),
            "weight": rng.normal(75, 12, n),
            "price": rng.gamma(4, 30, n),
            "seconds": rng.uniform(1.60e9, 1.61e9, n),
            "member": rng.integers(0, 2, n),
        }
    )
    return X, X["celsius"] + X["weight"] / 5 > 35


X, Y = _rows(300, 0)
TARGET, LABELS = _rows(60, 1)
OURS = TransferMLPClassifier((8,), max_iter=3, random_state=0).fit(X, Y)
PIPED = make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=30, random_state=0)).fit(X, Y)
SOURCES = {"ours": OURS, "piped": PIPED}


def _said(source, table, scaler=None, strategy="l2_sp"):
    model = TransferMLPClassifier(source=source, strategy=strategy, max_iter=2, random_state=0)
    model = model if scaler is None else make_pipeline(scaler, model)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", TransferWarning)
        model.fit(table, LABELS)
    said = [str(w.message) for w in caught if w.category is TransferWarning]
    return [message for message in said if " help here" not in message]


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize(
    "column, change, words",
    [
        ("price", lambda x: 1000 * x, "'price': about 1,000 times"),
        ("price", lambda x: x / 100, "'price': about 1/100 of"),
        ("seconds", lambda x: 1e9 * x, "'seconds': about 1,000,000,000 times"),
        ("celsius", lambda x: 1.8 * x + 32, "'celsius': degrees Fahrenheit in X"),
        ("weight", lambda x: 2.2046 * x, "pounds"),
        ("weight", lambda x: x + 500, "'weight': its mean is 4"),
        ("price", lambda x: x**3, "'price': its standard deviation is"),
    ],
)
def test_another_unit_is_said_with_its_factor(kind, column, change, words):
    (message,) = _said(SOURCES[kind], TARGET.assign(**{column: change(TARGET[column])}))
    assert words in message
    assert message.count("': ") == 1


@pytest.mark.parametrize(
    "take",
    [
        lambda table: SharedLayerTransformer(OURS).fit(table),
        lambda table: rank_sources({"old": OURS}, table, LABELS),
        lambda table: MultiTaskMLP(source=OURS, max_iter=2).fit(table, {"a": LABELS}),
    ],
    ids=["transformer", "ranking", "several tasks"],
)
def test_every_entrance_says_what_unit_levels_and_names_are_other(take):
    def said(table):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", TransferWarning)
            take(table)
        return [str(w.message) for w in caught if w.category is TransferWarning]

    assert not said(TARGET)
    (unit,) = said(TARGET.assign(price=1000 * TARGET["price"]))
    assert "'price': about 1,000 times" in unit
    (name,) = said(TARGET.rename(columns={"price": "price in EUR"}))
    assert "'price' and 'price in EUR'" in name


@pytest.mark.parametrize("kind", SOURCES)
def test_another_population_is_no_other_unit(kind):
    shifted = TARGET.assign(celsius=TARGET["celsius"] + 16, price=2 * TARGET["price"], member=1)
    assert not _said(SOURCES[kind], shifted)
    assert not _said(SOURCES[kind], TARGET[:12].iloc[np.arange(60) % 12])


def test_few_rows_of_a_long_tail_are_no_small_factor():
    wine = load_wine(as_frame=True).data
    source = TransferMLPRegressor(hidden_layer_sizes=(4,), max_iter=1).fit(wine, np.ones(178))
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        for seed in (63, 98, 179):  # each has a column whose median and quartiles are far off
            SharedLayerTransformer(source).fit(wine.sample(20, random_state=seed))
    miles = wine.assign(alcohol=wine["alcohol"] / 1.6093).sample(20, random_state=63)
    with pytest.warns(TransferWarning, match="'alcohol': about 1/1.6 "):
        SharedLayerTransformer(source).fit(miles)


def test_all_columns_may_be_in_other_units():
    names = ["celsius", "weight"]
    source = TransferMLPClassifier((4,), max_iter=1).fit(X[names].assign(height=X["weight"]), Y)
    table = TARGET[names].assign(weight=2.2046 * TARGET["weight"])
    with pytest.warns(TransferWarning, match="'height': about 1/2.54 .*'weight': about 2.2 "):
        SharedLayerTransformer(source).fit(table.assign(height=TARGET["weight"] / 2.54))


@pytest.mark.parametrize(
    "load, by, column",
    [(load_diabetes, "s3", "bp"), (load_wine, "color_intensity", "ash")],
    ids=["diabetes", "wine"],
)
def test_other_amounts_in_another_population_are_no_small_factor(load, by, column):
    options = {"scaled": False} if load is load_diabetes else {}
    table = load(as_frame=True, **options).data
    high = table[by] > table[by].median()
    here, there = (table[rows].drop(columns=by) for rows in (high, ~high))
    for one, other in ((here, there), (there, here)):
        source = TransferMLPRegressor(hidden_layer_sizes=(4,), max_iter=1, strategy="scratch")
        source.fit(one, np.ones(len(one)))
        with warnings.catch_warnings():
            warnings.simplefilter("error", TransferWarning)
            SharedLayerTransformer(source).fit(other)  # s4 or proline is 1.6 times as large
        pounds = other.assign(**{column: 2.2046 * other[column]})
        with pytest.warns(TransferWarning, match=f"'{column}': "):
            SharedLayerTransformer(source).fit(pounds)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("strategy", ["l2_sp", FEW_MEMBERS], ids=str)
def test_a_scaler_before_a_source_that_scales_by_itself_is_said_once(kind, strategy):
    table = TARGET.drop(columns="member")
    source = {
        "ours": TransferMLPClassifier((8,), max_iter=3, random_state=0),
        "piped": make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=30)),
    }[kind].fit(X.drop(columns="member"), Y)
    (message,) = _said(source, table, StandardScaler(), strategy)
    assert "scaled twice" in message
    assert "'x0' of mean 19" in message or "'x1' of mean 7" in message
    assert not _said(source, table, None, strategy)  # the advice, followed


def test_a_source_of_standardised_columns_has_nothing_to_say_of_a_scaler():
    scaler = StandardScaler().fit(X)
    source = TransferMLPClassifier((8,), max_iter=3).fit(scaler.transform(X), Y)
    assert not _said(source, TARGET, StandardScaler())


def test_a_network_without_a_scaling_on_large_numbers_is_said():
    raw = MLPClassifier((16,), max_iter=30, random_state=0).fit(X, Y)
    (message,) = _said(raw, TARGET)
    assert "first layer of the source (MLPClassifier)" in message
    assert "'seconds'" in message
    (forgotten,) = _said(PIPED[-1], TARGET.to_numpy())
    assert "make_pipeline(scaler, network)" in forgotten
    # the advice, followed
    assert not _said(make_pipeline(PIPED[0], PIPED[-1]), TARGET)


@pytest.mark.parametrize("form", [lambda X: X, pl.from_pandas], ids=["pandas", "polars"])
def test_a_source_that_only_predicts_has_units_too(form):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.normal(45, 12, 120), "wage": rng.normal(3000, 700, 120)})
    y = X["age"] / 10 + X["wage"] / 500
    source = make_pipeline(SimpleImputer(), StandardScaler(), Ridge()).fit(X, y)
    model = TransferMLPRegressor(source=source, strategy="recalibrate")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(form(X[:40]), y[:40])
    with pytest.warns(TransferWarning, match="'wage': about 1/1,000 of the source's"):
        model.fit(form(X.assign(wage=X["wage"] / 1000)[:40]), y[:40])
    scaled = StandardScaler().set_output(transform="pandas").fit_transform(X)
    with pytest.warns(TransferWarning, match=r"expects 'age' of mean 4\d.*scaled twice"):
        model.fit(form(scaled[:40]), y[:40])


# -- predict ------------------------------------------------------------------------------

QUICK = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}


def _found(model, X, predict="predict"):
    """The columns that a prediction says to be in another unit."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        getattr(model, predict)(X)
    texts = [str(one.message) for one in caught if issubclass(one.category, ColumnWarning)]
    texts = [text for text in texts if "in another unit than in fit" in text]
    assert len(texts) <= 1
    return {name for name in X.columns for text in texts if f"{name!r}: about" in text}


@pytest.mark.parametrize("strategy", ["scratch", "ensemble"])
@pytest.mark.parametrize("has_words", [False, True])
def test_predict_says_which_columns_have_another_unit_than_in_fit(strategy, has_words):
    (X, y), (new, _) = _rows(120, 0), _rows(150, 1)
    if has_words:
        X, new = (one.assign(town=np.resize(["Ulm", "Bonn"], len(one))) for one in (X, new))
    model = TransferMLPClassifier(strategy=strategy, **QUICK).fit(X, y)
    assert _found(model, new) == set()
    for factor in (10, 1000, 0.1, 0.001):
        other = new.assign(weight=factor * new["weight"])
        assert _found(model, other) == {"weight"}
        assert _found(model, pl.from_pandas(other), "predict_proba") == {"weight"}
        assert _found(model, other[:49]) == _found(model, other[:1]) == set()


def test_predict_says_the_factor_of_a_unit():
    (X, y), (new, _) = _rows(200, 0), _rows(200, 1)
    model = TransferMLPRegressor(**QUICK).fit(X, y * 1.0)
    with pytest.warns(ColumnWarning, match=r"'price': about 1/1,\d00 of those of fit. Expected"):
        model.predict(new.assign(price=new["price"] / 1100))


def test_predict_has_no_doubt_of_rows_that_were_chosen_or_repeat_a_value():
    (X, y), (new, _) = _rows(400, 0), _rows(3000, 1)
    model = TransferMLPClassifier(**QUICK).fit(X, y)
    for name in X:
        in_order = new.sort_values(name)
        assert _found(model, in_order[:60]) == _found(model, in_order[-60:]) == set()
    assert _found(model, new.assign(weight=750.0)) == set()
    huge = new.assign(weight=np.linspace(1e300, 1e308, len(new)))
    model.predict(huge)


def test_predict_does_not_repeat_what_fit_said_of_a_sources_unit():
    (X, y), (new, _) = _rows(300, 0), _rows(300, 1)
    source = TransferMLPClassifier(**QUICK).fit(X, y)
    other = new.assign(weight=new["weight"] * 1000)
    with pytest.warns(TransferWarning, match="'weight': about 1,000 times"):
        model = TransferMLPClassifier(source=source, strategy="keep_head", **QUICK).fit(other, y)
    assert _found(model, other) == set()
