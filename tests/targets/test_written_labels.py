"""Labels in two spellings, missing labels and numbers as text, a target among the columns."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import ColumnWarning
from sktransfer.strategies import Joint

N = 40
RNG = np.random.default_rng(0)
X = pd.DataFrame({"a": RNG.normal(size=N), "b": RNG.normal(size=N)})
Y = X["a"].to_numpy().round(3)
QUICK = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}


def _classified(labels, several=False):
    if several:
        return MultiTaskMLP(**QUICK).fit(X, {"kind": labels})
    return TransferMLPClassifier(**QUICK).fit(X, labels)


@pytest.mark.parametrize("several", [False, True])
def test_classes_that_differ_in_blanks_or_case_are_said(several):
    labels = np.array(["yes", "no", "yes ", "No"] * 10)
    what = "Task 'kind'" if several else "y"
    with pytest.warns(UserWarning, match=f"{what} has the classes .*differ in case or blanks"):
        _classified(labels, several)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("missing", ["nan", "None", "<NA>", ""])
def test_a_class_that_is_a_missing_label_as_text_is_said(missing, several):
    labels = np.array(["yes", "no", missing, "no"] * 10)
    with pytest.warns(UserWarning, match=f"has the class {missing!r}, which missing labels"):
        _classified(labels, several)


@pytest.mark.parametrize("labels", [["a", "A"], ["yes", "no"], [1, 2], ["none", "some"]])
def test_other_classes_are_taken_without_a_word(labels):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _classified(np.array(labels * 20))


WRITTEN = [
    lambda v: f"${v}",
    lambda v: f"{v} kg",
    lambda v: f"{v} meters",
    lambda v: f"{v}%",
    lambda v: f"{v}".replace(".", ","),
    lambda v: f"{1000 * v:,.2f}",
    lambda v: f"{1000 * v:,.0f} EUR",
    lambda v: "?" if v == Y[0] else f"{v}",
]


@pytest.mark.parametrize("write", WRITTEN)
@pytest.mark.parametrize("form", [pd.Series, list, np.array, pl.Series])
def test_the_cure_for_numbers_as_text_is_one(write, form):
    y = form([write(v) for v in Y])
    with pytest.raises(ValueError, match=r"give pandas\.to_numeric") as caught:
        TransferMLPRegressor(**QUICK).fit(X, y)
    code = str(caught.value).split("give ")[1].split(", and leave")[0]
    cured = pd.Series(eval(code, {"y": y, "pandas": pd}))
    factor = 1000 if "," in write(1234.5) and ("." in write(1234.5) or "EUR" in write(1)) else 1
    known = cured.notna()
    assert known.sum() >= N - 1
    np.testing.assert_allclose(cured[known], (factor * Y)[known])


@pytest.mark.parametrize(
    ("texts", "cure"),
    [
        (["1.5k", "20", "310"], "convert each to its number"),
        (["(20.5)", "3", "4"], "convert each to its number"),  # without its marks it is no -20.5
        (["2024-03-01", "2024-05-01", "2024-01-09"], r"pandas.to_datetime\(y\)"),
    ],
)
def test_numbers_that_need_more_than_that_marks_are_taken_away(texts, cure):
    with pytest.raises(ValueError, match=cure):
        TransferMLPRegressor(**QUICK).fit(X[: len(texts)], texts)


def test_every_entrance_says_how_numbers_as_text_become_some():
    y, known = pd.Series([f"{v}%" for v in Y]), TransferMLPRegressor(**QUICK).fit(X, Y)
    fit = TransferMLPRegressor(**QUICK).fit
    several = MultiTaskMLP(**QUICK, task_kinds={"share": "regression"})
    joint = TransferMLPRegressor(**QUICK, strategy=Joint((X, y)))
    for call in (
        lambda: fit(X, Y, X_val=X, y_val=y),
        lambda: fit(X, pd.DataFrame({"share": y, "other": Y})),
        lambda: TransferMLPRegressor(**QUICK).partial_fit(X, y),
        lambda: known.score(X, y),
        lambda: joint.fit(X, Y),
        lambda: several.fit(X, {"share": y}),
    ):
        with pytest.raises(ValueError, match=r"read as text: give pandas\.to_numeric"):
            call()


def test_a_task_of_amounts_as_text_is_said():
    y = {"price": [f"{v} EUR" for v in Y]}
    with pytest.warns(UserWarning, match=r"learned as 40 classes.*Series\(y\['price'\]\)"):
        MultiTaskMLP(**QUICK).fit(X, y)
    few = {"price": ["10 EUR", "20 EUR"] * 20}
    for tasks, kinds in ((few, None), (y, {"price": "classification"})):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            MultiTaskMLP(**QUICK, task_kinds=kinds).fit(X, tasks)


@pytest.mark.parametrize("form", [lambda frame: frame, pl.from_pandas, pa.Table.from_pandas])
def test_a_target_that_is_a_column_is_said(form):
    frame = X.assign(price=Y)
    y = pd.Series(Y, name="price")
    with pytest.warns(ColumnWarning, match="X has the column 'price', which is the target"):
        TransferMLPRegressor(**QUICK).fit(form(frame), y)
    with pytest.warns(ColumnWarning, match="X has the column 'price', which is the target"):
        MultiTaskMLP(**QUICK).fit(form(frame), pd.DataFrame({"price": Y, "b": Y > 0}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TransferMLPRegressor(**QUICK).fit(form(frame), pd.Series(Y + 1, name="price"))


def test_zeros_and_ones_are_the_words_for_truth_values_that_fit_had():
    frame = X.assign(paid=np.where(Y > 0, "Ja", "Nein"))
    model = TransferMLPRegressor(**QUICK).fit(frame, Y)
    expected = model.predict(frame)
    for values in ((Y > 0).astype(int), (Y > 0).astype(float), Y > 0):
        np.testing.assert_allclose(model.predict(frame.assign(paid=values)), expected)
    with pytest.raises(ValueError, match="'paid' held text or categories in fit"):
        model.predict(frame.assign(paid=np.arange(N)))
