"""Many fits from one source at once, many predictions of one model at once, and equal bits."""

import random
import warnings
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest
import torch
from fitted import one_fast_in
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.strategies import WeightedEnsemble

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

_rng = np.random.default_rng(0)
X = _rng.normal(size=(80, 4))
labels = (X[:, 0] > 0).astype(int)
ESTIMATORS = {
    "classifier": (TransferMLPClassifier, labels),
    "regressor": (TransferMLPRegressor, X[:, 0] * 3 + 10),
    "several tasks": (MultiTaskMLP, {"label": labels.astype(bool), "number": X[:, 1]}),
}
ENSEMBLE = WeightedEnsemble(["l2_sp", "scratch", "probe", "linear", "trees"], cv=2)
SETTINGS = {
    "adam": {},
    "sgd": {"solver": "sgd"},
    "lbfgs": {"solver": "lbfgs"},
    "dropout": {"dropout": 0.3},
    "mixup": {"augmentation": "mixup"},
    "early stopping": {"early_stopping": True},
    "ensemble": {"strategy": ENSEMBLE},
}


def _make(kind="classifier", **params):
    params = {"hidden_layer_sizes": (8,), "max_iter": 4, "strategy": "l2_sp"} | params
    return ESTIMATORS[kind][0](random_state=0, **params), ESTIMATORS[kind][1]


def _bits(model):
    # predictions have a part of every member
    arrays = [*model.coefs_, *model.intercepts_, _predictions(model)]
    return joblib.hash([np.ascontiguousarray(a) for a in arrays])


def _predictions(model, table=X):
    found = getattr(model, "predict_proba", model.predict)(table)
    return np.column_stack(list(found.values())) if isinstance(found, dict) else found


def _source(kind):
    model, y = _make(kind, hidden_layer_sizes=(8, 8))
    return model.fit(X, y), y


@pytest.mark.parametrize("setting", one_fast_in(4, SETTINGS))
def test_fits_in_many_threads_from_one_source_are_those_one_after_another(setting):
    source, y = _source("classifier")
    before = _bits(source)
    for array in (*source.coefs_, *source.intercepts_):
        array.flags.writeable = False  # whoever wrote to it would be seen at once
    model, _ = _make(**SETTINGS[setting], source=source, batch_size=20)
    model.set_params(hidden_layer_sizes=None)
    seeds = [0, 1] * 4

    def bits(seed):
        return _bits(clone(model).set_params(random_state=seed).fit(X, y))

    alone = [bits(seed) for seed in seeds[:2]] * 4
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(bits, seeds))
    assert together == alone
    assert len(set(alone)) == (1 if setting == "lbfgs" else 2)
    assert _bits(source) == before


@pytest.mark.parametrize("kind", ESTIMATORS)
@pytest.mark.parametrize("setting", ["adam", "ensemble"])
def test_predictions_of_one_model_in_many_threads_are_those_one_after_another(kind, setting):
    if (kind, setting) == ("several tasks", "ensemble"):
        pytest.skip("there is no such thing")
    model, y = _make(kind, **SETTINGS[setting])
    model.fit(X, y)
    tables = [_rng.normal(size=(n, 4)) for n in (1, 7, 80, 3000)] * 4
    alone = [_predictions(model, table) for table in tables]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda table: _predictions(model, table), tables))
    for ours, theirs in zip(together, alone, strict=True):
        assert_array_equal(ours, theirs)


@pytest.mark.parametrize("setting", ["adam", "dropout", "ensemble"])
def test_nothing_global_is_changed_by_a_fit(setting):
    source, y = _source("classifier")
    model, _ = _make(**SETTINGS[setting], source=source)
    model.set_params(hidden_layer_sizes=None)

    def state():
        numpy_state = np.random.get_state()
        return (
            torch.get_rng_state().tolist(),
            numpy_state[1].tolist(),
            numpy_state[2:],
            random.getstate(),
            torch.get_num_threads(),
            torch.is_grad_enabled(),
            torch.get_default_dtype(),
            torch.are_deterministic_algorithms_enabled(),
            np.geterr(),
        )

    before, filters = state(), list(warnings.filters)
    model.fit(X, y).predict(X)
    assert state() == before
    # in several threads scikit-learn's own checks may swap the filters, before Python 3.14
    assert list(warnings.filters) == filters
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: clone(model).fit(X, y).predict(X), range(4)))
    assert state() == before


@pytest.mark.parametrize("setting", SETTINGS)
def test_one_random_state_gives_equal_bits_for_one_and_two_torch_threads(setting):
    found = torch.get_num_threads()
    bits = set()
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            model, y = _make(**SETTINGS[setting])
            bits.add(_bits(model.fit(X, y)))
    finally:
        torch.set_num_threads(found)
    assert len(bits) == 1


@pytest.mark.slow
@pytest.mark.parametrize("backend, n_jobs", [("loky", 2), ("threading", 2)])
def test_a_search_gives_equal_bits_whatever_runs_it_and_whoever_else_runs(backend, n_jobs):
    source, y = _source("classifier")
    model, _ = _make(source=source)
    model.set_params(hidden_layer_sizes=None)
    grid = {"strategy": ["l2_sp", "full", ENSEMBLE], "alpha": [0.1, 1.0]}

    def scores_and_bits(grid, n_jobs):
        search = GridSearchCV(model, grid, cv=2, scoring="neg_log_loss", n_jobs=n_jobs).fit(X, y)
        results = search.cv_results_
        keys = [str(sorted(p.items(), key=str)) for p in results["params"]]
        return dict(zip(keys, results["mean_test_score"], strict=True)), search.best_estimator_

    alone, best = scores_and_bits(grid, 1)
    with joblib.parallel_backend(backend, n_jobs=n_jobs):
        scores, found = scores_and_bits(grid, None)
    assert scores == alone
    assert _bits(found) == _bits(best)
    fewer, _ = scores_and_bits({"strategy": ["l2_sp"], "alpha": [1.0]}, 1)
    assert fewer.items() <= alone.items()  # siblings change nothing
