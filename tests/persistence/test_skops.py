"""A pipeline with our estimators through skops."""

from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import sktransfer
from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer._persistence import names_in_skops
from sktransfer.exceptions import SourceFormatError
from sktransfer.sources._saved_predictor import SavedPredictor
from sktransfer.strategies import WeightedEnsemble

sio = pytest.importorskip("skops.io")

X = np.random.default_rng(0).normal(size=(60, 4))
labels = (X[:, 0] > 0).astype(int)
ENSEMBLE = WeightedEnsemble(["l2_sp", "linear", "trees", "scratch"], cv=2)


@pytest.mark.filterwarnings("ignore::sktransfer.exceptions.TransferWarning")
@pytest.mark.parametrize("with_source", [False, True])
@pytest.mark.parametrize("cls, y, strategy", [
    (TransferMLPClassifier, labels, "l2_sp"),
    (TransferMLPClassifier, labels, ENSEMBLE),
    (TransferMLPRegressor, X[:, 1], "full"),
    (MultiTaskMLP, X[:, :2], "l2_sp"),
])  # fmt: skip
def test_a_pipeline_comes_back_bit_for_bit_if_this_packages_types_are_trusted(
    cls, y, strategy, with_source
):
    params = dict(max_iter=2, random_state=0)
    source = (
        cls(hidden_layer_sizes=(4, 4), **params, strategy="l2_sp").fit(X, y)
        if with_source
        else None
    )
    pipe = make_pipeline(StandardScaler(), cls(source=source, strategy=strategy, **params))
    if not with_source:
        pipe[-1].set_params(hidden_layer_sizes=(4,))
    data = sio.dumps(pipe.fit(X, y))
    untrusted = sio.get_untrusted_types(data=data)
    assert untrusted and all(name.startswith("sktransfer.") for name in untrusted), untrusted
    assert not any(
        "TransferNet" in name for name in untrusted
    )  # skorch's state would hide a pickle
    assert_array_equal(sio.loads(data, trusted=untrusted).predict(X), pipe.predict(X))


def test_an_estimator_of_ours_in_a_pipeline_is_a_source_that_is_saved(tmp_path):
    ours = TransferMLPClassifier(strategy=WeightedEnsemble(["linear", "trees"]), random_state=0)
    source = make_pipeline(StandardScaler(), ours).fit(X, labels)
    model = TransferMLPClassifier(source=source, strategy="recalibrate", random_state=0)
    model.fit(X[:40], labels[:40]).save(tmp_path)
    with pytest.raises(SourceFormatError, match="trust_source=True"):
        sktransfer.load(tmp_path)
    loaded = sktransfer.load(tmp_path, trust_source=True)
    assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


def test_of_this_package_skops_may_make_plain_classes_only():
    for full_name in names_in_skops():
        module, _, name = full_name.rpartition(".")
        cls = getattr(import_module(module), name)
        assert isinstance(cls, type) and cls.__reduce__ is object.__reduce__, full_name
        assert "TransferNet" not in name  # skorch's state would hide a pickle


def test_a_saved_source_that_names_a_function_of_this_package_is_refused():
    step = FunctionTransformer(sktransfer.load)
    source = Ridge().fit(X, X[:, 1])
    source.copy_X = step  # an attribute that nobody expects
    data = np.frombuffer(sio.dumps(source), np.uint8)
    changed = SavedPredictor(data, "Ridge")
    changed.is_trusted = True
    with pytest.raises(Exception, match=r"Untrusted types.*sktransfer.*load"):
        changed.outputs(X)


def test_nothing_is_loaded_without_trust():
    model = TransferMLPClassifier((4,), max_iter=2, random_state=0, strategy="l2_sp")
    data = sio.dumps(model.fit(X, labels))
    with pytest.raises(Exception, match="Untrusted types"):
        sio.loads(data)


def test_a_source_whose_missing_columns_were_filled_goes_through_skops():
    table = pd.DataFrame(X, columns=list("abcd"))
    source = make_pipeline(StandardScaler(), Ridge()).fit(table, X[:, 1])
    lacking = table[:30].drop(columns="d")
    model = TransferMLPRegressor(source=source, strategy="recalibrate").fit(lacking, X[:30, 1])
    data = sio.dumps(model)  # after fit, which has read usual values off the steps
    again = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    assert_array_equal(again.predict(lacking), model.predict(lacking))
