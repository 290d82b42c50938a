"""A saved model comes back as it was: as a predictor, as a source, as an estimator."""

import json
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from fitted import FEW_MEMBERS
from golden_models import GOLDEN, MODELS, answer, labels, table
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import sktransfer
from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import NoLabelsWarning, NotSavableError, SourceFormatError
from sktransfer.sources import SourceDescription, describe_source
from sktransfer.strategies import Full, WeightedEnsemble

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

_rng = np.random.default_rng(0)
X = _rng.normal(size=(40, 3))
SMALL = {"hidden_layer_sizes": (5, 4), "max_iter": 2, "random_state": 0}
LABELS = {
    "texts": np.array(["a", "b", "c"])[np.arange(40) % 3],
    "objects": np.array(["a", "b", "c"], dtype=object)[np.arange(40) % 3],
    "integers": np.arange(40) % 3 - 1,
    "bytes of integers": (np.arange(40) % 2).astype(np.uint8),
    "booleans": np.arange(40) % 2 == 0,
    "floats": np.arange(40) % 2 * 1.0,
    "one": np.zeros(40),
    "several": np.eye(4, dtype=int)[np.arange(40) % 4],
}
VARIETY = {
    "float32": (TransferMLPClassifier(**SMALL), X.astype(np.float32), LABELS["texts"]),
    "raw": (TransferMLPClassifier(standardize=False, **SMALL), X, LABELS["texts"]),
    "many outputs": (TransferMLPRegressor(**SMALL), X, X[:, :2] * 5 + 3),
    "counts": (TransferMLPRegressor("poisson", **SMALL), X, np.exp(X[:, 0])),
    "quantiles": (TransferMLPRegressor("quantile", quantile=0.9, **SMALL), X, X[:, 0]),
    "amounts": (
        TransferMLPRegressor("gamma", strategy=WeightedEnsemble(cv=2), **SMALL),
        X,
        np.exp(X[:, 0]),
    ),
    "lbfgs": (TransferMLPRegressor(solver="lbfgs", **SMALL), X, X[:, 0]),
    "held-out rows": (TransferMLPClassifier(early_stopping=True, **SMALL), X, X[:, 0] > 0),
    "one layer": (TransferMLPRegressor(**SMALL | {"hidden_layer_sizes": ()}), X, X[:, 0]),
    "parameters": (
        TransferMLPClassifier(
            **SMALL | {"random_state": np.random.RandomState(3), "n_iter_no_change": np.inf},
            strategy=Full(),
            augmentation="mixup",
            class_weight={"a": 2.0, "b": 1, "c": 1},
            alpha=np.float64(0.1),
        ),
        X,
        LABELS["texts"],
    ),
}


def test_the_file_in_a_directory_stands_for_the_directory(tmp_path):
    model = TransferMLPClassifier(**SMALL).fit(X, LABELS["texts"])
    model.save(tmp_path)
    for load in (sktransfer.load, TransferMLPClassifier.load, describe_source):
        assert repr(load(tmp_path / "model.safetensors")) == repr(load(tmp_path))
    # unless that is what the directory is called
    model.save(tmp_path / "other" / "model.safetensors")
    assert isinstance(sktransfer.load(tmp_path / "other" / "model.safetensors"), type(model))


VARIETY |= {
    f"labels: {name}": (TransferMLPClassifier(**SMALL), X, y) for name, y in LABELS.items()
}


def _came_back(model, X, directory):
    model.save(directory)
    loaded = sktransfer.load(directory)
    assert_array_equal(answer(loaded, X), answer(model, X))
    assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.predict(X).dtype == model.predict(X).dtype
    return loaded


