"""Parity: without a source and without standardisation, training is scikit-learn's, step by step.

Every setting trains scikit-learn's estimator and ours side by side on the same table, from the
same ``random_state``, and compares them after every call.
"""

import re
import warnings
from dataclasses import dataclass, field

import numpy as np
import pytest
from fitted import one_fast_in
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.datasets import (
    make_classification,
    make_multilabel_classification,
    make_regression,
)
from sklearn.metrics import d2_tweedie_score
from sklearn.neural_network import MLPClassifier, MLPRegressor

from sktransfer import TransferMLPClassifier, TransferMLPRegressor

N_ROWS = 120
_CLASSIFICATION = dict(n_features=6, n_informative=5, n_redundant=0, flip_y=0.1, random_state=0)


@dataclass(frozen=True)
class Data:
    """A table whose rows come with weights."""

    X: object
    y: np.ndarray
    weight: np.ndarray
    classes: np.ndarray | None = None

    def rows(self, start, stop):
        return self.X[start:stop], self.y[start:stop]


def _binary():
    X, y = make_classification(N_ROWS, **_CLASSIFICATION)
    return X, y


def _multiclass():
    X, y = make_classification(N_ROWS, n_classes=3, **_CLASSIFICATION)
    return X, y


def _strings():
    X, y = make_classification(N_ROWS, n_classes=3, **_CLASSIFICATION)
    return X, np.array(["rye", "oats", "barley"], dtype=object)[y]


def _binary_strings():
    X, y = make_classification(N_ROWS, weights=[0.8], **_CLASSIFICATION)
    return X, np.array(["no", "yes"])[y]


def _sorted_classes():
    X, y = _multiclass()
    order = np.argsort(y, kind="stable")
    return X[order], y[order]


def _multilabel():
    return make_multilabel_classification(N_ROWS, n_features=6, n_classes=4, random_state=0)


def _values():
    X, y = make_regression(N_ROWS, n_features=6, noise=5.0, random_state=0)
    return X, y / 50


def _outputs():
    X, y = make_regression(N_ROWS, n_features=6, n_targets=3, noise=5.0, random_state=0)
    return X, y / 50


def _counts():
    X, _ = make_regression(N_ROWS, n_features=6, random_state=0)
    rate = np.exp(0.5 * X[:, 0] - 0.3 * X[:, 1])
    return X, np.random.RandomState(0).poisson(rate).astype(float)


def _sparse():
    X, y = _binary()
    return sparse.csr_matrix(np.where(X > 0.3, X, 0.0)), y


def _sparse_values():
    X, y = _values()
    return sparse.csc_array(np.where(X > 0.3, X, 0.0)), y


def _float32():
    X, y = _multiclass()
    return X.astype(np.float32), y


def _integers():
    X, y = _values()
    return np.rint(4 * X).astype(int), y


TABLES = {
    "binary": _binary,
    "multiclass": _multiclass,
    "strings": _strings,
    "binary_strings": _binary_strings,
    "sorted_classes": _sorted_classes,
    "multilabel": _multilabel,
    "values": _values,
    "outputs": _outputs,
    "counts": _counts,
    "sparse": _sparse,
    "sparse_values": _sparse_values,
    "float32": _float32,
    "integers": _integers,
}
NUMERIC = {"values", "outputs", "counts", "sparse_values", "integers"}


def table(name):
    X, y = TABLES[name]()
    weight = np.random.RandomState(1).randint(1, 4, size=len(y)) / 2
    if name in NUMERIC:
        return Data(X, y, weight)
    return Data(X, y, weight, np.unique(y) if y.ndim == 1 else np.arange(y.shape[1]))


# -- what is done to both estimators ----------------------------------------------------------


def fit(estimator, data):
    estimator.fit(data.X, data.y)


def fit_weighted(estimator, data):
    estimator.fit(data.X, data.y, sample_weight=data.weight)


def fit_with_a_row_of_no_weight(estimator, data):
    weight = data.weight.copy()
    weight[::7] = 0.0
    estimator.fit(data.X, data.y, sample_weight=weight)


def partial_fit(start, stop, weighted=False):
    def step(estimator, data):
        X, y = data.rows(start, stop)
        weight = {"sample_weight": data.weight[start:stop]} if weighted else {}
        classes = {} if data.classes is None else {"classes": data.classes}
        estimator.partial_fit(X, y, **weight, **classes)

    return step


