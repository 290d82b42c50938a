"""Tables as they come: frames of mixed columns, missing entries, categories of any number."""

import datetime as dt
import pickle
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from fitted import FEW_MEMBERS, inputs_of
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import AdaBoostClassifier
from sklearn.model_selection import cross_val_score

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer._preprocessing._encode import apply_transformer, encode
from sktransfer.sources import Predictor
from sktransfer.strategies import Joint

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N = 60
QUICK = {"hidden_layer_sizes": (8,), "max_iter": 3, "random_state": 0}
rng = np.random.default_rng(0)
answer = rng.normal(size=N)
yes = answer > 0
steps = np.arange(N)
words = np.array(["red", "green", "blue"])[steps % 3]
days = [dt.datetime(2024, 1, 1) + dt.timedelta(days=int(i)) for i in steps]
datetimes = [day + dt.timedelta(hours=int(i) % 24) for i, day in enumerate(days)]

PANDAS_COLUMNS = {
    "float": pd.Series(answer),
    "float32": pd.Series(answer, dtype="float32"),
    "integer": pd.Series(steps),
    "nullable float": pd.Series(answer, dtype="Float64"),
    "nullable integer": pd.Series(steps, dtype="Int64"),
    "bool": pd.Series(yes),
    "nullable bool": pd.Series(yes, dtype="boolean"),
    "object text": pd.Series(words, dtype=object),
    "text": pd.Series(words, dtype="string"),
    "category": pd.Series(words, dtype="category"),
    "ordered category": pd.Series(pd.Categorical(words, ["red", "green", "blue"], ordered=True)),
    "category of numbers": pd.Series(steps % 4).astype("category"),
    "object numbers": pd.Series(list(answer), dtype=object),
    "date and time": pd.Series(pd.to_datetime(datetimes)),
    "time zone": pd.Series(pd.to_datetime(datetimes)).dt.tz_localize("Europe/Berlin"),
    "seconds": pd.Series(pd.to_datetime(days)).astype("datetime64[s]"),
    "duration": pd.Series(pd.to_timedelta(steps, unit="h")),
}
POLARS_COLUMNS = {
    "float": pl.Series(answer),
    "float32": pl.Series(answer, dtype=pl.Float32),
    "integer": pl.Series(steps),
    "unsigned": pl.Series(steps, dtype=pl.UInt8),
    "bool": pl.Series(yes),
    "text": pl.Series(words.tolist()),
    "category": pl.Series(words.tolist(), dtype=pl.Categorical),
    "enum": pl.Series(words.tolist(), dtype=pl.Enum(["red", "green", "blue"])),
    "date": pl.Series([day.date() for day in days]),
    "date and time": pl.Series(datetimes),
    "time zone": pl.Series(datetimes).dt.replace_time_zone("UTC"),
    "milliseconds": pl.Series(datetimes).cast(pl.Datetime("ms")),
    "duration": pl.Series([dt.timedelta(hours=int(i)) for i in steps]),
}
COLUMNS = [
    *(pytest.param("pandas", name, id=f"pandas {name}") for name in PANDAS_COLUMNS),
    *(pytest.param("polars", name, id=f"polars {name}") for name in POLARS_COLUMNS),
]


def _frame(library, name, missing=()):
    if library == "pandas":
        column = PANDAS_COLUMNS[name]
        if missing and column.dtype == bool:
            column = column.astype(object)
        elif missing and column.dtype.kind == "i":
            column = column.astype(float)
        column = column.copy()
        if missing:
            column.iloc[list(missing)] = None
        return pd.DataFrame({"x": column, "beside": np.arange(N) % 7})
    column = POLARS_COLUMNS[name].alias("x")
    keep = pl.Series([i not in missing for i in range(N)])
    frame = pl.DataFrame({"x": column, "keep": keep, "beside": np.arange(N) % 7})
    return frame.select(pl.when("keep").then("x").alias("x"), "beside")


# -- types ----------------------------------------------------------------------------------


