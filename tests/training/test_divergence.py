"""Training that diverges is noticed, and never ends in answers that are not numbers."""

import pickle
import warnings

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.exceptions import ConvergenceWarning
from skorch.callbacks import Callback

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import DivergenceError, DivergenceWarning
from sktransfer.strategies import Full, Phase, WeightedEnsemble

_rng = np.random.default_rng(0)
X = _rng.normal(size=(120, 5))
labels = (X @ _rng.normal(size=5) > 0).astype(int)
numbers = 3 * X[:, 0] + X[:, 1] ** 2 + 10
tasks = {"label": labels.astype(bool), "number": numbers}
ESTIMATORS = {
    "classifier": (TransferMLPClassifier, labels),
    "regressor": (TransferMLPRegressor, numbers),
    "several tasks": (MultiTaskMLP, tasks),
}


def _make(kind, **params):
    params = {"strategy": "l2_sp", "hidden_layer_sizes": (8,), "max_iter": 20} | params
    return ESTIMATORS[kind][0](random_state=0, **params), ESTIMATORS[kind][1]


def _is_finite(model, table=X):
    answers = [getattr(model, "predict_proba", model.predict)(table), model.predict(table)]
    parts = [p for a in answers for p in (a.values() if isinstance(a, dict) else [a])]
    return all(np.isfinite(np.asarray(part, dtype=float)).all() for part in parts)


class PoisonsGradients(Callback):
    """Makes the gradients of one epoch infinite."""

    def __init__(self, at_epoch, value=np.inf):
        self.at_epoch, self.value = at_epoch, value

    def on_grad_computed(self, net, named_parameters, **kwargs):
        if len(net.history) == self.at_epoch:
            for _, parameter in named_parameters:
                parameter.grad.fill_(self.value)


class KeepsWeights(Callback):
    """Copies the weights after every epoch."""

    def initialize(self):
        self.weights_ = []
        return self

    def on_epoch_end(self, net, **kwargs):
        self.weights_.append([p.detach().numpy().copy() for p in net.module_.parameters()])


@pytest.mark.parametrize("rate", [1e3, 1e6, 1e30])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("kind", ESTIMATORS)
def test_a_too_large_learning_rate_is_noticed_and_predictions_stay_finite(kind, solver, rate):
    model, y = _make(kind, solver=solver, learning_rate_init=rate)
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        try:
            model.fit(X, y)
        except DivergenceError as error:
            assert f"{rate:g}" in str(error) and "learning_rate_init=0.001" in str(error)
            assert not hasattr(model, "coefs_")
            return
    told = [w.message for w in caught if issubclass(w.category, DivergenceWarning)]
    assert len(told) == 1 and f"{rate:g}" in str(told[0])
    assert isinstance(told[0], ConvergenceWarning)
    assert _is_finite(model)


@pytest.mark.parametrize("value", [np.inf, np.nan])
@pytest.mark.parametrize("strategy", ["l2_sp", "gradual", "lp_ft"])
@pytest.mark.parametrize("kind", ESTIMATORS)
def test_what_was_learned_before_an_epoch_that_diverges_is_kept(kind, strategy, value):
    source, y = _make(kind)
    model, _ = _make(kind, source=source.fit(X, y), strategy=strategy)
    model.set_params(callbacks=[PoisonsGradients(7, value), keeper := KeepsWeights()])
    with pytest.warns(DivergenceWarning, match="best weights until then are kept"):
        model.fit(X, y)
    assert model.n_iter_ in (7, 8) and np.isfinite(model.loss_curve_[:6]).all()
    kept = [p.detach().numpy() for p in model.net_.module_.parameters()]
    assert any(
        all(np.array_equal(a, b) for a, b in zip(kept, one, strict=True))
        for one in keeper.weights_[:6]
    )
    assert _is_finite(model)


def test_the_best_of_the_validation_set_is_kept():
    model, y = _make("classifier", early_stopping=True, validation_fraction=0.3)
    model.set_params(callbacks=[PoisonsGradients(7)])
    with pytest.warns(DivergenceWarning):
        model.fit(X, y)
    losses = model.net_.history[:, "valid_loss"][:6]
    assert model.best_validation_score_ == model.validation_scores_[int(np.argmin(losses))]
    assert _is_finite(model)


def test_a_diverged_model_is_saved_and_pickled_like_any_other(tmp_path):
    model, y = _make("regressor", callbacks=[PoisonsGradients(7)])
    with pytest.warns(DivergenceWarning):
        model.fit(X, y)
    model.save(tmp_path)
    again = TransferMLPRegressor.load(tmp_path)
    assert_array_equal(again.predict(X), model.predict(X))
    assert_array_equal(pickle.loads(pickle.dumps(again)).predict(X), model.predict(X))


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_a_chunk_that_diverges_leaves_the_stream_as_it_was(kind):
    model, y = _make(kind)
    classes = {"classes": [0, 1]} if kind == "classifier" else {}
    classes = {"classes": {"label": [False, True]}} if kind == "several tasks" else classes
    for _ in range(3):
        model.partial_fit(X, y, **classes)
    before = [w.copy() for w in model.coefs_]
    with pytest.warns(DivergenceWarning):
        model.set_params(callbacks=[PoisonsGradients(1)]).partial_fit(X, y)
    for ours, theirs in zip(model.coefs_, before, strict=True):
        assert_array_equal(ours, theirs)
    model.set_params(callbacks=None)  # and the optimiser's memory has nothing of it
    for _ in range(30):
        model.partial_fit(X, y)
    assert np.isfinite(model.loss_) and model.loss_ < model.loss_curve_[0]


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_a_first_chunk_that_diverges_leaves_the_estimator_unfitted(kind):
    model, y = _make(kind, callbacks=[PoisonsGradients(1)])
    classes = {"classes": [0, 1]} if kind == "classifier" else {}
    classes = {"classes": {"label": [False, True]}} if kind == "several tasks" else classes
    with pytest.raises(DivergenceError, match="Solver produced non-finite"):
        model.partial_fit(X, y, **classes)
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_l_bfgs_without_finite_numbers_ends_in_a_clear_error(kind):
    model, y = _make(kind, solver="lbfgs", standardize=False)
    with pytest.raises(DivergenceError, match="very large numbers"), np.errstate(all="ignore"):
        model.fit(X * 1e200, y)