def partial_fit_without_classes(start, stop):
    def step(estimator, data):
        estimator.partial_fit(*data.rows(start, stop))

    return step


def fit_from_numpys_generator(estimator, data):
    np.random.seed(11)
    estimator.fit(data.X, data.y)


def part_best_weights(estimator, data):
    """Give scikit-learn's best weights memory of their own.

    After early stopping its ``coefs_`` *are* its best weights, so that training on from them
    overwrites what it means to come back to.
    """
    if hasattr(estimator, "_best_coefs"):
        estimator._best_coefs = [weight.copy() for weight in estimator._best_coefs]
        estimator._best_intercepts = [bias.copy() for bias in estimator._best_intercepts]


def set_params(**params):
    def step(estimator, data):
        estimator.set_params(**params)

    return step


THIRDS = (partial_fit(0, 40), partial_fit(40, 80), partial_fit(80, 120))
WEIGHTED_THIRDS = tuple(partial_fit(at, at + 40, weighted=True) for at in (0, 40, 80))


@dataclass(frozen=True)
class Setting:
    """A table, parameters, and the calls that are made one after another."""

    data: str
    params: dict = field(default_factory=dict)
    steps: tuple = (fit,)
    rtol: float = 1e-9
    atol: float = 1e-10


def _setting(data, *steps, rtol=1e-9, atol=1e-10, **params):
    return Setting(data, params, steps or (fit,), rtol, atol)


def _lbfgs(data, *steps, max_iter=15, **params):
    return _setting(
        data, *steps, rtol=1e-6, atol=1e-8, solver="lbfgs", max_iter=max_iter, **params
    )


def _sgd(data, *steps, **params):
    return _setting(data, *steps, solver="sgd", **{"learning_rate_init": 0.02, **params})


