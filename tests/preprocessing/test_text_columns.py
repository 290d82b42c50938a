"""Numbers, dates and times that were read as text are what they say, on every entrance."""

import datetime as dt
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from fitted import one_fast_in
from numpy.testing import assert_allclose, assert_array_equal

from sktransfer import (
    MultiTaskMLP,
    SharedLayerTransformer,
    TransferMLPClassifier,
    TransferMLPRegressor,
)
from sktransfer._preprocessing import apply_transformer
from sktransfer.exceptions import ColumnWarning
from sktransfer.model_selection import rank_sources
from sktransfer.sources import describe_source

QUICK = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}
RNG = np.random.default_rng(0)
NUMBERS = np.round(RNG.gamma(2, 900, 60), 2)
DAYS = [dt.datetime(2022, 1, 1) + dt.timedelta(days=int(i)) for i in RNG.integers(0, 900, 60)]
TIMES = [day + dt.timedelta(hours=i % 24, minutes=i) for i, day in enumerate(DAYS)]
Y = np.log(NUMBERS)

WRITTEN = {
    "plain": str,
    "blanks": lambda v: f" {v} ",
    "thousands": lambda v: f"{v:,}",
    "currency": lambda v: f"${v:,}",
    "currency behind": lambda v: f"{v} €",
    "code of a currency": lambda v: f"USD {v}",
    "decimal comma": lambda v: str(v).replace(".", ","),
    "continental": lambda v: f"{v:,}".translate(str.maketrans(",.", ".,")),
    "hard blanks": lambda v: f"{v:,}".replace(",", "\u00a0"),
    "unit": lambda v: f"{v} bhp",
    "parentheses": lambda v: f"({v:,})",
    "minus": lambda v: f"\u2212{v}",
    "exponent": lambda v: f"{v:.5e}",
    "percent": lambda v: f"{100 * v:.0f} %",
    "per cent": lambda v: f"{100 * v:.0f}%",
}
FACTOR = {"parentheses": -1, "minus": -1}


def _columns(model, frame):
    """The encoded columns by name."""
    columns = describe_source(model).inputs.columns
    encoded = apply_transformer(frame, columns)
    return dict(zip(columns.named_columns, encoded.T, strict=True))


@pytest.mark.parametrize("name", WRITTEN)
def test_numbers_are_read_as_they_are_written(name):
    texts = [WRITTEN[name](v) for v in NUMBERS]
    frame = pd.DataFrame({"v": texts})
    model = TransferMLPRegressor(**QUICK).fit(frame, Y)
    assert_allclose(_columns(model, frame)["v"], FACTOR.get(name, 1) * NUMBERS, rtol=1e-5)
    (row,) = [row for row in model.transfer_report_.rows if row.part == "reading"]
    assert (row.name, row.status) == ("v", "read as numbers")


@pytest.mark.parametrize("missing", ["", " ", "?", "N/A", "-", "unknown", None])
def test_words_for_nothing_among_numbers_are_missing(missing):
    frame = pd.DataFrame({"v": [missing] * 20 + [f"{v}" for v in NUMBERS[20:]]})
    model = TransferMLPRegressor(**QUICK).fit(frame, Y)
    values = _columns(model, frame)["v"]
    assert np.isnan(values[:20]).all()
    assert_array_equal(values[20:], NUMBERS[20:])


def test_a_few_entries_that_are_no_numbers_are_missing():
    frame = pd.DataFrame({"v": ["much", "16b", *map(str, NUMBERS[2:])]})
    values = _columns(TransferMLPRegressor(**QUICK).fit(frame, Y), frame)["v"]
    assert np.isnan(values[:2]).all() and not np.isnan(values[2:]).any()


