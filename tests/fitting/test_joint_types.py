"""Joint training on tables whose columns have other types than the target's."""

import warnings
from functools import cache

import numpy as np
import pandas as pd
import polars as pl
import pytest
from fitted import one_fast_in
from numpy.testing import assert_allclose, assert_array_equal

from sktransfer import TransferMLPClassifier
from sktransfer.exceptions import SourceRowsError, TransferWarning
from sktransfer.strategies import Joint, WeightedEnsemble

N = 120
RNG = np.random.default_rng(0)
DAY = pd.Timestamp("2020-01-01") + pd.to_timedelta(RNG.integers(0, 1000, N), unit="D")
TABLE = pd.DataFrame(
    {
        "day": DAY,
        "amount": RNG.integers(0, 90, N).astype(float),
        "took": pd.to_timedelta(RNG.integers(0, 999, N), unit="s"),
        "town": RNG.choice(["York", "Bonn"], N),
        "code": RNG.choice(["0", "1", "2"], N),
        "member": RNG.random(N) < 0.5,
        "paid": RNG.choice(["yes", "no"], N),
    }
)
Y = np.asarray(DAY.min() + pd.Timedelta(500, "D") < DAY)
OURS, THEIRS, NEW = TABLE[:40], TABLE[40:80], TABLE[80:]


def _fit(theirs, ours=OURS):
    strategy = Joint((theirs, Y[40:80]))
    model = TransferMLPClassifier((8,), strategy=strategy, max_iter=3, random_state=0)
    return model.fit(ours, Y[:40])


@cache
def _expected():
    return _fit(THEIRS).predict_proba(NEW)


SURE = {
    "dates as text": {"day": lambda t: t["day"].dt.strftime("%d.%m.%Y")},
    "another unit": {"day": lambda t: t["day"].astype("datetime64[ns]")},
    "in UTC": {"day": lambda t: t["day"].dt.tz_localize("UTC")},
    "Python's dates": {"day": lambda t: t["day"].dt.date},
    "arrow's dates": {"day": lambda t: t["day"].astype("date32[pyarrow]")},
    "currency": {"amount": lambda t: "$" + t["amount"].astype(str)},
    "whole numbers": {"amount": lambda t: t["amount"].astype("Int64")},
    "categories of numbers": {"amount": lambda t: t["amount"].astype(int).astype("category")},
    "milliseconds": {"took": lambda t: t["took"].astype("timedelta64[ms]")},
    "durations as text": {"took": lambda t: t["took"].astype(str)},
    "categories": {"town": lambda t: t["town"].astype("category")},
    "other case and marks": {"town": lambda t: " " + t["town"].str.upper() + "\u00a0"},
    "beginnings": {"town": lambda t: t["town"].str[:2]},
    "truth values as text": {"member": lambda t: t["member"].astype(str).str.upper()},
    "truth values in words": {"member": lambda t: t["member"].map({True: "yes", False: "no"})},
    "categories of truth values": {"member": lambda t: t["member"].astype("category")},
    "words as truth values": {"paid": lambda t: t["paid"] == "yes"},
    "words as zeros and ones": {"paid": lambda t: (t["paid"] == "yes").astype(int)},
}


@pytest.mark.parametrize(
    "columns",
    [list(range(7)), [("of", i) for i in range(7)], list(pd.date_range("2020-01-01", periods=7))],
    ids=["numbers", "tuples", "dates"],
)
def test_names_that_are_no_texts_are_columns_in_their_order(columns):
    ours, theirs, new = (t.set_axis(pd.Index(columns), axis=1) for t in (OURS, THEIRS, NEW))
    words = new.copy()
    words[words.columns[5]] = np.where(NEW["member"], "yes", "no")
    settings = {"max_iter": 3, "random_state": 0}
    source = TransferMLPClassifier((8,), **settings).fit(ours, Y[:40])
    model = TransferMLPClassifier(source=source, strategy="l2_sp", **settings)
    model.fit(ours, Y[:40], X_unlabeled=new[:9])
    stream = TransferMLPClassifier(strategy=WeightedEnsemble(["linear", "scratch"]), **settings)
    stream.partial_fit(ours, Y[:40], classes=[False, True]).partial_fit(theirs, Y[40:80])
    for one in (joint := _fit(theirs, ours), model, stream):
        assert_array_equal(one.predict_proba(words), one.predict_proba(new))
    assert_array_equal(_fit(THEIRS, ours).predict_proba(new), joint.predict_proba(new))


