"""Cloning, searching, parallel jobs and pickling: the source stays, and stays fitted."""

import pickle
import warnings

import joblib
import numpy as np
import pytest
from fitted import FEW_MEMBERS
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    cross_val_score,
    cross_validate,
)
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.sources import describe_source
from sktransfer.strategies import L2SP, LPFT

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

_rng = np.random.default_rng(0)
X = _rng.normal(size=(90, 6))
y = (X @ _rng.normal(size=(6, 3))).argmax(1)
X_target, y_target = X[60:], y[60:]


@pytest.fixture
def source():
    return TransferMLPClassifier((9, 7), max_iter=4, random_state=0).fit(X[:60], y[:60])


@pytest.fixture
def target(source):
    return TransferMLPClassifier(source=source, strategy="l2_sp", max_iter=3, random_state=0)


@pytest.fixture
def ensemble(source):
    """Members of several kinds."""
    return TransferMLPClassifier(source=source, strategy=FEW_MEMBERS, max_iter=2, random_state=0)


# -- clone --------------------------------------------------------------------------------


def test_clone_keeps_the_source_by_identity(target, source):
    assert clone(target).source is source
    assert clone(clone(target)).source is source
    assert hasattr(source, "coefs_")


@pytest.mark.parametrize(
    "wrap",
    [
        FrozenEstimator,
        describe_source,
        lambda s: make_pipeline(StandardScaler(), MLPClassifier((4,), max_iter=2)).fit(X, y),
        lambda s: MLPClassifier((4,), max_iter=2).fit(X, y),
    ],
)
def test_clone_keeps_a_source_of_any_kind_by_identity(source, wrap):
    wrapped = wrap(source)
    assert clone(TransferMLPClassifier(source=wrapped)).source is wrapped


def test_clone_leaves_the_fit_behind_and_the_original_alone(target):
    target.fit(X_target, y_target)
    new = clone(target)
    assert not hasattr(new, "coefs_")
    assert hasattr(target, "coefs_") and target.source is not None


def test_clone_copies_a_strategy_and_its_parameters(source):
    strategy = L2SP(0.5, scaling="mixed")
    new = clone(TransferMLPClassifier(source=source, strategy=strategy))
    assert new.strategy is not strategy
    assert new.get_params()["strategy__strength"] == 0.5
    assert new.get_params()["strategy__scaling"] == "mixed"


def test_clone_keeps_callbacks_and_metadata_requests(source):
    ProgressBar = pytest.importorskip("sklearn.callback").ProgressBar

    target = TransferMLPClassifier(source=source).set_callbacks(bar := ProgressBar())
    assert clone(target)._skl_callbacks == [bar]


def test_a_subclass_with_more_parameters_clones():
    class Plain(TransferMLPClassifier):
        def __init__(self, hidden_layer_sizes=None, activation=None, *, extra=1, source=None):
            super().__init__(hidden_layer_sizes, activation, source=source)
            self.extra = extra

    fitted = MLPClassifier((4,), max_iter=2).fit(X, y)
    new = clone(Plain(extra=3, source=fitted))
    assert new.extra == 3 and new.source is fitted


def test_a_clone_fits_as_the_original(target):
    assert_array_equal(
        clone(target).fit(X_target, y_target).predict_proba(X),
        target.fit(X_target, y_target).predict_proba(X),
    )


# -- parameters ---------------------------------------------------------------------------


def test_parameters_do_not_explode_into_the_sources(target):
    assert not [name for name in target.get_params(deep=True) if name.startswith("source__")]
    pipe = make_pipeline(StandardScaler(), target)
    assert not [name for name in pipe.get_params() if "source__" in name]


def test_a_sources_parameter_cannot_be_set_through_the_target(target, source):
    before = source.get_params()
    with pytest.raises(ValueError, match="source__alpha"):
        target.set_params(source__alpha=0.5)
    with pytest.raises(ValueError, match="source__alpha"):
        make_pipeline(target).set_params(transfermlpclassifier__source__alpha=0.5)
    assert source.get_params() == before


def test_a_grid_over_a_sources_parameter_is_an_error(target, source):
    before = source.get_params()
    search = GridSearchCV(target, {"source__alpha": [1e-4, 0.5]}, cv=2)
    with pytest.raises(ValueError, match="the source, which belongs to you"):
        search.fit(X_target, y_target)
    assert source.get_params() == before