@pytest.mark.filterwarnings("ignore::sktransfer.exceptions.OneClassWarning")
@pytest.mark.parametrize("name", VARIETY)
def test_predictions_are_exact(name, tmp_path):
    model, X, y = VARIETY[name]
    loaded = _came_back(clone(model).fit(X, y), X, tmp_path)
    assert type(loaded) is type(model)
    for key, value in model.get_params().items():
        found = loaded.get_params()[key]
        assert (found == value) or repr(found) == repr(value) or key == "random_state", key


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_everything_fitted_comes_back(name, tmp_path):
    model, X = MODELS[name]()
    loaded = _came_back(model, X, tmp_path)
    public = {name for name in vars(model) if name.endswith("_")}
    assert {name for name in vars(loaded) if name.endswith("_")} == public
    assert repr(loaded.transfer_report_) == repr(model.transfer_report_)
    assert loaded.loss_curve_ == model.loss_curve_
    assert loaded.score(X, model.predict(X)) == model.score(X, model.predict(X))
    assert loaded.net_.module_.layer_names == model.net_.module_.layer_names


@pytest.mark.parametrize("name", MODELS)
def test_a_loaded_model_is_saved_as_the_bytes_that_it_came_from(name, tmp_path):
    MODELS[name]()[0].save(tmp_path / "trained")
    sktransfer.load(tmp_path / "trained").save(tmp_path / "loaded")
    first, second = (tmp_path / d / "model.safetensors" for d in ("trained", "loaded"))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_a_directory_is_a_source_like_the_model_itself(name, tmp_path):
    model, X = MODELS[name]()
    model.save(tmp_path)
    y, params = np.arange(len(X)) % 2, {"strategy": FEW_MEMBERS, "max_iter": 2, "random_state": 0}
    targets = [
        TransferMLPClassifier(source=source, **params).fit(X, y)
        for source in (model, str(tmp_path), tmp_path, sktransfer.load(tmp_path))
    ]
    for target in targets[1:]:
        assert_array_equal(target.predict_proba(X), targets[0].predict_proba(X))


@pytest.mark.slow
def test_a_grid_searches_over_directories(tmp_path):
    model, frame = MODELS["classifier"]()
    model.save(tmp_path)
    grid = {"source": [None, str(tmp_path)]}
    search = GridSearchCV(
        TransferMLPClassifier(**SMALL | {"hidden_layer_sizes": None}), grid, cv=2
    )
    search.fit(frame, np.arange(len(frame)) % 2)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_a_loaded_model_is_fitted_again_as_the_saved_one_would_be(name, tmp_path):
    model, X = MODELS[name]()
    loaded = _came_back(model, X, tmp_path)
    assert isinstance(loaded.source, SourceDescription)
    y = labels(X) if name == "classifier" else np.arange(len(X))
    first, second = (clone(m).set_params(random_state=1).fit(X, y) for m in (model, loaded))
    assert_array_equal(first.predict(X), second.predict(X))


def test_a_loaded_model_trains_on(tmp_path):
    model, X = MODELS["classifier"]()
    loaded, y = _came_back(model, X, tmp_path), labels(X)
    again = pickle.loads(pickle.dumps(model))
    again._optimizers = {}  # the optimisers start anew
    for one in (loaded, again):
        one.partial_fit(X, y)
    assert_array_equal(answer(loaded, X), answer(again, X))
    assert len(loaded.loss_curve_) == len(model.loss_curve_) + 1
    loaded.set_params(warm_start=True).fit(X, y)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("protocol", sorted(path.name for path in GOLDEN.iterdir()))
def test_files_of_every_protocol_stay_readable(name, protocol):
    loaded = sktransfer.load(GOLDEN / protocol / name)
    expected = json.loads((GOLDEN / protocol / name / "answer.json").read_text())
    # bits may differ between processors, and scikit-learn's versions
    assert_allclose(answer(loaded, table()), expected, rtol=1e-4, atol=1e-6)
    describe_source(GOLDEN / protocol / name)


def test_callbacks_are_left_behind(tmp_path):

    from skorch.callbacks import EpochScoring

    model = TransferMLPClassifier(**SMALL, callbacks=[EpochScoring(lambda *a: 0.0, name="own")])
    model.fit(X, LABELS["texts"])
    assert _came_back(model, X, tmp_path).callbacks is None


class OwnStrategy(Full):
    """Not one of the package's."""


