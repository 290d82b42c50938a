"""Several tasks at once: one is the length-one case, and none can harm another by being there."""

import copy
import itertools
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
import torch
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor, load
from sktransfer._networks._dense import DenseNetwork
from sktransfer._records import DenseLayer
from sktransfer._training._flat import FlatParameters
from sktransfer._training._gradients import DenseGradient
from sktransfer._training._losses import Loss
from sktransfer.exceptions import NoLabelsWarning, OneClassWarning
from sktransfer.sources import SourceDescription, describe_source

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(80, 5))
SCORES = X @ rng.normal(size=(5, 3))
KIND = np.array(["a", "b", "c"])[SCORES.argmax(1)]
Y = pd.DataFrame({"kind": KIND, "flag": SCORES[:, 0] > 0, "amount": 50 + 7 * SCORES[:, 1]})
HIDDEN = pd.DataFrame(rng.random(Y.shape) < 0.5, columns=Y.columns)
KNOWN = Y.astype(object).mask(HIDDEN)


def _make(**params):
    return MultiTaskMLP(
        **{"hidden_layer_sizes": (8, 6), "max_iter": 5, "random_state": 0, **params}
    )


def _same(left, right):
    for name in Y.columns:
        assert_array_equal(left[name], right[name])


ALONE = {
    "kind": TransferMLPClassifier,
    "flag": TransferMLPClassifier,
    "amount": TransferMLPRegressor,
}
SETTINGS = {
    "defaults": {},
    "plain": {"standardize": False},
    "lbfgs": {"solver": "lbfgs"},
    "head": {"head_hidden_layer_sizes": (4,), "dropout": 0.1},
    "held out": {"early_stopping": True, "alpha": 0.1},
}
#: Settings that a single task does not have.
BALANCED = {"pcgrad": {"balancing": "pcgrad"}, "uncertainty": {"balancing": "uncertainty"}}


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", list(Y.columns))
def test_one_task_is_the_single_task_estimator_bit_for_bit(name, setting):
    params = SETTINGS[setting]
    several = _make(**params)
    alone = ALONE[name](
        hidden_layer_sizes=(8, 6), max_iter=5, random_state=0, strategy="l2_sp", **params
    )
    if setting == "held out" and name == "flag":  # which the classifier stratifies
        validation = {"X_val": X[60:], "y_val": Y[name][60:].to_numpy()}
        several.set_params(early_stopping=False).fit(X, Y[name].to_numpy(), **validation)
        alone.set_params(early_stopping=False).fit(X, Y[name].to_numpy(), **validation)
    else:
        several.fit(X, Y[name].to_numpy())
        alone.fit(X, Y[name].to_numpy())
    for ours, theirs in zip(several.coefs_, alone.coefs_, strict=True):
        assert_array_equal(ours, theirs)
    assert_array_equal(several.predict(X), alone.predict(X))
    assert several.loss_ == alone.loss_
    assert several.score(X, Y[name]) == alone.score(X, Y[name])
    if name != "amount":
        assert_array_equal(several.predict_proba(X)["y0"], alone.predict_proba(X))


def test_one_task_with_missing_labels_is_the_single_task_on_its_labelled_rows():
    rows = ~HIDDEN["amount"].to_numpy()
    several = _make().fit(X, np.where(rows, Y["amount"], np.nan))
    alone = TransferMLPRegressor(
        hidden_layer_sizes=(8, 6), max_iter=5, random_state=0, strategy="l2_sp"
    )
    assert_array_equal(several.predict(X), alone.fit(X[rows], Y["amount"][rows]).predict(X))


@pytest.mark.parametrize("setting", [*SETTINGS, *BALANCED])
def test_permuting_tasks_permutes_predictions_bit_for_bit(setting):
    first = _make(**(SETTINGS | BALANCED)[setting]).fit(X, KNOWN)
    for order in list(itertools.permutations(Y.columns))[1::2]:
        model = _make(**(SETTINGS | BALANCED)[setting]).fit(X, KNOWN[list(order)])
        assert list(model.predict(X).columns) == list(order)
        _same(model.predict(X), first.predict(X))
    columns = {name: KNOWN[name].to_numpy() for name in ("flag", "amount", "kind")}
    _same(_make(**(SETTINGS | BALANCED)[setting]).fit(X, columns).predict(X), first.predict(X))


