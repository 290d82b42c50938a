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
from sktransfer.exceptions import ColumnWarning, TransferWarning
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
    "in words": lambda v: f"{100 * v:.0f} percent",
    "currency in parentheses": lambda v: f"$({v:,})",
    "dash": lambda v: f"\u2013{v}",
    "Swiss": lambda v: f"CHF {v:,}".replace(",", "\u2019"),
    "krona": lambda v: f"kr {v:,}".translate(str.maketrans(",.", " ,")),
    "peso": lambda v: f"\u20b1{v}",
    "underscores": lambda v: f"{v:_}",
    "about": lambda v: f"~{v}",
    "at least": lambda v: f">= {v}",
    "quotation marks": lambda v: f'"{v}"',
    "of Excel": lambda v: f'="{v}"',
    "byte order mark": lambda v: f"\ufeff{v}",
    "unit with a number": lambda v: f"{v} L/100km",
    "of five": lambda v: f"{v}/5",
    "singular and plural": lambda v: f"{v} year" if v < 1500 else f"{v} years",
    "full width": lambda v: f"{v:,}".translate({c: c + 0xFEE0 for c in range(33, 127)}),
    "Arabic": lambda v: str(v).translate({46: "\u066b"} | {48 + i: 0x660 + i for i in range(10)}),
    "either mark": lambda v: str(v) if v < 1500 else str(v).replace(".", ","),
}
FACTOR = {"parentheses": -1, "minus": -1}
FACTOR |= dict.fromkeys(["currency in parentheses", "dash"], -1)


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


@pytest.mark.parametrize(
    "texts, values",
    [
        (["<5", "5", "8", "12", "30", "41", "77", "90"], [5, 5, 8, 12, 30, 41, 77, 90]),
        (["12,34,567", "1,23,456", "9,000", "12"] * 2, [1234567, 123456, 9000, 12] * 2),
        (["7.070", "17.820", "812", "12.345.678"] * 2, [7070, 17820, 812, 12345678] * 2),
        (["7.070 €", "17.820 €", "1.500 €", "2.250 €"] * 2, [7070, 17820, 1500, 2250] * 2),
        (["7.070", "17.820", "1.500", "0.250"] * 2, [7.07, 17.82, 1.5, 0.25] * 2),
        (["0,125", "12,500", "3,750", "2,250"] * 2, [0.125, 12.5, 3.75, 2.25] * 2),
        (["143.2-", "754.9", "1,200.5-", "8.0"] * 2, [-143.2, 754.9, -1200.5, 8] * 2),
        (["$2.5 million", "$900 thousand"] * 4, [2.5e6, 9e5] * 4),
    ],
)
def test_marks_mean_what_the_whole_column_says(texts, values):
    frame = pd.DataFrame({"v": texts})
    model = TransferMLPRegressor(**QUICK).fit(frame, np.arange(8.0))
    assert_allclose(_columns(model, frame)["v"], values, rtol=1e-6)


@pytest.mark.parametrize(
    "missing", ["", " ", "?", "N/A", "-", "unknown", "k. A.", "#DIV/0!", None]
)
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
        ["<1", "1<=X<4", "4<=X<7", ">=7"] * 15,  # classes of amounts
        ["<5", ">5", "<8", ">8", "<10", ">10"] * 10,
        ["Good", ">=Very Good"] * 30,
        [f"{a}-" for a in range(10, 70, 5)] * 5,  # 10 and more
        ["24-", "25+"] * 30,
        ["4 or less hours", "5 hours", "6 hours", "7 hours", "8 hours", "10 or more hours"] * 10,
    ],
)
def test_other_texts_are_categories(texts):
    frame = pd.DataFrame({"v": texts})
    columns = describe_source(TransferMLPRegressor(**QUICK).fit(frame, Y)).inputs.columns
    assert all(name.startswith("v=") for name in columns.named_columns)


@pytest.mark.parametrize(
    "write",
    [
        hex,
        lambda v: f"{v}-{v + 10}",
        lambda v: f"No. {v}",
        lambda v: f"{v} 1/2",
        lambda v: f"{v}*{v}",
    ],
    ids=["hexadecimal", "ranges", "numbered", "with fractions", "products"],
)
def test_texts_of_amounts_that_are_not_read_are_reported_as_categories(write):
    frame = pd.DataFrame(
        {"v": [write(i % 30) for i in range(60)], "code": [f"{i % 30:03}" for i in range(60)]}
    )
    model = TransferMLPRegressor(**QUICK).fit(frame, Y)
    (row,) = [row for row in model.transfer_report_.rows if row.part == "reading"]
    assert (row.name, row.status) == ("v", "read as categories")
    assert "30 texts such as" in row.reason and "convert them before fit" in row.reason


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
        "%A, %B %d, %Y",
        "%a, %d %b %Y %H:%M:%S GMT",
        "%d/%b/%Y:%H:%M:%S +0000",
        "%d%b%Y:%H:%M:%S",
        "%Y%m%dT%H%M%SZ",
        "%m/%d/%Y, %I:%M:%S %p",
        "%d. %m. %Y",
        "%Y年%m月%d日",
        "%G-W%V-%u",
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


