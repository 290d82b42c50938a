"""Columns and levels that are the source's in another spelling: matched, reported, or said."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sktransfer import MultiTaskMLP, SharedLayerTransformer, TransferMLPClassifier
from sktransfer.exceptions import TransferError, TransferWarning
from sktransfer.model_selection import rank_sources
from sktransfer.sources import misspelled_names
from sktransfer.strategies import Recalibrate, WeightedEnsemble

AS_IT_IS = {"strategy": "keep_head", "max_iter": 1, "learning_rate_init": 1e-12}


def _table(n, seed):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "Sex": rng.choice(["male", "female"], n),
            "member": rng.choice(["yes", "no"], n),
            "grade": pd.Categorical(rng.integers(1, 4, n)),
            "flag": rng.choice([True, False], n),
            "age": rng.normal(40, 10, n),
            "fare price": rng.gamma(2, 20, n),
            "town": rng.choice(["Ulm", "York", "Bath"], n),
        }
    )
    z = 1.5 * (X["Sex"] == "male") + (X["member"] == "yes") + X["flag"] + (X["town"] == "Ulm")
    return X, (z + (X["age"] - 40) / 10 > 2).astype(int).to_numpy()


FRAME, LABELS = _table(300, 0)
X, Y = _table(40, 1)
SOURCE = TransferMLPClassifier((8,), strategy="scratch", max_iter=5, random_state=0).fit(
    FRAME, LABELS
)


def _fitted(table, source=SOURCE, **params):
    """A model of the source as it is, and what was said."""
    model = TransferMLPClassifier(source=source, random_state=0, **AS_IT_IS | params)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", TransferWarning)
        model.fit(table, Y)
    return model, [str(w.message) for w in caught if w.category is TransferWarning]


PLAIN = _fitted(X)[0].predict_proba(X)

LEVELS = {
    "case": {"Sex": lambda s: s.str.title()},
    "quotation marks": {"town": lambda s: '"' + s + '"'},
    "marks behind": {"member": lambda s: s.str.title() + "!", "town": lambda s: s + "."},
    "invisible marks": {"town": lambda s: s + "\u200b"},
    "blanks": {"member": lambda s: "  " + s.str.upper() + " "},
    "letters": {"Sex": lambda s: s.str[0].str.upper(), "member": lambda s: s.str[0]},
    "beginnings": {"town": lambda s: s.str[:2].str.upper()},
    "truth values for words": {"member": lambda s: s == "yes"},
    "numbers for words": {"member": lambda s: (s == "yes").astype(int)},
    "words for truth values": {"flag": lambda s: s.map({True: "Yes", False: "No"})},
    "texts for truth values": {"flag": lambda s: s.map({True: "true", False: "false"})},
    "numbers as text": {"grade": lambda s: s.astype(float).astype(str)},
    "numbers with fractions": {"grade": lambda s: s.astype(float)},
}


@pytest.mark.parametrize("form", [pd.DataFrame, pl.from_pandas], ids=["pandas", "polars"])
@pytest.mark.parametrize("name", LEVELS)
def test_levels_in_another_spelling_are_the_sources(name, form):
    table = form(
        X.assign(**{column: change(X[column]) for column, change in LEVELS[name].items()})
    )
    model, said = _fitted(table)
    assert not said
    np.testing.assert_allclose(model.predict_proba(table), PLAIN, atol=1e-5)


NAMES = {
    "case, blanks and marks": {"Sex": "sex ", "fare price": "Fare_Price", "age": "AGE"},
    "a prefix of all": {name: f"t_{name}" for name in X},
    "a suffix of all": {name: f"{name} 2020" for name in X},
    "accents": {"age": "âge", "Sex": "Se\u0301x"},
    "prefixes of steps": {"age": "num__age", "Sex": "cat__Sex"},
    "a longer name with the same levels": {"Sex": "passenger_sex", "town": "home town"},
}


@pytest.mark.parametrize("name", NAMES)
def test_names_in_another_spelling_are_the_sources(name):
    table = X.rename(columns=NAMES[name])
    model, said = _fitted(table)
    assert not said
    np.testing.assert_allclose(model.predict_proba(table), PLAIN, atol=1e-5)


def test_a_name_that_could_be_several_is_none_of_them():
    table = X.rename(columns={"age": "Age", "fare price": "AGE"})
    model, _ = _fitted(table)
    assert {"age", "fare price"} <= {
        row.name for row in model.transfer_report_.rows if row.status == "not in this table"
    }


@pytest.mark.parametrize(
    "options",
    [
        {"dtype": bool},
        {"dtype": int},
        {"prefix": "", "prefix_sep": ""},
        {"prefix": ["S", "T"]},
        {"prefix_sep": ": "},
    ],
    ids=["truth values", "numbers", "levels alone", "initials", "a colon"],
)
def test_columns_of_zeros_and_ones_are_levels_and_the_other_way_round(options):
    dummies = pd.get_dummies(X, columns=["Sex", "town"], **options)
    model, said = _fitted(dummies)
    assert not said
    np.testing.assert_allclose(model.predict_proba(dummies), PLAIN, atol=1e-5)
    wide = pd.get_dummies(FRAME, columns=["Sex", "town"], **options)
    source = TransferMLPClassifier((8,), strategy="scratch", max_iter=5, random_state=0)
    source.fit(wide, LABELS)
    folded, said = _fitted(X, source)
    assert not said
    expected = _fitted(dummies, source)[0].predict_proba(dummies)
    np.testing.assert_allclose(folded.predict_proba(X), expected, atol=1e-5)


def test_dummies_of_another_column_with_the_same_levels_are_another():
    table = X.drop(columns="member").assign(smoker_yes=X["age"] > 40, smoker_no=X["age"] <= 40)
    model, _ = _fitted(table)
    gone = [row.name for row in model.transfer_report_.rows if row.status == "not in this table"]
    assert "member" in gone


def test_a_level_that_was_left_out_of_zeros_and_ones_is_the_rest():
    wide = pd.get_dummies(FRAME, columns=["Sex", "town"], drop_first=True)
    source = TransferMLPClassifier((8,), strategy="scratch", max_iter=5, random_state=0)
    source.fit(wide, LABELS)
    table = pd.get_dummies(X, columns=["Sex", "town"], drop_first=True)
    expected = _fitted(table, source)[0].predict_proba(table)
    np.testing.assert_allclose(_fitted(X, source)[0].predict_proba(X), expected, atol=1e-5)


def test_levels_without_anything_in_common_make_a_new_column_and_are_said():
    model, (message,) = _fitted(X.assign(Sex=X["Sex"].map({"male": "Mann", "female": "Frau"})))
    assert "'Sex' (" in message and "'Mann'" in message and "'male'" in message
    statuses = {row.name: row.status for row in model.transfer_report_.rows}
    assert statuses["Sex"] == "new" and "Sex (of the source)" not in statuses
    # the advice, followed
    german = X["Sex"].map({"male": "Mann", "female": "Frau"})
    table = X.assign(Sex=german.replace({"Mann": "male", "Frau": "female"}))
    model, said = _fitted(table)
    assert not said
    np.testing.assert_allclose(model.predict_proba(table), PLAIN, atol=1e-5)


def test_bins_that_each_table_cut_by_itself_are_said_to_be_cut_alike():
    cut = FRAME.assign(age=pd.cut(FRAME["age"], 4).astype(str))
    source = TransferMLPClassifier((8,), strategy="scratch", max_iter=2).fit(cut, LABELS)
    _, (message,) = _fitted(X.assign(age=pd.cut(X["age"], 5).astype(str)), source)
    assert "Cut X['age'] at the same edges" in message
    edges = [-50, 30, 40, 50, 200]
    alike = FRAME.assign(age=pd.cut(FRAME["age"], edges).astype(str))
    source = TransferMLPClassifier((8,), strategy="scratch", max_iter=2).fit(alike, LABELS)
    assert not _fitted(X.assign(age=pd.cut(X["age"], edges).astype(str)), source)[1]


def test_alike_names_of_numbers_are_said_and_column_map_takes_them():
    table = X.rename(columns={"age": "age_years"})
    model, (message,) = _fitted(table)
    assert "'age' and 'age_years'" in message and "column_map={'age': 'age_years'}" in message
    model, said = _fitted(table, column_map={"age": "age_years"})
    assert not said
    np.testing.assert_allclose(model.predict_proba(table), PLAIN, atol=1e-5)


@pytest.mark.parametrize("name", ["ages", "Ages", "age_years"])
def test_names_that_are_nearly_the_same_are_named_and_not_matched(name):
    model, (message,) = _fitted(X.rename(columns={"age": name}))
    assert f"column_map={{'age': {name!r}}}" in message
    assert {row.name: row.status for row in model.transfer_report_.rows}[name] == "new"


def test_other_words_are_no_misspelled_names():
    theirs = ["height", "color", "min temp", "x1", "import", "age", "sepal length", "cities"]
    ours = ["weight", "colour", "max temp", "x2", "export", "wage", "petal length", "City"]
    assert misspelled_names(theirs, ours) == [("color", "colour"), ("cities", "City")]


def test_column_map_may_exchange_columns():
    table = X.rename(columns={"age": "fare price", "fare price": "age"})
    model, _ = _fitted(table, column_map={"age": "fare price", "fare price": "age"})
    np.testing.assert_allclose(model.predict_proba(table), PLAIN, atol=1e-5)


@pytest.mark.parametrize(
    "column_map, message",
    [
        ({"height": "age"}, "keys 'height', which are not columns of the source"),
        ({"age": "height"}, "values 'height', which are not columns of X"),
        ({"age": "town", "Sex": "town"}, "'town' of X for several columns"),
    ],
)
def test_a_column_map_of_columns_that_are_not_there_is_refused(column_map, message):
    with pytest.raises(TransferError, match=message):
        _fitted(X, column_map=column_map)


def test_every_entrance_takes_column_map():
    other = X.rename(columns={"age": "years", "town": "place"})
    column_map = {"age": "years", "town": "place"}
    tasks = MultiTaskMLP(source=SOURCE, column_map=column_map, max_iter=1).fit(other, {"y": Y})
    assert tasks.transfer_report_.counts("column") == {"reused": 7}
    of_source = SharedLayerTransformer(SOURCE).fit(X).transform(X)
    as_mapped = SharedLayerTransformer(SOURCE, column_map=column_map).fit(other).transform(other)
    np.testing.assert_allclose(as_mapped, of_source, atol=1e-5)
    sources = {"one": SOURCE, "other": SOURCE}
    ranked = rank_sources(sources, other, Y, method="logme", column_map=column_map)
    assert ranked["score"].tolist() == pytest.approx(
        rank_sources(sources, X, Y, method="logme")["score"].tolist()
    )


def test_an_estimator_that_takes_categories_asks_for_them_where_a_table_has_zeros_and_ones():
    source, words = _by_predictions("pipeline"), {"strategy": "recalibrate"}
    dummies = pd.get_dummies(X, columns=["town"])
    _, said = _fitted(dummies, source, **words)
    (message,) = [message for message in said if "zeros and ones" in message]
    code = message.partition("X['town'] = ")[2].removesuffix(".")
    table = dummies.assign(town=eval(code, {"X": dummies}))
    model, said = _fitted(table, source, **words)
    assert not [message for message in said if "zeros and ones" in message]
    expected = _fitted(X, source, **words)[0].predict_proba(X)
    np.testing.assert_allclose(model.predict_proba(table), expected, atol=1e-6)


def _by_predictions(kind):
    numbers = ["flag", "age", "fare price"]
    if kind == "forest of numbers":
        forest = RandomForestClassifier(20, random_state=0)
        return forest.fit(
            pd.get_dummies(FRAME, columns=["Sex", "member", "town", "grade"]), LABELS
        )
    words = ["Sex", "member", "town"]
    columns = make_column_transformer((StandardScaler(), numbers), (OneHotEncoder(), words))
    return make_pipeline(columns, LogisticRegression()).fit(FRAME, LABELS)


@pytest.mark.parametrize("kind", ["pipeline", "forest of numbers"])
def test_a_source_by_its_predictions_gets_its_own_names_and_levels(kind):
    source = _by_predictions(kind)
    table = (
        X if kind == "pipeline" else pd.get_dummies(X, columns=["Sex", "member", "town", "grade"])
    )
    expected = _fitted(table, source, strategy="recalibrate")[0].predict_proba(table)
    other = X.rename(columns=str.upper).assign(
        SEX=X["Sex"].str.title(), MEMBER=X["member"].map({"yes": "Y", "no": "N"})
    )
    if kind == "forest of numbers":
        other = X.rename(columns={"age": "AGE"})
    found, said = _fitted(other, source, strategy="recalibrate")
    assert not [message for message in said if " help here" not in message]
    np.testing.assert_allclose(found.predict_proba(other), expected, atol=1e-6)


@pytest.mark.parametrize(
    "theirs, ours",
    [
        ([0, 1], ["no", "yes"]),
        (["no", "yes"], [False, True]),
        (["0", "1"], [0, 1]),
        (["benign", "malignant"], ["B", "M"]),
        (["low", "middle", "high"], [" Low", "MIDDLE", "High "]),
    ],
)
@pytest.mark.parametrize("is_network", [True, False])
def test_classes_in_another_spelling_are_the_sources(theirs, ours, is_network):
    X, y = load_iris(return_X_y=True)
    y = np.minimum(y, len(theirs) - 1)
    source = MLPClassifier((4,), solver="lbfgs", random_state=0) if is_network else GaussianNB()
    source.fit(X, np.array(theirs)[y])
    where = dict(zip(source.classes_.tolist(), source.predict_proba(X).T, strict=True))
    model = TransferMLPClassifier(source=source, strategy=Recalibrate("none"))
    p = model.fit(X[::2], np.array(ours)[y][::2]).predict_proba(X)
    same = dict(zip(ours, theirs, strict=True))
    expected = np.column_stack([where[same[label]] for label in model.classes_.tolist()])
    np.testing.assert_allclose(p, expected, atol=2e-3)
    assert model.transfer_report_.counts("class") in ({"reused": len(ours)}, {})


def test_classes_of_other_meaning_are_not():
    X, y = load_iris(return_X_y=True)
    source = GaussianNB().fit(X, y > 0)
    for labels, more in ((["left", "right"], {}), ([0, 1], {"class_map": {}})):
        model = TransferMLPClassifier(source=source, strategy=Recalibrate("none"), **more)
        model.fit(X[::2], np.array(labels)[(y > 0).astype(int)][::2])
        assert np.abs(model.predict_proba(X) - source.predict_proba(X)).max() > 2e-3


@pytest.mark.parametrize("strategy", ["recalibrate", WeightedEnsemble(["linear", "tangent"])])
def test_a_warning_asks_which_classes_are_which_where_none_is_matched(strategy):
    X, y = load_iris(return_X_y=True)
    source = GaussianNB().fit(X, y > 0)
    labels = np.array(["left", "right"])[(y > 0).astype(int)]
    asks = r"class_map=\{False: ..., True: ...\}; if they do not"
    with pytest.warns(TransferWarning, match=asks):
        TransferMLPClassifier(source=source, strategy=strategy).fit(X[::2], labels[::2])
    stream = TransferMLPClassifier(source=source, strategy=WeightedEnsemble(["tangent", "l2_sp"]))
    with pytest.warns(TransferWarning, match=asks):
        stream.partial_fit(X[::2], labels[::2], classes=["left", "right"])
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="The source .* none is matched")
        for class_map in ({}, {False: "left", True: "right"}):
            model = TransferMLPClassifier(source=source, strategy=strategy, class_map=class_map)
            model.fit(X[::2], labels[::2])


@pytest.mark.parametrize(
    "classes, asks",
    [
        ([1, 2, 3], r"equal ones .*={1: 0, 2: 1, 3: 2}; .*={1: 1, 2: 2}\."),
        (["b", "a", "c"], r"none is matched.*={'a': 0, 'b': 1, 'c': 2}; if they do not"),
        (["0", "1", "2"], None),
    ],
)
def test_a_warning_says_so_where_scikit_learn_has_numbered_the_classes(classes, asks):
    X, y = load_iris(return_X_y=True)
    y, labels = np.array(classes)[y], sorted(classes)
    model = TransferMLPClassifier(source=GaussianNB().fit(X, y), strategy="recalibrate")
    if asks:
        with pytest.warns(TransferWarning, match=asks):
            cross_val_predict(model, X, y, cv=2, method="predict_proba")
        model.set_params(class_map={label: i for i, label in enumerate(labels)})
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        p = cross_val_predict(model, X, y, cv=2, method="predict_proba")
    assert (np.array(labels)[p.argmax(axis=1)] == y).mean() > 0.9


@pytest.mark.parametrize(
    "theirs, ours",
    [
        (["Köln", "Lübeck", "Straße", "Århus"], ["Koeln", "Luebeck", "Strasse", "Aarhus"]),
        (["Köln", "Zürich", "Bonn"], ["Koln", "ZURICH", "bonn"]),
        (["Jan", "Feb", "Apr", "May"], ["January", "February", "April", "May"]),
        (["Mo", "Tu", "We"], ["Monday", "Tuesday", "Wednesday"]),
    ],
)
def test_letters_without_marks_and_months_in_full_are_the_sources(theirs, ours):
    at, y = np.arange(80) % len(theirs), np.arange(80) % 2
    source = TransferMLPClassifier((4,), strategy="scratch", max_iter=2, random_state=0)
    source.fit(pd.DataFrame({"v": np.array(theirs)[at], "z": at * 1.0}), y)
    table = pd.DataFrame({"v": np.array(ours)[at], "z": at * 1.0})
    model = TransferMLPClassifier(source=source, **AS_IT_IS).fit(table, y)
    new = [row for row in model.transfer_report_.rows if row.status == "new" and "v=" in row.name]
    assert not new
    # and in predict
    same = pd.DataFrame({"v": np.array(theirs)[at], "z": at * 1.0})
    np.testing.assert_allclose(model.predict_proba(table), source.predict_proba(same), atol=1e-5)
