"""LightGBM, XGBoost and CatBoost models that were fitted on a frame with categories."""

import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import sktransfer
from sktransfer import TransferMLPClassifier
from sktransfer.exceptions import SourceError, TransferWarning
from sktransfer.sources import Predictor
from sktransfer.strategies import Recalibrate

pytestmark = pytest.mark.slow  # their imports take seconds
CATEGORIES = ["contract", "paperless"]


def _table(n, seed):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "tenure": rng.integers(1, 72, n).astype(float),
            "contract": rng.choice(["month", "year", "two years"], n),
            "paperless": rng.choice(["yes", "no"], n),
            "calls": rng.poisson(2, n),
        }
    )
    z = 2 * (X["contract"] == "month") - X["tenure"] / 30 + (X["paperless"] == "yes")
    return X, (z + rng.normal(0, 0.5, n) > 0).astype(int).to_numpy()


FRAME, LABELS = _table(400, 0)
X, Y = _table(60, 1)


def _categorical(table):
    there = [name for name in CATEGORIES if name in table]
    return table.assign(**{name: table[name].astype("category") for name in there})


def _lightgbm(native):
    lightgbm = pytest.importorskip("lightgbm")
    if native:
        data = lightgbm.Dataset(_categorical(FRAME), LABELS)
        model = lightgbm.train({"objective": "binary", "verbose": -1}, data, 20)
        return model, model.predict
    model = lightgbm.LGBMClassifier(n_estimators=20, verbose=-1).fit(_categorical(FRAME), LABELS)
    return model, lambda table: model.predict_proba(table)[:, 1]


def _xgboost(native):
    xgboost = pytest.importorskip("xgboost", minversion="3.1")
    if native:
        data = xgboost.DMatrix(_categorical(FRAME), LABELS, enable_categorical=True)
        model = xgboost.train({"objective": "binary:logistic"}, data, 20)
        return model, lambda t: model.predict(xgboost.DMatrix(t, enable_categorical=True))
    model = xgboost.XGBClassifier(n_estimators=20, enable_categorical=True)
    model.fit(_categorical(FRAME), LABELS)
    return model, lambda table: model.predict_proba(table)[:, 1]


def _catboost(native):
    catboost = pytest.importorskip("catboost")
    model = catboost.CatBoostClassifier(
        iterations=20, verbose=0, cat_features=CATEGORIES, allow_writing_files=False
    )
    model.fit(FRAME if native else _categorical(FRAME), LABELS)
    return model, lambda table: model.predict_proba(table)[:, 1]


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("make", [_lightgbm, _xgboost, _catboost])
def test_it_predicts_what_it_would_predict_itself(make, native, tmp_path):
    model, predict = make(native)
    expected = predict(_categorical(X))
    joblib.dump(model, tmp_path / "model.joblib")
    source = Predictor(joblib.load(tmp_path / "model.joblib"))
    other_order = _categorical(X)[["calls", "paperless", "contract", "tenure"]]
    other_order["contract"] = other_order["contract"].cat.reorder_categories(
        ["year", "two years", "month"]
    )
    for table in (_categorical(X), X, other_order):
        np.testing.assert_allclose(source.outputs(table)[:, 0], expected, atol=1e-6)


@pytest.mark.parametrize("make", [_lightgbm, _xgboost, _catboost])
def test_a_table_without_a_column_of_categories_is_predicted_all_the_same(make):
    model, _ = make(False)
    fewer = X.drop(columns="contract")
    found = Predictor(model).outputs(fewer)[:, 0]
    assert np.isfinite(found).all()
    assert roc_auc_score(Y, found) > 0.6
    target = TransferMLPClassifier(source=model, strategy="recalibrate", random_state=0)
    assert roc_auc_score(Y, target.fit(fewer, Y).predict_proba(fewer)[:, 1]) > 0.6


@pytest.mark.parametrize("make", [_lightgbm, _xgboost, _catboost])
def test_words_in_the_place_of_numbers_are_named_with_their_column(make):
    words = X.assign(tenure=np.where(X["tenure"] > 24, "long", "short"))
    with pytest.raises(SourceError, match=r"X\['tenure'\] has words, such as '(long|short)'"):
        Predictor(make(False)[0]).outputs(words)