@pytest.mark.parametrize(
    "texts, dates",
    [
        (["5. Mai 2024", "17. März 2025", "1. Januar 2024"], "2024-05-05 2025-03-17 2024-01-01"),
        (["5 de mayo de 2024", "1 de enero de 2025"], "2024-05-05 2025-01-01"),
        (["May 5th, 2024", "January 22nd, 2025"], "2024-05-05 2025-01-22"),
        (["2024Q1", "2025Q4"], "2024-01-01 2025-10-01"),
        (["Q1 2024", "Q4 2025"], "2024-01-01 2025-10-01"),
        (["2024-W05", "2025-W01"], "2024-01-29 2024-12-30"),
        (["May-24", "Jan-99"], "2024-05-01 1999-01-01"),
        (["05/2024", "12/2025"], "2024-05-01 2025-12-01"),
        (["202405", "202512"], "2024-05-01 2025-12-01"),
        (["05/06/2024 1:45 p.m.", "12/31/2024 12:05 a.m."], "2024-05-06T13:45 2024-12-31T00:05"),
        (
            ["2024-05-06T13:45:00+02:00", "2024-05-06T13:45:00Z"],
            "2024-05-06T11:45 2024-05-06T13:45",
        ),
        (["/Date(1714953600000)/", "/Date(0)/"], "2024-05-06 1970-01-01"),
        ([dt.date(2024, 5, 6), "2024-05-07"], "2024-05-06 2024-05-07"),
        (
            ["2024-05-06", "2024-05-07", "2024-05-08", "0000-00-00"],
            "2024-05-06 2024-05-07 2024-05-08 NaT",
        ),
    ],
)
def test_dates_in_words_and_periods_are_datetimes(texts, dates):
    frame = pd.DataFrame({"t": pd.Series(texts * 4, dtype=object)})
    model = TransferMLPRegressor(**QUICK).fit(frame, np.arange(float(len(frame))))
    stamps = np.array(dates.split() * 4, "datetime64[us]")
    expected = np.where(np.isnat(stamps), np.nan, stamps.astype(float) / 86_400e6)
    assert_allclose(_columns(model, frame)["t [days]"], expected)


@pytest.mark.parametrize(
    "texts, seconds",
    [
        (["1:45 PM", "12:05 AM", "12:30 pm"], [49_500, 300, 45_000]),
        (["7 AM", "11 PM"], [25_200, 82_800]),
        (["7h05", "13h45"], [25_500, 49_500]),
        (["1h 30m", "45m", "2h"], [5_400, 2_700, 7_200]),
        (["2 days", "3 hours", "1 week"], [172_800, 10_800, 604_800]),
        (["PT90S", "PT7434S", "PT12.5S"], [90, 7_434, 12.5]),
        (["PT1H30M", "P1DT2H", "-PT5S"], [5_400, 93_600, -5]),
        (["-1 days +23:59:59", "1 days 00:00:01"], [-1, 86_401]),
        (["-1 day, 23:59:59", "0:00:05"], [-1, 5]),
        (["3:05.5", "0:07.25"], [185.5, 7.25]),
    ],
)
def test_clocks_and_durations_in_words_are_seconds(texts, seconds):
    frame = pd.DataFrame({"t": texts * 4})
    model = TransferMLPRegressor(**QUICK).fit(frame, np.arange(float(len(frame))))
    assert_allclose(_columns(model, frame)["t"], seconds * 4)


def test_one_unit_of_time_is_a_number_of_it():
    frame = pd.DataFrame({"t": [f"{i} months" for i in range(1, 61)]})
    values = _columns(TransferMLPRegressor(**QUICK).fit(frame, Y), frame)["t"]
    assert_array_equal(values, np.arange(1, 61))


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
    "bytes": lambda frame: pl.from_pandas(frame).with_columns(
        [
            pl.col(c).cast(pl.Binary)
            for c, kind in zip(frame, frame.dtypes, strict=True)
            if kind.kind == "O"
        ]
    ),
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


@pytest.mark.parametrize("write", ["{:.0f}", "{:.1f}"])
@pytest.mark.parametrize("n_values, n_levels", [(6, 6), (7, 0)])
def test_few_whole_numbers_in_text_are_levels_however_they_are_written(write, n_values, n_levels):
    numbers = np.arange(60) % n_values * 3
    frame = pd.DataFrame({"v": [write.format(v) for v in numbers]})
    model = TransferMLPRegressor(**QUICK).fit(frame, Y)
    assert sum(name.startswith("v=") for name in model.encoded_feature_names_) == n_levels
    # where a source has numbers they are numbers
    source = TransferMLPRegressor(**QUICK).fit(pd.DataFrame({"v": numbers}), Y)
    model = TransferMLPRegressor(source=source, strategy="l2_sp", **QUICK).fit(frame, Y)
    assert "v" in model.encoded_feature_names_


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