@pytest.mark.parametrize("library, name", COLUMNS)
def test_every_type_of_column_is_taken(library, name):
    frame = _frame(library, name)
    proba = TransferMLPClassifier(**QUICK).fit(frame, words).predict_proba(frame)
    assert np.isfinite(proba).all()
    assert_allclose(proba.sum(1), 1, rtol=1e-5)
    numbers = TransferMLPRegressor(**QUICK).fit(frame, answer).predict(frame)
    assert numbers.shape == (N,) and np.isfinite(numbers).all()


@pytest.mark.parametrize("library, name", COLUMNS)
@pytest.mark.parametrize(
    "missing",
    [(0, 5), pytest.param(tuple(range(N)), marks=pytest.mark.slow)],
    ids=["some", "all"],
)
def test_missing_entries_of_every_type_are_taken(library, name, missing):
    if library == "pandas" and name in ("object text", "object numbers") and len(missing) == N:
        pytest.skip("a column of None only has no type")
    frame = _frame(library, name, missing)
    model = TransferMLPClassifier(**QUICK).fit(frame, words)
    assert np.isfinite(model.predict_proba(frame)).all()
    # and where fit has seen none
    model = TransferMLPClassifier(**QUICK).fit(_frame(library, name), words)
    if library == "polars" or PANDAS_COLUMNS[name].dtype != bool:  # else of another type
        assert np.isfinite(model.predict_proba(frame)).all()


@pytest.mark.slow
@pytest.mark.parametrize("library, name", COLUMNS)
def test_every_type_of_column_carries_its_information(library, name):
    frame = _frame(library, name)
    y = words if name in ("enum",) or "text" in name or name.endswith("category") else None
    if y is None:
        y = (steps % 4 == 1) if name == "category of numbers" else None
    if y is None:
        is_answer = "float" in name or "bool" in name or name == "object numbers"
        y = yes if is_answer else steps > 30
    model = TransferMLPClassifier(learning_rate_init=0.01, random_state=0).fit(frame, y)
    assert model.score(frame, y) > 0.9


@pytest.mark.parametrize("name", sorted(set(PANDAS_COLUMNS) & set(POLARS_COLUMNS)))
def test_a_fit_on_polars_and_a_prediction_on_pandas_agree(name):
    if name == "time zone":
        pytest.skip("not the same datetimes")
    theirs, ours = _frame("polars", name), _frame("pandas", name)
    on_polars = TransferMLPClassifier(**QUICK).fit(theirs, words)
    on_pandas = TransferMLPClassifier(**QUICK).fit(ours, words)
    expected = on_polars.predict_proba(theirs)
    assert_allclose(on_polars.predict_proba(ours), expected, rtol=1e-5)
    assert_allclose(on_pandas.predict_proba(ours), expected, rtol=1e-5)


def test_a_frame_of_numbers_is_the_array_of_its_numbers():
    X = rng.normal(size=(N, 3))
    frame = pd.DataFrame(X, columns=["x0", "x1", "x2"])
    ours = TransferMLPClassifier(**QUICK).fit(frame, words)
    theirs = TransferMLPClassifier(**QUICK).fit(X, words)
    assert_allclose(ours.predict_proba(frame), theirs.predict_proba(X), rtol=1e-9)


def test_a_datetime_is_its_day_and_its_place_in_year_week_and_day():
    frame = _frame("pandas", "date and time")
    model = TransferMLPClassifier(**QUICK).fit(frame, words)
    names = inputs_of(model).columns.encoded_names
    assert {"x [days]", "x [sin year]", "x [cos week]", "x [sin day]"} <= set(names)
    encoded = dict(zip(names, apply_transformer(frame, inputs_of(model).columns).T, strict=True))
    assert encoded["x [days]"][0] == (datetimes[0] - dt.datetime(1970, 1, 1)).days
    assert_allclose(encoded["x [sin day]"], np.sin(2 * np.pi * steps % 24 / 24), atol=2)
    assert_allclose(encoded["x [cos week]"][7::7], encoded["x [cos week]"][7], atol=0.6)