@pytest.mark.parametrize(("make", "says"), [(_lightgbm, False), (_catboost, True)])
def test_the_report_says_whose_levels_must_be_spelled_as_they_were(make, says):
    model, _ = make(False)
    target = TransferMLPClassifier(source=model, strategy="recalibrate", random_state=0).fit(X, Y)
    rows = target.transfer_report_.to_frame().query("part == 'source'")
    assert ("no list of the levels of 'contract'" in rows["reason"].item()) is says


@pytest.mark.parametrize("make", [_lightgbm, _xgboost])
def test_names_and_levels_in_another_spelling_are_its_own(make):
    model, _ = make(False)
    table = X.assign(contract=X["contract"].str.upper(), paperless=X["paperless"] == "yes")
    target = TransferMLPClassifier(source=model, strategy="recalibrate", random_state=0)
    found = target.fit(table.rename(columns=str.title), Y).predict_proba(
        table.rename(columns=str.title)
    )
    expected = target.fit(X, Y).predict_proba(X)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_levels_that_catboost_has_never_seen_are_warned_of():
    catboost = pytest.importorskip("catboost")
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"plan": rng.choice(["basic", "plus", "extra"], 300), "age": rng.random(300)})
    y = (X["plan"] == "basic") | (X["age"] > 0.8)
    source = catboost.CatBoostClassifier(
        iterations=20, cat_features=["plan"], verbose=0, allow_writing_files=False
    ).fit(X[:250], y[:250].astype(int))
    model = TransferMLPClassifier(source=source, strategy="recalibrate", random_state=0)
    few, labels = X[250:], y[250:].astype(int)
    with pytest.warns(TransferWarning, match="every level of 'plan'"):
        model.fit(few.assign(plan=few["plan"].str.title()), labels)
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        model.fit(few, labels)


def _native_of_three(package, y):
    if package == "lightgbm":
        lightgbm = pytest.importorskip("lightgbm")
        params = {"objective": "multiclass", "num_class": 3, "verbose": -1}
        model = lightgbm.train(params, lightgbm.Dataset(_categorical(FRAME), y), 5)
        return model, model.predict(_categorical(X))
    if package == "xgboost":
        xgboost = pytest.importorskip("xgboost", minversion="3.1")
        data = xgboost.DMatrix(_categorical(FRAME), y, enable_categorical=True)
        model = xgboost.train({"objective": "multi:softmax", "num_class": 3}, data, 5)
        rows = xgboost.DMatrix(_categorical(X), enable_categorical=True)
        margins = np.exp(model.predict(rows, output_margin=True))
        return model, margins / margins.sum(axis=1, keepdims=True)
    catboost = pytest.importorskip("catboost")
    params = {"loss_function": "MultiClass", "iterations": 5, "allow_writing_files": False}
    model = catboost.CatBoost({**params, "verbose": 0})
    model.fit(catboost.Pool(FRAME, y, cat_features=CATEGORIES))
    return model, model.predict(X, prediction_type="Probability")


@pytest.mark.parametrize("package", ["lightgbm", "xgboost", "catboost"])
def test_a_model_without_predict_proba_has_classes_and_their_probabilities(package, tmp_path):
    y = LABELS + (FRAME["calls"] > 2).to_numpy()
    model, expected = _native_of_three(package, y)
    at_hand = LABELS[: len(X)] + np.arange(len(X)) % 2
    assert Predictor(model).target.kind == "multiclass"
    target = TransferMLPClassifier(source=model, strategy=Recalibrate("none")).fit(X, at_hand)
    np.testing.assert_allclose(target.predict_proba(X), expected, atol=1e-3)
    pytest.importorskip("skops")
    target.save(tmp_path / "model")
    again = sktransfer.load(tmp_path / "model", trust_source=True)
    np.testing.assert_array_equal(again.predict_proba(X), target.predict_proba(X))