SETTINGS = {
    # defaults, which "auto" resolves to
    "classifier, all defaults": Setting(
        "multiclass", {"max_iter": 30, "hidden_layer_sizes": None}
    ),
    "regressor, all defaults": Setting("values", {"max_iter": 30, "hidden_layer_sizes": None}),
    "classifier, default max_iter": _setting("binary", max_iter=None),
    "regressor, default max_iter": _sgd("values", max_iter=None),
    # activations and depths
    **{
        f"{solver}, {activation}, {data}": start(data, activation=activation)
        for solver, start in {"adam": _setting, "sgd": _sgd, "lbfgs": _lbfgs}.items()
        for activation in ("relu", "tanh", "logistic", "identity")
        for data in ("multiclass", "values")
    },
    "three hidden layers": _setting("binary", hidden_layer_sizes=(9, 7, 5)),
    "no hidden layer": _setting("multiclass", hidden_layer_sizes=()),
    "hidden_layer_sizes is a number": _setting("values", hidden_layer_sizes=7),
    # losses
    "adam, binary": _setting("binary"),
    "adam, multilabel": _setting("multilabel"),
    "adam, squared error": _setting("values"),
    "adam, several outputs": _setting("outputs"),
    "adam, poisson": _setting("counts", loss="poisson"),
    "sgd, binary": _sgd("binary"),
    "sgd, multiclass": _sgd("multiclass"),
    "sgd, multilabel": _sgd("multilabel"),
    "sgd, several outputs": _sgd("outputs"),
    "sgd, poisson": _sgd("counts", loss="poisson", learning_rate_init=0.002),
    "lbfgs, multiclass": _lbfgs("multiclass"),
    "lbfgs, multilabel": _lbfgs("multilabel"),
    "lbfgs, squared error": _lbfgs("values", activation="tanh"),
    "lbfgs, several outputs": _lbfgs("outputs", activation="tanh"),
    "lbfgs, poisson": _lbfgs("counts", loss="poisson", activation="tanh"),
    # learning rates
    "invscaling": _sgd("binary", learning_rate="invscaling", learning_rate_init=0.5),
    "invscaling, other power": _sgd(
        "values", learning_rate="invscaling", power_t=0.2, learning_rate_init=0.1
    ),
    "adaptive": _sgd("binary", learning_rate="adaptive", tol=1e-2, n_iter_no_change=2),
    "adaptive until it stops": _sgd(
        "values", learning_rate="adaptive", tol=0.1, n_iter_no_change=1, max_iter=200
    ),
    "adaptive with early stopping": _sgd(
        "values", learning_rate="adaptive", early_stopping=True, tol=0.1, n_iter_no_change=2
    ),
    "a schedule that adam ignores": _setting("binary", learning_rate="adaptive", tol=1e-2),
    "betas and epsilon of adam": _setting("binary", beta_1=0.7, beta_2=0.95, epsilon=1e-3),
    # momentum
    "no momentum": _sgd("multiclass", momentum=0.0),
    "momentum without nesterov": _sgd("multiclass", nesterovs_momentum=False),
    "strong momentum": _sgd("values", momentum=0.97, learning_rate_init=0.005),
    # batches, alpha, order
    "odd batch_size": _setting("multiclass", batch_size=7),
    "batch_size of one": _sgd("values", batch_size=1, max_iter=3, learning_rate_init=0.005),
    "batch_size larger than the table": _setting("values", batch_size=1000),
    "large alpha": _setting("binary", alpha=3.0, batch_size=25),
    "no alpha": _sgd("binary", alpha=0, batch_size=25),
    "lbfgs, large alpha": _lbfgs("values", alpha=2.0, activation="tanh"),
    "shuffle=False": _setting("multiclass", shuffle=False, batch_size=11),
    "sgd, shuffle=False": _sgd("values", shuffle=False, batch_size=50),
    # stopping
    "stops at tol": _setting("binary", tol=0.05, n_iter_no_change=3, max_iter=200),
    "sgd stops at tol": _sgd("values", tol=0.02, n_iter_no_change=5, max_iter=200),
    "n_iter_no_change=inf": _setting("binary", tol=10.0, n_iter_no_change=np.inf),
    "lbfgs stops at tol": _lbfgs("binary", tol=0.02, max_iter=200, activation="tanh"),
    "lbfgs stops at max_fun": _lbfgs("binary", max_fun=6),
    "lbfgs holds nothing out": _lbfgs("binary", early_stopping=True),
    # early stopping
    "early stopping, stratified strings": _setting("strings", early_stopping=True),
    "early stopping, two strings": _setting(
        "binary_strings", early_stopping=True, validation_fraction=0.25, learning_rate_init=0.01
    ),
    "early stopping, regressor": _setting("values", early_stopping=True, learning_rate_init=0.01),
    "early stopping, several outputs": _sgd("outputs", early_stopping=True),
    "early stopping, multilabel": _setting("multilabel", early_stopping=True),
    "early stopping, weights": _setting("strings", fit_weighted, early_stopping=True),
    "early stopping ends the fit": _setting(
        "binary", early_stopping=True, n_iter_no_change=2, learning_rate_init=0.05, max_iter=200
    ),
    # sample weights
    "weights, adam": _setting("multiclass", fit_weighted, batch_size=25),
    "weights, sgd": _sgd("values", fit_weighted, batch_size=25),
    "weights, lbfgs": _lbfgs("binary", fit_weighted),
    "weights, poisson": _setting("counts", fit_weighted, loss="poisson"),
    "weights, some are zero": _setting("binary", fit_with_a_row_of_no_weight, batch_size=25),
    "weights, several outputs": _setting("outputs", fit_weighted),
    # warm start
    "warm start": _setting("binary", fit, fit, warm_start=True),
    "warm start, sgd, more epochs": _sgd(
        "values", fit, set_params(max_iter=15), fit, warm_start=True
    ),
    "warm start, another learning rate": _sgd(
        "multiclass", fit, set_params(learning_rate_init=0.2), fit, warm_start=True
    ),
    "warm start, adam, another learning rate": _setting(
        "multiclass", fit, set_params(learning_rate_init=0.02), fit, warm_start=True
    ),
    "warm start, invscaling": _sgd(
        "values", fit, fit, warm_start=True, learning_rate="invscaling", learning_rate_init=0.2
    ),
    "warm start, early stopping": _setting(
        "binary",
        fit,
        fit,
        warm_start=True,
        early_stopping=True,
        learning_rate_init=0.01,
        random_state=1,
    ),
    "warm start, early stopping, regressor": _sgd(
        "values", fit, fit, warm_start=True, early_stopping=True
    ),
    "warm start, early stopping, another learning rate": _sgd(
        "values",
        fit,
        set_params(learning_rate_init=0.05),
        fit,
        warm_start=True,
        early_stopping=True,
    ),
    "warm start, early stopping, nothing better": _setting(
        "binary",
        fit,
        part_best_weights,
        fit,
        part_best_weights,
        fit,
        warm_start=True,
        early_stopping=True,
        max_iter=4,
    ),
    "warm start, lbfgs": _lbfgs("binary", fit, fit, warm_start=True, max_iter=6),
    "warm start, weights come later": _setting("values", fit, fit_weighted, warm_start=True),
    "warm start after it has stopped": _setting(
        "binary", fit, fit, warm_start=True, tol=0.05, n_iter_no_change=3, max_iter=100
    ),
    "warm_start=False begins anew": _setting("values", fit, fit),
    # partial_fit
    "partial_fit, classifier": _setting("multiclass", *THIRDS, *THIRDS),
    "partial_fit, regressor": _sgd("values", *THIRDS, *THIRDS),
    "partial_fit, classes unseen in a chunk": _setting("sorted_classes", *THIRDS, *THIRDS),
    "partial_fit, strings, classes once": _setting(
        "strings",
        THIRDS[0],
        partial_fit_without_classes(40, 80),
        partial_fit_without_classes(80, 120),
    ),
    "partial_fit, multilabel": _sgd(
        "multilabel", *THIRDS[:1], partial_fit_without_classes(40, 90)
    ),
    "partial_fit, several outputs": _setting("outputs", *THIRDS),
    "partial_fit, weights": _setting("multiclass", *WEIGHTED_THIRDS, *WEIGHTED_THIRDS),
    "partial_fit, invscaling": _sgd(
        "values", *THIRDS, *THIRDS, learning_rate="invscaling", learning_rate_init=0.2
    ),
    "partial_fit, adaptive": _sgd(
        "values", *THIRDS * 3, learning_rate="adaptive", tol=10.0, n_iter_no_change=2
    ),
    "partial_fit keeps the optimiser of fit": _setting("binary", fit, *THIRDS),
    "partial_fit keeps the momentum of fit": _sgd("values", fit, *THIRDS),
    "partial_fit keeps its learning rate": _sgd(
        "values", *THIRDS, set_params(learning_rate_init=0.2), *THIRDS
    ),
    "partial_fit, adam keeps its learning rate": _setting(
        "binary", *THIRDS, set_params(learning_rate_init=0.2), *THIRDS
    ),
    "partial_fit, another alpha": _setting("binary", *THIRDS, set_params(alpha=1.0), *THIRDS),
    "fit after partial_fit begins anew": _setting("binary", *THIRDS, fit),
    "fit after partial_fit, warm start": _setting("binary", *THIRDS, fit, warm_start=True),
    "partial_fit, warm start": _setting("values", *THIRDS, warm_start=True),
    # random states, tables
    "random_state is an instance": _setting(
        "binary", fit, fit, random_state=np.random.RandomState
    ),
    "random_state=None": _setting("binary", fit_from_numpys_generator, random_state=None),
    "random_state instance, partial_fit": _setting(
        "multiclass", *THIRDS, random_state=np.random.RandomState, batch_size=15
    ),
    "sparse": _setting("sparse", batch_size=25),
    "sparse, lbfgs": _lbfgs("sparse", activation="tanh"),
    "sparse, columns first": _sgd("sparse_values", batch_size=25),
    "sparse, early stopping and weights": _setting("sparse", fit_weighted, early_stopping=True),
    "sparse, partial_fit": _setting("sparse", *THIRDS),
    "integers": _setting("integers", learning_rate_init=0.005),
    "float32": _setting("float32", rtol=1e-4, atol=1e-5, max_iter=5),
    "float32, sgd": _sgd("float32", rtol=1e-4, atol=1e-5, max_iter=5),
}