def test_dates_without_a_time_have_no_place_in_the_day():
    model = TransferMLPClassifier(**QUICK).fit(_frame("polars", "date"), words)
    assert not any("day]" in name for name in inputs_of(model).columns.encoded_names)


def test_time_zones_are_the_same_datetimes():
    here = _frame("pandas", "time zone")
    there = here.assign(x=here["x"].dt.tz_convert("UTC"))
    model = TransferMLPClassifier(**QUICK).fit(here, words)
    assert_array_equal(model.predict_proba(here), model.predict_proba(there))


def test_fitted_attributes_name_the_frames_columns():
    model = TransferMLPClassifier(**QUICK).fit(_frame("polars", "text"), words)
    assert model.n_features_in_ == 2
    assert list(model.feature_names_in_) == ["x", "beside"]


def test_a_frame_survives_pickle_clone_and_cross_validation():
    frame = _frame("pandas", "category", missing=(3,))
    model = TransferMLPClassifier(**QUICK).fit(frame, words)
    again = pickle.loads(pickle.dumps(model))
    assert_array_equal(again.predict_proba(frame), model.predict_proba(frame))
    assert len(cross_val_score(clone(model), frame, words, cv=3)) == 3


def test_resuming_and_streams_take_frames():
    frame = _frame("pandas", "text", missing=(3,))
    model = TransferMLPClassifier(**QUICK, warm_start=True).fit(frame, words)
    before = model.coefs_[0].copy()
    assert not np.array_equal(model.fit(frame, words).coefs_[0], before)
    stream = TransferMLPClassifier(**QUICK).partial_fit(frame[:20], words[:20], classes=words[:3])
    assert np.isfinite(stream.partial_fit(frame[20:], words[20:]).predict_proba(frame)).all()


def test_validation_sets_are_frames_too():
    frame = _frame("polars", "text", missing=(3,))
    model = TransferMLPClassifier(**QUICK)
    model.fit(frame[:40], words[:40], X_val=frame[40:], y_val=words[40:])
    assert len(model.validation_scores_) == model.n_iter_
    held = TransferMLPClassifier(**QUICK, early_stopping=True).fit(frame, words)
    assert len(held.validation_scores_) == held.n_iter_


# -- missing entries --------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_missing_number_is_its_columns_mean_and_an_indicator(dtype):
    X = rng.uniform(0, 6, size=(N, 2)).astype(dtype)  # without outliers
    X[[1, 4], 0] = np.nan
    model = TransferMLPClassifier(**QUICK).fit(X, words)
    ids = inputs_of(model).columns.input_ids()
    columns = {column for column, part, *_ in ids if part == "missing"}
    assert columns == {"x0"}
    Z = encode(X, inputs_of(model), np.float64)
    assert_allclose(inputs_of(model).scaling.center[0], np.nanmean(X[:, 0]), rtol=1e-6)
    assert_array_equal(Z[[1, 4], ids.index(("x0", "value"))], 0)
    flag = Z[:, ids.index(("x0", "missing"))]
    assert flag[1] == flag[4] > flag[0] == flag[2]


@pytest.mark.slow
def test_what_is_missing_can_be_learned_from():
    X = rng.normal(size=(200, 2))
    y = rng.random(200) < 0.4
    X[y, 0] = np.nan
    model = TransferMLPClassifier(random_state=0).fit(X, y)
    assert model.score(X, y) > 0.98


def test_an_entry_missing_in_predict_only_is_the_mean():
    X = rng.uniform(size=(N, 2))
    model = TransferMLPClassifier(**QUICK).fit(X, words)
    empty, mean = X.copy(), X.copy()
    empty[:, 0], mean[:, 0] = np.nan, X[:, 0].mean()
    assert_allclose(model.predict_proba(empty), model.predict_proba(mean), atol=1e-9)