@pytest.mark.parametrize("setting", [*SETTINGS, *BALANCED])
def test_a_task_without_any_label_changes_nothing_for_the_others(setting):
    first = _make(**(SETTINGS | BALANCED)[setting]).fit(X, KNOWN)
    with pytest.warns(NoLabelsWarning, match="nobody"):
        model = _make(**(SETTINGS | BALANCED)[setting]).fit(X, KNOWN.assign(nobody=np.nan))
    _same(model.predict(X), first.predict(X))
    assert model.predict(X)["nobody"].isna().all()
    assert np.isnan(model.score_tasks(X, Y.assign(nobody=1.0))["nobody"])
    assert model.score(X, Y.assign(nobody=np.nan)) == first.score(X, Y)
    assert "nobody" not in model.predict_proba(X)


def test_a_table_of_targets_comes_in_four_forms_and_predictions_come_back_in_them():
    numbers = pd.DataFrame({"a": SCORES[:, 0], "b": SCORES[:, 1].round(), "c": SCORES[:, 2]})
    numbers = numbers.mask(HIDDEN.to_numpy())
    index = pd.Index(range(100, 180))
    frame = _make().fit(pd.DataFrame(X, index=index), numbers)
    answer = frame.predict(pd.DataFrame(X, index=index))
    assert isinstance(answer, pd.DataFrame) and answer.index.equals(index)
    as_polars = _make().fit(X, pl.DataFrame(numbers.to_dict("list"))).predict(X)
    assert isinstance(as_polars, pl.DataFrame)
    assert_array_equal(as_polars.to_numpy(), answer.to_numpy())
    as_dict = _make().fit(X, {name: numbers[name].tolist() for name in numbers}).predict(X)
    assert_array_equal(np.column_stack([as_dict[name] for name in "abc"]), answer.to_numpy())
    as_array = _make().fit(X, numbers.to_numpy()).predict(X)
    assert_array_equal(as_array, answer.to_numpy())
    zeros = sparse.csr_array(numbers.fillna(0.0))
    assert_array_equal(
        _make().fit(X, zeros).predict(X), _make().fit(X, zeros.toarray()).predict(X)
    )


@pytest.mark.parametrize("form", [dict, pd.DataFrame])
def test_columns_that_are_numbered_stay_so(form, tmp_path):
    numbered = form({3: KIND, 0: SCORES[:, 0].round(), "amount": SCORES[:, 1]})
    model = _make(task_kinds={0: "regression"}).fit(X, numbered)
    model.save(tmp_path / "model")
    for one in (model, load(tmp_path / "model")):
        assert list(one.predict(X)) == [3, 0, "amount"] and list(one.classes_) == ["3"]
    assert model.score_tasks(X, numbered)["3"] == accuracy_score(KIND, model.predict(X)[3])
    assert repr(model.task(3)) == repr(model.task("3"))
    chunks = _make().partial_fit(X, numbered, classes={3: ["a", "b", "c"]})
    assert list(chunks.predict(X)) == [3, 0, "amount"]


@pytest.mark.parametrize("dtype", ["boolean", "object", "Float64"])
def test_pandas_na_is_a_missing_label(dtype):
    flags = Y["flag"].astype("Float64" if dtype == "Float64" else "boolean").mask(HIDDEN["flag"])
    model = _make().fit(X, pd.DataFrame({"flag": flags.astype(dtype), "amount": KNOWN["amount"]}))
    expected = _make().fit(X, KNOWN[["flag", "amount"]])
    assert_array_equal(model.predict(X)["amount"], expected.predict(X)["amount"])


