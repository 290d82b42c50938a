"""Laws instead of cases: what holds for every strategy, every kind of source, every network."""

import copy
import itertools
import pickle
from dataclasses import replace
from functools import cache

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from fitted import AT_ONCE, NETWORKS, ensembles_are_slow, lighter, one_fast_in
from hypothesis import Phase as Stage
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.compose import TransformedTargetRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch import NeuralNetClassifier

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer._networks._dense import DenseNetwork
from sktransfer._records import DenseLayer, Phase
from sktransfer._training._autograd import AutogradGradient
from sktransfer._training._flat import FlatParameters
from sktransfer._training._gradients import DenseGradient, gradient_of
from sktransfer._training._losses import Loss
from sktransfer.sources import SourceDescription, TargetSchema, describe_source
from sktransfer.strategies import L2SP, STRATEGIES, Full, Gradual, KeepHead, NetworkStrategy

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

CARRYING = [name for name in NETWORKS if STRATEGIES[name].carries_trunk]
#: A combination has members that see the columns in the table's order, and folds of single rows.
ALONE = sorted(set(CARRYING) - {"auto"})
HARDLY = {"learning_rate_init": 1e-12, "max_iter": 4}
NAMES = ["length", "width", "mass", "age", "price"]
#: No shrinking: a failing example is as small as the nets are.
FEW = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Stage.explicit, Stage.generate],
)


def _rows(seed, n=60):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5)) * [1, 5, 0.2, 10, 2] + [0, 3, -1, 20, 0]
    z = (X - X.mean(0)) / X.std(0)
    return X, z @ rng.normal(size=(5, 3)) + 0.1 * rng.normal(size=(n, 3))


X_SOURCE, SCORES = _rows(0, 90)
X_TARGET, TARGET_SCORES = _rows(1, 50)
TARGETS = {
    "binary": lambda s: s[:, 0] > 0,
    "multiclass": lambda s: np.array(["a", "b", "c"])[s.argmax(1)],
    "multilabel": lambda s: (s > 0).astype(int),
    "regression": lambda s: 100 + 7 * s[:, 0],
    "several outputs": lambda s: s * [1, 10, 100] + 5,
    "rates": lambda s: np.exp(0.3 * s[:, 0]),
}
SMALL = {"hidden_layer_sizes": (8, 6), "random_state": 0}


def _estimator(task, **params):
    if task in ("binary", "multiclass", "multilabel"):
        return TransferMLPClassifier(**params)
    loss = "poisson" if task == "rates" else "squared_error"
    return TransferMLPRegressor(loss=loss, **params)


def _answer(estimator, X):
    ask = getattr(estimator, "predict_proba", estimator.predict)
    return ask(X)


def _own(task="multiclass", **params):
    params = {**SMALL, "max_iter": 5, **params}
    return _estimator(task, **params).fit(X_SOURCE, TARGETS[task](SCORES))


def _mlp():
    model = MLPClassifier((8, 6), max_iter=5, random_state=0)
    Z = (X_SOURCE - X_SOURCE.mean(0)) / X_SOURCE.std(0)
    return model.fit(Z, TARGETS["multiclass"](SCORES))


def _piped():
    pipe = make_pipeline(StandardScaler(), MLPClassifier((8, 6), max_iter=5, random_state=0))
    return pipe.fit(X_SOURCE, TARGETS["multiclass"](SCORES))


def _module(mlp):
    layers = []
    for i, (weight, bias) in enumerate(zip(mlp.coefs_, mlp.intercepts_, strict=True)):
        layers += [torch.nn.ReLU()] * bool(i)
        linear = torch.nn.Linear(*weight.shape, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(weight.T))
            linear.bias.copy_(torch.tensor(bias))
        layers.append(linear)
    return torch.nn.Sequential(*layers)


def _skorch(mlp):
    net = NeuralNetClassifier(
        _module(mlp), criterion=torch.nn.CrossEntropyLoss, classes=mlp.classes_, verbose=0
    )
    return net.initialize()


def _described(mlp):
    layers = list(zip(mlp.coefs_, mlp.intercepts_, strict=True))
    target = TargetSchema("multiclass", 3, classes=mlp.classes_)
    return SourceDescription(layers, "relu", target=target)


