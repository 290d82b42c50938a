"""An ensemble of this package as a source: its predictions, its primary network's layers."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sktransfer
from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import TransferWarning
from sktransfer.strategies import Recalibrate, WeightedEnsemble

CANCER, CANCER_LABELS = load_breast_cancer(return_X_y=True, as_frame=True)
CANCER = CANCER.iloc[:, :8]
DIABETES, PROGRESS = load_diabetes(return_X_y=True, as_frame=True)
MEMBERS = ["l2_sp", "trees", "linear"]


@pytest.fixture(scope="module")
def classifier():
    first = TransferMLPClassifier((16,), max_iter=5, random_state=0).fit(CANCER, CANCER_LABELS)
    second = TransferMLPClassifier(
        source=first, strategy=WeightedEnsemble(MEMBERS), random_state=0
    )
    return second.fit(CANCER[:150], CANCER_LABELS[:150])


@pytest.fixture(scope="module")
def regressor():
    first = TransferMLPRegressor(hidden_layer_sizes=(16,), max_iter=5, random_state=0).fit(
        DIABETES, PROGRESS
    )
    second = TransferMLPRegressor(source=first, strategy=WeightedEnsemble(MEMBERS), random_state=0)
    return second.fit(DIABETES[:150], PROGRESS[:150])


def _as_it_is(kind, source, X, y):
    return kind(source=source, strategy=Recalibrate(update="none")).fit(X, y)


FORMS = {
    "frame": lambda X: X,
    "other order": lambda X: X[X.columns[::-1]],
    "more columns": lambda X: X.assign(other=np.arange(len(X)) % 7),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("wrap", [lambda m: m, FrozenEstimator], ids=["itself", "frozen"])
def test_as_it_is_means_the_whole_ensemble(classifier, regressor, form, wrap):
    X, y = CANCER[150:200], CANCER_LABELS[150:200]
    model = _as_it_is(TransferMLPClassifier, wrap(classifier), form(X), y)
    expected = classifier.predict_proba(CANCER[200:])
    np.testing.assert_allclose(model.predict_proba(form(CANCER[200:])), expected, atol=1e-3)
    X, y = DIABETES[150:200], PROGRESS[150:200]
    model = _as_it_is(TransferMLPRegressor, wrap(regressor), form(X), y)
    found = model.predict(form(DIABETES[200:]))
    np.testing.assert_allclose(found, regressor.predict(DIABETES[200:]), rtol=1e-6)


def test_a_pipeline_that_ends_in_one_is_read_as_it_predicts(regressor):
    numbers = DIABETES.to_numpy()
    first = TransferMLPRegressor(hidden_layer_sizes=(8,), max_iter=5, random_state=0).fit(
        numbers, PROGRESS
    )
    last = TransferMLPRegressor(
        source=first, strategy=WeightedEnsemble(MEMBERS[:2]), random_state=0
    )
    pipeline = make_pipeline(StandardScaler(), last).fit(numbers[:150], PROGRESS[:150])
    model = _as_it_is(TransferMLPRegressor, pipeline, numbers[150:200], PROGRESS[150:200])
    expected = pipeline.predict(numbers[200:])
    np.testing.assert_allclose(model.predict(numbers[200:]), expected, rtol=1e-6)


def test_a_column_that_the_target_lacks_is_missing_to_the_ensemble(regressor):
    few = DIABETES.drop(columns="s3")
    model = _as_it_is(TransferMLPRegressor, regressor, few[150:200], PROGRESS[150:200])
    expected = regressor.predict(DIABETES.assign(s3=np.nan)[200:])
    np.testing.assert_allclose(model.predict(few[200:]), expected, rtol=1e-6)


def test_layers_are_still_those_of_the_primary_network(regressor):
    model = TransferMLPRegressor(source=regressor, strategy="frozen", max_iter=2, random_state=0)
    model.fit(DIABETES[150:200], PROGRESS[150:200])
    assert model.hidden_layer_sizes is None and model.coefs_[0].shape == regressor.coefs_[0].shape
    model = TransferMLPRegressor(source=regressor, random_state=0)
    model.fit(DIABETES[150:200], PROGRESS[150:200])
    assert "l2_sp" in model.member_weights_
    assert "layers" in str(model.transfer_report_)


def test_the_default_is_no_worse_than_the_ensemble_that_it_starts_from(regressor):
    model = TransferMLPRegressor(source=regressor, random_state=0)
    model.fit(DIABETES[150:190], PROGRESS[150:190])
    score = model.score(DIABETES[200:], PROGRESS[200:])
    assert score > regressor.score(DIABETES[200:], PROGRESS[200:]) - 0.02


def test_a_directory_is_the_model_in_it(regressor, tmp_path, recwarn):
    regressor.save(tmp_path)
    X, y = DIABETES[150:200], PROGRESS[150:200]
    recwarn.clear()
    for source in (tmp_path, [str(tmp_path)], {"old": tmp_path}, sktransfer.load(tmp_path)):
        model = _as_it_is(TransferMLPRegressor, source, X, y)
        expected = regressor.predict(DIABETES[200:])
        np.testing.assert_allclose(model.predict(DIABETES[200:]), expected, rtol=1e-6)
    assert not recwarn.list


def test_a_directory_that_needs_trust_gives_its_network_with_a_warning_whose_cure_works(
    regressor, tmp_path
):
    pytest.importorskip("skops")
    X, y = DIABETES[150:200], PROGRESS[150:200]
    model = TransferMLPRegressor(source=regressor, random_state=0).fit(X, y)
    model.save(tmp_path)
    with pytest.warns(TransferWarning, match=r"sktransfer\.load\(directory, trust_source=True\)"):
        _as_it_is(TransferMLPRegressor, tmp_path, X, y)
    last = _as_it_is(TransferMLPRegressor, sktransfer.load(tmp_path, trust_source=True), X, y)
    np.testing.assert_allclose(last.predict(DIABETES), model.predict(DIABETES), rtol=1e-6)


def test_a_model_that_started_from_one_is_saved_and_loaded(regressor, tmp_path):
    pytest.importorskip("skops")
    X, y = DIABETES[150:200], PROGRESS[150:200]
    model = TransferMLPRegressor(source=regressor, random_state=0).fit(X, y)
    model.save(tmp_path)
    loaded = sktransfer.load(tmp_path, trust_source=True)
    np.testing.assert_array_equal(loaded.predict(DIABETES), model.predict(DIABETES))


def test_a_frame_of_other_types_reaches_the_ensemble(classifier):
    X, y = CANCER[150:200].astype("Float64"), CANCER_LABELS[150:200].astype("category")
    model = _as_it_is(TransferMLPClassifier, classifier, X, pd.Series(y))
    expected = classifier.predict_proba(CANCER[200:])
    found = model.predict_proba(CANCER[200:].astype("Float64"))
    np.testing.assert_allclose(found, expected, atol=1e-3)