def _pair(setting):
    params = {"hidden_layer_sizes": (8, 5), "max_iter": 12, "random_state": 0, **setting.params}
    theirs_class, ours_class = (
        (MLPRegressor, TransferMLPRegressor)
        if setting.data in NUMERIC
        else (MLPClassifier, TransferMLPClassifier)
    )
    pair = []
    for cls, switched_off in ((theirs_class, {}), (ours_class, {"standardize": False})):
        own = {name: value for name, value in params.items() if value is not None}
        if own.get("random_state") is np.random.RandomState:
            own["random_state"] = np.random.RandomState(3)
        pair.append(cls(**own, **switched_off))
    return pair


def _warnings_of(step, estimator, data):
    """Do a step, and return the warnings that it gave."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        step(estimator, data)
    return [(warning.category, str(warning.message)) for warning in caught]


EQUAL = ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_")
CLOSE = ("loss_", "loss_curve_", "best_loss_", "validation_scores_", "best_validation_score_")


def _assert_alike(ours, theirs, data, tolerance):
    assert len(ours.coefs_) == len(theirs.coefs_)
    for name in ("coefs_", "intercepts_"):
        for own, other in zip(getattr(ours, name), getattr(theirs, name), strict=True):
            assert own.dtype == other.dtype
            assert_allclose(own, other, **tolerance, err_msg=name)
    for name in EQUAL:
        assert getattr(ours, name) == getattr(theirs, name), name
    for name in CLOSE:
        assert hasattr(ours, name) == hasattr(theirs, name), name
        own, other = getattr(ours, name, None), getattr(theirs, name, None)
        assert (own is None) == (other is None), name
        if own is not None:
            assert np.shape(own) == np.shape(other), name
            assert_allclose(own, other, **tolerance, err_msg=name)
    _assert_answers_alike(ours, theirs, data, tolerance)


def _assert_answers_alike(ours, theirs, data, tolerance):
    own, other = ours.predict(data.X), theirs.predict(data.X)
    assert own.dtype == other.dtype
    assert own.shape == other.shape
    if data.classes is None:
        assert_allclose(own, other, **tolerance)
    else:
        assert_array_equal(ours.classes_, theirs.classes_)
        assert_array_equal(own, other)
        assert_allclose(ours.predict_proba(data.X), theirs.predict_proba(data.X), **tolerance)
    score = theirs.score(data.X, data.y)
    if getattr(ours, "loss", None) == "poisson":  # theirs is R², that of their PoissonRegressor D²
        score = d2_tweedie_score(data.y, other, power=1)
    assert_allclose(ours.score(data.X, data.y), score, **tolerance)


def test_there_are_at_least_45_settings():
    assert len(SETTINGS) >= 45


@pytest.mark.parametrize("name", one_fast_in(3, SETTINGS))
def test_training_follows_scikit_learn_step_by_step(name):
    if re.search(r"poisson|weights|early stopping, .*strings", name):
        # where its MLPs got a loss and weights, and early stopping on strings stopped failing
        pytest.importorskip("sklearn", minversion="1.7")
    setting = SETTINGS[name]
    data = table(setting.data)
    theirs, ours = _pair(setting)
    tolerance = dict(rtol=setting.rtol, atol=setting.atol)
    for step in setting.steps:
        assert _warnings_of(step, ours, data) == _warnings_of(step, theirs, data)
        if hasattr(theirs, "coefs_"):
            _assert_alike(ours, theirs, data, tolerance)


def test_a_warm_start_that_finds_nothing_better_keeps_the_best_weights():
    data = table("binary")
    model = TransferMLPClassifier(
        (8, 5), standardize=False, max_iter=4, random_state=0, warm_start=True, early_stopping=True
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(data.X, data.y)
        best = [weight.copy() for weight in model.coefs_]
        model.set_params(learning_rate_init=1e-7).fit(data.X, data.y)
    assert model.best_validation_score_ == max(model.validation_scores_[:4])
    for before, after in zip(best, model.coefs_, strict=True):
        assert_array_equal(after, before)


@pytest.mark.parametrize(
    "params",
    [
        dict(solver="adam"),
        dict(solver="adam", early_stopping=True),
        dict(solver="sgd", learning_rate="adaptive", tol=10.0, n_iter_no_change=2),
        dict(solver="sgd", learning_rate="adaptive", tol=10.0, n_iter_no_change=1, max_iter=50),
        dict(solver="adam", tol=10.0, n_iter_no_change=2),
    ],
    ids=["adam", "early stopping", "adaptive", "adaptive to the end", "stops"],
)
def test_verbose_prints_what_scikit_learn_prints(params, capsys):
    setting = _setting("binary", verbose=True, **params)
    data = table(setting.data)
    printed = []
    for estimator in _pair(setting):
        _warnings_of(fit, estimator, data)
        printed.append(capsys.readouterr().out)
    assert "Iteration 1, loss = " in printed[0]
    assert printed[1] == printed[0]