class Still(KeepHead):
    """Keeps every layer of the source as it is."""

    def phases(self, layer_names, max_iter):
        names = (*layer_names.shared, *layer_names.task)
        return [Phase(1, learning_rate_scale=dict.fromkeys(names, 0.0))]


def _own_around(mlp):
    own = TransferMLPClassifier(source=mlp, strategy=Still(), standardize=False)
    return own.fit(X_SOURCE, TARGETS["multiclass"](SCORES))


SOURCES = {
    "own": _own,
    "MLPClassifier": _mlp,
    "Pipeline": _piped,
    "FrozenEstimator": lambda: FrozenEstimator(_own()),
    "search": lambda: GridSearchCV(
        MLPClassifier((8, 6), max_iter=3, random_state=0), {"alpha": [1e-4]}, cv=2
    ).fit(X_SOURCE, TARGETS["multiclass"](SCORES)),
    "TransformedTargetRegressor": lambda: TransformedTargetRegressor(
        MLPRegressor(hidden_layer_sizes=(8, 6), max_iter=3, random_state=0),
        transformer=StandardScaler(),
    ).fit(X_SOURCE, SCORES[:, 0]),
    "skorch": lambda: _skorch(_mlp()),
    "module": lambda: _module(_mlp()),
    "description": lambda: _described(_mlp()),
    "description of own": lambda: _own().__sktransfer_describe__(),
}


def _crossed(strategies):
    """Strategies by kinds of source.

    An ensemble, and what is fitted at once, read every kind of source through the same record.
    """
    crossed = [
        (strategy, kind)
        for strategy in strategies
        for kind in SOURCES
        if strategy not in ("auto", *AT_ONCE) or kind in ("own", "Pipeline", "module")
    ]
    return [
        pytest.param(*one, marks=pytest.mark.slow if i % 4 or one[0] == "auto" else ())
        for i, one in enumerate(crossed)
    ]


@cache
def _source_of(kind):
    """A source of a kind, which no test may change."""
    return SOURCES[kind]()


def _fingerprint(source):
    """A hash of all that a source holds."""
    if isinstance(source, torch.nn.Module):
        state = {name: value.numpy() for name, value in source.state_dict().items()}
        return joblib.hash([state, source.training, [p.grad is None for p in source.parameters()]])
    if hasattr(source, "module_"):
        return _fingerprint(source.module_), joblib.hash(list(source.history))
    return joblib.hash(pickle.dumps(source))


# -- Identity -----------------------------------------------------------------------------