def test_an_empty_column_is_harmless():
    X = np.column_stack([rng.normal(size=N), np.full(N, np.nan)])
    model = TransferMLPRegressor(**QUICK).fit(X, answer)
    assert np.isfinite(model.predict(X)).all()


# -- categories -------------------------------------------------------------------------------


def _colours(*colours):
    return pd.DataFrame({"x": list(colours), "beside": 0.0})


def test_categories_seen_in_predict_only_are_rows_without_any():
    model = TransferMLPClassifier(**QUICK).fit(_frame("pandas", "object text"), words)
    unseen = model.predict_proba(_colours("mauve", "ochre"))
    assert_array_equal(unseen[0], unseen[1])
    assert_array_equal(unseen, model.predict_proba(_colours(None, np.nan)))
    assert not np.array_equal(unseen[0], model.predict_proba(_colours("red"))[0])


def test_two_levels_have_one_indicator_and_an_unseen_third_is_between_them():
    frame = pd.DataFrame({"x": np.where(yes, "on", "off")})
    model = TransferMLPClassifier(**QUICK).fit(frame, yes)
    assert inputs_of(model).columns.encoded_names == ("x=on",)
    other = pd.DataFrame({"x": ["on", "off", "broken", None]})
    on, off, broken, none = model.predict_proba(other)[:, 1]
    assert broken == none
    assert off < broken < on


def test_a_number_as_a_category_is_the_same_as_integer_float_or_text():
    levels = steps % 4
    model = TransferMLPClassifier(**QUICK, categorical_features=["x"])
    model.fit(pd.DataFrame({"x": levels}), words)
    expected = model.predict_proba(pd.DataFrame({"x": levels}))
    for same in (levels.astype(float), levels.astype(str), pd.Categorical(levels)):
        assert_array_equal(model.predict_proba(pd.DataFrame({"x": same})), expected)


@pytest.mark.slow
def test_a_hundred_thousand_levels_take_no_more_memory_than_a_few_hundred():
    n = 100_000
    frame = pd.DataFrame({"x": [f"user {i}" for i in range(n)], "z": np.arange(n) % 5})
    model = TransferMLPClassifier(
        (4,), max_iter=1, batch_size=5000, categorical_features=["x"], random_state=0
    )
    model.fit(frame, np.arange(n) % 2)
    assert inputs_of(model).n_inputs < 2000
    some = pd.DataFrame({"x": ["user 5", "user 99999", "nobody"], "z": 1})
    assert np.isfinite(model.predict_proba(some)).all()


def test_frequent_levels_keep_an_indicator_of_their_own():
    rare = [f"rare {i}" for i in range(400)]
    frame = pd.DataFrame({"x": ["often"] * 30 + rare})
    model = TransferMLPClassifier((4,), max_iter=1).fit(frame, np.arange(430) % 2)
    assert "x=often" in inputs_of(model).columns.encoded_names
    assert "x#0" in inputs_of(model).columns.encoded_names


FLAGS = pd.DataFrame({"a": steps % 5, "b": steps % 4, "c": answer})
CHOICES = {
    "mask": [True, False, False],
    "array mask": np.array([True, False, False]),
    "names": ["a"],
    "positions": [0],
    "array of positions": np.array([0]),
}


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("form", ["pandas", "polars", "array"])
def test_categories_are_chosen_by_mask_names_or_positions(form, name):
    if form == "array" and name == "names":
        pytest.skip("arrays have no names")
    X = {"pandas": FLAGS, "polars": pl.DataFrame(FLAGS.to_dict("list")), "array": FLAGS.values}[
        form
    ]
    if form == "array":
        X = X.astype(object)
    model = TransferMLPClassifier(**QUICK, categorical_features=CHOICES[name]).fit(X, words)
    column = "x0" if form == "array" else "a"
    levels = [f"{column}={i}" for i in range(5)]
    assert list(inputs_of(model).columns.encoded_names[:5]) == levels
    assert len(inputs_of(model).columns.encoded_names) == 7
    assert np.isfinite(model.predict_proba(X)).all()