@pytest.mark.parametrize(
    "texts",
    [
        ["low", "high"] * 30,
        [f"{int(v):05d}" for v in NUMBERS],  # codes of post offices
        [str(i % 3) for i in range(60)],  # few whole numbers may be codes of categories
        ["1st", "2nd", "3rd"] * 20,
        ["0-10", "10-20", "20+"] * 20,
        [f"v{i % 30}" for i in range(60)],
        ["12", "many"] * 30,
    ],
)
def test_other_texts_are_categories(texts):
    frame = pd.DataFrame({"v": texts})
    columns = describe_source(TransferMLPRegressor(**QUICK).fit(frame, Y)).inputs.columns
    assert all(name.startswith("v=") for name in columns.named_columns)


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y/%m/%d",
        "%Y%m%d",
        "%d.%m.%Y",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%m/%d/%Y %I:%M %p",
        "%d-%b-%Y",
        "%B %d, %Y",
    ],
)
def test_datetimes_are_read_as_they_are_written(form):
    frame = pd.DataFrame({"t": [time.strftime(form) for time in TIMES]})
    stamps = TIMES if "M" in form.replace("%m", "") else DAYS
    dates = pd.DataFrame({"t": pd.to_datetime(stamps)})
    if "M" in form and "S" not in form:
        dates["t"] = dates["t"].dt.floor("min")
    texts = _columns(TransferMLPRegressor(**QUICK).fit(frame, Y), frame)
    expected = _columns(TransferMLPRegressor(**QUICK).fit(dates, Y), dates)
    assert texts.keys() == expected.keys()
    for name, values in texts.items():
        assert_allclose(values, expected[name], atol=1e-9)


def test_times_and_durations_are_seconds():
    frame = pd.DataFrame(
        {
            "at": [f"{i % 24}:30" for i in range(60)],
            "took": [f"0 days 00:00:{i:02}" for i in range(60)],
        }
    )
    encoded = _columns(TransferMLPRegressor(**QUICK).fit(frame, Y), frame)
    assert_array_equal(encoded["at"], [3600 * (i % 24) + 1800 for i in range(60)])
    assert_array_equal(encoded["took"], np.arange(60))


def _as_text(frame):
    return pd.DataFrame(
        {"v": [f"{v:,}" for v in frame["v"]], "t": frame["t"].dt.strftime("%d.%m.%Y")}
    )


FRAME = pd.DataFrame({"v": NUMBERS, "t": pd.to_datetime(DAYS)})
TEXT = _as_text(FRAME)
FORMS = {
    "pandas": lambda frame: frame,
    "objects": lambda frame: frame.astype(object),
    "polars": pl.from_pandas,
    "pyarrow": lambda frame: pl.from_pandas(frame).to_arrow(),
}


@pytest.mark.parametrize("form", one_fast_in(3, FORMS))
def test_every_entrance_reads_text_alike(form):
    given, labels = FORMS[form](TEXT), (Y.mean() < Y).astype(int)
    made = {
        "fit": lambda X: TransferMLPRegressor(**QUICK).fit(X, Y).predict(X),
        "X_val": lambda X: (
            TransferMLPRegressor(**QUICK).fit(X, Y, X_val=X, y_val=Y).validation_scores_
        ),
        "partial_fit": lambda X: (
            TransferMLPClassifier(**QUICK)
            .partial_fit(X, labels, classes=[0, 1])
            .partial_fit(X, labels)
            .predict_proba(X)
        ),
        "several tasks": lambda X: MultiTaskMLP(**QUICK).fit(X, {"a": Y}).predict(X)["a"],
        "hidden features": lambda X: SharedLayerTransformer(SOURCE).fit(X).transform(X),
        "sources": lambda X: rank_sources({"a": SOURCE}, X, labels)["score"],
    }
    for what, make in made.items():
        assert_allclose(make(given), make(FRAME), rtol=1e-4, atol=1e-5, err_msg=what)


SOURCE = TransferMLPRegressor(**QUICK).fit(FRAME, Y)


