"""Columns of another type than in fit, or without entries: read where that is certain, or said."""

import datetime as dt
import unicodedata
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.tree import DecisionTreeRegressor

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor, load
from sktransfer.exceptions import ColumnWarning
from sktransfer.strategies import EstimatorMember, Joint, WeightedEnsemble

QUICK = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}
N = 40
RNG = np.random.default_rng(0)
NUMBERS = RNG.integers(0, 99, N).astype(float)
FRAME = pd.DataFrame(
    {
        "number": NUMBERS,
        "town": RNG.choice(["York", "Bonn", "Ulm"], N),
        "member": RNG.random(N) < 0.5,
        "since": pd.date_range("2024-01-01", periods=N, tz=None),
        "waited": pd.to_timedelta(RNG.integers(0, 999, N), unit="s"),
        "code": RNG.choice(["0", "1"], N),
    }
)
Y = NUMBERS / 10
MIXED = TransferMLPRegressor(**QUICK).fit(FRAME, Y)
PLAIN = TransferMLPRegressor(**QUICK).fit(FRAME[["number", "member"]], Y)
NOTHING = {
    "objects": lambda column: pd.Series([None] * len(column), index=column.index, dtype=object),
    "numbers": lambda column: pd.Series(np.nan, index=column.index),
    "datetimes": lambda column: pd.Series(pd.NaT, index=column.index),
    "text": lambda column: pd.Series([None] * len(column), index=column.index, dtype="string"),
}


# -- columns without entries --------------------------------------------------------------


@pytest.mark.parametrize("column", FRAME)
def test_missing_is_missing_whatever_its_type(column):
    own = FRAME.assign(**{column: FRAME[column].where(np.zeros(N, bool))})
    expected = MIXED.predict(own)
    for name, nothing in NOTHING.items():
        frame = FRAME.assign(**{column: nothing(FRAME[column])})
        assert_array_equal(MIXED.predict(frame), expected, err_msg=name)
    frame = pl.from_pandas(FRAME).with_columns(pl.lit(None).alias(column))
    assert_allclose(MIXED.predict(frame), expected, rtol=1e-6)
    arrow = frame.to_arrow()
    at = arrow.column_names.index(column)
    arrow = arrow.set_column(at, column, pa.nulls(N))
    assert_allclose(MIXED.predict(arrow), expected, rtol=1e-6)


@pytest.mark.parametrize("name", NOTHING)
def test_missing_is_missing_in_a_table_of_numbers(name):
    frame = FRAME[["number", "member"]]
    expected = PLAIN.predict(frame.assign(number=np.nan))
    nothing = NOTHING[name](frame["number"])
    assert_array_equal(PLAIN.predict(frame.assign(number=nothing)), expected)
    assert_array_equal(PLAIN.predict(pl.from_pandas(frame.assign(number=nothing))), expected)


@pytest.mark.parametrize("name", NOTHING)
def test_a_column_without_entries_can_be_fitted(name):
    frame = FRAME.assign(number=NOTHING[name](FRAME["number"]))
    for model in (TransferMLPRegressor(**QUICK), MultiTaskMLP(**QUICK)):
        model.fit(frame, Y).predict(FRAME[["number"]].join(frame.drop(columns="number")))
    nulls = pl.from_pandas(frame).with_columns(pl.lit(None).alias("number"))
    TransferMLPRegressor(**QUICK).fit(nulls, Y).predict(nulls)


@pytest.mark.parametrize("theirs", ["number", "town", "member", "since"])
def test_a_column_without_entries_whose_type_is_not_the_sources_stays_missing(theirs):
    source = TransferMLPRegressor(**QUICK).fit(FRAME[[theirs, "code"]], Y)
    waited = FRAME["waited"].rename(theirs)
    table = FRAME[["code"]].assign(**{theirs: waited.where(np.zeros(N, bool))})
    model = TransferMLPRegressor(source=source, strategy="full", max_iter=2, random_state=0)
    model.fit(table, Y)
    with pytest.warns(ColumnWarning, match=theirs):
        found = model.predict(table.assign(**{theirs: waited}))
    assert_array_equal(found, model.predict(table))


def test_a_column_that_is_empty_in_the_first_chunk_stays_missing_in_later_ones():
    model = TransferMLPClassifier(**QUICK)
    first = FRAME.assign(town=np.nan)
    model.partial_fit(first, Y > 5, classes=[False, True])
    with pytest.warns(ColumnWarning, match="'town' had no entry in fit") as caught:
        model.partial_fit(FRAME, Y > 5)
    assert len(caught) == 1
    with pytest.warns(ColumnWarning, match="'town' had no entry"):
        probabilities = model.predict_proba(FRAME)
    assert_array_equal(probabilities, model.predict_proba(first))


