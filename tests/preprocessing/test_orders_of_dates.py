"""Day, month and year of a date are in the order that the column, or the source, shows."""

import datetime as dt
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose

from sktransfer import MultiTaskMLP, SharedLayerTransformer, TransferMLPRegressor
from sktransfer._preprocessing import apply_transformer
from sktransfer.exceptions import ColumnWarning
from sktransfer.sources import describe_source

RNG = np.random.default_rng(0)
QUICK = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}
DAYS = [dt.datetime(2021, 1, 1) + dt.timedelta(days=int(i)) for i in RNG.integers(0, 900, 40)]
FIRSTS = [dt.datetime(2019 + k // 12, 1 + k % 12, 1) for k in range(40)]
Y = np.arange(40.0)
EITHER = ["05/06/2021", "07/08/2021", "03/04/2021", "02/06/2021"]


def _days(model, texts, form=pd.DataFrame):
    columns = describe_source(model).inputs.columns
    encoded = apply_transformer(form({"t": texts, "v": Y[: len(texts)]}), columns)
    return encoded[:, list(columns.named_columns).index("t [days]")]


def _fitted(texts, make=TransferMLPRegressor, form=pd.DataFrame, **params):
    y = Y[: len(texts)]
    target = {"a": y} if make is MultiTaskMLP else y
    return make(**QUICK, **params).fit(form({"t": texts, "v": y}), target)


def _since_1970(days):
    return [(day - dt.datetime(1970, 1, 1)) / dt.timedelta(days=1) for day in days]


@pytest.mark.parametrize("days", [DAYS, FIRSTS, FIRSTS[:12]], ids=["days", "months", "a year"])
@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%y/%m/%d", "%y-%m-%d"])
def test_the_order_is_the_one_that_fits_the_column(form, days):
    texts = [day.strftime(form) for day in days]
    with warnings.catch_warnings():
        warnings.simplefilter("error", ColumnWarning)
        model = _fitted(texts)
    assert_allclose(_days(model, texts), _since_1970(days))


@pytest.mark.parametrize(
    "form",
    [
        "%d-%m-%y",
        "%d %b %y",
        "%B, %Y",
        "%a %b %d %H:%M:%S %Y",
        "%Y:%m:%d %H:%M:%S",
        "%Y%m%d_%H%M%S",
        "%Y-%m-%dT%H:%M:%S[UTC]",
        "%a %b %d %H:%M:%S +0000 %Y",
        "%d.%m.%Y, %H:%M Uhr",
        "%B %d, %Y at %I:%M %p",
    ],
)
def test_dates_as_programs_write_them_are_read(form):
    texts = [day.strftime(form) for day in FIRSTS]
    assert_allclose(_days(_fitted(texts), texts), _since_1970(FIRSTS))


def test_two_blanks_and_months_of_other_languages_are_read():
    months = [
        "stycznia",
        "lutego",
        "marca",
        "kwietnia",
        "maja",
        "czerwca",
        "lipca",
        "sierpnia",
        "września",
    ]
    texts = [f"1  {months[k % 7]} {2019 + k // 7}" for k in range(40)]
    expected = [dt.datetime(2019 + k // 7, 1 + k % 7, 1) for k in range(40)]
    assert_allclose(_days(_fitted(texts), texts), _since_1970(expected))


def test_zones_by_their_letters_are_hours_ahead():
    texts = [f"2021-03-01 {h % 24:02d}:00:00 {'CET' if h % 2 else 'CEST'}" for h in range(40)]
    start = dt.datetime(2021, 3, 1)
    expected = [start + dt.timedelta(hours=h % 24 - (1 if h % 2 else 2)) for h in range(40)]
    assert_allclose(_days(_fitted(texts), texts), _since_1970(expected))


def test_dates_in_two_formats_are_read():
    texts = [d.strftime("%Y-%m-%d" if d.day < 15 else "%m/%d/%Y") for d in DAYS]
    assert_allclose(_days(_fitted(texts), texts), _since_1970(DAYS))
    both_orders = [d.strftime("%d/%m/%Y" if d.year < 2022 else "%m/%d/%Y") for d in DAYS]
    names = describe_source(_fitted(both_orders)).inputs.columns.named_columns
    assert "t [days]" not in names


@pytest.mark.parametrize("form", [pd.DataFrame, pl.DataFrame])
@pytest.mark.parametrize("make", [TransferMLPRegressor, MultiTaskMLP])
def test_dates_of_either_order_are_said(make, form):
    with pytest.warns(ColumnWarning, match="'t' has dates such as '05/06/2021', which are read"):
        model = _fitted(EITHER * 10, make, form)
    with pytest.warns(ColumnWarning, match="'t' was read with the month first in fit, and has"):
        model.predict(form({"t": ["25/12/2021"], "v": [0.0]}))


def test_a_source_shows_the_order():
    source = _fitted([day.strftime("%d/%m/%Y") for day in DAYS])
    with warnings.catch_warnings():
        warnings.simplefilter("error", ColumnWarning)
        model = _fitted(EITHER * 5, source=source, strategy="l2_sp")
        inside = SharedLayerTransformer(source, layers="outputs", passthrough=True)
        inside.fit(pd.DataFrame({"t": EITHER * 5, "v": Y[:20]}))
    expected = [dt.datetime.strptime(text, "%d/%m/%Y") for text in EITHER]
    assert_allclose(_days(model, EITHER), _since_1970(expected))
    names = list(inside.get_feature_names_out())
    made = inside.transform(pd.DataFrame({"t": EITHER, "v": Y[:4]}))
    assert_allclose(made[:, names.index("t [days]")], _since_1970(expected))


@pytest.mark.parametrize(
    "write, first",
    [
        (lambda year, k: f"{year}q{k}", lambda year, k: dt.datetime(year, 3 * k - 2, 1)),
        (lambda year, k: f"{k}Q{year % 100}", lambda year, k: dt.datetime(year, 3 * k - 2, 1)),
        (lambda year, k: f"Q{k}'{year % 100}", lambda year, k: dt.datetime(year, 3 * k - 2, 1)),
        (lambda year, k: f"Feb-{k}-{year}", lambda year, k: dt.datetime(year, 2, k)),
        (
            lambda year, k: f"W{k + 9} {year}",
            lambda y, k: dt.datetime.fromisocalendar(y, k + 9, 1),
        ),
        (lambda year, k: f"KW{k:02}/{year}", lambda y, k: dt.datetime.fromisocalendar(y, k, 1)),
        (lambda year, k: f"{year} Week {k}", lambda y, k: dt.datetime.fromisocalendar(y, k, 1)),
    ],
)
def test_quarters_and_weeks_are_their_first_days(write, first):
    when = [(2014 + i // 4, 1 + i % 4) for i in range(40)]
    texts = [write(*one) for one in when]
    expected = _since_1970([first(*one) for one in when])
    assert_allclose(_days(_fitted(texts), texts), expected)


@pytest.mark.parametrize(
    "write", [lambda i: f"{i % 4 + 1}q{10 + i}", lambda i: f"Q{i % 4 + 1}{10 + i}"]
)
def test_bands_of_chromosomes_and_numbers_of_questions_are_no_quarters(write):
    model = _fitted([write(i % 20) for i in range(40)])
    assert "t [days]" not in describe_source(model).inputs.columns.named_columns