@pytest.mark.parametrize("is_text", ["source", "target"])
def test_text_on_one_side_only_meets_the_numbers_of_the_other(is_text):
    ours, theirs = (TEXT, FRAME) if is_text == "target" else (FRAME, TEXT)
    source = TransferMLPRegressor(**QUICK).fit(theirs, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = TransferMLPRegressor(source=source, strategy="l2_sp", **QUICK).fit(ours[:9], Y[:9])
    carried = {row.name for row in model.transfer_report_.rows if row.status == "reused"}
    assert {"v", "t"} <= carried


def test_without_parsing_text_is_categories():
    frame = pd.DataFrame({"v": [str(int(v) % 9) + ".5" for v in NUMBERS]})
    columns = describe_source(TransferMLPRegressor(parse_text=False, **QUICK).fit(frame, Y))
    assert all(name.startswith("v=") for name in columns.inputs.columns.named_columns)


def test_explicit_categories_stay_categories():
    frame = pd.DataFrame({"v": [f"{v:.0f}.5" for v in NUMBERS % 5]})
    for model in (
        TransferMLPRegressor(categorical_features=["v"], **QUICK).fit(frame, Y),
        TransferMLPRegressor(**QUICK).fit(frame.astype("category"), Y),
    ):
        names = describe_source(model).inputs.columns.named_columns
        assert all(name.startswith("v=") for name in names)


# -- names of rows ------------------------------------------------------------------------


def test_a_column_that_names_rows_is_left_out_with_a_warning():
    frame = FRAME.assign(id=[f"row {i}" for i in range(60)])
    with pytest.warns(ColumnWarning, match="'id'") as caught:
        model = TransferMLPRegressor(**QUICK).fit(frame, Y)
    assert len([w for w in caught if w.category is ColumnWarning]) == 1
    plain = TransferMLPRegressor(**QUICK).fit(FRAME, Y)
    assert_array_equal(model.predict(frame), plain.predict(FRAME))
    (row,) = [row for row in model.transfer_report_.rows if row.part == "reading"]
    assert (row.name, row.status) == ("id", "left out") and "60 different texts" in row.reason


def test_a_column_that_names_rows_is_kept_where_the_user_says_so():
    frame = FRAME.assign(id=[f"row {i}" for i in range(60)])
    with warnings.catch_warnings():
        warnings.simplefilter("error", ColumnWarning)
        model = TransferMLPRegressor(categorical_features=["id"], **QUICK).fit(frame, Y)
    assert "id=row 7" in describe_source(model).inputs.columns.named_columns


def test_names_alone_are_learned_from():
    frame = pd.DataFrame({"id": [f"row {i}" for i in range(60)]})
    model = TransferMLPRegressor(**QUICK).fit(frame, Y)
    assert "id=row 7" in describe_source(model).inputs.columns.named_columns


@pytest.mark.parametrize(
    "kind, values", [("numbers", range(80)), ("text or categories", ["u", "v"] * 40)]
)
def test_names_where_the_source_has_something_else_are_told_what_it_has(kind, values):
    town = ["York", "Bonn"] * 40
    theirs = pd.DataFrame({"town": town, "k": values})
    names = pd.DataFrame({"town": town, "k": [f"id {i}" for i in range(80)]})
    y = np.arange(80) % 2
    settings = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}
    source = TransferMLPClassifier(**settings).fit(theirs, y)
    with pytest.warns(ColumnWarning, match=f"The source has {kind} in 'k': give it such"):
        TransferMLPClassifier(source=source, strategy="l2_sp", **settings).fit(names, y)


def test_an_array_of_objects_is_read_as_a_frame_where_its_text_says_numbers():
    other = RNG.normal(size=60)
    days = [day.strftime("%Y-%m-%d") for day in DAYS]
    X = np.array([[f"${v:,}", o, d] for v, o, d in zip(NUMBERS, other, days, strict=True)], object)
    model = TransferMLPRegressor(**QUICK).fit(X, Y)
    frame = pd.DataFrame({"x0": X[:, 0], "x1": other, "x2": days})
    expected = TransferMLPRegressor(**QUICK).fit(frame, Y)
    assert_allclose(model.predict(X), expected.predict(frame), rtol=1e-5)
    assert list(model.encoded_feature_names_) == list(expected.encoded_feature_names_)
    with pytest.raises(ValueError, match="text such as"):
        TransferMLPRegressor(parse_text=False, **QUICK).fit(X, Y)


def test_words_in_an_array_of_objects_are_refused_as_before():
    X = np.array([[f"${v}", "red" if v > 900 else "blue"] for v in NUMBERS], object)
    with pytest.raises(ValueError, match="text such as"):
        TransferMLPRegressor(**QUICK).fit(X, Y)