@pytest.mark.parametrize("missing", [None, np.nan, pd.NaT, pd.NA], ids=repr)
def test_words_for_nothing_among_objects_are_missing_in_fit_and_predict(missing):
    gaps = np.arange(N) % 5 == 0
    expected = FRAME.assign(town=FRAME["town"].mask(gaps, None))
    frame = FRAME.assign(
        town=[missing if gap else v for gap, v in zip(gaps, FRAME["town"], strict=True)]
    )
    frame = frame.astype({"town": object})
    assert_array_equal(MIXED.predict(frame), MIXED.predict(expected))
    nothing = FRAME.assign(town=pd.Series([missing] * N, dtype=object))
    assert_array_equal(MIXED.predict(nothing), MIXED.predict(FRAME.assign(town=None)))
    fitted = [TransferMLPRegressor(**QUICK).fit(table, Y) for table in (frame, expected)]
    assert_array_equal(fitted[0].predict(frame), fitted[1].predict(expected))


# -- other types --------------------------------------------------------------------------


def _with(**columns):
    return FRAME.assign(**columns)


SURE = {
    "decimals": _with(number=[Decimal(int(v)) for v in NUMBERS]),
    "whole numbers": _with(number=NUMBERS.astype(int)),
    "numbers as text": _with(number=[str(v) for v in NUMBERS]),
    "truth values as numbers": _with(member=FRAME["member"].astype(int)),
    "truth values as text": _with(member=FRAME["member"].astype(str)),
    "dates as ISO text": _with(since=FRAME["since"].dt.strftime("%Y-%m-%d")),
    "Python's dates": _with(since=FRAME["since"].dt.date),
    "nanoseconds": _with(since=FRAME["since"].astype("datetime64[ns]")),
    "in UTC": _with(since=FRAME["since"].dt.tz_localize("UTC")),
    "durations in milliseconds": _with(waited=FRAME["waited"].astype("timedelta64[ms]")),
    "Python's durations": _with(waited=FRAME["waited"].astype(object)),
    "durations as text": _with(waited=FRAME["waited"].astype(str)),
    "bytes": _with(code=[code.encode() for code in FRAME["code"]]),
    "decimal points": _with(code=FRAME["code"] + ".0"),
    "codes as numbers": _with(code=FRAME["code"].astype(int)),
    "codes as fractions": _with(code=FRAME["code"].astype("float32")),
    "codes as truth values": _with(code=FRAME["code"] == "1"),
    "codes as decimals": _with(code=[Decimal(code) for code in FRAME["code"]]),
    "categories": _with(town=FRAME["town"].astype("category")),
    "other case and blanks": _with(town=" " + FRAME["town"].str.upper() + " "),
}


@pytest.mark.parametrize("name", SURE)
def test_what_certainly_means_the_same_is_read_as_the_same(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_allclose(MIXED.predict(SURE[name]), MIXED.predict(FRAME), rtol=1e-6)


def test_iso_dates_are_read_where_dates_were_written_in_another_way():
    written = FRAME.assign(since=FRAME["since"].dt.strftime("%d.%m.%Y"))
    model = TransferMLPRegressor(**QUICK).fit(written, Y)
    assert_allclose(model.predict(SURE["dates as ISO text"]), model.predict(written), rtol=1e-6)


@pytest.mark.parametrize("form", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas])
@pytest.mark.parametrize("words", [("no", "yes"), ("N", "Y"), ("FALSE", "TRUE"), ("0", "1")])
def test_truth_values_are_known_where_words_for_them_were(form, words):
    paid = RNG.random(N) < 0.5
    written = FRAME.assign(paid=np.where(paid, words[1], words[0]))
    model = TransferMLPRegressor(**QUICK).fit(written, Y)
    expected = model.predict(written)
    assert np.ptp(expected - model.predict(written.assign(paid=words[0]))) > 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for other in (paid, np.where(paid, "True", "False"), np.where(paid, "Yes", "No")):
            assert_allclose(model.predict(form(written.assign(paid=other))), expected, rtol=1e-6)
    assert_allclose(model.predict(form(written.assign(paid=paid)[:1])), expected[:1], rtol=1e-6)


