"""Columns of another type than the source's: the advice of the warning works when followed."""

import contextlib
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sktransfer import TransferMLPClassifier
from sktransfer.exceptions import TransferWarning

N = 120


def _table(seed):
    rng = np.random.default_rng(seed)
    days = pd.to_timedelta(rng.integers(0, 30, N), "D")
    return pd.DataFrame(
        {
            "age": rng.integers(20, 60, N).astype(float),
            "sex": rng.choice(["male", "female"], N),
            "grade": pd.Categorical(rng.integers(1, 4, N)),
            "day": pd.Timestamp("2024-01-01") + days,
            "empty": np.full(N, np.nan),
            "ok": rng.normal(size=N),
        }
    )


X, Y = _table(0), np.arange(N) % 2
SOURCE = TransferMLPClassifier((4,), strategy="scratch", max_iter=1, random_state=0).fit(X, Y)


def _fitted(table, source=SOURCE, **params):
    model = TransferMLPClassifier(source=source, strategy="l2_sp", max_iter=1, **params)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", TransferWarning)
        model.fit(table, Y)
    return model, [str(w.message) for w in caught if w.category is TransferWarning]


TABLE = _table(1)
SEX = TABLE["sex"]
#: Column, what it is in X, and what a user puts in the place of three dots.
CASES = {
    "numbers as categories": ("age", TABLE["age"].astype("category"), {}),
    "words for numbers": (
        "age",
        pd.Series(np.where(TABLE["age"] > 40, "old", "young")),
        {"'old': ...": "'old': 50.0", "'young': ...": "'young': 30.0"},
    ),
    "dates for numbers": ("age", TABLE["day"], {"start": "pandas.Timestamp('2023-12-01')"}),
    "numbers for words": (
        "sex",
        (SEX == "male").astype(int),
        {"...: 'female', ...": "0: 'female', 1: 'male'"},
    ),
    "truth values for words": (
        "sex",
        SEX == "male",
        {"...: 'female', ...": "False: 'female', True: 'male'"},
    ),
    "seconds for dates": (
        "day",
        (TABLE["day"] - pd.Timestamp("1970-01-01")).dt.total_seconds(),
        {},
    ),
    "texts for dates": ("day", TABLE["day"].dt.strftime("%Y-%m-%d"), {}),
}


def _code(text):
    """The longest beginning that is Python."""
    for end in range(len(text), 0, -1):
        with contextlib.suppress(SyntaxError):
            return compile(text[:end], "advice", "eval")
    raise AssertionError(text)


@pytest.mark.parametrize("name", CASES)
def test_the_advice_makes_the_column_one_of_the_sources(name):
    column, values, blanks = CASES[name]
    params = {"parse_text": False} if name == "texts for dates" else {}
    table = TABLE.assign(**{column: values.to_numpy() if values.dtype == bool else values})
    model, (message,) = _fitted(table, **params)
    assert model.transfer_report_.counts("column")["new"] == 1
    for blank, filled in blanks.items():
        assert blank in message
        message = message.replace(blank, filled)
    code = _code(message.partition(f"X['{column}'] = ")[2].partition(". Where")[0])
    converted = eval(code, {"pandas": pd, "X": table})
    model, said = _fitted(table.assign(**{column: converted}), **params)
    assert not [message for message in said if "another type" in message]
    assert model.transfer_report_.counts("column") == {"reused": 6}


def test_words_where_the_source_has_dates_are_something_else():
    table = TABLE.assign(day=np.resize(["spring", "autumn"], N))
    _, (message,) = _fitted(table)
    assert "'autumn', are no dates" in message and "rename X['day']" in message
    assert not _fitted(table.rename(columns={"day": "season"}))[1]


STAMPS = TABLE.assign(day=TABLE["day"] + pd.Timedelta("9h"))
ZONED = STAMPS.assign(day=STAMPS["day"].dt.tz_localize("Europe/Berlin"))
IN_UTC = STAMPS.assign(day=STAMPS["day"].dt.tz_localize("UTC"))
AS_TEXT = ZONED.assign(day=ZONED["day"].map(pd.Timestamp.isoformat))


HERE = "with a time zone in X, without one in the source"
THERE = "without one in X, with a time zone in the source"


@pytest.mark.parametrize(
    "theirs, ours, named",
    [
        (STAMPS, ZONED, HERE),
        (STAMPS, AS_TEXT, HERE),
        (ZONED, STAMPS, THERE),
        (AS_TEXT, STAMPS, THERE),
    ],
)
def test_a_time_zone_in_one_of_two_tables_is_said_with_the_line_that_gives_both_the_same(
    theirs, ours, named
):
    theirs, ours = (one.assign(end=one["day"]) for one in (theirs, ours))
    source = clone(SOURCE).fit(theirs, Y)
    _, (message,) = _fitted(ours, source=source)
    assert f"'day' ({named}), 'end' ({named})" in message
    line = message.partition("X['day'] = ")[2].partition(", with the zone")[0]
    names = {"pandas": pd, "X": ours, "zone": "Europe/Berlin"}
    assert not _fitted(ours.assign(day=eval(line, names), end=eval(line, names)), source=source)[1]


def test_datetimes_in_utc_count_as_those_without_a_zone():
    for theirs, ours in ((STAMPS, IN_UTC), (IN_UTC, STAMPS), (IN_UTC, ZONED), (ZONED, IN_UTC)):
        assert not _fitted(ours, source=clone(SOURCE).fit(theirs, Y))[1]


def test_a_column_that_was_empty_in_the_source_has_no_type_to_differ_from():
    for values in (np.resize(["a", "b"], N), np.arange(N)):
        assert not _fitted(TABLE.assign(empty=values))[1]


def test_a_column_that_is_left_out_is_not_said_to_be_absent():
    names = TABLE.assign(sex=[f"a name {i * 7919 % 1000}" for i in range(N)])
    model, _ = _fitted(names)
    statuses = {
        row.name: row.status for row in model.transfer_report_.rows if row.part == "column"
    }
    assert statuses["sex"] == "left out"
