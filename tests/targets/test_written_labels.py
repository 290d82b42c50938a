"""Labels in two spellings, missing labels and numbers as text, a target among the columns."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import ColumnWarning

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


@pytest.mark.parametrize(
    "write",
    [
        lambda v: f"${v}",
        lambda v: f"{v} kg",
        lambda v: f"{v}".replace(".", ","),
        lambda v: f"{1000 * v:,.2f}",
        lambda v: "?" if v == Y[0] else f"{v}",
    ],
)
def test_the_cure_for_numbers_as_text_is_one(write):
    y = pd.Series([write(v) for v in Y])
    with pytest.raises(ValueError, match=r"give pandas\.to_numeric") as caught:
        TransferMLPRegressor(**QUICK).fit(X, y)
    code = str(caught.value).split("give ")[1].split(", and leave")[0]
    cured = eval(code, {"y": y, "pandas": pd})
    factor = 1000 if "," in write(1234.5) and "." in write(1234.5) else 1
    known = cured.notna()
    assert known.sum() >= N - 1
    np.testing.assert_allclose(cured[known], (factor * Y)[known])


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