ZONED = FRAME["since"].dt.tz_localize("Europe/Berlin")
UNSURE = {
    "words where numbers were": _with(number=["much"] * N),
    "durations where numbers were": _with(number=FRAME["waited"]),
    "datetimes where numbers were": _with(number=FRAME["since"]),
    "numbers where datetimes were": _with(since=FRAME["since"].astype("int64")),
    "words where datetimes were": _with(since=["soon"] * N),
    "hours of another zone": _with(since=ZONED),
    "hours of another zone as text": _with(since=ZONED.map(pd.Timestamp.isoformat)),
    "hours of another zone as objects": _with(since=ZONED.astype(object)),
    "numbers where durations were": _with(waited=FRAME["waited"].dt.total_seconds()),
    "words where durations were": _with(waited=["long"] * N),
    "hours or minutes where durations were": _with(waited=["75:30"] * N),
    "numbers where words were": _with(town=NUMBERS),
    "datetimes where words were": _with(town=FRAME["since"]),
}


@pytest.mark.parametrize("name", UNSURE)
def test_what_may_mean_something_else_is_refused_by_name(name):
    (column,) = [c for c in FRAME if not FRAME[c].equals(UNSURE[name][c])]
    with pytest.raises(ValueError, match=f"Column '{column}' held .* in fit"):
        MIXED.predict(UNSURE[name])


@pytest.mark.parametrize("form", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas])
def test_durations_are_refused_where_texts_may_have_been_hours_or_minutes(form):
    seconds = np.arange(N) * 60 + 1200
    X = pd.DataFrame({"lap": [f"{s // 60}:{s % 60:02d}" for s in seconds], "other": NUMBERS})
    model = TransferMLPRegressor(**QUICK).fit(form(X), Y)
    durations = X.assign(lap=pd.to_timedelta(seconds, unit="s"))
    with pytest.raises(ValueError, match="'lap' held texts such as '75:30' in fit"):
        model.predict(form(durations))
    joint = TransferMLPRegressor(strategy=Joint((form(durations), Y)), **QUICK)
    with pytest.raises(ValueError, match="'lap' held texts such as '75:30' in X, which may be"):
        joint.fit(form(X), Y)
    # the cure
    read = X.assign(lap=pd.to_timedelta("00:" + X["lap"]))
    model = TransferMLPRegressor(**QUICK).fit(read, Y)
    assert_allclose(model.predict(durations), model.predict(read))


def test_durations_warn_where_texts_were_read_as_hours_of_a_day():
    X = pd.DataFrame({"lap": [f"{at // 4}:{at % 4 + 10}" for at in range(N)], "other": NUMBERS})
    model = TransferMLPRegressor(**QUICK).fit(X, Y)
    with pytest.warns(ColumnWarning, match="'lap' held texts such as '12:30' in fit, which were"):
        found = model.predict(X.assign(lap=pd.to_timedelta(X["lap"] + ":00")))
    assert_allclose(found, model.predict(X), rtol=1e-6)


@pytest.mark.parametrize(
    "column",
    [["much"] * N, FRAME["waited"], FRAME["since"], FRAME["since"].dt.tz_localize("UTC")],
    ids=["words", "durations", "datetimes", "datetimes with a zone"],
)
@pytest.mark.parametrize("form", ["pandas", "polars"])
def test_a_table_of_numbers_refuses_other_things_by_name(form, column):
    frame = FRAME[["number", "member"]].assign(number=column)
    frame = pl.from_pandas(frame) if form == "polars" else frame
    with pytest.raises(ValueError, match="Column 'number' held numbers in fit"):
        PLAIN.predict(frame)


def test_a_table_of_numbers_takes_numbers_of_every_type():
    frame = FRAME[["number", "member"]]
    expected = PLAIN.predict(frame)
    for number in ([Decimal(int(v)) for v in NUMBERS], [str(v) for v in NUMBERS]):
        assert_allclose(PLAIN.predict(frame.assign(number=number)), expected)


@pytest.mark.parametrize(
    "other", [["x", "y"] * 20, FRAME["member"], pd.Series([dt.time(1)] * N).astype(str)]
)
def test_a_column_of_which_no_entry_is_known_warns_once(other):
    with pytest.warns(ColumnWarning, match="None of the 40 entries of column 'town'") as caught:
        predictions = MIXED.predict(_with(town=other))
    assert len(caught) == 1
    assert_array_equal(predictions, MIXED.predict(_with(town=None)))