def test_an_array_of_numbers_may_have_categories():
    X = FLAGS.values
    model = TransferMLPClassifier(**QUICK, categorical_features=[0]).fit(X, words)
    assert inputs_of(model).columns.encoded_names[:5] == ("x0=0", "x0=1", "x0=2", "x0=3", "x0=4")
    assert np.isfinite(model.predict_proba(X)).all()


def test_with_none_no_column_is_a_category():
    model = TransferMLPClassifier(**QUICK, categorical_features=None).fit(FLAGS, words)
    assert inputs_of(model).columns.n_encoded == 3
    with pytest.raises(ValueError, match=r"'x' has categories or text such as '0'.* Name it"):
        model.fit(_frame("pandas", "category of numbers"), words)


@pytest.mark.parametrize(
    "wanted, message",
    [
        ([True, False], "mask of shape"),
        (["a", "nobody"], "nobody.*not columns of X"),
        ([0, 3], "positions from 0 to 2"),
        ([-1], "positions from 0 to 2"),
    ],
)
def test_categories_that_are_not_there_are_refused(wanted, message):
    model = TransferMLPClassifier(categorical_features=wanted)
    with pytest.raises(ValueError, match=message):
        model.fit(FLAGS, words)
    assert not hasattr(model, "n_features_in_")


def test_names_of_categories_need_names_of_columns():
    with pytest.raises(ValueError, match="nameless: give positions or a mask"):
        TransferMLPClassifier(categorical_features=["a"]).fit(FLAGS.values, words)


# -- what is refused --------------------------------------------------------------------------


def test_a_lazy_frame_is_refused_with_the_way_out():
    lazy = _frame("polars", "text").lazy()
    with pytest.raises(TypeError, match=r"lazy.*\.collect\(\)"):
        TransferMLPClassifier().fit(lazy, words)


def test_a_part_of_an_arrow_table_is_refused_with_the_way_out():
    (batch,) = _frame("polars", "text").to_arrow().to_batches()
    with pytest.raises(TypeError, match=r"RecordBatch.*Table\.from_batches"):
        TransferMLPClassifier().fit(batch, words)


def test_two_columns_of_one_name_are_refused():
    frame = _frame("pandas", "text")
    frame.columns = ["x", "x"]
    with pytest.raises(ValueError, match=r"(?i)unique|duplicate"):
        TransferMLPClassifier().fit(frame, words)


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("when", ["fit", "predict"])
def test_infinity_in_a_column_is_refused_by_its_name(library, when):
    frame = _frame(library, "text")
    model = TransferMLPClassifier(**QUICK).fit(frame, words)
    values = np.where(np.arange(N) == 3, np.inf, 1.0)
    if library == "pandas":
        bad = frame.assign(beside=values)
    else:
        bad = frame.with_columns(beside=pl.Series(values))
    with pytest.raises(ValueError, match=r"infinity.*'beside'"):
        model.fit(bad, words) if when == "fit" else model.predict(bad)


@pytest.mark.parametrize(
    "column",
    [pl.Series([[1, 2]] * N), pl.Series([{"a": 1}] * N)],
    ids=["list", "struct"],
)
def test_columns_that_are_no_single_value_are_refused_by_name(column):
    with pytest.raises(ValueError, match="Column 'x'"):
        TransferMLPClassifier().fit(pl.DataFrame({"x": column}), words)


def test_a_mixed_frame_without_rows_or_columns_is_refused():
    frame = _frame("pandas", "text")
    with pytest.raises(ValueError, match=r"0 sample\(s\)"):
        TransferMLPClassifier().fit(frame[:0], words[:0])
    with pytest.raises(ValueError):
        TransferMLPClassifier().fit(frame[[]], words)