def test_few_rows_of_names_are_left_out_where_the_source_left_them_out():
    named = FRAME.assign(town=[f"row {i}" for i in range(60)])
    few, y = named[:20], Y[:20]
    with pytest.warns(ColumnWarning, match="'town'"):
        source = TransferMLPRegressor(**QUICK).fit(named, Y)
    with pytest.warns(ColumnWarning, match="'town'"):
        model = TransferMLPRegressor(source=source, strategy="l2_sp", **QUICK).fit(few, y)
    assert not [name for name in model.encoded_feature_names_ if name.startswith("town=")]
    # alone they may be levels of which few rows repeat none
    model = TransferMLPRegressor(**QUICK).fit(few, y)
    assert sum(name.startswith("town=") for name in model.encoded_feature_names_) == 20


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
    "kind, theirs",
    [
        ("numbers", {"town": ["York", "Bonn"] * 40, "k": range(80)}),
        ("text or categories", {"town": ["York", "Bonn"] * 40, "k": ["u", "v"] * 40}),
        ("numbers", {"size": np.arange(80.0), "k": range(80)}),  # a table of numbers alone
    ],
)
def test_names_where_the_source_has_something_else_are_told_what_it_has(kind, theirs):
    names = pd.DataFrame(theirs | {"k": [f"id {i}" for i in range(80)]})
    y = np.arange(80) % 2
    source = TransferMLPClassifier(**QUICK).fit(pd.DataFrame(theirs), y)
    with pytest.warns(ColumnWarning, match=f"The source has {kind} in 'k': convert the column"):
        model = TransferMLPClassifier(source=source, strategy="l2_sp", **QUICK).fit(names, y)
    assert f"k ({kind} in the source, names of rows or free text" in str(model.transfer_report_)


def test_text_where_a_source_without_names_has_numbers_is_named():
    frame = pd.DataFrame({"size": np.arange(80.0), "k": ["u", "v"] * 40})
    y = np.arange(80) % 2
    source = TransferMLPClassifier(**QUICK).fit(RNG.normal(size=(80, 2)), y)
    with pytest.warns(TransferWarning, match="numbers in all its columns, .* else in 'k': give"):
        TransferMLPClassifier(source=source, strategy="l2_sp", **QUICK).fit(frame, y)


def test_few_numbers_as_text_are_those_of_a_source_of_numbers_alone():
    rooms = pd.DataFrame({"size": np.arange(80.0), "rooms": np.arange(80) % 4 + 1})
    source = TransferMLPRegressor(**QUICK).fit(rooms, rooms["rooms"])
    settings = dict(source=source, strategy="l2_sp", **QUICK)
    text = rooms.assign(rooms=rooms["rooms"].astype(str))
    model = TransferMLPRegressor(**settings).fit(text, rooms["rooms"])
    expected = TransferMLPRegressor(**settings).fit(rooms, rooms["rooms"])
    assert_allclose(model.predict(text), expected.predict(rooms), rtol=1e-5)


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


def test_an_array_of_objects_has_dates_durations_and_every_word_for_nothing():
    took = [dt.timedelta(seconds=int(v)) for v in NUMBERS]
    X = np.array([[v, d, t] for v, d, t in zip(NUMBERS, DAYS, took, strict=True)], object)
    X[::7, 0], X[1::7, 0], X[::9, 1] = pd.NA, None, pd.NaT
    frame = pd.DataFrame({"x0": [v if isinstance(v, float) else np.nan for v in X[:, 0]]})
    frame = frame.assign(x1=pd.to_datetime(X[:, 1]), x2=took)
    model = TransferMLPRegressor(**QUICK).fit(X, Y)
    expected = TransferMLPRegressor(**QUICK).fit(frame, Y)
    assert_allclose(model.predict(X), expected.predict(frame), rtol=1e-5)
    numbers = TransferMLPRegressor(**QUICK).fit(X[:, :1], Y)
    plain = TransferMLPRegressor(**QUICK).fit(frame[["x0"]].to_numpy(), Y)
    assert_array_equal(numbers.predict(X[:, :1]), plain.predict(frame[["x0"]].to_numpy()))
    X[:, 1] = ["soon", "late", DAYS[0]] * 20
    with pytest.raises(ValueError, match="text such as 'soon' in column 1"):
        TransferMLPRegressor(**QUICK).fit(X, Y)


def test_categories_that_name_rows_but_say_numbers_or_dates_are_these():
    of_type = FRAME.assign(v=FRAME["v"].astype("category"), t=FRAME["t"].astype("category"))
    with warnings.catch_warnings():
        warnings.simplefilter("error", ColumnWarning)
        model = TransferMLPRegressor(**QUICK).fit(of_type, Y)
    expected = TransferMLPRegressor(**QUICK).fit(FRAME, Y)
    assert_allclose(model.predict(of_type), expected.predict(FRAME), rtol=1e-4)


def test_words_in_an_array_of_objects_are_refused_as_before():
    X = np.array([[f"${v}", "red" if v > 900 else "blue"] for v in NUMBERS], object)
    with pytest.raises(ValueError, match="text such as"):
        TransferMLPRegressor(**QUICK).fit(X, Y)