@pytest.mark.parametrize(
    "change",
    [
        lambda town: unicodedata.normalize("NFD", town),
        lambda town: town.replace(" ", "\u00a0") + "\u200a",
        lambda town: town.replace(" ", "_").lower(),
        lambda town: town.replace(" ", "-").upper(),
        lambda town: unicodedata.normalize("NFD", town).encode("ascii", "ignore").decode(),
        lambda town: town.translate({code: code + 0xFEE0 for code in range(65, 91)}),
    ],
    ids=["another code", "hard blanks", "underscores", "hyphens", "no accents", "full width"],
)
def test_levels_are_known_without_their_marks(change):
    towns = RNG.choice(["São Paulo", "Zürich", "Genève", "New York"], N)
    frame = FRAME.assign(town=towns)
    model = TransferMLPRegressor(**QUICK).fit(frame, Y)
    found = model.predict(frame.assign(town=[change(town) for town in towns]))
    assert_array_equal(found, model.predict(frame))


def test_levels_that_differ_in_their_marks_alone_stay_two():
    graded = FRAME.assign(town=RNG.choice(["A+", "A-", "résumé", "resume"], N))
    model = TransferMLPRegressor(**QUICK).fit(graded, Y)
    names = [name for name in model.encoded_feature_names_ if name.startswith("town=")]
    assert len(names) == 4
    other = graded.assign(town=graded["town"].replace({"resume": "Resume", "A+": "A"}))
    missing = graded.assign(town=graded["town"].replace({"A+": None}))
    assert_array_equal(model.predict(other), model.predict(missing))


def test_one_new_level_is_no_reason_to_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MIXED.predict(_with(town="Rome").iloc[[0]])


def test_categories_with_fractions_are_known_in_single_precision():
    X = np.c_[RNG.choice([0.1, 0.25, 1 / 3, 2.5], N), NUMBERS]
    model = TransferMLPRegressor(categorical_features=[0], **QUICK).fit(X, Y)
    assert_allclose(model.predict(X.astype(np.float32)), model.predict(X), rtol=1e-5)


@pytest.mark.parametrize("frequency", ["D", "M", "Q"])
@pytest.mark.parametrize("form", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas])
def test_periods_are_known_as_texts_and_refused_as_extensions(form, frequency):
    table = pd.DataFrame({"when": pd.period_range("2020-01-01", periods=N, freq=frequency)})
    model = TransferMLPRegressor(max_iter=3, random_state=0).fit(table, np.arange(N))
    expected = model.predict(table)
    assert_allclose(model.predict(form(table.astype(str))), expected)
    if form is not pd.DataFrame:
        cure = r"Convert it in pandas, X\['when'\]\.dt\.to_timestamp\(\)"
        with pytest.raises(ValueError, match=f"held datetimes in fit.*{cure}"):
            model.predict(form(table))
        with pytest.raises(ValueError, match=cure):
            TransferMLPRegressor(max_iter=3).fit(form(table), np.arange(N))
        assert_allclose(model.predict(form(table.apply(lambda c: c.dt.to_timestamp()))), expected)


@pytest.mark.parametrize("form", [pl.from_pandas, pa.Table.from_pandas])
def test_intervals_are_known_as_texts_and_refused_as_extensions(form):
    table = pd.DataFrame({"size": pd.cut(np.arange(N), 4)})
    model = TransferMLPRegressor(max_iter=3, random_state=0).fit(table, np.arange(N))
    with pytest.raises(ValueError, match=r"to text there, X\['size'\]\.astype\(str\)"):
        model.predict(form(table))
    assert_allclose(model.predict(form(table.astype(str))), model.predict(table))


def test_an_array_of_datetimes_may_have_missing_ones():
    X = np.array(pd.date_range("2020", periods=N)).reshape(-1, 1)
    y = np.arange(N) / 10
    missing = X.copy()
    missing[3] = np.datetime64("NaT")
    model = TransferMLPRegressor(hidden_layer_sizes=(8,), random_state=0).fit(missing, y)
    assert model.score(X, y) > 0.4
    assert np.isfinite(model.predict(missing)).all()


def test_an_array_with_text_says_what_to_give():
    X = np.array([[1, "x"], [2, "y"]], dtype=object)
    with pytest.raises(ValueError, match=r"text such as 'x' in column 1.*DataFrame"):
        TransferMLPClassifier(**QUICK).fit(X, [0, 1])