def test_a_single_step_whose_weights_overflow_when_used_is_noticed():
    model, y = _make("classifier", max_iter=1, learning_rate_init=1e30, learning_rate="constant")
    with pytest.raises(DivergenceError):
        model.fit(X.astype(np.float32), y)


def test_skorchs_own_loop_keeps_the_best_weights_too():
    model, y = _make("regressor", strategy="full")
    net = model.fit(X, y).net_
    encoded = np.repeat(X, 40, axis=1)[:, : len(model.coefs_[0])]
    target = (y[:, None] - y.mean()) / y.std()
    net.set_params(optimizer__lr=1e3, max_epochs=20)
    with pytest.warns(DivergenceWarning, match="rate of 1000"):
        net.partial_fit(encoded, target)
    assert _is_finite(model)
    weights = [p.detach().numpy().copy() for p in net.module_.parameters()]
    assert all(np.isfinite(w).all() for w in weights)
    assert np.shares_memory(model.coefs_[0], next(net.module_.parameters()).detach().numpy())


@pytest.mark.parametrize("params", [
    {}, {"strategy": "full"}, {"strategy": "keep_head"}, {"max_iter": 1}, {"dropout": 0.5},
    {"augmentation": "mixup"}, {"solver": "sgd"}, {"solver": "lbfgs"}, {"alpha": 1e3},
    {"batch_size": 1, "max_iter": 3}, {"standardize": False, "learning_rate_init": 0.1},
])  # fmt: skip
@pytest.mark.parametrize("kind", ESTIMATORS)
def test_training_that_does_not_diverge_is_not_said_to(kind, params):
    if kind == "several tasks" and params.get("augmentation"):
        pytest.skip("one kind of target is enough")
    source, y = _make(kind)
    model, _ = _make(kind, source=source.fit(X, y))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", DivergenceWarning)
        model.set_params(**params).fit(X[:60], {k: v[:60] for k, v in y.items()}
                                       if isinstance(y, dict) else y[:60])  # fmt: skip
    assert _is_finite(model)


def test_a_stream_sorted_by_class_is_not_said_to_diverge():
    order = np.argsort(labels)
    model, _ = _make("classifier")
    with warnings.catch_warnings():
        warnings.simplefilter("error", DivergenceWarning)
        for _ in range(3):
            for at in range(0, 120, 10):
                rows = order[at : at + 10]
                model.partial_fit(X[rows], labels[rows], classes=[0, 1])
    assert torch.isfinite(torch.tensor(model.coefs_[0])).all()


class Explodes(Full):
    """Trains with steps so large that no number holds what comes of them."""

    def phases(self, layer_names, max_iter):
        layers = (*layer_names.shared, *layer_names.task)
        return [Phase(max_iter, learning_rate_scale=dict.fromkeys(layers, 1e300))]


def test_a_member_that_diverges_gets_no_weight_and_the_others_predict():
    members = {"wild": Explodes(), "frozen": "frozen", "l2_sp": "l2_sp", "probe": "probe"}
    source, y = _make("regressor")
    source.fit(X, y)
    model, _ = _make("regressor", source=source, strategy=WeightedEnsemble(members))
    with pytest.warns(DivergenceWarning, match="'wild'.*no weight"), np.errstate(all="ignore"):
        model.fit(X, y)
    assert set(model.member_losses_) == {"frozen", "l2_sp", "probe"}
    assert "wild" not in model.member_weights_
    assert _is_finite(model) and model.score(X, y) > 0.5


def test_an_ensemble_without_any_network_left_is_refused():
    members = {"wild": Explodes(), "linear": "linear"}
    source, y = _make("regressor")
    model, _ = _make("regressor", source=source.fit(X, y), strategy=WeightedEnsemble(members))
    with pytest.raises(DivergenceError, match="Solver produced non-finite"):
        model.fit(X, y)
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_a_learning_rate_that_is_too_large_for_all_networks_of_an_ensemble_is_an_error(kind):
    model, y = _make(kind, strategy=WeightedEnsemble(["l2_sp", "scratch", "linear"]))
    model.set_params(learning_rate_init=1e6)
    with pytest.raises(DivergenceError, match="learning rate of"), np.errstate(all="ignore"):
        model.fit(X, y)
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize("constant", [0.3, 1e9 / 3])
@pytest.mark.filterwarnings("ignore:This source does not help")
def test_constant_targets_that_training_starts_at_are_no_divergence(constant):
    X = np.random.default_rng(0).normal(size=(90, 3))
    source = TransferMLPRegressor(hidden_layer_sizes=(16,), max_iter=5, random_state=0)
    source.fit(X, X[:, 0])
    target = TransferMLPRegressor(source=source, random_state=0)
    prediction = target.fit(X[:20], np.full(20, constant)).predict(X)
    np.testing.assert_allclose(prediction, constant, rtol=1e-3)