# -- search -------------------------------------------------------------------------------


def test_a_grid_over_strategies(target, source):
    grid = {"strategy": ["frozen", "keep_head", "scratch", LPFT()]}
    before = joblib.hash(source)
    search = GridSearchCV(target, grid, cv=2, error_score="raise").fit(X_target, y_target)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_estimator_.source is source
    assert joblib.hash(source) == before


def test_a_grid_over_a_strategys_parameter(target):
    target.set_params(strategy=L2SP())
    grid = {"strategy__strength": [0.0, 1e6]}
    search = GridSearchCV(target, grid, cv=2, error_score="raise").fit(X_target, y_target)
    assert search.best_params_["strategy__strength"] in (0.0, 1e6)
    assert target.strategy.strength == 0.1


@pytest.mark.parametrize("wrap", [FrozenEstimator, describe_source])
def test_a_grid_over_sources(source, wrap):
    grid = {"source": [None, wrap(source)]}
    target = TransferMLPClassifier(max_iter=3, random_state=0, strategy="keep_head")
    search = GridSearchCV(target, grid, cv=2, error_score="raise").fit(X_target, y_target)
    scores = search.cv_results_["mean_test_score"]
    assert np.isfinite(scores).all() and scores[0] != scores[1]
    target = clone(target).set_params(source=source)
    with_source = cross_val_score(target, X_target, y_target, cv=2)
    assert scores[1] == with_source.mean()


def test_a_bare_source_in_a_grid_fails_loudly_and_says_what_to_do(source):
    target = TransferMLPClassifier(max_iter=2, random_state=0)
    grid = {"source": [None, source]}
    search = GridSearchCV(target, grid, cv=2, error_score="raise")
    with pytest.raises(NotFittedError, match="FrozenEstimator"):
        search.fit(X_target, y_target)
    with pytest.warns(FitFailedWarning, match="FrozenEstimator"):
        search.set_params(error_score=np.nan).fit(X_target, y_target)
    assert np.isnan(search.cv_results_["mean_test_score"][1])


def test_a_halving_search_over_epochs(target):
    search = HalvingGridSearchCV(
        target,
        {"strategy": ["l2_sp", "frozen", "scratch"]},
        resource="max_iter",
        max_resources=9,
        min_resources="exhaust",
        cv=2,
        random_state=0,
    ).fit(X_target, y_target)
    assert search.n_iterations_ >= 2
    assert search.best_estimator_.max_iter == 9


def test_a_grid_written_for_scikit_learns_mlp_runs_unchanged():
    grid = {"hidden_layer_sizes": [(4,), (5, 4)], "alpha": [1e-4, 1.0], "activation": ["tanh"]}
    for model in (MLPRegressor(max_iter=3), TransferMLPRegressor(max_iter=3)):
        search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(X, X[:, 0])
        assert len(search.cv_results_["params"]) == 4


# -- parallel -----------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_parallel_scores_are_the_serial_ones_bit_for_bit(target, source, backend):
    before = joblib.hash(source)
    serial = cross_validate(target, X, y, cv=4, return_estimator=True)
    with joblib.parallel_backend(backend):
        parallel = cross_validate(target, X, y, cv=4, n_jobs=2, return_estimator=True)
    assert_array_equal(parallel["test_score"], serial["test_score"])
    for here, there in zip(serial["estimator"], parallel["estimator"], strict=True):
        for ours, theirs in zip(here.coefs_, there.coefs_, strict=True):
            assert_array_equal(ours, theirs)
    assert joblib.hash(source) == before


def test_workers_that_get_the_source_as_a_read_only_memory_map_do_not_warn(tmp_path):
    wide = TransferMLPClassifier((400, 300), max_iter=1, random_state=0).fit(X, y)
    target = TransferMLPClassifier(source=wide, strategy="l2_sp", max_iter=1, random_state=0)
    joblib.dump(target, tmp_path / "target.joblib")
    mapped = joblib.load(tmp_path / "target.joblib", mmap_mode="r")
    assert not mapped.source.coefs_[0].flags.writeable
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mapped.fit(X_target, y_target)
    assert_array_equal(mapped.predict(X), target.fit(X_target, y_target).predict(X))


# -- pickle -------------------------------------------------------------------------------