@pytest.mark.parametrize(
    "then, now",
    [
        ([f"{v}.5" for v in range(40)], [f"{v},5" if v % 4 else f"{v}.5" for v in range(40)]),
        ([f"2024-01-{1 + v % 30}" for v in range(40)], ["2024-01-05", *["in May"] * 39]),
        ([f"{v % 24}:30" for v in range(40)], ["12:30", *["noon"] * 39]),
    ],
)
def test_a_column_of_which_few_entries_are_read_warns(then, now):
    def frame(texts):
        return pd.DataFrame({"c": texts, "d": np.arange(40.0)})

    model = TransferMLPClassifier(**QUICK).fit(frame(then), np.arange(40) % 2)
    with pytest.warns(ColumnWarning, match=r"No more than \d+ of the 40 entries of column 'c'"):
        model.predict(frame(now))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict(frame([*now[:1], *then[1:]]))
        model.predict(frame(then).assign(c="n/a"))  # a word for nothing is no other type


# -- truth values -------------------------------------------------------------------------

WORDS = {
    "yes": ("no", "yes"),
    "Y": ("N", "Y"),
    "TRUE": ("FALSE", "TRUE"),
    "ja": ("nein", "ja"),
    "1": ("0", "1"),
    "bytes": (b"no", b"yes"),
}


def _member_as(words, frame=FRAME):
    false, true = WORDS[words]
    return frame.assign(member=[true if member else false for member in frame["member"]])


# what fit had decides whether a column is of truth values, and the words which of them one is
@pytest.mark.parametrize(
    "held, words",
    [
        *(("bool", words) for words in WORDS),
        *((held, "yes") for held in ("boolean", "int64", "float64", "object")),
        *(("text", words) for words in WORDS if words != "1"),
    ],
)
def test_words_for_truth_values_are_read_where_fit_had_such_or_zeros_and_ones(held, words):
    zeros_and_ones = FRAME["member"].astype(int).astype(str)
    member = zeros_and_ones if held == "text" else FRAME["member"].astype(held)
    for columns in (["number", "member"], list(FRAME)):
        frame = FRAME.assign(member=member)[columns]
        other = _member_as(words)[columns]
        model = TransferMLPRegressor(**QUICK).fit(frame, Y, X_val=other, y_val=Y)
        expected = model.predict(frame)
        assert_allclose(model.predict(other), expected, rtol=1e-6)
        assert_allclose([*model.predict(other[:1])], expected[:1], rtol=1e-5)
        assert_allclose(model.score(other, Y), model.score(frame, Y), rtol=1e-6)
        if words != "bytes":
            assert_allclose(model.predict(pl.from_pandas(other)), expected, rtol=1e-5)
        resumed = model.partial_fit(other, Y).predict(frame)
        again = TransferMLPRegressor(**QUICK).fit(frame, Y, X_val=frame, y_val=Y)
        assert_allclose(resumed, again.partial_fit(frame, Y).predict(frame), rtol=1e-6)


def test_words_for_truth_values_are_read_after_saving_and_by_members_that_read_the_table(tmp_path):
    frame, other = FRAME[["number", "member"]], _member_as("yes")[["number", "member"]]
    PLAIN.save(tmp_path)
    assert_allclose(load(tmp_path).predict(other), PLAIN.predict(frame), rtol=1e-6)
    tree = EstimatorMember(DecisionTreeRegressor(max_depth=3))
    ensemble = WeightedEnsemble({"tree": tree, "linear": "linear"})
    model = TransferMLPRegressor(strategy=ensemble, **QUICK).fit(frame, Y)
    assert_allclose(model.predict(other), model.predict(frame))
    tasks = MultiTaskMLP(**QUICK).fit(frame, {"y": Y})
    assert_allclose(tasks.predict(other)["y"], tasks.predict(frame)["y"], rtol=1e-6)
    array = TransferMLPRegressor(**QUICK).fit(frame.to_numpy(float), Y)
    assert_allclose(array.predict(other.to_numpy(object)), array.predict(frame.to_numpy(float)))


def test_words_for_truth_values_are_refused_where_fit_had_other_numbers():
    numbers = FRAME[["number", "member"]].assign(member=np.arange(N) % 3)
    model = TransferMLPRegressor(**QUICK).fit(numbers, Y)
    with pytest.raises(ValueError, match=r"'member' held numbers in fit, .* such as '(yes|no)'"):
        model.predict(_member_as("yes")[["number", "member"]])


@pytest.mark.parametrize("held", ["bool", "object"])
def test_tables_of_joint_training_have_words_for_truth_values(held):
    frame = FRAME[["number", "member"]].astype({"member": held})
    fits = [
        TransferMLPRegressor(strategy=Joint((other, Y)), **QUICK).fit(frame, Y).predict(frame)
        for other in (frame, _member_as("yes", frame))
    ]
    assert_allclose(*fits, rtol=1e-6)