@pytest.mark.parametrize("package", ["lightgbm", "xgboost"])
def test_a_model_without_names_has_as_many_columns_as_it_was_fitted_on(package, capfd):
    module = pytest.importorskip(package)
    numbers, y = X[["tenure", "calls"]].to_numpy(float), X["calls"].to_numpy(float)
    if package == "lightgbm":
        model = module.train({"verbose": -1}, module.Dataset(numbers, y), 5)
        own = model.predict(numbers)
    else:
        model = module.train({"verbosity": 0}, module.DMatrix(numbers, y), 5)
        own = model.predict(module.DMatrix(numbers))
    source = Predictor(model)
    assert (source.n_features, source.target.n_outputs) == (2, 1)
    for table in (numbers, X[["tenure", "calls"]]):
        np.testing.assert_allclose(source.outputs(table)[:, 0], own)
    with pytest.raises(SourceError, match="fitted on 2 columns without names"):
        source.outputs(X)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("levels", [["Bern", "São Paulo", "Zürich"], ["Москва", "Омск", "Сочи"]])
def test_categories_of_several_bytes_a_letter_are_xgboosts_own(levels, native, tmp_path):
    xgboost = pytest.importorskip("xgboost", minversion="3.1")
    table = FRAME.assign(contract=FRAME["contract"].astype("category"))[["contract", "tenure"]]
    table["contract"] = table["contract"].cat.rename_categories(levels)
    model = xgboost.XGBClassifier(n_estimators=5, enable_categorical=True).fit(table, LABELS)
    expected = model.predict_proba(table)
    source = model.get_booster() if native else model
    texts = table.assign(contract=table["contract"].astype(str))[["tenure", "contract"]]
    target = TransferMLPClassifier(source=source, strategy=Recalibrate("none"))
    np.testing.assert_allclose(target.fit(texts, LABELS).predict_proba(texts), expected, atol=1e-6)
    pytest.importorskip("skops")
    target.save(tmp_path / "model")
    again = sktransfer.load(tmp_path / "model", trust_source=True)
    np.testing.assert_array_equal(again.predict_proba(texts), target.predict_proba(texts))


@pytest.mark.parametrize("make", [_lightgbm, _xgboost])
def test_a_column_behind_a_function_of_numpys_may_be_absent(make):
    steps = make_column_transformer(
        (FunctionTransformer(np.log1p), ["tenure"]), ("passthrough", ["calls"])
    )
    gaps = FRAME.assign(tenure=FRAME["tenure"].where(FRAME["calls"] > 1))
    source = make_pipeline(steps, clone(make(False)[0])).fit(gaps, LABELS)
    absent = source.predict_proba(X.assign(tenure=np.nan))[:, 1]
    found = Predictor(source).outputs(X[["calls"]])[:, 0]
    np.testing.assert_allclose(found, absent, atol=1e-6)


@pytest.mark.parametrize("n_labels", [2, 3])
@pytest.mark.parametrize("package", ["xgboost", "xgboost, native", "catboost"])
def test_several_labels_of_a_row_are_no_classes(package, n_labels):
    numbers, labels = (
        X[["tenure", "calls"]],
        np.c_[Y, X["calls"] > 2, X["tenure"] > 30][:, :n_labels],
    )
    labels = labels.astype(int)
    if package == "catboost":
        catboost = pytest.importorskip("catboost")
        params = {"iterations": 5, "verbose": 0, "allow_writing_files": False}
        model = catboost.CatBoostClassifier(loss_function="MultiLogloss", **params)
    else:
        model = pytest.importorskip("xgboost").XGBClassifier(n_estimators=5)
    expected = model.fit(numbers, labels).predict_proba(numbers)
    source = model.get_booster() if "native" in package else model
    np.testing.assert_allclose(Predictor(source).outputs(numbers), expected, atol=1e-6)
    target = TransferMLPClassifier(source=source, strategy=Recalibrate("none"))
    found = target.fit(numbers, labels).predict_proba(numbers)
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("make", [_lightgbm, _xgboost, _catboost])
def test_it_is_saved_without_pickle(make, tmp_path):
    pytest.importorskip("skops")
    target = TransferMLPClassifier(source=make(False)[0], strategy="recalibrate").fit(X, Y)
    target.save(tmp_path / "model")
    again = sktransfer.load(tmp_path / "model", trust_source=True)
    np.testing.assert_array_equal(again.predict_proba(X), target.predict_proba(X))