def test_rows_and_targets_must_be_as_many():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        TransferMLPClassifier().fit(_frame("polars", "text"), words[:-1])


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_other_columns_in_predict_get_scikit_learns_own_errors(library):
    frame = _frame(library, "text")
    model = TransferMLPClassifier(**QUICK).fit(frame, words)
    renamed = frame.rename({"x": "y"}) if library == "polars" else frame.rename(
        columns={"x": "y"}
    )  # fmt: skip
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(renamed)
    with pytest.raises(ValueError, match="same order"):
        model.predict(frame[["beside", "x"]])
    with pytest.raises(ValueError, match=r"feature names should match|expecting 2 features"):
        model.predict(frame[["x"]])


@pytest.mark.parametrize(
    "fitted, asked, message",
    [
        ("float", "text", "held numbers|could not convert"),
        ("date and time", "float", "held datetimes"),
        ("date and time", "text", "held datetimes"),
    ],
)
def test_a_column_of_another_type_in_predict_is_refused(fitted, asked, message):
    frame = _frame("pandas", fitted).assign(word=words)
    model = TransferMLPClassifier(**QUICK).fit(frame, words)
    with pytest.raises(ValueError, match=message):
        model.predict(_frame("pandas", asked).assign(word=words))


def test_texts_in_an_array_are_refused_where_no_column_is_called_a_category():
    texts = np.column_stack([words, words]).astype(object)
    with pytest.raises(ValueError, match="text such as 'red' in column 0"):
        TransferMLPClassifier().fit(texts, words)
    model = TransferMLPClassifier(**QUICK, categorical_features=[0, 1]).fit(texts, words)
    assert np.isfinite(model.predict_proba(texts)).all()


def test_without_standardisation_a_missing_entry_of_a_frame_is_refused():
    frame = _frame("pandas", "text").assign(beside=np.where(steps == 2, np.nan, 1.0))
    model = TransferMLPClassifier(**QUICK, standardize=False)
    with pytest.raises(ValueError, match="Input X contains NaN"):
        model.fit(frame, words)
    model.fit(frame.fillna(0.0), words)
    with pytest.raises(ValueError, match="Input X contains NaN"):
        model.predict(frame)


# -- a column that changed its type -----------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("first, second", [("float", "text"), ("text", "float")])
def test_a_column_of_another_type_than_the_sources_is_fresh_and_said_to_be(first, second):
    source = TransferMLPClassifier(**QUICK).fit(_frame("pandas", first), words)
    params = {"strategy": FEW_MEMBERS, "max_iter": 2, "random_state": 0}
    target = TransferMLPClassifier(source=source, **params)
    report = target.fit(_frame("pandas", second), words).transfer_report_
    rows = [row for row in report.rows if row.name == "x" or row.name.startswith("x=")]
    fresh = [row for row in rows if row.status == "new"]
    assert fresh and all("type" in row.reason for row in fresh)
    assert not any(row.status == "reused" for row in rows)


# -- weights that sum to one ------------------------------------------------------------------


@pytest.mark.parametrize("cls", [TransferMLPClassifier, TransferMLPRegressor])
def test_weights_that_sum_to_one_are_the_fit_without_weights(cls):
    X = rng.normal(size=(N, 3))
    y = words if cls is TransferMLPClassifier else answer
    here = cls(**QUICK).fit(X, y, sample_weight=np.full(N, 1 / N))
    there = cls(**QUICK).fit(X, y)
    for ours, theirs in zip(here.coefs_, there.coefs_, strict=True):
        assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)


def test_boosting_whose_weights_sum_to_one_learns():
    X = rng.normal(size=(200, 3))
    y = X[:, 0] * X[:, 1] > 0
    boosted = AdaBoostClassifier(
        TransferMLPClassifier((16,), learning_rate_init=0.01, random_state=0),
        n_estimators=3,
        random_state=0,
    )
    assert boosted.fit(X, y).score(X, y) > 0.85