@pytest.mark.parametrize("task", TARGETS)
@pytest.mark.parametrize("standardize", [True, False])
def test_without_training_keep_head_is_the_source(task, standardize):
    source = _own(task, standardize=standardize)
    target = _estimator(task, source=source, strategy="keep_head", standardize=standardize)
    target.set_params(**HARDLY, random_state=1).fit(X_TARGET, TARGETS[task](TARGET_SCORES))
    assert_allclose(_answer(target, X_TARGET), _answer(source, X_TARGET), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("kind", ["MLPClassifier", "Pipeline", "FrozenEstimator", "search",
                                  "skorch", "description"])  # fmt: skip
def test_without_training_keep_head_is_the_source_of_any_kind(kind):
    source = SOURCES[kind]()
    y = TARGETS["multiclass"](TARGET_SCORES)
    target = TransferMLPClassifier(source=source, strategy="keep_head", **HARDLY)
    answer = target.fit(X_TARGET, y).predict_proba(X_TARGET)
    if kind == "description":
        source = _mlp()
    X = X_TARGET.astype(np.float64)
    assert_allclose(answer, source.predict_proba(X), rtol=1e-7, atol=1e-9)


def test_without_training_keep_head_is_the_regressor_inside_a_target_transformer():
    source = SOURCES["TransformedTargetRegressor"]()
    target = TransferMLPRegressor(source=source, strategy="keep_head", **HARDLY)
    target.fit(X_TARGET, TARGET_SCORES[:, 0])
    assert_allclose(target.predict(X_TARGET), source.predict(X_TARGET), rtol=1e-7)


@pytest.mark.parametrize("strategy, kind", _crossed(CARRYING))
def test_with_a_vanishing_learning_rate_the_carried_layers_are_the_sources(strategy, kind):
    source = _source_of(kind)
    target = TransferMLPClassifier(
        source=source, strategy=lighter(strategy), random_state=1, **HARDLY
    )
    target.fit(X_TARGET, TARGETS["multiclass"](TARGET_SCORES))
    layers = describe_source(source).layers
    for ours, bias, layer in zip(target.coefs_[:2], target.intercepts_[:2], layers, strict=False):
        assert_allclose(ours, layer.weight, atol=1e-10)
        assert_allclose(bias, layer.bias, atol=1e-10)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_scratch_carries_nothing(solver):
    source = _own()
    params = {"strategy": "scratch", "solver": solver, **HARDLY}
    target = TransferMLPClassifier(source=source, random_state=1, **params)
    target.fit(X_TARGET, TARGETS["multiclass"](TARGET_SCORES))
    assert [w.shape for w in target.coefs_] == [w.shape for w in source.coefs_]
    assert not any(np.allclose(a, b) for a, b in zip(target.coefs_, source.coefs_, strict=True))


def test_scratch_equals_a_fit_without_a_source():
    y = TARGETS["multiclass"](TARGET_SCORES)
    params = {"max_iter": 5, "random_state": 3}
    scratch = TransferMLPClassifier(source=_own(), strategy="scratch", **params)
    none = TransferMLPClassifier((8, 6), **params)
    assert_array_equal(
        scratch.fit(X_TARGET, y).predict_proba(X_TARGET),
        none.fit(X_TARGET, y).predict_proba(X_TARGET),
    )


# -- Renaming -----------------------------------------------------------------------------

FRAME = pd.DataFrame(X_SOURCE, columns=NAMES)
TARGET_FRAME = pd.DataFrame(X_TARGET, columns=NAMES)
NAMED_SOURCE = TransferMLPClassifier(**SMALL, max_iter=5).fit(FRAME, TARGETS["multiclass"](SCORES))


def _named_fit(frame, y, strategy, source=NAMED_SOURCE):
    params = {"strategy": lighter(strategy), "max_iter": 6, "random_state": 1}
    return TransferMLPClassifier(source=source, **params).fit(frame, y)


@pytest.mark.parametrize("strategy", ALONE)
@given(order=st.permutations(NAMES))
@FEW
def test_the_order_of_named_columns_changes_no_bit(strategy, order):
    y = TARGETS["multiclass"](TARGET_SCORES)
    here = _named_fit(TARGET_FRAME, y, strategy)
    there = _named_fit(TARGET_FRAME[order], y, strategy)
    assert_array_equal(there.predict_proba(TARGET_FRAME[order]), here.predict_proba(TARGET_FRAME))
    at = [list(there.encoded_feature_names_).index(name) for name in here.encoded_feature_names_]
    theirs = [there.coefs_[0][at], *there.coefs_[1:]]
    for our_weight, their_weight in zip(here.coefs_, theirs, strict=True):
        assert_array_equal(our_weight, their_weight)


def _rearranged(inputs, order):
    """The schema of the same columns in another order, and the order of its inputs."""
    names, fourier = tuple(NAMES[i] for i in order), dict(inputs.columns.fourier)
    units = {
        name: getattr(inputs.scaling, name)[order] for name in ("center", "scale", "fill_value")
    }
    moved = tuple((at, fourier[i]) for at, i in enumerate(order) if i in fourier)
    other = replace(inputs.columns, names=names, encoded_names=names, fourier=moved)
    ids = inputs.columns.input_ids()
    at = [ids.index(column) for column in other.input_ids()]
    return replace(inputs, columns=other, scaling=replace(inputs.scaling, **units)), at


@pytest.mark.parametrize("strategy", ALONE)
@given(order=st.permutations(range(5)), classes=st.permutations(range(3)))
@FEW
def test_the_order_of_the_sources_columns_and_classes_changes_no_bit(strategy, order, classes):
    _assert_the_sources_order_changes_no_bit(strategy, order, classes)


@pytest.mark.slow
def test_the_order_of_the_sources_columns_and_classes_changes_no_bit_of_an_ensemble():
    _assert_the_sources_order_changes_no_bit("auto", [3, 0, 4, 2, 1], [2, 0, 1])


def _assert_the_sources_order_changes_no_bit(strategy, order, classes):
    source = NAMED_SOURCE.__sktransfer_describe__()
    order, classes = list(order), list(classes)
    first, middle, last = source.layers
    inputs, rows = _rearranged(source.inputs, order)
    other = SourceDescription(
        [
            DenseLayer(first.weight[rows], first.bias),
            middle,
            DenseLayer(last.weight[:, classes], last.bias[classes]),
        ],
        source.activation,
        inputs=inputs,
        target=TargetSchema("multiclass", 3, classes=source.target.classes[classes]),
    )
    y = TARGETS["multiclass"](TARGET_SCORES)
    here, there = (_named_fit(TARGET_FRAME, y, strategy, s) for s in (source, other))
    for ours, theirs in zip(here.coefs_, there.coefs_, strict=True):
        assert_array_equal(ours, theirs)


@pytest.mark.parametrize("strategy", ALONE)
@given(names=st.permutations(["a", "b", "c"]))
@FEW
def test_the_names_of_the_classes_change_only_the_order_of_the_predictions(strategy, names):
    rename = dict(zip(["a", "b", "c"], names, strict=True))
    y_source, y = (TARGETS["multiclass"](s) for s in (SCORES, TARGET_SCORES))
    source = NAMED_SOURCE.__sktransfer_describe__()
    renamed_classes = np.array([rename[label] for label in source.target.classes])
    renamed = SourceDescription(
        source.layers,
        source.activation,
        inputs=source.inputs,
        target=TargetSchema("multiclass", 3, classes=renamed_classes),
    )
    assert len(set(y_source)) == 3
    here = _named_fit(TARGET_FRAME, y, strategy, source)
    there = _named_fit(TARGET_FRAME, np.array([rename[v] for v in y]), strategy, renamed)
    columns = [list(there.classes_).index(rename[label]) for label in here.classes_]
    assert_allclose(
        there.predict_proba(TARGET_FRAME)[:, columns],
        here.predict_proba(TARGET_FRAME),
        atol=1e-9,
    )
    assert [rename[v] for v in here.predict(TARGET_FRAME)] == list(there.predict(TARGET_FRAME))


def test_columns_without_names_are_matched_by_position():
    y = TARGETS["multiclass"](TARGET_SCORES)
    by_name = _named_fit(TARGET_FRAME, y, "l2_sp")
    by_position = _named_fit(X_TARGET, y, "l2_sp")
    assert_allclose(by_name.coefs_[0], by_position.coefs_[0], atol=1e-9)
    assert_allclose(
        by_name.predict_proba(TARGET_FRAME), by_position.predict_proba(X_TARGET), atol=1e-9
    )


# -- Stillness ----------------------------------------------------------------------------


# with a source 'ensemble' is 'auto'
@pytest.mark.parametrize("strategy, kind", _crossed(sorted({*STRATEGIES} - {"ensemble"})))
def test_the_source_is_bit_identical_after_every_fit(strategy, kind):
    source = _source_of(kind)
    before = _fingerprint(source)
    target = TransferMLPClassifier(
        source=source, strategy=lighter(strategy), max_iter=3, random_state=0
    )
    target.fit(X_TARGET, TARGETS["multiclass"](TARGET_SCORES))
    if strategy not in AT_ONCE:
        target.partial_fit(X_TARGET, TARGETS["multiclass"](TARGET_SCORES))
    target.predict(X_TARGET)
    assert target.source is source
    assert _fingerprint(source) == before


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("task", TARGETS)
def test_frozen_layers_are_bit_identical_after_fit(solver, task):
    source = _own(task)
    target = _estimator(task, source=source, strategy="frozen", solver=solver, max_iter=5)
    target.set_params(random_state=0, learning_rate_init=1e-3)
    target.fit(X_TARGET, TARGETS[task](TARGET_SCORES))
    for name in ("coefs_", "intercepts_"):
        for ours, theirs in zip(getattr(target, name)[:2], getattr(source, name), strict=False):
            assert_array_equal(ours, theirs)
    assert np.abs(target.coefs_[2]).max() > 0


class FreezesOne(NetworkStrategy):
    """A user's own: holds one layer wherever it is."""

    def __init__(self, layer="shared_layers.1"):
        self.layer = layer

    def phases(self, layer_names, max_iter):
        return [Phase(max_iter, learning_rate_scale={self.layer: 0.0})]


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("at", [0, 1])
def test_a_single_frozen_layer_stays_and_the_others_move(solver, at):
    source = _own()
    strategy = FreezesOne(f"shared_layers.{at}")
    target = TransferMLPClassifier(source=source, strategy=strategy, solver=solver, max_iter=9)
    target.fit(X_TARGET, TARGETS["multiclass"](TARGET_SCORES))
    assert_array_equal(target.coefs_[at], source.coefs_[at])
    assert_array_equal(target.intercepts_[at], source.intercepts_[at])
    assert not np.array_equal(target.coefs_[1 - at], source.coefs_[1 - at])


# -- Many roads ---------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ensembles_are_slow(sorted({*CARRYING} - {"keep_head"})))
def test_one_network_read_in_many_ways_gives_one_fit(strategy):
    mlp = _mlp()
    scaler = _piped()[0]
    Z, y = scaler.transform(X_TARGET), TARGETS["multiclass"](TARGET_SCORES)

    def fitted(source, X):
        params = {"strategy": lighter(strategy), "max_iter": 5, "random_state": 0}
        return TransferMLPClassifier(source=source, **params).fit(X, y)

    reference = fitted(mlp, Z)
    roads = [_skorch(mlp), _own_around(mlp)]
    if strategy != "auto":  # its members that start from the source's prediction need its classes
        roads += [_described(mlp), describe_source(mlp), _module(mlp)]
    for road in roads:
        target = fitted(road, Z)
        assert_array_equal(target.predict_proba(Z), reference.predict_proba(Z))
        if strategy == "auto":  # members without weight too
            assert target.member_losses_ == reference.member_losses_


def test_a_pipelines_network_on_raw_columns_is_the_network_on_scaled_ones():
    pipe = _piped()
    mlp = pipe[-1]
    Z, y = pipe[0].transform(X_TARGET), TARGETS["multiclass"](TARGET_SCORES)
    for strategy in ("frozen", L2SP(scaling="source"), "keep_head"):  # under the source's scaling
        params = {"strategy": strategy, "max_iter": 5, "random_state": 0}
        raw = TransferMLPClassifier(source=pipe, **params).fit(X_TARGET, y)
        scaled = TransferMLPClassifier(source=mlp, **params).fit(Z, y)
        assert_allclose(raw.predict_proba(X_TARGET), scaled.predict_proba(Z), atol=1e-9)


def test_keep_head_agrees_over_every_form_that_knows_its_classes():
    mlp = _mlp()
    y = TARGETS["multiclass"](TARGET_SCORES)
    fits = [
        TransferMLPClassifier(source=road, strategy="keep_head", max_iter=5, random_state=0)
        .fit(X_TARGET, y)
        .coefs_
        for road in (mlp, _skorch(mlp), _described(mlp), FrozenEstimator(mlp))
    ]
    for coefs in fits[1:]:
        for ours, theirs in zip(coefs, fits[0], strict=True):
            assert_array_equal(ours, theirs)


# -- Limits -------------------------------------------------------------------------------


def _coefs(strategy, source=None, **params):
    target = TransferMLPClassifier(source=source or _own(), strategy=strategy, **params)
    target.set_params(random_state=0, max_iter=8)
    return target.fit(X_TARGET, TARGETS["multiclass"](TARGET_SCORES)).coefs_


@pytest.mark.parametrize("scaling", ["source", "target", "mixed"])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_l2_sp_without_strength_is_full_bit_for_bit(scaling, solver):
    pulled = _coefs(L2SP(0, scaling=scaling), solver=solver)
    full = _coefs(Full(scaling=scaling), solver=solver)
    for ours, theirs in zip(pulled, full, strict=True):
        assert_array_equal(ours, theirs)


def test_l2_sp_of_great_strength_keeps_the_sources_trunk():
    source = _own()
    moved = [
        max(
            np.abs(ours - theirs).max()
            for ours, theirs in zip(_coefs(L2SP(s), source)[:2], source.coefs_[:2], strict=True)
        )
        for s in (0, 1, 1e6)
    ]
    assert moved[2] < 1e-3
    assert moved[2] < 0.2 * moved[0]


def test_l2_sp_of_great_strength_keeps_the_sources_trunk_at_the_minimum_itself():
    source = _own()
    kept = _coefs(L2SP(1e6), source, solver="lbfgs")
    for ours, theirs in zip(kept[:2], source.coefs_[:2], strict=True):
        assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_gradual_with_one_phase_is_full_bit_for_bit(solver):
    one = _coefs(Gradual(n_phases=1), solver=solver)
    full = _coefs(Full(), solver=solver)
    for ours, theirs in zip(one, full, strict=True):
        assert_array_equal(ours, theirs)


# -- Weights ------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", sorted(set(NETWORKS) - {"auto"}))
@pytest.mark.parametrize("task", ["multiclass", "regression"])
@given(weight=st.lists(st.integers(0, 3), min_size=20, max_size=20).filter(lambda w: sum(w) > 9))
@settings(FEW, max_examples=3)
def test_an_integer_weight_is_a_repeated_row(strategy, task, weight):
    source = _own(task)
    X, y = X_TARGET[:20], TARGETS[task](TARGET_SCORES[:20])
    if task == "multiclass":
        y, weight = np.append(y, ["a", "b", "c"]), [*weight, 1, 1, 1]
        X = X_TARGET[:23]
    target = _estimator(task, source=source, strategy=strategy, max_iter=5, random_state=0)
    target.set_params(shuffle=False)
    weighted = copy.deepcopy(target).fit(X, y, sample_weight=np.array(weight, dtype=float))
    repeated = target.fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    assert_allclose(_answer(weighted, X_TARGET), _answer(repeated, X_TARGET), rtol=1e-6, atol=1e-8)


@given(factor=st.floats(0.1, 10))
@FEW
def test_without_an_l2_penalty_only_the_ratios_of_weights_count(factor):
    y = TARGETS["multiclass"](TARGET_SCORES)
    weight = np.random.default_rng(0).uniform(0.5, 2, len(y))
    fits = [
        TransferMLPClassifier((8,), alpha=0, max_iter=5, random_state=0)
        .fit(X_TARGET, y, sample_weight=w)
        .predict_proba(X_TARGET)
        for w in (weight, factor * weight)
    ]
    assert_allclose(fits[0], fits[1], rtol=1e-6, atol=1e-8)


# -- Return: describe → transfer → describe composes ----------------------------------------


@pytest.mark.parametrize("strategy", ensembles_are_slow(CARRYING))
def test_transfer_from_an_estimator_is_transfer_from_its_description(strategy):
    source = _own()
    described = source.__sktransfer_describe__()
    fits = (_coefs(lighter(strategy), one) for one in (source, described))
    for ours, theirs in zip(*fits, strict=True):
        assert_array_equal(ours, theirs)


@pytest.mark.parametrize("task", TARGETS)
def test_transfer_composes(task):
    a = _own(task)
    y = TARGETS[task](TARGET_SCORES)
    strategy = KeepHead(scaling="source")
    b = _estimator(task, source=a, strategy=strategy, **HARDLY).fit(X_TARGET, y)
    c = _estimator(task, source=b, strategy=strategy, **HARDLY).fit(X_TARGET[:30], y[:30])
    assert_allclose(_answer(c, X_TARGET), _answer(a, X_TARGET), rtol=1e-6, atol=1e-8)
    frozen = [
        _estimator(task, source=s, strategy="frozen", max_iter=4, random_state=0)
        .fit(X_TARGET, y)
        .coefs_[0]
        for s in (a, b)
    ]
    assert_allclose(frozen[0], frozen[1], atol=1e-9)


def test_a_description_goes_through_pickle_unchanged():
    source = _own().__sktransfer_describe__()
    again = pickle.loads(pickle.dumps(source))
    for ours, theirs in zip(_coefs("keep_head", source), _coefs("keep_head", again), strict=True):
        assert_array_equal(ours, theirs)


# -- Gradient -----------------------------------------------------------------------------


def _network(rng, sizes, activation, n_shared=0, dropout=0.0):
    layers = [
        DenseLayer(rng.normal(size=(m, n)) / np.sqrt(m), 0.1 * rng.normal(size=n))
        for m, n in itertools.pairwise(sizes)
    ]
    network = DenseNetwork(layers, activation, n_shared, dropout)
    network.train()
    return network


def _targets(rng, loss, n, k):
    if loss == "softmax":
        return torch.tensor(np.eye(k)[rng.integers(0, k, n)])
    if loss == "logistic":
        return torch.tensor(rng.integers(0, 2, (n, k)).astype(float))
    y = rng.normal(size=(n, k))
    return torch.tensor(np.exp(y) if loss in ("poisson", "gamma") else y)


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "loss", ["softmax", "logistic", "squared_error", "quantile(0.9)", "poisson", "gamma"]
)
@pytest.mark.parametrize("activation", one_fast_in(4, ["tanh", "relu", "logistic", "identity"]))
@given(
    hidden=st.lists(st.integers(1, 6), max_size=3),
    n=st.integers(1, 7),
    k=st.integers(1, 4),
    frozen=st.integers(0, 3),
    seed=st.integers(0, 9),
)
@FEW
def test_the_gradient_is_autograds(
    activation, loss, weighted, dropout, hidden, n, k, frozen, seed
):
    rng = np.random.default_rng(seed)
    network = _network(rng, (3, *hidden, k), activation, dropout=dropout)
    first = min(frozen, len(hidden))
    X, y = torch.tensor(rng.normal(size=(n, 3))), _targets(rng, loss, n, k)
    weight = torch.tensor(rng.uniform(0.1, 3, n)) if weighted else None
    weight_sum = float(n) if weight is None else float(weight.sum())
    criterion = Loss(loss)

    network.generator = torch.Generator().manual_seed(seed)
    twin = copy.deepcopy(network)
    twin.generator = torch.Generator().manual_seed(seed)
    output = twin(X)
    rows = criterion.rows(criterion.activate(output), y)
    value = (rows if weight is None else rows * weight).sum() / weight_sum
    value.backward()

    flat = FlatParameters(network)
    # a batch smaller than the buffers, as an epoch's last one is
    prediction = torch.empty_like(y)
    share = None if weight is None else (weight / weight_sum).unsqueeze(1)
    still = list(network.layer_names)[:first]
    closed = gradient_of(network, criterion, flat, n + 2, still)
    assert isinstance(closed, DenseGradient)
    closed(X, y, share, prediction)
    assert_allclose(prediction, criterion.activate(output).detach(), rtol=1e-12)
    # scikit-learn's squared error averages over outputs, its gradient does not
    outputs = k if loss in ("squared_error", "quantile(0.9)") else 1
    pairs = zip(network.layers, twin.layers, strict=True)
    for i, (ours, theirs) in enumerate(pairs):
        if i < first:
            assert not ours.weight.grad.any() and not ours.bias.grad.any()
            continue
        assert_allclose(ours.weight.grad, outputs * theirs.weight.grad, rtol=1e-10, atol=1e-10)
        assert_allclose(ours.bias.grad, outputs * theirs.bias.grad, rtol=1e-10, atol=1e-10)

    # the other implementation of the same interface
    twin.generator, flat_twin = torch.Generator().manual_seed(seed), FlatParameters(twin)
    other = torch.empty_like(y)
    AutogradGradient(twin, criterion, flat_twin, still)(X, y, share, other)
    assert_allclose(other, prediction, rtol=1e-12)
    assert_allclose(flat_twin.gradient, flat.gradient, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("loss", ["softmax", "logistic"])
def test_the_gradient_of_a_row_that_is_far_off_does_not_vanish(loss):
    network = _network(np.random.default_rng(0), (1, 2), "relu")
    flat, y = FlatParameters(network), torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    with torch.no_grad():
        network.layers[0].bias.copy_(torch.tensor([-90.0, 90.0]))
    X, prediction = torch.zeros(1, 1, dtype=torch.float64), torch.empty_like(y)
    AutogradGradient(network, Loss(loss), flat)(X, y, None, prediction)
    assert_allclose(network.layers[0].bias.grad, [-1, 1])