def test_categories_behind_steps_of_catboost_are_its_texts():
    catboost = pytest.importorskip("catboost")
    steps = make_column_transformer(
        (StandardScaler(), ["tenure", "calls"]),
        ("passthrough", CATEGORIES),
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    model = catboost.CatBoostClassifier(
        iterations=20, verbose=0, cat_features=CATEGORIES, allow_writing_files=False
    )
    source = Predictor(make_pipeline(steps, model).fit(FRAME, LABELS))
    missing = X.assign(contract=X["contract"].where(X.index % 2 == 0))
    expected = source.estimator.predict_proba(missing.fillna("nan"))[:, 1]
    np.testing.assert_allclose(source.outputs(missing)[:, 0], expected)
    assert source.outputs(X.drop(columns="contract")).shape == (len(X), 1)
    other = X.assign(contract=X["contract"].str.upper())
    with pytest.warns(TransferWarning, match="the same for every level of 'contract'"):
        TransferMLPClassifier(source=source, strategy="recalibrate").fit(other, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TransferMLPClassifier(source=source, strategy="recalibrate").fit(X, Y)


@pytest.mark.parametrize(
    ("package", "name", "params"),
    [
        ("lightgbm", "LGBMRegressor", {"verbose": -1}),
        ("catboost", "CatBoostRegressor", {"verbose": 0, "allow_writing_files": False}),
    ],
)
def test_a_column_that_the_table_lacks_or_has_empty_is_no_extreme_one(package, name, params):
    kind = getattr(pytest.importorskip(package), name)
    age = np.random.RandomState(0).normal(50, 5, 300)
    table = pd.DataFrame({"age": age, "dose": np.arange(300) % 7.0})
    model = kind(n_estimators=40, **params).fit(table, age)
    without = table[["dose"]]
    assert_allclose(Predictor(model).outputs(without), 50, atol=2)
    assert_allclose(Predictor(model, X_sample=table + 5).outputs(without), 55, atol=2)
    absent, known = Predictor(model).outputs(without), model.predict(table)[:, None]
    half = np.where(np.arange(300) % 2, age, np.nan)
    for source in (model, clone(model).fit(table.to_numpy(), age)):
        for dtype in ("float64", "Float64", object):
            empty = table.assign(age=pd.Series([np.nan] * 300).astype(dtype))
            some = table.assign(age=pd.Series(half).astype(dtype))
            assert_allclose(Predictor(source).outputs(empty), absent)
            assert_allclose(Predictor(source).outputs(some)[::2], absent[::2])
            assert_allclose(Predictor(source).outputs(some)[1::2], known[1::2])
            assert_allclose(Predictor(source).outputs(empty.to_numpy(object)), absent)
        assert_allclose(Predictor(source).outputs(np.c_[half, table["dose"]])[::2], absent[::2])
    # where it knows missing entries, it knows best what they mean
    gaps = table.assign(age=table["age"].where(table["dose"] > 0))
    few = {"n_estimators": 1, "learning_rate": 0.5}
    for more in ({}, few, {"nan_mode": "Max"}) if package == "catboost" else ({}, few):
        model = kind(**{"n_estimators": 40, **params, **more}).fit(gaps, age)
        empty = table.assign(age=np.nan)
        assert_allclose(Predictor(model).outputs(without)[:, 0], model.predict(empty))
        assert_allclose(Predictor(model).outputs(empty)[:, 0], model.predict(empty))


def test_catboost_of_several_numbers_with_categories_is_a_source_of_all():
    catboost = pytest.importorskip("catboost")
    X = pd.DataFrame({"age": np.arange(80.0), "plan": ["pro", "basic"] * 40})
    y = np.column_stack([X["age"], -X["age"] + 9 * (X["plan"] == "pro")])
    quiet = dict(verbose=0, allow_writing_files=False, thread_count=1)
    model = catboost.CatBoostRegressor(loss_function="MultiRMSE", iterations=3, **quiet)
    source = Predictor(model.fit(X, y, cat_features=["plan"]))
    assert source.target.n_outputs == 2
    np.testing.assert_allclose(source.outputs(X), model.predict(X))