@pytest.mark.parametrize("value", [[1, 2], (1,), {"a": 1}])
def test_collections_in_a_column_of_objects_are_refused(value):
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": pd.Series([value] * 3, dtype=object)})
    with pytest.raises(ValueError, match="entries such as"):
        TransferMLPClassifier((4,), max_iter=2).fit(frame, [0, 1, 1])


def test_decimals_are_numbers():
    values = [Decimal("1.5"), Decimal("2"), None, Decimal("4")]
    frame = pd.DataFrame({"a": pd.Series(values, dtype=object)})
    model = TransferMLPRegressor(max_iter=2).fit(frame, [1.0, 2.0, 3.0, 4.0])
    assert [ids for ids in inputs_of(model).columns.input_ids() if ids[1] == "value"] == [
        ("a", "value")
    ]


@pytest.mark.parametrize("columns", [["a"], ["a", "t"]], ids=["numbers", "mixed"])
def test_a_list_of_decimals_is_a_target(columns):
    frame = pd.DataFrame({"a": np.arange(20.0), "t": ["x", "y"] * 10})[columns]
    model = TransferMLPRegressor(max_iter=2, random_state=0)
    expected = model.fit(frame, np.arange(20) / 8).predict(frame)
    decimals = [Decimal(n) / 8 for n in range(20)]
    np.testing.assert_array_equal(model.fit(frame, decimals).predict(frame), expected)


def test_levels_whose_names_other_columns_have_differ():
    # a level of "town" is called as a column of numbers is
    towns = np.array(["york", "rome", "oslo"])[steps % 3]
    numbers = np.random.default_rng(1).normal(size=N)
    frame = pd.DataFrame({"town": towns, "town=york": numbers, "a": words, "a=red": towns})
    model = TransferMLPClassifier(**QUICK).fit(frame, yes)
    names = inputs_of(model).columns.encoded_names
    assert len(set(names)) == len(names)
    target = TransferMLPClassifier(source=model, strategy="keep_head", max_iter=1)
    target.set_params(learning_rate_init=1e-12).fit(frame, yes)
    assert_allclose(target.predict_proba(frame), model.predict_proba(frame), rtol=1e-5)
    report = target.transfer_report_
    assert report.n_carried == report.n_parameters


MONTHS = pd.Series(pd.period_range("2020-01", periods=N, freq="M")).where(steps != 3)
SPARSE = pd.Series(pd.arrays.SparseArray(np.where(yes, answer, 0.0)))


@pytest.mark.parametrize(
    "column, plain",
    [
        (MONTHS, MONTHS.dt.to_timestamp()),
        (MONTHS.astype(object), MONTHS.dt.to_timestamp()),
        (SPARSE, SPARSE.sparse.to_dense()),
        (pd.Series(pd.arrays.SparseArray(yes)), pd.Series(yes)),
        (pd.Series(steps.astype(">i4")), pd.Series(steps)),
        (pd.Series(steps.astype(np.float16)), pd.Series(steps.astype(float))),
    ],
    ids=["periods", "as objects", "sparse numbers", "sparse truths", "big-endian", "half"],
)
def test_columns_of_rare_types_are_what_they_stand_for_everywhere(column, plain):
    own, other = (pd.DataFrame({"a": answer, "odd": one}) for one in (column, plain))
    source = TransferMLPClassifier(**QUICK).fit(own, yes)
    expected = TransferMLPClassifier(**QUICK).fit(other, yes).predict_proba(other)
    assert_array_equal(source.predict_proba(own), expected)
    outputs = Predictor(source).outputs(own)
    assert_array_equal(outputs, Predictor(source).outputs(other))
    found = []
    for table in (own, other):
        joint = TransferMLPClassifier(strategy=Joint((table, yes)), **QUICK)
        chunks = TransferMLPClassifier(source=source, strategy="l2_sp", **QUICK)
        for _ in range(2):
            chunks.partial_fit(table, yes, classes=[False, True])
        models = joint.fit(table, yes, X_val=table, y_val=yes), chunks
        found.append([model.predict_proba(table) for model in models])
    assert_array_equal(*found)