@pytest.mark.slow
def test_what_cannot_be_written_is_refused_by_its_place_and_nothing_is_left(tmp_path):
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    own = make_pipeline(
        FunctionTransformer(lambda X: X * 2), StandardScaler(), MLPClassifier((4,), max_iter=5)
    ).fit(frame, LABELS["texts"])
    bad = TransferMLPClassifier(source=own, strategy="l2_sp", max_iter=2)
    bad.fit(frame, LABELS["texts"])
    where = r"transformer.*func is of type builtins\.function.*scalers, encoders.*joblib.dump"
    with pytest.raises(NotSavableError, match=where):
        bad.save(tmp_path / "new")
    with pytest.raises(NotSavableError, match=r"params\['strategy'\].*OwnStrategy"):
        TransferMLPClassifier(**SMALL, strategy=OwnStrategy()).fit(X, X[:, 0] > 0).save(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_functions_of_numpy_can_be_written(tmp_path):
    steps = FunctionTransformer(np.log1p), StandardScaler(), MLPClassifier((4,), max_iter=5)
    own = make_pipeline(*steps).fit(np.abs(X), LABELS["texts"])
    model = TransferMLPClassifier(source=own, strategy=FEW_MEMBERS, max_iter=2)
    model.fit(np.abs(X), LABELS["texts"])
    _came_back(model, np.abs(X), tmp_path)


def test_an_unfitted_model_is_not_saved(tmp_path):
    with pytest.raises(sktransfer.exceptions.NotFittedError):
        TransferMLPClassifier().save(tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_class_that_loads_is_the_class_that_saved(tmp_path):
    TransferMLPRegressor(**SMALL).fit(X, X[:, 0]).save(tmp_path)
    assert isinstance(TransferMLPRegressor.load(tmp_path), TransferMLPRegressor)
    with pytest.raises(SourceFormatError, match=r"TransferMLPRegressor; expected a .*Classifier"):
        TransferMLPClassifier.load(tmp_path)


class OwnClassifier(TransferMLPClassifier):
    """A user's subclass: loads through itself, as only its user has it."""


def test_a_subclass_loads_through_itself(tmp_path):
    OwnClassifier(**SMALL).fit(X, LABELS["texts"]).save(tmp_path)
    assert isinstance(OwnClassifier.load(tmp_path), OwnClassifier)
    with pytest.raises(SourceFormatError, match="OwnClassifier"):
        sktransfer.load(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("own_layers", [(), (4,)])
def test_several_tasks_come_back(own_layers, tmp_path):
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    Y = pd.DataFrame({"label": LABELS["texts"], "number": X[:, 0], "nothing": np.nan})
    Y.loc[::3, "label"] = None
    model = MultiTaskMLP(**SMALL, head_hidden_layer_sizes=own_layers)
    with pytest.warns(NoLabelsWarning):
        model.fit(frame, Y)
    model.save(tmp_path)
    loaded = sktransfer.load(tmp_path)
    pd.testing.assert_frame_equal(loaded.predict(frame), model.predict(frame))
    assert_array_equal(loaded.predict_proba(frame)["label"], model.predict_proba(frame)["label"])
    first, second = (
        TransferMLPRegressor(source=source, strategy=FEW_MEMBERS, max_iter=2, random_state=0).fit(
            frame, X[:, 1]
        )
        for source in (model, tmp_path)
    )
    assert_array_equal(first.predict(frame), second.predict(frame))


def test_a_stream_that_goes_on_after_loading_says_what_was_not_saved(tmp_path):
    X, y = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2
    model = TransferMLPClassifier((4,), random_state=0).partial_fit(X, y, classes=[0, 1])
    model.save(tmp_path)
    loaded, pickled = sktransfer.load(tmp_path), pickle.loads(pickle.dumps(model))
    with pytest.warns(UserWarning, match="neither that nor the rows of a short stream.*pickle"):
        loaded.partial_fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded.partial_fit(X, y)  # said once
        pickled.partial_fit(X, y)
    assert_array_equal(pickled.coefs_[0], model.partial_fit(X, y).coefs_[0])