@pytest.mark.parametrize("name", SURE)
@pytest.mark.parametrize("which", one_fast_in(2, ["theirs", "ours"]))
def test_what_means_the_same_in_another_type_is_the_same(name, which):
    changed = (THEIRS if which == "theirs" else OURS).assign(**SURE[name])
    model = _fit(changed) if which == "theirs" else _fit(THEIRS, changed)
    rows = NEW if which == "theirs" else NEW.assign(**SURE[name])
    assert_allclose(model.predict_proba(rows), _expected(), rtol=1e-4)


def test_codes_that_the_other_table_has_as_numbers_are_categories_as_the_targets_own():
    model = _fit(THEIRS.assign(code=THEIRS["code"].astype(int)))
    assert_allclose(model.predict_proba(NEW), _expected(), rtol=1e-4)


def test_numbers_that_the_other_table_has_as_codes_are_numbers_as_the_targets_own():
    ours, theirs, new = (t.assign(code=t["code"].astype(float)) for t in (OURS, THEIRS, NEW))
    model = _fit(theirs.assign(code=THEIRS["code"].astype("category")), ours)
    assert_allclose(model.predict_proba(new), _fit(theirs, ours).predict_proba(new), rtol=1e-4)


def test_tables_may_come_from_two_libraries():
    model = _fit(pl.from_pandas(THEIRS))
    assert_allclose(model.predict_proba(NEW), _expected(), rtol=1e-5)


@pytest.mark.parametrize("column", TABLE)
def test_a_column_that_the_other_table_lacks_or_has_no_entry_of_keeps_its_type(column):
    without = _fit(THEIRS.drop(columns=column)).predict_proba(NEW)
    empty = THEIRS.assign(**{column: pd.Series([None] * 40, index=THEIRS.index, dtype=object)})
    assert_allclose(_fit(empty).predict_proba(NEW), without, rtol=1e-5)


@pytest.mark.parametrize(
    "column, values",
    [
        ("day", lambda t: t["day"].astype("int64")),
        ("day", lambda t: t["day"].dt.tz_localize("Europe/Berlin")),
        ("took", lambda t: t["took"].dt.total_seconds()),
        ("amount", lambda t: t["took"]),
        ("amount", lambda t: t["town"]),
        ("town", lambda t: t["amount"]),
    ],
)
def test_what_may_mean_something_else_is_refused_by_name(column, values):
    with pytest.raises(SourceRowsError, match=f"Column '{column}'"):
        _fit(THEIRS.assign(**{column: values}))


def test_texts_that_are_numbers_in_few_rows_and_words_in_many_are_words():
    def graded(table, grades):
        return table.assign(town=np.resize(grades, len(table)))

    both = ["1. bad", "2. good"]
    ours, theirs = graded(OURS, ["2. good"]), graded(THEIRS, both)
    model = _fit(theirs, ours)
    assert "town=2. good" in model.encoded_feature_names_.tolist()
    assert_allclose(model.predict_proba(graded(NEW, both)).sum(axis=1), 1, rtol=1e-5)


def test_names_in_another_spelling_are_the_same():
    theirs = THEIRS.rename(columns={"amount": "Amount ", "town": "TOWN", "took": "_took"})
    assert_allclose(_fit(theirs).predict_proba(NEW), _expected(), rtol=1e-6)


def _said(theirs):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", TransferWarning)
        _fit(theirs)
    return [str(w.message) for w in caught if w.category is TransferWarning]


def test_what_cannot_be_told_to_be_the_same_is_said():
    assert not _said(THEIRS)
    (units,) = _said(THEIRS.assign(amount=1000 * THEIRS["amount"]))
    assert "the table 'source' of Joint" in units and "'amount': about 1,000 times X's" in units
    (levels,) = _said(THEIRS.assign(town=THEIRS["town"].map({"York": "A1", "Bonn": "B2"})))
    assert "'town' has no level in common in X" in levels and "'A1'" in levels
    (names,) = _said(THEIRS.rename(columns={"amount": "amount paid"}))
    assert "'amount paid' and X's 'amount'" in names