def test_a_chunk_may_have_no_label_of_a_task_whose_classes_were_given():
    chunk = {"amount": Y["amount"].to_numpy(), "flag": [None] * 80}
    model = _make().partial_fit(X, chunk, classes={"flag": [False, True]})
    alone = _make().partial_fit(X, {"amount": Y["amount"].to_numpy()})
    assert_allclose(model.predict(X)["amount"], alone.predict(X)["amount"])
    model.partial_fit(X, {"amount": [None] * 80, "flag": Y["flag"].tolist()})
    assert model.predict_proba(X)["flag"].shape == (80, 2)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_chunk_without_any_label_is_refused_and_one_without_a_tasks_is_learned():
    classes = {"kind": ["a", "b", "c"], "flag": [False, True]}
    with pytest.raises(TypeError, match="classes is a list; expected a dict"):
        _make().partial_fit(X, Y, classes=list(classes))
    model = _make().partial_fit(X, Y, classes=classes)
    model.partial_fit(X, Y.assign(amount=np.nan))
    with pytest.raises(ValueError, match="no label in any of these rows"):
        model.partial_fit(X, Y.astype(object).mask(np.ones(Y.shape, bool)))
    assert model.t_ == 160


def test_kinds_come_from_values_or_by_the_user():
    targets = {
        "text": KIND,
        "few": np.arange(80) % 5,
        "many": np.arange(80),
        "floats": SCORES[:, 0],
        "whole floats": (SCORES[:, 0] > 0).astype(float),
    }
    model = _make(max_iter=1).fit(X, targets)
    assert set(model.classes_) == {"text", "few", "whole floats"}
    model = _make(max_iter=1, task_kinds={"few": "regression", "many": "classification"})
    assert set(model.fit(X, targets).classes_) == {"text", "many", "whole floats"}
    for wrong in ({"none": "regression"}, {"few": "counting"}):
        with pytest.raises(ValueError, match="task_kinds"):
            _make(task_kinds=wrong).fit(X, targets)
    with pytest.raises(ValueError, match="finite numbers"):
        _make(task_kinds={"text": "regression"}).fit(X, targets)


def test_scores_are_each_tasks_own_over_its_labelled_rows():
    model = _make().fit(X, KNOWN)
    weight = np.linspace(0.5, 2, 80)
    answer, scores = model.predict(X), model.score_tasks(X, KNOWN, weight)
    for name in Y.columns:
        known = ~HIDDEN[name].to_numpy()
        metric = r2_score if name == "amount" else accuracy_score
        expected = metric(Y[name][known], answer[name][known], sample_weight=weight[known])
        assert scores[name] == pytest.approx(expected)
    assert model.score(X, KNOWN, weight) == pytest.approx(np.mean(list(scores.values())))


