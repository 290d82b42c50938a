"""Numbers with units, footnotes, fractions and powers, as people write them."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose

from sktransfer import MultiTaskMLP, TransferMLPRegressor
from sktransfer._preprocessing import apply_transformer
from sktransfer.exceptions import ColumnWarning
from sktransfer.sources import describe_source

N = 40
RNG = np.random.default_rng(0)
NUMBERS = RNG.integers(1, 90, N) + RNG.integers(0, 8, N) / 8
OTHER = np.arange(float(N))
QUICK = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}


def _table(texts, form=pd.DataFrame):
    return form({"v": list(texts), "other": OTHER[: len(texts)]})


def _values(model, texts, form=pd.DataFrame):
    columns = describe_source(model).inputs.columns
    encoded = apply_transformer(_table(texts, form), columns)
    return encoded[:, list(columns.named_columns).index("v")]


def _fitted(texts, form=pd.DataFrame, **params):
    return TransferMLPRegressor(**QUICK, **params).fit(_table(texts, form), NUMBERS[: len(texts)])


def _raised(power):
    return str(power).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))


WRITTEN = {
    "grams and kilograms": (lambda v: f"{v} kg" if v > 40 else f"{1000 * v:.0f} g", 1),
    "metres and feet": (lambda v: f"{v} m" if v > 9 else f"{v / 0.3048:.9f} ft", 1),
    "bytes": (lambda v: f"{v} GB" if v > 40 else f"{1000 * v:.0f} MB", 1),
    "degrees": (lambda v: f"{v} °C" if v > 9 else f"{1.8 * v + 32:.9f} °F", 1),
    "north and south": (lambda v: f"{v}° N" if v != NUMBERS[0] else f"{-v}° S", 1),
    "square metres": (lambda v: f"{v} m2", 1),
    "of a square": (lambda v: f"{v} kg/m^2", 1),
    "metres alone": (lambda v: f"{v} m", 1),
    "footnotes": (lambda v: f"{v}*" if v > 40 else f"{v}[1]", 1),
    "significance": (lambda v: f"{v}{'*' * int(v % 4)}", 1),
    "powers of ten": (lambda v: f"{v}×10^3", 1000),
    "raised powers": (lambda v: f"{v} × 10{_raised(-5)}", 1e-5),
    "halves": (lambda v: f"{int(v)}½", None),
}


@pytest.mark.parametrize("form", [pd.DataFrame, pl.DataFrame])
@pytest.mark.parametrize("name", WRITTEN)
def test_numbers_are_read_as_they_are_written(name, form):
    write, factor = WRITTEN[name]
    texts = [write(v) for v in NUMBERS]
    expected = NUMBERS.astype(int) + 0.5 if factor is None else NUMBERS * factor
    model = _fitted(texts, form)
    assert_allclose(_values(model, texts, form), expected, rtol=1e-6)
    rows = [_values(model, [text], form)[0] for text in texts]
    assert_allclose(rows, expected, rtol=1e-6)


@pytest.mark.parametrize(
    "fitted, later, values",
    [
        (lambda v: f"{v} kg", ["500 g", "1.5 kg"], [0.5, 1.5]),
        (lambda v: f"{v} m", ["175 cm", "1.8 m"], [1.75, 1.8]),
        (lambda v: f"{v} km/h", ["10 m/s", "36 km/h"], [36, 36]),
        (lambda v: f"{v} E", ["5.5 W", "5.5 E"], [-5.5, 5.5]),
        (lambda v: f"{v}", ["1,250", "1,250.5", "1 250"], [1250, 1250.5, 1250]),
        (lambda v: f"{v}".replace(".", ","), ["1.250", "1.250,5"], [1250, 1250.5]),
        (lambda v: f"${v}", ["$1,250", "$3.50"], [1250, 3.5]),
    ],
)
def test_other_units_and_larger_numbers_in_predict_are_in_the_unit_of_fit(fitted, later, values):
    model = _fitted([fitted(v) for v in NUMBERS])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict(_table(later))
    assert_allclose(_values(model, later), values)


@pytest.mark.parametrize("make", [TransferMLPRegressor, MultiTaskMLP])
def test_a_table_is_read_in_the_unit_of_the_source(make):
    source = _fitted([f"{v} kg" for v in NUMBERS])
    texts = [f"{1000 * v} g" for v in NUMBERS[:20]]
    with warnings.catch_warnings():
        warnings.simplefilter("error", ColumnWarning)
        y = {"t": NUMBERS[:20]} if make is MultiTaskMLP else NUMBERS[:20]
        model = make(source=source, **QUICK).fit(_table(texts), y)
    assert_allclose(_values(model, texts), NUMBERS[:20])


@pytest.mark.parametrize("nothing", [":", "..", "ND", "<LOD", "**", "(D)", "not stated"])
def test_more_words_for_nothing_are_missing(nothing):
    texts = [nothing if i % 2 else f"{v}" for i, v in enumerate(NUMBERS)]
    values = _values(_fitted(texts), texts)
    assert np.isnan(values[1::2]).all()
    assert_allclose(values[::2], NUMBERS[::2])


def test_amounts_of_several_currencies_are_said():
    texts = [f"{'$€'[i % 2]}{v}" for i, v in enumerate(NUMBERS)]
    with pytest.warns(ColumnWarning, match=r"'v' has amounts in several currencies \('\$', '€'\)"):
        _fitted(texts)


@pytest.mark.parametrize(
    "write",
    [
        lambda i: f"+4917{i:08d}",
        lambda i: f"{i + 1}x10",
        lambda i: f"{i + 1} kg" if i % 2 else f"{i} s",
    ],
)
def test_telephones_sizes_and_two_quantities_are_no_numbers(write):
    names = describe_source(
        _fitted([write(i % 20) for i in range(N)])
    ).inputs.columns.named_columns
    assert "v" not in names