def _has_tensors(obj, depth=0):
    import torch

    if isinstance(obj, torch.Tensor | torch.nn.Module):
        return True
    if depth > 6:
        return False
    values = getattr(obj, "__dict__", None)
    values = values.values() if values is not None else obj if isinstance(obj, list) else ()
    values = obj.values() if isinstance(obj, dict) else values
    return any(_has_tensors(value, depth + 1) for value in values)


def test_a_pickle_holds_arrays_and_no_tensors(ensemble):
    ensemble.fit(X_target, y_target)
    assert ensemble.net_ is not None
    state = ensemble.__getstate__()
    assert "_net" not in state
    # optimisers turn their own into arrays when pickled
    state = {k: v for k, v in state.items() if k not in ("source", "_optimizer", "_optimizers")}
    assert not _has_tensors(state)
    text = pickle.dumps(ensemble)
    assert b"torch._utils" not in text and b"torch.storage" not in text
    again = pickle.loads(text)
    assert_array_equal(again.predict_proba(X), ensemble.predict_proba(X))


def test_a_pickle_is_as_large_as_weights_and_optimiser():
    fitted = TransferMLPClassifier((200, 100), max_iter=1, random_state=0)
    fitted.fit(X, y)
    n_bytes = sum(w.nbytes for w in (*fitted.coefs_, *fitted.intercepts_))
    assert len(pickle.dumps(fitted)) < 3 * n_bytes + 20_000  # Adam remembers two vectors
    fitted.set_params(solver="lbfgs").fit(X, y)
    assert len(pickle.dumps(fitted)) < n_bytes + 20_000


def test_a_pickled_target_holds_its_source_once_and_the_weights_it_started_from(source):
    wide = TransferMLPClassifier((300, 200), max_iter=1, random_state=0, solver="lbfgs").fit(X, y)
    n_bytes = sum(w.nbytes for w in wide.coefs_)
    fitted = TransferMLPClassifier(source=wide, strategy="l2_sp", max_iter=1, solver="lbfgs")
    assert len(pickle.dumps(fitted.fit(X, y))) < 3 * n_bytes + 60_000


@pytest.mark.slow
def test_a_pickled_ensemble_holds_its_source_once_and_what_its_networks_started_from():
    wide = TransferMLPClassifier((300, 200), max_iter=1, random_state=0, solver="lbfgs").fit(X, y)
    n_bytes = sum(w.nbytes for w in wide.coefs_)
    # two networks from it, read-outs that share its layers, and trees
    fitted = TransferMLPClassifier(source=wide, max_iter=1, solver="lbfgs").fit(X, y)
    assert len(pickle.dumps(fitted)) < 6 * n_bytes + 900_000


def test_the_hash_is_stable_over_pickling(ensemble):
    ensemble.fit(X_target, y_target)
    again = pickle.loads(pickle.dumps(ensemble))
    once_more = pickle.loads(pickle.dumps(again))
    assert joblib.hash(again) == joblib.hash(once_more)
    assert joblib.hash(again.coefs_) == joblib.hash(ensemble.coefs_)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_partial_fit_resumes_after_unpickling_as_if_nothing_had_happened(source, solver):
    target = TransferMLPClassifier(source=source, strategy="l2_sp", solver=solver, random_state=0)
    for _ in range(3):
        target.partial_fit(X_target, y_target, classes=[0, 1, 2])
    again = pickle.loads(pickle.dumps(target))
    for _ in range(2):
        target.partial_fit(X_target, y_target)
        again.partial_fit(X_target, y_target)
    for ours, theirs in zip(target.coefs_, again.coefs_, strict=True):
        assert_array_equal(ours, theirs)
    assert again.loss_curve_ == target.loss_curve_


def test_warm_start_resumes_after_unpickling(ensemble):
    ensemble.set_params(warm_start=True).fit(X_target, y_target)
    again = pickle.loads(pickle.dumps(ensemble))
    assert_array_equal(
        again.fit(X_target, y_target).coefs_[0], ensemble.fit(X_target, y_target).coefs_[0]
    )


def test_the_net_is_rebuilt_after_unpickling(target):
    target.fit(X_target, y_target)
    again = pickle.loads(pickle.dumps(target))
    Z = np.zeros((2, len(target.coefs_[0])))
    assert_array_equal(again.net_.predict(Z), target.net_.predict(Z))
    assert len(again.net_.history) == 0