def test_heads_with_hidden_layers_have_the_gradient_of_autograd():
    """Weights between one task's units and another's do not exist."""
    generator = np.random.default_rng(1)
    shapes = [(3, 5), (5, 4), (4, 4), (4, 3)]
    masks = {
        2: np.kron(np.eye(2), np.ones((2, 2))).astype(bool),
        3: np.array([[1, 1, 0]] * 2 + [[0, 0, 1]] * 2).astype(bool),
    }
    layers = [
        DenseLayer(generator.normal(size=s) * masks.get(i, 1), generator.normal(size=s[1]))
        for i, s in enumerate(shapes)
    ]
    network = DenseNetwork(layers, "tanh", masks=masks)
    twin, loss = copy.deepcopy(network), Loss((("softmax", 2), ("squared_error", 1)))
    rows = torch.tensor(generator.normal(size=(6, 3)))
    y = torch.tensor(np.column_stack([np.eye(2)[[0, 1, 1, 0, 1, 0]], np.arange(6.0)]))
    loss.rows(loss.activate(twin(rows)), y).mean().backward()
    flat = FlatParameters(network)
    DenseGradient(network, loss, flat, 6)(rows, y, None, torch.empty_like(y))
    for ours, theirs in zip(network.layers, twin.layers, strict=True):
        assert_allclose(ours.weight.grad, theirs.weight.grad, rtol=1e-10, atol=1e-10)
        assert_allclose(ours.bias.grad, theirs.bias.grad, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("heads", [(), (4,), (4, 3)])
def test_a_task_alone_gives_its_predictions_as_a_source(solver, heads):
    """What other tasks' heads hold cannot reach it, whatever the training did."""
    model = _make(head_hidden_layer_sizes=heads, solver=solver).fit(X, KNOWN)
    proba = model.predict_proba(X)
    for name, kind in (("kind", "multiclass"), ("flag", "binary"), ("amount", "regression")):
        source = model.task(name)
        assert isinstance(source, SourceDescription) and source.target.kind == kind
        still = {"learning_rate_init": 1e-12, "max_iter": 1, "random_state": 0}
        target = ALONE[name](source=source, strategy="keep_head", **still).fit(X, Y[name])
        if name == "amount":
            assert_allclose(target.predict(X), model.predict(X)[name], rtol=1e-5)
        else:
            assert_allclose(target.predict_proba(X), proba[name], rtol=1e-4, atol=1e-6)
    with pytest.raises(ValueError, match="no task 'none'"):
        model.task("none")


@pytest.mark.parametrize("heads", [(), (4,)])
def test_a_source_of_several_tasks_gives_its_shared_layers(heads):
    model = _make(head_hidden_layer_sizes=heads).fit(X, KNOWN)
    assert describe_source(model).hidden_layer_sizes == (8, 6)
    target = TransferMLPClassifier(source=model, strategy="frozen", max_iter=2, random_state=0)
    target.fit(X, Y["flag"])
    for ours, theirs in zip(target.coefs_[:2], model.coefs_[:2], strict=True):
        assert_array_equal(ours, theirs)


def test_keep_head_keeps_the_outputs_of_tasks_of_one_name():
    source = _make().fit(X, KNOWN)
    still = {"learning_rate_init": 1e-12, "max_iter": 1, "random_state": 0}
    renamed = Y.rename(columns={"kind": "other"})
    target = MultiTaskMLP(source=source, strategy="keep_head", **still).fit(X, renamed)
    assert_allclose(target.predict(X)["amount"], source.predict(X)["amount"], rtol=1e-5)
    assert_allclose(target.predict_proba(X)["flag"], source.predict_proba(X)["flag"], rtol=1e-4)
    assert_allclose(target.predict_proba(X)["other"], 1 / 3, rtol=1e-5)


def test_a_single_task_source_gives_several_tasks_its_shared_layers():
    source = TransferMLPRegressor(hidden_layer_sizes=(8, 6), max_iter=5, random_state=0)
    source.fit(X, SCORES[:, 2])
    target = MultiTaskMLP(source=source, strategy="frozen", max_iter=3, random_state=0).fit(
        X, KNOWN
    )
    assert_array_equal(target.coefs_[0], source.coefs_[0])


def test_chunks_train_the_same_network_further():
    classes = {"kind": ["a", "b", "c"], "flag": [False, True]}
    model = _make().partial_fit(X[:40], KNOWN[:40], classes=classes)
    before = model.coefs_[0].copy()
    model.partial_fit(X[40:], KNOWN[40:])
    assert model.t_ == 80 - KNOWN.isna().all(axis=1).sum()
    assert not np.array_equal(before, model.coefs_[0])
    assert set(model.classes_) == {"kind", "flag"}
    with pytest.raises(ValueError, match="'d'"):
        model.partial_fit(X[:2], KNOWN[:2].assign(kind="d"))
    for bad in (None, {"flag": [False, True]}, {**classes, "none": [1, 2]}):
        with pytest.raises(ValueError, match="first partial_fit"):
            _make().partial_fit(X[:40], KNOWN[:40], classes=bad)


def test_a_warm_start_resumes():
    model = _make(warm_start=True).fit(X, KNOWN)
    loss = model.loss_
    assert model.fit(X, KNOWN).loss_ < loss


def test_clone_pickle_and_search_treat_it_as_an_estimator():
    model = _make(early_stopping=True).fit(X, KNOWN)
    _same(clone(model).fit(X, KNOWN).predict(X), model.predict(X))
    _same(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))
    heads = _make(head_hidden_layer_sizes=(3,)).fit(X, KNOWN)
    thawed = pickle.loads(pickle.dumps(heads))
    rows = torch.zeros(2, heads.coefs_[0].shape[0], dtype=torch.from_numpy(heads.coefs_[0]).dtype)
    assert_array_equal(thawed.net_.module_(rows).detach(), heads.net_.module_(rows).detach())
    search = GridSearchCV(
        make_pipeline(StandardScaler(), _make()), {"multitaskmlp__alpha": [0.1, 1.0]}, cv=KFold(3)
    )
    search.fit(X, KNOWN)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_sample_weights_are_routed():
    with sklearn.config_context(enable_metadata_routing=True):
        model = _make().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        weight = {"sample_weight": np.ones(80)}
        result = cross_validate(model, X, KNOWN, cv=KFold(3), params=weight, error_score="raise")
    assert np.isfinite(result["test_score"]).all()


