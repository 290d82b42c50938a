"""Labels come back in the type of their entries, whatever held them in fit."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.strategies import Joint

QUICK = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}
X = np.random.default_rng(0).normal(size=(40, 2))
TRUTH = X[:, 0] > 0
COUNTS = TRUTH.astype(int) + 3
HELD = {
    "nullable": lambda y: pd.Series(y).convert_dtypes(),
    "pyarrow in pandas": lambda y: pd.Series(y).convert_dtypes(dtype_backend="pyarrow"),
    "categories": lambda y: pd.Series(y, dtype="category"),
    "objects": lambda y: y.astype(object),
    "objects in pandas": lambda y: pd.Series(y, dtype=object),
    "a frame": lambda y: pd.DataFrame({"y": y}).convert_dtypes(),
    "polars": lambda y: pl.Series(y),
    "pyarrow": lambda y: pa.array(y),
    "a list": lambda y: y.tolist(),
}


@pytest.mark.parametrize("y", [TRUTH, COUNTS], ids=["truth values", "whole numbers"])
@pytest.mark.parametrize("held", HELD)
@pytest.mark.filterwarnings("ignore:A column-vector y:sklearn.exceptions.DataConversionWarning")
def test_labels_come_back_in_their_type(held, y):
    expected = TransferMLPClassifier(**QUICK).fit(X, y)
    given = HELD[held](y)
    model = TransferMLPClassifier(**QUICK).fit(X, given, X_val=X, y_val=given)
    assert model.classes_.dtype == y.dtype and model.predict(X).dtype == y.dtype
    assert_array_equal(model.predict_proba(X), expected.predict_proba(X))
    assert model.score(X, given) == expected.score(X, y)
    stream = TransferMLPClassifier(**QUICK).partial_fit(X, given, classes=np.unique(y))
    assert stream.partial_fit(X, given).classes_.dtype == y.dtype
    if held != "a frame":
        several = MultiTaskMLP(**QUICK).fit(X, {"a": given, "b": X[:, 1]})
        assert several.predict(X)["a"].dtype == y.dtype


@pytest.mark.parametrize("form", [dict, pd.DataFrame, pl.from_pandas, pa.Table.from_pandas])
@pytest.mark.parametrize("dtype", ["Int64", "int64[pyarrow]", "category"])
def test_whole_numbers_of_a_task_stay_such_where_some_are_missing(form, dtype):
    far = 2**60 + COUNTS  # as floats they are one class
    y = pd.DataFrame({"a": pd.Series(far, dtype=dtype).mask(np.arange(40) == 3), "b": X[:, 1]})
    model = MultiTaskMLP(**QUICK).fit(X, form(y))
    assert model.classes_["a"].tolist() == np.unique(far).tolist()
    labels = np.asarray(model.predict(X)["a"])
    assert labels.dtype == np.int64
    known = np.arange(40) != 3
    assert model.score_tasks(X, form(y))["a"] == np.mean(labels[known] == far[known])
    stream = MultiTaskMLP(**QUICK).partial_fit(X, form(y), classes={"a": np.unique(far)})
    assert stream.partial_fit(X, form(y)).classes_["a"].tolist() == np.unique(far).tolist()


def test_labels_of_which_some_are_missing_keep_the_words_for_it():
    y = pd.Series(TRUTH, dtype="boolean").mask(np.arange(40) == 3)
    with pytest.raises(ValueError, match="1 of 40 labels are missing, the first in row 3"):
        TransferMLPClassifier(**QUICK).fit(X, y)


def test_classes_of_a_stream_may_be_nullable():
    classes = pd.array([False, True], dtype="boolean")
    model = TransferMLPClassifier(**QUICK).partial_fit(X[:9], TRUTH[:9], classes=classes)
    assert model.classes_.dtype == bool


@pytest.mark.parametrize("y", [np.where(X[:, 0] > 0, "a", "b"), COUNTS, X[:, 0]])
def test_a_missing_entry_of_pyarrows_categories_is_no_other_category(y):
    entries = [None, *y[1:].tolist()]
    given = pa.chunked_array([pa.array(entries).dictionary_encode()])
    estimator = TransferMLPRegressor if y.dtype.kind == "f" else TransferMLPClassifier
    model = estimator(**QUICK)
    with pytest.raises(ValueError, match="1 of 40 labels are missing, the first in row 0"):
        model.fit(X, given)
    with pytest.raises(ValueError, match="groups has no entry in row 0"):
        model.fit(X, y, groups=given)
    several = MultiTaskMLP(**QUICK).fit(X, {"a": y, "b": X[:, 1]})
    scores = [several.score_tasks(X, {"a": a, "b": X[:, 1]})["a"] for a in (given, entries)]
    assert scores[0] == scores[1]
    joint = model.set_params(strategy=Joint({"old": (X, given)}))
    expected = clone(model).set_params(strategy=Joint({"old": (X, np.array(entries, object))}))
    assert_array_equal(joint.fit(X, y).predict(X), expected.fit(X, y).predict(X))
