"""Texts such as ``'4:35'`` are hours or minutes as the column of fit shows, on every entrance."""

import datetime as dt
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose

from sktransfer import MultiTaskMLP, SharedLayerTransformer, TransferMLPRegressor
from sktransfer._preprocessing import apply_transformer
from sktransfer.exceptions import ColumnWarning
from sktransfer.sources import describe_source
from sktransfer.strategies import Joint

N = 40
QUICK = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}
SECONDS = np.random.default_rng(0).integers(100, 3 * 3600, N)
Y = SECONDS / 600
OTHER = np.arange(float(N))


def _long(s):
    return f"{s // 3600}:{s // 60 % 60:02d}:{s % 60:02d}"


def _short(s):
    return _long(s) if s >= 3600 else f"{s // 60}:{s % 60:02d}"


def _arrow(frame):
    return pa.Table.from_pandas(frame, preserve_index=False)


def _table(texts):
    return pd.DataFrame({"lap": texts, "other": OTHER[: len(texts)]})


def _seconds(model, frame):
    columns = describe_source(model).inputs.columns
    encoded = apply_transformer(frame, columns)
    return encoded[:, list(columns.named_columns).index("lap")]


LONG, SHORT = _table([_long(s) for s in SECONDS]), _table([_short(s) for s in SECONDS])
MODEL = TransferMLPRegressor(**QUICK).fit(LONG, Y)


@pytest.mark.parametrize("form", [pd.DataFrame, pl.from_pandas, _arrow])
def test_two_numbers_next_to_three_are_minutes_and_seconds(form):
    model = TransferMLPRegressor(**QUICK).fit(form(SHORT), Y)
    assert_allclose(_seconds(model, form(SHORT)), SECONDS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = model.predict(form(SHORT[SECONDS < 3600]))
    assert_allclose(alone, MODEL.predict(LONG)[SECONDS < 3600], rtol=1e-5)


@pytest.mark.parametrize("form", [pd.DataFrame, pl.from_pandas, _arrow])
def test_two_numbers_where_fit_had_three_are_read_and_said(form):
    with pytest.warns(ColumnWarning, match=r"'lap' held texts such as '1:04:35' in fit, and has"):
        found = MODEL.predict(form(SHORT))
    assert_allclose(found, MODEL.predict(LONG))
    with pytest.warns(ColumnWarning, match="read as minutes and seconds"):
        rows = [MODEL.predict(form(SHORT[i : i + 1]))[0] for i in range(N)]
    assert_allclose(rows, found, rtol=1e-5)


def test_times_on_all_of_a_day_have_hours_and_minutes():
    at = np.arange(N) * 1800 + 600
    with_seconds = [f"{s // 3600:02d}:{s // 60 % 60:02d}:00" for s in at]
    mixed = [t if i % 2 else t[:5] for i, t in enumerate(with_seconds)]
    model = TransferMLPRegressor(**QUICK).fit(_table(mixed), Y)
    assert_allclose(_seconds(model, _table(mixed)), at)
    model = TransferMLPRegressor(**QUICK).fit(_table(with_seconds), Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_allclose(_seconds(model, _table([t[:5] for t in with_seconds])), at)


def test_two_numbers_where_fit_had_durations_are_said():
    model = TransferMLPRegressor(**QUICK).fit(_table(pd.to_timedelta(SECONDS, unit="s")), Y)
    with pytest.warns(ColumnWarning, match="'lap' held durations in fit, and has texts"):
        model.predict(_table(["4:35", "0:12", "14:01"]))


OF_A_DAY = np.arange(N) * 1980 + 120
FORMS_OF_A_DAY = {
    "times": [dt.time(s // 3600, s // 60 % 60) for s in OF_A_DAY],
    "two": [_long(s)[:-3] for s in OF_A_DAY],
    "three": [_long(s) for s in OF_A_DAY],
}


@pytest.mark.parametrize("now", FORMS_OF_A_DAY)
@pytest.mark.parametrize("fitted", FORMS_OF_A_DAY)
def test_times_of_a_day_are_read_in_every_form_without_a_warning(fitted, now):
    own, other = _table(FORMS_OF_A_DAY[fitted]), _table(FORMS_OF_A_DAY[now])
    with warnings.catch_warnings():
        warnings.simplefilter("error", ColumnWarning)
        model = TransferMLPRegressor(**QUICK).fit(own, Y)
        assert_allclose(_seconds(model, other), OF_A_DAY)
        assert_allclose(model.predict(pl.from_pandas(other)), model.predict(own), rtol=1e-6)
        joint = TransferMLPRegressor(strategy=Joint((other, Y)), **QUICK).fit(own, Y)
        assert_allclose(joint.predict(other), joint.predict(own), rtol=1e-6)
        assert_allclose(_seconds(model.partial_fit(other, Y), other), OF_A_DAY)


def test_two_numbers_next_to_fractions_of_seconds_are_minutes():
    texts = [f"{s // 60}:{s % 60:02d}" + (".5" if i % 2 else "") for i, s in enumerate(SECONDS)]
    model = TransferMLPRegressor(**QUICK).fit(_table(texts), Y)
    assert_allclose(_seconds(model, _table(texts)), SECONDS + np.arange(N) % 2 / 2)


def test_three_numbers_where_fit_had_two_of_either_meaning_are_refused():
    model = TransferMLPRegressor(**QUICK).fit(_table([f"{m}:30" for m in range(20, 60)]), Y)
    with pytest.raises(ValueError, match=r"may be .* and has texts such as '1:04:35' now"):
        model.predict(_table(["1:04:35", "59:30"]))


@pytest.mark.parametrize("make", [TransferMLPRegressor, MultiTaskMLP])
def test_a_sources_column_shows_what_two_numbers_are(make):
    few = SHORT[SECONDS < 1440]
    y = Y[SECONDS < 1440]
    target = {"t": y} if make is MultiTaskMLP else y
    model = make(source=MODEL, **QUICK).fit(few, target)
    assert_allclose(_seconds(model, few), SECONDS[SECONDS < 1440])


def test_other_tables_and_chunks_are_read_alike():
    few = SECONDS < 1440
    joint = TransferMLPRegressor(strategy=Joint((LONG, Y)), **QUICK)
    joint.fit(SHORT[few], Y[few])
    stream = TransferMLPRegressor(**QUICK).partial_fit(SHORT, Y)
    stream.partial_fit(SHORT[few], Y[few])
    inside = SharedLayerTransformer(MODEL, layers="outputs", passthrough=True)
    names = list(inside.fit(SHORT[few]).get_feature_names_out())
    assert_allclose(inside.transform(SHORT[few])[:, names.index("lap")], SECONDS[few])
    assert_allclose(_seconds(stream, SHORT[few]), SECONDS[few])