def test_bad_targets_are_refused_and_change_nothing():
    model = _make().fit(X, KNOWN)
    before = model.predict(X)
    for y, match in [
        ({"a": [1, 2, 3]}, "inconsistent"),
        ({"a": np.arange(80), "b": np.arange(79)}, "one entry per row"),
        ({}, "at least one"),
        (np.zeros((80, 2, 2)), "one column of targets per task"),
        (Y.assign(amount=np.inf), "infinity"),
        (Y.astype(object).mask(np.ones(Y.shape, bool)), "no label in any"),
        (pd.DataFrame(SCORES, columns=["a", "a", "b"]), "several columns of the name 'a'"),
        (None, "requires y"),
    ]:
        with pytest.raises(ValueError, match=match):
            model.fit(X, y)
        _same(model.predict(X), before)
    with pytest.raises(ValueError, match="expected those that were fitted"):
        model.score(X, Y[["kind"]])


def test_a_task_of_one_class_is_announced():
    with pytest.warns(OneClassWarning, match="'same'"):
        model = _make().fit(X, {"same": ["x"] * 80, "amount": SCORES[:, 0]})
    assert (model.predict(X)["same"] == "x").all()
    assert_array_equal(model.predict_proba(X)["same"], np.ones((80, 1)))


class WithoutProbabilities(MultiTaskMLP):
    """The checks want an array of `predict_proba`, where several tasks have one each."""

    @property
    def predict_proba(self):
        raise AttributeError


@pytest.mark.slow
@parametrize_with_checks([WithoutProbabilities(max_iter=20)])
def test_scikit_learns_estimator_checks_pass(estimator, check):
    check(estimator)


@pytest.mark.slow
def test_sixty_per_cent_of_labels_missing_on_digits():
    """Parity, digit and size of digits: the tasks are learned from what labels there are."""
    digits, digit = load_digits(return_X_y=True)
    targets = pd.DataFrame({"parity": digit % 2, "digit": digit, "size": (digit > 4).astype(int)})
    hide = np.random.default_rng(0).random(targets.shape) < 0.6
    model = MultiTaskMLP(random_state=0).fit(digits[:900], targets.mask(hide)[:900])
    scores = model.score_tasks(digits[900:], targets[900:])
    assert min(scores.values()) > 0.85


def test_the_message_on_a_strategy_names_those_that_it_takes():
    X = np.arange(20.0)[:, None]
    with pytest.raises(ValueError, match="must be a str among") as refused:
        MultiTaskMLP(strategy="auto").fit(X, {"a": X[:, 0]})
    text = str(refused.value)
    assert "'keep_head'" in text and "'boosting'" not in text and "'tangent'" not in text


def test_tasks_may_be_called_by_tuples_of_numbers():
    named = Y.set_axis(pd.MultiIndex.from_tuples([("task", i) for i in range(Y.shape[1])]), axis=1)
    model = _make().fit(X, named).partial_fit(X, named)
    assert model.task_names_ == [str(name) for name in named]
    assert model.score(X, named) == _make().fit(X, Y).partial_fit(X, Y).score(X, Y)
